"""What the checks share while one expression is looked at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tradetop.doctor.interval import Interval
from tradetop.doctor.knowledge import Knowledge, Unread
from tradetop.doctor.outcome import Outcome
from tradetop.doctor.verdict import Finding
from tradetop.promql.nodes import Node, Selector, walk
from tradetop.store.matching import metric_name

Witness = Callable[[Node], tuple[Interval, float] | None]
"""The values, and their mean, that an expression really had in the recorded past; None where it had none."""


Trouble = Callable[[str], str]
"""Why an expression cannot be evaluated over what is there; "" where it can."""


def no_trouble(_expr: str) -> str:
    """Nothing was evaluated."""
    return ""


def no_witness(_node: Node) -> tuple[Interval, float] | None:
    """Nobody saw anything."""
    return None


@dataclass(frozen=True, slots=True)
class Look:
    """One expression while it is looked at."""

    known: Knowledge
    of: Callable[[Node, Look], Outcome]
    """The outcome of a part of it."""
    recorded: Mapping[str, Outcome]
    """What recording rules write, by name."""
    witness: Witness = no_witness
    built_in: bool = False
    """Whether it is one of our own, made for many bots: that this one lacks a metric of it is nobody's mistake."""
    born: bool = True
    """Whether a counter's first value counts here if it does in the bot's rules; it never does in Prometheus."""
    notes: list[Finding] = field(default_factory=list)
    """What was found on the way, whatever comes of it."""

    def unread(self, node: Node) -> tuple[Unread, ...]:
        """The targets that nobody has read and whose series a part of the expression may select."""
        parts = [part for part in walk(node) if isinstance(part, Selector)] if self.known.unread else ()
        named = [(metric_name(part.matchers) or "", part.matchers) for part in parts]
        asked = [(name, matchers) for name, matchers in named if name not in self.recorded]
        return tuple(u for u in self.known.unread if any(u.may_have(*each) for each in asked))

    def note(self, finding: Finding) -> None:
        """Remember a finding, once."""
        if finding not in self.notes:
            self.notes.append(finding)
