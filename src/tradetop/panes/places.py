"""Places: which pane stands where, for each class of terminal size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from tradetop.model.panel import PaneName
from tradetop.panes.look import Look

TABS = (PaneName.EVENTS, PaneName.STRATEGIES, PaneName.ERRORS, PaneName.CYCLE)
"""Panes that share one place on small screens."""
NUMBERS = {
    PaneName.ALERTS: 0,
    PaneName.PNL: 1,
    PaneName.EQUITY: 2,
    PaneName.LIMITS: 3,
    PaneName.RATES: 4,
    PaneName.ERRORS: 5,
    PaneName.STRATEGIES: 6,
    PaneName.EVENTS: 7,
    PaneName.CYCLE: 8,
}
"""The keys that focus the panes."""
TITLES = {
    PaneName.ALERTS: "Alerts",
    PaneName.PNL: "P&L",
    PaneName.EQUITY: "Equity",
    PaneName.LIMITS: "Limits",
    PaneName.RATES: "Rate limits",
    PaneName.ERRORS: "Errors",
    PaneName.STRATEGIES: "Strategies",
    PaneName.EVENTS: "Events",
    PaneName.CYCLE: "Cycle",
}
"""What the panes, and the ways down from them, are called."""


class Class(Enum):
    """How much a terminal can show."""

    WIDE = "wide"
    NORMAL = "normal"
    COMPACT = "compact"
    TINY = "tiny"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Place:
    """A rectangle for one pane, or for several that share it as tabs: the first is in front."""

    pane: PaneName
    x: int
    y: int
    width: int
    height: int
    tabs: tuple[PaneName, ...] = ()


def class_of(width: int, height: int) -> Class:
    """The class of a terminal."""
    if width < 60 or height < 15:
        return Class.NONE
    if width >= 160 and height >= 46:
        return Class.WIDE
    if width >= 110 and height >= 36:
        return Class.NORMAL
    return Class.COMPACT if width >= 80 and height >= 20 else Class.TINY


def places(
    look: Look, width: int, height: int, alerts: int, without: frozenset[PaneName] = frozenset()
) -> tuple[Place, ...]:
    """The panes of the overview between header and footer; `alerts` is how many rows pane 0 would fill.

    Panes `without` a source give their room to others, unless they have the focus.
    """
    of = class_of(width, height)
    if look.zoomed and look.focus in NUMBERS:
        return (Place(look.focus, 0, 1, width, height - 2),)
    without -= {look.focus}
    match of:
        case Class.WIDE:
            return _wide(width, height, min(alerts, 5), without)
        case Class.NORMAL:
            return _normal(look, width, height, min(alerts, 4), without)
        case _:
            tiny = of is Class.TINY
            return _small(look, width, height, min(alerts, 2 if height < 24 else 4), without, tiny=tiny)


def _wide(width: int, height: int, alerts: int, without: frozenset[PaneName]) -> tuple[Place, ...]:
    top = 1 + alerts + 2
    free = height - 1 - top
    charts = min(20, max(12, free * 18 // 48))
    middle = 10
    y1, y2 = top + charts, top + charts + middle
    half = width // 2
    row = [p for p in (PaneName.LIMITS, PaneName.RATES, PaneName.ERRORS, PaneName.CYCLE) if p not in without]
    return (
        Place(PaneName.ALERTS, 0, 1, width, alerts + 2),
        Place(PaneName.PNL, 0, top, 52, charts),
        Place(PaneName.EQUITY, 52, top, width - 52, charts),
        *_beside([(pane, ()) for pane in row], y1, width, middle),
        Place(PaneName.STRATEGIES, 0, y2, half, height - 1 - y2),
        Place(PaneName.EVENTS, half, y2, width - half, height - 1 - y2),
    )


def _beside(panes: Sequence[tuple[PaneName, tuple[PaneName, ...]]], y: int, width: int, height: int) -> list[Place]:
    """Panes with their tabs, equally wide beside each other; the last has what is left over."""
    each = width // len(panes)
    last = width - each * (len(panes) - 1)
    return [
        Place(pane, each * i, y, last if i == len(panes) - 1 else each, height, shared)
        for i, (pane, shared) in enumerate(panes)
    ]


def _normal(look: Look, width: int, height: int, alerts: int, without: frozenset[PaneName]) -> tuple[Place, ...]:
    top = 1 + alerts + 2
    free = height - 1 - top
    charts = min(14, max(10, free * 12 // 34))
    middle = 8 if height < 44 else 10
    y1, y2 = top + charts, top + charts + middle
    # An event is a sentence, a strategy a row of numbers that needs no more.
    half = width // 2 - width // 40
    shared = (PaneName.ERRORS, PaneName.CYCLE)
    row: list[tuple[PaneName, tuple[PaneName, ...]]] = [(PaneName.LIMITS, ())]
    if PaneName.RATES not in without:
        row.append((PaneName.RATES, ()))
    front = look.focus if look.focus in shared else look.tab if look.tab is PaneName.CYCLE else PaneName.ERRORS
    assert front is not None
    return (
        Place(PaneName.ALERTS, 0, 1, width, alerts + 2),
        Place(PaneName.PNL, 0, top, 38, charts),
        Place(PaneName.EQUITY, 38, top, width - 38, charts),
        *_beside([*row, (front, shared)], y1, width, middle),
        Place(PaneName.STRATEGIES, 0, y2, half, height - 1 - y2),
        Place(PaneName.EVENTS, half, y2, width - half, height - 1 - y2),
    )


def _small(
    look: Look, width: int, height: int, alerts: int, without: frozenset[PaneName], *, tiny: bool
) -> tuple[Place, ...]:
    top = 1 + alerts + 1
    # Beside the limits stand the errors where there are no rate limits.
    beside = PaneName.ERRORS if PaneName.RATES in without and not tiny else PaneName.RATES
    shared = tuple(pane for pane in TABS if pane is not beside)
    front = look.focus if look.focus in shared else look.tab if look.tab in shared else PaneName.EVENTS
    assert front is not None
    half = width // 2
    first = Place(PaneName.ALERTS, 0, 1, width, alerts + 1)
    if tiny:
        limits = max(2, (height - top - 2) * 2 // 5)
        y = top + 1 + limits
        return (
            first,
            Place(PaneName.PNL, 0, top, width, 1),
            Place(PaneName.LIMITS, 0, top + 1, width, limits),
            Place(front, 0, y, width, height - 1 - y, TABS),
        )
    free = height - 1 - top
    charts = min(12, max(5, free * 7 // 19))
    middle = min(12, max(4, -(-free * 6 // 19)))
    if free < 18:
        charts = 5  # Where many alerts need room, limits need it more than the way there.
    y1, y2 = top + charts, top + charts + middle
    pnl = max(30, width * 3 // 8) if width > 90 else 30
    return (
        first,
        Place(PaneName.PNL, 0, top, pnl, charts),
        Place(PaneName.EQUITY, pnl, top, width - pnl, charts),
        Place(PaneName.LIMITS, 0, y1, half, middle),
        Place(beside, half, y1, width - half, middle),
        Place(front, 0, y2, width, height - 1 - y2, shared),
    )
