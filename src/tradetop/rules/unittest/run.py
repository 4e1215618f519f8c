"""Running test files as promtool does (cmd/promtool/unittest.go)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from tradetop.document import Place, nearest
from tradetop.model.alert import RuleGroup
from tradetop.model.labels import EMPTY, Labels
from tradetop.model.text import clean
from tradetop.model.value import Scalar, Vector
from tradetop.promql import PromQLError
from tradetop.rules.evaluate import RuleState
from tradetop.rules.expanding import External
from tradetop.rules.file import RuleFile, load_rules
from tradetop.rules.group import advance_group, alerting_states, begin_group
from tradetop.rules.unittest import compare
from tradetop.rules.unittest.file import AlertCase, BrokenCase, Case, CaseFile, ExprCase
from tradetop.rules.unittest.result import CaseResult, Failure, FileResult, span_text
from tradetop.rules.unittest.series import GivenSeries

MOST_STEPS = 500_000
"""How often one test may have its rules evaluated: a year of minutes."""


def run_cases(
    file: CaseFile, selected: Callable[[str], bool] = lambda _name: True, folder: Path | None = None
) -> FileResult:
    """Run the tests whose names are selected; a test without a name has the name "".

    Rule files are looked for in `folder`, or beside the file.
    """
    cases = [case for case in file.cases if selected(case.name or "")]
    if not cases:
        return FileResult(file.source)
    rules = load_rules(file.rule_files, folder or Path(file.source).parent)
    missing = [p for p in rules.problems if not p.place.line and not Path(p.source).exists()]
    return FileResult(
        file.source,
        tuple(_Test(case, file, rules).run() if isinstance(case, Case) else _broken(case) for case in cases),
        tuple(problem for problem in rules.problems if problem not in missing),
        tuple(map(str, (*missing, *rules.notices))),
    )


def _broken(case: BrokenCase) -> CaseResult:
    failures = tuple(Failure(p.place, f"{p.key}: {p.text}" if p.key else p.text) for p in case.problems)
    return CaseResult(clean(case.name), case.place, failures)


def _ordered(groups: Sequence[RuleGroup], order: Sequence[str]) -> list[RuleGroup]:
    """The groups as `group_eval_order` has them; those that it does not name stand beside the first."""
    places = {name: i for i, name in enumerate(order)}
    return sorted(groups, key=lambda group: places.get(group.name, 0))


class _Test:
    """One run of one test."""

    def __init__(self, case: Case, file: CaseFile, rules: RuleFile) -> None:
        self._case = case
        self._start = case.start or 0
        self._every = file.interval
        self._same = compare.alike(file.fuzzy)
        self._given = GivenSeries(case.input_series or (), case.interval or file.interval, self._start, file.interval)
        self._groups = [begin_group(group) for group in _ordered(rules.groups, file.order)]
        self._external = External(Labels(_texts(case)), case.external_url or "")
        self._failures: list[Failure] = []

    def run(self) -> CaseResult:
        """Evaluate the rules from the start to the last expectation, and compare."""
        case = self._case
        if case.end // self._every > MOST_STEPS:
            what = f"would evaluate its rules more than {MOST_STEPS:,} times: {span_text(case.end)} long, one each "
            self._fail(case.place, what + span_text(self._every))
        elif self._evaluate():
            for expr in case.exprs or ():
                self._ask(expr)
        return CaseResult(clean(case.name or ""), case.place, tuple(self._failures))

    def _evaluate(self) -> bool:
        """Step through time, comparing alerts on the way; whether every rule could be evaluated."""
        for elapsed in range(0, self._case.end + 1, self._every):
            t = self._start + elapsed
            self._given.load(t)
            for i, group in enumerate(self._groups):
                self._groups[i], _ = advance_group(group, self._given, t, self._given.write, self._external)
            if self._errors(elapsed):
                return False
            for case in self._case.alerts or ():
                if elapsed <= (case.eval_time or 0) < elapsed + self._every:
                    self._watch(case, t)
        return True

    def _errors(self, elapsed: int) -> bool:
        errors = [error for group in self._groups for error in group.errors]
        for rule, text in errors:
            self._fail(self._case.place, f"rule at {span_text(elapsed)} ({rule.source}): {text}")
        return bool(errors)

    def _watch(self, case: AlertCase, t: int) -> None:
        """Compare the alerts of one name that fire."""
        states = [state for state in alerting_states(self._groups) if state.rule.name == clean(case.alertname)]
        missing, extra = compare.differences(compare.expected_alerts(case), compare.firing(states), compare.equal)
        if missing or extra:
            self._failures.append(
                Failure(
                    case.place,
                    f"alert {clean(case.alertname, 100)} at {span_text(case.eval_time or 0)}",
                    tuple(map(compare.alert_text, missing)),
                    tuple(map(compare.alert_text, extra)),
                    self._why(case, states, t) if missing and not extra else "",
                )
            )

    def _why(self, case: AlertCase, states: Sequence[RuleState], t: int) -> str:
        if not states:
            names = [state.rule.name for state in alerting_states(self._groups)]
            return f"no rule is called so; {nearest(case.alertname, names)}"
        return compare.pending_note(states, t, self._start)

    def _ask(self, case: ExprCase) -> None:
        """Compare what an expression gives."""
        at, what = self._start + (case.eval_time or 0), f"{clean(case.expr)} at {span_text(case.eval_time or 0)}"
        try:
            got = self._samples(case.expr, at)
        except PromQLError as error:
            self._fail(case.place, f"{what}: {error}")
            return
        expected = compare.expected_samples(case.exp_samples or ())
        missing, extra = compare.differences(expected, got, self._same)
        if missing or extra:
            wanted, came = (tuple(map(compare.sample_text, each)) for each in (missing, extra))
            self._failures.append(Failure(case.place, what, wanted, came))

    def _samples(self, expr: str, at: int) -> list[compare.Found]:
        value = self._given.floats(expr, at=at)
        if isinstance(value, Scalar):
            return [(EMPTY, value.value)]
        if not isinstance(value, Vector):
            raise PromQLError(f"gives a {value.type}, not a vector or a scalar")
        found: list[compare.Found] = [(sample.labels, sample.value) for sample in value.samples]
        return [*found, *self._given.histograms(expr, at=at).items()]

    def _fail(self, place: Place, what: str) -> None:
        self._failures.append(Failure(place, what))


def _texts(case: Case) -> dict[str, str]:
    return {name: clean(value or "") for name, value in (case.external_labels or {}).items()}
