"""Metadata that is longer than what is read: the fields before the cut count, whatever stands in them."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradetop.events.metadata import METADATA_LIMIT, read

LONG = METADATA_LIMIT + 5_000


def cut(text: str) -> dict[str, object]:
    """What is read of the beginning of a text that would go on."""
    found = read(text, LONG)
    assert f"{LONG:,} characters" in found.text
    return dict(found.values)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ('{"a": "b", "c": 1.5, "d": true, "stack": "xx', {"a": "b", "c": 1.5, "d": True}),
        (' { "a" : "b" , "c" : 1 , "d" : ', {"a": "b", "c": 1}),
        ('{"a": 1, "b": 23', {"a": 1}),
        ('{"a": 1, "b": tru', {"a": 1}),
        ('{"a": 1, "b"', {"a": 1}),
        ('{"a": 1,', {"a": 1}),
        ('{"a": {"b": 2}, "c": {"d": 3', {"b": 2}),
        ('{"a": "}\\",\\"z\\": 1', {}),
        ('{"a": 1} {"b": 2', {"a": 1}),
        ('{"a": 1 "b": 2', {}),
        ("{", {}),
        ("[1, 2", {}),
        ("{" * 60_000, {}),
        ('{"a": 1, "b": ' + "[" * 60_000, {"a": 1}),
        ('"{\\"a\\": 1, \\"b\\": \\"x\\u00', {"a": 1}),
        ('"{\\"a\\": 1, \\', {"a": 1}),
        ("nothing", {}),
    ],
)
def test_whole_fields_before_the_cut_are_read(text: str, values: dict[str, object]) -> None:
    assert cut(text) == values


documents = st.dictionaries(
    st.text(max_size=8), st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=8)), max_size=12
)


@given(documents, st.integers(0, 200))
def test_no_field_is_read_that_the_whole_does_not_have(document: dict[str, object], at: int) -> None:
    whole = json.dumps(document)
    known = read(whole).values
    assert {*cut(whole[:at] + "~").items()} <= {*known.items()}
    assert read(whole[:at], 0).values in ({}, known)


@pytest.mark.parametrize("text", ['{"a":1' + ',"a":1' * 11_000, '{"a": "' + "\\\\" * 32_000, "{" + '"":' * 20_000])
def test_hostile_beginnings_take_no_time(text: str) -> None:
    started = time.perf_counter()
    for _ in range(50):
        read(text, LONG)
    assert time.perf_counter() - started < 2
