"""The witness: what values an expression really had in the recorded past."""

from __future__ import annotations

from functools import lru_cache
from math import isfinite

from tradetop.doctor.interval import Interval
from tradetop.doctor.knowledge import Knowledge
from tradetop.doctor.look import Trouble, Witness, no_trouble, no_witness
from tradetop.model.ports import Queryable
from tradetop.model.value import Matrix
from tradetop.promql import Engine, PromQLError
from tradetop.promql.nodes import Node
from tradetop.promql.text import written

STEPS = 300
"""At how many times an expression is evaluated."""
SAMPLES = 400_000
"""Samples that one expression may look at: a witness is asked for some dozens of them."""


def witness_of(store: Queryable | None, known: Knowledge, *, born: bool = True) -> Witness:
    """A witness of a store, over the time that is known; one that saw nothing where there is no store.

    Without `born` a counter's first value counts for nothing, whatever is known of it.
    """
    if store is None or not known.recorded:
        return no_witness
    engine = Engine(store, max_samples=SAMPLES, born_counters=born and known.born_counters)
    step = max(1_000, (known.at - known.since) // STEPS)

    @lru_cache(maxsize=512)
    def seen(text: str) -> tuple[Interval, float] | None:
        try:
            value = engine.range(text, start=known.since, end=known.at, step=step)
        except PromQLError:
            return None
        series = value.series if isinstance(value, Matrix) else ()
        values = [v for each in series for v in each.values if isfinite(v)]
        return (Interval(min(values), max(values)), sum(values) / len(values)) if values else None

    def witness(node: Node) -> tuple[Interval, float] | None:
        return seen(written(node))

    return witness


def trouble_of(store: Queryable | None, known: Knowledge) -> Trouble:
    """What keeps an expression from being evaluated over a store by now; nothing where there is no store."""
    if store is None:
        return no_trouble
    engine = Engine(store, born_counters=known.born_counters)

    def trouble(expr: str) -> str:
        try:
            engine.instant(expr, at=known.at)
        except PromQLError as error:
            return str(error).partition('": ')[2] or str(error)
        return ""

    return trouble
