"""Rules that see several targets: judged on what all of them have, and never dead for a page that nobody has read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from doctor.making import START, verdict
from tradetop.doctor import Cap, Check, Kind, Knowledge, with_page
from tradetop.doctor.knowledge import Unread, joined, of_targets
from tradetop.doctor.panels import Shown, judge_panels
from tradetop.model.labels import Labels
from tradetop.scrape.exposition import PageParser

A, B = {"job": "a", "instance": "10.0.0.1:80"}, {"job": "b", "instance": "10.0.0.2:80", "env": "live"}
PAGE_A = """# TYPE a_gauge gauge
a_gauge{side="buy"} 3
# TYPE both_total counter
both_total 1
# TYPE wait_seconds histogram
wait_seconds_bucket{le="1"} 1
wait_seconds_bucket{le="+Inf"} 1
# TYPE born_total counter
# TYPE shared counter
shared 1
"""
PAGE_B = """# TYPE b_gauge gauge
b_gauge 1
# TYPE shared gauge
shared -3
# TYPE wait_seconds histogram
wait_seconds_bucket{le="60"} 1
wait_seconds_bucket{le="+Inf"} 1
"""


def page(text: str, labels: Mapping[str, str]) -> Knowledge:
    read = PageParser(labels).parse(text)
    up = {Labels({"__name__": "up", **labels}): 1.0}
    return with_page(Knowledge(), {**read.samples, **up}, read.metadata, START)


def together(known: Sequence[Knowledge], unread: Sequence[Unread] = ()) -> Knowledge:
    found = of_targets(joined(known), [Labels(A), Labels(B)])
    return replace(found, unread=tuple(unread))


BOTH = together([page(PAGE_A, A), page(PAGE_B, B)])
DOWN = together([page(PAGE_A, A)], [Unread(Labels(B), "job b could not be read (refused)", tried=True)])
NOT_ASKED = replace(page(PAGE_A, A), unread=(Unread(Labels(B), "job b is scraped too, but was not asked"),))


@pytest.mark.parametrize(
    ("expr", "kind", "said"),
    [
        ("a_gauge > 2", Kind.CAN, "nothing forbids"),
        ("b_gauge > 2", Kind.CAN, "nothing forbids"),
        ("sum(a_gauge) + sum(b_gauge) > 100", Kind.CAN, "nothing forbids"),
        ("a_gauge + on() b_gauge > 100", Kind.CAN, "nothing forbids"),
        ('up{job="b"} == 0', Kind.CAN, "nothing forbids"),
        ('up{job="c"} == 0', Kind.NEVER, 'the job is "a" or "b"'),
        ('a_gauge{job="b"} > 2', Kind.UNPROVEN, "seen so far: a"),
        ("c_gauge_of_another_kind > 2", Kind.NEVER, "no metric is called"),
        ('b_gauge{side="buy"} > 2', Kind.NEVER, "has no label side"),
        # A counter there and a gauge here: what the two pages do not agree on proves nothing.
        ("shared < 0", Kind.CAN, "nothing forbids"),
        ("histogram_quantile(0.9, rate(wait_seconds_bucket[5m])) > 30", Kind.CAN, "nothing forbids"),
        ("histogram_quantile(0.9, rate(wait_seconds_bucket[5m])) > 90", Kind.NEVER, "ends with a bucket"),
        # It has no series yet, so nobody knows whose it will be.
        ("born_total * on(job) group_left() up > 5", Kind.UNPROVEN, "no series yet"),
    ],
)
def test_rules_are_judged_on_what_all_targets_have(expr: str, kind: Kind, said: str) -> None:
    found = verdict(expr, BOTH)
    assert (found.kind, said in found.reason) == (kind, True), found


@pytest.mark.parametrize("known", [DOWN, NOT_ASKED])
@pytest.mark.parametrize(
    ("expr", "kind"),
    [
        ("a_gauge > 2", Kind.CAN),
        ("b_gauge > 2", Kind.UNPROVEN),
        ("a_gauge + on() b_gauge > 100", Kind.UNPROVEN),
        ("a_gauge and on(nothing_known) b_gauge", Kind.UNPROVEN),
        ('a_gauge{price="1"} > 2', Kind.UNPROVEN),
        ('b_gauge{job="b"} > 2', Kind.UNPROVEN),
        ('b_gauge{env="live"} > 2', Kind.UNPROVEN),
        ('{job="b"} > 2', Kind.UNPROVEN),
        ("a_gauge > 2 unless on() b_gauge", Kind.CAN),
        ("max(a_gauge_total) > 2", Kind.UNPROVEN),
        ("wait_seconds > 2", Kind.UNPROVEN),
        ("histogram_quantile(0.9, sum by (le) (rate(wait_seconds_bucket[5m]))) > 30", Kind.CAN),
        # No page can change these.
        ("rate(b_total[5m]) < -100", Kind.NEVER),
        ("a_gauge > 2 and hour() > 23", Kind.NEVER),
        ('b_gauge{job="a",side="buy"} > 2', Kind.NEVER),
        ('a_gauge{job="a",price="1"} > 2', Kind.NEVER),
        ('up{job="a"} > 1', Kind.NEVER),
    ],
)
def test_a_page_that_nobody_has_read_makes_no_rule_dead(known: Knowledge, expr: str, kind: Kind) -> None:
    assert verdict(expr, known).kind is kind, verdict(expr, known)


def test_the_reason_names_the_page_and_corrects_only_what_is_sure() -> None:
    found = verdict("b_gauge > 2", DOWN)
    assert found.reason.startswith("job b could not be read (refused); where others are read: no metric is called")
    assert (found.check, found.suggestion) == (Check.UNASKED, "")
    assert verdict("rate(both[5m]) > 2", DOWN).suggestion == "rate(both_total[5m]) > 2"
    assert verdict('b_gauge{job="b"} > 2', DOWN).reason == "job b could not be read (refused)"


def test_what_is_written_of_a_target_in_vain_is_known() -> None:
    labels = Labels({"__name__": "up", **B})
    known = together([page(PAGE_A, A), with_page(Knowledge(), {labels: 0.0}, {}, START)], DOWN.unread)
    assert verdict('up{job="b"} == 0', known).kind is Kind.CAN
    assert verdict('up{job="b"} == 0', NOT_ASKED).kind is Kind.UNPROVEN
    assert verdict('up{job="b"} > 1', NOT_ASKED).kind is Kind.NEVER


def test_what_cannot_be_evaluated_by_now_is_wrong_but_not_dead_while_a_page_is_unread() -> None:
    from tradetop.doctor import judge
    from tradetop.model.alert import Rule

    rule = Rule("Alert", "a_gauge / on() both_total > 1", group="all")
    (sure,) = judge([rule], BOTH, trouble=lambda _: "many-to-many")
    (open_,) = judge([rule], DOWN, trouble=lambda _: "many-to-many")
    assert (sure.kind, open_.kind, open_.works) == (Kind.NEVER, Kind.CAN, False)


def test_a_server_has_only_names_of_its_own() -> None:
    known = replace(page(PAGE_A, A), unread=(Unread(Labels(B), "not asked", ("go_", "process_")),))
    assert verdict("b_gauge > 2", known).kind is Kind.NEVER
    assert verdict("go_goroutines > 2", known).kind is Kind.UNPROVEN


def test_a_cap_holds_where_every_bot_with_the_metric_has_it() -> None:
    a, b = page("x_usd 1\ny_usd 1\n", A), page("x_usd 1\ny_usd 1\n", B)
    a = replace(a, caps={"x_usd": Cap(20, "a"), "y_usd": Cap(20, "a")})
    b = replace(b, caps={"x_usd": Cap(30, "b")})
    known = together([a, b])
    assert verdict("x_usd > 40", known).check is Check.CAP
    assert verdict("x_usd > 25", known).check is not Check.CAP
    assert verdict("y_usd > 25", known).check is not Check.CAP


def test_a_panel_about_a_page_that_nobody_has_read_is_not_dead() -> None:
    panels = [Shown("b", ("b_gauge",)), Shown("none", ('b_gauge{job="a",side="buy"}',))]
    assert [v.kind for v in judge_panels(panels, DOWN)] == [Kind.UNPROVEN, Kind.NEVER]
    assert [v.kind for v in judge_panels(panels[:1], BOTH)] == [Kind.CAN]
