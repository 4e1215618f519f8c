"""The explanation of an alert: what stands in its lines, at every size, and in which colour."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panes.drawn import lines
from panes.frames import NOW, sample_explained, sample_frame
from tradetop.model.alert import AlertState
from tradetop.model.clock import MINUTE, SECOND
from tradetop.model.detail_frame import ExplainFrame
from tradetop.model.explanation import Element, Empty, Gives, Lack, Part
from tradetop.model.frame import Frame
from tradetop.model.labels import EMPTY, Labels
from tradetop.model.level import Level
from tradetop.model.panel import Side, Threshold
from tradetop.model.text import clean_lines
from tradetop.model.unit import Unit
from tradetop.model.view import Focus
from tradetop.panes.explain import rows_of
from tradetop.panes.layout import screen
from tradetop.panes.look import Glyphs, Look, ScreenName
from tradetop.panes.row import Span
from tradetop.panes.targets import selectable, target_of
from tradetop.panes.tree import MOST, branches, exact, label
from tradetop.redact import redact
from tradetop.theme.roles import Role

FRAME = sample_explained()
SIZES = [(60, 15), (80, 24), (120, 40), (200, 55)]


def of(frame: Frame = FRAME) -> ExplainFrame:
    assert frame.explained is not None
    return frame.explained


def changed(**changes: object) -> Frame:
    return replace(FRAME, explained=replace(of(), **changes))


def shown(frame: Frame, width: int = 120, height: int = 40, **look: object) -> str:
    return lines(frame, width, height, screen=ScreenName.EXPLAIN, **look)


def line(text: str, *words: str) -> str:
    return next(line for line in text.splitlines() if all(word in line for word in words))


def spans(frame: Frame, text: str) -> list[Span]:
    boxes = screen(frame, Look(screen=ScreenName.EXPLAIN, selected=-1), 120, 40)
    return [span for box in boxes for row in box.rows for span in row if span.text.strip() == text]


# State


@pytest.mark.parametrize("size", SIZES)
def test_it_says_since_when_what_to_do_and_against_what(size: tuple[int, int]) -> None:
    text = shown(FRAME, *size)
    assert "FIRING since 12:01:17, 2m10s; pending 1m00s before" in text
    assert "91.40% > 90.00%: 1.40% beyond it (1.6%)" in text
    assert "API throttling imminent, reduce request frequency" in text
    assert "products" in line(text, "RateLimitCritical products")


def test_an_alert_that_fires_at_once_was_never_pending() -> None:
    alert = of().alert
    assert alert is not None
    text = shown(changed(alert=replace(alert, fired_at=alert.active_at)))
    assert "pending" not in line(text, "FIRING")


def test_a_pending_alert_says_how_long_it_has_still_to_hold() -> None:
    alert = of().alert
    assert alert is not None
    alert = replace(alert, state=AlertState.PENDING, active_at=NOW - 48 * SECOND, fired_at=None)
    assert "PENDING since 12:02:39, 48s of 1m00s" in shown(changed(alert=alert))


def test_other_alerts_of_the_rule_are_counted() -> None:
    assert "2 others of this rule too" in shown(changed(others=2))


def test_what_is_not_active_says_how_far_it_is_from_its_limit() -> None:
    judged = of().judged
    assert judged is not None
    frame = changed(alert=None, judged=replace(judged, value=81.0, level=Level.OK), eta=9 * MINUTE)
    text = shown(frame)
    assert "not active" in text
    assert "81.00%, limit > 90.00%: headroom 9.00% (10.0%), ~9m to go" in text


@pytest.mark.parametrize(
    ("value", "limit", "side", "said"),
    [
        (-576.0, -500.0, Side.BELOW, "-576 < -500: 76 beyond it (15.2%)"),
        (-400.0, -500.0, Side.BELOW, "-400, limit < -500: headroom 100 (20.0%)"),
        (3.0, 0.0, Side.ABOVE, "3 > 0: 3 beyond it"),
        (20.0401, 20.04, Side.ABOVE, "20.0401 > 20.04: 0.0001 beyond it (0.0%)"),
    ],
)
def test_headroom_is_the_way_to_the_limit_from_either_side(value: float, limit: float, side: Side, said: str) -> None:
    judged = of().judged
    assert judged is not None
    judged = replace(judged, value=value, unit=Unit.NONE)
    assert said in shown(changed(judged=judged, limit=Threshold(limit, Level.WARNING, side)))


def test_the_rule_says_where_it_stands_and_what_it_corrects() -> None:
    text = shown(FRAME)
    assert "rules/247trader.yaml:14:9" in text
    assert "corrects 247trader APIRateLimitCritical" in text
    assert "The exchange will refuse requests soon." in text


def test_a_template_that_failed_says_why_and_what_it_was() -> None:
    raw, why = "{{ $labels.x | nonsense }}", "<error expanding template: function nonsense not defined>"
    rule = replace(of().rule, annotations=Labels({"description": raw}))
    text = shown(changed(rule=rule, annotations=Labels({"description": why})))
    assert why in text
    assert f"template {raw}" in text


def test_what_to_do_comes_from_the_annotations_where_the_rule_has_no_line_of_its_own() -> None:
    rule = replace(of().rule, runbook="")
    frame = changed(rule=rule, annotations=Labels({"runbook_url": "https://example.com/limits"}))
    assert "do    https://example.com/limits" in shown(frame)


def test_where_the_data_has_stopped_it_is_dimmed_and_says_as_of_when() -> None:
    alert = of().alert
    assert alert is not None
    seen = NOW - 34 * SECOND
    dead = sample_explained(sample_frame(dead=True))
    frame = replace(dead, explained=replace(of(dead), alert=replace(alert, last_seen=seen), at=seen))
    text = shown(frame)
    assert "was firing since 12:01:17, last seen 12:02:53" in text
    assert "no data 34s" in text
    assert not spans(frame, "true")[0].bold


# Tree


def test_values_stand_at_the_right_below_each_other() -> None:
    text = shown(FRAME)
    ends = {line(text, name).index("%") for name in ("orders", "candles", "fills", "└ max")}
    assert len(ends) == 1


def test_only_what_has_crossed_the_limit_has_its_colour() -> None:
    assert {span.role for span in spans(FRAME, "91.40%")} == {Role.CRIT}
    assert {span.role for span in spans(FRAME, "71.90%")} == {Role.FOREGROUND}
    assert {span.role for span in spans(FRAME, "true")} == {Role.CRIT}


def test_bars_say_how_near_each_series_is_where_there_is_room() -> None:
    assert "■" in line(shown(FRAME), "candles")
    assert "■" not in line(shown(FRAME, 80, 24), "candles")


def test_ages_go_on_with_the_clock_but_not_those_of_a_past_moment() -> None:
    later = replace(FRAME, now=NOW + 7 * SECOND)
    assert " 8s" in line(shown(later), "candles")
    assert FRAME.view.alert is not None
    past = replace(later, view=replace(FRAME.view, alert=replace(FRAME.view.alert, at=NOW)))
    assert " 1s" in line(shown(past), "candles")
    assert "as of 12:03:27" in shown(past)


def test_of_many_series_the_first_are_shown_and_the_others_counted() -> None:
    elements = tuple(Element(Labels({"n": str(i)}), float(i), NOW) for i in range(32))
    tree = Part("wide", Gives.VECTOR, leaf=True, elements=elements, more=468)
    text = shown(changed(tree=tree))
    assert "500 series" in text
    assert f"+ {500 - MOST} more series" in text


@pytest.mark.parametrize(
    ("empty", "said"),
    [
        (Empty(Lack.NAME, "trader_rates"), "no series is called trader_rates"),
        (Empty(Lack.LABELS, 'status="5xx"', ("200", "500")), 'no series has status="5xx": there are 200, 500'),
        (Empty(Lack.LABELS, 'a="b", c="d"'), 'no series has a="b", c="d"'),
        (Empty(Lack.OLD, t=NOW - 20 * MINUTE), "too old: the last sample came 20m00s before, at 11:43:27"),
        (Empty(Lack.GONE, t=NOW - 34 * SECOND), "gone: the last sample came 34s before, at 12:02:53"),
        (Empty(Lack.UNMATCHED, "{a} beside {b}"), "labels never agree: {a} beside {b}"),
        (Empty(Lack.SHORT), "two are needed"),
        (Empty(Lack.EXCLUDED), "every series has its match"),
        (Empty(Lack.PRESENT), "nothing is absent"),
        (Empty(Lack.BUCKETS), "no series has the label le"),
    ],
)
def test_a_part_that_gives_nothing_says_why(empty: Empty, said: str) -> None:
    text = shown(changed(tree=Part("a_part", Gives.VECTOR, leaf=True, empty=empty)), 80, 24)
    assert "nothing" in line(text, "a_part")
    assert said in text


def test_a_comparison_of_nothing_is_not_false() -> None:
    gone = Part("x", Gives.VECTOR, leaf=True, empty=Empty(Lack.NAME, "x"))
    nothing = Part("x > 3", Gives.VECTOR, ">", parts=(gone,), holds=False, empty=Empty(Lack.OPERAND))
    assert "nothing" in line(shown(changed(tree=nothing)), "x > 3")
    false = replace(nothing, empty=Empty(Lack.COMPARED))
    assert "false" in line(shown(changed(tree=false)), "x > 3")


def test_series_are_called_by_what_tells_them_apart() -> None:
    def called(*found: dict[str, str]) -> list[str]:
        return label([Element(Labels({"job": "bot", **labels}), 1.0, NOW) for labels in found])

    assert called({"endpoint": "a", "x": "1"}, {"endpoint": "b", "x": "1"}) == ["a", "b"]
    assert called({"endpoint": "a"}, {}) == ["a", "no endpoint"]
    assert called({"a": "1", "b": "1"}, {"a": "2", "b": "2"}) == ["a=1 b=1", "a=2 b=2"]
    assert called({"endpoint": "a"}) == ["endpoint=a"]
    assert called({}) == [""]


def test_what_the_expression_says_of_its_series_already_is_not_said_again() -> None:
    element = Element(Labels({"endpoint": "a", "side": "buy"}), 1.0, NOW)
    tree = Part('rate{endpoint="a"}', Gives.VECTOR, leaf=True, elements=(element,))
    text = shown(changed(tree=tree))
    assert "side=buy" in line(text, "rate{")
    assert "endpoint=a" not in text


def test_an_expression_that_has_no_room_in_its_line_is_written_out() -> None:
    long = " or ".join(f"metric_number_{i} > {i}" for i in range(6))
    tree = Part(long, Gives.VECTOR, "or", elements=(Element(EMPTY, 1.0, NOW),))
    text = " ".join(shown(changed(tree=tree), 80, 24).split())
    assert "expr metric_number_0 > 0 or metric_number_1 > 1" in text
    assert "metric_number_5 > 5" in text
    assert "expr" not in shown(FRAME)


def test_deep_expressions_leave_room_for_their_values() -> None:
    tree = Part("x", Gives.VECTOR, leaf=True, elements=(Element(EMPTY, 12.5, NOW),))
    for depth in range(60):
        tree = Part(f"abs({depth})", Gives.VECTOR, "abs", elements=tree.elements, parts=(tree,))
    for row in (line for line in shown(changed(tree=tree), 60, 15, selected=55).splitlines() if "abs(" in line):
        assert "12.5" in row


@pytest.mark.parametrize("value", [0.0, -0.0, 1e-9, 0.05, 3.0, 20.04, 1234567.5, 1e20, math.inf, -math.inf, math.nan])
@pytest.mark.parametrize("unit", Unit)
def test_every_number_can_be_said(value: float, unit: Unit) -> None:
    assert exact(value, unit, Look())


# Series and events


def test_each_line_of_a_leaf_leads_to_the_series_of_a_panel() -> None:
    def target(row: int) -> object:
        return target_of(FRAME, Look(screen=ScreenName.EXPLAIN, selected=row))

    assert target(0) is None
    for row, endpoint in ((3, "products"), (4, "candles")):
        focus = target(row)
        assert isinstance(focus, Focus)
        assert focus == Focus("rate_limiter", 0, Labels({"endpoint": endpoint}))
    elsewhere = replace(FRAME, panels=())
    assert target_of(elsewhere, Look(screen=ScreenName.EXPLAIN, selected=3)) is None


def test_the_events_follow_the_lines_of_the_tree() -> None:
    first = len(rows_of(of()))
    assert target_of(FRAME, Look(screen=ScreenName.EXPLAIN, selected=first)) == of().events[0]
    assert selectable(FRAME, Look(screen=ScreenName.EXPLAIN)) == first + len(of().events)


@pytest.mark.parametrize("size", SIZES)
def test_the_row_with_the_cursor_is_always_seen(size: tuple[int, int]) -> None:
    for row in range(selectable(FRAME, Look(screen=ScreenName.EXPLAIN))):
        boxes = screen(FRAME, Look(screen=ScreenName.EXPLAIN, selected=row), *size)
        assert any(span.back is Role.SELECTION for box in boxes for line in box.rows for span in line), row


def test_no_events_say_when_they_would_have_been() -> None:
    assert "11:55 to 12:05: no events" in shown(changed(events=()))


def test_a_chart_against_the_limit_is_there_where_there_is_room() -> None:
    assert "90 C┤━" in shown(FRAME)
    assert "90 C┤" not in shown(FRAME, 80, 24)
    assert "90 C┤━" in shown(changed(events=(), tree=None), 80, 24)


TEXTS = st.text(max_size=30)
LABELS = st.builds(Labels, st.dictionaries(TEXTS, TEXTS, max_size=3))
ELEMENTS = st.lists(st.builds(Element, LABELS, st.floats(), st.integers(0, 2 * NOW)), min_size=1, max_size=9).map(tuple)
REASONS = st.builds(Empty, st.sampled_from(Lack), TEXTS, st.just(("a", "b")), st.none() | st.just(NOW))
LIMITS = st.builds(Threshold, st.floats(allow_nan=False), st.sampled_from(Level), st.sampled_from(Side))
GIVES, UNITS = st.sampled_from(Gives), st.sampled_from(Unit)
LEAVES = st.builds(Part, TEXTS, GIVES, leaf=st.just(True), empty=REASONS, problem=TEXTS) | st.builds(
    Part, TEXTS, GIVES, leaf=st.booleans(), elements=ELEMENTS, more=st.integers(0, 9), unit=UNITS,
    against=st.none() | LIMITS,
)  # fmt: skip
PARTS = st.recursive(
    LEAVES,
    lambda inner: st.builds(Part, TEXTS, st.just(Gives.VECTOR), parts=st.lists(inner, max_size=4).map(tuple),
                            holds=st.none() | st.booleans(), cut=st.integers(0, 2)),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(PARTS, st.sampled_from(SIZES), st.integers(0, 40), st.sampled_from(Glyphs), st.booleans())
def test_whatever_the_tree_is_the_screen_is_whole(
    tree: Part, size: tuple[int, int], selected: int, glyphs: Glyphs, mono: bool
) -> None:
    frame = changed(tree=tree)
    look = Look(screen=ScreenName.EXPLAIN, selected=selected, glyphs=glyphs, mono=mono)
    boxes = screen(frame, look, *size)
    assert sum(box.width * box.height for box in boxes) == size[0] * size[1]
    text = lines(frame, *size, screen=ScreenName.EXPLAIN, selected=selected, glyphs=glyphs, mono=mono)
    assert len(text.splitlines()) == size[1]
    assert glyphs is not Glyphs.ASCII or text.isascii()
    assert branches(tree)


# Texts of several lines

BLOCK = "Exposure of {{ $labels.pair }} is too high.\n\n- close the largest position\n- then call the desk, "
TOLD = BLOCK.replace("{{ $labels.pair }}", "BTC-USD") + "who know what to do when this happens at night or on a holiday"


def blocks(told: str = TOLD) -> Frame:
    """The explanation of a rule of a file whose description is a YAML block."""
    rule = replace(of().rule, runbook=clean_lines(BLOCK), annotations=Labels({"description": BLOCK}))
    return changed(rule=rule, annotations=Labels({"description": told}))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("glyphs", [Glyphs.BRAILLE, Glyphs.ASCII])
def test_an_annotation_of_several_lines_is_shown_on_its_own_lines(size: tuple[int, int], glyphs: Glyphs) -> None:
    text = shown(blocks(), *size, glyphs=glyphs)
    assert "do    Exposure of BTC-USD is too high." in text
    assert "      - close the largest position" in text
    assert not {"\ufffd", "␊", "{"} & set(text)
    if size != SIZES[0]:
        assert "      - then call the desk, who know" in text


def test_a_summary_is_said_once_with_what_its_template_gave() -> None:
    rule = replace(of().rule, summary="{{ $value }} of", annotations=Labels({"summary": "{{ $value }}\nof"}))
    text = shown(changed(rule=rule, annotations=Labels({"summary": "91.4\nof"})))
    assert "says  91.4" in text
    assert "{{" not in text


def test_redacted_lines_stay_lines() -> None:
    frame = blocks(TOLD.replace("position", "position of 480.25 USD"))
    text = shown(redact(frame))
    assert "- close the largest position" in text
    assert "480.25" not in text
    assert not {"\ufffd", "␊"} & set(text)
