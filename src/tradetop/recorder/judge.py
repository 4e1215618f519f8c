"""The judge: after each scrape, which thresholds are crossed and what the rules of files say, and for how long."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from tradetop.model.alert import Alert, RecordingRule, Rule, RuleGroup
from tradetop.model.clock import DAY, MINUTE
from tradetop.model.labels import Labels
from tradetop.model.panel import Dashboard
from tradetop.promql import Engine, PromQLError
from tradetop.promql.ast import parse
from tradetop.promql.nodes import Subquery, walk
from tradetop.recorder.plan import Plan
from tradetop.recorder.record import Part, Record
from tradetop.recorder.rulebook import Rulebook
from tradetop.rules.evaluate import ALERTS, ALERTS_FOR_STATE, RuleState, samples
from tradetop.rules.expanding import External
from tradetop.rules.group import GroupState, advance_group, alerting_states, begin_group, restore_group
from tradetop.rules.thresholds import rules_of
from tradetop.store.draft import Draft

NOTHING = Dashboard("", "", ())
RULES = "rules"
"""The group of a history that has the alerts; every name that rules record has one of its own."""
_STATES = (ALERTS, ALERTS_FOR_STATE)
_FAULTS = 2
"""Rules that cannot be evaluated and are named; the others are counted."""

Found = Mapping[Labels, float]


@dataclass(slots=True)
class _Course:
    """A group in one bot: its states, when it is due, and the series that it has."""

    state: GroupState
    due: int | None = None
    """When it is evaluated next (ms); None before the first time."""
    series: Found = field(default_factory=dict)


class Judge:
    """Steps the rules of every bot of a record."""

    def __init__(self, record: Record, plan: Plan, book: Rulebook | None = None) -> None:
        self._record = record
        self._plan = plan
        self._book = book or Rulebook()
        self.dashboard = NOTHING
        """The dashboard that the thresholds were taken from."""
        self.rules: tuple[Rule, ...] = ()
        """The alerting rules: the dashboard's, then those of files."""
        self.filed: tuple[Rule | RecordingRule, ...] = ()
        """Every rule of files, in their order."""
        self._groups: tuple[RuleGroup, ...] = ()
        self._courses: dict[Part, tuple[_Course, ...]] = {}
        self._draft = Draft(record.store)
        self._engines: dict[Part, Engine] = {}
        self._recorded: frozenset[str] = frozenset()
        """Names of the series that the last judgement recorded."""

    def take(self, book: Rulebook) -> None:
        """Judge by these rule files from now on; rules that were there before go on where they are."""
        self._book = book
        self.filed = tuple(rule for group in book.groups for rule in group.rules)
        self._arrange()

    def prepare(self) -> None:
        """Take the thresholds of the dashboard that fits what the record holds by now."""
        dashboard = self._plan.dashboard()
        if dashboard is not self.dashboard:
            self.dashboard = dashboard
            self._arrange()

    def judge(self, t: int) -> dict[str, Found]:
        """The series of all alerts that are active at `t` (ms), and what rules recorded then, by group of the store."""
        self.prepare()
        parts = self._record.parts()
        self._courses = {part: self._courses.get(part) or self._begun({}) for part in parts}
        shared = len(parts) > 1
        alerts: dict[Labels, float] = {}
        recorded: dict[str, dict[Labels, float]] = {name: {} for name in self._recorded}
        touched: set[str] = set()
        for part in parts:
            label = part.bot_id if shared and part.bot_id else ""
            for course in self._courses[part]:
                fresh = self._step(course, part, t, label)
                for labels, value in course.series.items():
                    name = labels.name
                    if name in _STATES:
                        alerts[labels] = value
                    else:
                        recorded.setdefault(name, {})[labels] = value
                        if fresh:
                            touched.add(name)
        self._draft.clear()
        ended = {name for name, found in recorded.items() if not found}
        self._recorded = frozenset(recorded.keys() - ended)
        return {RULES: alerts, **{f"rule {name}": recorded[name] for name in sorted(touched | ended)}}

    def states(self) -> tuple[RuleState, ...]:
        """Every alerting rule with its alerts, as of the last judgement."""
        return alerting_states(course.state for courses in self._courses.values() for course in courses)

    def alerts(self) -> dict[str, tuple[Alert, ...]]:
        """The alerts of each bot as of its last judgement, those that have lately resolved among them."""
        return {
            part.name: tuple(
                alert for course in courses for state in course.state.alerting for alert in state.alerts.values()
            )
            for part, courses in self._courses.items()
        }

    def interval(self, rule: Rule) -> int:
        """How often a rule is evaluated (ms): with every scrape, or as its group says."""
        scraped = self._record.target.interval
        every = next((self._every(group) for group in self._groups if rule in group.rules), None)
        return max(scraped, every or scraped)

    def _every(self, group: RuleGroup) -> int | None:
        return group.interval or (self._book.interval if group.file else None)

    def faults(self) -> str:
        """Which rules could not be evaluated the last time; one line for people, "" where all could."""
        every = (error for courses in self._courses.values() for course in courses for error in course.state.errors)
        return _told({_named(rule, error): None for rule, error in every})

    def _arrange(self) -> None:
        """The groups as the dashboard and the files have them by now; states of rules that are as before are kept."""
        self._groups = (*_built_in(rules_of(self.dashboard)), *self._book.groups)
        self.rules = tuple(rule for group in self._groups for rule in group.rules if isinstance(rule, Rule))
        for part, courses in self._courses.items():
            self._courses[part] = self._begun({_place(course.state.group): course for course in courses})

    def _begun(self, before: Mapping[tuple[str, str], _Course]) -> tuple[_Course, ...]:
        courses = []
        for group in self._groups:
            known = before.get(_place(group))
            if known is None:
                courses.append(_Course(begin_group(group)))
            else:
                courses.append(_Course(begin_group(group, known.state), known.due, known.series))
        return tuple(courses)

    def _step(self, course: _Course, part: Part, t: int, label: str) -> bool:
        """Evaluate a group of a bot if it is due at `t` (ms); whether it was."""
        every = self._every(course.state.group)
        if every is not None and course.due is not None and t < course.due - self._record.target.interval // 2:
            return False
        born = self._record.target.born_counters
        engine = self._engines.setdefault(part, Engine(part.of(self._draft), born_counters=born))

        def write(at: int, found: Found) -> None:
            self._draft.write(at, _labelled(found, label))

        external = External(self._book.external_labels)
        state, series = advance_group(course.state, engine, t, write, external)
        if course.due is None:
            state = restore_group(state, engine, t)
            series = {**series, **samples(state.alerting)}
        course.state, course.series = state, _labelled(series, label)
        due = (t if course.due is None else course.due) + (every or 0)
        course.due = due if due > t else t + (every or 0)
        return True


