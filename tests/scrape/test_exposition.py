from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Summary, generate_latest
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics

from tradetop.model.labels import Labels
from tradetop.model.text import clean
from tradetop.scrape.exposition import PageParser, raw_lines
from tradetop.scrape.page import Page

OPEN = "application/openmetrics-text; version=1.0.0"
Recorded = Callable[..., Path]


def parse(text: str, content_type: str = "text/plain") -> Page:
    """The page as a fresh parser reads it, which must be how it reads it again."""
    parser = PageParser({})
    first = parser.parse(text, content_type)
    assert repr(parser.parse(text, content_type)) == repr(first)
    return first


def series(page: Page) -> dict[str, float]:
    return {str(labels): value for labels, value in page.samples.items()}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("a 1", {"a": 1.0}),
        ("a\t1", {"a": 1.0}),
        ("  a   1  ", {"a": 1.0}),
        ("a 1 1700000000000", {"a": 1.0}),
        ("a 1 -5", {"a": 1.0}),
        ("a{} 1", {"a": 1.0}),
        ('a {b="c"} 1', {'a{b="c"}': 1.0}),
        ('a{b="c",} 1', {'a{b="c"}': 1.0}),
        ('a{ b = "c" , d="e" } 1', {'a{b="c",d="e"}': 1.0}),
        ('a{b=""} 1', {"a": 1.0}),
        (r'a{b="x\\y\"z"} 1', {r'a{b="x\\y\"z"}': 1.0}),
        (r'a{b="two\nlines"} 1', {'a{b="two␊lines"}': 1.0}),
        (r'a{b="C:\dir"} 1', {r'a{b="C:\\dir"}': 1.0}),
        ('a{b="} 5 # {"} 1', {'a{b="} 5 # {"}': 1.0}),
        ('{"a.b",c="d"} 1', {'a.b{c="d"}': 1.0}),
        ('{c="d","a.b"} 1', {'a.b{c="d"}': 1.0}),
        ('a{"b.c"="d"} 1', {'a{b.c="d"}': 1.0}),
        ("a -0", {"a": -0.0}),
        ("a 1e308", {"a": 1e308}),
        ("a .5", {"a": 0.5}),
        ("a +Inf", {"a": math.inf}),
        ("a -inf", {"a": -math.inf}),
        ("a iNFinity", {"a": math.inf}),
        ('a{b="c"} 3 # {id="x"} 0.5', {'a{b="c"}': 3.0}),
        ("# a comment\na 1\n#\n\n", {"a": 1.0}),
    ],
)
def test_a_line_that_can_be_read(line: str, expected: dict[str, float]) -> None:
    page = parse(line + "\n")
    assert (series(page), page.errors) == (expected, ())


@pytest.mark.parametrize("text", ["NaN", "nan", "NAN"])
def test_nan_in_any_case_is_a_value(text: str) -> None:
    ((_, value),) = parse(f"a {text}\n").samples.items()
    assert math.isnan(value)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("a", "no value"),
        ("a 1_000", "1_000 is no number"),
        ("a 0x1p-3", "0x1p-3 is no number"),
        ("a １２", "１２ is no number"),
        ("a 1e400", "1e400 is beyond what a 64-bit float can hold"),
        ("a 1 2 3", "3 after the timestamp"),
        ("a 1 soon", "soon is no timestamp"),
        ("a 1\x0b", "1␋ is no number"),
        ("a true", "true is no number"),
        ('a{b="c} 1', "the value of label b is not in quotes, or they do not close"),
        ("a{b=c} 1", "the value of label b is not in quotes, or they do not close"),
        ('a{b="c" 1', "no comma or closing brace after a label"),
        ('a{b="c"', "no comma or closing brace after a label"),
        ('a{b="c",', "no closing brace"),
        ("a{b} 1", "label b has no value"),
        ('a{,b="c"} 1', ", where a label name should be"),
        ('a{b="c",,} 1', ", where a label name should be"),
        ('a{b="c",b="d"} 1', "label b stands twice"),
        ('a{"b"} 1', "two metric names"),
        ('{b="c"} 1', "no metric name"),
        ('{"",b="c"} 1', "an empty metric name"),
        ("9a 1", "no metric name at its start"),
        ("1", "no metric name at its start"),
        ('a{b="c"}1', "1 after the series, where a space should be"),
        ("a-b 1", "-b after the series, where a space should be"),
        ("a{" + ",".join(f'l{i}="x"' for i in range(70)) + "} 1", "71 labels, more than 64"),
        ('a{b="' + "x" * 5_000 + '"} 1', "label b of 5,000 characters, more than 4,096"),
        ("a" * 300 + " 1", "a metric name of 300 characters, more than 256"),
        ("a 1 # {id=x} 1", "an exemplar that cannot be read"),
        ("# TYPE a flag", '"flag" is no metric type'),
        ("# TYPE", "no metric name after TYPE"),
    ],
)
def test_a_bad_line_is_named_and_costs_that_line_only(line: str, problem: str) -> None:
    page = parse(f"before 1\n{line}\nafter 2\n")
    assert series(page) == {"before": 1.0, "after": 2.0}
    (error,) = page.errors
    assert (error.line, error.problem, page.error_count) == (2, problem, 1)
    assert error.text == clean(line, 80)
    assert page.refused_by_prometheus


