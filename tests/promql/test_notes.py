"""What stands beside a result: warnings and infos, in Prometheus' words, each once."""

from __future__ import annotations

import pytest

from tradetop.model.value import Matrix, Noted, Vector
from tradetop.promql import Engine, ast
from tradetop.promql.nodes import Call, Number, Place, walk
from tradetop.promql.notes import MOST, Notes
from tradetop.store import MemoryStore

MINUTE = 60_000
HELP = "https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile"
FORCED = f"PromQL info: input to histogram_quantile needed to be fixed for monotonicity (see {HELP})"
NO_COUNTER = "PromQL info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket:"
LEVEL = "PromQL warning: quantile value should be between 0 and 1, got"
BUCKET = 'PromQL warning: bucket label "le" is missing or has a malformed value of'
RATIO = "PromQL warning: ratio value should be between -1 and 1, got"
SORTED = "PromQL warning: sort is ineffective for range queries since results are always ordered by labels"


@pytest.fixture
def engine() -> Engine:
    store = MemoryStore()
    for n in range(11):
        at = n * MINUTE
        store.append({"__name__": "gauge", "a": "1"}, at, n)
        store.append({"__name__": "gauge", "a": "2"}, at, 2 * n)
        store.append({"__name__": "done_total"}, at, n)
        for le, count in (("1", 5), ("2", 3), ("+Inf", 10)):
            store.append({"__name__": "falls_bucket", "le": le}, at, count * n)
        for le, count in (("1", 3), ("2", 3 * (1 - 1e-15)), ("+Inf", 10)):
            store.append({"__name__": "rounded_bucket", "le": le}, at, count)
        for le in ("x", "1_0", " 1", ""):
            store.append({"__name__": "bad_bucket", "le": le}, at, 1)
    return Engine(store)


def said(value: Noted) -> tuple[list[str], list[str]]:
    """Warnings and infos without their places, which depend on what the parser tells."""
    without = [
        [note.rpartition(" (")[0] if note.endswith(")") and note[-2].isdigit() else note for note in notes]
        for notes in (value.warnings, value.infos)
    ]
    return without[0], without[1]


@pytest.mark.parametrize(
    ("expr", "warnings", "infos"),
    [
        ("rate(gauge[5m])", [], [f'{NO_COUNTER} "gauge"']),
        ("increase(gauge[5m]) + increase(gauge[5m])", [], [f'{NO_COUNTER} "gauge"']),
        ("sum(rate(gauge[5m]))", [], [f'{NO_COUNTER} "gauge"']),
        ("rate(done_total[5m])", [], []),
        ("rate(falls_bucket[5m])", [], []),
        ("rate(nothing[5m])", [], []),
        ("rate(gauge[1s])", [], []),
        ("delta(gauge[5m])", [], []),
        ("irate(gauge[5m])", [], []),
        ("rate(sum(gauge)[5m:1m])", [], []),
        ("quantile(1.1, gauge)", [f"{LEVEL} 1.1"], []),
        ("quantile(-Inf, gauge)", [f"{LEVEL} -Inf"], []),
        ("quantile(NaN, gauge)", [f"{LEVEL} NaN"], []),
        ("quantile(1, gauge)", [], []),
        ("quantile_over_time(-1, gauge[5m])", [f"{LEVEL} -1"], []),
        ("quantile_over_time(-1, nothing[5m])", [], []),
        ("quantile_over_time(1e7, gauge[5m])", [f"{LEVEL} 1e+07"], []),
        ("histogram_quantile(2, done_total)", [f'{BUCKET} "" for metric name "done_total"', f"{LEVEL} 2"], []),
        (
            "histogram_quantile(0.5, bad_bucket)",
            [f'{BUCKET} "{le}" for metric name "bad_bucket"' for le in (" 1", "", "1_0", "x")],
            [],
        ),
        ("histogram_quantile(0.5, sum by (x) (bad_bucket))", [f'{BUCKET} ""'], []),
        ("histogram_quantile(0.5, falls_bucket)", [], [f'{FORCED} for metric name "falls_bucket"']),
        ("histogram_quantile(0.5, sum by (le) (falls_bucket))", [], [FORCED]),
        ("histogram_quantile(0.5, rounded_bucket)", [], []),
        ("limit_ratio(2, gauge)", [f"{RATIO} 2, capping to 1"], []),
        ("limit_ratio(-1.5, gauge)", [f"{RATIO} -1.5, capping to -1"], []),
        ("sort(gauge)", [], []),
        ("gauge", [], []),
        ("1", [], []),
        ('"a"', [], []),
        ("gauge[5m]", [], []),
    ],
)
def test_a_result_says_what_prometheus_says(engine: Engine, expr: str, warnings: list[str], infos: list[str]) -> None:
    value = engine.instant(expr, at=10 * MINUTE)
    assert said(value) == (sorted(warnings), infos)
    if value.type in ("scalar", "vector"):
        again = engine.range(expr, start=8 * MINUTE, end=10 * MINUTE, step=MINUTE)
        expected = ([SORTED] if expr.startswith("sort(") else sorted(warnings), infos)
        assert said(again) == expected


