"""Trees: an expression's parts as lines, each with its value at the right end, and below it the series behind it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tradetop.model.explanation import Element, Empty, Gives, Lack, Part
from tradetop.model.level import Level
from tradetop.model.panel import Side, Threshold
from tradetop.model.unit import Unit
from tradetop.panes import cells, numbers, times
from tradetop.panes.about import OURS
from tradetop.panes.draw.gauge import gauge
from tradetop.panes.glyphs import marks
from tradetop.panes.line import Line, severity, size, spread, text, to_width
from tradetop.panes.look import Glyphs, Look
from tradetop.panes.row import Row, Span
from tradetop.theme.roles import Role

MOST = 6
"""Series below one part at most."""
_DEEP = 16
"""Columns that the branches of a tree take at most."""
_BAR = 17
_ROOMY = 100
"""Columns from which bars have a place."""
_ZONE = 0.15
"""How much of the scale lies beyond the limit."""
_AGE = 7
_WORD = 8
"""Columns in which what is cut can still be read."""
_LARGE = 1e15
"""From here on a number is a few digits and a power of ten."""
_INLINE = frozenset([Lack.COMPARED, Lack.OPERAND])
"""Kinds of emptiness that need no line of their own: what stands beside or below says it."""


@dataclass(frozen=True, slots=True)
class Branch:
    """One line of a tree: a part, one of its series, or what is to be said of it."""

    lead: str
    part: Part
    element: Element | None = None
    label: str = ""
    """What tells this series from the part's others."""
    more: int = 0
    """So many series, or parts, are left out here."""
    why: bool = False
    """Why the part gives nothing."""


def branches(part: Part, lead: str = "", below: str = "") -> list[Branch]:
    """The lines of a tree; a part that has one series has it on its own line."""
    one = part.elements[0] if part.count == 1 else None
    # What the expression says of its one series already is not said again.
    own = label(part.elements, part.text)[0] if one is not None and part.leaf else ""
    found = [Branch(lead, part, one, own)]
    rest: list[Branch] = []
    if part.problem or (part.empty is not None and part.empty.lack not in _INLINE):
        rest.append(Branch(f"{below}  ", part, why=True))
    if part.count > 1 and (part.leaf or part.against is not None):
        names = label(part.elements)
        rest += [Branch(f"{below}  ", part, e, names[i]) for i, e in enumerate(part.elements[:MOST])]
        if (more := part.count - MOST) > 0:
            rest.append(Branch(f"{below}  ", part, more=more))
    for index, each in enumerate(part.parts):
        last = index == len(part.parts) - 1
        stem, tail = ("└ ", "  ") if last else ("├ ", "│ ")
        deep = below if len(below) < _DEEP else below[:_DEEP]
        rest += branches(each, deep + stem, deep + tail)
    if part.cut:
        rest.append(Branch(f"{below}  ", part, more=part.cut))
    return found + rest


def label(elements: Sequence[Element], told: str = "") -> list[str]:
    """What tells series from each other: the value of the one label that differs, else names with values.

    Labels that an expression, `told`, fixes to one value are left out.
    """
    names = sorted({name for element in elements for name in element.labels if name not in OURS})
    differing = [n for n in names if len({element.labels.get(n, "") for element in elements}) > 1] or names
    if len(elements) > 1 and len(differing) == 1:
        return [element.labels.get(differing[0], "") or f"no {differing[0]}" for element in elements]
    pairs = ([(n, element.labels[n]) for n in differing if n in element.labels] for element in elements)
    return [" ".join(f"{n}={v}" for n, v in found if f'{n}="{v}"' not in told) for found in pairs]


