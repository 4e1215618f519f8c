"""The court: in a run with several targets, the rules of files are judged once, over the series of all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from tradetop.model.alert import Alert, RecordingRule, Rule
from tradetop.model.clock import SECOND
from tradetop.model.labels import Labels
from tradetop.promql import Engine
from tradetop.recorder.course import Course, Found, begun
from tradetop.recorder.exposed import exposed
from tradetop.recorder.home import Homes
from tradetop.recorder.record import Record
from tradetop.recorder.rulebook import Rulebook
from tradetop.rules.evaluate import RuleState
from tradetop.rules.expanding import External
from tradetop.rules.group import alerting_states
from tradetop.store.draft import Draft

Tell = Callable[[int], None]
"""Takes the time (ms) of a judgement that another target's scrape brought about."""
ANSWER = 10 * SECOND
"""How long first answers are waited for at most (ms): meanwhile nobody is told of any alert."""


@dataclass(slots=True, eq=False)
class _Case:
    """A group, and its series by the target that they belong to."""

    course: Course
    given: Mapping[Record, Found] = field(default_factory=dict)
    untold: set[Record] = field(default_factory=set)
    """Those who have not taken them since they were judged."""
    rests_until: int = 0
    """An evaluation that came late is not followed by the next at once (ms)."""


class Court:
    """Judges once the targets that are recorded here have answered; gives each what belongs to it."""

    def __init__(self, records: Sequence[Record]) -> None:
        """`records` are those of all targets of the run, whether they are recorded here or followed."""
        self._records = tuple(records)
        self._homes = Homes(records)
        self._sitting: dict[Record, Tell] = {}
        self._heard: dict[Record, int] = {}
        self._book = Rulebook()
        self._cases: tuple[_Case, ...] = ()
        self._draft = Draft(exposed(records))
        self.engine = Engine(self._draft, born_counters=all(record.target.born_counters for record in records))
        """What rules of files are asked of: the series of all targets."""
        self._beat = min(record.target.interval for record in records)
        self._patience = min(ANSWER, max(record.target.timeout for record in records) + SECOND)
        self._begun: int | None = None
        self._now = 0
        self.judged_at = 0
        """When it last judged (ms)."""

    @property
    def has_judged(self) -> bool:
        """Whether every group has been evaluated: before that nobody knows whether an alert goes on."""
        return all(case.course.due is not None for case in self._cases)

    def take(self, book: Rulebook) -> None:
        """Judge by these rule files from now on; rules that were there before go on where they are."""
        if book is not self._book:
            self._book = book
            courses = begun(book.groups, [case.course for case in self._cases])
            self._cases = tuple(_Case(course, self._split(course.series)) for course in courses)

    @contextmanager
    def sitting(self, record: Record, tell: Tell) -> Iterator[None]:
        """While this lasts a target is recorded here, and told of judgements."""
        self._sitting[record] = tell
        try:
            yield
        finally:
            del self._sitting[record]

    def has(self, record: Record) -> bool:
        """Whether a target is recorded here."""
        return record in self._sitting

    def hear(self, record: Record, t: int) -> None:
        """A target was scraped at `t` (ms): evaluate what is due, if nobody need be waited for."""
        self._begun = t if self._begun is None else self._begun
        self._now = max(self._now, t)
        self._heard[record] = t
        due = [case for case in self._cases if self._is_due(case)]
        if not due or self._waits(due):
            return
        self.judged_at = self._now
        for case in due:
            self._step(case)
        self._draft.clear()
        for other, tell in list(self._sitting.items()):
            if other is not record:
                tell(self._now)

    def given(self, record: Record) -> Iterator[tuple[Found, bool]]:
        """The series of each group that belong to a target, and whether they were judged since it last asked."""
        for case in self._cases:
            fresh = record in case.untold
            case.untold.discard(record)
            yield case.given.get(record, {}), fresh

    def alerts(self, record: Record) -> tuple[Alert, ...]:
        """The alerts that belong to a target, those that have lately resolved among them."""
        every = (alert for case in self._cases for rule in case.course.state.alerting for alert in rule.alerts.values())
        return tuple(alert for alert in every if self._homes.of(alert.labels) is record)

    def states(self) -> tuple[RuleState, ...]:
        """Every alerting rule of files with its alerts, as of its last judgement."""
        return alerting_states(case.course.state for case in self._cases)

    def errors(self, record: Record) -> tuple[tuple[Rule | RecordingRule, str], ...]:
        """The rules whose last evaluation failed; the first target says so for all."""
        if record is not self._records[0]:
            return ()
        return tuple(error for case in self._cases for error in case.course.state.errors)

    def _is_due(self, case: _Case) -> bool:
        return self._now >= case.rests_until and case.course.is_due(self._now, self._beat // 2)

    def _waits(self, due: Sequence[_Case]) -> bool:
        """Whether a target that is scraped as often as the court judges has not been since, and may well be.

        Its series would be an interval old. One that has stayed away for longer keeps nobody waiting.
        """
        assert self._begun is not None
        if not self.has_judged:
            unheard = any(record not in self._heard for record in self._sitting)
            return unheard and self._now < self._begun + self._patience
        since = min(case.course.due or 0 for case in due) - self._beat // 2
        if self._now >= since + self._beat:
            return False
        alike = (r for r in self._sitting if r.target.interval <= self._beat)
        return any(since - self._beat <= self._heard.get(record, 0) < since for record in alike)

    def _step(self, case: _Case) -> None:
        every = case.course.state.group.interval or self._book.interval or self._beat
        external = External(self._book.external_labels)
        case.course.step(self.engine, self._now, every, self._draft.write, external)
        case.rests_until = self._now + min(every, self._beat) // 2
        case.given = self._split(case.course.series)
        case.untold = set(self._sitting)

    def _split(self, series: Found) -> dict[Record, Found]:
        found: dict[Record, dict[Labels, float]] = {}
        for labels, value in series.items():
            found.setdefault(self._homes.of(labels), {})[labels] = value
        return {**found}
