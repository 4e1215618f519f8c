"""What people write down survives writers side by side, kills and bad files; a fault costs the marks alone."""

from __future__ import annotations

import json
import shutil
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tradetop.store.notebook import MOST, TEXT, NotebookFile

T0 = 1_700_000_000_000

WRITE = """
import sys
from pathlib import Path
from tradetop.store.notebook import NotebookFile
book, who = NotebookFile(Path(sys.argv[1])), sys.argv[2]
for i in range(int(sys.argv[3])):
    while not book.write("bot", i, f"{who} {i}", now=i):
        assert "locked" in book.notice(i), book.notice(i)
    print(i, flush=True)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "notebook.db"


def texts(path: Path, subject: str = "bot", bot: str = "") -> list[str]:
    book = NotebookFile(path)
    book.follow(T0)
    found = [mark.text for mark in book.marks(subject, bot)]
    assert book.notice(T0) == ""
    book.close()
    return found


def start(path: Path, who: str, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITE, str(path), who, str(count)], stdout=subprocess.PIPE, text=True
    )


def test_nothing_is_created_before_the_first_mark(path: Path) -> None:
    book = NotebookFile(path)
    book.follow(T0)
    assert (book.marks("bot"), book.notice(T0)) == ((), "")
    assert not path.parent.exists()
    assert book.write("bot", T0, "deploy v2", now=T0)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [(m.t, m.text, m.everybodys) for m in book.marks("bot")] == [(T0, "deploy v2", False)]
    book.close()


def test_marks_belong_to_one_target_or_one_of_its_bots_or_everybody(path: Path) -> None:
    book = NotebookFile(path)
    book.write("a", T0 + 2, "of a", now=T0)
    book.write("a", T0 + 1, "of one bot of a", bot="grid", now=T0)
    book.write("", T0 + 3, "of all", now=T0)
    book.close()
    assert texts(path, "a") == ["of a", "of all"]
    assert texts(path, "a", "grid") == ["of one bot of a", "of a", "of all"]
    assert texts(path, "b", "grid") == ["of all"]
    everybodys = NotebookFile(path)
    everybodys.follow(T0)
    assert [m.everybodys for m in everybodys.marks("a")] == [False, True]
    everybodys.close()


def test_others_marks_are_seen_and_reading_costs_nothing_while_there_are_none(path: Path) -> None:
    mine, theirs = NotebookFile(path), NotebookFile(path)
    mine.write("bot", T0, "mine", now=T0)
    theirs.follow(T0)
    before = theirs.marks("bot")
    mine.follow(T0 + 1)
    theirs.follow(T0 + 1)
    assert theirs.marks("bot") is before
    mine.write("other", T0 + 5, "of another target", now=T0 + 5)
    mine.write("bot", T0 + 6, "again", now=T0 + 6)
    theirs.follow(T0 + 7)
    assert [m.text for m in theirs.marks("bot")] == ["mine", "again"]
    assert len({m.id for m in theirs.marks("bot")}) == 2
    mine.close()
    theirs.close()


def test_two_writers_at_once_lose_nothing(path: Path) -> None:
    with start(path, "one", 40) as one, start(path, "two", 40) as two:
        assert [one.wait(), two.wait()] == [0, 0]
    found = texts(path)
    assert sorted(found) == sorted(f"{who} {i}" for who in ("one", "two") for i in range(40))


def test_a_writer_that_is_killed_loses_nothing_it_had_kept_and_blocks_nobody(path: Path) -> None:
    for turn in range(3):
        with start(path, f"turn {turn}", 10_000) as writer:
            assert writer.stdout is not None
            said = [writer.stdout.readline() for _ in range(15)]
            writer.kill()
            said += writer.stdout.readlines()
        kept = [text for text in texts(path) if text.startswith(f"turn {turn} ")]
        # What it was killed in the middle of may be there without having been said.
        whole = sum(line.endswith("\n") for line in said)
        assert len(kept) in (whole, whole + 1)
        assert kept == [f"turn {turn} {i}" for i in range(len(kept))]
    book = NotebookFile(path)
    assert book.write("bot", T0, "the next one", now=T0)
    book.close()
    with sqlite3.connect(path) as whole_file:
        assert whole_file.execute("pragma integrity_check").fetchone() == ("ok",)
    whole_file.close()


def test_text_is_made_harmless_and_short(path: Path) -> None:
    book = NotebookFile(path)
    book.write("bot", T0, "  deploy\n\x1b[31mv2\u202e  ", now=T0)
    book.write("bot", T0 + 1, "x" * 5_000, now=T0)
    said = [m.text for m in book.marks("bot")]
    book.close()
    assert said[0] == "deploy ␛[31mv2<U+202E>"
    assert said[1].startswith("x" * TEXT + "…")
    assert len(said[1]) < TEXT + 30
    assert texts(path) == said


def test_what_somebody_else_put_into_the_file_is_made_harmless_too(path: Path) -> None:
    book = NotebookFile(path)
    book.write("bot", T0, "mine", now=T0)
    with sqlite3.connect(path) as other:
        insert = "insert into mark(subject, bot, t, text, made) values ('bot', '', ?, ?, 0)"
        other.executemany(insert, [(T0 + 1, "\x1b[2J"), ("soon", "no time"), (T0 + 2, b"\xff\xfe")])
        other.execute("insert into mark(subject, bot, t, text, made) values ('bot', '', 5, cast(x'ff41' as text), 0)")
    other.close()
    book.close()
    assert texts(path) == ["\ufffdA", "mine", "␛[2J"]


def test_of_very_many_marks_the_latest_are_shown(path: Path) -> None:
    book = NotebookFile(path)
    book.write("bot", 0, "first", now=T0)
    with sqlite3.connect(path) as other:
        insert = "insert into mark(subject, bot, t, text, made) values ('bot', '', ?, 'x', 0)"
        other.executemany(insert, [(t,) for t in range(1, MOST + 50)])
    other.close()
    book.follow(T0)
    marks = book.marks("bot")
    book.close()
    assert (len(marks), marks[-1].t) == (MOST, MOST + 49)


def test_a_file_that_is_no_notebook_is_said_and_left_alone(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("deploy v1\n" * 100)
    book = NotebookFile(path)
    book.follow(T0)
    assert book.marks("bot") == ()
    assert book.notice(T0).startswith(f"marks: {path} is damaged")
    assert not book.write("bot", T0, "deploy v2", now=T0)
    assert book.notice(T0).startswith('the mark "deploy v2" is not kept: ')
    assert "damaged" in book.notice(T0)
    assert "\n" not in book.notice(T0)
    assert path.read_text() == "deploy v1\n" * 100
    path.unlink()
    book.follow(T0)
    assert book.write("bot", T0, "deploy v2", now=T0)
    assert book.notice(T0) == ""
    book.close()
    assert texts(path) == ["deploy v2"]


def test_damage_that_comes_later_costs_what_is_new(path: Path) -> None:
    book = NotebookFile(path)
    for i in range(300):
        book.write("bot", T0 + i, "x" * 150, now=T0)
    book.close()
    with path.open("r+b") as file:
        for page in range(2, path.stat().st_size // 4096):
            file.seek(page * 4096)
            file.write(b"\xff" * 4096)
    book.follow(T0)
    assert "damaged" in book.notice(T0)
    assert len(book.marks("bot")) == 300
    book.close()


def test_a_notebook_of_a_newer_version_is_left_alone(path: Path) -> None:
    book = NotebookFile(path)
    book.write("bot", T0, "deploy v2", now=T0)
    with sqlite3.connect(path) as newer:
        newer.execute("pragma user_version = 99")
    newer.close()
    book.close()
    later = NotebookFile(path)
    later.follow(T0)
    assert "newer tradetop" in later.notice(T0)
    assert not later.write("bot", T0, "deploy v3", now=T0)
    assert "newer tradetop" in later.notice(T0)
    later.close()
    with sqlite3.connect(path) as kept:
        assert kept.execute("select count(*) from mark").fetchone() == (1,)
    kept.close()


def test_a_lock_by_somebody_else_is_waited_for_before_it_is_said(path: Path) -> None:
    book = NotebookFile(path)
    book.write("bot", T0, "deploy v2", now=T0)
    other = sqlite3.connect(path)
    other.execute("begin exclusive")
    book.follow(T0 + 1_000)
    assert (len(book.marks("bot")), book.notice(T0 + 1_000)) == (1, "")
    book.follow(T0 + 9_000)
    assert "locked by another process" in book.notice(T0 + 9_000)
    assert not book.write("bot", T0, "deploy v3", now=T0 + 9_000)
    assert 'the mark "deploy v3" is not kept' in book.notice(T0 + 9_000)
    other.rollback()
    other.close()
    book.follow(T0 + 10_000)
    assert len(book.marks("bot")) == 1
    # That a mark was lost is worth saying for a while, though all is well again.
    assert "not kept" in book.notice(T0 + 20_000)
    assert book.notice(T0 + 90_000) == ""
    book.close()


def test_a_directory_that_cannot_be_is_said_until_it_can(path: Path) -> None:
    path.parent.write_text("a file")
    book = NotebookFile(path)
    book.follow(T0)
    assert str(path) in book.notice(T0)
    assert not book.write("bot", T0, "deploy", now=T0)
    path.parent.unlink()
    assert book.write("bot", T0, "deploy", now=T0)
    assert book.notice(T0) == ""
    book.close()


def test_a_notebook_that_was_removed_is_empty_and_begins_anew(path: Path) -> None:
    book = NotebookFile(path)
    book.write("bot", T0, "deploy v1", now=T0)
    path.unlink()
    book.follow(T0)
    assert book.marks("bot") == ()
    assert book.write("bot", T0, "deploy v2", now=T0)
    assert [m.text for m in book.marks("bot")] == ["deploy v2"]
    book.close()


SMALL = """
import json, os, subprocess, sys
from pathlib import Path
from tradetop.store.notebook import NotebookFile

