"""docs/promql.md says what is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tradetop.promql import PromQLError
from tradetop.promql.ast import parse
from tradetop.promql.caps import NESTING, OPERATORS, TEXT
from tradetop.promql.durations import NESTING as NESTING_OF_DURATIONS
from tradetop.promql.durations import SUMS
from tradetop.promql.engine import MAX_SAMPLES
from tradetop.promql.lex import AGGREGATORS

PAGE = (Path(__file__).parents[2] / "docs" / "promql.md").read_text()
SPANS = re.findall(r"`([^`\n]+)`", PAGE)


def test_the_error_is_what_the_page_shows() -> None:
    (said,) = re.findall(r"^    (cannot read .*)$", PAGE, re.MULTILINE)
    query = re.match(r'cannot read "(.*?)": ', said)
    assert query is not None
    with pytest.raises(PromQLError) as raised:
        parse(query[1])
    assert str(raised.value) == said


QUERIES = [span for span in SPANS if re.match(r"\w+\(x|x ", span)]
SUFFIXES = [span for span in SPANS if re.match(r"offset \S|@ \S|\[.*\]$", span) and "..." not in span]


@pytest.mark.parametrize("query", [*QUERIES, *(f"x {suffix}" for suffix in SUFFIXES)])
def test_what_it_writes_is_read(query: str) -> None:
    parse(query)


def test_there_is_much_to_read() -> None:
    assert len(QUERIES) > 6
    assert len(SUFFIXES) > 10


def test_it_names_every_aggregation() -> None:
    (named,) = [span for span in SPANS if span.startswith("sum avg")]
    assert set(named.split()) == AGGREGATORS


def test_its_numbers_are_read() -> None:
    (row,) = re.findall(r"^\| numbers \| (.*) \|$", PAGE, re.MULTILINE)
    for number in re.findall(r"`([^`]+)`", row):
        parse(number)


def test_the_limits_are_those_of_the_page() -> None:
    rows = dict(re.findall(r"^\| ([^|]+?) \| ([^|]+?) \|$", PAGE.split("## Limits")[1], re.MULTILINE))
    assert rows["length of a query"] == f"{TEXT:,} bytes"
    assert rows["operators"] == f"{OPERATORS:,}, of which {SUMS} within durations"
    assert rows["brackets within brackets, or operands within operands"] == (
        f"{NESTING}; within a duration {NESTING_OF_DURATIONS}"
    )
    assert rows["samples looked at"] == f"{MAX_SAMPLES:,}"
