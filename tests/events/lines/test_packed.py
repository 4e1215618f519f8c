"""Packed logs."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from events.lines.making import interpreter, messages, whole_past
from tradetop.events.fault import EventError
from tradetop.events.lines import packed
from tradetop.events.lines.packed import PackedLog
from tradetop.model.lines import Form


def log(path: Path) -> PackedLog:
    return PackedLog(path, interpreter(Form.TEXT))


async def test_all_of_it_once(tmp_path: Path) -> None:
    path = tmp_path / "bot.log.1.gz"
    path.write_bytes(gzip.compress("".join(f"line {i}\n" for i in range(1_234)).encode() + b"last"))
    store = log(path)
    await store.check()
    assert messages(list(await store.newest()))[-2:] == ["line 1233", "last"]
    assert len(await whole_past(store)) == 1_235
    assert await store.read_new() == ()
    assert store.take_notice() == ""
    await store.close()


async def test_one_that_is_not_whole_gives_what_it_has(tmp_path: Path) -> None:
    path = tmp_path / "bot.log.gz"
    path.write_bytes(gzip.compress(os.urandom(50_000).hex().encode().replace(b"0", b"\n"))[:-2_000])
    store = log(path)
    assert len(await whole_past(store)) > 1_000
    assert "damaged, or not written to its end: read up to line" in store.take_notice()


@pytest.mark.parametrize("content", [b"plain text\n", b"\x1f\x8b", b"\x1f\x8b\x08" + b"\xff" * 50])
async def test_what_is_none_is_said(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bot.log.gz"
    path.write_bytes(content)
    for ask in (log(path).check, log(path).newest):
        with pytest.raises(EventError, match=r"bot\.log\.gz: (no gzip file|not written to its end)"):
            await ask()


async def test_a_bomb_costs_little_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "bot.log.gz"
    path.write_bytes(gzip.compress(b"\0" * (64 << 20) + b"\nafter\n") + gzip.compress(b"x\n" * 30_000))
    monkeypatch.setattr(packed, "UNPACKED_LIMIT", 64 << 20)
    store = log(path)
    await store.newest()
    assert "the rest is not read" in store.take_notice()
    monkeypatch.setattr(packed, "UNPACKED_LIMIT", 1 << 30)
    monkeypatch.setattr(packed, "MOST_LINES", 2_000)
    assert len(await whole_past(store)) == packed.MOST_LINES
    assert f"only its last {packed.MOST_LINES:,} lines are read" in store.take_notice()
