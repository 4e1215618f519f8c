"""What docs/themes.md says is true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tradetop.theme import Role, load, names

DOCS = (Path(__file__).parents[2] / "docs" / "themes.md").read_text(encoding="utf-8")


def first_column(heading: str) -> list[str]:
    """The names in the first column of the first table below a heading."""
    table = re.search(r"(?:^\|.*\n)+", DOCS[DOCS.index(f"\n## {heading}\n") :], re.MULTILINE)
    assert table is not None
    rows = [line.split("|")[1] for line in table[0].splitlines()[2:]]
    return [name for row in rows for name in re.findall(r"`([^`]+)`", row)]


def test_every_role_is_listed_once_and_no_other() -> None:
    assert sorted(first_column("Roles")) == sorted(role.value for role in Role)


def test_every_key_is_listed_and_no_other(tmp_path: Path) -> None:
    keys = first_column("Your own")
    (tmp_path / "x.yaml").write_text("nonsense: 1\n")
    with pytest.raises(ValueError, match="valid here: ") as caught:
        load("x", tmp_path)
    valid = str(caught.value).partition("valid here: ")[2].split(", ")
    assert sorted(keys) == sorted(valid)


def test_the_shipped_themes_are_listed() -> None:
    assert all(f"| `{name}` |" in DOCS for name in names())


def test_the_example_is_a_theme_without_mistakes(tmp_path: Path) -> None:
    example = re.search(r"```yaml\n(.*?)```", DOCS, re.DOTALL)
    assert example is not None
    (tmp_path / "dusk.yaml").write_text(example[1])
    theme = load("dusk", tmp_path)
    assert theme.problems == ()
    assert theme.name == "dusk"