def test_a_series_known_before_is_not_taken_for_another() -> None:
    parser = PageParser({})
    parser.parse("a 1 1700000000000\n")
    page = parser.parse('a {b="c"} 2\na 3\na{b="d"} 4 1700000000000\n')
    assert (series(page), page.errors) == ({'a{b="c"}': 2.0, "a": 3.0, 'a{b="d"}': 4.0}, ())


def test_the_first_twenty_bad_lines_are_kept_and_all_are_counted() -> None:
    page = parse("bad\n" * 50 + "a 1\n")
    assert (len(page.errors), page.error_count, [e.line for e in page.errors][-1]) == (20, 50, 20)


def test_of_duplicates_the_first_counts() -> None:
    page = parse('a{b="c",d="e"} 1\nx 5\na{d="e",b="c"} 2\n')
    assert (series(page), page.duplicates) == ({'a{b="c",d="e"}': 1.0, "x": 5.0}, 1)
    assert not page.refused_by_prometheus


def test_the_target_s_labels_win_and_the_page_s_are_kept_under_another_name() -> None:
    parser = PageParser({"job": "bots", "instance": "h:1", "env": "prod"})
    page = parser.parse('a{job="mine",exported_env="x",env="y",instance=""} 1\n')
    (labels,) = page.samples
    assert dict(labels) == {
        "__name__": "a", "job": "bots", "instance": "h:1", "env": "prod",
        "exported_job": "mine", "exported_env": "x", "exported_exported_env": "y",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("1", "1.0"), ("0", "0.0"), ("-1", "-1.0"), ("0.5", "0.5"), ("1.0", "1.0"), ("1e1", "10.0"), ("+Inf", "+Inf"),
        ("inf", "+Inf"), ("1000000", "1e+06"), ("123456", "123456.0"), ("0.00001", "1e-05"), ("0.0001", "0.0001"),
        ("1.6384e+06", "1.6384e+06"), ("1_0", "1_0"), ("soon", "soon"),
    ],
)  # fmt: skip
def test_bucket_bounds_are_stored_as_prometheus_3_does(text: str, stored: str) -> None:
    page = parse(f'a_bucket{{le="{text}"}} 1\nb{{quantile="{text}"}} 1\nc{{le="{text}"}} 1\n')
    assert [dict(labels).get("le", dict(labels).get("quantile")) for labels in page.samples] == [stored, stored, text]


def test_types_help_and_units() -> None:
    page = parse("# HELP a_total Trades \\\\ made.\n# TYPE a_total counter\na_total 1\n# TYPE b untyped\n")
    assert page.metadata["a_total"].help == "Trades \\ made."
    assert (page.metadata["a_total"].type, page.metadata["b"].type, "c" in page.metadata) == (
        "counter",
        "unknown",
        False,
    )
    page = parse("# TYPE lag_seconds histogram\n# UNIT lag_seconds seconds\n# HELP lag_seconds L\n# EOF\n", OPEN)
    assert (page.metadata["lag_seconds"].unit, page.errors) == ("seconds", ())


