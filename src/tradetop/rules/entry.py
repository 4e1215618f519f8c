"""One rule of a file, as Prometheus' rulefmt reads and checks it (model/rulefmt/rulefmt.go)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from tradetop.document import Document, DocumentError, Parse, Part, Place, Problem, Span
from tradetop.document.problem import SHOWN
from tradetop.model.alert import RecordingRule, Rule
from tradetop.model.labels import NAME, Labels
from tradetop.model.level import severity_level
from tradetop.model.text import clean, clean_lines, one_line
from tradetop.promql import check
from tradetop.promql.ast import parse
from tradetop.promql.nodes import Kind
from tradetop.rules.condition import condition
from tradetop.rules.template import TemplateError
from tradetop.rules.template import check as check_template

_LABEL = re.compile(r"[^\W\d][\w.]*")
_METRIC = re.compile(r"[^\W\d][\w.:]*|:[\w.:]*")
_RUNBOOK = ("runbook", "runbook_url", "action", "description")
"""Annotations that say what to do, the best first."""
_ALERTING_ONLY = ("for", "keep_firing_for", "annotations")


@dataclass(frozen=True, slots=True)
class Home:
    """The group that a rule stands in."""

    name: str
    source: str
    """The file's name."""
    labels: Mapping[str, str]

    def place(self, place: Place) -> str:
        """A place in the file, as file:line:column."""
        return f"{clean(self.source)}:{place.line}:{place.column}"


def label_name(text: str) -> str:
    """A label's name; ValueError where it is none. Prometheus 3 takes any text: names with spaces are mistakes."""
    if _LABEL.fullmatch(text) is None or text == NAME:
        raise ValueError(f"{clean(text, 100)!r} is no label name: letters, digits and _, the first no digit")
    return text


def metric_name(text: str) -> str:
    """A series' name; ValueError where it is none."""
    if _METRIC.fullmatch(text) is None:
        hint = "; labels belong into labels:" if "{" in text else ""
        raise ValueError(f"{clean(text, 100)!r} is no name of a series: letters, digits, _ and :{hint}")
    return text


def _query(text: str) -> str:
    text = text.strip()
    if not text:
        raise ValueError("is empty")
    check(text)
    kind = parse(text).kind
    if kind not in (Kind.VECTOR, Kind.SCALAR):
        raise ValueError(f"gives a {kind.value}, and a rule needs an instant vector or a scalar")
    return text


def _template(text: str) -> str:
    try:
        if "{{" in text:
            check_template(text, "template")
    except TemplateError as error:
        raise ValueError(f"{str(error).removeprefix('template: ')} in {clean(text.strip(), SHOWN)}") from None
    return text


def _present(text: str) -> str:
    if not text:
        raise ValueError("is empty")
    return text


LabelTexts = Mapping[Annotated[str, Parse(label_name)], str | None]
"""Labels as a file has them; nothing is an empty text."""
Present = Annotated[str, Parse(_present)]
"""A text that is not empty."""
_Templates = Mapping[Annotated[str, Parse(label_name)], Annotated[str, Parse(_template)] | None]
_Query = Annotated[str, Parse(_query)]


@dataclass(frozen=True, slots=True)
class _Alerting:
    """An alerting rule as a file has it."""

    place: Place
    alert: Present
    expr: _Query
    hold: Span | None = field(default=None, metadata={"key": "for"})
    keep_firing_for: Span | None = None
    labels: _Templates | None = None
    annotations: _Templates | None = None

    def rule(self, home: Home) -> Rule:
        """The rule itself, in its group."""
        labels = {**home.labels, **texts(self.labels)}
        annotations = {name: value or "" for name, value in (self.annotations or {}).items()}
        runbook = next((annotations[name] for name in _RUNBOOK if annotations.get(name)), "")
        return Rule(
            name=clean(self.alert),
            expr=self.expr,
            hold=self.hold or 0,
            keep_firing=self.keep_firing_for or 0,
            level=severity_level(labels.get("severity", "")),
            labels=Labels(labels),
            summary=one_line(clean_lines(annotations.get("summary", ""))),
            runbook=clean_lines(runbook),
            condition=condition(self.expr),
            annotations=Labels(annotations),
            group=home.name,
            source=home.place(self.place),
            removes=emptied(labels),
        )


@dataclass(frozen=True, slots=True)
class _Recording:
    """A recording rule as a file has it."""

    place: Place
    record: Annotated[str, Parse(metric_name)]
    expr: _Query
    labels: LabelTexts | None = None

    def rule(self, home: Home) -> RecordingRule:
        """The rule itself, in its group."""
        labels = {**home.labels, **texts(self.labels)}
        return RecordingRule(self.record, self.expr, Labels(labels), home.name, home.place(self.place), emptied(labels))


def read_rule(document: Document, part: Part, home: Home) -> Rule | RecordingRule:
    """The rule that stands there; DocumentError with every problem in it."""
    given = part.parts()
    kinds = given.keys() & {"alert", "record"}
    if given and len(kinds) != 1:
        both = "has both alert: and record:" if kinds else "has neither alert: nor record:"
        raise DocumentError([Problem(home.source, part.place, part.key, f"{both}; a rule needs exactly one of them")])
    if "record" not in given:
        return document.read(part, _Alerting).rule(home)
    extra = [given[key] for key in _ALERTING_ONLY if key in given]
    if extra:
        text = "only an alerting rule has this, and record: makes it a recording rule"
        raise DocumentError(Problem(home.source, each.place, each.key, text) for each in extra)
    return document.read(part, _Recording).rule(home)


def texts(labels: Mapping[str, str | None] | None) -> dict[str, str]:
    """Labels made harmless."""
    return {name: clean(value or "") for name, value in (labels or {}).items()}


def emptied(labels: Mapping[str, str]) -> frozenset[str]:
    """The labels that are set to an empty text."""
    return frozenset(name for name, value in labels.items() if not value)
