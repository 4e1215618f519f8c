"""The mouse: what a click or the wheel means, as ids of commands; it has none that no key has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from tradetop.model.frame import Frame
from tradetop.model.panel import PaneName
from tradetop.panes import cells
from tradetop.panes.look import Look, ScreenName
from tradetop.panes.places import NUMBERS
from tradetop.panes.row import Box, Row
from tradetop.panes.targets import selectable
from tradetop.theme.roles import Role
from tradetop.tui.keys import KEYS

Draw = Callable[[Look], Sequence[Box]]
"""Draws the frame at hand for a look."""
_TRIES = 24
"""Drawings that may be made to find which row was meant."""
_DIGITS = {sign: str(number) for number, sign in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")}


def clicked(frame: Frame | None, look: Look, boxes: Sequence[Box], draw: Draw, x: int, y: int) -> tuple[str, ...]:
    """What a click on a cell means: a pane and a row of it, what the row opens, a tab, a key of the footer."""
    box = at(boxes, x, y)
    if box is None or frame is None:
        return ()
    if box.id == "footer":
        return _hinted(look, box.rows[0], x)
    there = _pane(box)
    if look.screen is ScreenName.OVERVIEW and there is None:
        return ()
    tab = _tab(box, x) if y == box.y else there
    ways: tuple[str, ...] = ()
    if look.screen is ScreenName.OVERVIEW and tab is not None and tab is not look.focus:
        ways = (f"pane-{tab.value}",)
        look = replace(look, focus=tab, selected=0)
    if y == box.y and there is not None:
        return ways
    row = _row(draw, look, box, x, y, selectable(frame, look))
    if row is None:
        return ways
    return (*ways, "open") if not ways and row == look.selected else (*ways, f"row:{row}")


def turned(look: Look, boxes: Sequence[Box], x: int, y: int, key: str) -> tuple[str, ...]:
    """What the wheel means over a cell: the pane there gets the focus, and scrolls."""
    box = at(boxes, x, y)
    pane = None if box is None else _pane(box)
    if look.screen is not ScreenName.OVERVIEW or pane is None or pane is look.focus:
        return (key,)
    return (f"pane-{pane.value}", key)


def at(boxes: Sequence[Box], x: int, y: int) -> Box | None:
    """The box that a cell lies in."""
    return next((b for b in boxes if b.x <= x < b.x + b.width and b.y <= y < b.y + b.height), None)


def _pane(box: Box) -> PaneName | None:
    return next((pane for pane in NUMBERS if pane.value == box.id), None)


def _tab(box: Box, x: int) -> PaneName | None:
    """The pane whose title is under the pointer, else the one in front."""
    number, start = "", box.x
    for span in box.rows[0]:
        sign = span.text.strip().rstrip(":")
        digit = _DIGITS.get(sign, sign if sign.isdigit() else "")
        end = start + cells.width(span.text)
        if start <= x < end:
            found = digit or number
            return next((p for p, n in NUMBERS.items() if str(n) == found), _pane(box))
        number, start = digit, end
    return _pane(box)


def _row(draw: Draw, look: Look, box: Box, x: int, y: int, count: int) -> int | None:
    """Which of `count` rows is drawn at a cell: panes do not tell, but each can be drawn with its cursor on a row."""
    colours = replace(look, mono=False)
    meant = _text(box.rows[y - box.y])
    here = _cursor(draw(colours))
    if not count or here is None:
        return None
    upwards = look.screen is ScreenName.OVERVIEW and look.focus is PaneName.EVENTS
    guess = look.selected + (here[0] - y if upwards else y - here[0])
    likely = sorted(range(count), key=lambda index: abs(index - guess))[:_TRIES]
    best = None
    for index in likely:
        found = _cursor(draw(replace(colours, selected=index)))
        # Of rows side by side in one line, the one that begins nearest to the left.
        if found is not None and found[1] == meant and found[2] <= x and (best is None or found[2] > best[0]):
            best = found[2], index
            if look.screen is not ScreenName.DASHBOARD:
                break
    return None if best is None else best[1]


def _cursor(boxes: Sequence[Box]) -> tuple[int, str, int] | None:
    """Line, text and first column of the row with the cursor."""
    for box in boxes:
        for y, row in enumerate(box.rows, box.y):
            chosen = next((index for index, span in enumerate(row) if span.back is Role.SELECTION), None)
            if chosen is not None:
                return y, _text(row), box.x + sum(cells.width(span.text) for span in row[:chosen])
    return None


def _text(row: Row) -> str:
    return "".join(span.text for span in row)


def _hinted(look: Look, row: Row, x: int) -> tuple[str, ...]:
    """The command of the footer's hint under the pointer, where it stands for one only."""
    start = 0
    for index, span in enumerate(row):
        start += cells.width(span.text)
        if x < start:
            words = {part.text.strip() for part in row[index : index + 2]}
            ids = [key.id for key in KEYS if key.brief in words and key.brief and look.screen in key.screens]
            return (ids[0],) if len(ids) == 1 else ()
    return ()