def _built_in(rules: Sequence[Rule]) -> tuple[RuleGroup, ...]:
    """The preset's rules: judged with each scrape, but for what goes through a whole day step by step."""
    slow = [rule for rule in rules if _looks_at_days(rule.expr)]
    quick = tuple(rule for rule in rules if rule not in slow)
    return RuleGroup("", quick), RuleGroup("a day at a time", tuple(slow), interval=MINUTE)


@lru_cache(maxsize=1_024)
def _looks_at_days(expr: str) -> bool:
    try:
        return any(isinstance(node, Subquery) and node.span >= DAY for node in walk(parse(expr)))
    except PromQLError:
        return False


def _place(group: RuleGroup) -> tuple[str, str]:
    return group.file, group.name


def _labelled(found: Found, label: str) -> Found:
    """Series of one of several bots carry its id."""
    return {labels.merged({"bot_id": label}): value for labels, value in found.items()} if label else found


def _named(rule: Rule | RecordingRule, error: str) -> str:
    name = rule.name if isinstance(rule, Rule) else rule.record
    return error if error.startswith(name) else f"{name}: {error}"


def _told(errors: Collection[str]) -> str:
    if not errors:
        return ""
    many = len(errors)
    said = "; ".join([*errors][:_FAULTS]) + (f"; and {many - _FAULTS} more" if many > _FAULTS else "")
    return f"{many} rule{'s' * (many > 1)} cannot be evaluated: {said}"
