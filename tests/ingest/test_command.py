"""`tradetop serve` as a process: what it refuses, how it ends, and what it leaves when it is killed or has no room."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from cli.commands import python, run, started
from ingest.making import TOKEN, event
from tradetop.emit import Emitter
from tradetop.events.sqlite import EventDatabase
from tradetop.model.bot_event import EventClass
from tradetop.model.clock import SystemClock

AUTH = {"Authorization": f"Bearer {TOKEN}"}
STAMP = "2026-01-31T09:00:00Z"


@pytest.fixture
def token(tmp_path: Path) -> Path:
    path = tmp_path / "serve.token"
    path.write_text(TOKEN + "\n")
    path.chmod(0o600)
    return path


@contextmanager
def served(folder: Path, token: Path, *more: str | Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The server's URL, and its process."""
    with started(folder, ["serve", "--port", "0", "--token-file", token, *more]) as process:
        assert process.stderr is not None
        line = process.stderr.readline()
        assert "events are taken at http://127.0.0.1:" in line
        yield line.split(" at ")[1].split("/events")[0], process


async def test_from_a_bot_over_the_server_into_the_file_that_the_screen_reads(tmp_path: Path, token: Path) -> None:
    path = tmp_path / "bots.db"
    evil = "PEPE'); DELETE FROM bot_events; --"
    with served(tmp_path, token, "--db", path) as (url, process):
        with Emitter(url, "alpha", token_file=str(token), spool=str(tmp_path / "spool")) as events:
            events.emit("trade_open", pair=evil, strategy="\x1b[2J[red]", metadata={"trade_id": "t-1"})
            assert events.flush()
            database = EventDatabase(path, SystemClock())
            opened = await database.read_new()
            assert [(one.bot, one.cls, one.pair, one.strategy) for one in opened] == [
                ("alpha", EventClass.OPEN, evil, "␛[2J[red]")
            ]
            events.emit("trade_close", pair=evil, metadata={"trade_id": "t-1", "pnl_usd": 12.5})
            events.emit("settlement", pair=evil, metadata={"trade_id": "t-1"})
        closed, settled = await database.read_new()
        assert (closed.pnl, settled.cls) == (12.5, EventClass.SETTLEMENT)
        await database.close()
        picture = run(tmp_path, "snapshot", path)
        assert picture.returncode == 0
        assert "PEPE')" in picture.stdout, picture.stdout
        assert "\x1b" not in picture.stdout
        page = httpx.get(f"{url}/events", params={"since": "1h"}, headers=AUTH).json()
        assert [one["event_type"] for one in page["events"]] == ["trade_open", "trade_close", "settlement"]
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        assert process.stderr is not None
        assert "stopped; every event that was answered is in the file" in process.stderr.read()
    assert not Path(f"{path}-wal").exists()


def test_killed_in_the_midst_of_batches_every_batch_is_there_or_not_at_all(tmp_path: Path, token: Path) -> None:
    answered = 0
    for turn in range(3):
        with (
            served(tmp_path, token, "--db", "bots.db", "--rate", "0") as (url, process),
            httpx.Client(headers=AUTH) as client,
        ):
            body = [json.dumps([event(f"{turn}-{n}-{i}", timestamp=STAMP) for i in range(500)]) for n in range(60)]
            for n in range(60):
                if n == 20 + turn:
                    killer = subprocess.Popen([sys.executable, "-c", f"import os; os.kill({process.pid}, 9)"])
                with suppress(httpx.TransportError):
                    answered += client.post(f"{url}/events", content=body[n]).status_code == 200
            killer.wait()
            assert process.wait(20) == -signal.SIGKILL
    with closing(sqlite3.connect(tmp_path / "bots.db")) as link:
        assert link.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        count = link.execute("SELECT count(*) FROM bot_events").fetchone()[0]
    assert count % 500 == 0
    assert answered <= count // 500 <= answered + 3


