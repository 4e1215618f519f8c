"""Text from promtool, and OpenMetrics, becomes samples; a bad line costs that line."""

from __future__ import annotations

import io
import math
import struct

import pytest

from tradetop.model.labels import Labels
from tradetop.model.ports import Metadata
from tradetop.model.sample import is_stale
from tradetop.transfer.lines import LINE_LIMIT, SHOWN, Lines, Sample


def read(text: str | bytes) -> tuple[list[Sample], Lines]:
    lines = Lines()
    body = text if isinstance(text, bytes) else text.encode()
    return list(lines.samples(io.BytesIO(body))), lines


def test_what_promtool_dumps() -> None:
    found, lines = read(
        '{__name__="up", instance="a:1", job="x \\"y\\""} 1 1763426873013\n'
        '{__name__="up", instance="a:1", job="x \\"y\\""} 1e+06 1763426888014\n'
        '{__name__="h_bucket", le="1"} +Inf -5\n'
    )
    up = Labels({"__name__": "up", "instance": "a:1", "job": 'x "y"'})
    bucket = Labels({"__name__": "h_bucket", "le": "1.0"})
    assert found == [(up, 1763426873013, 1.0), (up, 1763426888014, 1e6), (bucket, -5, math.inf)]
    assert lines.fault_count == 0


def test_the_first_nan_behind_a_number_is_the_end_of_a_series() -> None:
    found, _ = read("".join(f'{{__name__="m"}} {v} {t}\n' for t, v in enumerate(["NaN", "NaN", "1", "NaN", "NaN"])))
    assert [is_stale(value) for _, _, value in found] == [False, False, False, True, False]
    assert [math.isnan(value) for _, _, value in found] == [True, True, False, True, True]


def test_openmetrics() -> None:
    found, lines = read(
        "# TYPE a counter\n# HELP a What it is.\n# UNIT b seconds\n"
        'a_total{x="1"} 5 1700000000.013 # {trace="t"} 1 1700000000\n'
        "a_created 1.7e9 1700000001\n"
        '{"a.b","l.m"="v"} NaN 1700000002.5\n'
        "# EOF\n"
        "after it nothing counts\n"
    )
    assert [(str(labels), t) for labels, t, _ in found] == [
        ('a_total{x="1"}', 1700000000013),
        ("a_created", 1700000001000),
        ('a.b{l.m="v"}', 1700000002500),
    ]
    assert struct.pack(">d", found[2][2]) == struct.pack(">d", math.nan)
    assert lines.metadata["a"] == Metadata("counter", "What it is.")
    assert (lines.faults, lines.native) == ([], 0)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("up 1", "no timestamp"),
        ("up", "no value"),
        ("up one 1", "one is no number"),
        ("up 1 1e12", "1e12 is no time in seconds: are they milliseconds?"),
        ("up 1 now", "now is no timestamp"),
        ("up 1 nan", "nan is no timestamp"),
        ("up 1 -inf", "-inf is no timestamp"),
        ("up 1 1 1 1", "too many words"),
        ("up{a=b} 1 1", "the value of label a is not in quotes, or they do not close"),
        ('up{a="b} 1 1', "the value of label a is not in quotes, or they do not close"),
        ("{} 1 1", "no metric name"),
        ("\x1b[2J 1 1", "no metric name at its start"),
        ("up 1 \x1b[2J", "\u241b[2J is no timestamp"),
    ],
)
def test_a_bad_line_is_named_and_costs_no_other(line: str, problem: str) -> None:
    found, lines = read(f"up 1 1\n{line}\nup 2 2\n")
    assert [value for _, _, value in found] == [1.0, 2.0]
    assert lines.faults == [(2, problem)]


def test_native_histograms_are_counted_and_left_out() -> None:
    found, lines = read('{__name__="h"} {count:5, sum:3, [1,2):5} 17\n{__name__="g"} 1 17\n')
    assert (len(found), lines.native, lines.fault_count) == (1, 1, 0)


def test_garbage_is_bounded() -> None:
    found, lines = read(b"\xff\xfe\x00" * LINE_LIMIT + b"\nup 1 1\n" + b"no\n" * 1_000)
    assert len(found) == 1
    assert lines.fault_count == 1_001
    assert lines.faults[0] == (1, "a line of more than 1,048,576 bytes")
    assert len(lines.faults) == SHOWN