home = Path(sys.argv[1])
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", home], check=True)
book, said = NotebookFile(home / "notebook.db"), {}
assert book.write("bot", 0, "before", now=0)
with open(home / "ballast", "wb", buffering=0) as ballast:
    try:
        while True:
            ballast.write(os.urandom(1024))
    except OSError:
        pass
said["full"] = [book.write("bot", 1, "x" * 150, now=1) for _ in range(40)][-1], book.notice(1)
os.unlink(home / "ballast")
assert book.write("bot", 2, "after", now=2)
book.close()
subprocess.run(["mount", "-o", "remount,ro", home], check=True)
other = NotebookFile(home / "notebook.db")
other.follow(3)
said["read"] = [m.text for m in other.marks("bot") if "x" not in m.text]
said["notice"] = other.notice(3)
said["read-only"] = other.write("bot", 3, "deploy", now=3), other.notice(3)
other.follow(4)
said["still"] = len(other.marks("bot")) >= 2
print(json.dumps(said))
"""


def test_a_full_or_read_only_disk_costs_the_new_mark_and_keeps_the_old(tmp_path: Path) -> None:
    unshare = shutil.which("unshare")
    if unshare is None or subprocess.run([unshare, "-rm", "true"], capture_output=True, check=False).returncode:
        pytest.skip("no user namespaces here: cannot mount a small file system to fill")
    command = [unshare, "-rm", sys.executable, "-c", SMALL, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["full"][0] is False
    assert "the disk is full" in said["full"][1]
    assert (said["read"], said["notice"]) == (["before", "after"], "")
    assert said["read-only"][0] is False
    assert "read-only" in said["read-only"][1]
    assert said["still"]
