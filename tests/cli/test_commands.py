"""The commands as a shell runs them: output, exit codes, and what they load and leave behind."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.commands import PATIENCE, python, run, started
from tradetop.model.clock import SystemClock
from tradetop.store import MemoryStore
from tradetop.store.file import HistoryReader
from tradetop.theme import Role, load
from watched_bot import WatchedBot

PAGE = """# TYPE trader_exposure_pct gauge
trader_exposure_pct 21.6
trader_daily_pnl_usd -48.25
trader_daily_pnl_pct -1.5
trader_account_value_usd 12345.67
trader_open_positions 3
trader_max_drawdown_pct 4.2
trader_rate_limiter_utilization_pct{endpoint="products"} 91.5
trader_rate_limiter_utilization_pct{endpoint="orders"} 40
"""
TOKEN = "hunter2-very-secret"


@pytest.fixture(scope="module")
def bot() -> Iterator[WatchedBot]:
    with WatchedBot(PAGE, {"/health/live": (200, {"status": "ok", "mode": "live"})}) as bot:
        yield bot


def test_without_a_terminal_the_overview_is_printed_once(bot: WatchedBot, tmp_path: Path) -> None:
    done = run(tmp_path, bot.base)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert len(lines) == 40
    assert max(map(len, lines)) <= 120
    assert "\x1b" not in done.stdout
    assert bot.instance in lines[0]
    assert "LIVE" in lines[0]
    for shown in ("Limits", "exposure", "21.6%", "-1.50%", "92%", "products", "Events"):
        assert shown in done.stdout, shown


def test_json_holds_every_panel_with_value_unit_level_and_expression(bot: WatchedBot, tmp_path: Path) -> None:
    # A token for the bot is read from a file, sent, and shown nowhere.
    token = tmp_path / "token"
    token.write_text(TOKEN)
    token.chmod(0o600)
    done = run(tmp_path, "snapshot", bot.url, "--format", "json", "--token-file", token, "--store", tmp_path / "s")
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    panels = {panel["id"]: panel for panel in found["panels"]}
    assert len(panels) > 16
    for panel in panels.values():
        assert panel.keys() >= {"title", "unit", "value", "level", "expressions", "series"}
        assert panel["title"]
        assert panel["expressions"]
        assert panel["value"] is None or isinstance(panel["value"], int | float)
    exposure = panels["exposure"]
    assert (exposure["title"], exposure["unit"], exposure["value"]) == ("Exposure %", "percent", 21.6)
    assert exposure["level"] == "warning"
    assert {s["legend"]: s["value"] for s in panels["rate-limits"]["series"]} == {"orders": 40, "products": 91.5}
    assert [(b["up"], b["mode"], b["preset"]) for b in found["bots"]] == [(True, "LIVE", "247trader")]
    assert [(h["role"], h["state"]) for h in found["bots"][0]["health"]] == [("live", "healthy")]
    assert {a["name"] for a in found["alerts"]} >= {"ExposureWarning"}
    path, headers = next(asked for asked in reversed(bot.requests) if asked[0] == "/metrics")
    assert (path, headers["Authorization"]) == ("/metrics", f"Bearer {TOKEN}")
    assert TOKEN not in done.stdout
    kept = [p for p in (tmp_path / "s").rglob("*") if p.is_file()]
    assert kept
    assert not any(TOKEN.encode() in p.read_bytes() for p in kept)


def test_a_bot_that_is_down_is_exit_code_3_and_said_in_the_picture(tmp_path: Path) -> None:
    with WatchedBot() as gone:
        port = gone.port
    done = run(tmp_path, "snapshot", f"http://user:{TOKEN}@127.0.0.1:{port}", "--size", "80x24")
    assert done.returncode == 3
    assert len(done.stdout.splitlines()) == 24
    assert "DOWN" in done.stdout
    assert "refused" in done.stdout
    assert TOKEN not in done.stdout + done.stderr


def test_a_picture_goes_to_a_file(bot: WatchedBot, tmp_path: Path) -> None:
    done = run(tmp_path, "snapshot", bot.url, "--format", "svg", "-o", "shot.svg", "--size", "80x24")
    assert (done.returncode, done.stdout) == (0, "")
    assert (tmp_path / "shot.svg").read_text().startswith("<svg")


@pytest.mark.parametrize("form", ["text", "svg", "json"])
def test_a_redacted_snapshot_shows_no_amount_and_no_host(bot: WatchedBot, tmp_path: Path, form: str) -> None:
    done = run(tmp_path, "snapshot", bot.url, "--redact", "--format", form, "--size", "120x40")
    assert (done.returncode, done.stderr) == (0, "")
    for secret in ("48.25", "12345", "12,345", "12.3", bot.instance, "127.0.0.1", str(bot.port)):
        assert secret not in done.stdout, secret
    for shown in ("21.6", "91.5") if form == "json" else ("21.6", "REDACTED"):
        assert shown in "".join(done.stdout.split("</text><text")), shown


def test_without_a_terminal_the_watched_overview_can_be_redacted_too(bot: WatchedBot, tmp_path: Path) -> None:
    done = run(tmp_path, bot.url, "--redact")
    assert "•••" in done.stdout
    assert "127.0.0.1" not in done.stdout


def test_a_png_is_a_png_or_a_line_that_says_how_to_get_one(bot: WatchedBot, tmp_path: Path) -> None:
    done = run(tmp_path, "snapshot", bot.url, "--format", "png", "-o", "shot.png", "--size", "80x24")
    if done.returncode == 0:
        assert (tmp_path / "shot.png").read_bytes().startswith(b"\x89PNG")
    else:
        assert done.returncode == 2
        assert done.stderr.startswith("tradetop: PNG needs")


def test_a_picture_has_the_theme_of_the_configuration(bot: WatchedBot, tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(f"theme: paper\ntargets:\n  - url: {bot.url}\n")
    paper = load("paper").colour(Role.BACKGROUND)
    assert f'fill="{paper}"' in run(tmp_path, "snapshot", "--config", config, "--format", "svg").stdout
    said = run(tmp_path, "snapshot", "--config", config, "--format", "svg", "--theme", "midnight").stdout
    assert f'fill="{load("midnight").colour(Role.BACKGROUND)}"' in said


def test_what_needs_no_screen_loads_none(bot: WatchedBot, tmp_path: Path) -> None:
    code = """
