"""No template, whatever it says, may hang, fill the memory or raise anything but TemplateError."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradetop.rules.template import Expansion, TemplateError, expand, expand_data

OF = Expansion("test", {"job": "api", "x": "é<\udcff"}, 1.5, 0)

BOMBS = {
    "{{ range 1000000000 }}{{ end }}": "more than 100,000 steps",
    "{{ range 99999 }}aaaaaaaaaaaaaa{{ end }}": "more than 100,000 characters of output",
    '{{ define "t" }}{{ template "t" . }}{{ end }}{{ template "t" }}': "exceeded maximum template depth",
    '{{ $x := "aaaaaaaa" }}{{ range 100 }}{{ $x = printf "%s%s" $x $x }}{{ end }}': "longer than the 100,000",
    "{{ $x := args 1 }}{{ range 100 }}{{ $x = args $x $x }}{{ end }}{{ $x }}": "longer than the 100,000",
    "{{ $x := args 1 }}{{ range 5000 }}{{ $x = args $x }}{{ end }}{{ $x }}": "nested too deeply",
    '{{ printf "%1000000d" 1 }}': "a width of 1000000",
    '{{ printf "%.999999f" 1.0 }}': "999999 digits",
    "{{ " + "(" * 5_000 + "1" + ")" * 5_000 + " }}": "nested too deeply",
    "{{ if 1 }}" * 3_000: "nested too deeply",
    '{{ reReplaceAll "" "' + "x" * 5_000 + '" "' + "y" * 5_000 + '" }}': "longer than the 100,000",
    '{{ $s := printf "%099999d" 1 }}{{ range 99999 }}{{ $y := match "x$" $s }}{{ end }}': "more than 100,000 steps",
    '{{ $s := printf "%099999d" 1 }}{{ range 99999 }}{{ $y := print $s }}{{ end }}': "more than 100,000 steps",
    "{{ 1 }}" + "x" * 40_000: "characters long",
}


@pytest.mark.parametrize("text", BOMBS, ids=range(len(BOMBS)))
def test_a_bomb_is_stopped_with_a_reason(text: str) -> None:
    began = time.process_time()
    with pytest.raises(TemplateError) as caught:
        expand(text, OF)
    assert BOMBS[text] in str(caught.value)
    assert time.process_time() - began < 5


def test_a_page_that_calls_itself_is_stopped() -> None:
    with pytest.raises(TemplateError, match=r"depth|deeply"):
        expand_data('{{ define "a" }}{{ tmpl "a" . }}{{ end }}{{ tmpl "a" . }}', None, OF, html=True)


WORDS = [
    *("{{", "}}", "{{-", "-}}", " ", "\n", "(", ")", "|", ".", "$", "=", ":=", ",", "/*", "*/", '"', "`", "'", "\\"),
    *("if", "else", "end", "range", "with", "define", "template", "block", "break", "continue", "nil", "true"),
    *("$labels", "$value", "$x", ".Labels", ".job", ".Value", ".Year", "0", "1", "-1", "1.5", "1e999", "0x", "'a'"),
    *('"a"', '"%d"', '"%*.*f"', '"%[2]v"', '"(a"', '"\\xff"', '"2006"', "é", "\x00", "\udcff", "\ud800"),
    *("printf", "print", "index", "slice", "len", "eq", "lt", "and", "not", "html", "js", "call", "query", "first"),
    *("value", "label", "sortByLabel", "match", "reReplaceAll", "title", "humanize", "humanizeDuration", "toTime"),
    *("humanizeTimestamp", "toDuration", "parseDuration", "stripDomain", "args", "now", "safeHtml", "urlquery"),
]
SOUP = st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join)
ACTIONS = st.lists(SOUP.map(lambda soup: f"{{{{ {soup} }}}}") | SOUP | st.text(max_size=8), max_size=4).map("".join)


NUMBERS = st.floats() | st.integers(-(2**63), 2**63 - 1) | st.floats().map(str) | st.text(max_size=6)
UNARY = ["humanize", "humanize1024", "humanizeDuration", "humanizePercentage", "humanizeTimestamp", "toTime", "print"]
OPTIONS = st.sampled_from([None, ["missingkey=error"], ["missingkey=default"]])


def outcome(expanded: Callable[[], str]) -> str:
    """The text, or that of the error after a mark; any other exception fails the test."""
    try:
        return expanded()
    except TemplateError as error:
        return f"!{error}"


@settings(max_examples=1_500, deadline=None)
@given(ACTIONS, OPTIONS, st.booleans())
def test_any_text_gives_a_text_or_a_template_error(text: str, options: list[str] | None, html: bool) -> None:
    for said in (
        outcome(lambda: expand(text, OF)),
        outcome(lambda: expand_data(text, None, OF, html=html, options=options)),
    ):
        assert not said.startswith("!error") or " template test: " in said


@settings(max_examples=500, deadline=None)
@given(st.sampled_from(UNARY), NUMBERS)
def test_any_value_can_be_given_to_any_function(name: str, value: object) -> None:
    said = outcome(lambda: expand_data(f"{{{{ {name} . }}}}|", value, OF))
    assert said.endswith("|") or f"error calling {name}: " in said


@settings(max_examples=500, deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_that_is_printed_reads_back_as_itself(value: float) -> None:
    assert float(expand_data("{{ . }}", value, OF)) == value
