"""One writer for each target."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

from tradetop.store.lock import Lock, acquire, holder

HOLD = """
import sys
from pathlib import Path
from tradetop.store.lock import acquire
lock = acquire(Path(sys.argv[1]))
print("held" if lock else "refused", flush=True)
sys.stdin.read()
"""

LOOK = """
import sys
from pathlib import Path
from tradetop.store.lock import holder
print("on", flush=True)
while True:
    holder(Path(sys.argv[1]))
"""


def start(path: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_the_second_is_refused_and_learns_the_pid_of_the_first(tmp_path: Path) -> None:
    path = tmp_path / "bot.lock"
    with start(path) as first:
        assert said(first) == "held"
        assert acquire(path) is None
        assert holder(path) == first.pid
        first.communicate()


def test_a_killed_process_holds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "bot.lock"
    with start(path) as first:
        assert said(first) == "held"
        first.kill()
        first.communicate()
    assert holder(path) is None
    lock = acquire(path)
    assert lock is not None
    assert holder(path) == os.getpid()
    lock.release()


def test_release_lets_the_next_one_in(tmp_path: Path) -> None:
    path = tmp_path / "bot.lock"
    lock = acquire(path)
    assert lock is not None
    with lock:
        assert acquire(path) is None
    assert holder(path) is None
    again = acquire(path)
    assert again is not None
    again.release()


def test_nobody_holds_what_is_not_there(tmp_path: Path) -> None:
    assert holder(tmp_path / "none.lock") is None
    assert not (tmp_path / "none.lock").exists()


def test_lookers_keep_nobody_out(tmp_path: Path) -> None:
    path = tmp_path / "bot.lock"
    path.touch()
    with subprocess.Popen([sys.executable, "-c", LOOK, str(path)], stdout=subprocess.PIPE, text=True) as looker:
        try:
            assert said(looker) == "on"
            for _ in range(200):
                lock = acquire(path)
                assert lock is not None
                lock.release()
        finally:
            looker.kill()


def test_the_lock_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    lock = acquire(tmp_path / "bot.lock")
    assert lock is not None
    assert stat.S_IMODE((tmp_path / "bot.lock").stat().st_mode) == 0o600
    lock.release()


def test_a_lock_on_nothing_can_be_released() -> None:
    with Lock(Path("/nowhere/bot.lock"), -1) as lock:
        lock.release()


def test_who_could_not_write_its_number_is_known_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "bot.lock"
    lock = acquire(path)
    assert lock is not None
    path.write_text("")
    assert holder(path) == os.getpid()
    lock.release()
    assert holder(path) is None
