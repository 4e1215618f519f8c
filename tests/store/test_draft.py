"""A draft shows what its store would, had the samples been written."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tradetop.model.labels import Labels
from tradetop.model.sample import STALE
from tradetop.promql import Engine
from tradetop.store import MemoryStore
from tradetop.store.draft import Draft

STEP = 10_000
NAMES = [Labels({"__name__": name, "of": of}) for name in ("a_total", "b") for of in ("x", "y")]
EXPRESSIONS = (
    "a_total",
    "sum(b)",
    "rate(a_total[30s])",
    "max_over_time(b[1m])",
    '{of="x"}',
    "absent(b)",
    "b offset 10s",
)

values = st.one_of(st.integers(0, 9).map(float), st.just(STALE))
rows = st.lists(st.dictionaries(st.sampled_from(NAMES), values, max_size=4), min_size=1, max_size=8)


@given(rows, st.dictionaries(st.sampled_from(NAMES), values, max_size=4))
def test_a_draft_is_its_store_with_the_samples_written(
    before: list[dict[Labels, float]], new: dict[Labels, float]
) -> None:
    drafted, written = MemoryStore(), MemoryStore()
    for i, row in enumerate(before):
        for labels, value in row.items():
            drafted.append(labels, i * STEP, value)
            written.append(labels, i * STEP, value)
    t = len(before) * STEP
    draft = Draft(drafted)
    draft.write(t, new)
    for labels, value in new.items():
        written.append(labels, t, value)
    for expr in EXPRESSIONS:
        for at in (t - STEP, t, t + STEP):
            got, expected = (Engine(source).instant(expr, at=at) for source in (draft, written))
            assert {s.labels: s.value for s in got.samples} == {s.labels: s.value for s in expected.samples}


def test_what_is_cleared_is_gone() -> None:
    draft = Draft(MemoryStore())
    draft.write(STEP, {NAMES[0]: 1.0})
    assert len(draft.select([], 0, STEP)) == 1
    assert len(draft.select([], 0, STEP - 1)) == 0
    draft.clear()
    assert len(draft.select([], 0, STEP)) == 0
