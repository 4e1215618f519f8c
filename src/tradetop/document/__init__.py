"""Documents for people: YAML read into typed values, every mistake named with its place."""

from tradetop.document.problem import DocumentError, Place, Problem, Stray, nearest
from tradetop.document.read import NO_CHECKS, Checks, read, read_file
from tradetop.document.scalar import Duration, Parse, ParseAt, duration

__all__ = [
    "NO_CHECKS",
    "Checks",
    "DocumentError",
    "Duration",
    "Parse",
    "ParseAt",
    "Place",
    "Problem",
    "Stray",
    "duration",
    "nearest",
    "read",
    "read_file",
]
