"""How much of what comes from a terminal somebody can have typed."""

from __future__ import annotations

import pytest

from tradetop.tui.terminal import strokes


@pytest.mark.parametrize(
    ("data", "count"),
    [
        (b"j" * 300, 1),
        (b"\x1b[A" * 100, 1),
        (b"\x1b[A\x1b[B", 2),
        (b"/error\r", 6),
        (b"\x1b", 1),
        (b"lorem ipsum " * 9, 108),
    ],
)
def test_a_held_key_is_one_stroke_and_a_paste_is_many(data: bytes, count: int) -> None:
    assert strokes(data) == count
