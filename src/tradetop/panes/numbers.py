"""Numbers as people read them: signs, decimals and units."""

from __future__ import annotations

import math
from typing import NamedTuple

from tradetop.model.clock import DAY, HOUR, MINUTE, SECOND
from tradetop.model.hidden import HIDDEN, Hidden
from tradetop.model.unit import Unit
from tradetop.panes.times import stamp

UNKNOWN = "—"
NO_VALUE = "no value"

_SUFFIX = {
    Unit.USD: "USD",
    Unit.PERCENT: "%",
    Unit.RATIO: "%",
    Unit.PER_SECOND: "/s",
    Unit.PER_MINUTE: "/min",
    Unit.PER_HOUR: "/h",
}


class Amount(NamedTuple):
    """A number's digits and its unit, apart so that the unit can be muted."""

    digits: str
    unit: str = ""

    def __str__(self) -> str:
        glue = " " if self.unit[:1].isupper() else ""
        return f"{self.digits}{glue}{self.unit}"


def amount(
    value: float | None, unit: Unit, *, decimals: int | None = None, signed: bool = False, offset: int = 0
) -> Amount:
    """A value in its unit: money with two decimals, percent with one, counts as 9,999 then 12.4k.

    `offset` is minutes east of UTC, for times; `decimals` overrides; a value of None is `—`, NaN is `no value`.
    """
    if value is None:
        return Amount(UNKNOWN)
    word = _word(value)
    if word:
        return Amount(word, "" if word is NO_VALUE else _SUFFIX.get(unit, ""))
    sign = "+" if signed and value > 0 else ""
    match unit:
        case Unit.USD:
            digits = money(value, 2 if decimals is None else decimals)
        case Unit.PERCENT:
            digits = _fixed(value, 1 if decimals is None else decimals)
        case Unit.RATIO:
            digits = _fixed(value * 100, 1 if decimals is None else decimals)
        case Unit.SECONDS:
            return _seconds(value, decimals)
        case Unit.MILLISECONDS:
            return _seconds(value / 1_000, decimals)
        case Unit.BYTES:
            return _bytes(value)
        case Unit.TIME:
            return Amount(stamp(value * 1_000, offset))
        case Unit.BOOL:
            return Amount("yes" if value else "no")
        case _:
            digits = count(value, decimals)
    return Amount(sign + digits, _SUFFIX.get(unit, ""))


def _word(value: float) -> str:
    """What stands for a number that has no digits, or may not tell them; "" where it does."""
    if math.isnan(value):
        return NO_VALUE
    if isinstance(value, Hidden):
        return HIDDEN
    return "" if math.isfinite(value) else "+Inf" if value > 0 else "-Inf"


def money(value: float, decimals: int = 2) -> str:
    """`1,284.20`; from ten million on `12.35M`."""
    if abs(value) >= 1e7:
        return count(value, 2)
    return _fixed(value, decimals)


def price(value: float) -> str:
    """`64,012.10`, `171.32`, `0.8992`, `0.00001234`: two decimals, more where the digits that matter come later."""
    size = abs(value)
    if not math.isfinite(value) or size >= 1 or not size:
        return amount(value, Unit.USD).digits
    return f"{value:.{min(12, 3 - math.floor(math.log10(size)))}f}"


def count(value: float, decimals: int | None = None) -> str:
    """`42`, `0.35`, `9,999`, `12.4k`, `3.1M`, `2.0G`."""
    if isinstance(value, Hidden):
        return HIDDEN
    size = abs(value)
    for limit, letter in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if size >= limit:
            scale = 1e3 if letter == "k" else limit
            return (
                (f"{value / scale:.{1 if decimals is None else decimals}f}{letter}") if size < 1e15 else f"{value:.2e}"
            )
    if decimals is not None:
        return _fixed(value, decimals)
    if value == int(value):
        return f"{int(value):,}"
    if 0 < size < 0.005:
        return f"{value:.1e}"
    places = 0 if size >= 1_000 else 1 if size >= 10 else 2
    return _fixed(value, places)


