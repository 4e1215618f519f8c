"""`docs/rules.md` says what is so: its examples work."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tradetop.rules.file import load_rules
from tradetop.rules.unittest.file import read_cases
from tradetop.rules.unittest.run import run_cases

PAGE = Path(__file__).parents[2] / "docs" / "rules.md"


@pytest.fixture
def examples(tmp_path: Path) -> Path:
    rules, tests = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(), re.DOTALL)
    (tmp_path / "rules.yml").write_text(rules)
    (tmp_path / "tests.yml").write_text(tests)
    return tmp_path


def test_the_example_of_a_rule_file_has_no_problem(examples: Path) -> None:
    found = load_rules(["rules.yml"], examples)
    assert (found.problems, found.notices, len(found.rules)) == ((), (), 2)


def test_the_example_of_a_test_passes(examples: Path) -> None:
    path = examples / "tests.yml"
    result = run_cases(read_cases(path.read_text(), str(path)))
    assert result.passed, result
    assert len(result.cases) == 1
