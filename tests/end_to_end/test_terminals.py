"""The real program in every kind of terminal: what it is sent, how it survives it, and that it is given back."""

from __future__ import annotations

import os
import re
import select
import shlex
import shutil
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from end_to_end.pages import TRADER, calm, named, text
from tui.pseudo import PATIENCE, ROOT, Pseudo
from watched_bot import WatchedBot

pytestmark = pytest.mark.terminal

EXPOSURE = named(TRADER, "trader_exposure_pct")
VALUES = {**calm(TRADER), EXPOSURE: 19.5}
SEQUENCE = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~])")
PLAIN = re.compile(rb"\x1b\[\??[0-9;]*[A-Za-z]")
"""What every terminal since the VT100 takes in silence, whether it knows it or not."""
COLOUR = re.compile(rb"\x1b\[(?:[0-9;]*;)?(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])(?:;[0-9;]*)?m")
CLOCK = re.compile(r"\d\d:\d\d:\d\d")
ROOM = "needs 60x15"


@pytest.fixture
def bot() -> Iterator[WatchedBot]:
    with WatchedBot(text(VALUES, 60.0)) as bot:
        yield bot


def start(
    bot: WatchedBot,
    folder: Path,
    *more: str,
    size: tuple[int, int] = (80, 24),
    environment: dict[str, str] | None = None,
) -> Pseudo:
    """The screen on a bot; `environment` is that of a person with a UTF-8 locale unless it says otherwise."""
    home = {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "XDG_STATE_HOME": str(folder / "state")}
    arguments = ["-m", "tradetop", bot.url, "--interval", "1s", *more]
    return Pseudo(arguments, size=size, environment={**home, "LC_ALL": "C.UTF-8", **(environment or {})})


@contextmanager
def shown(bot: WatchedBot, folder: Path, *more: str, term: str = "", **environment: str) -> Iterator[Pseudo]:
    """The overview with its values, in a terminal of this type; it is quit at the end, and all is as before."""
    said = {"TERM": term} if term else {}
    with start(bot, folder, *more, environment={**said, **environment}) as terminal:
        terminal.until_keys("19.5%")
        yield terminal
        terminal.type(b"q")
        ends(terminal)


def ends(terminal: Pseudo) -> None:
    """It ends by itself, without a word, and the terminal is as it was."""
    terminal.ended()
    assert terminal.process.returncode == 0, terminal.text
    assert terminal.attributes() == terminal.before
    restored = {1049: False, 25: True}
    assert terminal.modes.items() >= restored.items()
    assert not any(terminal.modes.get(mode) for mode in (1000, 1002, 1003, 1004, 1006, 2004, 2026))
    assert "Traceback" not in terminal.text


def sequences(terminal: Pseudo) -> set[bytes]:
    return set(SEQUENCE.findall(terminal.raw))


# What it is sent


@pytest.mark.parametrize(
    "term",
    ["xterm-256color", "xterm-kitty", "xterm", "screen", "screen-256color", "tmux", "tmux-256color", "linux", "vt100",
     "vt220", "no-such-terminal"],
)  # fmt: skip
def test_the_screen_works_in_every_kind_of_terminal(bot: WatchedBot, tmp_path: Path, term: str) -> None:
    with shown(bot, tmp_path, term=term) as terminal:
        terminal.type(b"?")
        terminal.until("help")
        terminal.type(b"\x1b")
        terminal.until_keys("19.5%")


def test_a_terminal_without_a_type_is_shown_the_screen_all_the_same(bot: WatchedBot, tmp_path: Path) -> None:
    with shown(bot, tmp_path, TERM=""):
        pass


@pytest.mark.parametrize("term", ["linux", "vt100", "vt220", "no-such-terminal"])
def test_a_terminal_that_nobody_vouches_for_is_asked_nothing(bot: WatchedBot, tmp_path: Path, term: str) -> None:
    with shown(bot, tmp_path, term=term) as terminal:
        pass
    # Old consoles print the end of a sequence that they do not know.
    assert [sent for sent in sequences(terminal) if not PLAIN.fullmatch(sent)] == []


@pytest.mark.parametrize(("term", "more"), [("vt100", {}), ("xterm-256color", {"NO_COLOR": "1"})], ids=str)
def test_no_colours_are_none(bot: WatchedBot, tmp_path: Path, term: str, more: dict[str, str]) -> None:
    with shown(bot, tmp_path, term=term, **more) as terminal:
        pass
    assert not COLOUR.search(terminal.raw)


