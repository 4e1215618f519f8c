"""An event's metadata: JSON from strangers, read in a guard."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from tradetop.model.text import clean

Scalar = str | int | float | bool

METADATA_LIMIT = 65_536
"""Characters of metadata that are read; of longer JSON the fields before the cut count."""
MAX_VALUES = 40
TEXT_LIMIT = 2_000
"""Longest text kept of one value."""
_SCALARS: frozenset[type] = frozenset({str, int, float, bool})
_FIELDS = 4 * MAX_VALUES
"""Most fields that are read of JSON that was cut: they are read one by one."""
_ESCAPE = len(r"\u0000")
"""So much of a string's end may be half an escape."""
_BLANK = re.compile(r"[ \t\n\r]*")
_DIGITS = 18
"""Longer integers stay text: they are ids, and a float would change them."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """What could be understood of it."""

    values: Mapping[str, Scalar] = field(default_factory=dict)
    """Its fields by name in their order; nested objects flattened."""
    text: str = ""
    """What could not be understood, clean and cut, or that it was cut; "" when all was understood."""
    document: object = None
    """The JSON as it was, or its text."""


def read(text: str, size: int = 0) -> Metadata:
    """Read metadata's text; `size` is its full length where it was cut. Never raises."""
    size, text = max(size, len(text)), text.strip()
    if not text:
        return Metadata()
    try:
        document = _load(text)
    except (ValueError, RecursionError):
        # As long as what is read, it may have been cut by whoever sent it.
        if size >= METADATA_LIMIT:
            return _cut(text, size)
        shown = clean(text, TEXT_LIMIT)
        return Metadata(text=shown, document=clean(text, 4 * TEXT_LIMIT))
    if not isinstance(document, dict):
        return Metadata(text=clean(text, TEXT_LIMIT), document=document)
    if len(text) <= TEXT_LIMIT and "\\" not in text and text.isascii() and text.isprintable():
        # Nearly all of it: no value needs to be cleaned or cut.
        simple = _simple(document)
        if len(simple) == len(document) <= MAX_VALUES:
            return Metadata(simple, document=document)
    return Metadata(_values(document), document=document)


def _values(document: Mapping[str, object]) -> dict[str, Scalar]:
    values: dict[str, Scalar] = {}
    for name, value in _flat(document):
        if len(values) >= MAX_VALUES:
            break
        values.setdefault(name, value)
    return values


def _cut(text: str, size: int) -> Metadata:
    """What the beginning of metadata tells that is longer than what is read; it says that it was cut."""
    fields = _fields(_unquoted(text) if text.startswith('"') else text)
    shown = f"{clean(text[:TEXT_LIMIT], TEXT_LIMIT)}… ({size:,} characters)"
    if not fields:
        return Metadata(text=shown, document=shown)
    said = f"cut: of {size:,} characters the first {METADATA_LIMIT:,} are read"
    return Metadata(_values(fields), text=said, document=shown)


def _fields(text: str) -> dict[str, object]:
    """The whole fields at the beginning of a JSON object that ends anywhere."""
    fields: dict[str, object] = {}
    sign, at = "{", 0
    try:
        for _ in range(_FIELDS):
            if text[at] != sign:
                break
            name, at = _scan(text, _after(text, at + 1))
            at = _after(text, at)
            if not isinstance(name, str) or text[at] != ":":
                break
            value, at = _scan(text, _after(text, at + 1))
            at = _after(text, at)
            # A number or a word may go on behind the cut.
            if text[at] not in ",}":
                break
            fields[name], sign = value, ","
    except (StopIteration, IndexError, ValueError, RecursionError):
        pass
    return fields


def _unquoted(text: str) -> str:
    """The beginning of JSON that was written as a JSON string, which ends anywhere; "" where it is none."""
    for back in range(_ESCAPE):
        try:
            return str(_decode(text[: len(text) - back] + '"')).lstrip()
        except ValueError:
            continue
    return ""


def _after(text: str, at: int) -> int:
    """Where blanks end."""
    found = _BLANK.match(text, at)
    return found.end() if found is not None else at


def _simple(document: Mapping[str, Any]) -> dict[str, Scalar]:
    return {_name(name): value for name, value in document.items() if type(value) in _SCALARS}


def _load(text: str) -> Any:
    document: Any = _decode(text)
    # Some writers encode twice: a JSON string that holds JSON.
    if isinstance(document, str) and document.lstrip().startswith("{"):
        return _decode(document.strip())
    return document


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) <= _DIGITS else digits


# Made once: `json.loads` would make a decoder for each text, which takes longer than reading a short one.
_decoder = json.JSONDecoder(parse_int=_integer, parse_constant=str)
_scan: Callable[[str, int], tuple[Any, int]] = vars(_decoder)["scan_once"]


def _decode(text: str) -> Any:
    """The document in a text without blanks around it; ValueError where it is none, or there is more behind it."""
    try:
        document, end = _scan(text, 0)
    except StopIteration:
        raise ValueError(text[:60]) from None
    if end != len(text):
        raise ValueError(text[:60])
    return document


def _flat(document: Mapping[str, object]) -> Iterator[tuple[str, Scalar]]:
    """Top-level values first, so that a nested one never hides them."""
    nested = []
    for name, value in document.items():
        if isinstance(value, str):
            yield _name(name), clean(value, TEXT_LIMIT)
        elif isinstance(value, (int, float)):
            yield _name(name), value
        elif value is not None:
            nested.append((name, value))
    for name, value in nested:
        if isinstance(value, dict):
            for inner, leaf in value.items():
                if isinstance(leaf, (str, int, float)):
                    yield _name(inner), clean(leaf, TEXT_LIMIT) if isinstance(leaf, str) else leaf
        elif isinstance(value, list):
            yield _name(name), _list_text(value)


@lru_cache(maxsize=512)
def _name(text: str) -> str:
    return clean(text, 60)


def _list_text(value: list[object]) -> str:
    try:
        return clean(json.dumps(value[:20], ensure_ascii=False), 200)
    except (ValueError, RecursionError):
        return f"({len(value):,} values)"
