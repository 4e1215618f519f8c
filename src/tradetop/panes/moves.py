"""Moves: from pane to pane, in reading order or towards a side."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from tradetop.model.panel import PaneName
from tradetop.panes.places import NUMBERS
from tradetop.panes.row import Box


class Side(Enum):
    """Where to look for the next pane; the values are x and y."""

    LEFT = (-1, 0)
    RIGHT = (1, 0)
    UP = (0, -1)
    DOWN = (0, 1)


_NAMES = {pane.value: pane for pane in NUMBERS}


def after(boxes: Sequence[Box], focus: PaneName | None, step: int = 1) -> PaneName | None:
    """The next pane in reading order (`step` -1: the one before); the first where none has the focus."""
    order = [_NAMES[b.id] for b in sorted(_panes(boxes), key=lambda b: (b.y, b.x))]
    if not order:
        return None
    if focus not in order:
        return order[0 if step > 0 else -1]
    return order[(order.index(focus) + step) % len(order)]


def towards(boxes: Sequence[Box], focus: PaneName | None, side: Side) -> PaneName | None:
    """The nearest pane on a side, the one that faces most of the focused pane; the same where there is none."""
    found = _panes(boxes)
    here = next((b for b in found if focus is not None and b.id == focus.value), None)
    if here is None:
        return after(boxes, focus)
    dx, dy = side.value
    beyond = [b for b in found if b is not here and _beyond(here, b, dx, dy) and _facing(here, b, dx) > 0]
    if not beyond:
        return focus
    return _NAMES[min(beyond, key=lambda b: (_distance(here, b, dx, dy), -_facing(here, b, dx), b.x)).id]


def _panes(boxes: Sequence[Box]) -> list[Box]:
    return [b for b in boxes if b.id in _NAMES]


def _beyond(here: Box, there: Box, dx: int, dy: int) -> bool:
    if dx:
        return there.x >= here.x + here.width if dx > 0 else there.x + there.width <= here.x
    return there.y >= here.y + here.height if dy > 0 else there.y + there.height <= here.y


def _distance(here: Box, there: Box, dx: int, dy: int) -> int:
    if dx:
        return there.x - here.x - here.width if dx > 0 else here.x - there.x - there.width
    return there.y - here.y - here.height if dy > 0 else here.y - there.y - there.height


def _facing(here: Box, there: Box, dx: int) -> int:
    """Cells that the two boxes have in common across the direction."""
    if dx:
        return min(here.y + here.height, there.y + there.height) - max(here.y, there.y)
    return min(here.x + here.width, there.x + there.width) - max(here.x, there.x)
