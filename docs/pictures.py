"""Draws the README's pictures from the frames that the tests use: the same files every time.

`./dev pictures` writes them; a test says when they no longer are what the program draws.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from panes.frames import sample_detail, sample_frame
from tradetop.model.frame import Frame
from tradetop.panes.export import as_svg
from tradetop.panes.layout import screen
from tradetop.panes.look import Glyphs, Look, ScreenName
from tradetop.redact import redact
from tradetop.theme import load
from tradetop.tui.keymap import DEFAULT

FOLDER = Path(__file__).parent / "pictures"


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture of the README."""

    frame: Frame
    width: int
    height: int
    theme: str = "midnight"
    screen: ScreenName = ScreenName.OVERVIEW
    crumbs: tuple[str, ...] = ()


PICTURES: Mapping[str, Picture] = {
    "overview": Picture(sample_frame(), 120, 40),
    "small": Picture(sample_frame(), 80, 24),
    "series": Picture(sample_detail(), 120, 40, screen=ScreenName.DETAIL, crumbs=("Rate limits",)),
    "dead": Picture(sample_frame(dead=True), 80, 24),
    "paper": Picture(sample_frame(), 80, 24, theme="paper"),
    "redacted": Picture(redact(sample_frame()), 80, 24),
}


def drawn(of: Picture) -> str:
    """The picture as SVG."""
    theme = load(of.theme)
    hints = DEFAULT.hints(of.screen, Glyphs.BRAILLE)
    look = Look(screen=of.screen, ticks=theme.ansi, hints=hints, crumbs=of.crumbs, redacted=of.frame.redacted)
    bot = of.frame.subject
    title = "tradetop" if bot is None else f"tradetop · {bot.name}"
    return as_svg(screen(of.frame, look, of.width, of.height), of.width, of.height, theme, title)


def main() -> None:
    """Write every picture."""
    FOLDER.mkdir(exist_ok=True)
    for name, picture in PICTURES.items():
        (FOLDER / f"{name}.svg").write_text(drawn(picture), encoding="utf-8")


if __name__ == "__main__":
    main()
