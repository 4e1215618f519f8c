"""Verdicts: whether a rule or a panel can do its work, and the proof."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from tradetop.promql.nodes import Node


class Kind(Enum):
    """Whether it can fire (a rule) or show anything (a panel); the worst first."""

    NEVER = "NEVER"
    """Proven from names, types, labels, matching or arithmetic."""
    ALWAYS = "ALWAYS"
    UNPROVEN = "UNPROVEN"
    """Nothing forbids it, and nothing seen so far shows that it can."""
    CAN = "CAN"


class Check(Enum):
    """What was looked at; the value says it in words."""

    BROKEN = "cannot be read"
    FAILS = "cannot be evaluated"
    EMPTY = "endpoint up but empty"
    NAME = "unknown name"
    TOTAL = "_total"
    BASE = "base name of a histogram"
    JOB = "job or instance"
    LABEL = "label absent"
    VALUE = "label value never seen"
    MATCH = "vector match impossible"
    COMPARISON = "impossible comparison"
    CEILING = "beyond the bucket ceiling"
    TRUE = "always true"
    UNIT = "unit clash"
    CAP = "the bot's own cap"
    UNSET = "never set"
    UNBORN = "declared, not born"
    SAMPLES = "too few samples"
    UNASKED = "not known here"
    RATE = "rate of a gauge"
    TEMPLATE = "template label"
    BORN = "counter born with its first event"
    FILE = "rule file not loaded"
    CONFIG = "configuration refused"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found, in a line for people."""

    check: Check
    text: str
    old: Node | None = None
    new: Node | None = None
    """What to put in place of `old`, where that would help."""
    fault: bool = False
    """Something is wrong for certain, although the rule may fire; else it is only worth knowing."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One rule, panel or file, judged."""

    subject: str
    kind: Kind
    reason: str
    """The proof, in one line."""
    suggestion: str = ""
    """The corrected line, or ""."""
    place: str = ""
    """Where it stands: file:line:column, or ""."""
    check: Check | None = None
    """What the reason is about; None where all is well."""
    notes: tuple[Finding, ...] = ()
    """What else was found, whatever the verdict."""

    @property
    def works(self) -> bool:
        """Whether nothing of it is known not to work."""
        return self.kind in (Kind.CAN, Kind.UNPROVEN) and not any(note.fault for note in self.notes)


def worst_first(verdicts: Iterable[Verdict]) -> tuple[Verdict, ...]:
    """The verdicts by kind; alike ones stay as they were."""
    order = list(Kind)
    return tuple(sorted(verdicts, key=lambda v: (order.index(v.kind), v.works)))
