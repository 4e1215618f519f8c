"""Nothing that happens to the history file stops the recorder, and nothing recorded is thrown away."""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tradetop.model.labels import Labels
from tradetop.model.target import TargetStatus
from tradetop.store import MemoryStore
from tradetop.store.file import HistoryReader, HistoryWriter

T0 = 1_700_000_000_000
A = Labels({"__name__": "equity"})
ASIDE = "bot.db.aside-20231114T221320Z"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "bot.db"


def times(path: Path) -> list[int]:
    store, reader = MemoryStore(), HistoryReader.open(path)
    reader.load(store, 0)
    reader.close()
    columns = store.select([], 0, 2**60)
    return list(columns[0].times) if columns else []


def written(path: Path, count: int) -> None:
    writer = HistoryWriter.open(path, now=T0)
    for i in range(count):
        writer.append_scrape("bot", T0 + i, {A: random.Random(i).random()})
    writer.close()


def test_a_file_that_is_no_database_is_moved_aside(path: Path) -> None:
    path.write_text("equity 52000\n" * 100)
    writer = HistoryWriter.open(path, now=T0)
    assert writer.reason == ""
    assert "damaged" in writer.notice
    assert ASIDE in writer.notice
    assert "\n" not in writer.notice
    writer.append_scrape("bot", T0, {A: 1.0})
    writer.close()
    assert times(path) == [T0]
    assert path.with_name(ASIDE).read_text() == "equity 52000\n" * 100


@pytest.mark.parametrize("place", [0, 16, 18, 19])
def test_a_damaged_byte_of_the_header_costs_the_file_and_not_the_recording(path: Path, place: int) -> None:
    written(path, 3)
    with path.open("r+b") as file:
        file.seek(place)
        file.write(b"\x77")
    writer = HistoryWriter.open(path, now=T0)
    assert (writer.reason, ASIDE in writer.notice) == ("", True)
    writer.append_scrape("bot", T0 + 9, {A: 1.0})
    writer.close()
    assert times(path) == [T0 + 9]


def test_a_file_of_a_newer_version_is_refused_and_left_as_it_is(path: Path) -> None:
    written(path, 3)
    with sqlite3.connect(path) as newer:
        newer.execute("pragma user_version = 99")
    newer.close()
    before = path.read_bytes()
    reader = HistoryReader.open(path)
    assert "newer tradetop" in reader.reason
    assert not reader.damaged
    reader.close()
    writer = HistoryWriter.open(path, now=T0)
    writer.append_scrape("bot", T0 + 50, {A: 1.0})
    writer.put_status(TargetStatus())
    writer.trim(T0)
    assert writer.reason.startswith(f"not recording: {path}: it was written by a newer tradetop (format 99, ")
    assert "this one knows up to 2" in writer.reason
    writer.close()
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_file_of_a_format_that_never_was_is_damaged(path: Path) -> None:
    written(path, 3)
    with sqlite3.connect(path) as tampered:
        tampered.execute("pragma user_version = -5")
    tampered.close()
    writer = HistoryWriter.open(path, now=T0)
    assert (writer.reason, ASIDE in writer.notice) == ("", True)
    writer.close()


def test_a_file_without_its_tables_is_moved_aside(path: Path) -> None:
    written(path, 3)
    with sqlite3.connect(path) as tampered:
        tampered.execute("drop table scrape")
    tampered.close()
    writer = HistoryWriter.open(path, now=T0)
    writer.append_scrape("bot", T0, {A: 1.0})
    assert "no such table" in writer.notice
    assert writer.reason == ""
    writer.close()
    assert times(path) == [T0]


