"""Values survive the way through text, and other versions of themselves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradetop.model.target import Component, Health, HealthState, LineError, Mode, TargetStatus
from tradetop.store.codec import decode, encode

texts = st.text(max_size=20)
times = st.none() | st.integers(0, 2**50)
components = st.builds(Component, texts, texts, texts, st.none() | st.floats(allow_nan=False))
healths = st.builds(
    Health,
    role=texts,
    state=st.sampled_from(HealthState),
    latency=st.none() | st.floats(allow_nan=False),
    checked_at=times,
    mode=st.sampled_from(Mode),
    components=st.tuples(components),
    issues=st.tuples(texts, texts),
)
statuses = st.builds(
    TargetStatus,
    up=st.none() | st.booleans(),
    scraped_at=times,
    reason=texts,
    errors=st.tuples(st.builds(LineError, st.integers(0, 99), texts, texts)),
    healths=st.tuples(healths, healths),
    mode=st.sampled_from(Mode),
)


@given(statuses)
def test_what_is_written_is_read_back(status: TargetStatus) -> None:
    assert decode(TargetStatus, encode(status)) == status


def test_fields_of_another_version_are_passed_over_and_missing_ones_default() -> None:
    assert decode(TargetStatus, '{"up": true, "colour": "red"}') == TargetStatus(up=True)


@pytest.mark.parametrize(
    "text",
    ["", "[", "null", "7", '{"up": "yes"}', '{"healths": [{"role": 1}]}', '{"healths": [{}]}', '{"mode": "MAYBE"}'],
)
def test_nonsense_is_one_kind_of_error(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        decode(TargetStatus, text)
