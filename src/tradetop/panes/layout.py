"""Layout: a frame and a look become the boxes of a screen; pure, so that text, SVG and terminal agree."""

from __future__ import annotations

from dataclasses import fields

from tradetop.model.frame import Frame
from tradetop.panes.connecting import connecting
from tradetop.panes.footer import footer
from tradetop.panes.frames import finished
from tradetop.panes.header import header
from tradetop.panes.look import Look, ScreenName
from tradetop.panes.overview import Kept, feed, overview
from tradetop.panes.places import Class, class_of
from tradetop.panes.row import Box, Span
from tradetop.theme.roles import Role

LEAST = (60, 15)
"""Columns and rows below which nothing useful can be shown."""


class Painter:
    """Draws screens one after the other, and only the panes in which something changed."""

    def __init__(self) -> None:
        self._kept = Kept()
        self._last: tuple[Frame | None, Look, int, int] | None = None
        self._boxes: tuple[Box, ...] = ()

    def screen(self, frame: Frame | None, look: Look, width: int, height: int) -> tuple[Box, ...]:
        """What the function of this name gives; where only events came, at the same time, the feed is drawn alone."""
        asked = frame, look, width, height
        last, self._last = self._last, asked
        box = None
        if frame is not None and last is not None and look.screen is ScreenName.OVERVIEW and last[1:] == asked[1:]:
            box = feed(frame, look, self._kept) if _is_news(last[0], frame) else None
        if box is None:
            self._boxes = screen(frame, look, width, height, self._kept)
        else:
            self._boxes = tuple(box if each.id == box.id else each for each in self._boxes)
        return self._boxes


def _is_news(old: Frame | None, new: Frame) -> bool:
    """Whether nothing but events is new, and what counts them: the clock will show that with its next tick."""
    if old is None or old.now != new.now or old.feed is new.feed or new.subject is None or old.connecting:
        return False
    of_events = {"feed", "at", "bots", "error_groups", "errors_by_type", "errors_by_pair", "positions"}
    return all(getattr(old, f.name) == getattr(new, f.name) for f in fields(new) if f.name not in of_events)


def screen(frame: Frame | None, look: Look, width: int, height: int, kept: Kept | None = None) -> tuple[Box, ...]:
    """All boxes of the look's screen; together they cover `width` x `height` cells without overlap.

    A frame of None, or one that is still connecting, gives the panes' titles and what is being tried.
    """
    if width < 1 or height < 1:
        return ()
    if class_of(width, height) is Class.NONE:
        said = f"needs {LEAST[0]}x{LEAST[1]}, has {width}x{height}"
        if quits := look.own_key("q"):
            said += f", {quits} quits"
        lines = [said] if len(said) <= width or height < 3 else said.replace(", ", ",\n").splitlines()
        return (finished("small", 0, 0, width, height, [[Span(line, Role.WARN)] for line in lines], look),)
    body = _body(frame, look, width, height, kept)
    top = finished("header", 0, 0, width, 1, [header(frame, look, width, crumbs(frame, look))], look)
    bottom = finished("footer", 0, height - 1, width, 1, [footer(frame, look, width)], look)
    if look.prompt is None:
        return (top, *body, bottom)
    from tradetop.panes.prompt import palette, under

    over = palette(look.prompt, look, width, height)
    return (top, *body, bottom) if over is None else (top, *under(body, over), over, bottom)


def _body(frame: Frame | None, look: Look, width: int, height: int, kept: Kept | None) -> list[Box]:
    if look.screen not in {ScreenName.HELP, ScreenName.ANSWER}:
        if frame is None or (frame.connecting and not any(panel.series for panel in frame.panels)):
            return connecting(frame, look, width, height)
        if look.screen is ScreenName.OVERVIEW and frame.subject is not None:
            return overview(frame, look, width, height, kept)
    # Loaded with the first of them: the first picture has none.
    from tradetop.panes.screens import body

    return body(frame, look, width, height)


def crumbs(frame: Frame | None, look: Look) -> tuple[str, ...]:
    """The way down from the overview to this screen, for the header; the bot itself is not among them."""
    if look.screen in {ScreenName.OVERVIEW, ScreenName.FLEET}:
        return ()
    if look.screen in {ScreenName.DASHBOARD, ScreenName.LADDER}:
        return (look.screen.value,)
    of = None if frame is None else frame.detail
    series = () if of is None else (of.series.legend or of.panel.title,)
    if look.screen is ScreenName.EXPLAIN:
        explained = None if frame is None else frame.explained
        return (*look.crumbs, "explain" if explained is None else explained.rule.name)
    own = {
        ScreenName.DETAIL: () if series else ("series",),
        ScreenName.ERRORS: ("alike",),
        ScreenName.EVENT: ("event",),
        ScreenName.JSON: ("event", "JSON"),
        ScreenName.ANSWER: ("answer",),
        ScreenName.HELP: ("help",),
    }[look.screen]
    return (*look.crumbs, *(name for name in series if name not in look.crumbs), *own)
