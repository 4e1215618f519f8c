"""Functions that templates call, with Go's types of their parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tradetop.rules.template.values import ANY, Pointer, Slice

REFLECT = "reflect.Value"
"""The type of a parameter that takes anything, even no value."""
SAMPLE = "*template.sample"
SAMPLES = "template.queryResult"


@dataclass(frozen=True, slots=True)
class Function:
    """A function; the last of `parameters` may be given any number of times where it is variadic."""

    parameters: tuple[str, ...]
    run: Callable[..., object]
    variadic: bool = False

    def type_at(self, at: int) -> str:
        """The type of the argument at `at`."""
        return self.parameters[min(at, len(self.parameters) - 1)]


Functions = Mapping[str, Function]


def can_be_nil(type_name: str) -> bool:
    """Whether nil is a value of the type."""
    return type_name in (ANY, REFLECT, SAMPLES) or type_name.startswith("*")


def zero_of(type_name: str) -> object:
    """The zero value of a type that may be nil, or of a map's elements."""
    if type_name == "string":
        return ""
    if type_name == SAMPLES:
        return Slice(SAMPLES, [], nil=True)
    return Pointer(type_name, None) if type_name.startswith("*") else None
