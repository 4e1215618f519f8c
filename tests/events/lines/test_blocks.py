"""Lines by their places in a file."""

from __future__ import annotations

import os
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tradetop.events.fault import EventError
from tradetop.events.lines import blocks
from tradetop.events.lines.blocks import before, forward, last_end, opened
from tradetop.events.lines.line import LINE_LIMIT

TEXTS = st.lists(st.binary(max_size=30).map(lambda text: text.replace(b"\n", b".")), max_size=30)


def forwards(fd: int, limit: int) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    at = passed = 0
    while True:
        page = forward(fd, at, passed, limit)
        found += page.spans
        at, passed = page.at, page.passed
        if not page.spans and not page.more:
            return found


def backwards(fd: int, end: int, limit: int) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    more = end > 0
    while more:
        spans, more = before(fd, end, limit)
        assert len(spans) <= limit
        found[:0] = spans
        end = spans[0].start
    return found


@given(TEXTS, st.binary(max_size=5).map(lambda text: text.replace(b"\n", b".")), st.integers(1, 7))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_both_ways_find_the_same_lines(tmp_path: Path, texts: list[bytes], rest: bytes, limit: int) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"".join(text + b"\n" for text in texts) + rest)
    fd = opened(path)
    with patch.object(blocks, "BLOCK", 16):
        end = last_end(fd, path.stat().st_size)
        there, back = forwards(fd, limit), backwards(fd, end, limit)
    os.close(fd)
    whole = path.read_bytes()
    assert [whole[start:end] for start, end in there] == texts
    assert back == there
    assert whole[end:] == rest


def test_a_line_that_is_too_long_costs_no_memory_and_no_other_line(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    with path.open("wb") as file:
        file.write(b"before\n")
        file.seek(100 << 20, os.SEEK_CUR)
        file.write(b"\nafter\n")
    fd = opened(path)
    there = forwards(fd, 500)
    os.close(fd)
    assert [end - start for start, end in there] == [6, 100 << 20, 5]
    assert len(there) == 3
    assert there[1][1] - there[1][0] > LINE_LIMIT


def test_what_is_no_plain_file_is_never_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.log")
    for name in ("pipe.log", "."):
        with pytest.raises(EventError, match="not a plain file"):
            opened(tmp_path / name)
