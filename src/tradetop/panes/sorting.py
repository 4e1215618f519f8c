"""Sorting: by which columns a table's rows can be ordered, and the order itself; drawing and cursor share it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from tradetop.model.feed_frame import ErrorGroup, Position
from tradetop.model.frame import BotFrame, Frame
from tradetop.model.panel import PanelKind, PaneName
from tradetop.model.panel_frame import LimitFrame
from tradetop.model.target import HealthState
from tradetop.model.unit import Unit
from tradetop.panes.bars import Item, items, name
from tradetop.panes.glyphs import marks
from tradetop.panes.line import text
from tradetop.panes.look import Look, ScreenName, Sort
from tradetop.panes.matrix import Matrix, matrices, won
from tradetop.panes.row import Span
from tradetop.theme.roles import Role

Key = float | str | None
_Row = TypeVar("_Row")


@dataclass(frozen=True, slots=True)
class By:
    """A column that rows can be ordered by."""

    name: str
    key: Callable[[Any], Key]
    """What a row has in it; None, which stays last in either direction, where it has nothing."""
    rising: bool = False
    """The natural direction: names rise, numbers fall."""
    given: bool = False
    """The rows come in this order already."""


Table = tuple[By, ...]
"""The columns of one table."""

LIMITS: Table = (
    By("distance", lambda x: None if x.reading.value is None else x.closeness, given=True),
    By("name", lambda x: f"{x.label} {x.legend}".casefold(), rising=True),
    By("time left", lambda x: x.eta, rising=True),
)
ITEMS: Table = (
    By("name", lambda item: name(*item).casefold(), rising=True),
    By("value", lambda item: _figure(item)),
)
GROUPS: Table = (
    By("name", lambda g: (g.text or g.category).casefold(), rising=True),
    By("value", lambda g: g.count),
    By("last seen", lambda g: g.last),
)
POSITIONS: Table = (
    By("POSITION", lambda p: p.pair.casefold(), rising=True),
    By("SIDE", lambda p: p.side.casefold() or None, rising=True),
    By("SIZE", lambda p: p.size),
    By("ENTRY", lambda p: p.entry),
    By("HELD", lambda p: None if p.opened_at is None else -p.opened_at),
    By("STRATEGY", lambda p: p.strategy.casefold() or None, rising=True),
    By("OPEN", lambda p: p.pnl),
)
BOTS: Table = (
    By("BOT", lambda b: b.name.casefold(), rising=True),
    By("MODE", lambda b: b.mode.value, rising=True),
    By("HEALTH", lambda b: _sickness(b)),
    By("P&L", lambda b: b.pnl.value),
    By("ALERTS", lambda b: b.critical * 1e6 + b.firing * 1e3 + b.pending),
    By("WORST LIMIT", lambda b: None if b.worst is None else b.worst.closeness),
    By("ERR/h", lambda b: b.errors),
    By("AGE", lambda b: b.age),
    By("PRESET", lambda b: b.preset or None, rising=True),
)


def table_of(frame: Frame, look: Look) -> str:
    """What the look's `Sort.table` is called for the table with the cursor; "" where nothing can be sorted."""
    if look.screen is ScreenName.FLEET or (look.screen is ScreenName.OVERVIEW and frame.subject is None):
        return ScreenName.FLEET.value
    if look.screen is ScreenName.LADDER:
        return PaneName.LIMITS.value if frame.limits else ""
    if look.screen is not ScreenName.OVERVIEW or look.focus is None:
        return ""
    return look.focus.value if _tables(frame, look.focus.value) else ""


def columns(frame: Frame, look: Look) -> tuple[str, ...]:
    """Names of the columns by which the table with the cursor can be sorted; () where it cannot."""
    return _names(_tables(frame, table_of(frame, look)))


def current(frame: Frame, look: Look) -> Sort | None:
    """The order that the table with the cursor has now: the chosen one, else its own; None where it has none."""
    table = table_of(frame, look)
    chosen = look.sort(table)
    if chosen is not None or not table:
        return chosen
    tables = _tables(frame, table)
    own = next((by.name for by in (by for t in tables for by in t) if by.given), None)
    return None if own is None else Sort(table, _names(tables).index(own))


def _tables(frame: Frame, table: str) -> tuple[Table, ...]:
    """The tables of a pane or screen, each with its columns."""
    match table:
        case "fleet":
            return (_filled(BOTS, frame.bots),)
        case PaneName.LIMITS.value:
            return (_filled(LIMITS, frame.limits),)
        case PaneName.ERRORS.value:
            return (ITEMS, GROUPS) if frame.error_groups else (ITEMS,)
        case PaneName.RATES.value | PaneName.CYCLE.value:
            return (ITEMS,)
        case PaneName.STRATEGIES.value:
            held = (_filled(POSITIONS, frame.positions),) if frame.positions else ()
            return (*(_of_matrix(m) for m in matrices(frame)), *held)
    return ()


def _filled(table: Table, rows: Sequence[Any]) -> Table:
    """The columns in which any row has something."""
    return tuple(by for by in table if any(by.key(row) is not None for row in rows))


def _names(tables: Sequence[Table]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(by.name for table in tables for by in table))


