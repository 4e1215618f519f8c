"""Reviews in the notebook: the last word holds, for every instance and after a restart."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tradetop.model.review import Review
from tradetop.store.notebook import NotebookFile

T0 = 1_700_000_000_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "notebook.db"


def review(fingerprint: str, until: int = T0) -> Review:
    return Review("", fingerprint, until, T0, "slippage")


def read(path: Path, subject: str = "bot", bot: str = "") -> list[tuple[str, int]]:
    book = NotebookFile(path)
    book.follow(T0)
    found = [(each.fingerprint, each.until) for each in book.reviews(subject, bot)]
    assert book.notice(T0) == ""
    book.close()
    return found


def test_the_last_word_on_each_fingerprint_holds_for_others_and_after_a_restart(path: Path) -> None:
    one, other = NotebookFile(path), NotebookFile(path)
    assert one.review("bot", [review("a"), review("b")], now=T0)
    other.follow(T0)
    assert [each.fingerprint for each in other.reviews("bot")] == ["a", "b"]
    assert other.review("bot", [review("a", 0)], now=T0)
    one.follow(T0)
    assert one.reviews("bot") == other.reviews("bot")
    one.close()
    other.close()
    assert read(path) == [("b", T0), ("a", 0)]


def test_a_review_is_of_one_bot_of_a_target(path: Path) -> None:
    book = NotebookFile(path)
    book.review("bot", [review("a")], bot="grid", now=T0)
    book.close()
    assert (read(path, bot="grid"), read(path, bot="other"), read(path, "else")) == ([("a", T0)], [], [])


def test_a_notebook_of_an_older_layout_gets_its_table_with_the_first_review(path: Path) -> None:
    book = NotebookFile(path)
    book.write("bot", T0, "deploy", now=T0)
    book.close()
    with sqlite3.connect(path) as older:
        older.executescript("drop table review; pragma user_version = 3")
    older.close()
    assert read(path) == []
    again = NotebookFile(path)
    assert again.review("bot", [review("a")], now=T0)
    again.close()
    assert read(path) == [("a", T0)]


def test_rows_that_make_no_sense_are_passed_over_and_many_are_kept(path: Path) -> None:
    book = NotebookFile(path)
    book.review("bot", [review(f"f{n}") for n in range(2_000)], now=T0)
    book.close()
    with sqlite3.connect(path) as strange:
        strange.execute(
            "insert into review(subject, bot, fingerprint, until, made, text) values ('bot','','x','y',1,'')"
        )
        strange.execute(
            "insert into review(subject, bot, fingerprint, until, made, text) values ('bot','',x'ff',1,1,1)"
        )
    strange.close()
    assert len(read(path)) == 2_000