@dataclass(frozen=True, slots=True)
class Drawing:
    """What the lines of one tree have in common."""

    look: Look
    width: int
    now: int
    """The moment that ages are counted from (ms)."""
    level: Level
    """Of the rule: the colour of what holds."""
    decimals: int | None = None

    def rows(self, lines: Sequence[Branch]) -> Iterator[Row]:
        """The lines, values below values and ages below ages."""
        values = [self._value(line) for line in lines]
        wide = min(max((size(value) for value in values), default=0), self.width // 3)
        bars = self.width >= _ROOMY and any(line.element is not None and line.part.against for line in lines)
        for line, value in zip(lines, values, strict=True):
            yield self._row(line, value, wide, bars)

    def _row(self, line: Branch, value: Line, wide: int, bars: bool) -> Row:
        lead = text((line.lead, Role.FAINT))
        if line.why:
            return to_width([*lead, Span(self._why(line.part), Role.WARN)], self.width)
        if line.more:
            what = "parts" if line.part.cut == line.more else "series"
            return to_width([*lead, *text(f"+ {line.more:,} more {what}")], self.width)
        age = self._age(line)
        blank = Span(" " * max(0, wide - size(value)))
        tail = [Span("  "), blank, *value, *age]
        if bars:
            bar = self._bar(line)
            tail = [Span("  "), *bar, Span(" " * (_BAR - size(bar))), *tail]
        room = self.width - size(lead) - size(tail)
        return spread([*lead, *self._said(line, room)], tail, self.width)

    def _said(self, line: Branch, room: int) -> list[Span]:
        """The part's text, or what the series is called."""
        count = line.element.count if line.element is not None and line.part.gives is Gives.RANGE else 0
        samples = f"{count:,} sample{'s' if count > 1 else ''}" if count else ""
        if line.element is None or line.part.count == 1:
            more = "  ".join(filter(None, (samples, line.label)))
            said = cells.middle(line.part.text, max(8, room - cells.width(more) - 2, room * 2 // 3) if more else room)
            left = room - cells.width(said) - 2
            return [Span(said, Role.SECONDARY), *text(f"  {cells.cut(more, left)}" if more and left >= _WORD else "")]
        name = cells.middle(line.label or str(line.element.labels), max(8, room - len(samples) - 2))
        return [Span(name), *text(f"  {samples}" if samples else "")]

    def _value(self, line: Branch) -> list[Span]:
        part = line.part
        if line.why or line.more:
            return []
        if line.element is None or part.holds is not None:
            return self._verdict(part)
        crossed = part.against is not None and part.against.crossed(line.element.value)
        # What the whole expression gives is an alert.
        role = severity(self.level) if crossed or not line.lead else Role.FOREGROUND
        return [Span(exact(line.element.value, part.unit, self.look, self.decimals), role, bold=True)]

    def _verdict(self, part: Part) -> list[Span]:
        """What a part gives that has no one value: whether it holds, how many series it has."""
        if part.problem:
            return [Span("failed", Role.WARN, bold=True)]
        # A comparison of nothing is not false.
        if part.holds is not None and (part.empty is None or part.empty.lack is not Lack.OPERAND):
            held = Span("true", severity(self.level), bold=True)
            return [held] if part.holds else text("false")
        if not part.count:
            return [] if part.gives is Gives.TEXT else text("nothing")
        return text(f"{part.count:,} series")

    def _age(self, line: Branch) -> list[Span]:
        if line.element is None or not line.part.leaf:
            return [Span(" " * _AGE)]
        age = numbers.ticking(self.now - line.element.t, self.look.slow)
        return text(cells.right(numbers.duration(age), _AGE))

    def _bar(self, line: Branch) -> list[Span]:
        limit, element = line.part.against, line.element
        if limit is None or element is None or not math.isfinite(element.value):
            return []
        low, high = ends(limit, [each.value for each in line.part.elements])
        ticks = self.look.mono or self.look.ticks or self.look.glyphs is not Glyphs.BRAILLE
        return gauge(element.value, low, high, (limit,), _BAR, marks(self.look.glyphs), ticks)

    def _why(self, part: Part) -> str:
        """Why a part gives nothing, for people."""
        return part.problem or why(part.empty, self.now, self.look.offset)


def ends(limit: Threshold, values: Sequence[float]) -> tuple[float, float]:
    """A scale that holds zero, the limit and the values, with room beyond the limit."""
    whole = [0.0, limit.value, *filter(math.isfinite, values)]
    low, high = min(whole), max(whole)
    room = (high - low) * _ZONE or 1.0
    if limit.side is Side.ABOVE:
        return low, max(high, limit.value + room)
    return min(low, limit.value - room), high


def exact(value: float, unit: Unit, look: Look, decimals: int | None = None) -> str:
    """A value with as many digits as it takes to see on which side of a limit it lies."""
    if unit in (Unit.PERCENT, Unit.RATIO):
        return str(numbers.amount(value, unit, decimals=2 if decimals is None else decimals))
    if unit in (Unit.NONE, Unit.SHORT) and abs(value) < _LARGE:
        if value == int(value):
            return f"{value:,.0f}"
        return f"{value:,.4f}".rstrip("0") if abs(value) >= 1 else f"{value:.4g}"
    return str(numbers.amount(value, unit, decimals=decimals, offset=look.offset))


def why(empty: Empty | None, now: int, offset: int) -> str:
    """Why something gives nothing, and what there is instead."""
    if empty is None:
        return "gives nothing"
    match empty.lack:
        case Lack.NAME:
            return f"no series is called {empty.said}"
        case Lack.LABELS:
            verb = "are" if len(empty.have) > 1 else "is"
            there = f": there {verb} {', '.join(empty.have)}" if empty.have else ""
            return f"no series has {empty.said}{there}"
        case Lack.OLD if empty.t is not None:
            return f"too old: the last sample came {_before(now, empty.t)}, at {times.clock(empty.t, offset)}"
        case Lack.GONE if empty.t is not None:
            return f"gone: the last sample came {_before(now, empty.t)}, at {times.clock(empty.t, offset)}"
        case Lack.UNMATCHED if empty.said:
            return f"labels never agree: {empty.said}"
        case Lack.PRESENT:
            return "nothing is absent: there are samples"
        case Lack.SHORT:
            return "too few samples within this time: two are needed"
        case Lack.BUCKETS:
            return "no series has the label le: these are no buckets"
    return str(empty.lack.value)


def _before(now: int, t: int) -> str:
    return f"{numbers.duration(numbers.ticking(now - t))} before"