def _of_matrix(matrix: Matrix) -> Table:
    money = next((q for q in matrix.queries if won(matrix.panel.panel, q)), None)
    return (
        By(matrix.heading, lambda row: row.casefold(), rising=True),
        *(
            By(matrix.column(q), lambda row, q=q: matrix.value(row, q), given=q == money)  # type: ignore[misc]
            for q in matrix.queries
        ),
    )


# The orders


def limits(frame: Frame, look: Look) -> list[LimitFrame]:
    """The rows of the limits pane, or of the ladder over the whole screen."""
    rows = sorted(frame.limits, key=lambda x: x.rung) if look.screen is ScreenName.LADDER else frame.limits
    return _ordered(rows, LIMITS, _chosen(frame, look, PaneName.LIMITS.value))


def bars(frame: Frame, look: Look, pane: PaneName) -> list[Item]:
    """The series of a pane of bars, without those in its title."""
    panels = [p for p in frame.pane(pane) if p.panel.kind is not PanelKind.TITLE]
    return _ordered(items(panels), ITEMS, _chosen(frame, look, pane.value))


def groups(frame: Frame, look: Look) -> list[ErrorGroup]:
    """Errors that are alike."""
    return _ordered(frame.error_groups, GROUPS, _chosen(frame, look, PaneName.ERRORS.value))


def strategies(frame: Frame, look: Look) -> list[Matrix]:
    """The tables of the strategies' pane, the greatest gain first unless chosen otherwise."""
    chosen = _chosen(frame, look, PaneName.STRATEGIES.value)
    return [replace(m, names=_in_matrix(m, chosen)) for m in matrices(frame)]


def _in_matrix(matrix: Matrix, chosen: tuple[str, bool] | None) -> tuple[str, ...]:
    table = _of_matrix(matrix)
    own = next((by for by in table if by.given), None)
    names = list(matrix.names)
    if own is not None:
        names = _ordered(names, (replace(own, given=False),), (own.name, False))
    return tuple(_ordered(names, table, chosen))


def positions(frame: Frame, look: Look) -> list[Position]:
    """The open positions."""
    return _ordered(frame.positions, POSITIONS, _chosen(frame, look, PaneName.STRATEGIES.value))


def bots(frame: Frame, look: Look) -> list[int]:
    """The indices of the bots in the order of their rows."""
    rows = _ordered([*enumerate(frame.bots)], _indexed(BOTS), _chosen(frame, look, ScreenName.FLEET.value))
    return [index for index, _ in rows]


def _indexed(table: Table) -> Table:
    return tuple(replace(by, key=lambda pair, by=by: by.key(pair[1])) for by in table)  # type: ignore[misc]


def _chosen(frame: Frame, look: Look, table: str) -> tuple[str, bool] | None:
    """Name of the column that the person chose for a table, and whether the order is inverted."""
    sort = look.sort(table)
    if sort is None:
        return None
    found = _names(_tables(frame, table))
    return (found[sort.column % len(found)], sort.inverted) if found else None


def _ordered(rows: Sequence[_Row], table: Table, chosen: tuple[str, bool] | None) -> list[_Row]:
    """The rows by the chosen column, equal ones as they come; all as they come where the column is not theirs."""
    by = next((b for b in table if chosen is not None and b.name == chosen[0]), None)
    if by is None or chosen is None:
        return [*rows]
    keys = [by.key(row) for row in rows]
    keyed = [
        (-float(i) if by.given else k, row) for i, (k, row) in enumerate(zip(keys, rows, strict=True)) if _known(k)
    ]
    keyed.sort(key=lambda pair: pair[0], reverse=by.rising == chosen[1])  # type: ignore[arg-type, return-value]
    return [*(row for _, row in keyed), *(row for k, row in zip(keys, rows, strict=True) if not _known(k))]


def _known(key: Key) -> bool:
    return key is not None and not (isinstance(key, float) and math.isnan(key))


def _figure(item: Item) -> float | None:
    """A series' value in a unit that others of its pane can be compared with."""
    reading = item[1].reading
    factor = {Unit.MILLISECONDS: 0.001, Unit.RATIO: 100.0}.get(reading.unit, 1.0)
    return None if reading.value is None else reading.value * factor


def _sickness(bot: BotFrame) -> float | None:
    if bot.up is False:
        return 3.0
    worst = {HealthState.UNHEALTHY: 2.0, HealthState.DEGRADED: 1.0}
    if not bot.healths:
        return None
    return max(worst.get(health.state, 0.0) for health in bot.healths)


# How it is shown


def arrows(frame: Frame, look: Look, table: str) -> Callable[[str], str]:
    """Gives the sign behind a column's heading: which way its rows are ordered; "" where they are not ordered by it."""
    chosen = _chosen(frame, look, table)
    columns = {by.name: by for t in reversed(_tables(frame, table)) for by in reversed(t)}
    sign = marks(look.glyphs)

    def of(column: str) -> str:
        own = columns.get(column)
        if own is None or (chosen is None and not own.given) or (chosen is not None and chosen[0] != column):
            return ""
        return sign.rising if own.rising != (chosen is not None and chosen[1]) else sign.falling

    return of


def said(frame: Frame, look: Look, table: str) -> list[Span]:
    """The chosen order in words, for panes whose columns have no headings; nothing where none was chosen."""
    chosen = _chosen(frame, look, table)
    if chosen is None:
        return []
    return text("by ", (f"{chosen[0]}{arrows(frame, look, table)(chosen[0])}", Role.FOREGROUND))
