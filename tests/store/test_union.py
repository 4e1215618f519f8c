"""A union answers as one store with all of the series would."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tradetop.model.labels import NAME, Labels
from tradetop.model.matcher import Matcher, MatchOp
from tradetop.model.value import Vector
from tradetop.promql import Engine
from tradetop.store import MemoryStore
from tradetop.store.union import Union

STEP = 10_000
JOBS = ("a", "b", "c")
EXPRESSIONS = (
    "up",
    'absent(up{job="b"})',
    "sum by (job) (up)",
    "count(up == 0) > 1",
    'x_total{job="a"} / on() x_total{job="c"}',
    "rate(x_total[30s])",
    "sum(increase(x_total[1m]))",
    '{job=~"a|c"} offset 10s',
    "avg_over_time(sum(up)[40s:10s])",
)

pages = st.dictionaries(st.sampled_from(("up", "x_total")), st.integers(0, 9).map(float), max_size=2)
scrapes = st.lists(st.tuples(st.sampled_from(JOBS), pages), min_size=1, max_size=20)


def series(job: str, page: dict[str, float]) -> dict[Labels, float]:
    return {Labels({NAME: name, "job": job}): value for name, value in page.items()}


@given(scrapes)
def test_it_answers_as_one_store_would(scrapes: list[tuple[str, dict[str, float]]]) -> None:
    whole, parts = MemoryStore(), {job: MemoryStore() for job in JOBS}
    for i, (job, page) in enumerate(scrapes):
        whole.append_scrape(job, i * STEP // 2, series(job, page))
        parts[job].append_scrape("scrape", i * STEP // 2, series(job, page))
    union, end = Union([*parts.values()]), len(scrapes) * STEP // 2
    for expr in EXPRESSIONS:
        for at in (end - 3 * STEP, end, end + STEP):
            got, expected = (Engine(source).instant(expr, at=at) for source in (union, whole))
            assert isinstance(got, Vector)
            assert isinstance(expected, Vector)
            assert {s.labels: s.value for s in got.samples} == {s.labels: s.value for s in expected.samples}


def test_of_two_series_that_are_alike_the_first_ones_counts_once() -> None:
    """One database that is configured for two bots is counted into both stores."""
    stores = MemoryStore(), MemoryStore()
    for value, store in enumerate(stores, 3):
        store.append({NAME: "bot_events_total", "bot_id": "momentum"}, STEP, float(value))
    found = Union(stores).select([Matcher(NAME, MatchOp.EQUAL, "bot_events_total")], 0, STEP)
    assert [list(column.values) for column in found] == [[3.0]]
