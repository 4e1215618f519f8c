"""Prometheus' own PromQL cases, as instants and as ranges."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tradetop.model.sample import STALE
from tradetop.model.value import Matrix, Scalar, String, Vector
from tradetop.promql import Engine, PromQLError
from tradetop.store import MemoryStore

SPECIAL = {"NaN": math.nan, "+Inf": math.inf, "-Inf": -math.inf, "stale": STALE}
FILES = {
    "aggregators": 125,
    "at_modifier": 78,
    "collision": 2,
    "fill-modifier": 46,
    "limit": 1,
    "literals": 25,
    "name_label_dropping": 30,
    "operators": 142,
    "selectors": 31,
    "staleness": 17,
    "trig_functions": 19,
    "type_and_unit": 58,
}
"""How many cases without native histograms each file has."""

Case = dict[str, Any]
Points = dict[frozenset[tuple[str, str]], dict[int, float]]


def number(value: float | str) -> float:
    return SPECIAL[value] if isinstance(value, str) else float(value)


def filled(loads: list[Any], case: Case) -> MemoryStore:
    store = MemoryStore()
    for index in case["load"]:
        for series in loads[index]["series"]:
            for t, value in series["samples"]:
                if not isinstance(value, dict):
                    store.append(series["labels"], t, number(value))
    return store


def close(expected: float, actual: float) -> bool:
    return (expected != expected and actual != actual) or math.isclose(expected, actual, rel_tol=1e-6, abs_tol=1e-9)


def differences(expected: Points, actual: Points) -> list[str]:
    found = [f"missing {dict(labels)}" for labels in expected.keys() - actual.keys()]
    found += [f"unexpected {dict(labels)}" for labels in actual.keys() - expected.keys()]
    for labels in expected.keys() & actual.keys():
        want, have = expected[labels], actual[labels]
        if want.keys() != have.keys() or not all(close(want[t], have[t]) for t in want):
            found.append(f"{dict(labels)}: expected {want}, got {have}")
    return found


def points(value: object) -> Points:
    if isinstance(value, Vector):
        return {frozenset(s.labels.items()): {s.t: s.value} for s in value.samples}
    assert isinstance(value, Matrix)
    return {frozenset(s.labels.items()): dict(zip(s.times, s.values, strict=True)) for s in value.series}


def expected_points(case: Case) -> Points:
    return {
        frozenset(series["labels"].items()): {t: number(v) for t, v in series["values"]}
        for series in case["expect"]["series"]
    }


def unlike(said: Sequence[str], expected: list[dict[str, str]], none: bool) -> list[str]:
    """What is said beside a result, where that is not what is expected; most cases expect neither some nor none."""
    if none and said:
        return [f"said {said}"]
    missing = [
        want
        for want in expected
        if not any(text == want.get("msg", text) and re.fullmatch(want.get("regex", ".*"), text) for text in said)
    ]
    return [f"said {said} instead of {missing}"] if missing else []


def instant(engine: Engine, case: Case) -> list[str]:
    expect = case["expect"]
    value = engine.instant(case["expr"], at=case["at"])
    noted = unlike(value.warnings, expect["warn"], expect["no_warn"])
    noted += unlike(value.infos, expect["info"], expect["no_info"])
    if noted:
        return noted
    if expect["type"] == "string":
        return [] if isinstance(value, String) and value.value == expect["string"] else [f"got {value}"]
    if expect["type"] == "scalar":
        return [] if isinstance(value, Scalar) and close(number(expect["value"]), value.value) else [f"got {value}"]
    found = differences(expected_points(case), points(value))
    if expect["ordered"] and isinstance(value, Vector):
        want = [series["labels"] for series in expect["series"]]
        if want != [dict(sample.labels) for sample in value.samples]:
            found.append(f"order {[str(s.labels) for s in value.samples]}")
    return found


def as_range(engine: Engine, case: Case) -> list[str]:
    """An instant case at the middle of a range must give the same there."""
    expect, at = case["expect"], case["at"]
    if expect["type"] == "string" or "range_query_preprocessor" in case["expr"]:
        return []
    value = engine.range(case["expr"], start=at - 60_000, end=at + 60_000, step=60_000)
    assert isinstance(value, Matrix)
    there = {labels: {t: v for t, v in samples.items() if t == at} for labels, samples in points(value).items()}
    if expect["type"] == "scalar":
        return [] if close(number(expect["value"]), next(iter(there.values()))[at]) else [f"as a range: {there}"]
    found = differences(expected_points(case), {labels: samples for labels, samples in there.items() if samples})
    return [f"as a range: {each}" for each in found]


def over_range(engine: Engine, case: Case) -> list[str]:
    value = engine.range(case["expr"], start=case["start"], end=case["end"], step=case["step"])
    return differences(expected_points(case), points(value))


def check(engine: Engine, case: Case) -> list[str]:
    failing = bool(case["expect"]["fail"]) or case["expect"]["fail"] == {}
    try:
        if case["eval"] == "range":
            found = over_range(engine, case)
        else:
            found = instant(engine, case)
            if not failing and case["expect"]["type"] != "matrix":
                found += as_range(engine, case)
    except PromQLError as error:
        return [] if failing else [f"failed: {error}"]
    return ["should fail"] if failing else found


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("born", [False, True], ids=["plain", "born"])
def test_every_recorded_case_gives_what_prometheus_gives(file: str, born: bool, recorded: Callable[..., Path]) -> None:
    suite = json.loads(recorded("promql", f"{file}.json").read_text())
    cases = [case for case in suite["cases"] if not case["native_histogram"]]
    wrong = []
    for case in cases:
        found = check(Engine(filled(suite["loads"], case), born_counters=born), case)
        wrong += [f"{case['file']}:{case['line']}: {case['expr']}: {each}" for each in found]
    assert "\n".join(wrong) == ""
    assert len(cases) == FILES[file]