def test_help_and_labels_cannot_carry_escape_sequences() -> None:
    page = parse('# HELP a \x1b]0;title\x07\n# TYPE "\x1b[2J" gauge\na{b="\x1b[2J"} 1\n# \x1b[31mwords\n')
    assert page.metadata["a"].help == "␛]0;title␇"
    assert repr(page).isprintable()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("# Prometheus client not installed\n", "Prometheus client not installed"),
        ("", ""),
        ("# HELP a A\n# TYPE a gauge\n", ""),
        ("\n# \x1b[31mred\n", "␛[31mred"),
    ],
)
def test_the_page_s_own_words_where_it_has_no_samples(text: str, words: str) -> None:
    page = parse(text)
    assert (page.comment, dict(page.samples), page.error_count) == (words, {}, 0)


def test_a_last_line_that_may_be_cut_is_no_number() -> None:
    page = parse("a 1\nbalance 12")
    assert series(page) == {"a": 1.0}
    assert page.errors[0].problem.endswith("end the page with a line feed")
    assert not page.refused_by_prometheus


def test_openmetrics_without_its_end_is_cut() -> None:
    page = parse("a 1\nb 2\n", OPEN)
    assert page.problem.startswith("the page was cut off")
    assert parse("a 1\nb 2\n# EOF", OPEN).problem == ""


def test_windows_line_ends_are_read_and_prometheus_refusal_is_said() -> None:
    page = parse("# TYPE a gauge\r\na 1\r\n")
    assert (series(page), page.errors, page.refused_by_prometheus) == ({"a": 1.0}, (), True)


def test_a_page_with_too_many_series_is_not_used_and_names_the_largest_metric() -> None:
    text = "".join(f'orders{{id="{i}"}} 1\n' for i in range(40)) + "a 1\nb 2\n"
    parser = PageParser({}, limit=30)
    page = parser.parse(text)
    assert dict(page.samples) == {}
    assert page.problem == (
        "too many series (42 > 30): nothing of the page is used; "
        "most are orders (40): a label of it has too many values"
    )
    assert parser.parse("a 1\n").problem == ""


def test_series_that_keep_changing_do_not_fill_the_memory() -> None:
    parser = PageParser({})
    for start in range(0, 60_000, 3_000):
        parser.parse("".join(f'orders{{id="{start + i}"}} 1\n' for i in range(3_000)))
    assert len(parser._known) <= 3 * 3_000


def test_a_line_with_a_megabyte_label_among_good_ones() -> None:
    page = parse('a{b="' + "x" * 10**6 + '"} 1\nb 2\n')
    assert series(page) == {"b": 2.0}
    assert len(page.errors[0].text) < 120


def test_raw_lines_are_the_page_s_own() -> None:
    text = 'a 1\na{b="c"} 2\na{b="c",job="x"} 3\n# TYPE a gauge\nh_bucket{le="1"} 4\na{b="\x1b"} 5\nab 6\n{"q.r"} 7\n'
    page = PageParser({"job": "j", "instance": "i"}).parse(text)
    found = {str(labels.without("job", "instance")): raw_lines(text, labels) for labels in page.samples}
    assert found == {
        "a": ("a 1",),
        'a{b="c"}': ('a{b="c"} 2',),
        'a{b="c",exported_job="x"}': ('a{b="c",job="x"} 3',),
        'h_bucket{le="1.0"}': ('h_bucket{le="1"} 4',),
        'a{b="␛"}': ('a{b="␛"} 5',),
        "ab": ("ab 6",),
        "q.r": ('{"q.r"} 7',),
    }


def manifest(recorded: Recorded) -> list[dict[str, object]]:
    entries: list[dict[str, object]] = json.loads(recorded("exposition", "manifest.json").read_text())
    return entries


