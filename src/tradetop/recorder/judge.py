"""The judge: after each scrape, which thresholds are crossed and what the rules of files say, and for how long."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING

from tradetop.model.alert import Alert, RecordingRule, Rule, RuleGroup
from tradetop.model.clock import DAY, MINUTE
from tradetop.model.labels import NAME, Labels
from tradetop.model.matcher import MatchOp
from tradetop.model.panel import Dashboard
from tradetop.promql import Engine, PromQLError
from tradetop.promql.ast import parse
from tradetop.promql.nodes import Node, Range, Selector, Subquery, walk
from tradetop.recorder.course import Course, Found, begun
from tradetop.recorder.plan import Plan
from tradetop.recorder.record import Part, Record
from tradetop.recorder.rulebook import Rulebook
from tradetop.rules.evaluate import ALERTS, ALERTS_FOR_STATE, RuleState
from tradetop.rules.expanding import External
from tradetop.rules.group import alerting_states
from tradetop.rules.thresholds import rules_of
from tradetop.store.draft import Draft

if TYPE_CHECKING:
    from tradetop.recorder.court import Court, Tell

NOTHING = Dashboard("", "", ())
HALF_A_MINUTE = MINUTE // 2
PATIENCE = MINUTE
"""How long the past of a record's events is awaited at most before it is judged without (ms)."""
RULES = "rules"
"""The group of a history that has the alerts; every name that rules record has one of its own."""
_STATES = (ALERTS, ALERTS_FOR_STATE)
_FAULTS = 2
"""Rules that cannot be evaluated and are named; the others are counted."""


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
        self.court: Court | None = None
        """Who judges by rules of files, where other targets are watched too."""
        self._groups: tuple[RuleGroup, ...] = ()
        self._courses: dict[Part, tuple[Course, ...]] = {}
        self._draft = Draft(record.store)
        self._engines: dict[Part, Engine] = {}
        self._recorded: frozenset[str] = frozenset()
        """Names of the series that the last judgement recorded."""
        self._awaiting: int | None = None
        """Since when the past of the record's events is awaited (ms)."""
        self._active: Collection[Labels] | None = None
        """The alerts' series as they were given last."""

    @property
    def external_labels(self) -> Labels:
        """What templates of rules see of the installation."""
        return self._book.external_labels

    def wide(self) -> Engine | None:
        """What rules of files are asked of, where that is more than the record."""
        return None if self.court is None else self.court.engine

    def take(self, book: Rulebook) -> None:
        """Judge by these rule files from now on; rules that were there before go on where they are."""
        self._book = book
        self.filed = tuple(rule for group in book.groups for rule in group.rules)
        if self.court is not None:
            self.court.take(book)
        self._arrange()

    def prepare(self) -> None:
        """Take the thresholds of the dashboard that fits what the record holds by now."""
        dashboard = self._plan.dashboard()
        if dashboard is not self.dashboard:
            self.dashboard = dashboard
            self._arrange()

    @contextmanager
    def sitting(self, tell: Tell) -> Iterator[None]:
        """While this lasts the record is written here; `tell` is called when the scrape of another target has made
        the court judge."""
        if self.court is None:
            yield
        else:
            with self.court.sitting(self._record, tell):
                yield

    def judge(self, t: int) -> dict[str, Found]:
        """The series of all alerts that are active at `t` (ms), and what rules recorded then, by group of the store.

        Nothing while the court waits for the first answers of other targets, or the record for the past of its events:
        what fired before a restart still does.
        """
        self.prepare()
        if self._awaits_events(t):
            return {}
        parts = self._record.parts()
        self._courses = {part: self._courses.get(part) or begun(self._groups) for part in parts}
        shared = len(parts) > 1
        found: list[tuple[Found, bool]] = []
        for part in parts:
            label = part.bot_id if shared and part.bot_id else ""
            for course in self._courses[part]:
                fresh = self._step(course, part, t, label)
                found.append((course.series, fresh))
        self._draft.clear()
        if self.court is not None and self.court.has(self._record):
            self.court.hear(self._record, t)
            if not self.court.has_judged:
                return {}
            found += self.court.given(self._record)
        return self._given(found)

    def _awaits_events(self, t: int) -> bool:
        """Whether events are still being read that would say, at `t` (ms), that what fired before a restart is over."""
        record = self._record
        if not record.target.database or record.told or record.status.database_reason:
            return False
        self._awaiting = t if self._awaiting is None else self._awaiting
        return t - self._awaiting < PATIENCE

    def moment(self, t: int) -> int:
        """When it was judged for a scrape at `t` (ms): a court looks at others' later scrapes too."""
        return t if self.court is None or not self.court.has(self._record) else max(t, self.court.judged_at)

    def ruled(self) -> dict[str, Found]:
        """What the court has judged, by group of the store; alerts only where there are others than before."""
        if self.court is None or not self.court.has_judged or not self._courses:
            return {}
        before = self._active
        own = [(course.series, False) for courses in self._courses.values() for course in courses]
        given = self._given([*own, *self.court.given(self._record)])
        if before is not None and given[RULES].keys() == before:
            del given[RULES]
        return given

    def _given(self, found: Iterable[tuple[Found, bool]]) -> dict[str, Found]:
        """Series by group of the store; with those of each rule group comes whether it was evaluated now."""
        alerts: dict[Labels, float] = {}
        recorded: dict[str, dict[Labels, float]] = {name: {} for name in self._recorded}
        touched: set[str] = set()
        for series, fresh in found:
            for labels, value in series.items():
                name = labels.name
                if name in _STATES:
                    alerts[labels] = value
                else:
                    recorded.setdefault(name, {})[labels] = value
                    if fresh:
                        touched.add(name)
        ended = {name for name, series in recorded.items() if not series}
        self._recorded = frozenset(recorded.keys() - ended)
        self._active = alerts.keys()
        return {RULES: alerts, **{f"rule {name}": recorded[name] for name in sorted(touched | ended)}}

    def states(self) -> tuple[RuleState, ...]:
        """Every alerting rule with its alerts, as of the last judgement."""
        return alerting_states(course.state for courses in self._courses.values() for course in courses)

    def alerts(self) -> dict[str, tuple[Alert, ...]]:
        """The alerts of each bot as of its last judgement, those that have lately resolved among them."""
        found = {
            part: [alert for course in courses for state in course.state.alerting for alert in state.alerts.values()]
            for part, courses in self._courses.items()
        }
        for alert in self.court.alerts(self._record) if self.court is not None and found else ():
            bot = alert.labels.get("bot_id")
            found[next((part for part in found if bot and part.bot_id == bot), next(iter(found)))].append(alert)
        return {part.name: tuple(alerts) for part, alerts in found.items()}

    def unsure(self, since: int) -> dict[str, frozenset[str]]:
        """By bot the names of the rules of which nothing is known: they failed, or were not evaluated `since` (ms)."""
        filed = () if self.court is None else self.court.states()
        return {
            part.name: frozenset(
                state.rule.name
                for state in (*alerting_states(course.state for course in courses), *filed)
                if state.error or state.evaluated_at is None or state.evaluated_at < since
            )
            for part, courses in self._courses.items()
        }

    def interval(self, rule: Rule) -> int:
        """How often a rule is evaluated (ms): with every scrape, or as its group says."""
        scraped = self._record.target.interval
        group = self.group(rule)
        every = self._every(group) if group is not None else None
        return max(scraped, every or scraped)

    def group(self, rule: Rule) -> RuleGroup | None:
        """The group by which a rule is judged here; None where the court judges by it."""
        return next((group for group in self._groups if rule in group.rules), None)

    def _every(self, group: RuleGroup) -> int | None:
        return group.interval or (self._book.interval if group.file else None)

    def faults(self) -> str:
        """Which rules could not be evaluated the last time; one line for people, "" where all could."""
        every = [error for courses in self._courses.values() for course in courses for error in course.state.errors]
        if self.court is not None:
            every += self.court.errors(self._record)
        return _told({_named(rule, error): None for rule, error in every})

    def file_faults(self) -> str:
        """What is wrong with the rule files; one line for people, "" where nothing is."""
        return self._book.notice

    def _arrange(self) -> None:
        """The groups as the dashboard and the files have them by now; states of rules that are as before are kept."""
        built_in = _built_in(rules_of(self.dashboard))
        every = (*built_in, *self._book.groups)
        self._groups = every if self.court is None else built_in
        self.rules = tuple(rule for group in every for rule in group.rules if isinstance(rule, Rule))
        for part, courses in self._courses.items():
            self._courses[part] = begun(self._groups, courses)

    def _step(self, course: Course, part: Part, t: int, label: str) -> bool:
        """Evaluate a group of a bot if it is due at `t` (ms); whether it was."""
        every = self._every(course.state.group)
        if every is not None and not course.is_due(t, self._record.target.interval // 2):
            return False
        born = self._record.target.born_counters
        engine = self._engines.setdefault(part, Engine(part.of(self._draft), born_counters=born))

        def write(at: int, found: Found) -> None:
            self._draft.write(at, _labelled(found, label))

        course.step(engine, t, every or 0, write, External(self._book.external_labels))
        course.series = _labelled(course.series, label)
        return True


def _built_in(rules: Sequence[Rule]) -> tuple[RuleGroup, ...]:
    """The preset's rules: judged with each scrape, but for what goes through a long time sample by sample."""
    groups: dict[int | None, list[Rule]] = {None: [], HALF_A_MINUTE: [], MINUTE: []}
    for rule in rules:
        groups[_pace(rule.expr)].append(rule)
    names = {None: "", HALF_A_MINUTE: "now and then", MINUTE: "a day at a time"}
    return tuple(RuleGroup(names[pace], tuple(found), interval=pace) for pace, found in groups.items())


@lru_cache(maxsize=1_024)
def _pace(expr: str) -> int | None:
    """How often a rule that takes long is judged (ms): one that waits for minutes needs no answer every ten seconds."""
    try:
        nodes = [*walk(parse(expr))]
    except PromQLError:
        return None
    if any(isinstance(node, Subquery | Range) and node.span >= DAY for node in nodes):
        return MINUTE
    return HALF_A_MINUTE if any(map(_is_broad, nodes)) else None


def _is_broad(node: Node) -> bool:
    """Whether it selects the series of many names."""
    return isinstance(node, Selector) and not any(m.name == NAME and m.op is MatchOp.EQUAL for m in node.matchers)


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
