"""A dotted path into a line's document."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from tradetop.events.metadata import TEXT_LIMIT, Scalar
from tradetop.model.text import clean

ITEM, KEY = "$item", "$key"
MOST_ITEMS = 200
"""Items of one list that are looked at."""
_LIST_LIMIT = 400


class Place(NamedTuple):
    """Where a path is looked up: the whole line, and within `each` one of its items."""

    document: Mapping[str, object]
    item: object = None
    key: str = ""


def found(place: Place, path: str) -> object:
    """What stands at a path, None where nothing does; a key that itself has dots is found by its whole name."""
    if path == KEY:
        return place.key
    start, _, rest = path.partition(".")
    if start == ITEM:
        return place.item if not rest else _within(place.item, rest)
    return place.document[path] if path in place.document else _within(place.document, path)


def value(place: Place, path: str) -> Scalar | None:
    """What stands at a path as one clean value; None where nothing does, lists and mappings as JSON."""
    return scalar(found(place, path))


def first(place: Place, paths: Iterable[str]) -> Scalar | None:
    """The value at the first of several paths that has one."""
    for path in paths:
        if (said := value(place, path)) not in (None, ""):
            return said
    return None


def text(place: Place, paths: Iterable[str], limit: int) -> str:
    """The value at the first path that has one, as a text; "" where there is none."""
    said = first(place, paths)
    return "" if said is None else clean(str(said).strip(), limit)


def scalar(value: object) -> Scalar | None:
    """A value of a document as one clean value."""
    if isinstance(value, str):
        return clean(value, TEXT_LIMIT)
    if value is None or isinstance(value, (int, float)):
        return value
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return clean(", ".join(value[:MOST_ITEMS]), _LIST_LIMIT)
    try:
        return clean(json.dumps(value, ensure_ascii=False)[: 4 * _LIST_LIMIT], _LIST_LIMIT)
    except (ValueError, RecursionError):
        return None


def items(place: Place, path: str) -> Iterator[Place]:
    """Each item of a list, or each value of a mapping with its key; of a list in a mapping each item."""
    container = found(place, path)
    left = MOST_ITEMS
    pairs = container.items() if isinstance(container, dict) else [("", container)]
    for key, inner in pairs:
        for item in inner if isinstance(inner, list) else [inner]:
            if item is None or left == 0:
                continue
            left -= 1
            yield Place(place.document, item, str(key))


def _within(value: object, path: str) -> object:
    for part in path.split("."):
        if isinstance(value, dict):
            value = value.get(part)
        elif isinstance(value, list) and part.isascii() and part.isdigit() and int(part[:6]) < len(value):
            value = value[int(part[:6])]
        else:
            return None
    return value
