"""Screenshots: which files are written, and what they are called."""

from __future__ import annotations

import errno
from dataclasses import replace
from pathlib import Path

import pytest

from panes.frames import NOW, sample_bot, sample_fleet, sample_frame
from tradetop.cli.watching import save
from tradetop.model.frame import Frame
from tradetop.panes.layout import screen
from tradetop.panes.look import Look
from tradetop.redact import redact
from tradetop.theme import load
from tradetop.tui.screenshot import Shot, file_stem, save_screenshot


def shot(frame: Frame) -> Shot:
    plain = screen(frame, Look(mono=True), 80, 24)
    return Shot(screen(frame, Look(), 80, 24), plain, 80, 24, load("midnight"), frame, NOW)


def test_a_shot_is_a_picture_and_a_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    said = save_screenshot(save, shot(sample_frame()))
    stem = "tradetop-247trader-v2-20261118-120327"
    assert said.startswith(f"screenshot: {tmp_path / stem}.svg, .txt")
    assert {p.stem for p in tmp_path.iterdir()} == {stem}
    assert {".svg", ".txt"} <= {p.suffix for p in tmp_path.iterdir()}
    text = (tmp_path / f"{stem}.txt").read_text(encoding="utf-8")
    assert "╎" in text  # Thresholds are ticks, since a text has no colours.


def test_a_png_comes_with_them_where_it_can_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("resvg_py", reason="the extra tradetop[png] is not installed")
    monkeypatch.chdir(tmp_path)
    said = save_screenshot(save, shot(sample_frame()))
    pictures = [p for p in tmp_path.iterdir() if p.suffix == ".png"]
    if not pictures:
        pytest.skip("no font on this machine")
    assert said.endswith(".svg, .txt, .png")
    assert pictures[0].read_bytes().startswith(b"\x89PNG")


def test_no_file_is_written_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    first = save_screenshot(save, shot(sample_frame()))
    before = {p: p.read_bytes() for p in tmp_path.iterdir()}
    second = save_screenshot(save, shot(sample_frame(dead=True)))
    assert second != first
    assert {p: p.read_bytes() for p in before} == before
    assert len([*tmp_path.iterdir()]) == 2 * len(before)


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("a/../b c", "tradetop-a-..-b-c"),
        ("..", "tradetop-bot"),
        ("日本", "tradetop-bot"),
        ("x" * 99, "tradetop-" + "x" * 40),
    ],
)
def test_a_name_is_safe_as_a_file(name: str, stem: str) -> None:
    frame = replace(sample_frame(), bots=(sample_bot(name),))
    assert file_stem(frame, NOW) == f"{stem}-20261118-120327"


def test_a_redacted_shot_is_called_so_and_names_no_host() -> None:
    frame = redact(replace(sample_frame(), bots=(sample_bot("box-7.example.com:8000"),)))
    stem = file_stem(frame, NOW)
    assert "redacted" in stem
    assert "box" not in stem
    assert "example" not in stem


def test_all_bots_have_a_name_too() -> None:
    assert file_stem(sample_fleet(), NOW).startswith("tradetop-all-")
    assert file_stem(None, NOW).startswith("tradetop-all-")


def test_where_nothing_can_be_written_it_says_why() -> None:
    def full(name: str, content: bytes) -> str:
        raise OSError(errno.ENOSPC, "No space left on device", name)

    assert save_screenshot(full, shot(sample_frame())).startswith("no screenshot: No space left on device")
