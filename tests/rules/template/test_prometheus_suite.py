"""Prometheus' own cases of templates, as recorded from its template_test.go."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tradetop.model.labels import Labels
from tradetop.model.sample import Sample
from tradetop.model.value import Value, Vector
from tradetop.rules.template import Expansion, TemplateError, expand_data
from tradetop.rules.template.values import typed


class Answer:
    """A querier that gives the same vector for every expression."""

    def __init__(self, found: list[dict[str, Any]]) -> None:
        self.found = found

    def instant(self, expr: str, *, at: int) -> Value:
        return Vector(tuple(Sample(Labels(each["labels"]), at, each["value"]) for each in self.found))

    def range(self, expr: str, *, start: int, end: int, step: int) -> Value:
        raise NotImplementedError


def outcome(case: dict[str, Any]) -> dict[str, str]:
    of = Expansion(
        "test", {}, 0.0, round(case["now"] * 1_000), Answer(case["query_result"] or []), {}, case["external_url"]
    )
    data = None if case["input"] is None else typed(case["input"]["go_type"], case["input"]["values"])
    try:
        return {"output": expand_data(case["text"], data, of, html=case["html"], options=case["options"] or None)}
    except TemplateError as error:
        return {"fail": str(error)}


def test_every_recorded_case_gives_the_same_text_or_error(recorded: Callable[..., Path]) -> None:
    cases = json.loads(recorded("templates", "cases.json").read_text())
    assert {case["text"]: outcome(case) for case in cases} == {case["text"]: case["expect"] for case in cases}
