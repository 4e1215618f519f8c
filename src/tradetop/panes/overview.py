"""The overview: all panes of one bot."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from operator import is_

from tradetop.model.clock import MINUTE, SECOND
from tradetop.model.frame import BotFrame, Frame
from tradetop.model.level import Level, Presence
from tradetop.model.panel import PaneName
from tradetop.panes import alerts, cycle, equity, errors, events, limits, pnl, rates, strategies
from tradetop.panes.content import Content, failed
from tradetop.panes.frames import Tab, finished, framed, inner, lead
from tradetop.panes.look import Look
from tradetop.panes.places import NUMBERS, TITLES, Class, Place, class_of, places
from tradetop.panes.row import Box, Span

PANES: dict[PaneName, Callable[[Frame, Look, int, int], Content]] = {
    PaneName.ALERTS: alerts.content,
    PaneName.PNL: pnl.content,
    PaneName.EQUITY: equity.content,
    PaneName.LIMITS: limits.content,
    PaneName.RATES: rates.content,
    PaneName.ERRORS: errors.content,
    PaneName.STRATEGIES: strategies.content,
    PaneName.EVENTS: events.content,
    PaneName.CYCLE: cycle.content,
}

_YIELDING = frozenset([PaneName.RATES, PaneName.CYCLE])
"""Panes that many a bot has no source for."""

_BUSY = frozenset([PaneName.STRATEGIES, PaneName.ERRORS])
"""Panes of which events change a small part."""

REST = 5 * SECOND
"""How long such a pane stays as it was drawn, whatever happens, while nobody moves in it (ms)."""
_HELD = 10 * SECOND
"""How old what says for how long positions are held may become (ms); mostly a scrape draws the pane anew before."""
LINGER, SLOW_LINGER = MINUTE, 5 * MINUTE
"""How long rows of alerts stay when they are empty (ms): where the pane shrinks everything below it moves."""


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A pane as it was drawn last."""

    parts: tuple[object, ...]
    """What it was drawn from and is known by: the same objects show the same."""
    told: tuple[object, ...]
    """What of it comes from events."""
    values: tuple[object, ...]
    """And what is compared."""
    now: int
    box: Box


@dataclass(slots=True)
class Kept:
    """What a painter remembers from one overview to the next."""

    panes: dict[PaneName, _Drawn] = field(default_factory=dict)
    places: Sequence[Place] = ()
    """Where they stand."""
    boxed: bool = False
    _rows: int = 0
    _needed: int = 0
    _of: tuple[object, ...] = ()

    def rows(self, wanted: int, frame: Frame, look: Look, width: int, height: int) -> int:
        """Rows of alerts: more at once, fewer only when they have not been needed for a while."""
        of = (frame.bot, look.slow, width, height)
        if wanted >= self._rows or of != self._of or frame.now - self._needed >= (SLOW_LINGER if look.slow else LINGER):
            self._rows, self._needed, self._of = wanted, frame.now, of
        return self._rows


def overview(frame: Frame, look: Look, width: int, height: int, kept: Kept | None = None) -> list[Box]:
    """The boxes between header and footer; with `kept`, a pane is drawn anew only where something it shows changed."""
    boxed = class_of(width, height) in {Class.WIDE, Class.NORMAL}
    wanted = alerts.wanted(frame, look, width - 4 if boxed else width - 1)
    if kept is not None:
        wanted = kept.rows(wanted, frame, look, width, height)
    found = places(look, width, height, wanted, _without(frame))
    if kept is None:
        return [_pane(frame, look, place, boxed) for place in found]
    kept.places, kept.boxed = found, boxed
    return [_kept_pane(frame, look, place, boxed, kept) for place in found]


def feed(frame: Frame, look: Look, kept: Kept) -> Box | None:
    """The feed alone, where it stood in the overview before; None where it did not."""
    place = next((place for place in kept.places if place.pane is PaneName.EVENTS), None)
    return None if place is None else _kept_pane(frame, look, place, kept.boxed, kept)


def _without(frame: Frame) -> frozenset[PaneName]:
    """The panes that have no source beside others that have one; with none at all each says what it needs."""
    have = {p.panel.pane for p in frame.panels if p.series or p.error}
    return _YIELDING - have if have & _YIELDING or have & {PaneName.PNL, PaneName.EQUITY} else frozenset()


