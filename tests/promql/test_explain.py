"""An expression part by part: every value is the engine's own, and what is empty says why."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promql.test_invariants import EXPRESSIONS, PAGES, SCRAPE, Pages, watch
from tradetop.model.explanation import Empty, Gives, Lack, Part
from tradetop.model.labels import Labels
from tradetop.model.value import Scalar, Vector
from tradetop.promql import Engine, PromQLError
from tradetop.promql.explain import ELEMENTS, PARTS, explain
from tradetop.store import MemoryStore

T = 1_700_000_000_000
STEP = 10_000
AT = T + 60 * STEP + 2_000
"""Two seconds after the last of the scrapes."""


@pytest.fixture(scope="module")
def engine() -> Engine:
    store = MemoryStore()
    for i in range(61):
        page = {labels("rate", endpoint=name): value + i / 10 for name, value in (("products", 85.0), ("orders", 60.0))}
        page |= {labels("exposure"): 21.6, labels("trades_total", side="buy"): float(i)}
        if i < 30:
            page[labels("left")] = 1.0
        store.append_scrape("scrape", T + i * STEP, page)
    store.append(labels("once"), T - 9 * 60_000, 4.0)
    return Engine(store)


def labels(name: str, **more: str) -> Labels:
    return Labels({"__name__": name, "job": "bot", **more})


def lack(part: Part) -> Lack | None:
    return None if part.empty is None else part.empty.lack


def at(part: Part, text: str) -> Part:
    return next(each for each in part.walk() if each.text == text)


def test_each_part_has_its_text_and_its_value(engine: Engine) -> None:
    whole = explain(engine, "max(rate)>90", AT)
    assert [(part.text, part.gives, part.elements[0].value) for part in whole.walk()] == [
        ("max(rate) > 90", Gives.VECTOR, 91.0),
        ("max(rate)", Gives.VECTOR, 91.0),
        ("rate", Gives.VECTOR, 91.0),
    ]
    assert (whole.holds, whole.limit, whole.op) == (True, 90.0, ">")
    assert whole.judged == whole.parts[0]


def test_a_leaf_names_its_series_with_their_own_times(engine: Engine) -> None:
    (leaf,) = [part for part in explain(engine, "rate offset 1m > 90", AT).walk() if part.leaf]
    assert [(one.labels["endpoint"], one.value, AT - one.t) for one in leaf.elements] == [
        ("products", 90.4, 62_000),
        ("orders", 65.4, 62_000),
    ]


def test_a_range_has_its_newest_samples_and_how_many_there_are(engine: Engine) -> None:
    whole = explain(engine, "increase(trades_total[5m])", AT)
    (element,) = whole.parts[0].elements
    assert (whole.parts[0].gives, element.value, AT - element.t, element.count) == (Gives.RANGE, 60.0, 2_000, 30)


def test_what_lies_in_a_subquery_is_of_the_time_that_it_looks_at(engine: Engine) -> None:
    whole = explain(engine, "max_over_time((trades_total * 2)[1m:] offset 5m)", AT)
    assert at(whole, "trades_total").elements[0].value == 30.0


def test_the_series_that_are_asked_about_come_first_then_those_nearest_to_the_limit(engine: Engine) -> None:
    def first(expr: str, **asked: str) -> str:
        return at(explain(engine, expr, AT, first=Labels(asked)), "rate").elements[0].labels["endpoint"]

    assert first("rate > 90") == "products"
    assert first("rate < 90") == "orders"
    assert first("90 > rate") == "orders"
    assert first("rate > 90", endpoint="orders", severity="critical") == "orders"


@pytest.mark.parametrize(
    ("expr", "holds", "limit", "judged"),
    [
        ("exposure > 20", True, 20.0, "exposure"),
        ("20 < exposure", True, 20.0, "exposure"),
        ("exposure > 10 * 3", False, 30.0, "exposure"),
        ("exposure > bool 30", False, 30.0, "exposure"),
        ("exposure > bool 20", True, 20.0, "exposure"),
        ("exposure < on() max(rate)", True, 91.0, "exposure"),
        ("exposure < on(job) group_right rate", True, None, None),
        ("2 > bool 1", True, None, None),
        ("2 < bool 1", False, None, None),
        ("exposure + 1", None, None, None),
    ],
)
def test_a_comparison_says_whether_it_holds_and_against_what(
    engine: Engine, expr: str, holds: bool | None, limit: float | None, judged: str | None
) -> None:
    whole = explain(engine, expr, AT)
    assert (whole.holds, whole.limit) == (holds, limit)
    assert (None if whole.judged is None else whole.judged.text) == judged


@pytest.mark.parametrize(
    ("expr", "empty"),
    [
        ("nothing", Empty(Lack.NAME, "nothing")),
        ('{__name__=~"no.*"}', Empty(Lack.NAME, '__name__=~"no.*"')),
        ('rate{endpoint="x"}', Empty(Lack.LABELS, 'endpoint="x"', ("orders", "products"))),
        ('rate{endpoint="x", job="bot"}', Empty(Lack.LABELS, 'endpoint="x"', ("orders", "products"))),
        ('{job="bot", endpoint="orders", side="buy"}', Empty(Lack.LABELS, 'job="bot", endpoint="orders", side="buy"')),
        ('trades_total{bot="z"}', Empty(Lack.LABELS, 'bot="z"')),
        ("left", Empty(Lack.GONE, t=T + 29 * STEP)),
        ("once", Empty(Lack.OLD, t=T - 9 * 60_000)),
        ("rate[1s]", Empty(Lack.OLD, t=T + 60 * STEP)),
        ("exposure > 30", Empty(Lack.COMPARED)),
        ("exposure > on() max(rate)", Empty(Lack.COMPARED)),
        ("rate > 90 and nothing", Empty(Lack.OPERAND)),
        ("nothing > 3", Empty(Lack.OPERAND)),
        ("rate and trades_total", Empty(Lack.UNMATCHED, '{endpoint="products",job="bot"} beside '
                                                        '{job="bot",side="buy"}')),
        ("rate > on(endpoint) trades_total", Empty(Lack.UNMATCHED, '{endpoint="products",job="bot"} beside '
                                                                   '{job="bot",side="buy"}')),
        ("rate unless on(job) exposure", Empty(Lack.EXCLUDED)),
        ("absent(rate)", Empty(Lack.PRESENT)),
        ("rate(trades_total[5s])", Empty(Lack.SHORT)),
        ("histogram_quantile(0.9, rate)", Empty(Lack.BUCKETS)),
        ("topk(0, rate)", None),
        ("exposure", None),
    ],
)  # fmt: skip
def test_what_gives_nothing_says_why(engine: Engine, expr: str, empty: Empty | None) -> None:
    assert explain(engine, expr, AT).empty == empty


def test_what_comes_later_explains_nothing_of_before(engine: Engine) -> None:
    assert lack(explain(engine, "rate", T - 60_000)) is Lack.NAME
    assert lack(explain(engine, "left", T + 29 * STEP + 1)) is None


def test_a_part_that_fails_says_so_and_the_others_go_on(engine: Engine) -> None:
    whole = explain(engine, "rate * on(job) exposure > 3", AT)
    assert "multiple matches" in at(whole, "rate * on (job) exposure").problem
    assert [part.count for part in whole.walk() if part.leaf] == [2, 1]


def test_what_cannot_be_read_is_refused(engine: Engine) -> None:
    with pytest.raises(PromQLError, match="cannot read"):
        explain(engine, "rate >", AT)


def test_there_is_an_end_to_parts_series_and_texts() -> None:
    store = MemoryStore()
    page = {labels("wide", n=str(n), long="x" * 999): float(n) for n in range(500)}
    store.append_scrape("scrape", T, page)
    whole = explain(Engine(store), " - ".join(["wide"] * 300), T)
    parts = [*whole.walk()]
    assert len(parts) <= PARTS
    assert sum(part.cut for part in parts) > 0
    assert max(len(part.elements) for part in parts) == ELEMENTS
    assert {part.count for part in parts if not part.problem} == {500}
    assert max(len(part.text) for part in parts) < 1_100


def test_a_chain_of_one_operator_is_one_part(engine: Engine) -> None:
    whole = explain(engine, "nothing > 1 or exposure > 2 or rate > 3", AT)
    assert [part.text for part in whole.parts] == ["nothing > 1", "exposure > 2", "rate > 3"]
    assert [part.holds for part in whole.parts] == [False, True, True]


@given(PAGES, EXPRESSIONS, st.integers(0, 25))
def test_every_part_is_worth_what_the_engine_says_of_it(pages: Pages, expr: str, i: int) -> None:
    engine = Engine(watch(MemoryStore(), pages))
    moment = i * SCRAPE + 3_000
    for part in explain(engine, expr, moment).walk():
        if part.problem or part.gives not in (Gives.VECTOR, Gives.SCALAR):
            continue
        try:
            value = engine.instant(part.text, at=moment)
        except PromQLError:
            continue  # Two series that are one once their names have gone: of a part they may still be two.
        if isinstance(value, Scalar):
            assert [repr(one.value) for one in part.elements] == [repr(value.value)]
        else:
            assert isinstance(value, Vector)
            assert {(one.labels, repr(one.value)) for one in part.elements} == {
                (sample.labels, repr(sample.value)) for sample in value.samples
            }
