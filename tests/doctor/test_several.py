"""Rules that see several targets: judged on what all of them have, and never dead for a page that nobody has read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from random import Random

import pytest

from doctor.making import START, verdict
from tradetop.doctor import Cap, Check, Kind, Knowledge, judge, with_page
from tradetop.doctor.knowledge import Unread, joined, of_targets
from tradetop.doctor.panels import Shown, judge_panels
from tradetop.model.alert import RecordingRule, Rule
from tradetop.model.labels import Labels
from tradetop.model.value import Vector
from tradetop.promql import Engine, PromQLError
from tradetop.scrape.exposition import PageParser
from tradetop.store import MemoryStore

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
IN_VAIN = with_page(Knowledge(), {Labels({"__name__": "up", **B}): 0.0}, {}, START)
DOWN = together([page(PAGE_A, A), IN_VAIN], [Unread(Labels(B), "job b could not be read (refused)", tried=True)])
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
    assert verdict('up{job="b"} == 0', DOWN).kind is Kind.CAN
    assert verdict('up{job="b"} == 0', NOT_ASKED).kind is Kind.UNPROVEN
    assert verdict('up{job="b"} > 1', NOT_ASKED).kind is Kind.NEVER


def test_a_type_that_only_one_of_two_pages_tells_proves_nothing() -> None:
    told, untold = page("# TYPE x counter\nx 1\n", A), page("x 1\n", B)
    assert verdict("x < 0", together([told, told])).kind is Kind.NEVER
    assert verdict("x < 0", together([told, untold])).kind is Kind.CAN
    assert verdict("x < 0", together([untold, told])).kind is Kind.CAN


def test_what_cannot_be_evaluated_by_now_is_wrong_but_not_dead_while_a_page_is_unread() -> None:
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


def test_a_recording_rule_over_a_page_that_nobody_has_read_supplies_what_is_open() -> None:
    rules = [RecordingRule("job:b", "sum by (job) (b_gauge)"), Rule("Alert", 'job:b{job="b"} > 5', group="all")]
    assert [v.kind for v in judge(rules, DOWN)] == [Kind.UNPROVEN, Kind.UNPROVEN]
    assert [v.kind for v in judge(rules, BOTH)] == [Kind.CAN, Kind.CAN]


@pytest.mark.parametrize("seed", range(4))
def test_no_rule_that_fires_is_called_dead(seed: int) -> None:
    """Rules at random, evaluated over two pages of which the doctor has read one, or both."""
    random, fired = Random(seed), 0
    for _ in range(400):
        text, expr = (
            _some_page(random),
            f"{_some(random)} {random.choice(('>', '<', '==', '>='))} {random.randint(-1, 2)}",
        )
        store = MemoryStore()
        for labels, page_text in ((A, PAGE_A), (B, text)):
            up = {Labels({"__name__": "up", **labels}): 1.0}
            store.append_scrape(labels["job"], START, {**PageParser(labels).parse(page_text).samples, **up})
        try:
            value = Engine(store).instant(expr, at=START)
        except PromQLError:
            continue
        assert isinstance(value, Vector)
        if value.samples:
            fired += 1
            for known in (DOWN, NOT_ASKED, together([page(PAGE_A, A), page(text, B)])):
                found = verdict(expr, known)
                assert found.kind is not Kind.NEVER, (expr, text, found)
    assert fired > 20


def _some_page(random: Random) -> str:
    labels = random.choice(["", '{side="buy"}', '{side="x"}', '{k="v"}'])
    names = random.sample(["b_gauge", "another", "shared", "a_gauge"], 2)
    return "".join(f"{name}{labels} {random.choice([-5, 0, 1, 300])}\n" for name in names)


def _some(random: Random, depth: int = 0) -> str:
    """An expression at random."""
    names = ("a_gauge", "both_total", "wait_seconds_bucket", "shared", "b_gauge", "another", "up")
    matchers = ("", "", '{job="a"}', '{job="b"}', '{env="live"}', '{side="buy"}', '{job=~"a|b"}', '{env!="live"}')
    selector = random.choice(names) + random.choice(matchers)
    kind = random.random()
    if depth > 2 or kind < 0.4:
        return random.choice([selector, selector, f"max_over_time({selector}[5m])", f"absent({selector})"])
    if kind < 0.6:
        by = random.choice(["by (job)", "by (side)", "by (env, le)", "without (instance)", ""])
        return f"{random.choice(['sum', 'max', 'count'])} {by} ({_some(random, depth + 1)})"
    operator = random.choice(["+", "-", "*", "/", "and", "unless", "or", ">", "<", "== bool"])
    on = random.choice(["", "on()", "on(job)", "on(side)", "on(env)", "ignoring(side, job, instance, env)"])
    return f"({_some(random, depth + 1)} {operator} {on} {_some(random, depth + 1)})"