import sys
from click.testing import CliRunner
from tradetop.cli.commands import tradetop
for arguments in (["--version"], ["record", "--help"], ["record", "missing.db"], ["snapshot", sys.argv[1]]):
    CliRunner().invoke(tradetop, arguments)
import tradetop.cli.recording
print([name for name in sys.modules if name.partition(".")[0] == "textual" or name.startswith("tradetop.tui")])
"""
    assert python(tmp_path, "-c", code, bot.url).stdout == "[]\n"


def test_the_version_loads_nothing_heavy(tmp_path: Path) -> None:
    code = """
import sys
from tradetop.cli import main
try:
    main()
except SystemExit:
    heavy = {"textual", "rich", "httpx", "sqlite3", "yaml", "re2", "asyncio"}
    print(sorted(heavy & set(sys.modules)))
"""
    done = python(tmp_path, "-c", code, "--version")
    assert done.stdout.splitlines()[-1] == "[]"


def test_recording_goes_on_alone_refuses_a_second_and_ends_with_its_history(bot: WatchedBot, tmp_path: Path) -> None:
    said: list[str | Path] = ["record", bot.url, "--store", tmp_path / "history", "--interval", "100ms"]
    with started(tmp_path, said) as process:
        assert process.stderr is not None
        line = process.stderr.readline()
        assert line.startswith(f"recording {bot.instance} every 0.1 s to {tmp_path / 'history'}")
        path = Path(line.rpartition(" to ")[2].strip())
        bot.wait_for(bot.asked() + 3)
        second = run(tmp_path, *said)
        assert second.returncode == 2
        assert f"process {process.pid}" in second.stderr
        assert len(second.stderr.splitlines()) == 1
        process.send_signal(signal.SIGHUP)
        bot.wait_for(bot.asked() + 2)
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 0
        assert process.stderr.read() == ""
    store, reader = MemoryStore(), HistoryReader.open(path)
    assert reader.load(store, 0) >= 4
    reader.close()
    sample = store.latest(next(iter(store.labels_of("trader_exposure_pct"))))
    assert sample is not None
    assert sample.value == 21.6
    assert abs(SystemClock().now() - sample.t) < 60_000
    assert path.stat().st_mode & 0o077 == 0


def test_the_demo_without_a_terminal_is_one_snapshot(tmp_path: Path) -> None:
    done = run(tmp_path, "demo", "--interval", "100ms")
    assert (done.returncode, done.stderr) == (0, "")
    assert "sample-bot" in done.stdout
    assert "DOWN" not in done.stdout
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize(
    ("said", "glyphs"),
    [
        ({"LC_ALL": "xx_YY.UTF-8"}, "braille"),
        ({"LC_ALL": "", "LANG": "xx_YY.UTF-8@euro"}, "braille"),
        ({"LC_ALL": "xx_YY.ISO-8859-1"}, "ascii"),
        ({"LC_ALL": "xx_YY"}, "ascii"),
    ],
)
def test_a_locale_that_the_machine_lacks_still_says_what_the_terminal_understands(
    tmp_path: Path, said: dict[str, str], glyphs: str
) -> None:
    code = "from tradetop.cli.watching import *; print(glyphs_for('xterm', locale_encoding()).value)"
    done = python(tmp_path, "-c", code, environment=said)
    assert (done.stdout.strip(), done.stderr) == (glyphs, "")


def test_a_standard_output_that_takes_nothing_is_said_in_one_line(bot: WatchedBot, tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "tradetop", "snapshot", bot.url, "--store", str(tmp_path)]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "tradetop: standard output: No space left on device: write elsewhere with -o",
    ]
