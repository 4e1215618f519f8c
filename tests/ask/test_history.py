"""The history of questions."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tradetop.ask.history import KEPT, Past, add, history_path, load


def past(number: int, question: str = "errors?") -> Past:
    return Past(1_000 + number, f"{question} {number}", "SELECT 1", "counts", number)


def test_questions_are_kept_in_order_and_only_for_their_owner(tmp_path: Path) -> None:
    path = history_path(tmp_path / "state")
    for number in range(3):
        add(path, past(number))
    assert load(path) == tuple(map(past, range(3)))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["questions.jsonl"]


def test_it_does_not_grow_for_ever(tmp_path: Path) -> None:
    path = history_path(tmp_path)
    path.write_text("".join(f'{{"t": {n}, "question": "q"}}\n' for n in range(KEPT + 50)))
    add(path, past(7))
    found = load(path)
    assert len(found) == KEPT
    assert found[-1] == past(7)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "{",
        "[]",
        "null",
        '"x"',
        '{"t": "x", "question": 1}',
        '{"t": 1}',
        "[" * 90_000,
        '{"t": 1e400, "question": ""}',
    ],
)
def test_lines_that_cannot_be_read_are_left_out(tmp_path: Path, line: str) -> None:
    path = history_path(tmp_path)
    path.write_text(f"{line}\n")
    add(path, past(1))
    assert load(path) == (past(1),)


def test_what_it_holds_is_shown_clean(tmp_path: Path) -> None:
    path = history_path(tmp_path)
    add(path, past(1, "\x1b[2J"))
    assert load(path)[0].question == "\u241b[2J 1"


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text('{"t": 1, "question": "secret"}\n')
    path = history_path(tmp_path)
    path.symlink_to(other)
    assert load(path) == ()
    add(path, past(1))
    assert other.read_text() == '{"t": 1, "question": "secret"}\n'
    assert load(path) == (past(1),)
