"""Ports: the few shapes by which floors meet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from tradetop.model.frame import Frame
from tradetop.model.labels import Labels
from tradetop.model.matcher import Matcher
from tradetop.model.review import Review
from tradetop.model.silence import Silence
from tradetop.model.value import Value
from tradetop.model.view import View


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a page says of a metric family."""

    type: str = ""
    help: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Column:
    """One series of a store, without a copy: the sample at `times[i]` is `values[i - first]`.

    `times` is shared by all series of one group, so that bounds are searched once for all of them. Only indices
    `first <= i < first + len(values)` exist; a slot may hold the staleness marker. A store that gives the same object
    again promises that it has only grown since; whatever was worked out of it stays true.
    """

    labels: Labels
    times: Sequence[int]
    values: Sequence[float]
    first: int
    births: Sequence[tuple[int, int]] = ()
    """Of a counter: (when it was known not to exist yet, its first sample after that), in ms and time order."""


class Queryable(Protocol):
    """What the evaluator reads: series by their labels."""

    def select(self, matchers: Sequence[Matcher], start: int, end: int) -> Sequence[Column]:
        """The series that match and have samples in [start, end] (ms), in any order."""
        ...


class Querier(Protocol):
    """What rules and dashboards read: an engine here, or a Prometheus server."""

    def instant(self, expr: str, *, at: int) -> Value:
        """Evaluate at one time (ms)."""
        ...

    def range(self, expr: str, *, start: int, end: int, step: int) -> Value:
        """Evaluate at start, start + step, ... up to end (ms)."""
        ...


class Notebook(Protocol):
    """What a screen may write: the person's own notes."""

    def mark(self, bot: int | None, t: int, text: str) -> None:
        """Put a mark at `t` (ms) on a bot's time axis, or (None) on everybody's.

        Returns at once; the next frame has it, or a notice that says why not.
        """
        ...

    def silence(self, bot: int, made: Sequence[Silence]) -> None:
        """Let alerts of a bot be quiet; returns as `mark` does."""
        ...

    def review(self, bot: int, made: Sequence[Review]) -> None:
        """Note that errors of a bot were looked at, or are to be again; returns as `mark` does."""
        ...

    def end(self, silences: Sequence[Silence]) -> None:
        """Take silences back; returns as `mark` does."""
        ...


class FrameSource(Protocol):
    """What a screen reads: frames for the view it asked for."""

    def look(self, view: View) -> None:
        """Ask for frames of this view from now on; a new frame comes at once."""
        ...

    def subscribe(self, listener: Callable[[Frame], None]) -> None:
        """Call `listener` from another thread with every new frame."""
        ...

    def answering(self) -> AbstractContextManager[None]:
        """While this lasts a key is being answered: what makes frames stands back."""
        ...
