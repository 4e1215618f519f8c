"""The stack of an error, as lines, whatever the bot made of it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from events.making import event
from panes.drawn import lines
from panes.frames import sample_errors
from tradetop.model.bot_event import BotEvent
from tradetop.panes.look import ScreenName
from tradetop.panes.stack import stack_of, wrapped

STACK = 'Traceback:\n  File "a.py", line 3, in send\n    raise Slippage\nSlippage: 1.31%'
LINES = ("Traceback:", '  File "a.py", line 3, in send', "    raise Slippage", "Slippage: 1.31%")


def error(**metadata: object) -> BotEvent:
    return event("error", json.dumps(metadata))


@pytest.mark.parametrize(
    "metadata",
    [
        {"stack": STACK},
        {"message": "x", "Traceback": STACK},
        {"error": {"details": {"stack_trace": STACK.replace("\n", "\r\n")}}},
        {"stack": STACK.split("\n")},
        {"context": json.dumps({"stacktrace": STACK})},
    ],
)
def test_it_is_found_wherever_it_stands(metadata: dict[str, object]) -> None:
    assert stack_of(error(**metadata)) == LINES


@pytest.mark.parametrize("metadata", [{}, {"stack": 12}, {"stack": ""}, {"message": STACK}, {"stack": {"a": 1}}])
def test_where_there_is_none_there_are_no_lines(metadata: dict[str, object]) -> None:
    assert stack_of(error(**metadata)) == ()


def test_what_is_hostile_is_harmless() -> None:
    found = stack_of(error(stack="\x1b[31m\x07red\n[bold]x[/]\n" + "y\n" * 5_000))
    assert found[0] == "␛[31m␇red"
    assert len(found) == 200
    assert stack_of(replace(error(), written='{"metadata": {"stack": "cut')) == ()
    assert stack_of(replace(error(), written="[" * 100_000)) == ()
    assert all(len(line) <= 40 for line in wrapped(("    " * 30 + "z" * 500,), 40))


def test_an_event_shows_its_stack_below_what_it_says() -> None:
    frame = sample_errors()
    assert frame.group is not None
    frame = replace(frame, event=frame.group.events[-1])
    assert frame.event is not None
    text = lines(frame, 100, 40, screen=ScreenName.EVENT, event=frame.event.id)
    assert "bot.errors.SlippageExceeded: 1.31% > 1.0%" in text
    assert 'File "bot/jupiter.py", line 41, in _send' in text
