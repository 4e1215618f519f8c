"""Mappings: which events a line tells, as a YAML document says it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Annotated

from tradetop.document import DocumentError, Parse, nearest, read_file
from tradetop.events.fault import EventError
from tradetop.events.lines.path import ITEM, KEY
from tradetop.model.bot_event import EventClass
from tradetop.model.level import Level

PRESETS = Path(__file__).parents[2] / "presets" / "lines"
BUILT_IN = ("247trader", "polybot", "json", "text")
"""In the order in which they are tried on a line; the last but one takes any JSON, the last any text."""

REST = "rest"
"""Facts are whatever the line says beside what it was asked for."""


def _one(text: str) -> tuple[str, ...]:
    return (text,)


Several = Annotated[tuple[str, ...], Parse(_one)] | tuple[str, ...]
"""A single text or a list of them."""


@dataclass(frozen=True, slots=True)
class Condition:
    """What must hold of a value; everything that is given."""

    exists: bool | None = None
    """Whether there is one: null, "", [] and {} are none."""
    equals: Several = ()
    unless: Several = ()
    begins: Several = ()
    contains: Several = ()
    above: float | None = None
    below: float | None = None


def _equal(text: str) -> Condition:
    return Condition(equals=(text,))


Test = Annotated[Condition, Parse(_equal)] | tuple[str, ...] | Condition
"""A value, a list of which it must be one, or conditions."""


def _rest(text: str) -> tuple[str, ...]:
    if text != REST:
        raise ValueError(f"{text!r}: give a mapping of names to paths, a list of paths, or {REST}")
    return (REST,)


@dataclass(frozen=True, slots=True)
class EventRule:
    """One entry of `events:`: an event that a line may tell."""

    type: str
    """Its type, where `type_from` names none."""
    type_from: Several = ()
    """Paths to its type; only a short name without spaces is taken for one."""
    when: dict[str, Test] = field(default_factory=dict)
    otherwise: bool = False
    """Only where no entry before told an event of this line, changes aside."""
    changes: str = ""
    """Path of a value that must differ from the one before."""
    each: str = ""
    """Path of a list or a mapping: one event for each item, `$item` and its `$key`."""
    cls: EventClass | None = field(default=None, metadata={"key": "class"})
    level: Level | None = None
    pair: Several = ()
    strategy: Several = ()
    facts: Annotated[tuple[str, ...], Parse(_rest)] | tuple[str, ...] | dict[str, str] = ()

    def __post_init__(self) -> None:
        if not self.type.strip():
            raise ValueError("type is empty")
        if not self.each and any(path == KEY or path.split(".")[0] == ITEM for path in self.paths):
            raise ValueError(f"{ITEM} and {KEY} are the items of `each`, which is missing")

    @property
    def paths(self) -> Sequence[str]:
        """Every path that it looks up."""
        facts = self.facts.values() if isinstance(self.facts, dict) else self.facts
        return (*self.when, *self.type_from, *self.pair, *self.strategy, *facts, *filter(None, [self.changes]))


@dataclass(frozen=True, slots=True)
class LineMapping:
    """A whole mapping: where a line says what every line says, and the events that it may tell."""

    events: tuple[EventRule, ...]
    detect: tuple[str, ...] = ()
    """Keys that a line of this kind has, all of them."""
    time: Several = ()
    level: Several = ()
    message: Several = ()
    bot: Several = ()
    pair: Several = ()
    strategy: Several = ()

    def __post_init__(self) -> None:
        if not self.events:
            raise ValueError("events is empty: a line would tell nothing")


def mapping(name: str) -> LineMapping:
    """The built-in mapping of a name, or the one in a YAML file; EventError with file:line:column for what is wrong."""
    try:
        return _read(name if name not in BUILT_IN else str(PRESETS / f"{name}.yaml"), name)
    except DocumentError as error:
        raise EventError("; ".join(map(str, error.problems[:3]))) from None


@cache
def built_in() -> tuple[LineMapping, ...]:
    """All built-in mappings in the order in which they are tried."""
    return tuple(map(mapping, BUILT_IN))


def _read(path: str, name: str) -> LineMapping:
    if not path.endswith((".yaml", ".yml")):
        raise EventError(f"no mapping is called {name!r}: {nearest(name, BUILT_IN)}; or give a file: #PATH.yaml")
    return read_file(Path(path).expanduser(), LineMapping)