def test_a_server_that_is_killed_again_and_again_gets_every_event_once(tmp_path: Path, token: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    count = 0
    with Emitter(f"http://127.0.0.1:{port}", "alpha", token_file=str(token), spool=str(tmp_path / "spool")) as events:
        for _ in range(4):
            with started(tmp_path, ["serve", "--port", port, "--token-file", token, "--rate", "0"]) as process:
                assert process.stderr is not None
                assert "events are taken" in process.stderr.readline()
                events.flush()
                for _ in range(2_000):
                    events.emit("signal", id=f"e-{count}", metadata={"n": count})
                    count += 1
                process.kill()
        with started(tmp_path, ["serve", "--port", port, "--token-file", token, "--rate", "0"]) as process:
            assert process.stderr is not None
            process.stderr.readline()
            assert events.flush()
            assert events.stats.dropped == events.stats.refused == 0
            process.terminate()
            process.wait(20)
    with closing(sqlite3.connect(tmp_path / "bots.db")) as link:
        found = [row[0] for row in link.execute("SELECT json_extract(metadata, '$.n') FROM bot_events ORDER BY rowid")]
    assert sorted(found) == list(range(count))


def unshared(script: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """A shell script that may mount file systems of its own; skips the test where nobody may."""
    if shutil.which("unshare") is None or subprocess.run(["unshare", "-rm", "true"], capture_output=True).returncode:
        pytest.skip("needs unshare(1) and the right to make a mount namespace, for a small or read-only disk")
    return subprocess.run(
        ["unshare", "-rm", "sh", "-ec", script, "sh", *map(str, arguments)],
        capture_output=True, text=True, timeout=60, env={**os.environ}, check=False,
    )  # fmt: skip


CLIENT = """
import json, sys, urllib.request, urllib.error
url, token = sys.argv[1:3]
def post(n, pad):
    event = lambda i: {"id": f"{n}-{i}", "bot_id": "b", "event_type": "signal", "timestamp": "2026-01-31T09:00:00Z",
                       "metadata": {"x": pad}}
    data = json.dumps([event(i) for i in range(50)]).encode()
    request = urllib.request.Request(url + "/events", data, {"Authorization": "Bearer " + token})
    try:
        return urllib.request.urlopen(request).status
    except urllib.error.HTTPError as error:
        print(error.code, json.loads(error.read())["error"])
        return error.code
answers = [post(n, "y" * 1000) for n in range(40)]
print(answers.count(200) > 0, answers[-1])
print(json.loads(urllib.request.urlopen(urllib.request.Request(
    url + "/events?since=0&limit=1000", headers={"Authorization": "Bearer " + token})).read())["events"][-1]["id"])
"""


def test_on_a_full_disk_nothing_is_half_stored_and_it_is_told(tmp_path: Path, token: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "client.py").write_text(CLIENT)
    done = unshared(
        """
        mount -t tmpfs -o size=1m tmpfs "$1/disk"
        "$2" -m tradetop serve --port 0 --token-file "$1/serve.token" --db "$1/disk/bots.db" 2> "$1/log" &
        until grep -q taken "$1/log"; do sleep 0.1; done
        url=$(sed -n 's|.*at \\(http://[^/]*\\)/.*|\\1|p' "$1/log")
        "$2" "$1/client.py" "$url" "$3"
        kill $!
        """,
        tmp_path, sys.executable, TOKEN,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("507 ")
    assert lines[0].endswith("disk/bots.db: the disk is full: make room; nothing of the batch was stored")
    assert lines[-2] == "True 507"
    assert lines[-1].endswith("-49"), "the last event is the last one of its batch"


def test_a_read_only_disk_is_refused_at_the_start(tmp_path: Path, token: Path) -> None:
    (tmp_path / "disk").mkdir()
    done = unshared(
        """
        mount -t tmpfs -o ro tmpfs "$1/disk"
        "$2" -m tradetop serve --port 0 --token-file "$1/serve.token" --db "$1/disk/bots.db" || echo "$?" >&2
        """,
        tmp_path, sys.executable,
    )  # fmt: skip
    assert done.stderr.splitlines() == [f"tradetop: {tmp_path}/disk/bots.db: Read-only file system", "2"]


def test_without_a_token_it_does_not_start(tmp_path: Path) -> None:
    done = run(tmp_path, "serve")
    assert done.returncode == 2
    assert (
        "serve needs a token that bots send; make one: (umask 077; openssl rand -hex 32 > serve.token)" in done.stderr
    )
    assert not (tmp_path / "bots.db").exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "token_file: cannot read serve.token: No such file or directory"),
        ("", "token_file: serve.token is empty"),
        ("short", "token_file: serve.token: shorter than 16 characters, too easily guessed"),
        ("a\nb" * 20, "holds line breaks or control characters"),
    ],
)
def test_tokens_that_will_not_do(tmp_path: Path, text: str | None, said: str) -> None:
    if text is not None:
        (tmp_path / "serve.token").write_text(text)
    done = run(tmp_path, "serve", "--token-file", "serve.token")
    assert done.returncode == 2
    assert said in done.stderr
    assert not text or text not in done.stderr or text == "short"


