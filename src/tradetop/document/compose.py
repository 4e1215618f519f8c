"""YAML text to nodes with places: scalars stay text, and nothing in the text can be made to run or to grow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import yaml

from tradetop.document.problem import DocumentError, Place, problem

SIZE_LIMIT = 1_000_000
"""Longest document in characters."""
DEPTH_LIMIT = 40
NODE_LIMIT = 50_000

Node = yaml.nodes.Node


class _Mark(Protocol):
    """PyYAML's position, in Python or in C; both count from 0."""

    line: int
    column: int


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a document may be."""

    size: int = SIZE_LIMIT
    """Characters."""
    nodes: int = NODE_LIMIT
    """Values and keys, each as often as aliases stand for it."""


USUAL = Limits()


def compose(text: str, source: str, limits: Limits = USUAL) -> Node | None:
    """The root node, or None for an empty document; DocumentError where it is not YAML or passes a limit."""
    if len(text) > limits.size:
        raise DocumentError([problem(source, Place(), "", f"longer than {limits.size:,} characters")])
    try:
        _guard(text, source, limits.nodes)
        return yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = ", ".join(part for part in (error.context, error.problem) if part)
        raise DocumentError([problem(source, _place(mark), "", f"not YAML: {what}")]) from None
    except yaml.reader.ReaderError as error:
        raise DocumentError([problem(source, _reader_place(text, error), "", f"not YAML: {error.reason}")]) from None
    except UnicodeEncodeError:
        raise DocumentError([problem(source, Place(), "", "not YAML: holds half of a character")]) from None


def place_of(node: Node) -> Place:
    """Where a node begins."""
    return _place(node.start_mark)


def _guard(text: str, source: str, limit: int) -> None:
    """Count depth and nodes on the event stream, before anything recursive sees the document."""
    depth = nodes = 0
    for event in yaml.parse(text, Loader=_LOADER):
        nodes += isinstance(event, yaml.NodeEvent)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEPTH_LIMIT:
            raise DocumentError([problem(source, _place(event.start_mark), "", f"nested over {DEPTH_LIMIT} deep")])
        if nodes > limit:
            raise DocumentError([problem(source, _place(event.start_mark), "", f"more than {limit:,} values")])


def _place(mark: _Mark | None) -> Place:
    return Place(mark.line + 1, mark.column + 1) if mark else Place()


def _reader_place(text: str, error: yaml.reader.ReaderError) -> Place:
    """A reader error knows only how many characters came before it."""
    before = text[: int(error.position)]
    return Place(before.count("\n") + 1, len(before) - before.rfind("\n"))
