"""How test files write series, as promtool reads them."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradetop.model.labels import Labels
from tradetop.model.sample import is_stale
from tradetop.rules.unittest.histogram import Histogram, histogram
from tradetop.rules.unittest.notation import metric, number, values


def said(text: str) -> list[str]:
    return ["stale" if isinstance(v, float) and is_stale(v) else str(v) for v in values(text)]


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("", []),
        ("1", ["1.0"]),
        ("  1\n 2\t3 ", ["1.0", "2.0", "3.0"]),
        ("1x2", ["1.0", "1.0", "1.0"]),
        ("0x2", ["0.0", "0.0", "0.0"]),
        ("1+2x3", ["1.0", "3.0", "5.0", "7.0"]),
        ("1-2x2", ["1.0", "-1.0", "-3.0"]),
        ("-4x1", ["-4.0", "-4.0"]),
        ("+1.5e1 .5", ["15.0", "0.5"]),
        ("0 _ 1", ["0.0", "None", "1.0"]),
        ("_x3 1", ["None", "None", "None", "1.0"]),
        ("0 stale", ["0.0", "stale"]),
        ("NaN Inf -Inf", ["nan", "inf", "-inf"]),
        ("0.1+0.2x2", ["0.1", "0.30000000000000004", "0.5"]),
        ("{{count:2 sum:3 buckets:[2]}}x1", ["{{count:2.0 sum:3.0 buckets:[2.0]}}"] * 1
         + ["{{count:2.0 sum:3.0 counter_reset_hint:not_reset buckets:[2.0]}}"]),
    ],
)  # fmt: skip
def test_values(text: str, points: list[str]) -> None:
    assert said(text) == points


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a", "'a' is no value"),
        ("1+1", "'1+1' is no value"),
        ("1 x2", "'x2' is no value"),
        ("1x", "'1x' is no value"),
        ("1x-2", "'1x-2' is no value"),
        ("1x2.5", "'1x2.5' is no value"),
        ("1,2", "'1,2' is no value"),
        ("staler", "'staler' is no value"),
        ("1x1000000000000", "more than 1,000,000 samples in one series"),
        ("1x999999 1x999999", "more than 1,000,000 samples in one series"),
        ("1 {{count:1}}", "numbers and native histograms in one series are not supported"),
        ("{{size:1}}", "'{{size:1}}': size:1 is not known"),
        ("{{sum:x}}", "'x' is not a number"),
        ("{{offset:1e99}}", "'1e99' is no index of a bucket"),
        ("{{schema:1}}+{{schema:2}}x2", "histograms of different schemas"),
    ],
)
def test_what_is_no_value_is_told(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=re.escape(reason)):
        values(text)


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("", {}),
        ("{}", {}),
        ("up", {"__name__": "up"}),
        ("up{}", {"__name__": "up"}),
        ('job:x:sum{a="b", c="d",}', {"__name__": "job:x:sum", "a": "b", "c": "d"}),
        ("{a='b'}", {"a": "b"}),
        ('{"a.b", "c.d"="e"}', {"__name__": "a.b", "c.d": "e"}),
        (r'{a="\"\\\t\x41\u00e9\101"}', {"a": '"\\␉AéA'}),
        ("{a=`\\n`}", {"a": "\\n"}),
        ('{a=","}', {"a": ","}),
        ('{a=""}', {}),
    ],
)
def test_series(text: str, labels: dict[str, str]) -> None:
    assert metric(text) == Labels(labels)


@pytest.mark.parametrize("text", ["up{", "up}", "1up", "up{a}", "up{a=b}", 'up{a="b" c="d"}', 'a{a="b",a="c"}', "a b"])
def test_what_is_no_series_is_told(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no series|is no label|has no value"):
        metric(text)


@pytest.mark.parametrize(("text", "value"), [("1", 1.0), ("-1.5e3", -1500.0), (".inf", math.inf), ("-Inf", -math.inf)])
def test_numbers(text: str, value: float) -> None:
    assert number(text) == value
    assert math.isnan(number(".NaN"))


def test_a_histogram_that_lost_counts_was_reset() -> None:
    first, second, third = values("{{count:5 buckets:[3 2]}} {{count:5 buckets:[2 3]}} {{count:6 buckets:[2 4]}}")
    hints = [each.hint for each in (first, second, third) if isinstance(each, Histogram)]
    assert hints == ["", "reset", "not_reset"]


def test_empty_buckets_make_no_difference() -> None:
    assert histogram("{{buckets:[0 1 0]}}") == histogram("{{offset:1 buckets:[1]}}")


@settings(deadline=None)
@given(st.text(alphabet="0123456789x+-_. stale{}nainf:[]bucketsum\n", max_size=40))
def test_no_text_makes_reading_raise_anything_else(text: str) -> None:
    for read in (values, metric, number):
        try:
            read(text)
        except ValueError:
            continue


@settings(deadline=None)
@given(st.integers(-1000, 1000), st.integers(-50, 50), st.integers(0, 200))
def test_a_ramp_is_what_it_says(first: int, step: int, times: int) -> None:
    assert values(f"{first}{step:+}x{times}") == [float(first + step * i) for i in range(times + 1)]