def test_a_level_that_depends_on_the_step_is_told_once_for_each_value(engine: Engine) -> None:
    value = engine.range("quantile(time() / 60, gauge)", start=0, end=3 * MINUTE, step=MINUTE)
    assert said(value)[0] == [f"{LEVEL} 2", f"{LEVEL} 3"]
    assert isinstance(value, Matrix)


def test_there_are_no_more_notes_than_a_person_reads(engine: Engine) -> None:
    value = engine.range("quantile(time(), gauge)", start=0, end=600_000, step=1_000)
    assert len(value.warnings) == MOST + 1
    assert value.warnings[-1] == "589 more warning annotations omitted"
    many = Notes()
    for i in range(100_000):
        many.warn(f"{i}", (0, 0))
        many.inform("once", (0, 0))
    assert (len(many.warnings("")), many.infos("")) == (MOST + 1, ("PromQL info: once",))


def test_a_note_tells_line_and_column_of_what_it_speaks_of() -> None:
    query = "  sum(\n  rate(x[5m]) # €\n) +\trate(y[5m])"
    notes = Notes()
    for what in ("x[5m]", "y[5m]", "  sum"):
        at = query.index(what)
        notes.inform(what[0].strip() or "all", (at, at + len(what)))
    notes.inform("nowhere", (0, 0))
    texts = ("all (1:1)", "nowhere", "x (2:8)", "y (3:10)")
    assert notes.infos(query) == tuple(f"PromQL info: {text}" for text in texts)


def test_places_of_nodes_are_the_places_of_notes(engine: Engine) -> None:
    node = ast.parse("quantile(7, gauge)")
    (seven,) = (each for each in walk(node) if isinstance(each, Number))
    placed: Place = (9, 10)
    object.__setattr__(seven, "place", placed)
    try:
        assert engine.instant("quantile(7, gauge)", at=0).warnings == (f"{LEVEL} 7 (1:10)",)
    finally:
        ast.parse.cache_clear()


def test_a_name_from_outside_does_nothing_to_the_text() -> None:
    store = MemoryStore()
    for n in range(2):
        store.append({"__name__": 'ev\x1b[2J"\n' + "x" * 10_000}, n * MINUTE, n)
    (info,) = Engine(store).instant('rate({__name__!=""}[5m])', at=MINUTE).infos
    assert info.isprintable()
    assert info.startswith(f'{NO_COUNTER} "ev')
    assert len(info) < 600


def test_results_with_and_without_notes_are_alike(engine: Engine) -> None:
    value = engine.instant("rate(gauge[5m])", at=10 * MINUTE)
    assert isinstance(value, Vector)
    assert value == Vector(value.samples)
    assert isinstance(ast.parse("rate(gauge[5m])"), Call)
