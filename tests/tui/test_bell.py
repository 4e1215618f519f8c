"""The bell rings once for each notification, and what it shows can order the terminal nothing."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from panes.frames import NOW, sample_frame
from tradetop.model.frame import Frame
from tradetop.model.notified import Bell
from tradetop.redact import redact
from tradetop.tui.bell import Belfry, orders
from tradetop.tui.driver import _PASSES


def with_bell(bell: Bell | None) -> Frame:
    frame = sample_frame()
    return replace(frame, bots=(replace(frame.bots[0], bell=bell), *frame.bots[1:]))


def test_each_bell_is_heard_once_and_none_from_before_the_screen_was_there() -> None:
    belfry, first, second = Belfry(NOW), Bell("1", NOW, "one"), Bell("2", NOW + 5_000, "two")
    heard = [belfry.new(with_bell(bell)) for bell in (None, Bell("0", NOW - 1, "old"), first, first, second, second)]
    assert heard == [(), (), (first,), (), (second,), ()]


@given(st.text(max_size=300))
def test_whatever_it_says_is_one_bell_and_one_line(text: str) -> None:
    ring, shown = orders(Bell("1", NOW, text))
    assert ring == "\x07"
    assert _PASSES.fullmatch(shown)
    assert shown.count("\x1b") == 1
    assert shown.count("\x07") == 1


def test_a_redacted_screen_says_only_that_there_is_an_alert() -> None:
    bell = redact(with_bell(Bell("1", NOW, "[CRITICAL] acct-7: balance 1,284"))).bots[0].bell
    assert bell == Bell("1", NOW, "an alert")
