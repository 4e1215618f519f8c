"""Hidden numbers: they keep their sign and their proportions, and never say themselves."""

from __future__ import annotations

from collections.abc import Iterable
from typing import SupportsIndex, overload

HIDDEN = "•••"
"""What stands in place of everything that must not be told."""


class Hidden(float):
    """A number that may be drawn but not told: however it is formatted, it reads `•••`.

    What is reckoned with it is hidden too, but for a proportion of two of them.
    """

    __slots__ = ()

    def __str__(self) -> str:
        return HIDDEN

    __repr__ = __str__

    def __format__(self, format_spec: str, /) -> str:
        return HIDDEN

    def __neg__(self) -> Hidden:
        return Hidden(super().__neg__())

    def __pos__(self) -> Hidden:
        return self

    def __abs__(self) -> Hidden:
        return Hidden(super().__abs__())

    def __add__(self, other: float, /) -> Hidden:
        return Hidden(super().__add__(other))

    def __radd__(self, other: float, /) -> Hidden:
        return Hidden(super().__radd__(other))

    def __sub__(self, other: float, /) -> Hidden:
        return Hidden(super().__sub__(other))

    def __rsub__(self, other: float, /) -> Hidden:
        return Hidden(super().__rsub__(other))

    def __mul__(self, other: float, /) -> Hidden:
        return Hidden(super().__mul__(other))

    def __rmul__(self, other: float, /) -> Hidden:
        return Hidden(super().__rmul__(other))

    def __truediv__(self, other: float, /) -> float:
        part = super().__truediv__(other)
        return part if isinstance(other, Hidden) else Hidden(part)

    def __rtruediv__(self, other: float, /) -> Hidden:
        return Hidden(super().__rtruediv__(other))

    def __round__(self, ndigits: SupportsIndex | None = None, /) -> Hidden:  # type: ignore[override]
        return Hidden(super().__round__(0 if ndigits is None else ndigits))


class Proportions(tuple[float, ...]):
    """Values of a curve that are known but for a factor: they may be drawn, each of them is hidden."""

    __slots__ = ()

    @overload
    def __getitem__(self, at: SupportsIndex, /) -> float: ...

    @overload
    def __getitem__(self, at: slice, /) -> Proportions: ...

    def __getitem__(self, at: SupportsIndex | slice, /) -> float | Proportions:
        found = super().__getitem__(at)
        return Proportions(found) if isinstance(found, tuple) else Hidden(found)

    @classmethod
    def of(cls, values: Iterable[float], factor: float) -> Proportions:
        """The values times a factor, which nobody is told."""
        return cls([value * factor for value in values])
