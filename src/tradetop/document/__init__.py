"""Documents for people: YAML read into typed values, every mistake named with its place."""

from tradetop.document.compose import Limits
from tradetop.document.problem import DocumentError, Place, Problem, Stray, nearest
from tradetop.document.read import NO_CHECKS, Checks, Document, Part, read, read_file, read_text
from tradetop.document.scalar import Duration, Parse, ParseAt, Size, Span, duration, size, span

__all__ = [
    "NO_CHECKS",
    "Checks",
    "Document",
    "DocumentError",
    "Duration",
    "Limits",
    "Parse",
    "ParseAt",
    "Part",
    "Place",
    "Problem",
    "Size",
    "Span",
    "Stray",
    "duration",
    "nearest",
    "read",
    "read_file",
    "read_text",
    "size",
    "span",
]
