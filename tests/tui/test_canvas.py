"""The canvas shows exactly what was drawn, names the lines that changed, and lets nothing harmful through."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tradetop.panes import cells
from tradetop.panes.row import Box, Span
from tradetop.theme import Role, load
from tradetop.tui.canvas import Canvas
from tradetop.tui.grid import Grid
from tradetop.tui.host import strip
from tradetop.tui.palette import Palette

THEME = load("midnight")
SPANS = st.builds(
    Span,
    text=st.text("ab ■é日\u0301", max_size=9),
    role=st.sampled_from([Role.FOREGROUND, Role.MUTED, Role.CRIT]),
    back=st.sampled_from([None, Role.SELECTION]),
    bold=st.booleans(),
)
LINES = st.lists(st.lists(SPANS, max_size=6), min_size=3, max_size=3)


def canvas() -> Canvas:
    return Canvas(Palette(THEME))


def box(lines: list[list[Span]], x: int = 0, y: int = 0, width: int = 40) -> Box:
    return Box("box", x, y, width, len(lines), tuple(tuple(line) for line in lines))


def styled(shown: Canvas, y: int) -> list[tuple[str, object]]:
    return [(char, segment.style) for segment in strip(shown, y) for char in segment.text]


def test_boxes_stand_where_they_were_put_and_gaps_are_blank() -> None:
    shown = canvas()
    shown.draw([box([[Span("right")]], x=20, y=1), box([[Span("left")]], x=2, y=1)], 30, 3)
    assert strip(shown, 1).text == "  left              right     "
    assert strip(shown, 0).text == " " * 30


def test_only_the_lines_that_changed_are_named() -> None:
    shown = canvas()
    assert shown.draw([box([[Span("a" * 40)], [Span("b" * 40)]])], 40, 2) is None
    assert shown.draw([box([[Span("a" * 40)], [Span("b" * 40)]])], 40, 2) == []
    assert shown.draw([box([[Span("a" * 40)], [Span("b" * 39 + "!")]])], 40, 2) == [1]


def test_a_new_size_and_new_styles_change_everything() -> None:
    shown = canvas()
    shown.draw([box([[Span("a")]])], 40, 2)
    assert shown.draw([box([[Span("a")]])], 41, 2) is None
    shown.restyle(Palette(load("paper")))
    assert shown.draw([box([[Span("a")]])], 41, 2) is None


@given(first=LINES, second=LINES)
def test_a_changed_drawing_shows_what_a_fresh_one_shows(first: list[list[Span]], second: list[list[Span]]) -> None:
    shown, fresh = canvas(), canvas()
    shown.draw([box(first)], 60, 3)
    shown.draw([box(second)], 60, 3)
    fresh.draw([box(second)], 60, 3)
    assert [styled(shown, y) for y in range(3)] == [styled(fresh, y) for y in range(3)]


@given(text=st.text(max_size=30), width=st.integers(1, 20))
def test_nothing_that_a_terminal_obeys_gets_through_and_lines_are_as_wide_as_the_terminal(
    text: str, width: int
) -> None:
    shown = canvas()
    shown.draw([box([[Span(text)]])], width, 1)
    assert strip(shown, 0).text.isprintable()
    assert cells.width(strip(shown, 0).text) == width
    assert (shown.hits > 0) == (not text.isprintable())


def test_a_mark_combines_with_the_character_before_it_wherever_that_stands() -> None:
    """Also across two boxes, at the end of a line, and where only one of the two has changed."""
    shown, grid = canvas(), Grid(6, 1)
    for left, right in (("abc", "\u0301de"), ("abc", "\u0302fg"), ("abx", "\u0302fg"), ("abx", "hi")):
        drawn = [box([[Span(left)]], width=3), box([[Span(right), Span("\u0301")]], x=3, width=3)]
        shown.put(grid, shown.draw(drawn, 6, 1))
        fresh, anew = canvas(), Grid(6, 1)
        fresh.put(anew, fresh.draw(drawn, 6, 1))
        assert grid.chars == anew.chars, (left, right)
    shown.put(grid, shown.draw([box([[Span("abcdef"), Span("\u0301")]], width=6)], 6, 1))
    assert grid.chars == [["a", "b", "c", "d", "e", "f\u0301"]]


@given(first=LINES, second=LINES, x=st.integers(0, 9))
def test_cells_are_what_a_fresh_drawing_puts_and_what_textual_gets(
    first: list[list[Span]], second: list[list[Span]], x: int
) -> None:
    shown, fresh = canvas(), canvas()
    grid, anew = Grid(60, 3), Grid(60, 3)
    shown.put(grid, shown.draw([box(first), box(second, x=30)], 60, 3))
    shown.put(grid, shown.draw([box(second, x=x), box(first, x=30)], 60, 3))
    fresh.put(anew, fresh.draw([box(second, x=x), box(first, x=30)], 60, 3))
    assert (grid.chars, grid.pens) == (anew.chars, anew.pens)
    for y in range(3):
        texts = "".join(s.style.render(s.text) if s.style else s.text for s in strip(shown, y))
        anew.feed(f"\x1b[{y + 1};1H{texts}")
    assert (grid.chars, grid.pens) == (anew.chars, anew.pens)


def test_every_style_carries_its_background() -> None:
    style = Palette(THEME).style
    assert style(Span("x", Role.CRIT)).bgcolor is not None
    assert style(Span("x", Role.CRIT)).bgcolor == style(Span("y")).bgcolor
    assert style(Span("x", back=Role.SELECTION)).bgcolor != style(Span("x")).bgcolor


def test_the_terminal_theme_leaves_the_terminals_own_background_and_colours() -> None:
    style = Palette(load("terminal")).style(Span("x", Role.CRIT))
    assert style.bgcolor is None
    assert style.color is not None
    assert style.color.triplet is None


def test_of_a_line_only_the_part_that_changed_is_drawn_again() -> None:
    def drawn(left: str, right: str) -> list[Box]:
        return [box([[Span(left)]], x=0), box([[Span(right)]], x=20)]

    shown = canvas()
    shown.draw(drawn("left", "right"), 40, 1)
    assert shown.draw(drawn("left", "write"), 40, 1) == [0]
    assert shown.part(0) == (20, 40)
    shown.draw(drawn("lift", "write"), 40, 1)
    assert shown.part(0) == (0, 20)
    shown.draw(drawn("l" * 25, "write"), 40, 1)
    assert shown.part(0) == (0, 40)
    shown.draw([box([[Span("another")]], x=5)], 40, 1)
    assert shown.part(0) == (0, 40)
