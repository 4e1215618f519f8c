"""Templates of alerts: their labels and annotations, expanded as Prometheus does it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tradetop.model.alert import Rule
from tradetop.model.failed_text import FAILED
from tradetop.model.labels import EMPTY, NAME, Labels
from tradetop.model.ports import Querier
from tradetop.model.text import clean
from tradetop.model.value import Scalar, Vector
from tradetop.promql import PromQLError
from tradetop.rules.alerting import annotation
from tradetop.rules.template.builtins import BUILTINS
from tradetop.rules.template.error import CallError, TemplateError
from tradetop.rules.template.execute import execute
from tradetop.rules.template.function import SAMPLES
from tradetop.rules.template.parse import parse
from tradetop.rules.template.prometheus import NAMES, Surroundings, functions_for, sample
from tradetop.rules.template.run import Missing
from tradetop.rules.template.values import Map, Slice, Struct, decoded, utf8

ALERT_DEFINITIONS = (
    "{{$labels := .Labels}}{{$externalLabels := .ExternalLabels}}{{$externalURL := .ExternalURL}}{{$value := .Value}}"
)
"""What Prometheus puts before each template of an alert."""

_DATA = "struct { Labels map[string]string; ExternalLabels map[string]string; ExternalURL string; Value interface {} }"
_TEXT_FUNCTIONS = NAMES | frozenset(BUILTINS)
_PAGE_FUNCTIONS = _TEXT_FUNCTIONS | {"tmpl"}


@dataclass(frozen=True, slots=True)
class Expansion:
    """What a template is expanded for; `at` in milliseconds. Without a querier a `query` in it is an error."""

    name: str
    labels: Mapping[str, str]
    value: float | str
    at: int
    querier: Querier | None = None
    external_labels: Mapping[str, str] = field(default_factory=dict)
    external_url: str = ""


def expand(text: str, of: Expansion) -> str:
    """Expand a template of an alert, in which $labels, $value, $externalLabels and $externalURL are known.

    TemplateError as `error parsing template NAME: ...` or `error executing template NAME: ...`, in Prometheus' words.
    The text is not yet clean.
    """
    if "{{" not in text:
        return text
    fields = {
        "Labels": Map(dict(of.labels)),
        "ExternalLabels": Map(dict(of.external_labels)),
        "ExternalURL": of.external_url,
        "Value": of.value,
    }
    return expand_data(ALERT_DEFINITIONS + text, Struct(_DATA, fields, frozenset(["Value"])), of)


def expand_data(
    text: str, data: object, of: Expansion, *, html: bool = False, options: Sequence[str] | None = None
) -> str:
    """Expand any template over any data (see `values`), as Prometheus' Expander does it.

    `options` are Go's, such as "missingkey=error". With `html` as for a console page: values are escaped, and there is
    `tmpl`.
    """
    missing = Missing.ZERO if options is None else _missing(options, of.name)
    try:
        program = parse(decoded(utf8(text)), of.name, _PAGE_FUNCTIONS if html else _TEXT_FUNCTIONS)
    except TemplateError as error:
        raise TemplateError(f"error parsing template {of.name}: {error}") from None
    around = Surroundings(lambda expr: _query(of, expr), of.at, of.external_url)
    try:
        return execute(program, functions_for(around), data, missing=missing, html=html)
    except TemplateError as error:
        raise TemplateError(f"error executing template {of.name}: {error}") from None


def check(text: str, name: str) -> None:
    """Parse a template of an alert without expanding it; TemplateError as `template: NAME:LINE: ...`."""
    parse(decoded(utf8(ALERT_DEFINITIONS + text)), name, _TEXT_FUNCTIONS)


def render(
    rule: Rule,
    labels: Labels,
    value: float,
    at: int,
    querier: Querier | None = None,
    *,
    external_labels: Mapping[str, str] = EMPTY,
    external_url: str = "",
) -> tuple[Labels, Labels]:
    """The labels and annotations of an alert whose expression gave `value` for a series with these labels.

    The rule's labels are put over the series', still without `alertname`; what a template cannot do is said in its
    place, `<error expanding template: ...>`. Every text is clean.
    """
    of = Expansion(f"__alert_{rule.name}", labels, value, at, querier, external_labels, external_url)
    named = {name: clean(_expanded(text, of)) for name, text in rule.labels.items()}
    notes = {name: annotation(_expanded(text, of)) for name, text in rule.annotations.items()}
    return labels.without(NAME).merged(named), Labels(notes)


def _expanded(text: str, of: Expansion) -> str:
    try:
        return expand(text, of)
    except TemplateError as error:
        return f"{FAILED}{error}>"


def _missing(options: Sequence[str], name: str) -> Missing:
    known = {f"missingkey={each.value}": each for each in Missing} | {"missingkey=invalid": Missing.DEFAULT}
    unknown = [option for option in options if option not in known]
    if unknown:
        raise TemplateError(f"panic expanding template {name}: unrecognized option: {unknown[0]}")
    return known[options[-1]] if options else Missing.DEFAULT


def _query(of: Expansion, expr: str) -> Slice:
    if of.querier is None:
        raise CallError("there are no series to query")
    try:
        value = of.querier.instant(expr, at=of.at)
    except PromQLError as error:
        raise CallError(str(error)) from None
    if isinstance(value, Scalar):
        return Slice(SAMPLES, [sample({}, value.value)])
    if not isinstance(value, Vector):
        raise CallError("rule result is not a vector or scalar")
    return Slice(SAMPLES, [sample(dict(found.labels), found.value) for found in value.samples])