@pytest.mark.parametrize(
    ("environment", "option", "depth"),
    [
        ({"TERM": "xterm-256color"}, (), "256"),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, (), "truecolor"),
        ({"TERM": "xterm-kitty"}, (), "truecolor"),
        ({"TERM": "screen-256color", "COLORTERM": "truecolor"}, (), "256"),
        ({"TERM": "linux", "COLORTERM": "truecolor"}, (), "16"),
        ({"TERM": "screen"}, (), "16"),
        ({"TERM": "linux"}, ("--color", "truecolor"), "truecolor"),
        ({"TERM": "xterm-kitty"}, ("--color", "256"), "256"),
        ({"TERM": "xterm-kitty"}, ("--color", "16"), "16"),
        ({"TERM": "xterm-kitty", "NO_COLOR": "1"}, ("--color", "16"), "16"),
        ({"TERM": "xterm-kitty"}, ("--color", "none"), "none"),
        ({"TERM": "linux"}, ("--theme", "midnight"), "16"),
    ],
    ids=str,
)
def test_no_more_colours_are_sent_than_there_are(
    bot: WatchedBot, tmp_path: Path, environment: dict[str, str], option: tuple[str, ...], depth: str
) -> None:
    with shown(bot, tmp_path, *option, **environment) as terminal:
        pass
    sent = b"".join(found[0] for found in COLOUR.finditer(terminal.raw))
    found = "truecolor" if b"8;2;" in sent else "256" if b"8;5;" in sent else "16" if sent else "none"
    assert found == depth


@pytest.mark.parametrize(
    ("locale", "option", "fits"),
    [
        ({"LC_ALL": "C.UTF-8"}, (), "⁰Alerts"),
        ({"LC_ALL": "", "LANG": "C"}, (), "0:Alerts"),
        ({"LC_ALL": "C"}, (), "0:Alerts"),
        ({"LC_ALL": "", "LANG": "xx_YY.UTF-8"}, (), "⁰Alerts"),
        ({"LC_ALL": "C"}, ("--glyphs", "braille"), "⁰Alerts"),
        ({"LC_ALL": "C.UTF-8", "TERM": "linux"}, (), "─ 0:Alerts"),
        ({"LC_ALL": "C.UTF-8"}, ("--glyphs", "block"), "─ 0:Alerts"),
        ({"LC_ALL": "C.UTF-8"}, ("--glyphs", "ascii"), "- 0:Alerts"),
        ({"LC_ALL": "C", "TERM": "vt100"}, (), "- 0:Alerts"),
    ],
    ids=str,
)
def test_only_characters_are_drawn_that_the_locale_can_write(
    bot: WatchedBot, tmp_path: Path, locale: dict[str, str], option: tuple[str, ...], fits: str
) -> None:
    with shown(bot, tmp_path, *option, **locale) as terminal:
        assert fits in terminal.text
    assert (fits != "⁰Alerts" and "─" not in fits) == terminal.raw.isascii()


@pytest.mark.parametrize("term", ["dumb", "unknown"])
def test_a_terminal_that_can_show_no_screen_is_told_so_in_one_line(bot: WatchedBot, tmp_path: Path, term: str) -> None:
    with start(bot, tmp_path, size=(200, 24), environment={"TERM": term}) as terminal:
        terminal.ended()
        assert terminal.process.returncode == 2
        assert b"\x1b" not in terminal.raw
        assert terminal.raw.count(b"\n") == 1
        assert term in terminal.text
        assert "snapshot" in terminal.text


# Sizes


@pytest.mark.parametrize("size", [(20, 5), (59, 14), (59, 24), (80, 14), (1, 1)])
def test_too_small_a_terminal_says_what_it_needs_and_can_be_quit(
    bot: WatchedBot, tmp_path: Path, size: tuple[int, int]
) -> None:
    with start(bot, tmp_path, size=size) as terminal:
        if size >= (20, 5):
            terminal.until(lambda: ROOM in terminal.text and f"has {size[0]}x{size[1]}" in terminal.text)
            assert "q quits" in " ".join(terminal.text.split())
        else:
            terminal.until(lambda: terminal.modes.get(1049, False))
            terminal.until(lambda: bot.asked() > 0)
        terminal.type(b"q")
        ends(terminal)


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (500, 200)])
def test_every_line_of_every_size_is_used(bot: WatchedBot, tmp_path: Path, size: tuple[int, int]) -> None:
    with start(bot, tmp_path, size=size) as terminal:
        terminal.until_keys("19.5%")
        terminal.until(lambda: CLOCK.search(terminal.screen.display[0]) is not None)
        terminal.until(lambda: terminal.screen.display[-1].strip() != "")
        assert ROOM not in terminal.text
        terminal.type(b"q")
        ends(terminal)