def test_a_token_that_others_can_read_is_remarked_on(tmp_path: Path, token: Path) -> None:
    token.chmod(0o644)
    with started(tmp_path, ["serve", "--port", "0", "--token-file", token]) as process:
        assert process.stderr is not None
        assert "other users can read" in process.stderr.readline()
        assert TOKEN not in process.stderr.readline()


def test_addresses_and_files_that_will_not_do(tmp_path: Path, token: Path) -> None:
    with served(tmp_path, token) as (url, _):
        taken = run(tmp_path, "serve", "--token-file", token, "--port", url.rpartition(":")[2])
    assert taken.returncode == 2
    assert "cannot listen on 127.0.0.1 port" in taken.stderr
    assert "name another --host or --port" in taken.stderr
    elsewhere = run(tmp_path, "serve", "--token-file", token, "--host", "192.0.2.1", "--port", "0")
    assert (elsewhere.returncode, "cannot listen on 192.0.2.1 port 0" in elsewhere.stderr) == (2, True)
    (tmp_path / "text").write_text("no database " * 200)
    other = run(tmp_path, "serve", "--token-file", token, "--port", "0", "--db", "text")
    assert other.returncode == 2
    assert other.stderr == "tradetop: text: is no SQLite file: name another one\n"


def test_what_other_machines_can_reach_is_remarked_on(tmp_path: Path, token: Path) -> None:
    with started(tmp_path, ["serve", "--host", "0.0.0.0", "--port", "0", "--token-file", token]) as process:
        assert process.stderr is not None
        process.stderr.readline()
        assert "put a proxy with TLS in front" in process.stderr.readline()


WITHOUT = """
import importlib.util, sys
found = importlib.util.find_spec
importlib.util.find_spec = lambda name, package=None: None if name in ("starlette", "msgspec") else found(name, package)
sys.argv = ["tradetop", "serve", "--token-file", "serve.token"]
from tradetop.cli import main
main()
"""


def test_without_the_extra_one_line_says_how_to_get_it(tmp_path: Path, token: Path) -> None:
    done = python(tmp_path, "-c", WITHOUT)
    assert done.returncode == 2
    assert done.stderr == "tradetop: serve needs msgspec, starlette: pip install 'tradetop[serve]'\n"


def test_nothing_of_it_is_loaded_for_other_commands(tmp_path: Path) -> None:
    program = """
import sys
from tradetop.cli.commands import tradetop
try:
    tradetop(["--version"])
except SystemExit:
    print(sorted({"starlette", "uvicorn", "msgspec", "tradetop.ingest"} & set(sys.modules)))
"""
    assert python(tmp_path, "-c", program).stdout.splitlines()[-1] == "[]"
