from __future__ import annotations

from dataclasses import replace

import pytest

from panes.frames import climb, sample_frame, trend
from tradetop.model.frame import Frame
from tradetop.model.labels import Labels
from tradetop.model.panel import PaneName
from tradetop.panes.export import as_text
from tradetop.panes.layout import screen
from tradetop.panes.look import Glyphs, Look
from tradetop.redact import redact


def with_others() -> Frame:
    """An account beside what was paid in, what holding would have given, and a number of another size."""
    frame = sample_frame()
    panel = frame.panel("account_value")
    assert panel is not None
    assert panel.first is not None
    first = panel.first

    def other(legend: str, *values: float) -> object:
        reading = replace(first.reading, value=values[-1])
        return replace(
            first, legend=legend, labels=Labels({"of": legend}), reading=reading, trend=trend(climb(*values, 0.0))
        )

    found = (first, other("deposits", 50_900.0, 51_400.0), other("holding", 50_800.0, 51_900.0), other("far", 9.0, 9.0))
    changed = replace(panel, series=found)
    return replace(frame, panels=tuple(changed if p is panel else p for p in frame.panels))


def drawn(frame: Frame, width: int, height: int, **look: object) -> list[str]:
    lines = as_text(screen(frame, Look(**look), width, height), width, height).splitlines()
    first = next(i for i, line in enumerate(lines) if "Equity" in line)
    return lines[first : first + 12]


@pytest.mark.parametrize("glyphs", Glyphs)
def test_further_series_are_lines_that_differ_without_colour(glyphs: Glyphs) -> None:
    with_, without = (drawn(f, 120, 40, glyphs=glyphs, mono=True) for f in (with_others(), sample_frame()))
    assert with_[0].index("deposits") < with_[0].index("holding")
    assert with_[1:] != without[1:]
    names = {Glyphs.BRAILLE: ("⠤⠤", "⠄⠄"), Glyphs.BLOCK: ("▄▄", "▖▖")}
    for sign in names.get(glyphs, ("oo", "xx")):
        assert sign in with_[0]


def test_what_would_squeeze_the_account_flat_is_only_counted() -> None:
    assert "+1 series" in drawn(with_others(), 120, 40)[0]


def test_hidden_curves_have_scales_of_their_own_and_share_none() -> None:
    assert "deposits" not in drawn(redact(with_others()), 120, 40, redacted=True)[0]


def realised(*values: float) -> Frame:
    """The running sum of wins and losses in the account's place."""
    frame = sample_frame()
    panel = frame.panel("account_value")
    assert panel is not None
    assert panel.first is not None
    first = replace(
        panel.first,
        reading=replace(panel.first.reading, value=values[-1]),
        trend=trend(lambda x: values[min(int(x * len(values)), len(values) - 1)]),
    )
    changed = replace(panel, panel=replace(panel.panel, signed=True), series=(first,))
    others = (p for p in frame.panels if p is not panel and p.panel.pane is not PaneName.EQUITY)
    return replace(frame, panels=(changed, *others))


def test_a_sum_of_wins_and_losses_falls_by_an_amount() -> None:
    title = drawn(realised(-20.0, 140.0, 90.0), 120, 40)[0]
    assert "peak 140.00" in title
    assert "dd -50.00" in title
    assert "%" not in title.partition("Equity")[2]
    assert "dd 0.00" in drawn(realised(-20.0, 140.0), 120, 40)[0]
    assert "dd -500.00" in drawn(realised(-500.0, -500.0), 120, 40)[0], "a first loss is a fall from nothing"
    hidden = drawn(redact(realised(-20.0, 140.0, 90.0)), 120, 40, redacted=True)[0]
    assert "50.00" not in hidden
    assert "140.00" not in hidden
