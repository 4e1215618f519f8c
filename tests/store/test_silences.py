"""Silences and drills in the notebook: all instances see them, older files take them in, a bad row costs itself."""

from __future__ import annotations

import math
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from tradetop.model.drill import Drill
from tradetop.model.labels import Labels
from tradetop.model.level import Level
from tradetop.model.panel import Side
from tradetop.model.silence import Silence, SilenceKind
from tradetop.store.notebook import NotebookFile

T0 = 1_700_000_000_000
SNOOZE = Silence(
    "",
    SilenceKind.SNOOZE,
    "DailyLoss",
    made=T0,
    until=T0 + 7_200_000,
    labels=Labels({"mode": "live", "severity": "critical"}),
    reason="deploying",
    level=Level.CRITICAL,
    value=-480.0,
    side=Side.BELOW,
    planned=T0 + 7_200_000,
)
ACK = Silence("", SilenceKind.ACK, "Slow", made=T0 + 1)
DRILL = Drill("", "Drawdown", Labels({"drill": "yes"}), 9.1, T0, T0 + 60_000, T0 + 300_000)
FIRST_LAYOUT = """
    create table mark(id integer primary key autoincrement, subject text not null, bot text not null,
        t integer not null, text text not null, made integer not null);
    create index mark_time on mark(t);
    pragma user_version = 1;
    insert into mark(subject, bot, t, text, made) values ('bot', '', 5, 'deploy v1', 5);
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "notebook.db"


def read(path: Path, subject: str = "bot", bot: str = "") -> tuple[Silence, ...]:
    book = NotebookFile(path)
    book.follow(T0)
    found = book.silences(subject, bot)
    assert book.notice(T0) == ""
    book.close()
    return found


def test_another_instance_reads_what_was_written(path: Path) -> None:
    mine, theirs = NotebookFile(path), NotebookFile(path)
    theirs.follow(T0)
    assert theirs.silences("bot") == ()
    assert mine.silence("bot", [SNOOZE, ACK], now=T0)
    theirs.follow(T0)
    found = theirs.silences("bot")
    assert [replace(silence, id="") for silence in found] == [SNOOZE, ACK]
    assert len({silence.id for silence in found}) == 2
    theirs.follow(T0 + 1)
    assert theirs.silences("bot") is found
    mine.close()
    theirs.close()


def test_a_silence_is_of_one_target_one_of_its_bots_or_of_all(path: Path) -> None:
    book = NotebookFile(path)
    book.silence("a", [replace(ACK, alert="OfA")], now=T0)
    book.silence("a", [replace(ACK, alert="OfGrid")], bot="grid", now=T0)
    book.silence("", [replace(ACK, alert="OfAll")], now=T0)
    book.close()
    assert [s.alert for s in read(path, "a")] == ["OfA", "OfAll"]
    assert [s.alert for s in read(path, "a", "grid")] == ["OfA", "OfGrid", "OfAll"]
    assert [s.alert for s in read(path, "b")] == ["OfAll"]


@pytest.mark.parametrize("value", [0.0, -480.25, 1e300, math.inf, -math.inf])
def test_a_value_comes_back_as_it_was(value: float, path: Path) -> None:
    book = NotebookFile(path)
    book.silence("bot", [replace(SNOOZE, value=value), replace(SNOOZE, value=math.nan)], now=T0)
    book.close()
    first, second = read(path)
    assert first.value == value
    assert math.isnan(second.value)


def test_what_was_silenced_can_be_taken_back(path: Path) -> None:
    book = NotebookFile(path)
    book.silence("bot", [SNOOZE, ACK], now=T0)
    assert book.end([silence.id for silence in book.silences("bot")], T0 + 60_000)
    assert [silence.until for silence in book.silences("bot")] == [T0 + 60_000] * 2
    # That it was to last longer is known still.
    assert [silence.planned for silence in book.silences("bot")] == [SNOOZE.until, None]
    # What has ended stays as it ended.
    assert book.end([book.silences("bot")[0].id], T0 + 90_000)
    assert book.silences("bot")[0].until == T0 + 60_000
    book.close()


def test_a_drill_is_begun_and_called_off(path: Path) -> None:
    book = NotebookFile(path)
    begun = book.drill("bot", DRILL, now=T0)
    assert [replace(drill, id="") for drill in book.drills("bot")] == [DRILL]
    assert book.drills("other") == ()
    assert book.drills("bot")[0].id == begun
    book.end([begun], T0 + 1_000)
    assert book.drills("bot")[0].until == T0 + 1_000
    book.close()


def test_a_notebook_of_marks_alone_takes_them_in_and_keeps_its_marks(path: Path) -> None:
    with sqlite3.connect(path) as older:
        older.executescript(FIRST_LAYOUT)
    older.close()
    book = NotebookFile(path)
    book.follow(T0)
    assert ([mark.text for mark in book.marks("bot")], book.silences("bot"), book.drills("bot")) == (
        ["deploy v1"],
        (),
        (),
    )
    with sqlite3.connect(path) as untouched:
        assert untouched.execute("pragma user_version").fetchone() == (1,)
    untouched.close()
    assert book.silence("bot", [SNOOZE], now=T0)
    assert book.write("bot", T0, "deploy v2", now=T0)
    book.close()
    assert len(read(path)) == 1
    again = NotebookFile(path)
    again.follow(T0)
    assert [mark.text for mark in again.marks("bot")] == ["deploy v1", "deploy v2"]
    again.close()


def test_silences_of_an_older_layout_are_read_and_keep_their_ends(path: Path) -> None:
    book = NotebookFile(path)
    book.silence("bot", [SNOOZE], now=T0)
    book.close()
    with sqlite3.connect(path) as older:
        older.executescript("alter table silence drop column planned; drop table review; pragma user_version = 2")
    older.close()
    assert [replace(silence, id="") for silence in read(path)] == [SNOOZE]
    again = NotebookFile(path)
    again.silence("bot", [ACK], now=T0)
    assert [(s.until, s.planned) for s in again.silences("bot")] == [(SNOOZE.until, SNOOZE.until), (None, None)]
    again.close()


def test_rows_that_make_no_sense_are_passed_over_and_texts_made_harmless(path: Path) -> None:
    book = NotebookFile(path)
    book.silence("bot", [replace(ACK, alert="Good", reason="a\x1b[2J\nb" + "x" * 900)], now=T0)
    book.close()
    names = "subject, bot, kind, alert, labels, made, until, reason, level, value, side"
    rows = [
        ("for ever", "A", "{}", T0, None, "", 1, 1.0, ""),
        ("ack", "B", "[1]", T0, None, "", 1, 1.0, ""),
        ("ack", "C", "{", T0, None, "", 1, 1.0, ""),
        ("ack", "D", "{}", "soon", None, "", 1, 1.0, ""),
        ("ack", "E", "{}", T0, "later", "", 1, 1.0, ""),
        ("ack", "F", "{}", T0, None, "", 77, 1.0, ""),
        ("ack", "G", "{}", T0, None, "", 1, "many", ""),
        ("ack", "H", "{}", T0, None, "", 1, 1.0, "beyond"),
        ("ack", "\x1b]52;c;x\x07Bad", '{"a\\u001b": "b\\u202e"}', T0, None, "\x1b[31m", 1, 1.0, "above"),
    ]
    with sqlite3.connect(path) as other:
        other.executemany(
            f"insert into silence({names}) values ('bot', '', ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            rows,
        )
    other.close()
    found = read(path)
    assert found[0].alert == "Good"
    assert len(found) == 2
    assert len(found[0].reason) < 250
    shown = "".join(f"{s.alert}{s.reason}{dict(s.labels)}" for s in found)
    assert shown.isprintable()


def test_a_notebook_that_cannot_be_written_says_what_is_lost(path: Path) -> None:
    path.write_text("no database " * 100)
    book = NotebookFile(path)
    assert not book.silence("bot", [SNOOZE, ACK], now=T0)
    assert book.notice(T0).startswith("that DailyLoss, Slow shall be quiet is not kept: ")
    assert book.drill("bot", DRILL, now=T0) == ""
    assert book.notice(T0).startswith("the drill of Drawdown is not kept: ")
    book.close()
