"""Which rows of a long list are shown: the cursor's always, and most of its moves move no other row."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tradetop.panes.line import window


@given(st.integers(1, 200), st.integers(1, 60), st.data())
def test_the_cursor_is_always_among_the_rows_and_the_page_is_full(count: int, height: int, data: st.DataObject) -> None:
    cursor = data.draw(st.integers(0, count - 1))
    shown = window(count, height, cursor)
    assert cursor in shown
    assert len(shown) == min(count, height)


def test_a_walk_through_a_list_scrolls_by_pages() -> None:
    firsts = [window(100, 9, cursor).start for cursor in range(100)]
    assert firsts == sorted(firsts)
    assert len(set(firsts)) <= 100 // 6 + 1
