"""What of PromQL is read, what is refused, and how an error points at the character."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradetop.promql import PromQLError
from tradetop.promql.ast import parse
from tradetop.promql.nodes import Aggregate, Binary, Call, Node, Number, Range, Selector, Subquery, Text, walk
from tradetop.promql.text import written


def fault(query: str) -> str:
    """Where and what an error says, without the query."""
    with pytest.raises(PromQLError) as raised:
        parse(query)
    return str(raised.value).rpartition('": ')[2] if '": ' in str(raised.value) else str(raised.value)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("up ==", "1:6: unexpected end of the query, expected an expression"),
        ("up ==\n", "1:6: unexpected end of the query, expected an expression"),
        ("a + )", '1:5: unexpected ")", expected an expression'),
        ("a\n + )", '2:4: unexpected ")", expected an expression'),
        ("# all\nsum(a) b", '2:8: unexpected "b", expected an operator or the end of the query'),
        ("a)", '1:2: unexpected ")", expected an operator or the end of the query'),
        ("(a", '1:3: unexpected end of the query, expected an operator or ")"'),
        ("sum(a = 1)", '1:7: unexpected "=", expected an operator, "," or ")"; equality is =='),
        ("rate(x[5m)", '1:10: unexpected ")", expected ":" or "]"'),
        ("a[5x]", '1:3: "5x" is neither a number nor a duration such as 1h30m'),
        ("a[1m1h]", '1:3: "1m1h" is neither a number nor a duration such as 1h30m'),
        ("a[0s]", "1:3: a range or step must be at least 1ms"),
        ("a[5m:0s]", "1:6: a range or step must be at least 1ms"),
        ("a[-5m]", "1:3: a range or step must be at least 1ms"),
        ("a[1h/0]", "1:5: a division by zero"),
        ("a[x]", '1:3: unexpected "x", expected a duration such as 5m, step() or range()'),
        ("x{a=b}", '1:5: unexpected "b", expected a quoted text'),
        ("x{a}", '1:4: unexpected "}", expected =, !=, =~ or !~'),
        ('x{a="b" c="d"}', '1:9: unexpected "c", expected "," or "}"'),
        ("{}", "1:1: this selects every series: name a metric, or a label that must not be empty"),
        ('{x=~".*"}', "1:1: this selects every series: name a metric, or a label that must not be empty"),
        ('{x!="a"}', "1:1: this selects every series: name a metric, or a label that must not be empty"),
        ('a{__name__="b"}', '1:3: the metric is named twice, "a" and "b"'),
        ('a{"b"}', '1:3: the metric is named twice, "a" and "b"'),
        ("1 == 1", "1:3: a comparison of two scalars needs bool: == bool"),
        ("a + bool b", "1:3: bool belongs to comparisons, not to +"),
        ("1 and a", "1:3: and works on two instant vectors, not on a scalar"),
        ("a[5m] + 1", "1:1: + works on scalars and instant vectors, not on a range vector"),
        ('a + "x"', "1:5: + works on scalars and instant vectors, not on a string"),
        ("a or on(x) group_left(y) b", "1:3: or takes no group_left: it matches many with many"),
        ("a * group_left(x) b", "1:5: group_left comes after on(...) or ignoring(...)"),
        ("a * on(x) group_left(x) b", '1:3: "x" cannot be both matched on and taken from the other side'),
        ("1 + on(x) a", "1:3: on and ignoring match two instant vectors"),
        ("a or fill(0) b", "1:3: or takes no fill"),
        ("a + fill(0) 1", "1:3: fill completes two instant vectors"),
        ("a + fill(0) fill_left(1) b", "1:13: fill_left is given where fill_left is known already"),
        ("sum by x (y)", '1:8: unexpected "x", expected "("'),
        ("sum(a, b)", "1:1: sum() takes 1 argument, got 2"),
        ("topk(a, b)", "1:6: topk() takes a scalar first, not an instant vector"),
        ("sum(a[5m])", "1:5: sum() aggregates an instant vector, not a range vector"),
        ("rate(a)", "1:6: rate() takes a range vector such as x[5m] here, not an instant vector"),
        ("rate(a[5m], 1)", "1:1: rate() takes 1 argument, got 2"),
        ("hour(a, b)", "1:1: hour() takes 0 to 1 arguments, got 2"),
        ("1 + ratee(a[5m])", "1:5: there is no function ratee(); did you mean rate?"),
        ("abs(a,)", '1:7: unexpected ")", expected an expression'),
        ("-a[5m]", "1:2: a sign belongs to a scalar or an instant vector, not to a range vector"),
        ("(a)[5m]", "1:4: only a selector has a range such as [5m]; a subquery is written [5m:]"),
        ("a offset 5m [5m]", "1:13: a range comes before offset and @"),
        ("sum(a) offset 5m", "1:8: offset must directly follow a selector, a range or a subquery"),
        ("a offset 1m offset 1m", "1:13: offset is given twice"),
        ("a @ 1 @ 2", "1:7: @ is given twice"),
        ("a @ b", '1:5: unexpected "b", expected a time in seconds, start() or end()'),
        ("a[5m:1m][5m:]", "1:1: a subquery looks at an instant vector, not at a range vector"),
        ("a anchored smoothed", "1:12: a selector is either anchored or smoothed"),
        ("a[5m:] smoothed", "1:8: a subquery cannot be smoothed"),
        (
            "sum_over_time(a[5m] anchored)",
            "1:15: only changes, delta, increase, rate, resets take a window that is anchored",
        ),
        ("resets(a[5m] smoothed)", "1:8: only delta, increase, rate take a window that is smoothed"),
        ("info(a, b)", '1:9: unexpected "b", expected labels in braces such as {version=~".+"}'),
        ("1e400", "1:1: 1e400 is too large for a number"),
        ("1__0", '1:1: "1__0" is neither a number nor a duration such as 1h30m'),
        ('"abc', '1:1: the text that begins with " here does not end'),
        (r'x{a="\q"}', r"1:5: unknown escape \q"),
        (r'x{a="\ud800"}', r"1:5: unknown escape \ud800"),
        ('x{a=~"("}', '1:6: "(" is no RE2 regular expression: missing ): ('),
        ('label_replace(x, "a", "b", "c", "(")', '1:33: "(" is no RE2 regular expression: missing ): ('),
        ("a $ b", '1:3: unexpected character "$"'),
        ("é", '1:1: unexpected character "é"'),
        ('x{a:b="c"}', '1:3: "a:b" is no label unless it is quoted: a colon belongs to names of metrics'),
    ],
)
def test_an_error_says_where_and_what_was_expected(query: str, said: str) -> None:
    assert fault(query).endswith(said)


@pytest.mark.parametrize(
    ("query", "same"),
    [
        ("1_000 + 0x1_F + 010 + 1_0.5e1_0", "1000 + 31 + 8 + 105000000000"),
        ("5m * 1h30m", "300 * 5400"),
        ("x[300] offset 1.5", "x[5m] offset 1s500ms"),
        ("x[5m * 2]", "x[10m]"),
        ("x[(5+2) * 1m] offset ((2 ^ 3) * 1m)", "x[7m] offset 8m"),
        ("x offset (4h % 3h) - 1", "x offset 1h - 1"),
        ("x offset -(1h / 2)", "x offset -30m"),
        ("x offset min(1h, 30m)", "x offset 30m"),
        ("x offset -2^2", "x offset -2s ^ 2"),
        ("x[-2^2 + 1m]", "x[56s]"),
        ("x[max(1m, 5s):min(10s, 30s)]", "x[1m:10s]"),
        ("x @ -5", "x @ -5.000"),
        ("x @ 5m", "x @ 300.000"),
        ("x[5m] offset 1m @ start() anchored", "x[5m] anchored @ start() offset 1m"),
        ("x smoothed", "x smoothed"),
        ("SUM BY (a) (x) Or TopK(1, x)", "sum by (a) (x) or topk(1, x)"),
        ("sum(x) by (a,)", "sum by (a) (x)"),
        ('x{a="b",}', 'x{a="b"}'),
        ('{"a.b", "c d"="e"}', '{__name__="a.b", "c d"="e"}'),
        ('sum by ("a.b", bool, a:b) (x)', 'sum by ("a.b", bool, "a:b") (x)'),
        ("a + fill(0) b", "a + fill (0) b"),
        ("fill + fill_left", '{__name__="fill"} + {__name__="fill_left"}'),
        (
            "a * on(x) group_left fill_left(-Inf) fill_right(1m) b",
            "a * on (x) group_left () fill_left (-Inf) fill_right (60) b",
        ),
        (r'"\x41\u00e9\U0001F600\101\n"', '"Aé😀A\\n"'),
        (r'"\xc3\xa9"', '"é"'),
        (r"'it\'s'", '"it\'s"'),
        ("`a\\n`", '"a\\\\n"'),
        ("a # all\n + # of it\n b", "a + b"),
        ("+x", "+x"),
        ("2 ^ -1 * 3", "2 ^ (-1) * 3"),
        ("-1 ^ 2", "-1 ^ 2"),
        ("info(x, {})", "info(x, {})"),
        ('info(x, {__name__=~".+_info", version=~".+",})', 'info(x, {__name__=~".+_info", version=~".+"})'),
    ],
)
def test_what_is_read_is_written_the_usual_way(query: str, same: str) -> None:
    assert written(parse(query)) == same
    assert repr(parse(same)) == repr(parse(query))


def test_a_quote_of_the_other_kind_needs_no_escape() -> None:
    assert parse("'\"'") == parse(r'"\""')
    assert "unknown escape" in fault(r"""'\"'""")


WORDS = ["sum", "min", "by", "without", "and", "or", "unless", "offset", "start", "end", "step", "range", "anchored",
         "smoothed", "fill", "fill_left", "limitk"]  # fmt: skip


@pytest.mark.parametrize("word", WORDS)
def test_a_keyword_may_name_a_metric_and_a_label(word: str) -> None:
    query = f'{word} + {word}{{{word}="a"}} offset 5m + sum by ({word}) ({word})'
    assert all(node.matchers[0].value == word for node in walk(parse(query)) if isinstance(node, Selector))


@pytest.mark.parametrize("word", ["bool", "on", "ignoring", "group_left", "group_right", "atan2"])
def test_a_keyword_that_names_no_metric_may_be_quoted(word: str) -> None:
    assert "expected an expression" in fault(word) or "comes after" in fault(word)
    assert parse(f'{{"{word}"}}') == parse(f'{{__name__="{word}"}}')
    parse(f'sum by ({word}) (a{{{word}="b"}})')


def test_infinity_and_nothing_are_numbers_in_any_letters() -> None:
    for text, value in (("inf", math.inf), ("-Inf", -math.inf), ("+INF", math.inf)):
        assert parse(text) == Number(value)
    node = parse("NaN")
    assert isinstance(node, Number)
    assert math.isnan(node.value)


def test_every_node_knows_its_place() -> None:
    query = '  sum by (job) (rate(a_total{x="y"}[5m] offset 1h)) / on(job) (b - -1)'
    query += " > bool max_over_time((c)[1h:1m] @ 5) ^ 2 "
    spots: dict[type[Node], list[str]] = {}
    for node in walk(parse(query)):
        start, end = node.place
        spots.setdefault(type(node), []).append(query[start:end])
    assert spots == {
        Binary: [query.strip(), query[2 : query.index(" > bool")], "max_over_time((c)[1h:1m] @ 5) ^ 2", "b - -1"],
        Aggregate: ['sum by (job) (rate(a_total{x="y"}[5m] offset 1h))'],
        Call: ["max_over_time((c)[1h:1m] @ 5)", 'rate(a_total{x="y"}[5m] offset 1h)'],
        Range: ['a_total{x="y"}[5m] offset 1h'],
        Subquery: ["(c)[1h:1m] @ 5"],
        Selector: ["b", "c", 'a_total{x="y"}'],
        Number: ["2", "-1"],
    }
    assert parse('"text" ').place == (0, 6)
    assert isinstance(parse('"text"'), Text)


def test_a_place_is_no_part_of_what_is_said() -> None:
    assert parse("a+b") == parse(" a  + b")
    assert hash(parse("a+b")) == hash(parse("a + b"))


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("a+" * 5_000 + "a", "10,001 bytes long; at most 4,096 are read"),
        ("-" * 100_000, "100,000 bytes long"),
        ("(" * 101 + "a" + ")" * 101, "1:101: the query is nested more than 100 deep"),
        ("abs(" * 101 + "a" + ")" * 101, "nested more than 100 deep"),
        ("-" * 200 + "a", "nested more than 100 deep"),
        ("a" + "^2" * 200, "nested more than 100 deep"),
        ("a or b and c == d + e * f ^ (" * 60 + "a" + ")" * 60, "nested more than 100 deep"),
        ("1" + "+1" * 1_001, "more than 1,000 operators"),
        ("a[" + "(" * 60 + "1" + ")" * 60 + "]", "nested more than 50 deep"),
        ("a[" + "1+" * 1_500 + "1]", "more than 100 operators"),
        ("9" * 4_000, "… is too large for a number"),
        ("a[" + "9" * 400 + "d]", "… is longer than 292 years"),
        ("(" * 4_000, "nested more than 100 deep"),
        ("a[" * 1_300, 'unexpected "a"'),
        ('"' + "\\" * 4_000, "does not end"),
        ("a\ud800", "unexpected character"),
        ("\x00", "unexpected character"),
    ],
)  # fmt: skip
def test_what_costs_too_much_is_refused_at_once(query: str, says: str) -> None:
    with pytest.raises(PromQLError) as raised:
        parse(query)
    assert says in str(raised.value)
    assert len(str(raised.value)) < 1_100


@pytest.mark.parametrize(
    "query",
    ["(" * 100 + "a" + ")" * 100, "abs(" * 99 + "a" + ")" * 99, "a + (" * 99 + "a" + ")" * 99, "a" + "^2" * 99],
)
def test_what_is_just_allowed_is_read_and_written(query: str) -> None:
    assert written(parse(written(parse(query)))) == written(parse(query))


def test_a_deep_stack_gives_an_error_of_ours() -> None:
    def sunk(depth: int) -> None:
        if depth:
            sunk(depth - 1)
        else:
            parse("a - (" * 98 + "b" + ")" * 98)

    with pytest.raises(PromQLError, match="nested too deep"):
        sunk(800)


WORDS_AND_SIGNS = [
    *"()[]{},:=+-^@#'`\\._ \n\x00é",
    *("=~", "5m", "1", "0x", "1e", '"x"', "a", "sum", "by", "offset", "rate", "start", "step", "anchored", "smoothed"),
    *("fill", "group_left", "on", "bool", "and", "info", "min"),
]
PIECES = st.sampled_from(WORDS_AND_SIGNS)


@settings(max_examples=600, deadline=None)
@given(st.lists(PIECES, max_size=25).map("".join) | st.text(max_size=30) | st.lists(PIECES, max_size=25).map(" ".join))
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    problem = ""
    try:
        node = parse(text)
        assert repr(parse(written(node))) == repr(node)
    except PromQLError as error:
        problem = str(error)
    assert problem == "" or problem.isprintable()
