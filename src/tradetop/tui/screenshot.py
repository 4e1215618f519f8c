"""Screenshots: what is on the screen, as a picture and as text, written through a port."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from tradetop.model.clock import SECOND
from tradetop.model.frame import Frame
from tradetop.model.text import clean
from tradetop.panes.row import Box
from tradetop.theme import Theme

Save = Callable[[str, str], str]
"""Writes a text under a file name and says where it is; raises OSError where it cannot."""

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
"""What a bot's name may not bring into a file name."""


@dataclass(frozen=True, slots=True)
class Shot:
    """What was on the screen."""

    boxes: tuple[Box, ...]
    plain: tuple[Box, ...]
    """The same without colour, for the text: there, glyphs alone carry the meaning."""
    width: int
    height: int
    theme: Theme
    frame: Frame | None
    now: int


def file_stem(frame: Frame | None, now: int) -> str:
    """`tradetop-<bot>-<time in UTC>`, safe as a file name whatever the bot is called."""
    name = "all" if frame is None or frame.subject is None else frame.subject.name
    safe = _UNSAFE.sub("-", name).strip("-.")[:40] or "bot"
    return f"tradetop-{safe}-{datetime.fromtimestamp(now / SECOND, UTC):%Y%m%d-%H%M%S}"


def save_screenshot(save: Save, shot: Shot) -> str:
    """Write a shot as SVG and as text; gives the line that says where, or why not."""
    # Seldom needed, and never at the start.
    from tradetop.panes.export import as_svg, as_text

    stem = file_stem(shot.frame, shot.now)
    try:
        picture = save(f"{stem}.svg", as_svg(shot.boxes, shot.width, shot.height, shot.theme, stem))
        text = save(f"{stem}.txt", as_text(shot.plain, shot.width, shot.height))
    except OSError as error:
        return clean(f"no screenshot: {error.strerror or error}: {error.filename or stem}", 200)
    return clean(f"screenshot: {picture} and {text}", 300)
