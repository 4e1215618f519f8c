"""A case: all that is known of one bot when the troubleshooting lists are gone through, and what a step says."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from tradetop.doctor.knowledge import Knowledge
from tradetop.doctor.prometheus import Setup
from tradetop.doctor.verdict import Verdict


class Found(Enum):
    """How a step ended."""

    GOOD = "ok"
    WRONG = "wrong"
    OPEN = "open"
    """Not to be said from here."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a list."""

    question: str
    found: Found
    text: str
    """What was found, and where that is not good, what to do."""


@dataclass(frozen=True, slots=True)
class Steps:
    """One list, by the name that the documents give it."""

    title: str
    steps: tuple[Step, ...]

    @property
    def wrong(self) -> bool:
        """Whether one of its steps ended badly."""
        return any(step.found is Found.WRONG for step in self.steps)


@dataclass(frozen=True, slots=True)
class Case:
    """All that is known when the lists are gone through."""

    known: Knowledge
    place: str = ""
    """The target's URL as people may see it, or ""."""
    url: str = ""
    up: bool | None = None
    """Whether its page arrived; None where nobody asked."""
    reason: str = ""
    """Why it did not, or why it has no samples."""
    samples: int = 0
    health: tuple[tuple[str, bool | None, str], ...] = ()
    """Role, whether it passed (None: cannot be said) and what it says, of each health endpoint."""
    elsewhere: tuple[str, ...] = ()
    """Other places on this machine where metrics answer."""
    history: str = ""
    """Path of the history file; "" where there is none."""
    rules: tuple[Verdict, ...] = ()
    panels: tuple[Verdict, ...] = ()
    broken: int = 0
    """Rules that could not be read."""
    rule_files: tuple[str, ...] = ()
    setup: Setup | None = None
    folder: Path | None = None
    notified: bool | None = field(default=None)
    """Whether tradetop itself is told whom to notify; None where that is not known."""
