"""A scope sees one bot of a store that holds many."""

from __future__ import annotations

from tradetop.model.matcher import Matcher, MatchOp
from tradetop.model.value import Vector
from tradetop.promql import Engine
from tradetop.store import MemoryStore
from tradetop.store.scope import Scope


def test_a_query_within_a_scope_sees_nothing_of_other_bots() -> None:
    store = MemoryStore()
    for job, value in (("mine", 1), ("other", 10)):
        store.append({"__name__": "up", "job": job}, 0, value)
    engine = Engine(Scope(store, [Matcher("job", MatchOp.EQUAL, "mine")]))
    for expr in ("sum(up)", 'sum({__name__=~"u.*"})', 'sum(up{job=~".+"})'):
        value = engine.instant(expr, at=0)
        assert isinstance(value, Vector)
        assert [sample.value for sample in value.samples] == [1.0], expr
    assert engine.instant('up{job="other"}', at=0) == Vector(())
