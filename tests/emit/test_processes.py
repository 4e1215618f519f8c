"""Bots in processes of their own: how they end, and that they fork."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

import tradetop.emit
from emit.hearing import Hearing

COPY = Path(tradetop.emit.__file__)
START = """
import multiprocessing, os, signal, sys, threading, time
from emit import Emitter
events = Emitter(sys.argv[1], "alpha", token="t", spool="alpha.spool", every=1000)
"""


@pytest.fixture
def heard() -> Iterator[Hearing]:
    with Hearing() as hearing:
        yield hearing


def bot(folder: Path, heard: Hearing, program: str) -> subprocess.CompletedProcess[str]:
    """A bot that has a copy of the file beside it, and nothing of tradetop."""
    (folder / "emit.py").write_bytes(COPY.read_bytes())
    (folder / "bot.py").write_text(START + program)
    return subprocess.run(
        [sys.executable, "-W", "ignore", "bot.py", heard.url],
        cwd=folder,
        env={},
        capture_output=True,
        text=True,
        timeout=30,
    )


def said(heard: Hearing) -> list[str]:
    return sorted(event["metadata"]["from"] for event in heard.events.values())


@pytest.mark.parametrize(
    "end",
    [
        "",
        "sys.exit(3)",
        "raise ValueError",
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(0)); os.kill(os.getpid(), 15)",
    ],
)
def test_a_bot_that_ends_sends_what_it_has(tmp_path: Path, heard: Hearing, end: str) -> None:
    bot(tmp_path, heard, "events.emit('signal', metadata={'from': 'bot'})\n" + end)
    assert said(heard) == ["bot"]


def test_a_bot_that_ends_while_the_server_is_away_spools(tmp_path: Path, heard: Hearing) -> None:
    heard.stop()
    done = bot(tmp_path, heard, "events.emit('signal', metadata={'from': 'bot'})")
    assert done.returncode == 0
    assert "no answer from 127.0.0.1: ConnectionRefusedError" in done.stderr
    heard.start()
    bot(tmp_path, heard, "events.emit('signal', metadata={'from': 'next'})")
    assert said(heard) == ["bot", "next"]


def test_after_a_fork_each_process_sends_its_own(tmp_path: Path, heard: Hearing) -> None:
    bot(
        tmp_path,
        heard,
        """
events.emit('signal', metadata={'from': 'parent before'})
for n in range(3):
    if os.fork() == 0:
        events.emit('signal', metadata={'from': f'child {n}'})
        sys.exit(0)
events.emit('signal', metadata={'from': 'parent after'})
for _ in range(3):
    os.wait()
""",
    )
    assert said(heard) == ["child 0", "child 1", "child 2", "parent after", "parent before"]
    assert len(heard.events) == 5


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_a_child_of_multiprocessing_ends_without_atexit_and_loses_nothing(
    tmp_path: Path, heard: Hearing, method: str
) -> None:
    done = bot(
        tmp_path,
        heard,
        f"""
def work():
    events.emit('signal', metadata={{'from': 'child'}})

if __name__ == "__main__":
    events.emit('signal', metadata={{'from': 'parent'}})
    child = multiprocessing.get_context("{method}").Process(target=work)
    child.start()
    child.join()
    print(child.exitcode)
""",
    )
    assert (done.stdout, said(heard)) == ("0\n", ["child", "parent"])


def test_forks_in_the_midst_of_spooling_harm_nobody(tmp_path: Path, heard: Hearing) -> None:
    heard.stop()
    done = bot(
        tmp_path,
        heard,
        """
children = []
for n in range(30):
    for i in range(50):
        events.emit('signal', metadata={'from': f'{n} {i}'})
    pid = os.fork()
    if pid == 0:
        events.emit('signal', metadata={'from': f'child {n}'})
        events.close()
        os._exit(events.stats.dropped)
    children.append(pid)
print([os.waitpid(pid, 0)[1] for pid in children] == [0] * 30)
events.close()
print(events.stats.dropped)
""",
    )
    assert done.stdout == "True\n0\n"
    with closing(sqlite3.connect(tmp_path / "alpha.spool")) as link:
        assert link.execute("SELECT count(*) FROM spool").fetchone() == (1_530,)


def test_a_signal_handler_may_emit_at_any_moment(tmp_path: Path, heard: Hearing) -> None:
    bot(
        tmp_path,
        heard,
        """
count = 0
def more(*_):
    global count
    count += 1
    events.emit('signal', metadata={'from': 'handler'})
signal.signal(signal.SIGALRM, more)
signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
end = time.monotonic() + 0.5
while time.monotonic() < end:
    events.emit('signal', metadata={'from': 'loop'})
    time.sleep(0.0001)
signal.setitimer(signal.ITIMER_REAL, 0)
events.emit('signal', metadata={'from': str(count)})
""",
    )
    found = said(heard)
    number = next(one for one in found if one.isdigit())
    assert found.count("handler") == int(number) > 10


def test_killed_in_the_midst_of_spooling_it_leaves_a_spool_that_can_be_sent(tmp_path: Path, heard: Hearing) -> None:
    heard.stop()
    (tmp_path / "emit.py").write_bytes(COPY.read_bytes())
    (tmp_path / "bot.py").write_text(
        START
        + """
while True:
    for i in range(50):
        events.emit('signal', metadata={'from': str(i)})
    events.flush()
    print(events.stats.spooled, flush=True)
"""
    )
    with subprocess.Popen(
        [sys.executable, "bot.py", heard.url],
        cwd=tmp_path,
        env={},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        spooled = [int(process.stdout.readline()) for _ in range(10)][-1]
        process.send_signal(signal.SIGKILL)
        spooled = max([spooled, *map(int, process.stdout.read().split())])
    heard.start()
    with tradetop.emit.Emitter(heard.url, "alpha", token="t", spool=str(tmp_path / "alpha.spool")) as events:
        assert events.flush()
    assert len(heard.events) >= spooled
    assert len(heard.events) % 50 == 0
