"""What a mapping makes of one line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from tradetop.events.classify import class_of
from tradetop.events.lines.mapping import REST, Condition, EventRule, LineMapping, Test
from tradetop.events.lines.path import Place, first, found, items, text, value
from tradetop.events.lines.severity import CRITICAL, ERROR, severity_of
from tradetop.events.metadata import Scalar
from tradetop.model.bot_event import EventClass
from tradetop.model.level import Level
from tradetop.model.text import clean

NAME_LIMIT = 120
MESSAGE_LIMIT = 2_000
LEVEL = "$level"
"""A type that is the level's own word."""
_NAME = re.compile(r"[A-Za-z][\w.:-]{0,59}", re.ASCII)


@dataclass(slots=True)
class Said:
    """What one line says, taken apart."""

    document: Mapping[str, object]
    values: Mapping[str, Scalar]
    """The same flattened, for facts."""
    priority: str = ""
    more: list[str] = field(default_factory=list)
    """Further lines that belong to it."""


class Told(NamedTuple):
    """An event that a line tells."""

    type: str
    cls: EventClass
    severity: str
    level: Level | None
    bot: str
    pair: str
    strategy: str
    values: Mapping[str, Scalar]
    change: tuple[object, str] | None = None
    """A value that must have changed: whose it is, and itself; None for an event that needs none."""


def told(said: Said, mapping: LineMapping) -> Iterator[Told]:
    """Every event that a line tells by a mapping, in the mapping's order."""
    line = Place(said.document)
    severity = severity_of(first(line, mapping.level)) or severity_of(said.priority or None)
    any_before = False
    for rule in mapping.events:
        if rule.otherwise and any_before:
            continue
        for place in items(line, rule.each) if rule.each else (line,):
            if all(holds(test, place, path) for path, test in rule.when.items()):
                event = _told(said, mapping, rule, place, severity)
                any_before = any_before or (event is not None and not rule.changes)
                if event is not None:
                    yield event


def holds(test: Test, place: Place, path: str) -> bool:
    """Whether what stands at a path passes a test."""
    said = value(place, path)
    if isinstance(test, tuple):
        return said is not None and _word(said) in test
    return _passes(test, said, found(place, path))


def _passes(test: Condition, said: Scalar | None, whole: object) -> bool:
    word = "" if said is None else _word(said)
    if test.exists is not None and (said is not None and whole not in ("", [], {})) is not test.exists:
        return False
    if (test.equals and word not in test.equals) or (test.unless and word in test.unless):
        return False
    lower = word.lower()
    if test.begins and not lower.startswith(tuple(text.lower() for text in test.begins)):
        return False
    if test.contains and not any(text.lower() in lower for text in test.contains):
        return False
    if test.above is None and test.below is None:
        return True
    number = _number(said)
    return (
        number is not None
        and (test.above is None or number > test.above)
        and (test.below is None or number < test.below)
    )


def _told(said: Said, mapping: LineMapping, rule: EventRule, place: Place, severity: str) -> Told | None:
    bot = text(place, mapping.bot, NAME_LIMIT)
    new = "" if not rule.changes else text(place, (rule.changes,), NAME_LIMIT)
    if rule.changes and not new:
        return None
    named = _name(place, rule)
    kind = named or (severity or "log" if rule.type == LEVEL else rule.type)
    cls = rule.cls or (class_of(kind) if named or rule.type != LEVEL else EventClass.OTHER)
    if cls is EventClass.OTHER and rule.cls is None and severity in {ERROR, CRITICAL}:
        cls = EventClass.ERROR
    return Told(
        type=kind,
        cls=cls,
        severity=severity,
        level=rule.level,
        bot=bot,
        pair=text(place, rule.pair or mapping.pair, NAME_LIMIT),
        strategy=text(place, rule.strategy or mapping.strategy, NAME_LIMIT),
        values=_facts(said, mapping, rule, place, kind),
        change=((rule.type, rule.changes, bot), new) if rule.changes else None,
    )


def _name(place: Place, rule: EventRule) -> str:
    """The type that a line itself names; a sentence is none, and would be a new type for each of its numbers."""
    said = (value(place, path) for path in rule.type_from)
    return next((name for name in said if isinstance(name, str) and _NAME.fullmatch(name)), "")


def _facts(said: Said, mapping: LineMapping, rule: EventRule, place: Place, kind: str) -> dict[str, Scalar]:
    if rule.facts != (REST,):
        wanted = rule.facts if isinstance(rule.facts, dict) else {p.rpartition(".")[2]: p for p in rule.facts}
        return {name: v for name, path in wanted.items() if (v := value(place, path)) not in (None, "")}
    message = first(place, mapping.message)
    facts = {} if message is None or str(message) == kind else {"message": message}
    taken = {kind}
    for group in (mapping.time, mapping.level, mapping.message, mapping.bot, mapping.pair, mapping.strategy):
        taken.add(next((path for path in group if value(place, path) not in (None, "")), ""))
    facts.update({n: v for n, v in said.values.items() if n not in taken and n not in facts and v not in ("", kind)})
    if said.more:
        facts["traceback"] = clean(" \u23ce ".join(line.strip() for line in said.more), MESSAGE_LIMIT)
    return facts


def _word(said: Scalar) -> str:
    return str(said).lower() if isinstance(said, bool) else str(said)


def _number(said: Scalar | None) -> float | None:
    if said is None or isinstance(said, bool):
        return None
    try:
        return float(said)
    except ValueError:
        return None
