"""Values of templates: Go's types, as far as alerts meet them.

None is Go's invalid value (no data), bool, int, float, complex and str are bool, int, float64, complex128 and string.
A str holds UTF-8; bytes that are none are lone surrogates (`surrogateescape`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

ANY = "interface {}"
MAX_INT = 2**63 - 1
MIN_INT = -(2**63)


class Sized(int):
    """An integer of another type than int."""

    type_name: ClassVar[str] = "int64"
    unsigned: ClassVar[bool] = False


class Int64(Sized):
    """int64."""


class Uint(Sized):
    """uint."""

    type_name = "uint"
    unsigned = True


class Uint64(Uint):
    """uint64."""

    type_name = "uint64"


class Uint8(Uint):
    """uint8, a byte of a string."""

    type_name = "uint8"


class Named(Sized):
    """An integer that is printed as a word."""

    @property
    def text(self) -> str:
        """What Go's String method gives."""
        raise NotImplementedError


class SafeHTML(str):
    """Text that is HTML already."""

    __slots__ = ()
    type_name: ClassVar[str] = "template.HTML"


@dataclass(slots=True)
class Slice:
    """A slice; the items may be sorted in place, as in Go."""

    type_name: str
    items: list[object]
    nil: bool = False


@dataclass(frozen=True, slots=True)
class Map:
    """A map with string keys; `elem` is the type of its values."""

    entries: Mapping[str, object]
    elem: str = "string"

    @property
    def type_name(self) -> str:
        """Go's name of the type."""
        return f"map[string]{self.elem}"


@dataclass(frozen=True, slots=True)
class Struct:
    """A struct: its fields, of which those in `boxed` are interfaces."""

    type_name: str
    fields: Mapping[str, object]
    boxed: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True, eq=False)
class Pointer:
    """A pointer to a value, or a nil one of that type."""

    type_name: str
    target: object

    @property
    def nil(self) -> bool:
        """Whether it points to nothing."""
        return self.target is None


@dataclass(frozen=True, slots=True)
class Boxed:
    """A value that was found in an interface."""

    value: object
    type_name: ClassVar[str] = ANY


_PLAIN: dict[type, str] = {bool: "bool", int: "int", float: "float64", complex: "complex128", str: "string"}
_SIZED: dict[str, type[int]] = {"int": int, "int64": Int64, "uint": Uint, "uint64": Uint64, "uint8": Uint8}


def type_name(value: object) -> str:
    """Go's name of a value's type (`%T`)."""
    if value is None:
        return "<nil>"
    known = _PLAIN.get(type(value))
    return known if known is not None else str(getattr(value, "type_name", type(value).__name__))


def kind(value: object) -> str:
    """Go's kind of a value, with the sizes of numbers left out; "invalid" for none."""
    match value:
        case None:
            return "invalid"
        case bool():
            return "bool"
        case int():
            return "uint" if isinstance(value, Sized) and value.unsigned else "int"
        case float():
            return "float"
        case str():
            return "string"
        case Slice():
            return "slice"
        case Map():
            return "map"
        case Pointer():
            return "ptr"
        case complex():
            return "complex"
        case Boxed():
            return "interface"
    return "struct"


def truth(value: object) -> bool:
    """Whether a condition holds: not the zero value, not empty."""
    match value:
        case Boxed():
            return truth(value.value)
        case Slice():
            return bool(value.items)
        case Map():
            return bool(value.entries)
        case Pointer():
            return not value.nil
        case None | bool() | int() | float() | complex() | str():
            return bool(value)
    return True


def unboxed(value: object) -> object:
    """The value itself, out of its interface."""
    return value.value if isinstance(value, Boxed) else value


def indirect(value: object) -> object:
    """What a pointer or interface leads to; a nil pointer stays."""
    while True:
        if isinstance(value, Boxed):
            value = value.value
        elif isinstance(value, Pointer) and not value.nil:
            value = value.target
        else:
            return value


def typed(go_type: str, values: Iterable[object]) -> Slice:
    """A slice of numbers or texts of one Go type, such as "uint64"."""
    of = _SIZED.get(go_type)
    items: list[object] = [of(value) if of is not None and isinstance(value, int) else value for value in values]
    if go_type == "float64":
        items = [float(value) if isinstance(value, int) else value for value in items]
    return Slice(f"[]{go_type}", items)


def wrapped(number: int) -> int:
    """An integer as 64 bits hold it."""
    return (number - MIN_INT) % 2**64 + MIN_INT


def int64_of(number: float) -> int:
    """A float converted to int64 as amd64 does it: what does not fit becomes the least integer."""
    return int(number) if -(2.0**63) <= number < 2.0**63 else MIN_INT


def utf8(text: str) -> bytes:
    """The bytes of a text."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")


def decoded(data: bytes) -> str:
    """The text of bytes."""
    return data.decode("utf-8", "surrogateescape")
