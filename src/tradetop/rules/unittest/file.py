"""promtool's test files: what may stand in them (cmd/promtool/unittest.go)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated

from tradetop.document import Document, DocumentError, Limits, Parse, Part, Place, Problem, Span
from tradetop.model.clock import MINUTE, SECOND
from tradetop.model.labels import EMPTY, Labels
from tradetop.model.text import clean
from tradetop.rules.unittest import notation
from tradetop.rules.unittest.histogram import Histogram, histogram

LIMITS = Limits(size=8_000_000, nodes=600_000)
Texts = Mapping[str, str | None]


def _moment(text: str) -> int:
    """Milliseconds since the epoch, of seconds or of an RFC 3339 time."""
    try:
        if re.fullmatch(r"\d{1,11}(\.\d+)?", text):
            return round(float(text) * SECOND)
        moment = datetime.fromisoformat(text)
        return round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * SECOND)
    except (ValueError, OverflowError):
        raise ValueError(f"{text!r} is no time; write seconds since 1970 or 2026-11-20T09:00:00Z") from None


def _points(text: str) -> tuple[notation.Point, ...]:
    return tuple(notation.values(text))


Metric = Annotated[Labels, Parse(notation.metric)]


@dataclass(frozen=True, slots=True)
class InputSeries:
    """One entry of `input_series`."""

    series: Metric
    values: Annotated[tuple[notation.Point, ...], Parse(_points)] | None = None


@dataclass(frozen=True, slots=True)
class ExpectedAlert:
    """One entry of `exp_alerts`: an alert that fires."""

    labels: Texts | None = field(default=None, metadata={"key": "exp_labels"})
    annotations: Texts | None = field(default=None, metadata={"key": "exp_annotations"})


@dataclass(frozen=True, slots=True)
class AlertCase:
    """One entry of `alert_rule_test`: which alerts of a name fire at a time."""

    place: Place
    alertname: str
    eval_time: Span | None = None
    exp_alerts: tuple[ExpectedAlert, ...] | None = None


@dataclass(frozen=True, slots=True)
class ExpectedSample:
    """One entry of `exp_samples`."""

    labels: Metric | None = EMPTY
    value: Annotated[float, Parse(notation.number)] | None = 0.0
    histogram: Annotated[Histogram, Parse(histogram)] | None = None


@dataclass(frozen=True, slots=True)
class ExprCase:
    """One entry of `promql_expr_test`: what an expression gives at a time."""

    place: Place
    expr: str
    eval_time: Span | None = None
    exp_samples: tuple[ExpectedSample, ...] | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One entry of `tests`."""

    place: Place
    name: str | None = None
    interval: Span | None = None
    """Between the values of the series; None for the interval of evaluation."""
    input_series: tuple[InputSeries, ...] | None = None
    alerts: tuple[AlertCase, ...] | None = field(default=None, metadata={"key": "alert_rule_test"})
    exprs: tuple[ExprCase, ...] | None = field(default=None, metadata={"key": "promql_expr_test"})
    external_labels: Texts | None = None
    external_url: str | None = None
    start: Annotated[int, Parse(_moment)] | None = field(default=None, metadata={"key": "start_timestamp"})

    @property
    def end(self) -> int:
        """The last time (ms from its start) that something is expected at."""
        alerts = [each.eval_time or 0 for each in self.alerts or ()]
        return max([*alerts, *(each.eval_time or 0 for each in self.exprs or ())], default=0)


@dataclass(frozen=True, slots=True)
class BrokenCase:
    """An entry of `tests` that cannot be read."""

    place: Place
    name: str
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class _Document:
    """The whole file, its tests unread."""

    rule_files: tuple[str, ...] | None = None
    evaluation_interval: Span | None = None
    group_eval_order: tuple[str, ...] | None = None
    fuzzy_compare: bool | None = None
    tests: tuple[Part, ...] | None = None

    def __post_init__(self) -> None:
        order = self.group_eval_order or ()
        twice = next((name for name in order if order.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"group_eval_order names {clean(twice, 100)!r} twice")


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A file of tests."""

    source: str
    rule_files: tuple[str, ...]
    """Patterns, relative to the file."""
    interval: int
    """How often (ms) the rules are evaluated."""
    order: tuple[str, ...]
    """Names of groups, in the order that they are to be evaluated."""
    fuzzy: bool
    """Whether neighbouring floats count as equal."""
    cases: tuple[Case | BrokenCase, ...]


def read_cases(text: str, source: str) -> CaseFile:
    """The tests in a text; one that cannot be read is broken by itself. DocumentError where the head cannot."""
    document = Document(text, source, limits=LIMITS)
    head = document.read(document.root, _Document)
    return CaseFile(
        source,
        head.rule_files or (),
        head.evaluation_interval or MINUTE,
        head.group_eval_order or (),
        head.fuzzy_compare or False,
        tuple(_case(document, part) for part in head.tests or ()),
    )


def _case(document: Document, part: Part) -> Case | BrokenCase:
    try:
        return document.read(part, Case)
    except DocumentError as error:
        name = part.parts().get("name")
        return BrokenCase(part.place, name.text if name else "", error.problems)
