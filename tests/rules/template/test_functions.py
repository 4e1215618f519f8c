"""Prometheus' functions at the edges that its own suite does not show."""

from __future__ import annotations

import pytest

from tradetop.rules.template import Expansion, TemplateError, expand, expand_data
from tradetop.rules.template.values import Slice, typed

OF = Expansion("test", {}, 0.0, 1_353_755_652_500, external_url="http://h:9090/a%20b/")


@pytest.mark.parametrize(
    ("text", "gives"),
    [
        ('{{ parseDuration "1h30m" }}', "5400"),
        ('{{ parseDuration "-30m" }}', "-1800"),
        ('{{ parseDuration "1w2d" }}', "777600"),
        ('{{ parseDuration "500ms" }}', "0.5"),
        ('{{ parseDuration "0" }}', "0"),
        ("{{ now }}", "1.3537556525e+09"),
        ("{{ pathPrefix }}", "/a b/"),
        ("{{ externalURL }}", "http://h:9090/a%20b/"),
        (
            "{{ humanize 999999 }} {{ humanize 0.00012 }} {{ humanize -0.5 }} {{ humanize 1e30 }}",
            "1000k 120u -500m 1e+06Y",
        ),
        (
            "{{ humanizeDuration -0.001 }} {{ humanizeDuration 59.9999 }} {{ humanizeDuration -90.5 }}",
            "-1ms 60s -1m 30s",
        ),
        ("{{ (toTime 1e9).Format `Mon, 02 Jan 2006 03:04:05.000 PM Z07:00` }}", "Sun, 09 Sep 2001 01:46:40.000 AM Z"),
        ("{{ ((toTime 0).AddDate 0 1 30).Format `2006-01-02` }}", "1970-03-03"),
        ('{{ title "two words_here" }} {{ toUpper "straße" }}', "Two Words_here STRAßE"),
        ('{{ reReplaceAll "(?P<host>[a-z]+):\\\\d+" "${host}!$$$1" "api:80 db:81" }}', "api!$api db!$db"),
    ],
)
def test_a_function_gives(text: str, gives: str) -> None:
    assert expand(text, OF) == gives


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{{ parseDuration "" }}', "empty duration string"),
        ('{{ parseDuration "1m1h" }}', 'not a valid duration string: "1m1h"'),
        ('{{ parseDuration "5" }}', 'not a valid duration string: "5"'),
        ('{{ parseDuration "5q" }}', 'unknown unit "q" in duration "5q"'),
        ('{{ parseDuration "300y" }}', "duration out of range"),
        ("{{ humanizeTimestamp 1e10 }}", "1e+10 cannot be represented as a nanoseconds timestamp"),
        ('{{ toTime "NaN" }}', "value is NaN or Inf"),
        ('{{ humanize "1e999" }}', 'strconv.ParseFloat: parsing "1e999": value out of range'),
        ('{{ query "up" }}', "there are no series to query"),
        ('{{ tmpl "x" . }}', 'function "tmpl" not defined'),
    ],
)
def test_a_function_says_what_it_cannot_do(text: str, says: str) -> None:
    with pytest.raises(TemplateError) as caught:
        expand(text, OF)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("data", "text", "gives"),
    [
        (typed("int64", [-1, 2**63 - 1]), "{{ range . }}{{ humanize . }},{{ end }}", "-1,9.223E,"),
        (typed("uint64", [7]), "{{ eq (index . 0) 7 }}{{ lt (index . 0) 8 }}", "truetrue"),
        (typed("float64", [1, 2.5]), "{{ . }} {{ len . }} {{ index . 1 }} {{ slice . 1 }}", "[1 2.5] 2 2.5 [2.5]"),
        (2**63 - 1, "{{ humanizeDuration . }}", "-106751991167300d -15h -30m -8s"),
        (Slice("[]string", []), "{{ range . }}x{{ else }}none{{ end }}", "none"),
        (None, "{{ range . }}x{{ else }}none{{ end }}{{ .a.b }}", "none<no value>"),
    ],
)
def test_data_of_other_types(data: object, text: str, gives: str) -> None:
    assert expand_data(text, data, OF) == gives


@pytest.mark.parametrize(
    ("text", "gives"),
    [
        ("{{ \"<a href='+'>\" }}", "&lt;a href=&#39;&#43;&#39;&gt;"),
        ('{{ "<b>" | safeHtml }}{{ "<b>" | html }}', "<b>&lt;b&gt;"),
        ("{{ .Foo }}|{{ 1.5 }}", "|1.5"),
        ('{{ define "a" }}<i>{{ . }}</i>{{ end }}{{ $name := "a" }}{{ tmpl $name "&" }}', "<i>&amp;</i>"),
    ],
)
def test_a_page_has_its_values_escaped(text: str, gives: str) -> None:
    assert expand_data(text, None, OF, html=True) == gives


def test_a_page_says_which_template_it_lacks() -> None:
    with pytest.raises(TemplateError, match='error calling tmpl: html/template: "no" is undefined'):
        expand_data('{{ tmpl "no" . }}', None, OF, html=True)
