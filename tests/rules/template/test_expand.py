"""Labels and annotations of alerts."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tradetop.model.alert import Rule
from tradetop.model.labels import Labels
from tradetop.rules.template import Expansion, TemplateError, check, expand, render

SERIES = Labels({"__name__": "drawdown", "instance": "bot:8000", "strategy": "grid", "severity": "from the series"})


def rendered(value: float = 0.125, **annotations: str) -> tuple[Labels, Labels]:
    rule = Rule(
        "HighDrawdown",
        "drawdown > 0.1",
        labels=Labels({"severity": "critical", "bot": "{{ $labels.instance | stripPort }}"}),
        annotations=Labels(annotations),
    )
    return render(rule, SERIES, value, 0)


def test_labels_of_the_rule_go_over_those_of_the_series_and_may_hold_templates() -> None:
    labels, _ = rendered()
    assert labels == {"instance": "bot:8000", "strategy": "grid", "severity": "critical", "bot": "bot"}


@pytest.mark.parametrize(
    ("text", "value", "says"),
    [
        ("{{ $labels.strategy }} is {{ $value | humanizePercentage }} down", 0.125, "grid is 12.5% down"),
        ("{{ $value }}", 1234567.5, "1.2345675e+06"),
        ("{{ $value }}", 1.0, "1"),
        ("{{ $value }} {{ $value | humanize }}", float("nan"), "NaN NaN"),
        ("{{ $value }}", float("inf"), "+Inf"),
        ('{{ .Value | printf "%.1f" }}% of {{ .Labels.instance }}', 12.34, "12.3% of bot:8000"),
        ("{{ $labels.nope }}|{{ $labels.__name__ }}", 0.0, "|drawdown"),
        ("two\nlines\n\n", 0.0, "two\nlines"),
        ('{{ "\\x1b[31m" }}[red]', 0.0, "␛[31m[red]"),
        ("plain {text} 100%", 0.0, "plain {text} 100%"),
    ],
)
def test_an_annotation_is_expanded_and_clean(text: str, value: float, says: str) -> None:
    assert rendered(value, summary=text)[1] == {"summary": says}


def test_what_a_template_cannot_do_is_said_in_its_place_and_the_others_stay() -> None:
    _, notes = rendered(summary="ok {{ $value }}", broken="{{ $value", wrong="{{ $labels.a.b }}", type="{{ $value.x }}")
    assert notes["summary"] == "ok 0.125"
    assert notes["broken"] == (
        "<error expanding template: error parsing template __alert_HighDrawdown: "
        "template: __alert_HighDrawdown:1: unclosed action>"
    )
    assert "at <$labels.a.b>: can't evaluate field b in type string>" in notes["wrong"]
    assert "at <$value.x>: can't evaluate field x in type float64>" in notes["type"]


def test_text_that_labels_bring_is_not_expanded_again() -> None:
    rule = Rule("A", "up", annotations=Labels({"summary": "{{ $labels.x }}"}))
    _, notes = render(rule, Labels({"x": "{{ $value }}<b>"}), 1.0, 0)
    assert notes == {"summary": "{{ $value }}<b>"}


def test_external_labels_and_url_are_known() -> None:
    of = Expansion("a", {}, 0.0, 0, None, {"cluster": "eu"}, "http://h/p")
    assert (
        expand("{{ $externalLabels.cluster }} {{ $externalURL }} {{ .ExternalURL }}", of) == "eu http://h/p http://h/p"
    )


def test_a_template_is_checked_without_being_expanded() -> None:
    check("{{ $labels.a.b | first }}", "__alert_A")
    with pytest.raises(TemplateError, match=r'^template: __alert_A:1: undefined variable "\$label"$'):
        check("{{ $label.a }}", "__alert_A")


def test_every_annotation_of_the_real_bot_expands(recorded: Callable[..., Path]) -> None:
    text = recorded("247trader", "prometheus_alerts.yml").read_text()
    found = re.findall(r'description: "(.*)"', text)
    assert len(found) >= 15
    of = Expansion("a", {"endpoint": "orders"}, 27.126, 0)
    said = [expand(each, of) for each in found]
    assert "Exposure at 27.13% (limit: 25%). System may start rejecting new trades." in said
    assert not [each for each in said if "{{" in each or "<error" in each]
