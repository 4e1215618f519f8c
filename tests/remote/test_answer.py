"""Answers of servers: read as Prometheus writes them, and nothing else."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from tradetop.cli.values import as_json
from tradetop.model.value import Matrix, Vector
from tradetop.remote.answer import NoAnswerError, answer_of, read


def said(kind: str, result: Any, **more: Any) -> dict[str, Any]:
    return {"status": "success", "data": {"resultType": kind, "result": result}, **more}


@pytest.mark.parametrize(
    "answer",
    [
        said("scalar", [1700000000.123, "1.5"]),
        said("string", [1700000000, "text"]),
        said("vector", [{"metric": {"__name__": "up", "job": "a"}, "value": [1700000000.5, "+Inf"]}]),
        said("vector", []),
        said("matrix", [{"metric": {}, "values": [[1, "0.1"], [2.001, "-Inf"]]}], warnings=["w"], infos=["i"]),
    ],
)
def test_an_answer_is_written_as_it_was_read(answer: dict[str, Any]) -> None:
    assert json.loads(as_json(read(answer).value)) == answer


def test_numbers_are_exact() -> None:
    texts = ["0.1", "1e-07", "123456789012345680", "NaN", "-0", "5e-324", "1.7976931348623157e+308", "1e+21"]
    found = read(said("vector", [{"metric": {"i": text}, "value": [1, text]} for text in texts])).value
    assert isinstance(found, Vector)
    for sample, text in zip(found.samples, texts, strict=True):
        assert str(sample.value) == str(float(text))
    assert [row["value"][1] for row in json.loads(as_json(found))["data"]["result"]] == texts


@pytest.mark.parametrize(
    "wrong",
    [
        said("vector", None),
        said("vector", {}),
        said("vector", [1]),
        said("vector", [{"metric": {"a": 1}, "value": [1, "1"]}]),
        said("vector", [{"metric": [], "value": [1, "1"]}]),
        said("vector", [{"metric": {}, "value": [1, 1]}]),
        said("vector", [{"metric": {}, "value": ["1", "1"]}]),
        said("vector", [{"metric": {}, "value": [1, "one"]}]),
        said("vector", [{"metric": {}, "value": [1, "1_0"]}]),
        said("vector", [{"metric": {}, "value": [1e300, "1"]}]),
        said("vector", [{"metric": {}, "value": [1]}]),
        said("vector", [{"metric": {}, "value": [True, "1"]}]),
        said("matrix", [{"metric": {}, "values": [[1, "1", 3]]}]),
        said("matrix", [{"metric": {}, "values": 3}]),
        said("scalar", []),
        said("table", []),
        said("", None),
        {"status": "success"},
        {"status": "success", "data": []},
    ],
)
def test_another_shape_is_told(wrong: dict[str, Any]) -> None:
    with pytest.raises(NoAnswerError):
        read(wrong)


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"<html>", b"[]", b"null", b'{"status":"error"}', b'{"status":"success","data":3}', b"[" * 100_000],
)
def test_what_is_no_answer_is_told(body: bytes) -> None:
    with pytest.raises(NoAnswerError):
        answer_of(body)


def test_native_histograms_are_left_out_and_told() -> None:
    rows = [
        {"metric": {"a": "1"}, "values": [[1, "2"]]},
        {"metric": {"a": "2"}, "histograms": [[1, {"count": "1", "sum": "2"}]]},
    ]
    found = read(said("matrix", rows, warnings=["one"]))
    assert isinstance(found.value, Matrix)
    assert len(found.value.series) == 1
    assert found.notes == ("one", "1 native histograms are left out: tradetop reads classic ones")
    assert read(said("vector", [{"metric": {}, "histogram": [1, {}]}])).histograms == 1


def test_the_word_for_an_error_is_kept() -> None:
    with pytest.raises(NoAnswerError, match="an error: query is overloaded ␛"):
        answer_of(b'{"status":"error","errorType":"x","error":"query is overloaded \\u001b[2J"}')


def test_texts_are_harmless() -> None:
    found = read(said("vector", [{"metric": {"a\x1b": "\x1b]52;c;x\x07"}, "value": [1, "1"]}], warnings=["\x1b[2J", 3]))
    assert isinstance(found.value, Vector)
    assert all(text.isprintable() for text in (*found.value.samples[0].labels.values(), *found.value.warnings))
    assert math.isfinite(found.value.samples[0].value)