def test_damage_in_the_middle_is_said_and_the_writer_can_start_anew(path: Path) -> None:
    written(path, 3_000)
    with path.open("r+b") as file:
        for page in range(8, path.stat().st_size // 4096):
            file.seek(page * 4096)
            file.write(b"\xff" * 4096)
    reader, store = HistoryReader.open(path), MemoryStore()
    reader.load(store, 0)
    assert reader.damaged
    assert "damaged" in reader.reason
    assert str(path) in reader.reason
    writer = HistoryWriter.open(path, now=T0)
    writer.set_aside(T0, reader.reason)
    writer.append_scrape("bot", T0 + 9_000, {A: 1.0})
    assert writer.reason == ""
    assert reader.poll(store) == 1
    assert not reader.damaged
    assert path.with_name(ASIDE).exists()
    reader.close()
    writer.close()


def test_one_damaged_scrape_costs_that_scrape(path: Path) -> None:
    written(path, 5)
    with sqlite3.connect(path) as tampered:
        tampered.execute("update scrape set v = x'0102' where id = 3")
    tampered.close()
    reader, store = HistoryReader.open(path), MemoryStore()
    assert reader.load(store, 0) == 4
    assert "1 scrapes are damaged" in reader.reason
    reader.close()


def test_a_removed_file_is_started_anew(path: Path) -> None:
    writer = HistoryWriter.open(path, now=T0)
    writer.append_scrape("bot", T0, {A: 1.0})
    for file in path.parent.iterdir():
        file.unlink()
    writer.append_scrape("bot", T0 + 10, {A: 2.0})
    assert writer.reason == ""
    writer.close()
    assert times(path) == [T0 + 10]


def test_a_directory_that_cannot_be_is_said_until_it_can(tmp_path: Path) -> None:
    blocked = tmp_path / "state"
    blocked.write_text("a file")
    path = blocked / "bot.db"
    writer = HistoryWriter.open(path, now=T0)
    writer.append_scrape("bot", T0, {A: 1.0})
    writer.append_failed("bot", T0 + 5)
    writer.put_status(TargetStatus())
    writer.put_page("x")
    writer.trim(T0)
    assert writer.reason.startswith("not recording: ")
    assert str(path) in writer.reason
    blocked.unlink()
    writer.append_scrape("bot", T0 + 10, {A: 2.0})
    assert writer.reason == ""
    writer.close()
    assert times(path) == [T0 + 10]


def test_a_lock_by_somebody_else_passes(path: Path) -> None:
    written(path, 1)
    writer = HistoryWriter.open(path, now=T0)
    other = sqlite3.connect(path)
    other.execute("begin exclusive")
    writer.append_scrape("bot", T0 + 10, {A: 1.0})
    assert "locked" in writer.reason
    other.rollback()
    other.close()
    writer.append_scrape("bot", T0 + 20, {A: 1.0})
    assert writer.reason == ""
    writer.close()
    assert times(path) == [T0, T0 + 20]


FULL = """
import json, os, sqlite3, subprocess, sys
from pathlib import Path
from tradetop.model.labels import Labels
from tradetop.store.file import HistoryWriter

home = Path(sys.argv[1])
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", home], check=True)
path, series = home / "bot.db", [Labels({"__name__": "m", "i": str(i)}) for i in range(100)]
writer = HistoryWriter.open(path, now=0)

def scrape(t):
    writer.append_scrape("bot", t, {s: t * 0.37 + i * 1.1 for i, s in enumerate(series)})
    return writer.reason

said = {"reasons": sorted({scrape(t) for t in range(6000)})}
said["notice"] = writer.notice
with open(home / "ballast", "wb", buffering=0) as ballast:
    try:
        while True:
            ballast.write(os.urandom(1024))
    except OSError:
        pass
said["imported"] = writer.put_imported({s: {t: t * 0.77 for t in range(50_000)} for s in series})
said["import"] = writer.reason
said["beside"] = sorted({scrape(t) for t in range(6000, 7000)})
os.unlink(home / "ballast")
said["free"] = scrape(9000)
writer.close()
subprocess.run(["mount", "-o", "remount,ro", home], check=True)
said["read-only"] = scrape(9001)
subprocess.run(["mount", "-o", "remount,rw", home], check=True)
said["again"] = scrape(9002)
connection = sqlite3.connect(path)
said["check"] = connection.execute("pragma quick_check").fetchall()
said["oldest"] = connection.execute("select min(start) from block").fetchone()[0]
said["newest"] = connection.execute("select max(t) from scrape").fetchone()[0]
said["count"] = connection.execute("select (select count(*) from scrape) + (select sum(n) from block)").fetchone()[0]
print(json.dumps(said))
"""


@pytest.fixture(scope="module")
def full_disk(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    unshare = shutil.which("unshare")
    if unshare is None or subprocess.run([unshare, "-rm", "true"], capture_output=True, check=False).returncode:
        pytest.skip("no user namespaces here: cannot mount a small file system to fill")
    home = tmp_path_factory.mktemp("full")
    command = [unshare, "-rm", sys.executable, "-c", FULL, str(home)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    said: dict[str, object] = json.loads(done.stdout)
    return said


def test_a_full_disk_costs_the_oldest_history_and_not_the_newest(full_disk: dict[str, object]) -> None:
    assert full_disk["reasons"] == [""]
    assert "nearly full" in str(full_disk["notice"])
    assert int(str(full_disk["oldest"])) > 1_000
    assert full_disk["check"] == [["ok"]]


def test_a_disk_filled_by_others_is_survived(full_disk: dict[str, object]) -> None:
    assert full_disk["beside"] == [""]
    assert full_disk["free"] == ""
    assert int(str(full_disk["count"])) > 500


def test_what_is_imported_takes_no_room_from_what_was_recorded(full_disk: dict[str, object]) -> None:
    assert full_disk["imported"] is None
    assert "the disk is full" in str(full_disk["import"])
    assert int(str(full_disk["count"])) > 2_000


def test_a_read_only_disk_is_said_and_recording_resumes(full_disk: dict[str, object]) -> None:
    assert "not recording" in str(full_disk["read-only"])
    assert full_disk["again"] == ""
    assert full_disk["newest"] == 9_002


KILLED = """
import sys
from pathlib import Path
from tradetop.model.labels import Labels
from tradetop.store.file import HistoryWriter
writer = HistoryWriter.open(Path(sys.argv[1]), now=0)
first = int(sys.argv[2])
series = [Labels({"__name__": "m", "i": str(i)}) for i in range(100)]
for t in range(first, first + 100_000):
    writer.append_scrape("bot", t, {s: t + i * 0.1 for i, s in enumerate(series)})
    print(t, writer.reason, flush=True)
"""


def test_no_committed_scrape_is_lost_when_the_recorder_is_killed(path: Path) -> None:
    chance = random.Random(7)
    last = 0
    for _ in range(4):
        command = [sys.executable, "-c", KILLED, str(path), str(last + 1)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as recorder:
            assert recorder.stdout is not None
            for _ in range(chance.randrange(20, 400)):
                recorder.stdout.readline()
            recorder.kill()
            rest = [line for line in recorder.stdout if line.endswith("\n")]
        last = int(rest[-1]) if rest else last
        found = times(path)
        assert found[:last] == list(range(1, last + 1))
        last = found[-1]
    with sqlite3.connect(path) as check:
        assert check.execute("pragma integrity_check").fetchone() == ("ok",)
    check.close()
