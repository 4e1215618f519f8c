"""In every world in which a rule of a preset fires, the doctor says that it can."""

from __future__ import annotations

import pytest

from doctor.making import FAR
from presets.test_rules_can_fire import SYSTEMS
from presets.worlds import World, stored
from tradetop.doctor import Kind, judge, known_of
from tradetop.model.alert import Rule
from tradetop.promql import Engine
from tradetop.store import MemoryStore

WORLDS = [
    pytest.param(rule, {**good, **world}, id=f"{system}-{rule.name}-{i}")
    for system, (rules, good, cases) in SYSTEMS.items()
    for rule in rules
    for i, world in enumerate(cases[rule.name].fires)
]


@pytest.mark.parametrize(("rule", "world"), WORLDS)
def test_a_rule_that_fires_is_known_to_be_able_to(rule: Rule, world: World) -> None:
    names = None if "__name__" in rule.expr else Engine(MemoryStore()).metric_names(rule.expr)
    known = known_of(stored(world, names).select((), 0, FAR), {})
    (found,) = judge([rule], known)
    assert found.kind is Kind.CAN, found.reason
