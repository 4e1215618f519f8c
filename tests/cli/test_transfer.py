"""`tradetop import` and `tradetop export`, as they are typed."""

from __future__ import annotations

import gzip
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.commands import run
from tradetop.model.clock import SystemClock
from tradetop.model.labels import Labels
from tradetop.store.file import HistoryWriter
from tradetop.store.lock import acquire
from tradetop.store.place import history_of, lock_path

OLD = "some of it is older than the retention: who records here next forgets that (--retention keeps it longer)"
UP = Labels({"__name__": "up", "job": "x"})


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A directory with one bot's history."""
    now = SystemClock().now() // 1_000 * 1_000
    writer = HistoryWriter.open(tmp_path / "store" / "bot-00000000.db", now=now)
    for i in range(10):
        writer.append_scrape("scrape", now - i * -1_000 - 100_000, {UP: float(i)})
    writer.close()
    return tmp_path / "store"


def test_a_history_goes_out_and_comes_back(tmp_path: Path, store: Path) -> None:
    done = run(tmp_path, "export", "--openmetrics", "--store", store)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count('up{job="x"} ') == 10
    assert done.stdout.endswith("# EOF\n")
    assert run(tmp_path, "export", "--openmetrics", "bot", "--store", store, "-o", "a.om").returncode == 0
    assert (tmp_path / "a.om").read_text() == done.stdout
    assert not (tmp_path / "a.om.part").exists()
    assert (tmp_path / "a.om").stat().st_mode & 0o077 == 0
    (tmp_path / "a.om.gz").write_bytes(gzip.compress(done.stdout.encode()))
    first = run(tmp_path, "import", "a.om.gz", "--name", "copy", "--store", store)
    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout.startswith("copy: 10 samples of 1 series from ")
    again = run(tmp_path, "import", "a.om", "--name", "copy", "--store", store)
    assert "10 of them were there already" in again.stdout
    assert run(tmp_path, "export", "--openmetrics", "copy", "--store", store).stdout == done.stdout


def test_a_bot_can_be_named_by_its_url(tmp_path: Path) -> None:
    url, store = "http://127.0.0.1:9/metrics", tmp_path / "store"
    (tmp_path / "past.om").write_text("up 1 1700000000\n# EOF\n")
    for name in (url, "127.0.0.1:9"):
        done = run(tmp_path, "import", "past.om", "--name", name, "--store", store)
        assert "127.0.0.1:9: 1 samples of 1 series from 2023-11-14 22:13:20 UTC" in done.stdout
        assert str(history_of(store, url, "")) in done.stdout


def test_standard_input_may_be_packed(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tradetop", "import", "-", "--name", "other", "--store", str(tmp_path / "store")]
    for body in (gzip.compress(b"up 1 1700000000\n# EOF\n"), b"up 1 1700000010\n# EOF\n"):
        done = subprocess.run(command, input=body, capture_output=True, check=False, timeout=60, cwd=tmp_path)
        assert done.returncode == 0
        assert done.stdout.startswith(b"other: 1 samples of 1 series")


def test_of_a_file_without_samples_no_bot_is_left(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<html>\n" * 9)
    done = run(tmp_path, "import", "page.html", "--name", "other", "--store", tmp_path / "store")
    assert done.returncode == 1
    assert "other: no samples" in done.stdout
    assert [*(tmp_path / "store").glob("*.db*")] == []


def test_only_the_asked_span_goes_out(tmp_path: Path, store: Path) -> None:
    done = run(tmp_path, "export", "--openmetrics", "--store", store, "--start", "10ms")
    assert (done.returncode, done.stdout) == (0, "# TYPE up unknown\n# EOF\n")


def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, store: Path) -> None:
    (tmp_path / "bad.om").write_text("up 1 1700000000\nup one 1700000010\n\x1b[31mup\n# EOF\n")
    done = run(tmp_path, "import", "bad.om", "--name", "other", "--store", store)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "tradetop: bad.om:2: one is no number",
        "tradetop: bad.om:3: no metric name at its start",
        f"tradetop: {OLD}",
    ]
    assert "other: 1 samples of 1 series" in done.stdout


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        (("export",), "say in which form: --openmetrics is the only one yet"),
        (("export", "--openmetrics", "nobody"), '"nobody" is no URL, no file and no bot that is known here: bot'),
        (("export", "--openmetrics", "-o", "no/dir/a"), "--output: no/dir/a: No such file or directory"),
        (("import", "none.om"), "none.om: No such file or directory"),
        (("import", "."), ".: Is a directory"),
        (
            ("import", "half.gz"),
            "half.gz: Compressed file ended before the end-of-stream marker was reached; no samples",
        ),
        (("import", "no.gz"), "no.gz: Not a gzipped file (b'no'); no samples"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, store: Path, said: tuple[str, ...], problem: str) -> None:
    (tmp_path / "half.gz").write_bytes(gzip.compress(b"up 1 1\n" * 9)[:12])
    (tmp_path / "no.gz").write_bytes(b"no gzip")
    done = run(tmp_path, *said, "--store", store)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"tradetop: {problem}\n"


def test_a_history_that_is_being_recorded_is_left_to_its_recorder(tmp_path: Path, store: Path) -> None:
    lock = acquire(lock_path(store / "bot-00000000.db"))
    assert lock is not None
    (tmp_path / "a.om").write_text("up 1 1700000000\n# EOF\n")
    with lock:
        done = run(tmp_path, "import", "a.om", "--store", store)
    assert done.returncode == 2
    assert "is being recorded by process" in done.stderr
    assert "import under another --name" in done.stderr


def test_a_real_dump_is_read_whole(tmp_path: Path, recorded: Callable[..., Path]) -> None:
    dump = recorded("247trader", "prometheus-50h.promtool-dump.txt.gz")
    done = run(tmp_path, "import", dump, "--name", "old", "--store", tmp_path)
    assert done.returncode == 0
    assert done.stdout.startswith("old: 58,862 samples of 109 series from 2025-11-16 02:57:41 UTC to ")
