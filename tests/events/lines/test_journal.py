"""A unit's journal: a real one where systemd's tools are, and a program in journalctl's place for its faults."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from events.lines.making import interpreter, messages, until_new, whole_past
from tradetop.events.fault import EventError
from tradetop.events.lines.journal import JournalLog
from tradetop.model.bot_event import EventClass
from tradetop.model.level import Level

T = 1_767_319_445_000
"""2026-01-02 02:04:05 UTC."""
REMOTE = "/lib/systemd/systemd-journal-remote"


class RealJournal:
    """A journal file, written by systemd's own program."""

    def __init__(self, folder: Path) -> None:
        if shutil.which("journalctl") is None or not Path(REMOTE).exists():
            pytest.skip("no journalctl or systemd-journal-remote here: apt-get install systemd-journal-remote")
        self.path = folder / "system.journal"
        self._count = 0

    def write(self, entries: Iterable[tuple[str, int]], unit: str = "bot.service") -> None:
        text = ""
        for message, priority in entries:
            self._count += 1
            text += (
                f"__REALTIME_TIMESTAMP={(T + self._count) * 1_000}\n__MONOTONIC_TIMESTAMP={self._count}\n"
                f"_BOOT_ID=0123456789abcdef0123456789abcdef\n_SYSTEMD_UNIT={unit}\n"
                f"PRIORITY={priority}\nMESSAGE={message}\n\n"
            )
        subprocess.run([REMOTE, "-o", str(self.path), "-"], input=text.encode(), check=True, capture_output=True)

    def log(self, unit: str = "bot.service") -> JournalLog:
        return JournalLog(unit, interpreter(), ("journalctl", f"--file={self.path}"))


async def test_the_past_in_pages_then_each_new_entry_once(tmp_path: Path) -> None:
    journal = RealJournal(tmp_path)
    journal.write((f"line {i}", 6) for i in range(1_201))
    journal.write([("another unit's", 6)], "other.service")
    log = journal.log()
    await log.check()
    past = await whole_past(log)
    assert len(past) == 1_201
    assert (past[-1].t, past[-1].id) == (T + 1_201, "entry 1201")
    assert messages(past[-500:]) == [f"line {i}" for i in range(701, 1_201)]
    assert await log.read_new() == ()
    journal.write([("new", 4), ('{"level": "error", "msg": "order failed", "symbol": "SOL"}', 6)])
    found = await until_new(log)
    while len(found) < 2:
        found += await until_new(log)
    assert messages(found) == ["new", "order failed"]
    assert (found[0].level, found[1].cls, found[1].pair) == (Level.WARNING, EventClass.ERROR, "SOL")
    await log.close()


async def test_a_journal_without_that_unit(tmp_path: Path) -> None:
    journal = RealJournal(tmp_path)
    journal.write([("x", 6)])
    log = journal.log("bto.service")
    with pytest.raises(EventError, match=r"journal of bto\.service: no entries; check the unit's name"):
        await log.check()
    assert await log.newest() == ()
    await log.close()


async def test_no_journalctl() -> None:
    log = JournalLog("bot.service", interpreter(), ("no-such-journalctl",))
    with pytest.raises(EventError, match="no journalctl here; name the bot's log file instead"):
        await log.check()


@pytest.mark.parametrize("unit", ["", "-f", "a b", "a;b", "a\nb", "../x", "\x1b[2J"])
async def test_a_unit_that_is_none_never_becomes_an_argument(unit: str) -> None:
    log = JournalLog(unit, interpreter(), ("echo",))
    with pytest.raises(EventError, match="is no unit's name") as caught:
        await log.check()
    assert str(caught.value).isprintable()


FAKE = """
import json, os, sys
said = sys.argv[1:]
folder = os.path.dirname(sys.argv[0])
with open(os.path.join(folder, "asked"), "a") as file:
    print(json.dumps(said), file=file)
name = "new" if "--follow" in said else "past"
with open(os.path.join(folder, name), "rb") as file:
    sys.stdout.buffer.write(file.read())
sys.stdout.flush()
sys.stderr.write("Hint: you see less\\nFailed to open: Permission denied\\n")
sys.exit(1 if os.path.exists(os.path.join(folder, "fail")) else 0)
"""


class FakeJournal:
    """A program that writes what a test gives it, in journalctl's place."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        (folder / "journalctl.py").write_text(FAKE)
        self.past(b"")
        self.new(b"")

    def past(self, raw: bytes) -> None:
        (self._folder / "past").write_bytes(raw)

    def new(self, raw: bytes) -> None:
        (self._folder / "new").write_bytes(raw)

    def fail(self) -> None:
        (self._folder / "fail").touch()

    def asked(self) -> list[list[str]]:
        return [json.loads(line) for line in (self._folder / "asked").read_text().splitlines()]

    def log(self, unit: str = "bot.service") -> JournalLog:
        return JournalLog(unit, interpreter(), (sys.executable, str(self._folder / "journalctl.py")))


def entry(number: int, message: object) -> bytes:
    told = {"__CURSOR": f"s=a;i={number:x}", "__REALTIME_TIMESTAMP": str((T + number) * 1_000), "MESSAGE": message}
    return json.dumps(told).encode() + b"\n"


async def test_a_journalctl_that_fails_says_why(tmp_path: Path) -> None:
    journal = FakeJournal(tmp_path)
    journal.fail()
    log = journal.log()
    with pytest.raises(EventError, match="journalctl failed: Failed to open: Permission denied"):
        await log.check()
    await log.close()


async def test_one_that_ends_is_started_again_after_the_last_entry(tmp_path: Path) -> None:
    journal = FakeJournal(tmp_path)
    journal.past(entry(1, "old"))
    journal.new(entry(2, "a") + entry(3, "b"))
    log = journal.log("user/bot.service")
    await log.newest()
    assert messages(await until_new(log)) == ["a", "b"]
    with pytest.raises(EventError, match="has ended; starting it again"):
        await until_new(log)
    journal.new(entry(4, "c"))
    assert messages(await until_new(log)) == ["c"]
    asked = [said for said in journal.asked() if "--follow" in said]
    assert "--user-unit=bot.service" in asked[0]
    assert [said[-1] for said in asked] == ["--after-cursor=s=a;i=1", "--after-cursor=s=a;i=3"]
    await log.close()


async def test_strange_entries_cost_only_themselves(tmp_path: Path) -> None:
    journal = FakeJournal(tmp_path)
    bad = b'nonsense\n{"MESSAGE": "no cursor"}\n[]\n' + entry(7, "y" * (3 << 20))
    journal.past(entry(4, None) + entry(3, list(b"\xff bytes")) + bad + entry(1, "good"))
    log = journal.log()
    assert messages(list(await log.newest())) == ["good", "\ufffd bytes"]
    assert "4 lines could not be read" in log.take_notice()
    await log.close()
