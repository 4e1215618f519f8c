"""Screens as SVG: their colours and styles; after a wanted change write them anew with TRADETOP_WRITE_GOLDENS=1."""

from __future__ import annotations

import importlib.util
import os
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from panes.frames import sample_detail, sample_explained, sample_fleet, sample_frame
from panes.test_goldens import HINTS
from tradetop.model.frame import Frame
from tradetop.model.panel import PaneName
from tradetop.panes.export import as_svg
from tradetop.panes.layout import screen
from tradetop.panes.look import Glyphs, Look, Prompt, PromptKind, ScreenName
from tradetop.redact import redact
from tradetop.theme import load

PICTURES = Path(__file__).parent / "pictures"
DOCS = Path(__file__).parents[2] / "docs"
WIDTH, HEIGHT = 80, 24

FRAMES: dict[str, tuple[Frame, Look]] = {
    "overview": (sample_frame(), Look()),
    "detail": (sample_detail(), Look(screen=ScreenName.DETAIL)),
    "explain": (sample_explained(), Look(screen=ScreenName.EXPLAIN, selected=3)),
    "down": (sample_frame(dead=True), Look()),
}
CASES: dict[str, tuple[Frame, Look, str]] = {
    f"{name}-{theme}": (frame, replace(look, ticks=load(theme).ansi), theme)
    for name, (frame, look) in FRAMES.items()
    for theme in ("midnight", "paper", "signal", "terminal")
} | {
    name: (frame, look, "midnight")
    for name, (frame, look) in {
        "quiet": (sample_frame(quiet=True, paper=True), Look()),
        "never-set": (sample_frame(never_set=True, derived=True), Look()),
        "redacted": (redact(sample_frame()), Look(redacted=True)),
        "redacted-detail": (redact(sample_detail()), Look(screen=ScreenName.DETAIL, redacted=True)),
        "redacted-explain": (redact(sample_explained()), Look(screen=ScreenName.EXPLAIN, redacted=True)),
        "dashboard": (sample_frame(), Look(screen=ScreenName.DASHBOARD, selected=3)),
        "fleet": (sample_fleet(), Look(screen=ScreenName.FLEET)),
        "event": (sample_frame(), Look(screen=ScreenName.EVENT)),
        "json": (sample_frame(), Look(screen=ScreenName.JSON)),
        "help": (sample_frame(), Look(screen=ScreenName.HELP)),
        "strategies": (sample_frame(), Look(focus=PaneName.STRATEGIES, zoomed=True, selected=4)),
        "paused-block": (sample_frame(), Look(paused=True, glyphs=Glyphs.BLOCK, focus=PaneName.EVENTS, selected=2)),
        "prompt": (sample_frame(), Look(prompt=Prompt(PromptKind.FILTER, "!signal", 7))),
    }.items()
}


@pytest.mark.parametrize("name", CASES)
def test_the_screen_has_the_colours_that_it_had(name: str) -> None:
    frame, look, theme = CASES[name]
    boxes = screen(frame, replace(look, hints=HINTS), WIDTH, HEIGHT)
    compare(PICTURES / f"{name}.svg", as_svg(boxes, WIDTH, HEIGHT, load(theme), name))


def compare(path: Path, drawn: str) -> None:
    if os.environ.get("TRADETOP_WRITE_GOLDENS"):
        path.write_text(drawn, encoding="utf-8")
    # Line by line, since a line is a colour: a whole picture is too much to read.
    assert drawn.splitlines() == path.read_text(encoding="utf-8").splitlines()


def pictures() -> ModuleType:
    spec = importlib.util.spec_from_file_location("pictures", DOCS / "pictures.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["pictures"] = module
    spec.loader.exec_module(module)
    return module


def test_the_readmes_pictures_are_what_the_program_draws() -> None:
    module = pictures()
    for name, picture in module.PICTURES.items():
        compare(DOCS / "pictures" / f"{name}.svg", module.drawn(picture))


def test_the_readmes_pictures_exist_and_are_small() -> None:
    readme = (DOCS.parent / "README.md").read_text(encoding="utf-8")
    names = {path.name for path in (DOCS / "pictures").glob("*.svg")}
    assert {name for name in names if f"docs/pictures/{name}" in readme} == names
    assert max(path.stat().st_size for path in (DOCS / "pictures").glob("*.svg")) < 150_000
