"""What we use of Textual that it promises nobody: all of it is listed here, for the version that is pinned."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import textual
from textual._parser import ParseError, Parser
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.screen import Screen

import tradetop.tui
from tradetop.tui.app import TradetopApp
from tradetop.tui.driver import DiffDriver
from tradetop.tui.host import Host
from tradetop.tui.inbox import FrameArrived
from tradetop.tui.stage import Stage
from tradetop.tui.terminal import TerminalDriver

VERSION = "8.2.8"
"""The version that this list was made for, pinned in pyproject.toml: look through the list before changing either."""

READ = {
    "_app": "driver: the app to end, and how long its queue is",
    "_debug": "driver: passed on to the parser",
    "_driver": "app: the terminal, to ask whether it is busy and to write a clipping",
    "_exception": "app: what ended it, for our own report",
    "_file": "driver: where its writing thread writes; our outlet takes its place",
    "_loop": "driver: to come back from its threads",
    "_mouse": "driver: whether the mouse was asked for",
}
CALLED = {
    "_close_messages_no_wait": "app: ends it without a picture of the fault",
}
REPLACED = {
    "_enable_mouse_support": "driver: clicks and the wheel alone",
    "_fatal_error": "app: its picture would show the values of variables",
    "_get_terminal_size": "driver: our own descriptor, and never 0",
    "_query_in_band_window_resize": "driver: not asked for",
    "_run_input_thread": "driver: a fault there ends the program",
}
MODULES = {"textual._parser", "textual._xterm_parser"}
"""The keyboard's parser, and what it raises."""

OURS = [(TerminalDriver, LinuxDriver), (DiffDriver, LinuxDriver), (Stage, App), (TradetopApp, App), (Host, Screen)]


@cache
def known(base: type) -> str:
    """All source of Textual that makes up a class."""
    return "".join(inspect.getsource(c) for c in base.__mro__ if c.__module__.startswith("textual"))


def has(base: type, name: str) -> bool:
    return hasattr(base, name) or re.search(rf"\bself\.{name}\b", known(base)) is not None


def trees() -> Iterator[ast.AST]:
    for path in sorted(Path(tradetop.tui.__file__).parent.glob("*.py")):
        yield ast.parse(path.read_text(encoding="utf-8"))


def private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def test_the_list_is_for_the_version_that_is_installed() -> None:
    assert textual.__version__ == VERSION, "look through the list in this file, then change VERSION"


def test_the_screen_uses_no_other_internals_than_the_listed() -> None:
    used: set[str] = set()
    for ours, base in OURS:
        for node in ast.walk(ast.parse(inspect.getsource(inspect.getmodule(ours)))):  # type: ignore[arg-type]
            name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "name", "") or ""
            if private(name) and has(base, name):
                used.add(name)
    assert used == {*READ, *CALLED, *REPLACED}


def test_the_screen_imports_no_other_private_modules_than_the_listed() -> None:
    nodes = [node for tree in trees() for node in ast.walk(tree)]
    found = {n.module for n in nodes if isinstance(n, ast.ImportFrom) and n.module and "textual._" in n.module}
    found |= {alias.name for n in nodes if isinstance(n, ast.Import) for alias in n.names if "textual._" in alias.name}
    assert found == MODULES


@pytest.mark.parametrize("name", [*READ, *CALLED, *REPLACED])
def test_textual_still_has_what_is_listed(name: str) -> None:
    base = App if {**READ, **CALLED, **REPLACED}[name].startswith("app") else LinuxDriver
    assert has(base, name)


@pytest.mark.parametrize("name", sorted(REPLACED))
def test_what_is_replaced_is_still_called_as_it_was(name: str) -> None:
    ours, base = (Stage, App) if REPLACED[name].startswith("app") else (TerminalDriver, LinuxDriver)
    assert re.search(rf"self\.{name}\b", known(base)), "nobody calls it any longer"
    assert [*inspect.signature(getattr(ours, name)).parameters] == [*inspect.signature(getattr(base, name)).parameters]


def test_the_parser_is_fed_as_before() -> None:
    assert issubclass(XTermParser, Parser)
    assert issubclass(ParseError, Exception)
    assert [*inspect.signature(XTermParser.feed).parameters] == ["self", "data"]


@pytest.mark.parametrize(("ours", "base"), OURS, ids=[ours.__name__ for ours, _ in OURS])
def test_no_attribute_of_ours_hides_one_of_textuals(ours: type, base: type) -> None:
    nodes = ast.walk(ast.parse(inspect.getsource(ours)))
    stored = {
        n.attr
        for n in nodes
        if isinstance(n, ast.Attribute)
        and isinstance(n.ctx, ast.Store)
        and isinstance(n.value, ast.Name)
        and n.value.id == "self"
    }
    meant = {"_file", "animation_level", "console"}
    assert {name for name in stored - meant if has(base, name)} == set()


def test_a_message_of_ours_is_still_coalesced() -> None:
    assert FrameArrived().can_replace(FrameArrived())
