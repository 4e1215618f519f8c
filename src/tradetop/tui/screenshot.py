"""Screenshots: what is on the screen, as pictures and as text, written through a port."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePath

from tradetop.model.clock import SECOND
from tradetop.model.frame import Frame
from tradetop.model.text import clean
from tradetop.panes.row import Box
from tradetop.theme import Theme

Save = Callable[[str, bytes], str]
"""Writes a file under a name that no other has, and says where it is; raises OSError where it cannot."""

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
    """`tradetop-<bot>-<time in UTC>`, safe as a file name whatever the bot is called; no host is in a redacted one."""
    name = "all" if frame is None or frame.subject is None else frame.subject.name
    safe = _UNSAFE.sub("-", name).strip("-.")[:40] or "bot"
    if frame is not None and frame.redacted:
        safe += "-redacted"
    return f"tradetop-{safe}-{datetime.fromtimestamp(now / SECOND, UTC):%Y%m%d-%H%M%S}"


def save_screenshot(save: Save, shot: Shot) -> str:
    """Write a shot as SVG, as text, and as PNG where that can be made; gives the line that says where, or why not."""
    # Seldom needed, and never at the start.
    from tradetop.panes.export import as_svg, as_text

    stem = file_stem(shot.frame, shot.now)
    picture = as_svg(shot.boxes, shot.width, shot.height, shot.theme, stem)
    files = [(".svg", picture.encode()), (".txt", as_text(shot.plain, shot.width, shot.height).encode())]
    files += [(".png", dots) for dots in _dots(picture)]
    try:
        places = [save(f"{stem}{ending}", content) for ending, content in files]
    except OSError as error:
        return clean(f"no screenshot: {error.strerror or error}: {error.filename or stem}", 200)
    # Where it is tells whose machine this is.
    first = PurePath(places[0]).name if shot.frame is not None and shot.frame.redacted else places[0]
    others = (PurePath(place).suffix if PurePath(place).stem == PurePath(first).stem else place for place in places[1:])
    return clean(f"screenshot: {first}, {', '.join(others)}", 300)


def _dots(picture: str) -> Sequence[bytes]:
    """The picture as PNG, where this machine can make one."""
    from tradetop.panes.png import NoPictureError, as_png

    try:
        return [as_png(picture)]
    except NoPictureError:
        return []
