"""Adjustments: how things are shown, from the window and the order of rows to glyphs and redaction; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from tradetop.model.clock import DAY, HOUR, MINUTE
from tradetop.model.view import AUTO, SPANS
from tradetop.panes.look import Glyphs, Sort
from tradetop.panes.sorting import columns, current, table_of
from tradetop.tui.state import Go, Move, Scene, State, advised, said, seen

# Time


def _pause(state: State, scene: Scene) -> State:
    if state.look.paused:
        return _live(state, scene)
    if scene.frame is None:
        return state
    return replace(state, look=replace(state.look, paused=True), view=replace(state.view, at=scene.frame.at))


def _live(state: State, _: Scene) -> State:
    if not state.look.paused and state.view.at is None:
        return said(state, "this is live already")
    return replace(state, look=replace(state.look, paused=False), view=replace(state.view, at=None))


def _window(state: State, scene: Scene, by: int) -> State:
    # A window that grows by itself is as long as the frame says.
    now = scene.frame.view.span if state.view.span == AUTO and scene.frame is not None else state.view.span
    nearest = min(range(len(SPANS)), key=lambda i: abs(SPANS[i] - now))
    return _take_window(state, scene, str(SPANS[max(0, min(len(SPANS) - 1, nearest + by))]))


def _take_window(state: State, _: Scene, span: str) -> State:
    looking = replace(state, view=replace(state.view, span=int(span)))
    return said(looking, f"window {window_name(int(span))}")


def window_name(span: int) -> str:
    """A window as people read it: `15m`, `6h`, `7d`."""
    return f"{span // DAY}d" if span > DAY else f"{span // HOUR}h" if span >= HOUR else f"{span // MINUTE}m"


# Order


def _sort(state: State, scene: Scene, by: int) -> State:
    """To the next column; before the first and behind the last lies the order that the rows have by themselves."""
    names = () if scene.frame is None else columns(scene.frame, state.look)
    if scene.frame is None or not names:
        return said(state, "nothing to sort here: choose a table first")
    now = state.look.sort(table_of(scene.frame, state.look))
    at = (-1 if now is None else now.column % len(names)) + by
    if at in {-1, len(names)}:
        return _sorted(state, table_of(scene.frame, state.look), None, "in its own order")
    return _sort_by(state, scene, str(at % len(names)))


def _sort_by(state: State, scene: Scene, column: str) -> State:
    names = () if scene.frame is None else columns(scene.frame, state.look)
    if scene.frame is None or int(column) >= len(names):
        return state
    table = table_of(scene.frame, state.look)
    return _sorted(state, table, Sort(table, int(column)), f"sorted by {names[int(column)]}")


def _invert(state: State, scene: Scene) -> State:
    now = None if scene.frame is None else current(scene.frame, state.look)
    if scene.frame is None or now is None:
        what = "no column to sort by is chosen"
        return advised(state, scene, what, "{} and {} choose one", "sort-left", "sort-right")
    name = columns(scene.frame, state.look)[now.column % len(columns(scene.frame, state.look))]
    turned = replace(now, inverted=not now.inverted)
    return _sorted(state, now.table, turned, f"sorted by {name}{', turned round' if turned.inverted else ''}")


def _sorted(state: State, table: str, sort: Sort | None, notice: str) -> State:
    others = tuple(s for s in state.look.sorts if s.table != table)
    sorts = others if sort is None else (*others, sort)
    return seen(state, replace(state.look, sorts=sorts, selected=0, notice=notice))


# Looks


def _redact(state: State, _: Scene) -> State:
    redacted = not state.look.redacted
    notice = "amounts, quantities, ids and hosts are hidden" if redacted else "everything is shown again"
    return seen(state, replace(state.look, redacted=redacted, notice=notice))


def _glyphs(state: State, _: Scene, name: str) -> State:
    return seen(state, replace(state.look, glyphs=Glyphs(name), notice=f"glyphs: {name}"))


ADJUSTMENTS: Mapping[str, Move] = {
    "pause": _pause,
    "live": _live,
    "shorter": lambda state, scene: _window(state, scene, -1),
    "longer": lambda state, scene: _window(state, scene, 1),
    "sort-left": lambda state, scene: _sort(state, scene, -1),
    "sort-right": lambda state, scene: _sort(state, scene, 1),
    "sort-invert": _invert,
    "redact": _redact,
}
"""What the keys mean, by their ids."""
CHOSEN: Mapping[str, Go] = {"window": _take_window, "sort": _sort_by, "glyphs": _glyphs}
"""What the commands with an argument mean."""