def _kept_pane(frame: Frame, look: Look, place: Place, boxed: bool, kept: Kept) -> Box:
    bot = frame.subject
    # Parts of a frame that are the same objects show the same, but for ages: those tick while data is missing.
    parts, said = (frame.panels, frame.limits, frame.alerts), _told(frame, place.pane)
    stale = frame.feed.stale or (bot is not None and bot.stale)
    ages = _ages(frame, look, place.pane, stale)
    watching = (frame.notices, frame.recorder, frame.rules_ok) if place.pane is PaneName.ALERTS else ()
    told = (bot and _of_bot(bot, place.pane), *watching)
    values = (frame.bot, frame.view, _of_look(look, place.pane), place, ages, stale, *told)
    known = kept.panes.get(place.pane)
    if known is not None and values == known.values and all(map(is_, parts, known.parts)):
        # Of a bot that opens and closes positions many times a second not every one can be seen anyway.
        age = frame.now - known.now
        busy = place.pane in _BUSY and look.focus is not place.pane and 0 <= age < REST
        held = place.pane is PaneName.STRATEGIES and frame.positions and not 0 <= age < _HELD
        if busy or (said == known.told and not held):
            return known.box
    box = _pane(frame, look, place, boxed)
    kept.panes[place.pane] = _Drawn(parts, said, values, frame.now, box)
    return box


def _ages(frame: Frame, look: Look, pane: PaneName, stale: bool) -> object:
    """What moves on in a pane with time alone."""
    if pane is PaneName.ALERTS:
        return alerts.ages(frame, look)
    gone = [s.reading.t or 0 for p in frame.pane(pane) for s in p.series if s.reading.presence is Presence.STALE]
    if not stale and not gone:
        return frame.now // MINUTE
    ticks = (stale or frame.now - max(gone, default=0) < MINUTE) and not look.slow
    return frame.now // (SECOND if ticks else 10 * SECOND)


def _told(frame: Frame, pane: PaneName) -> tuple[object, ...]:
    """The parts from events that a pane shows."""
    match pane:
        case PaneName.EVENTS:
            return (frame.feed,)
        case PaneName.ALERTS:
            return (frame.dead,)
        case PaneName.EQUITY | PaneName.PNL:
            return (frame.marks, frame.incidents)
        case PaneName.ERRORS:
            tables = (frame.errors_by_type, frame.errors_by_pair)
            return (frame.error_groups, *tables, frame.subject and (frame.subject.errors, frame.subject.to_review))
        case PaneName.STRATEGIES:
            return (frame.positions,)
    return ()


@lru_cache(maxsize=64)
def _of_look(look: Look, pane: PaneName) -> Look:
    """What a pane shows of a look: neither what is typed at its foot, nor a cursor in another pane."""
    other = look.focus is not pane
    focus, selected, scroll = (None, 0, 0) if other else (look.focus, look.selected, look.scroll)
    return replace(look, prompt=None, notice="", hints=(), focus=focus, selected=selected, scroll=scroll)


def _of_bot(bot: BotFrame, pane: PaneName) -> tuple[object, ...]:
    """What a pane shows of the bot itself."""
    if pane is PaneName.ALERTS:
        return bot.reason, bot.up, bot.page_errors, bot.page_error_count
    return bot.reason, bot.preset, bot.mode, bot.deployed_at, bot.version


def _pane(frame: Frame, look: Look, place: Place, boxed: bool) -> Box:
    if place.height == 1:
        line = [Span(" "), *pnl.line(frame, look, place.width - 2)]
        return finished(place.pane.value, place.x, place.y, place.width, 1, [line], look)
    content = _content(frame, look, place, boxed)
    return framed(
        place.pane.value,
        place.x,
        place.y,
        place.width,
        place.height,
        content,
        look,
        tabs(place, content.title, place.width),
        boxed=boxed,
        focused=look.focus is place.pane,
    )


def _content(frame: Frame, look: Look, place: Place, boxed: bool) -> Content:
    """What the pane shows; its last row says which of its panels could not be worked out."""
    columns, rows = inner(place.width, place.height, boxed)
    columns -= lead(place.x, boxed)
    wrong = failed(frame.pane(place.pane), look, columns)
    if not wrong:
        return PANES[place.pane](frame, look, columns, rows)
    content = PANES[place.pane](frame, look, columns, rows - 1)
    above = [*content.rows[: rows - 1], *[()] * (rows - 1 - len(content.rows))]
    return replace(content, rows=[*above, wrong], level=max(content.level, Level.WARNING))


def tabs(place: Place, title: str, width: int) -> list[Tab]:
    """The titles of a place: one, or those of all panes that share it, the front one first told apart."""
    if not place.tabs:
        return [Tab(NUMBERS[place.pane], title)]
    front = Tab(NUMBERS[place.pane], title if width >= 60 else TITLES[place.pane])
    others = [Tab(NUMBERS[p], TITLES[p], front=False) for p in place.tabs if p is not place.pane]
    if width < 60:
        return [front, *others[:1]]
    return [Tab(NUMBERS[p], title if p is place.pane else TITLES[p], p is place.pane) for p in place.tabs]
