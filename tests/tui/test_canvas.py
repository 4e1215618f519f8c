"""The canvas shows exactly what was drawn, names exactly what changed, and lets nothing harmful through."""

from __future__ import annotations

import pyte
from hypothesis import given
from hypothesis import strategies as st
from rich.segment import Segment
from textual.strip import Strip

from tradetop.panes.row import Box, Span
from tradetop.theme import Depth, Role, load
from tradetop.tui.canvas import COLUMN, Canvas
from tradetop.tui.palette import Palette
from tradetop.tui.wall import Wall

THEME = load("midnight")
ROLES = st.sampled_from([Role.FOREGROUND, Role.MUTED, Role.CRIT])
SPANS = st.builds(
    Span,
    text=st.text("ab ■é", max_size=9),
    role=ROLES,
    back=st.sampled_from([None, Role.SELECTION]),
    bold=st.booleans(),
    reverse=st.booleans(),
    level=st.one_of(st.none(), st.floats()),
)
LINE = st.lists(SPANS, max_size=6)
LINES = st.lists(LINE, min_size=3, max_size=3)


def canvas() -> Canvas:
    return Canvas(Palette(THEME).style, Wall())


def text(shown: Canvas, width: int, y: int) -> str:
    columns = range(-(-width // COLUMN))
    return "".join(shown.strip(column, y).text for column in columns)[:width]


def styled(strips: list[Strip]) -> list[tuple[str, object]]:
    return [(char, segment.style) for strip in strips for segment in strip for char in segment.text]


def box(lines: list[list[Span]], x: int = 0, y: int = 0, width: int = 40) -> Box:
    return Box("box", x, y, width, len(lines), tuple(tuple(line) for line in lines))


def test_boxes_stand_where_they_were_put_and_gaps_are_blank() -> None:
    shown = canvas()
    shown.draw([box([[Span("right")]], x=20, y=1), box([[Span("left")]], x=2, y=1)], 30, 3)
    assert text(shown, 30, 1) == "  left              right     "
    assert text(shown, 30, 0) == " " * 30


def test_only_the_columns_that_changed_are_named() -> None:
    shown = canvas()
    assert shown.draw([box([[Span("a" * 40)], [Span("b" * 40)]])], 40, 2) is None
    assert shown.draw([box([[Span("a" * 40)], [Span("b" * 40)]])], 40, 2) == []
    assert shown.draw([box([[Span("a" * 39 + "!")], [Span("b" * 40)]])], 40, 2) == [(2, 0)]


def test_a_new_size_changes_everything() -> None:
    shown = canvas()
    shown.draw([box([[Span("a")]])], 40, 2)
    assert shown.draw([box([[Span("a")]])], 41, 2) is None


def test_outside_the_canvas_it_is_blank() -> None:
    assert canvas().strip(3, 7).text == " " * COLUMN


@given(first=LINES, second=LINES)
def test_a_changed_drawing_shows_what_a_fresh_one_shows(first: list[list[Span]], second: list[list[Span]]) -> None:
    shown, fresh = canvas(), canvas()
    shown.draw([box(first)], 60, 3)
    before = [[shown.strip(x, y) for x in range(4)] for y in range(3)]
    changed = shown.draw([box(second)], 60, 3)
    fresh.draw([box(second)], 60, 3)
    after = [[shown.strip(x, y) for x in range(4)] for y in range(3)]
    assert [styled(line) for line in after] == [styled([fresh.strip(x, y) for x in range(4)]) for y in range(3)]
    assert set(changed or ()) == {(x, y) for y in range(3) for x in range(4) if before[y][x] != after[y][x]}


@given(line=LINE)
def test_merging_of_blanks_changes_nothing_that_can_be_seen(line: list[Span]) -> None:
    style = Palette(THEME).style
    shown = canvas()
    shown.draw([box([line])], 80, 1)
    seen = styled([shown.strip(x, 0) for x in range(5)])
    wanted = [(char, style(span)) for span in line for char in span.text][:80]
    for (char, got), (expected, meant) in zip(seen, wanted, strict=False):
        assert char == expected
        assert isinstance(got, type(meant))
        assert got.bgcolor == meant.bgcolor
        assert got == meant or (char == " " and not meant.reverse)


@given(texts=st.lists(st.text(max_size=20), max_size=5))
def test_nothing_that_a_terminal_obeys_gets_through(texts: list[str]) -> None:
    wall = Wall()
    tame = "".join(segment.text for segment in wall.tame([Segment(t) for t in texts]))
    assert not any(ord(char) < 32 or 0x7F <= ord(char) < 0xA0 for char in tame)
    tame.encode("utf-8")
    assert (wall.hits > 0) == (tame != "".join(texts))


def test_every_style_carries_its_background() -> None:
    style = Palette(THEME).style
    assert style(Span("x", Role.CRIT)).bgcolor is not None
    assert style(Span("x", Role.CRIT)).bgcolor == style(Span("y")).bgcolor
    assert style(Span("x", back=Role.SELECTION)).bgcolor != style(Span("x")).bgcolor


def test_colours_are_matched_to_what_the_terminal_has() -> None:
    span = Span("x", Role.CRIT)
    assert Palette(THEME, Depth.TRUE).style(span).color.triplet is not None  # type: ignore[union-attr]
    assert Palette(THEME, Depth.INDEXED).style(span).color.number >= 16  # type: ignore[union-attr,operator]
    assert Palette(THEME, Depth.ANSI).style(span).color.number < 16  # type: ignore[union-attr,operator]
    plain = Palette(THEME, Depth.NONE).style(span._replace(bold=True))
    assert (plain.color, plain.bgcolor, plain.bold) == (None, None, True)


def test_the_terminal_theme_leaves_the_terminals_own_background() -> None:
    assert Palette(load("terminal")).style(Span("x")).bgcolor is None


@given(st.text("a日 é", min_size=1, max_size=32))
def test_a_wide_character_across_two_columns_is_there_and_moves_nothing(words: str) -> None:
    width = 64
    shown = canvas()
    shown.draw([box([[Span("x")], [Span(words)]], width=width)], width, 2)
    screen = pyte.Screen(width, 2)
    stream = pyte.Stream(screen)
    order = [2, 0, 3, 1]
    for column in (*range(width // COLUMN), *order):
        stream.feed(f"\x1b[2;{column * COLUMN + 1}H" + "".join(s.text for s in shown.strip(column, 1)))
    expected = pyte.Screen(width, 2)
    pyte.Stream(expected).feed("\x1b[2;1H" + words)
    assert screen.display[1].rstrip() == expected.display[1].rstrip()