def brief(value: float, unit: Unit) -> str:
    """A limit or an axis label: as short as its size allows, without the unit."""
    if isinstance(value, Hidden):
        return HIDDEN
    scaled = value * 100 if unit is Unit.RATIO else value
    if unit in {Unit.SECONDS, Unit.MILLISECONDS}:
        seconds = value if unit is Unit.SECONDS else value / 1_000
        return duration(int(seconds * SECOND)) if abs(seconds) >= 100 else f"{scaled:g}"
    if unit is Unit.BYTES:
        return str(_bytes(value))
    if abs(scaled) >= 1e4:
        return count(scaled)
    return f"{scaled:,.0f}" if abs(scaled) >= 1_000 else f"{scaled:.4g}"


def duration(ms: float) -> str:
    """`0.8s`, `34s`, `2m10s`, `3h12m`, `4d02h`; of milliseconds."""
    sign = "-" if ms < 0 else ""
    if abs(ms) >= 10_000 * DAY:
        return f"{sign}{count(abs(ms) / DAY)}d"
    ms = abs(int(ms))
    if ms < 10 * SECOND and ms % SECOND:
        return f"{sign}{ms / SECOND:.1f}s"
    if ms < MINUTE:
        return f"{sign}{ms // SECOND}s"
    if ms < HOUR:
        return f"{sign}{ms // MINUTE}m{ms % MINUTE // SECOND:02d}s"
    if ms < DAY:
        return f"{sign}{ms // HOUR}h{ms % HOUR // MINUTE:02d}m"
    return f"{sign}{ms // DAY}d{ms % DAY // HOUR:02d}h"


def short(ms: float) -> str:
    """A duration without what is zero: `6h`, `13m`, `2m10s`."""
    said = duration(ms)
    for zero in ("m00s", "h00m", "d00h"):
        if said.endswith(zero):
            return said[: 1 - len(zero)]
    return said


def ticking(ms: float, slow: bool = False) -> int:
    """A duration as far as it is shown while it goes on: whole seconds below a minute, then steps of ten.

    Over a slow link steps of ten seconds, then whole minutes: what ticks costs bytes and tells little.
    """
    ms = max(0, int(ms))
    step = (10 * SECOND if ms < MINUTE else MINUTE) if slow else SECOND if ms < MINUTE else 10 * SECOND
    return ms // step * step


def rough(ms: float) -> str:
    """A duration as far as an estimate deserves, a tenth of it: `~45s`, `~2m10s`, `~9m`, `~1h20m`, `~3h`, `~2d`."""
    for size, letter, step in ((DAY, "d", 2 * HOUR), (HOUR, "h", 10 * MINUTE), (MINUTE, "m", 10 * SECOND)):
        if ms >= 5 * size - step / 2:
            return f"~{ms / size:.0f}{letter}"
        if ms >= size:
            return f"~{short(round(ms / step) * step)}"
    return f"~{max(1, ms // SECOND):.0f}s"


def _fixed(value: float, decimals: int) -> str:
    if abs(value) >= 1e12:
        return count(value)
    text = f"{value:,.{decimals}f}"
    return text[1:] if text.startswith("-") and not text.strip("-0.,") else text


def _seconds(value: float, decimals: int | None) -> Amount:
    size = abs(value)
    if size >= 100:
        return Amount(duration(value * SECOND))
    if size >= 10 or (size >= 1 and decimals is not None) or value == 0:
        places = 0 if value == int(value) else 1
        return Amount(_fixed(value, places if decimals is None else decimals), "s")
    if size >= 0.01:
        return Amount(f"{value * 1_000:,.0f}", "ms")
    return Amount(f"{value * 1_000:.2g}", "ms")


def _bytes(value: float) -> Amount:
    size = abs(value)
    for limit, name in ((2**40, "TiB"), (2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB")):
        if size >= limit:
            return Amount(_fixed(value / limit, 1), name)
    return Amount(f"{value:.0f}", "B")