def test_a_terminal_without_a_size_is_taken_for_the_usual_one(bot: WatchedBot, tmp_path: Path) -> None:
    with start(bot, tmp_path) as terminal:
        termios.tcsetwinsize(terminal.master, (0, 0))
        terminal.until_keys("19.5%")
        terminal.until(lambda: CLOCK.search(terminal.screen.display[0]) is not None)
        terminal.type(b"q")
        ends(terminal)


def test_after_a_storm_of_sizes_the_screen_is_right(bot: WatchedBot, tmp_path: Path) -> None:
    with start(bot, tmp_path, size=(120, 40)) as terminal:
        terminal.until_keys("19.5%")
        for step in range(200):
            terminal.resize(40 + step * 7 % 120, 10 + step * 5 % 40)
            terminal.read(0.004)
        terminal.resize(100, 30)
        terminal.until(lambda: "19.5%" in terminal.text and CLOCK.search(terminal.screen.display[0]) is not None)
        settled(terminal)
        assert whole(terminal)
        drawn_anew_the_same(terminal)
        terminal.type(b"q")
        ends(terminal)


# Going and coming back


@pytest.mark.parametrize("size", [(80, 24), (132, 43), (60, 15)])
def test_the_shell_gets_a_clean_terminal_and_fg_draws_everything(
    bot: WatchedBot, tmp_path: Path, size: tuple[int, int]
) -> None:
    with start(bot, tmp_path) as terminal:
        terminal.until_keys("19.5%")
        terminal.type(b"\x1a")
        terminal.until(lambda: state(terminal) == "T")
        terminal.until(lambda: not terminal.modes[1049])
        assert terminal.modes[25]
        assert terminal.attributes() == terminal.before
        terminal.resize(*size)
        littered(terminal)
        terminal.signal(signal.SIGCONT)
        terminal.until(
            lambda: (
                "19.5%" in terminal.text
                and "litter" not in terminal.text
                and CLOCK.search(terminal.screen.display[0]) is not None
            )
        )
        settled(terminal)
        drawn_anew_the_same(terminal)
        terminal.type(b"q")
        ends(terminal)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT])
def test_a_signal_gives_the_terminal_back(bot: WatchedBot, tmp_path: Path, number: signal.Signals) -> None:
    with start(bot, tmp_path) as terminal:
        terminal.until_keys("19.5%")
        terminal.signal(number)
        ends(terminal)


def test_the_terminal_may_be_closed(bot: WatchedBot, tmp_path: Path) -> None:
    with start(bot, tmp_path) as terminal:
        terminal.until_keys("19.5%")
        assert terminal.hang_up() < PATIENCE


# Inside another program's terminal


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
def test_inside_tmux(bot: WatchedBot, tmp_path: Path) -> None:
    def tmux(*words: str) -> str:
        done = subprocess.run(
            ["tmux", "-S", str(tmp_path / "socket"), "-f", "/dev/null", *words],
            capture_output=True, text=True, encoding="utf-8", timeout=PATIENCE, check=False,
            env={**os.environ, "LC_ALL": "C.UTF-8", "TERM": "xterm-256color"},
        )  # fmt: skip
        return done.stdout if done.returncode == 0 else ""

    tmux("new-session", "-d", "-x", "80", "-y", "24", command(bot, tmp_path))
    try:
        seen(lambda: tmux("capture-pane", "-p"), "19.5%")
        tmux("resize-window", "-x", "120", "-y", "40")
        pane = re.compile(r"\A tradetop .*\d\d:\d\d:\d\d UTC\n╭─ ⁰Alerts.*─╮\n(?:.*│\n)+(?:.*\n){30}", re.ASCII)
        seen(lambda: tmux("capture-pane", "-p"), pane)
        assert tmux("capture-pane", "-p").count("⁷Events") == 1
        tmux("send-keys", "q")
        seen(lambda: "ended" if not tmux("list-sessions") else "", "ended")
    finally:
        tmux("kill-server")


