"""The troubleshooting lists of the bots' documents, step by step, each with what was found for the bot at hand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tradetop.doctor.case import Case, Found, Step, Steps
from tradetop.doctor.knowledge import MADE, Knowledge, Seen
from tradetop.doctor.prometheus import identity_of
from tradetop.doctor.rate_limits import rate_limits
from tradetop.doctor.verdict import Kind
from tradetop.model.clock import HOUR, MINUTE, SECOND

_CYCLES = (
    "cycle_total",
    "cycles_total",
    "cycle_duration_seconds_count",
    "scans_total",
    "loop_total",
    "iterations_total",
)


def lists(case: Case) -> tuple[Steps, ...]:
    """The four lists of the documents."""
    metrics, no_data, rates = bot_lists(case)
    return metrics, no_data, alert_list(case), rates


def bot_lists(case: Case) -> tuple[Steps, Steps, Steps]:
    """Those lists that are about a bot, whoever's rules are judged."""
    return (
        Steps("Metrics not showing", _metrics(case)),
        Steps("No data", _no_data(case)),
        Steps("Rate-limit warnings persist", rate_limits(case)),
    )


def alert_list(case: Case) -> Steps:
    """The list that is about the rules."""
    return Steps("Alerts not firing", _alerts(case))


def _metrics(case: Case) -> tuple[Step, ...]:
    return (_running(case), _endpoint(case), *_health(case), _scraped(case), _stored(case))


def _running(case: Case) -> Step:
    question = "Is the bot running?"
    if case.up is None:
        return Step(question, Found.OPEN, "no bot was asked: name a TARGET")
    if case.up:
        return Step(question, Found.GOOD, f"{case.place} answers")
    if case.elsewhere:
        return Step(
            question, Found.GOOD, f"something answers with metrics at {', '.join(case.elsewhere)}: is it the bot?"
        )
    return Step(question, Found.WRONG, case.reason or f"{case.place} does not answer")


def _endpoint(case: Case) -> Step:
    question = "Does its endpoint have metrics?"
    if case.up is None:
        return Step(question, Found.OPEN, "no bot was asked")
    if not case.up or not case.samples:
        return Step(question, Found.WRONG, case.reason or "the page has no samples")
    names = sum(name not in MADE for name in case.known.series)
    return Step(question, Found.GOOD, f"{case.samples:,} samples of {names:,} metrics at {case.place}")


def _health(case: Case) -> Iterable[Step]:
    for role, passed, said in case.health:
        found = {True: Found.GOOD, False: Found.WRONG, None: Found.OPEN}[passed]
        yield Step(f"Is it healthy ({role})?", found, said or "it says so")


def _scraped(case: Case) -> Step:
    question = "Does Prometheus scrape it?"
    if case.setup is None:
        return Step(
            question, Found.GOOD if case.up else Found.OPEN, "tradetop scrapes it itself; no Prometheus is needed"
        )
    if case.setup.refused:
        return Step(question, Found.WRONG, f"Prometheus would refuse {case.setup.path.name}: it scrapes nothing")
    if not case.url:
        targets = len(case.setup.config.targets)
        return Step(question, Found.OPEN, f"{case.setup.path.name} names {targets} targets; name a TARGET to compare")
    labels = identity_of(case.setup, case.url)
    if labels:
        return Step(question, Found.GOOD, f'{case.setup.path.name} scrapes it as job "{labels["job"]}"')
    return Step(question, Found.WRONG, f"{case.setup.path.name} has no target {case.place}")


def _stored(case: Case) -> Step:
    question = "Is there data in the history?"
    known = case.known
    if not case.history or not known.since:
        return Step(question, Found.OPEN, "nothing is recorded yet: tradetop, or tradetop record, does that")
    good = _up(known)
    share = f", up in {100 * good.mean:.1f}% of {good.count:,} scrapes" if good is not None else ""
    return Step(
        question, Found.GOOD if share else Found.OPEN, f"{_span(known.at - known.since)} in {case.history}{share}"
    )


def _no_data(case: Case) -> tuple[Step, ...]:
    known = case.known
    reach = known.at - known.since if known.since else 0
    if not known.asked:
        span = Step("Is the time range right?", Found.OPEN, "no bot was asked")
    elif not known.recorded:
        span = Step("Is the time range right?", Found.OPEN, "nothing is recorded yet, so no range shows anything")
    elif reach >= 6 * HOUR:
        span = Step(
            "Is the time range right?", Found.GOOD, f"the history covers {_span(reach)}: six hours can be shown"
        )
    else:
        text = f"the history covers {_span(reach)}: of six hours the rest is empty"
        span = Step("Is the time range right?", Found.OPEN, text)
    source = Step("Is the data source right?", Found.GOOD, f"what is shown comes from {case.place or 'no bot'} itself")
    return (span, source if case.up else Step(source.question, Found.OPEN, source.text), _queries(case), _cycle(known))


