"""PNG: a picture in dots, drawn from the SVG by a package that is there only where somebody wanted it."""

from __future__ import annotations

from functools import lru_cache

ZOOM = 2.0
"""Dots for each SVG unit: text must be readable on screens of today."""
_PROBE = '<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16">{}</svg>'
_LETTER = '<text x="2" y="12" font-family="{}" font-size="14">M</text>'
_FAMILIES = (
    "JetBrains Mono", "SF Mono", "Menlo", "Consolas", "DejaVu Sans Mono", "Liberation Mono", "Noto Sans Mono",
    "Ubuntu Mono", "Cascadia Mono", "FreeMono", "Courier New", "Courier", "DejaVu Sans", "Arial",
)  # fmt: skip
"""What `monospace` may be on a machine; the converter does not ask the system, and draws no text it has no font for."""


class NoPictureError(Exception):
    """A PNG cannot be made here; the text says what to do about it."""


def as_png(svg: str) -> bytes:
    """A picture as PNG; NoPictureError where the package is missing, or the machine has no font."""
    try:
        from resvg_py import svg_to_bytes
    except ImportError:
        raise NoPictureError("PNG needs the extra: pip install 'tradetop[png]'") from None
    font = _font()
    if not font:
        raise NoPictureError("PNG needs a font on this machine, such as fonts-dejavu-core; SVG needs none")
    return svg_to_bytes(svg_string=svg, zoom=ZOOM, monospace_family=font)


@lru_cache(maxsize=1)
def _font() -> str:
    """The first family in which text leaves any trace."""
    from resvg_py import svg_to_bytes

    blank = svg_to_bytes(svg_string=_PROBE.format(""))
    drawn = (family for family in _FAMILIES if svg_to_bytes(svg_string=_PROBE.format(_LETTER.format(family))) != blank)
    return next(drawn, "")
