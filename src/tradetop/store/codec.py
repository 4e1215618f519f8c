"""Values to JSON text and back, so that processes of different versions understand each other."""

from __future__ import annotations

import dataclasses
import json
import types
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")


def encode(value: object) -> str:
    """A dataclass as JSON; enums by their value, tuples as lists, fields at their default left out."""
    return json.dumps(_plain(value), ensure_ascii=False, separators=(",", ":"))


def decode(cls: type[T], text: str | bytes) -> T:
    """The dataclass that `encode` wrote, whichever version did.

    Fields we do not know are passed over and missing ones take their default; ValueError where it cannot be read.
    """
    try:
        made = _made(cls, json.loads(text))
    except (TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"not a {cls.__name__}: {error}") from error
    assert isinstance(made, cls)
    return made


_ATOMS = frozenset({str, int, float, bool, types.NoneType})


def _plain(value: object) -> object:
    cls = type(value)
    if cls in _ATOMS:
        return value
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    if dataclasses.is_dataclass(cls):
        fields = ((name, default, getattr(value, name)) for name, default in _defaults(cls))
        return {name: _plain(v) for name, default, v in fields if v is not default and v != default}
    return value


@cache
def _defaults(cls: Any) -> tuple[tuple[str, object], ...]:
    """The fields of a dataclass with their defaults."""
    return tuple((f.name, f.default) for f in dataclasses.fields(cls))


@cache
def _hints(cls: type) -> dict[str, Any]:
    return get_type_hints(cls)


def _made(kind: Any, raw: Any) -> Any:
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        choices = [c for c in get_args(kind) if c is not types.NoneType]
        return None if raw is None else _made(choices[0], raw)
    if origin is tuple:
        inner = get_args(kind)
        if inner[-1] is Ellipsis:
            return tuple(_made(inner[0], item) for item in raw)
        return tuple(_made(k, item) for k, item in zip(inner, raw, strict=True))
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        hints = _hints(kind)
        return kind(**{name: _made(hints[name], item) for name, item in raw.items() if name in hints})
    if issubclass(kind, Enum):
        return kind(raw)
    return _scalar(kind, raw)


def _scalar(kind: type, raw: object) -> object:
    if kind is float and isinstance(raw, int) and not isinstance(raw, bool):
        return float(raw)
    if type(raw) is not kind:
        raise TypeError(f"{raw!r} is no {kind.__name__}")
    return raw
