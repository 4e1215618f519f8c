"""The first picture with values: what the app would show, before there is an app."""

from __future__ import annotations

from dataclasses import replace

import pyte
import pytest

from panes.frames import sample_bot, sample_frame
from tradetop.model.frame import Frame
from tradetop.panes.layout import screen
from tradetop.panes.look import Look
from tradetop.theme import Depth, load
from tradetop.tui.differ import Differ
from tradetop.tui.splash import Splash

AMOUNT = "1,284.20"


def shown(capfd: pytest.CaptureFixture[str], look: Look, *frames: Frame | None) -> str:
    """What an 80x24 terminal shows after these frames."""
    with Splash(load("midnight"), Differ(Depth.TRUE), look, screen) as splash:
        for frame in frames:
            splash.show(frame)
        sent = capfd.readouterr().out
    terminal = pyte.Screen(80, 24)
    pyte.Stream(terminal).feed(sent.replace("\x1b[?1049h", "").replace("\x1b[?25l", ""))
    return "\n".join(terminal.display)


def test_the_first_values_take_the_place_of_the_waiting(capfd: pytest.CaptureFixture[str]) -> None:
    assert "waiting" in shown(capfd, Look(), None)
    text = shown(capfd, Look(), sample_frame())
    assert AMOUNT in text
    assert "waiting" not in text


def test_what_is_hidden_is_hidden_from_the_first_picture_on(capfd: pytest.CaptureFixture[str]) -> None:
    assert AMOUNT not in shown(capfd, Look(redacted=True), sample_frame())


def test_several_bots_are_shown_as_such(capfd: pytest.CaptureFixture[str]) -> None:
    frame = replace(sample_frame(), bots=(sample_bot("alpha"), sample_bot("beta")), bot=-1)
    text = shown(capfd, Look(), frame)
    assert "alpha" in text
    assert "beta" in text
