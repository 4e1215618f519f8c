"""`tradetop history check`, as it is typed."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from cli.commands import run
from tradetop.model.labels import Labels
from tradetop.store.file import HistoryWriter
from tradetop.store.lock import acquire
from tradetop.store.notebook import NotebookFile
from tradetop.store.place import lock_path, notebook_path

T0 = 1_700_000_000_000
UP = Labels({"__name__": "up"})


def history(path: Path, count: int = 500) -> Path:
    writer = HistoryWriter.open(path, now=T0)
    for i in range(count):
        writer.append_scrape("scrape", T0 + i * 1_000, {UP: float(i)})
    writer.close()
    return path


def damage(path: Path) -> None:
    with sqlite3.connect(path) as tampered:
        tampered.execute("update block set v = x'00' where id = 240")
    tampered.close()


def test_all_histories_of_a_store_are_checked(tmp_path: Path) -> None:
    history(tmp_path / "a-00000000.db")
    damage(history(tmp_path / "b-00000000.db"))
    NotebookFile(notebook_path(tmp_path)).close()
    done = run(tmp_path, "history", "check", "--store", tmp_path)
    assert (done.returncode, done.stderr) == (1, "")
    first, second, problem, advice = done.stdout.splitlines()
    assert first.startswith(f"{tmp_path}/a-00000000.db: fine: 500 scrapes, 1 series, from 2023-11-14 22:13:20 UTC to ")
    assert first.endswith("KiB, format 2")
    assert "b-00000000.db: damaged: 380 scrapes, 1 series, less 120 scrapes that are lost, from" in second
    assert problem == "  block 240 cannot be read"
    assert "--repair" in advice


def test_a_repaired_history_takes_the_place_of_the_damaged_one_which_stays(tmp_path: Path) -> None:
    path = history(tmp_path / "a-00000000.db")
    damage(path)
    done = run(tmp_path, "history", "check", path, "--repair")
    assert (done.returncode, done.stderr) == (0, "")
    aside = tmp_path / done.stdout.splitlines()[-1].removeprefix("  repaired; the damaged file is ")
    assert aside.name.startswith("a-00000000.db.aside-2")
    assert "380 scrapes" in run(tmp_path, "history", "check", path).stdout
    again = run(tmp_path, "history", "check", aside, "--repair")
    assert again.returncode == 0
    assert f"saved into {aside.name}.repaired.db; {aside.name} stays as it is" in again.stdout
    twice = run(tmp_path, "history", "check", aside, "--repair")
    assert (twice.returncode, "is there already" in twice.stderr) == (2, True)
    out = run(tmp_path, "export", "--openmetrics", aside.name, "--store", tmp_path)
    assert out.stdout.count("\nup ") == 380


def test_a_history_that_is_recorded_is_not_repaired_under_its_recorder(tmp_path: Path) -> None:
    path = history(tmp_path / "a-00000000.db")
    damage(path)
    lock = acquire(lock_path(path))
    assert lock is not None
    with lock:
        done = run(tmp_path, "history", "check", path, "--repair")
    assert done.returncode == 2
    assert "is being recorded by process" in done.stderr


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        (("none.db",), "none.db: no such file"),
        (("--store", "nowhere"), "no history in {}/nowhere"),
        (("folder",), "folder: is no file"),
    ],
)
def test_what_is_not_there_is_said(tmp_path: Path, said: tuple[str, ...], problem: str) -> None:
    (tmp_path / "folder").mkdir()
    done = run(tmp_path, "history", "check", *said)
    assert (done.returncode, done.stderr) == (2, f"tradetop: {problem.format(tmp_path)}\n")


@pytest.mark.parametrize("words", [("history", "check", "bots.db"), ("history", "check", "bots.db", "--repair")])
def test_a_bots_own_database_is_left_alone(tmp_path: Path, words: tuple[str, ...]) -> None:
    with sqlite3.connect(tmp_path / "bots.db") as events:
        events.execute("create table bot_events(id integer primary key, event_type text)")
    events.close()
    before = (tmp_path / "bots.db").read_bytes()
    done = run(tmp_path, *words)
    assert done.returncode == 2
    assert "no history of tradetop's" in done.stderr
    done = run(tmp_path, "history", "check", "--repair", "--store", tmp_path)
    assert done.returncode == 2
    assert "left alone" in done.stderr
    assert (tmp_path / "bots.db").read_bytes() == before
    assert [path.name for path in tmp_path.glob("*.db*")] == ["bots.db"]


def test_what_cannot_be_read_at_all_is_not_replaced_by_nothing(tmp_path: Path) -> None:
    (tmp_path / "noise.db").write_bytes(b"no database" * 999)
    done = run(tmp_path, "history", "check", "noise.db", "--repair")
    assert done.returncode == 1
    assert "nothing of it can be read: it stays" in done.stdout
    assert (tmp_path / "noise.db").read_bytes() == b"no database" * 999


def test_nothing_appears_beside_what_is_only_looked_at(tmp_path: Path) -> None:
    path = history(tmp_path / "bot-00000000.db")
    assert run(tmp_path, "history", "check", path).returncode == 0
    assert [found.name for found in tmp_path.glob("*.db*")] == [path.name]
