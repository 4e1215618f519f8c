"""Texts of alerts whose template could not be expanded: what stands in their place, and what they were to say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tradetop.model.alert import Rule
from tradetop.model.labels import Labels

FAILED = "<error expanding template: "
"""How a text begins whose template could not be expanded, as in Prometheus; it ends with `>`."""

_PREAMBLE = re.compile(r"error (?:executing|parsing) template \S+: |template: \S+?:\d+(?::\d+)?: ")
_WHERE = re.compile(r'executing ".*?" at <.*?>: (?=\S)')


@dataclass(frozen=True, slots=True)
class FailedText:
    """A label or an annotation that could not be made."""

    name: str
    why: str
    template: str
    """What it was to be made of."""


def why(text: str) -> str:
    """Why a template could not be expanded, by the text in its place: the error alone; "" for any other text."""
    if not text.startswith(FAILED):
        return ""
    return _WHERE.sub("", _PREAMBLE.sub("", text.removeprefix(FAILED).removesuffix(">")), count=1)


def failed_texts(rule: Rule, labels: Labels, annotations: Labels) -> Iterator[FailedText]:
    """Those of an alert of this rule that could not be made; the summary comes first."""
    for found, templates in ((annotations, rule.annotations), (labels, rule.labels)):
        for name, text in sorted(found.items(), key=lambda item: item[0] != "summary"):
            if name in templates and text != templates[name] and (said := why(text)):
                yield FailedText(name, said, templates[name])
