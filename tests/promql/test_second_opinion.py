"""Our parser beside promql-parser's: what both read is the same, and where they differ is known."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from promql.made_queries import Maker
from promql.second_opinion import RefusedError, opinion
from tradetop.promql import PromQLError
from tradetop.promql.ast import parse

WE_REFUSE = [
    # Prometheus fills between two vectors alone, and not for set operators.
    r"fill completes two instant vectors",
    r"takes no fill",
    # It wants a scalar there.
    r"limit(k|_ratio)\(\) takes a scalar first",
    # Regular expressions are RE2, which has no \u.
    r"is no RE2 regular expression",
    # 1e400 is no number, and half a character no text.
    r"is too large for a number",
    r"half a character",
]
IT_REFUSES = [
    # A time before 1970, and one after the year 9999.
    r"SystemTimeError",
    # A fraction may begin with its dot.
    r"unexpected character inside brackets: '\.'",
    r"unexpected character inside brackets: '-'",
    # Durations are worked out.
    r"invalid promql query",
    r"unexpected .* in (offset|subquery)",
    # A label's name may hold any character.
    r"is not valid label in grouping opts",
]
EXPERIMENTAL = re.compile(r"offset\s*[-+]?\s*\(")


def difference(query: str) -> str | None:
    """What the two parsers do not agree in; None where they agree, or the reason is known."""
    ours = theirs = problem = ""
    try:
        ours = repr(parse(query))
    except PromQLError as error:
        problem = str(error)
    try:
        theirs = repr(opinion(query))
    except RefusedError as error:
        known = any(re.search(each, str(error)) for each in IT_REFUSES) and (
            "invalid promql query" not in str(error) or EXPERIMENTAL.search(query)
        )
        return None if problem or known else f"{query!r}: only we read it; it says {error}"
    if problem:
        return None if any(re.search(each, problem) for each in WE_REFUSE) else f"{query!r}: only we refuse: {problem}"
    if ours == theirs:
        return None
    return f"{query!r}:\n{ours}\n{theirs}"


@pytest.mark.parametrize("seed", range(8))
def test_queries_made_up_are_read_alike(seed: int) -> None:
    found = [difference(query) for query in Maker(seed).queries(1_000)]
    assert [each for each in found if each] == []


def test_enough_of_them_are_right() -> None:
    def right(query: str) -> bool:
        try:
            parse(query)
        except PromQLError:
            return False
        return True

    assert 300 < sum(map(right, Maker(0).queries(1_000))) < 800


def test_prometheus_own_queries_are_read_alike(recorded: Callable[..., Path]) -> None:
    queries = [
        case["expr"] for file in recorded("promql").glob("*.json") for case in json.loads(file.read_text())["cases"]
    ]
    assert len(queries) > 600
    assert [each for each in map(difference, queries) if each] == []


def test_a_real_bots_rules_are_read_alike(recorded: Callable[..., Path]) -> None:
    text = recorded("247trader", "prometheus_alerts.yml").read_text()
    queries = re.findall(r"^ +expr: ([^|\n].*)$", text, re.MULTILINE)
    assert len(queries) > 5
    assert [each for each in map(difference, queries) if each] == []