def test_pages_of_prometheus_own_parsers(recorded: Recorded) -> None:
    """Good pages give their samples; bad ones are named. Without a final line feed we trust the last line less."""
    wrong = []
    for entry in manifest(recorded):
        try:
            text = recorded("exposition", str(entry["page"])).read_bytes().decode()
        except UnicodeDecodeError:
            assert entry["expect"] == "fail"  # The fetch refuses it.
            continue
        kind = OPEN if entry["format"] == "openmetrics" else "text/plain"
        if entry["expect"] == "fail":
            page = parse(text, kind)
            if not (page.error_count or page.refused_by_prometheus):
                wrong.append(entry["page"])
            continue
        page = parse(text if kind == OPEN or text.endswith("\n") else text + "\n", kind)
        listed = {_cleaned(sample["labels"]): sample["value"] for sample in entry.get("samples", [])}  # type: ignore[attr-defined]
        if page.error_count or page.refused_by_prometheus or not listed.items() <= dict(page.samples).items():
            wrong.append(entry["page"])
    assert wrong == []


def _cleaned(labels: dict[str, str]) -> Labels:
    return Labels({clean(name): clean(value) for name, value in labels.items()})


names = st.from_regex(r"[a-z_][a-z0-9_]{0,8}", fullmatch=True)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
numbers = st.floats(allow_nan=False) | st.integers(-(2**60), 2**60).map(float)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(names, st.dictionaries(texts, numbers, min_size=1, max_size=4), max_size=5), texts)
def test_what_prometheus_client_writes_is_read_back(metrics: dict[str, dict[str, float]], words: str) -> None:
    registry, expected = CollectorRegistry(), dict[Labels, float]()
    for number, (name, children) in enumerate(metrics.items()):
        full = f"m{number}{name}"
        gauge = Gauge(full, words, ["kind"], registry=registry)
        for value_text, value in children.items():
            gauge.labels(value_text).set(value)
            expected[Labels({"__name__": full, "kind": clean(value_text, 4096)})] = value
    for text, kind in (
        (generate_latest(registry).decode(), "text/plain"),
        (generate_openmetrics(registry).decode(), OPEN),
    ):
        page = parse(text, kind)
        assert (page.errors, page.refused_by_prometheus) == ((), False)
        assert dict(page.samples) == expected


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0, 1e9), max_size=5))
def test_counters_histograms_and_summaries_of_prometheus_client(values: list[float]) -> None:
    registry = CollectorRegistry()
    counter = Counter("trades", "T", registry=registry)
    histogram = Histogram("lag_seconds", "L", buckets=(0.5, 1, 1e6), registry=registry)
    summary = Summary("size", "S", registry=registry)
    for value in values:
        counter.inc(value)
        histogram.observe(value)
        summary.observe(value)
    page = parse(generate_latest(registry).decode())
    total = sum(values)
    got = {text: value for text, value in series(page).items() if "_created" not in text}
    assert got == {
        "trades_total": pytest.approx(total),
        'lag_seconds_bucket{le="0.5"}': sum(v <= 0.5 for v in values),
        'lag_seconds_bucket{le="1.0"}': sum(v <= 1 for v in values),
        'lag_seconds_bucket{le="1e+06"}': sum(v <= 1e6 for v in values),
        'lag_seconds_bucket{le="+Inf"}': len(values),
        "lag_seconds_count": len(values),
        "lag_seconds_sum": pytest.approx(total),
        "size_count": len(values),
        "size_sum": pytest.approx(total),
    }
    assert page.errors == ()


pieces = st.lists(
    st.sampled_from(
        ["a", "b", "{", "}", '"', "=", ",", " ", "\t", "\n", "\\", "#", "# TYPE ", "# HELP ", " # {", "1", "NaN", "_",
         "e9", "\x00", "\x1b", "é", "le", "quantile", "_bucket", "# EOF", "\r\n", "."]
    ),
    max_size=30,
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(pieces.map("".join), st.sampled_from(["text/plain", OPEN]))
def test_no_page_makes_it_raise_and_all_that_comes_out_is_clean(text: str, kind: str) -> None:
    page = parse(text, kind)
    assert repr(page).isprintable()
    for labels in page.samples:
        assert labels.name
        assert str(labels) == clean(str(labels), 10_000)
    assert page.error_count >= len(page.errors)
    raw = [raw_lines(text, labels) for labels in page.samples]
    assert all(raw) or "\r" in text
