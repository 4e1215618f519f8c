"""Nothing that is read makes the doctor fail, and what it calls dead never gave anything in the very same past."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doctor.making import FAR, SCRAPES, START, STEP, page, store_of, verdict
from tradetop.dashboards.grafana import read_grafana
from tradetop.doctor import Kind, judge, known_of
from tradetop.doctor.panels import judge_panels, shown
from tradetop.doctor.report import WIDTH, Report, as_json, as_text
from tradetop.model.alert import Rule
from tradetop.model.labels import Labels
from tradetop.model.value import Matrix
from tradetop.promql import Engine, PromQLError

PAGE: dict[str, Any] = {
    "a_pct": lambda i: 20 + i % 7,
    "a_total{side=BUY}": lambda i: float(i // 3),
    "a_total{side=SELL}": lambda i: float(i),
    "b_total{side=BUY,symbol=X}": lambda i: float(i % 50),
    "zero": 0.0,
    "late_total{type=x}": lambda i: float("nan") if i < 90 else 2.0,
    "minus": lambda i: -5.0 + i % 3,
    "h_seconds_bucket{le=1.0}": lambda i: float(i // 2),
    "h_seconds_bucket{le=10.0}": lambda i: float(i),
    "h_seconds_bucket{le=+Inf}": lambda i: float(i),
    "h_seconds_sum": lambda i: 3.0 * i,
    "h_seconds_count": lambda i: float(i),
    "t_timestamp_seconds": lambda i: 1_700_000_000.0 + 10 * i,
}
STORE = store_of(PAGE)
KNOWN = known_of(STORE.select((), 0, FAR), {})
ENGINE = Engine(STORE)
LABELS = ("side", "symbol", "job", "type", "le")

SELECTORS = st.sampled_from(
    [
        *("a_pct", "a_total", 'a_total{side="BUY"}', 'a_total{side!="BUY"}', "b_total", "zero", "late_total", "minus"),
        *("h_seconds_bucket", "h_seconds_sum", "h_seconds_count", "t_timestamp_seconds", "up", "unknown"),
        *('a_total{side=~"B.*"}', 'a_pct{job="bot"}', 'a_pct{job="x"}', '{__name__=~"a_.*"}', "a_total offset 1m"),
    ]
)
NUMBERS = st.sampled_from(["0", "1", "2", "5", "10", "25", "100", "-1", "-100", "0.5", "1e9", "time()", "pi()"])
BY = st.lists(st.sampled_from(LABELS), max_size=2, unique=True).map(", ".join)


RANGED = SELECTORS.filter(lambda text: "offset" not in text)
OF_RANGES = (
    *("rate", "increase", "irate", "deriv", "delta", "idelta", "changes", "resets", "max_over_time", "sum_over_time"),
    *("avg_over_time", "min_over_time", "count_over_time", "last_over_time", "present_over_time", "stddev_over_time"),
    "absent_over_time",
)
OF_VECTORS = ("abs", "ceil", "floor", "round", "sgn", "sqrt", "timestamp", "absent", "sort", "hour", "exp", "-")


def compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    ranged = st.builds("{}({}[{}])".format, st.sampled_from(OF_RANGES), RANGED, st.sampled_from(["1m", "5m", "30m"]))
    sub = st.builds("{}(({})[5m:1m])".format, st.sampled_from(["max_over_time", "sum_over_time", "rate"]), inner)
    called = st.builds("{}({})".format, st.sampled_from(OF_VECTORS), inner)
    number = st.builds("vector(scalar({}))".format, inner)
    clamped = st.builds(
        "{}({}, {})".format, st.sampled_from(["clamp_min", "clamp_max"]), inner, st.sampled_from(["0", "5"])
    )
    plain = st.sampled_from(["sum", "min", "max", "avg", "count", "group", "stddev"])
    grouped = st.builds("{} {} ({}) ({})".format, plain, st.sampled_from(["by", "without"]), BY, inner)
    whole = st.builds("{}({})".format, plain, inner)
    top = st.builds("topk(1, {})".format, inner)
    quantile = st.builds(
        "histogram_quantile({}, rate(h_seconds_bucket[{}]))".format,
        st.sampled_from(["0.5", "0.95", "2"]),
        st.sampled_from(["1m", "5m"]),
    )
    relabelled = st.builds(
        'label_replace({}, "{}", "$1", "side", "(.*)")'.format, inner, st.sampled_from(["other", "side"])
    )
    arithmetic = st.builds(
        "({} {} {})".format, inner, st.sampled_from(["+", "-", "*", "/", "%", "^"]), st.one_of(inner, NUMBERS)
    )
    turned = st.builds("({} {} {})".format, NUMBERS, st.sampled_from(["+", "-", "*", "/"]), inner)
    word = st.sampled_from(["", "bool "])
    op = st.sampled_from([">", "<", ">=", "<=", "==", "!="])
    compared = st.builds("({} {} {}{})".format, inner, op, word, st.one_of(inner, NUMBERS))
    how = st.one_of(st.just(""), st.builds("on ({}) ".format, BY), st.builds("ignoring ({}) ".format, BY))
    sets = st.builds("({} {} {}{})".format, inner, st.sampled_from(["and", "or", "unless"]), how, inner)
    made = (
        ranged,
        sub,
        called,
        number,
        clamped,
        grouped,
        whole,
        top,
        quantile,
        relabelled,
        arithmetic,
        turned,
        compared,
    )
    return st.one_of(*made, sets)


EXPRESSIONS = st.recursive(SELECTORS, compound, max_leaves=6)
TEXTS = st.text(max_size=200)


@given(EXPRESSIONS, st.sampled_from(["", " > 1", " < -1", " == 0", " > 100", " >= 25", " != 5"]))
@settings(max_examples=400, deadline=None)
def test_what_is_called_dead_never_gave_anything_and_what_always_rings_did(expr: str, condition: str) -> None:
    text = expr + condition
    found = verdict(text, KNOWN)
    if found.kind not in (Kind.NEVER, Kind.ALWAYS):
        return
    try:
        value = ENGINE.range(text, start=START, end=START + SCRAPES * STEP, step=STEP)
    except PromQLError:
        return
    assert isinstance(value, Matrix)
    assert bool(value.series) is (found.kind is Kind.ALWAYS), (text, found.reason)


@given(TEXTS, TEXTS, st.dictionaries(st.text(max_size=20), TEXTS, max_size=4))
@settings(max_examples=150, deadline=None)
def test_any_text_as_a_rule_has_a_verdict(expr: str, name: str, annotations: dict[str, str]) -> None:
    (found,) = judge([Rule(name, expr, annotations=Labels(annotations), summary=name)], KNOWN)
    assert found.reason.isprintable()
    assert isinstance(found.kind, Kind)


@given(TEXTS)
@settings(max_examples=100, deadline=None)
def test_any_page_can_be_known(text: str) -> None:
    known = page(text + "\n")
    assert verdict("a_pct > 25", known).kind in Kind
    assert verdict("up == 0", known).kind is Kind.CAN


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.sampled_from(
        ["panels", "dashboard", "targets", "expr", "title", "type", "id", "fieldConfig", "defaults", "thresholds",
         "steps", "value", "unit", "rows", "legendFormat", "yaxes", "format"]), inner, max_size=5)),
    max_leaves=30,
)  # fmt: skip


@given(JSON)
@settings(max_examples=300, deadline=None)
def test_any_json_as_a_dashboard_has_panels_or_problems(found: object) -> None:
    dashboard = read_grafana(json.dumps(found), "any.json")
    verdicts = judge_panels(shown(dashboard.panels), KNOWN)
    assert len(verdicts) == len(dashboard.panels)
    assert dashboard.panels or dashboard.problems or "panels" in str(found) or "rows" in str(found)


@pytest.mark.parametrize("text", ["", "[", "[" * 100_000, '{"panels":' * 5_000, "null", "{}", '{"panels": {}}', "\x00"])
def test_broken_dashboards_are_problems(text: str) -> None:
    found = read_grafana(text, "broken.json")
    assert (found.panels, len(found.problems)) == ((), 1)
    assert found.problems[0].startswith("broken.json: ")


def test_what_is_hostile_is_shown_and_not_obeyed() -> None:
    name = "\x1b]52;c;evil\x07[red]A\u202e"
    found = judge([Rule(name, "unknown{x='\x1b[2J'} > 1")], KNOWN)
    text = as_text(Report("\u2028 bot", rules=found)) + as_json(Report("bot", rules=found))
    assert not any(char in text for char in "\x1b\x07\u202e")


def test_a_report_fits_eighty_columns_whatever_it_holds() -> None:
    rng = random.Random(7)
    words = ["x" * rng.randint(1, 120) for _ in range(40)]
    rules = [Rule(word, f"{word} > {i}", source=f"/a/{word}.yml:{i}:1") for i, word in enumerate(words)]
    text = as_text(Report("bot", rules=judge(rules, KNOWN), problems=tuple(words)))
    assert max(map(len, text.splitlines())) <= WIDTH


def test_ten_thousand_series_of_one_name_are_judged_in_time() -> None:
    import time

    lines = "".join(f'x_total{{id="{i}"}} {i}\n' for i in range(10_000))
    known = page(lines)
    begun = time.perf_counter()
    assert verdict("x_total / on (id) x_total > 2 and x_total == 1", known).kind in Kind
    assert time.perf_counter() - begun < 5
