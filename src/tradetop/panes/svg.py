"""SVG: the boxes of a screen as a picture that is the same in every viewer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from html import escape

from tradetop.panes import cells
from tradetop.panes.row import Box, Span
from tradetop.panes.shapes import HEIGHT, WIDTH, shape
from tradetop.theme.colour import rgb
from tradetop.theme.load import Theme
from tradetop.theme.roles import Role

_MARGIN = 14.0
_BAR = 34.0
_SIZE = 14
_FONT = "'JetBrains Mono','SF Mono',Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace"
_BUTTONS = ("#ff5f57", "#febc2e", "#28c840")
_JOINED = frozenset("-=<>!&|/*:.+~#?_^%$@;\\")
_DARK, _LIGHT = ("#101010", "#d6d6d6"), ("#fafafa", "#202020")
"""What the terminal's own background and foreground stand for in a picture."""


class _Canvas:
    """Collects a picture's parts by their style, since one path for each style keeps the file small."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._backs: list[str] = []
        self._paths: defaultdict[tuple[str, float, bool], list[str]] = defaultdict(list)
        self._words: defaultdict[tuple[str, bool], list[str]] = defaultdict(list)

    def span(self, span: Span, x: float, y: float) -> None:
        """Draw a span with its upper left corner at x, y."""
        ink = self.hex(span.role, span.level)
        back = self.hex(span.back) if span.back is not None else None
        if span.reverse:
            ink, back = back or self.hex(Role.BACKGROUND), ink
        if back is not None:
            size = cells.width(span.text) * WIDTH
            self._backs.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{size:.1f}" height="{HEIGHT}" fill="{back}"/>')
        self._draw(span.text, ink, span.bold, x, y)

    def hex(self, role: Role, level: float | None = None) -> str:
        """A role's colour as #rrggbb."""
        colour = self._theme.colour(role, level)
        if colour == "default":
            return (_DARK if self._theme.dark else _LIGHT)[role is not Role.BACKGROUND]
        return "#{:02x}{:02x}{:02x}".format(*rgb(colour))

    def parts(self) -> list[str]:
        """The elements, lowest first."""
        found = list(self._backs)
        for (ink, stroke, round_), paths in self._paths.items():
            data = "".join(paths)
            if stroke:
                cap = ' stroke-linecap="round"' if round_ else ""
                found.append(f'<path d="{data}" stroke="{ink}" stroke-width="{stroke}"{cap} fill="none"/>')
            else:
                found.append(f'<path d="{data}" fill="{ink}"/>')
        for (ink, bold), words in self._words.items():
            weight = ' font-weight="700"' if bold else ""
            found.append(f'<g fill="{ink}"{weight}>{"".join(words)}</g>')
        return found

    def _draw(self, text: str, ink: str, bold: bool, x: float, y: float) -> None:
        word: list[tuple[str, float]] = []
        for cluster in _clusters(cells.wall(text)):
            shapes = shape(cluster)
            if shapes is None and cluster != " ":
                # Several characters in one place cannot have a place each: they are a word of their own. Some fonts
                # draw two signs as one, such as an arrow.
                if len(cluster) > 1 or (word and cluster in _JOINED and word[-1][0] in _JOINED):
                    self._flush(word, ink, bold, y)
                word.append((cluster, x))
            if shapes is not None or len(cluster) > 1 or cluster == " ":
                self._flush(word, ink, bold, y)
            for part in shapes or ():
                self._paths[ink, part.stroke, part.round].append(_moved(part.path, x, y))
            x += cells.width(cluster) * WIDTH
        self._flush(word, ink, bold, y)

    def _flush(self, word: list[tuple[str, float]], ink: str, bold: bool, y: float) -> None:
        if word:
            places = " ".join(f"{x:.1f}" for char, x in word)
            said = escape("".join(char for char, _ in word), quote=False)
            self._words[ink, bold].append(f'<text x="{places}" y="{y + HEIGHT * 0.74:.1f}">{said}</text>')
            word.clear()


def as_svg(boxes: Sequence[Box], width: int, height: int, theme: Theme, title: str) -> str:
    """A picture of `width` x `height` cells with a window frame around it; every text is escaped.

    Characters stand cell by cell, lines, blocks, braille and signs are paths: no font needs to be right.
    """
    canvas = _Canvas(theme)
    for box in boxes:
        for index, row in enumerate(box.rows):
            x = _MARGIN + box.x * WIDTH
            for span in row:
                canvas.span(span, x, _BAR + (box.y + index) * HEIGHT)
                x += cells.width(span.text) * WIDTH
    wide, tall = width * WIDTH + 2 * _MARGIN, height * HEIGHT + _BAR + _MARGIN
    said = escape(cells.wall(title))
    buttons = "".join(f'<circle cx="{20 + 18 * i}" cy="17" r="5.5" fill="{c}"/>' for i, c in enumerate(_BUTTONS))
    size = f'width="{wide:.0f}" height="{tall:.0f}" viewBox="0 0 {wide:.1f} {tall:.1f}"'
    head = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{said}">',
        f"<title>{said}</title>",
        f'<rect width="100%" height="100%" rx="9" fill="{canvas.hex(Role.BACKGROUND)}"/>',
        buttons,
        f'<g font-family="{_FONT}" font-size="{_SIZE}" xml:space="preserve">',
        f'<text x="{wide / 2:.1f}" y="22" text-anchor="middle" fill="{canvas.hex(Role.MUTED)}">{said}</text>',
    ]
    return "\n".join([*head, *canvas.parts(), "</g>", "</svg>", ""])


def _clusters(text: str) -> list[str]:
    """The characters, each with those that are written over it."""
    found: list[str] = []
    for char in text:
        if found and not cells.char_width(char):
            found[-1] += char
        else:
            found.append(char)
    return found


def _moved(path: str, x: float, y: float) -> str:
    """Path data moved by x, y: only its absolute commands carry places."""
    found: list[str] = []
    for command, numbers in _commands(path):
        by = {"M": (x, y), "L": (x, y), "Q": (x, y), "H": (x,), "V": (y,)}.get(command, (0.0,))
        moved = [v + by[i % len(by)] for i, v in enumerate(numbers)]
        found.append(command + " ".join(f"{v:.2f}".rstrip("0").rstrip(".") for v in moved))
    return "".join(found)


def _commands(path: str) -> list[tuple[str, list[float]]]:
    found: list[tuple[str, list[str]]] = []
    for char in path:
        if char.isalpha():
            found.append((char, [""]))
        elif char in " ," and found:
            found[-1][1].append("")
        elif found:
            found[-1][1][-1] += char
    return [(command, [float(n) for n in numbers if n]) for command, numbers in found]
