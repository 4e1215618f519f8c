"""Texts of alerts whose template could not be expanded: what stands in their place, and what they were to say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tradetop.model.alert import Rule
from tradetop.model.labels import Labels

FAILED = "<error expanding template: "
"""How a text begins whose template could not be expanded, as in Prometheus; it ends with `>`."""

_WHERE = re.compile(r"(:\d+)*: |error (executing|parsing) template |template: ")
_PART = re.compile(r'executing ".*?" at <.*?>: (?=\S)')


@dataclass(frozen=True, slots=True)
class FailedText:
    """A label or an annotation that could not be made."""

    name: str
    why: str
    """The error alone."""
    template: str
    """What it was to be made of."""


def has_failed(text: str) -> bool:
    """Whether a text stands in the place of one that could not be made."""
    return text.startswith(FAILED)


def failed_texts(rule: Rule, labels: Labels, annotations: Labels) -> Iterator[FailedText]:
    """Those of an alert of this rule that could not be made; the summary comes first."""
    for found, templates in ((annotations, rule.annotations), (labels, rule.labels)):
        failed = [name for name, text in found.items() if has_failed(text) and templates.get(name, text) != text]
        for name in sorted(failed, key="summary".__ne__):
            yield FailedText(name, _error(found[name], f"__alert_{rule.name}"), templates[name])


def _error(text: str, program: str) -> str:
    """The error of a failed text, without the way there through the template, which is named like this."""
    said = text.removeprefix(FAILED).removesuffix(">")
    while (where := _WHERE.match(said)) or said.startswith(program):
        said = said[where.end() :] if where else said.removeprefix(program)
    return _PART.sub("", said, count=1)
