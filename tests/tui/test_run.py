"""The real program in a pseudo-terminal: it always gives the terminal back, and never lives on without one."""

from __future__ import annotations

import resource
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tradetop.tui.run import unfit
from tui.pseudo import PATIENCE, SAMPLE, Pseudo

pytestmark = pytest.mark.terminal

RESTORED = {1049: False, 1000: False, 1003: False, 1004: False, 2004: False, 25: True, 7: True}


def start(kind: str = "plain", *more: str, size: tuple[int, int] = (80, 24), hup: str = "default") -> Pseudo:
    return Pseudo([str(SAMPLE), kind, *more], size=size, hup=hup)


def assert_restored(terminal: Pseudo) -> None:
    assert terminal.modes.items() >= RESTORED.items()
    assert terminal.attributes() == terminal.before


def test_q_ends_it_quickly_and_restores_the_terminal() -> None:
    with start() as terminal:
        terminal.until("row 23")
        assert terminal.modes[1049]
        terminal.type(b"q")
        assert terminal.ended() < 0.3
        assert terminal.process.returncode == 0
        assert_restored(terminal)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_ends_it_and_restores_the_terminal(number: signal.Signals) -> None:
    with start() as terminal:
        terminal.until("row 23")
        terminal.signal(number)
        assert terminal.ended() < 1.0
        assert terminal.process.returncode == 0
        assert_restored(terminal)


@pytest.mark.parametrize("hup", ["default", "ignored", "elsewhere"])
def test_a_lost_terminal_ends_it_within_two_seconds(hup: str) -> None:
    with start(hup=hup) as terminal:
        terminal.until("row 23")
        assert terminal.hang_up() < 2.0


def test_a_lost_terminal_costs_no_processor_time() -> None:
    with start(hup="elsewhere") as terminal:
        terminal.until("row 23")
        ended_before, alive = children_cpu(), terminal.cpu()
        terminal.hang_up()
        assert terminal.process.returncode == 0
        assert children_cpu() - ended_before - alive < 0.3


def test_ctrl_z_gives_the_terminal_back_and_fg_draws_everything_again() -> None:
    with start() as terminal:
        terminal.until("row 23")
        terminal.type(b"\x1a")
        terminal.until(lambda: stopped(terminal.process.pid))
        terminal.until(lambda: not terminal.modes[1049])
        assert terminal.attributes() == terminal.before
        terminal.screen.reset()
        terminal.signal(signal.SIGCONT)
        terminal.until("row 23")
        assert terminal.modes[1049]
        terminal.type(b"q")
        terminal.ended()
        assert_restored(terminal)


def test_ctrl_l_draws_over_what_somebody_else_has_written() -> None:
    with start() as terminal:
        terminal.until("row 23")
        terminal.screen.reset()
        terminal.type(b"\x0c")
        terminal.until("row 23")
        terminal.type(b"q")
        terminal.ended()


def test_bytes_that_are_no_text_are_survived() -> None:
    with start() as terminal:
        terminal.until("row 23")
        terminal.type(b"\xe9\xff\xfe\xc3(\x00\x1b[999;999;999~\x1b[<0;0;0M\x1b[200~paste q\x1b[201~")
        terminal.type(b"?")
        terminal.until("screen help")
        terminal.type(b"q")
        terminal.ended()
        assert terminal.process.returncode == 0


def test_a_crash_restores_the_terminal_and_reports_without_values(tmp_path: Path) -> None:
    log = tmp_path / "tradetop.log"
    with start("crash", str(log)) as terminal:
        terminal.until("row 23")
        terminal.type(b"?")
        terminal.ended()
        assert terminal.process.returncode == 1
        assert_restored(terminal)
        assert "ValueError: cannot draw" in terminal.text.replace("\n", "")
        report = log.read_text()
    assert "sample_program.py" in report
    assert "in crashing" in report
    assert "hunter2" not in report.replace("SECRET", "")
    assert b"hunter2" not in terminal.raw
    assert log.stat().st_mode & 0o777 == 0o600


def test_what_a_library_prints_goes_to_the_log_and_not_to_the_screen(tmp_path: Path) -> None:
    log = tmp_path / "tradetop.log"
    with start("noisy", str(log)) as terminal:
        terminal.until("row 23")
        terminal.type(b"q")
        terminal.ended()
    assert b"complains" not in terminal.raw
    assert "a library complains" in log.read_text()


def test_an_escape_sequence_in_the_drawing_never_reaches_the_terminal() -> None:
    with start("hostile") as terminal:
        terminal.until("owned")
        terminal.type(b"q")
        terminal.ended()
        assert b"\x1b]52" not in terminal.raw
        assert b"\x1b[3J" not in terminal.raw
        assert b"\xc2\x9b" not in terminal.raw
        assert "hits 0" not in terminal.text
        assert "hits" in terminal.text


