"""The copy key: what it takes from each place, and that nothing in it can press a key where it is pasted."""

from __future__ import annotations

import base64
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panes.frames import sample_detail, sample_events, sample_fleet, sample_frame
from tradetop.ask.answer import Answer, Reply
from tradetop.model.frame import Frame
from tradetop.model.panel import PaneName
from tradetop.panes.layout import screen
from tradetop.panes.look import Look, ScreenName
from tradetop.tui.clipping import LIMIT, clipping, copied, osc52

FRAME = sample_frame()
FLEET = sample_fleet()
DETAIL = sample_detail()


def taken(frame: Frame, look: Look, what: str = "") -> str:
    return clipping(frame, look, screen(frame, look, 120, 40), what)


def decoded(sequence: str) -> str:
    assert sequence.startswith("\x1b]52;c;")
    assert sequence.endswith("\x07")
    return base64.b64decode(sequence[7:-1]).decode()


@pytest.mark.parametrize(
    ("look", "text"),
    [
        (Look(focus=PaneName.RATES), "91.4%"),
        (Look(focus=PaneName.PNL), "+1,284.20 USD"),
        (Look(), ""),
        (Look(screen=ScreenName.HELP), ""),
    ],
)
def test_what_is_under_the_cursor_is_taken(look: Look, text: str) -> None:
    assert taken(FRAME, look) == text


def test_of_two_queries_with_the_same_labels_the_one_under_the_cursor_is_taken() -> None:
    rates = FRAME.pane(PaneName.RATES)[0]
    one = replace(rates.series[0], query=0, legend="one")
    other = replace(one, query=1, legend="other", reading=replace(one.reading, value=12.5))
    panel = replace(rates, panel=replace(rates.panel, queries=rates.panel.queries * 2), series=(one, other))
    frame = replace(FRAME, panels=(panel,))
    values = [taken(frame, Look(focus=PaneName.RATES, selected=row)) for row in range(2)]
    assert set(values) == {"91.4%", "12.5%"}


def test_of_an_alert_name_labels_and_value_are_taken() -> None:
    name, labels, value = taken(FRAME, Look(focus=PaneName.ALERTS)).split(" ")
    assert (name, value) == ("RateLimitCritical", "91.4")
    assert 'products"' in labels


def test_of_a_strategy_its_row_is_taken_without_frame_and_curve() -> None:
    row = taken(FRAME, Look(focus=PaneName.STRATEGIES))
    assert "momentum" in row
    assert not set(row) & set("│╭─⣀⣿■")


def test_of_an_event_its_json_is_taken() -> None:
    event = replace(sample_events()[-1], written='{"type": "signal"}')
    frame = replace(FRAME, feed=replace(FRAME.feed, events=(event,)))
    assert taken(frame, Look(focus=PaneName.EVENTS)) == '{"type": "signal"}'
    assert taken(frame, Look(screen=ScreenName.EVENT, event=event.id)) == '{"type": "signal"}'


def test_of_a_bot_its_row_is_taken() -> None:
    assert "polybot PAPER" in taken(FLEET, Look(screen=ScreenName.FLEET, selected=1))


def test_of_a_series_its_expression_is_taken_and_by_name_the_rest() -> None:
    assert DETAIL.detail is not None
    look = Look(screen=ScreenName.DETAIL)
    assert taken(DETAIL, look) == DETAIL.detail.expr
    assert taken(DETAIL, look, "line") == DETAIL.detail.raw[0]
    assert taken(DETAIL, look, "value") == "91.4%"


ANSWER = Answer(("pair", "errors"), (("SOL/USDC", 4), ("x|y; touch pwned", None), ("$(touch pwned) \\! `id`", 1.5)))


def test_of_an_answer_a_table_is_taken_that_no_shell_runs(tmp_path: Path) -> None:
    look = Look(screen=ScreenName.ANSWER, reply=Reply("q", "s", ANSWER))
    text = taken(FRAME, look)
    assert text.splitlines() == [
        "| pair | errors |",
        "| --- | --- |",
        "| SOL/USDC | 4 |",
        "| x\\|y; touch pwned |  |",
        "| $(touch pwned) \\\\! `id` | 1.5 |",
    ]
    assert decoded(osc52(text)[0]) == text
    assert copied(text, cut=False) == "copied: a table, 3 rows"
    for line in text.splitlines():
        subprocess.run(["bash"], input=f"{line}\n", text=True, cwd=tmp_path, capture_output=True, check=False)
    assert [*tmp_path.iterdir()] == []


def test_of_an_answer_that_is_hidden_nothing_is_taken() -> None:
    look = Look(screen=ScreenName.ANSWER, reply=Reply("q", "s", ANSWER), redacted=True)
    assert taken(FRAME, look) == ""
    assert taken(FRAME, replace(look, redacted=False, reply=Reply("q", "s", sql="SELECT 1"))) == ""


@given(st.text())
def test_no_character_that_a_terminal_or_a_shell_obeys_is_copied(text: str) -> None:
    sequence, _ = osc52(text)
    assert sequence.isascii()
    assert all(char.isprintable() for char in decoded(sequence))


@given(st.text(alphabet="aé日😀", min_size=1, max_size=50), st.integers(1, LIMIT))
def test_what_is_too_long_is_cut_between_characters_and_that_is_said(text: str, times: int) -> None:
    whole = text * times
    sequence, cut = osc52(whole)
    found = decoded(sequence)
    assert whole.startswith(found)
    assert len(found.encode()) <= LIMIT
    assert cut == (found != whole)
    assert ("first 16 KiB" in copied(whole, cut)) == cut


def test_the_line_that_says_what_was_copied_is_short_and_harmless() -> None:
    line = copied("\x1b[31m" + "x" * 999, cut=False)
    assert line.isprintable()
    assert len(line) < 80
