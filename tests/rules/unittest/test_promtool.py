"""Beside the real promtool: what we say came of random rules is what it expects."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tradetop.rules.unittest.file import read_cases
from tradetop.rules.unittest.notation import metric
from tradetop.rules.unittest.result import Failure
from tradetop.rules.unittest.run import run_cases

TEXTS = (
    "{{ $labels.bot }} at {{ $value }}",
    "{{ .Value | humanize }} of {{ $externalLabels.site }}",
    '{{ with query "sum(pnl)" }}{{ . | first | value | printf "%.3f" }}{{ end }}',
    "{{ if gt $value 3.0 }}high{{ else }}low{{ end }}",
    "plain",
)
EXPRESSIONS = (
    "pnl > 2",
    "pnl * 2 == 8 or pnl < -1",
    "sum by (bot) (pnl)",
    "avg without (side) (load) unless on (bot) pnl > 4",
    "max_over_time(pnl[100s]) > 3",
    "load offset 1m",
    "absent(pnl)",
    "recorded:0",
    "recorded:0 + on (bot) group_left () load",
    "count(ALERTS) by (alertname)",
    "scalar(sum(pnl)) > bool 3",
)


def _values(random: random.Random) -> str:
    """Values without a gap of five minutes, and an end that is told: Prometheus 2 and 3 differ in what is too old."""
    ramp = f"{random.randint(-5, 5)}+{random.randint(0, 2)}x{random.randint(0, 4)}"
    items = [ramp, "_ 3", "_x2 6", "stale 4", "4x3", "-2 7"]
    return " ".join([*(random.choice(items) for _ in range(random.randint(2, 7))), "stale"])


def _rule(random: random.Random, name: str) -> dict[str, Any]:
    labels = {random.choice(["team"] * 9 + ["side"]): random.choice([*TEXTS[:1], *TEXTS[3:], ""])}
    if random.random() < 0.5:
        fixed = {name: "" if value == "" else "x" for name, value in labels.items()}
        return {"record": f"recorded:{name}", "expr": random.choice(EXPRESSIONS), "labels": fixed}
    rule = {"alert": f"A{name}", "expr": random.choice(EXPRESSIONS), "labels": labels}
    rule["annotations"] = {"summary": random.choice(TEXTS), "description": random.choice(TEXTS)}
    return rule | {"for": random.choice(["0s", "1m", "150s"]), "keep_firing_for": random.choice(["0s", "2m"])}


def _files(seed: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """A rule file, and a file of tests that expects nothing yet."""
    chance = random.Random(seed)
    groups = [{"name": f"g{g}", "rules": [_rule(chance, str(g * 3 + i)) for i in range(3)]} for g in range(2)]
    series = [f'{name}{{bot="{bot}",side="{side}"}}' for name in ("pnl", "load") for bot in "ab" for side in ("x", "y")]
    alerts = [rule["alert"] for group in groups for rule in group["rules"] if "alert" in rule]
    times = [f"{chance.randint(0, 900)}s" for _ in range(4)]
    exprs = ['{__name__=~"recorded:.+"}', "ALERTS", "ALERTS_FOR_STATE", "pnl"]
    case = {
        "interval": chance.choice(["30s", "1m"]),
        "external_labels": {"site": "home"},
        "input_series": [{"series": name, "values": _values(chance)} for name in series if chance.random() < 0.7],
        "alert_rule_test": [{"eval_time": t, "alertname": name, "exp_alerts": []} for t in times for name in alerts],
        "promql_expr_test": [{"expr": expr, "eval_time": t, "exp_samples": []} for t in times for expr in exprs],
    }
    order = {"group_eval_order": ["g0", "g1"]}
    return {"groups": groups}, {"rule_files": ["rules.yml"], **order, "evaluation_interval": "1m", "tests": [case]}


def _alert(text: str) -> dict[str, Any]:
    head, *notes = text.split("\n    ")
    labels = {name: value for name, value in metric(head).items() if name != "alertname"}
    return {"exp_labels": labels, "exp_annotations": dict(note.split(": ", 1) for note in notes)}


def _sample(text: str) -> dict[str, Any]:
    labels, _, value = text.rpartition(" ")
    return {"labels": labels, "value": float(value)}


def _expect(entries: list[dict[str, Any]], failures: dict[tuple[int, int], Failure], text: str, key: str) -> int:
    """Fill in what came; how much that is."""
    count = 0
    for entry in entries:
        place = text[: text.index(json.dumps(entry))]
        failure = failures.get((place.count("\n") + 1, len(place) - place.rfind("\n")))
        if failure is not None:
            assert not failure.expected
            entry[key] = [(_alert if key == "exp_alerts" else _sample)(got) for got in failure.got]
            count += len(failure.got)
    return count


@pytest.mark.parametrize("seed", range(12))
def test_promtool_agrees(seed: int, tmp_path: Path) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed")
    rules, tests = _files(seed)
    (tmp_path / "rules.yml").write_text(json.dumps(rules))
    path, text = tmp_path / "test.yml", json.dumps(tests)
    result = run_cases(read_cases(text, str(path)))
    assert result.problems == ()
    (case,) = result.cases
    failures = {(failure.place.line, failure.place.column): failure for failure in case.failures}
    (entry,) = tests["tests"]
    count = _expect(entry["alert_rule_test"], failures, text, "exp_alerts")
    count += _expect(entry["promql_expr_test"], failures, text, "exp_samples")
    failed = any(failure.what.startswith("rule at") for failure in case.failures)
    assert failed or count > 5
    path.write_text(json.dumps(tests))
    said = subprocess.run([promtool, "test", "rules", str(path)], capture_output=True, text=True, check=False)
    assert said.returncode == failed, said.stdout + said.stderr
    assert run_cases(read_cases(json.dumps(tests), str(path))).passed is not failed
