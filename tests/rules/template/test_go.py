"""Templates of alerts beside Go: go.json is what text/template of Go 1.27 gives for each (`!` before an error)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tradetop.model.labels import NAME, Labels
from tradetop.model.sample import Sample
from tradetop.model.value import Scalar, Value, Vector
from tradetop.promql import PromQLError
from tradetop.rules.template import Expansion, TemplateError, expand

RECORDED: dict[str, str] = json.loads(Path(__file__).with_name("go.json").read_text(encoding="utf-8"))
LABELS = {"job": "api", "instance": "h.example.com:9090", "empty": "", "sev": "<b>'\"&"}
ROWS = (
    ({NAME: "metric", "instance": "b", "job": "x"}, 21.0),
    ({NAME: "metric", "instance": "a", "job": "é<"}, 11.5),
    ({NAME: "metric", "instance": "c", "__value__": "v"}, float("nan")),
)


class Metrics:
    """A querier with three samples; "bad" is an expression that fails, "1" a scalar."""

    def instant(self, expr: str, *, at: int) -> Value:
        if expr == "bad":
            raise PromQLError("bad query")
        if expr == "1":
            return Scalar(1.0, at)
        return Vector(tuple(Sample(Labels(labels), at, value) for labels, value in ROWS))

    def range(self, expr: str, *, start: int, end: int, step: int) -> Value:
        raise NotImplementedError


OF = Expansion(
    "test",
    LABELS,
    1234567.5,
    1_353_755_652_000,
    Metrics(),
    {"cluster": "eu"},
    "http://testhost:9090/path/prefix",
)


def given(text: str) -> str:
    try:
        return expand(text, OF)
    except TemplateError as error:
        return "!" + str(error).removeprefix("error ").replace("template test: template: test:", "")


@pytest.mark.parametrize("text", RECORDED)
def test_a_template_gives_what_it_gives_in_go(text: str) -> None:
    assert given(text) == RECORDED[text]


def test_a_scalar_is_a_sample_without_labels_to_a_query() -> None:
    assert expand('{{ range query "1" }}{{ .Value }}{{ .Labels }}{{ end }}', OF) == "1map[]"
