"""Whatever is drawn, however slow the terminal: it shows what was meant; a picture that stays costs nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from io import StringIO

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.color import Color
from rich.console import Console
from textual._compositor import LayoutUpdate
from textual.geometry import Region

from tradetop.panes import cells
from tradetop.panes.row import Box, Span
from tradetop.theme import Depth, Role, Theme, ansi, indexed, load
from tradetop.theme.colour import ANSI, index_colour
from tradetop.tui.abilities import Abilities
from tradetop.tui.canvas import Canvas
from tradetop.tui.differ import Differ
from tradetop.tui.host import strip
from tradetop.tui.palette import Palette
from tui.emulator import Emulator, Look, Shown, shown

THEMES = {name: load(name) for name in ("midnight", "paper", "terminal")}
CONSOLE = Console(color_system="truecolor", file=StringIO(), force_terminal=True, legacy_windows=False)

PIECES = st.sampled_from(
    [
        *"ab 1  ",
        *(
            "      ",
            "            ",
            "─────",
            "⣿⣷⡀",
            "■□",
            "word",
            "日本",
            "語",
            "한국",
            "😀",
            "👨\u200d👩",
            "❤\ufe0f",
            "✖",
        ),
        *("e\u0301", "\u0301", " \u0300\u0301\u0302\u0303\u0304\u0305", "\u1100\u1161\u11a8", "שלום", "…", "∅"),
        *(
            "\x1b[31m",
            "\x1b[2;2Hx",
            "\x1b]52;c;cHduZWQ=\x07",
            "\x9b2J",
            "\x1b[?25h",
            "\r\n",
            "\x00",
            "\ud800",
            "\u202e",
        ),
    ]
)
TEXT = st.lists(PIECES, max_size=12).map("".join)
SPAN = st.builds(
    Span,
    text=TEXT,
    role=st.sampled_from([Role.FOREGROUND, Role.MUTED, Role.CRIT, Role.FILL_LO]),
    back=st.sampled_from([None, None, Role.SELECTION]),
    bold=st.booleans(),
    reverse=st.sampled_from([False, False, True]),
    level=st.sampled_from([None, 0.0, 0.4, 1.0]),
)
LINES = st.lists(st.lists(SPAN, max_size=4).map(tuple), max_size=6).map(tuple)


@dataclass(frozen=True)
class Draw:
    lines: tuple[tuple[Span, ...], ...]
    x: int
    y: int
    taken: bool
    """The terminal takes what is sent; else it is still busy with what it got before."""


@dataclass(frozen=True)
class Resize:
    width: int
    height: int


@dataclass(frozen=True)
class Restyle:
    theme: str


@dataclass(frozen=True)
class Suspend:
    pass


Step = Draw | Resize | Restyle | Suspend
STEP = st.one_of(
    st.builds(Draw, LINES, st.integers(0, 9), st.integers(0, 2), st.booleans()),
    st.builds(Draw, LINES, st.just(0), st.just(0), st.just(True)),
    st.builds(Resize, st.integers(1, 40), st.integers(1, 6)),
    st.builds(Restyle, st.sampled_from(sorted(THEMES))),
    st.builds(Suspend),
)


@dataclass
class Link:
    """The way of a drawing: canvas, differ, terminal; at times Textual draws the same."""

    depth: Depth
    can: Abilities
    width: int = 30
    height: int = 5
    theme: Theme = field(default_factory=lambda: THEMES["midnight"])
    boxes: tuple[Box, ...] = ()

    def __post_init__(self) -> None:
        self.canvas = Canvas(Palette(self.theme, self.depth))
        self.differ = Differ(self.depth, self.can)
        self.terminal = Emulator(self.width, self.height, self.can)

    def draw(self) -> None:
        """As the host and the driver do it."""
        changed = self.canvas.draw(self.boxes, self.width, self.height)
        self.differ.grid.resize(self.width, self.height)
        self.canvas.put(self.differ.grid, changed)

    def recompose(self) -> None:
        """As Textual's compositor does it, after a new size and when it comes back."""
        update = LayoutUpdate(
            [[strip(self.canvas, y)] for y in range(self.height)], Region(0, 0, self.width, self.height)
        )
        self.differ.grid.feed(update.render_segments(CONSOLE) + "\x1b[1;1H")

    def take(self) -> str:
        update = self.differ.update()
        self.terminal.feed(update)
        return update

    def do(self, step: Step) -> None:
        match step:
            case Draw(lines, x, y, taken):
                self.boxes = (boxed(lines, x, y),)
                self.draw()
                if not taken:
                    return
            case Resize(width, height):
                self.width, self.height = width, height
                self.terminal.resize(width, height)
                self.differ.forget()
                self.draw()
                self.recompose()
            case Restyle(name):
                self.theme = THEMES[name]
                self.canvas.restyle(Palette(self.theme, self.depth))
                self.draw()
            case Suspend():
                self.terminal.scramble()
                self.differ.forget()
                self.draw()
                self.recompose()
        self.take()

    def meant(self) -> list[list[Shown]]:
        """What the boxes say, cell by cell."""
        palette = Palette(self.theme)

        def look(span: Span) -> Look:
            style = palette.style(span)
            flags = (1 if style.bold else 0) | (16 if style.reverse else 0)
            return Look(colour(style.color, self.depth, 30), colour(style.bgcolor, self.depth, 40), flags)

        blank = (" ", look(Span("")))
        screen = [[blank] * self.width for _ in range(self.height)]
        for box in self.boxes:
            for line, row in zip(screen[box.y :], box.rows, strict=False):
                if box.x >= self.width:
                    break  # It stands beside the screen.
                place(line, box.x, [(char, look(span)) for span in row for char in cells.wall(span.text)])
        return [[shown(*cell) for cell in line] for line in screen]