@pytest.mark.skipif(shutil.which("screen") is None, reason="GNU screen is not installed")
def test_inside_gnu_screen(bot: WatchedBot, tmp_path: Path) -> None:
    folder = tmp_path / "screens"
    folder.mkdir(mode=0o700)
    words = ["screen", "-U", "-c", "/dev/null", "-T", "screen-256color", "sh", "-c", command(bot, tmp_path)]
    environment = {"SCREENDIR": str(folder), "LC_ALL": "C.UTF-8"}
    with Pseudo(["-c", f"import os; os.execvp('screen', {words!r})"], environment=environment) as terminal:
        terminal.until_keys("19.5%")
        settled(terminal)
        assert whole(terminal)
        terminal.type(b"?")
        terminal.until("help")
        terminal.type(b"\x1b")
        terminal.until_keys("19.5%")
        terminal.type(b"q")
        terminal.until("screen is terminating")


def command(bot: WatchedBot, folder: Path) -> str:
    """tradetop as a shell is told to run it."""
    home = {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "XDG_STATE_HOME": str(folder / "state")}
    said = " ".join(f"{name}={shlex.quote(value)}" for name, value in {**home, "PYTHONPATH": f"{ROOT / 'src'}"}.items())
    return f"{said} {shlex.quote(sys.executable)} -m tradetop {bot.url} --interval 1s"


def seen(look: Callable[[], str], wanted: str | re.Pattern[str]) -> None:
    """Look until it is there."""
    deadline = time.monotonic() + 2 * PATIENCE
    pattern = wanted if isinstance(wanted, re.Pattern) else re.compile(re.escape(wanted))
    while not pattern.search(found := look()):
        assert time.monotonic() < deadline, f"not seen: {pattern.pattern}\n{found}"
        select.select([], [], [], 0.1)


# What comes in


def test_bytes_that_are_no_text_and_answers_that_nobody_asked_for_are_survived(bot: WatchedBot, tmp_path: Path) -> None:
    with shown(bot, tmp_path) as terminal:
        terminal.type(
            b"\xff\xfe\xc3(\x00\x80\x1b[999;999R\x1b[?62;4c\x1b[?2026;2$y\x1b[?0u\x1b[48;1;1;1;1t\x1b[I\x1b[O"
        )
        terminal.type(b"\x1b]11;rgb:0000/0000/0000\x1b\\\x1bP1$r0m\x1b\\\x1b[<0;9999;9999M\x1b[<64;1;1M")
        answers(terminal)


def test_a_megabyte_that_is_pasted_types_no_commands(bot: WatchedBot, tmp_path: Path) -> None:
    with shown(bot, tmp_path) as terminal:
        feed(terminal, b"\x1b[200~" + b"q9?\r\x03z:quit\r" * 80_000 + b"\x1b[201~")
        answers(terminal)


def test_a_megabyte_that_is_pasted_as_keys_types_no_commands_either(bot: WatchedBot, tmp_path: Path) -> None:
    with start(bot, tmp_path) as terminal:
        terminal.until_keys("19.5%")
        feed(terminal, b"Mark my words: quit, then 1 2 3 \r\t/error\r" * 24_000)
        answers(terminal)
        assert whole(terminal), terminal.text
        assert "▾ mark" not in terminal.text
        terminal.type(b"q")
        ends(terminal)


# A reader that stalls


def test_while_nobody_reads_the_bot_is_watched_and_then_the_screen_is_at_once_up_to_date(
    bot: WatchedBot, tmp_path: Path
) -> None:
    with start(bot, tmp_path, "--interval", "0.5s", size=(200, 50)) as terminal:
        terminal.until_keys("19.5%")
        stall(terminal)
        stalled_at = time.time()
        bot.page = text({**VALUES, EXPOSURE: 23.5}, 120.0)
        bot.wait_for(bot.asked() + 12)
        seen: set[str] = set()
        caught_up = time.time()

        def newest() -> bool:
            seen.update(CLOCK.findall(terminal.screen.display[0]))
            return "23.5%" in terminal.text

        terminal.until(newest)
        between = [clock for clock in seen if stalled_at + 1.5 < at(clock, stalled_at) < caught_up - 1]
        assert between == [], "pictures that were late already when they were sent"
        terminal.type(b"q")
        ends(terminal)


def test_it_can_be_quit_while_nobody_reads(bot: WatchedBot, tmp_path: Path) -> None:
    with start(bot, tmp_path, size=(200, 50)) as terminal:
        terminal.until_keys("19.5%")
        stall(terminal)
        terminal.type(b"q")
        terminal.process.wait(PATIENCE)
        assert terminal.process.returncode == 0
        assert terminal.attributes() == terminal.before