def _queries(case: Case) -> Step:
    question = "Are the panels' queries right?"
    if not case.panels:
        return Step(question, Found.OPEN, "no dashboard was named: --dashboard FILE")
    empty = [v for v in case.panels if v.reason.startswith("no data")]
    zero = sum(v.reason.startswith("constant zero") for v in case.panels)
    if not empty and not zero:
        return Step(question, Found.GOOD, f"all {len(case.panels)} panels have data")
    named = ", ".join(v.subject for v in empty[:3]) + (", …" if len(empty) > 3 else "")
    text = f"of {len(case.panels)} panels {len(empty)} have no data and {zero} are constant zero"
    return Step(question, Found.WRONG if empty else Found.OPEN, text + (f": {named}" if named else ""))


def _cycle(known: Knowledge) -> Step:
    question = "Has the bot run a cycle?"
    for name, family in known.series.items():
        if name.endswith(_CYCLES):
            stats = [seen.stat for seen in family if seen.stat is not None]
            most = max((s.high for s in stats), default=0.0)
            if most > 0:
                moved = any(s.moves for s in stats)
                return Step(question, Found.GOOD, f"{name} counts {most:g}" + (" and grows" if moved else ""))
            return Step(question, Found.WRONG, f"{name} is 0: no cycle has ended yet, so its metrics are unset")
    return Step(question, Found.OPEN, "no metric counts its cycles")


def _alerts(case: Case) -> tuple[Step, ...]:
    return (_rules_loaded(case), _evaluated(case), _manager(case), _by_hand(case))


def _rules_loaded(case: Case) -> Step:
    question = "Are the rules loaded?"
    if not case.rules:
        return Step(
            question, Found.WRONG if case.rule_files else Found.OPEN, "there are no rules: --rules FILE names them"
        )
    text = f"{len(case.rules)} rules of {', '.join(case.rule_files) or 'the preset'}"
    if case.broken:
        return Step(question, Found.WRONG, f"{text}; {case.broken} mistakes in them cost rules")
    if case.setup is not None and case.rule_files and not case.setup.config.rule_files:
        return Step(question, Found.WRONG, f"{text}; {case.setup.path.name} loads no rule file")
    return Step(question, Found.GOOD, text)


def _evaluated(case: Case) -> Step:
    question = "Are they evaluated, and can they fire?"
    if not case.rules:
        return Step(question, Found.OPEN, "there are no rules")
    counts = {kind: sum(v.kind is kind for v in case.rules) for kind in Kind}
    said = ", ".join(f"{count} {kind.value}" for kind, count in counts.items() if count)
    good = not counts[Kind.NEVER] and not counts[Kind.ALWAYS]
    return Step(question, Found.GOOD if good else Found.WRONG, f"tradetop evaluates them: {said}")


def _manager(case: Case) -> Step:
    question = "Is there somebody to tell?"
    if case.setup is not None and case.setup.managers:
        return Step(question, Found.GOOD, f"{case.setup.path.name} sends to {', '.join(case.setup.managers[:3])}")
    if case.notified:
        return Step(question, Found.GOOD, "tradetop's own configuration says whom to notify")
    if case.setup is not None:
        return Step(question, Found.WRONG, f"{case.setup.path.name} names no Alertmanager: alerts stay where they are")
    return Step(question, Found.OPEN, "neither an Alertmanager nor notify: is known here")


def _by_hand(case: Case) -> Step:
    able = [v.subject for v in case.rules if v.kind is Kind.CAN] or [v.subject for v in case.rules]
    name = able[0] if able else "ALERT"
    return Step("Does it ring when tried by hand?", Found.OPEN, f"tradetop drill {name} --value V tries the whole way")


def _up(known: Knowledge) -> _Share | None:
    stats = [seen.stat for seen in _of(known, "up") if seen.stat is not None]
    return _Share(stats[0].mean, stats[0].count) if stats else None


@dataclass(frozen=True, slots=True)
class _Share:
    mean: float
    count: int


def _of(known: Knowledge, name: str) -> Sequence[Seen]:
    return known.series.get(name, ())


def _span(ms: int) -> str:
    for size, word in ((24 * HOUR, "days"), (HOUR, "hours"), (MINUTE, "minutes")):
        if ms >= 2 * size:
            return f"{ms / size:.0f} {word}"
    return f"{ms / SECOND:.0f} seconds"