def boxed(lines: tuple[tuple[Span, ...], ...], x: int, y: int) -> Box:
    width = max([sum(cells.width(span.text) for span in line) for line in lines], default=0)
    return Box("box", x, y, width, len(lines), lines)


def place(line: list[Shown], x: int, text: list[Shown]) -> None:
    """Characters in cells: combining ones join the one before, a wide one that does not fit leaves a blank."""
    for char, look in text:
        wide = cells.char_width(char)
        if wide == 0:
            at = x - 1 - (0 < x <= len(line) and line[x - 1][0] == "")
            if x and char != "\ufe0f" and len(line[at][0]) < 5:
                line[at] = (line[at][0] + char, look if line[at][0] == " " else line[at][1])
        elif x + wide > len(line):
            line[x:] = [(" ", look)] * (len(line) - x)
            return
        else:
            line[x : x + wide] = [(char, look), ("", look)][:wide]
            x += wide


def colour(of: Color | None, depth: Depth, base: int) -> str:
    """The nearest colour that there is at a depth, as SGR parameters."""
    if of is None or depth is Depth.NONE:
        return ""
    if of.triplet is None:
        number = of.number
        assert number is not None
        name = ANSI[number] if number < 16 else index_colour(number)
    else:
        if depth is Depth.TRUE:
            return f"{base + 8};2;{';'.join(map(str, of.triplet))}"
        name = of.triplet.hex
    number = ansi(name) if depth is Depth.ANSI or name in ANSI else indexed(name)
    if number < 16:
        return str(base + number if number < 8 else base + 60 + number - 8)
    return f"{base + 8};5;{number}"


@settings(max_examples=300, deadline=None)
@given(
    st.lists(STEP, min_size=1, max_size=8), st.sampled_from(Depth), st.builds(Abilities, st.booleans(), st.booleans())
)
def test_the_terminal_shows_what_was_meant(steps: list[Step], depth: Depth, can: Abilities) -> None:
    link = Link(depth, can)
    link.draw()
    for step in steps:
        link.do(step)
        if not isinstance(step, Draw) or step.taken:
            assert link.terminal.seen() == link.meant()
    link.take()
    assert link.terminal.seen() == link.meant()
    link.draw()
    assert link.take() == ""