# Hands


def answers(terminal: Pseudo) -> None:
    """A key does what it says, though perhaps not the first one after so much; and the overview is there."""
    deadline = time.monotonic() + 2 * PATIENCE
    while "─ Keys ─" not in terminal.text:
        assert time.monotonic() < deadline, f"no key is answered\n{terminal.text}"
        terminal.type(b"?")
        quiet = time.monotonic() + 1.5
        while "─ Keys ─" not in terminal.text and time.monotonic() < quiet:
            terminal.read()
    terminal.type(b"\x1b")
    terminal.until_keys("19.5%")


def feed(terminal: Pseudo, data: bytes) -> None:
    """Type very much, reading what comes back."""
    rest = memoryview(data)
    deadline = time.monotonic() + 6 * PATIENCE
    while rest and terminal.process.poll() is None:
        assert time.monotonic() < deadline, f"{len(rest)} bytes are not taken"
        _, ready, _ = select.select([], [terminal.master], [], 0.05)
        if ready:
            rest = rest[os.write(terminal.master, rest[:512]) :]
        while terminal.read(0):
            pass


def stall(terminal: Pseudo) -> None:
    """Have the program draw, without reading, until the terminal is full."""
    deadline = time.monotonic() + 3 * PATIENCE
    waiting = -1
    while waiting != (waiting := terminal.waiting()) or waiting == 0:
        assert time.monotonic() < deadline, "the terminal never filled up"
        for key in (b"9", b"\x1b", b"?", b"\x1b") * 3:
            terminal.type(key)
            select.select([], [], [], 0.15)


def settled(terminal: Pseudo) -> None:
    """Read until what comes is no more than a tick."""
    while len(terminal.raw) != (before := len(terminal.raw)) or terminal.read(0.3):
        if len(terminal.raw) - before < 400 and not terminal.read(0.3):
            return


def still(terminal: Pseudo) -> list[str]:
    """The words and the frames below the charts, without what ticks and what comes with the second scrape."""
    lines = terminal.screen.display
    words = [re.sub(r"\d[\d.]*m?s\b|(rejected|trips|breaker).*|[^A-Za-z╭╮╰╯│]", "", line) for line in lines]
    return words[next(y for y, line in enumerate(lines) if "³Limits" in line) :]


def drawn_anew_the_same(terminal: Pseudo) -> None:
    """What is drawn anew is what was there; a scrape may land in between, and then it is compared once more."""
    pictures = []
    for _ in range(3):
        left = still(terminal)
        drawn_anew(terminal)
        pictures.append((left, still(terminal)))
        if pictures[-1][0] == pictures[-1][1]:
            return
    left, now = pictures[-1]
    assert left == now


def drawn_anew(terminal: Pseudo) -> None:
    """Suspend and continue, so that everything is sent again."""
    terminal.type(b"\x1a")
    terminal.until(lambda: state(terminal) == "T")
    littered(terminal)
    terminal.signal(signal.SIGCONT)
    terminal.until(lambda: "19.5%" in terminal.text and "litter" not in terminal.text)
    settled(terminal)


def littered(terminal: Pseudo) -> None:
    """What somebody else has written meanwhile."""
    terminal.read(0.1)
    terminal.screen.reset()
    for line in range(terminal.screen.lines):
        terminal.screen.cursor_position(line + 1, 1)
        terminal.screen.draw(("litter " * 100)[: terminal.screen.columns])


def whole(terminal: Pseudo) -> bool:
    """Whether the screen has its clock, and its panes once each."""
    lines = terminal.screen.display
    clock = CLOCK.search(lines[0])
    once = [terminal.text.count(title) for title in ("⁰Alerts", "¹P&L", "³Limits", "⁷Events")]
    return clock is not None and max(once) == 1 and sum(once) > 1


def state(terminal: Pseudo) -> str:
    return Path(f"/proc/{terminal.process.pid}/stat").read_text().rpartition(")")[2].split()[0]


def at(clock: str, near: float) -> float:
    """Seconds since the epoch of a clock's reading (UTC), near another moment."""
    hours, minutes, seconds = map(int, clock.split(":"))
    found = near - near % 86_400 + hours * 3_600 + minutes * 60 + seconds
    return found + 86_400 if found < near - 43_200 else found