def test_a_stalled_terminal_blocks_neither_the_program_nor_its_end() -> None:
    with start("flood", size=(200, 50)) as terminal:
        terminal.until("row 49")
        stall(terminal)
        terminal.type(b"?")
        terminal.signal(signal.SIGTERM)
        began = time.monotonic()
        terminal.process.wait(PATIENCE)
        assert time.monotonic() - began < 5.0


def test_a_terminal_that_was_stalled_catches_up_with_the_newest() -> None:
    with start("flood", size=(200, 50)) as terminal:
        terminal.until("row 49")
        stall(terminal)
        terminal.type(b"?")
        terminal.until("screen help")
        terminal.type(b"q")
        terminal.ended()
        assert_restored(terminal)


def test_the_first_picture_is_taken_over_without_a_second_switch() -> None:
    with start("splash") as terminal:
        terminal.until("now ")
        assert terminal.raw.count(b"\x1b[?1049h") == 1
        assert terminal.raw.index(b"connecting") < terminal.raw.index(b"\x1b[?2004h")
        terminal.type(b"q")
        terminal.ended()
        assert_restored(terminal)


def test_what_fails_behind_the_first_picture_gives_the_terminal_back() -> None:
    with start("splash-broken") as terminal:
        terminal.ended()
        assert terminal.process.returncode == 2
        assert terminal.modes == {1049: False, 25: True}


def test_a_signal_during_the_first_picture_gives_the_terminal_back() -> None:
    with start("splash-slow") as terminal:
        terminal.until("row 23")
        terminal.signal(signal.SIGTERM)
        terminal.ended()
        assert terminal.process.returncode == 128 + signal.SIGTERM
        assert terminal.modes == {1049: False, 25: True}


def test_a_signal_while_the_first_picture_is_taken_over_is_heard() -> None:
    with start("splash-signalled") as terminal:
        assert terminal.ended() < 2.0
        assert terminal.process.returncode == 0
        assert terminal.modes[1049] is False
        assert terminal.attributes() == terminal.before


def test_a_paste_that_is_sent_as_keys_does_not_keep_the_next_key_waiting() -> None:
    with start() as terminal:
        terminal.until("row 23")
        for _ in range(50):
            terminal.type(b"jk?\x1b" * 250)
            terminal.read(0.01)
        began = time.monotonic()
        while terminal.process.poll() is None and time.monotonic() < began + PATIENCE:
            terminal.type(b"q")
            terminal.read()
        assert time.monotonic() - began < 5.0
        terminal.ended()
        assert_restored(terminal)


def test_the_stock_driver_shows_the_same_in_whole_lines() -> None:
    with Pseudo([str(SAMPLE), "plain"], environment={"SAMPLE_DRIVER": "stock"}) as terminal:
        terminal.until("row 23")
        assert b"\x1b[38;5;" in terminal.raw
        assert b"\x1b[38;2;" not in terminal.raw
        terminal.type(b"?")
        terminal.until("screen help")
        terminal.type(b"q")
        terminal.ended()
        assert_restored(terminal)


def test_a_new_size_is_drawn_for() -> None:
    with start() as terminal:
        terminal.until("row 23")
        terminal.resize(132, 50)
        terminal.until("row 49")
        terminal.resize(60, 15)
        terminal.until(lambda: "row 14" in terminal.text and terminal.screen.display[0].startswith("now"))
        terminal.type(b"q")
        terminal.ended()
        assert terminal.process.returncode == 0


def test_without_a_terminal_it_says_so_and_ends() -> None:
    done = subprocess.run(
        [sys.executable, str(SAMPLE), "plain"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=PATIENCE,
        env={"PYTHONPATH": f"{SAMPLE.parents[2] / 'src'}:{SAMPLE.parents[1]}"},
        check=False,
    )
    assert done.returncode == 2
    assert b"needs a terminal" in done.stderr
    assert b"\x1b" not in done.stdout


def test_a_dumb_terminal_is_told_what_to_do_instead() -> None:
    assert "snapshot" in unfit("dumb", True)
    assert unfit("xterm-256color", True) == ""


def stall(terminal: Pseudo) -> None:
    """Have the program draw, without reading, until it no longer gets rid of what it draws."""
    deadline = time.monotonic() + PATIENCE
    waiting = -1
    while waiting != (waiting := terminal.waiting()) or waiting == 0:
        assert time.monotonic() < deadline, "the terminal never filled up"
        terminal.type(b"u")
        select.select([], [], [], 0.2)


def children_cpu() -> float:
    """Seconds of processor time of all programs that have ended and been waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def stopped(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [("tradetop.tui.splash", ["textual", "asyncio"]), ("tradetop.tui.run", ["httpx", "sqlite3", "re2", "cattrs"])],
)
def test_starting_loads_no_more_than_it_needs(module: str, unwanted: list[str]) -> None:
    code = f"import sys, {module}; print([name for name in {unwanted} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE, check=True)
    assert done.stdout.strip() == "[]"
