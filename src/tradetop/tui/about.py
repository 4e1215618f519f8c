"""About: what the help says of the program itself, and how people read rates and depths."""

from __future__ import annotations

from tradetop import __version__
from tradetop.model.frame import Frame
from tradetop.panes.look import Hint, Look
from tradetop.theme import Depth, Theme

SECTION = "this screen"
_COLOURS = {
    Depth.TRUE: "16 million colours",
    Depth.INDEXED: "256 colours",
    Depth.ANSI: "16 colours",
    Depth.NONE: "no colours",
}


def about(frame: Frame | None, look: Look, theme: Theme, depth: Depth) -> tuple[Hint, ...]:
    """Version, what the screen costs, theme and colours, where the history is; what is not known is left out."""
    sent = "" if look.traffic is None else rate(look.traffic)
    history = "" if frame is None else frame.recorder.reason or frame.recorder.path
    lines = (
        ("tradetop", __version__),
        ("screen", f"{sent}{', slow link' if look.slow and sent else ''}"),
        ("theme", f"{theme.name}, {_COLOURS[depth]}"),
        ("glyphs", look.glyphs.value),
        ("history", history),
    )
    return tuple(Hint(name, text, SECTION) for name, text in lines if text)


def rate(traffic: float) -> str:
    """Bytes per second as people read them: `820 B/s`, `1.5 KB/s`."""
    return f"{traffic:.0f} B/s" if traffic < 1_000 else f"{traffic / 1_000:.1f} KB/s"
