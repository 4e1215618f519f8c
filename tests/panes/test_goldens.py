"""The screens as text at the three sizes; after a wanted change write them anew with TRADETOP_WRITE_GOLDENS=1."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from panes.frames import sample_detail, sample_fleet, sample_frame
from tradetop.model.frame import Frame
from tradetop.panes.export import as_text
from tradetop.panes.layout import screen
from tradetop.panes.look import Glyphs, Hint, Look, ScreenName

GOLDENS = Path(__file__).parent / "goldens"
HINTS = tuple(
    Hint(key, text)
    for key, text in (
        ("0-8", "pane"),
        ("↵", "drill"),
        ("9", "dashboard"),
        ("p", "pause"),
        ("[ ]", "window"),
        ("q", "quit"),
    )
)
CASES: dict[str, tuple[Frame, Look, int, int]] = {
    "overview-80x24": (sample_frame(), Look(), 80, 24),
    "overview-120x40": (sample_frame(), Look(), 120, 40),
    "overview-200x55": (sample_frame(), Look(), 200, 55),
    "overview-60x15": (sample_frame(), Look(), 60, 15),
    "ascii-80x24": (sample_frame(), Look(glyphs=Glyphs.ASCII), 80, 24),
    "block-80x24": (sample_frame(), Look(glyphs=Glyphs.BLOCK), 80, 24),
    "down-120x40": (sample_frame(dead=True), Look(), 120, 40),
    "quiet-paper-80x24": (sample_frame(quiet=True, paper=True), Look(), 80, 24),
    "never-set-derived-80x24": (sample_frame(never_set=True, derived=True), Look(), 80, 24),
    "dashboard-80x24": (sample_frame(), Look(screen=ScreenName.DASHBOARD), 80, 24),
    "dashboard-120x40": (sample_frame(), Look(screen=ScreenName.DASHBOARD), 120, 40),
    "detail-120x40": (sample_detail(), Look(screen=ScreenName.DETAIL), 120, 40),
    "fleet-120x40": (sample_fleet(), Look(screen=ScreenName.FLEET), 120, 40),
}


@pytest.mark.parametrize("name", CASES)
def test_the_screen_looks_as_it_did(name: str) -> None:
    frame, look, width, height = CASES[name]
    shown = as_text(screen(frame, replace(look, mono=True, hints=HINTS), width, height), width, height)
    path = GOLDENS / f"{name}.txt"
    if os.environ.get("TRADETOP_WRITE_GOLDENS"):
        path.write_text(shown, encoding="utf-8")
    assert shown == path.read_text(encoding="utf-8")
