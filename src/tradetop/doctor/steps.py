"""The troubleshooting lists of the bots' documents, step by step, each with what was found for the bot at hand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from tradetop.doctor.bot_folder import log_lines, settings_lines
from tradetop.doctor.knowledge import MADE, Knowledge, Seen
from tradetop.doctor.prometheus import Setup, identity_of
from tradetop.doctor.verdict import Kind, Verdict
from tradetop.model.clock import HOUR, MINUTE, SECOND

_CYCLES = (
    "cycle_total",
    "cycles_total",
    "cycle_duration_seconds_count",
    "scans_total",
    "loop_total",
    "iterations_total",
)
_RATE_LIMIT = ("rate_limiter_utilization", "rate_limit_utilization")


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


def lists(case: Case) -> tuple[Steps, ...]:
    """The four lists of the documents."""
    return (
        Steps("Metrics not showing", _metrics(case)),
        Steps("No data", _no_data(case)),
        Steps("Alerts not firing", _alerts(case)),
        Steps("Rate-limit warnings persist", _rate_limit(case)),
    )


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


def _rate_limit(case: Case) -> tuple[Step, ...]:
    steps = [_usage(case.known)]
    if case.folder is None:
        steps.append(Step("Is the products cache on?", Found.OPEN, "--bot-dir DIR lets its settings and logs be read"))
        return tuple(steps)
    settings = settings_lines(case.folder, "products_cache_minutes")
    hits = log_lines(case.folder, "Products cache HIT")
    set_ = next((line for line in settings.lines if not line.text.startswith("#")), None)
    minutes = _number(set_.text) if set_ is not None else None
    if set_ is None or minutes is None:
        text = (
            f"products_cache_minutes is in none of {settings.files} settings files: set it to 5 in config/universe.yaml"
        )
        steps.append(Step("Is the products cache on?", Found.WRONG, text))
    else:
        found = Found.GOOD if minutes > 0 else Found.WRONG
        steps.append(Step("Is the products cache on?", found, f"{set_.place}: {set_.text}"))
    if hits.count:
        text = f'{hits.count:,} lines "Products cache HIT", the last in {hits.lines[-1].file}'
        steps.append(Step("Does it hit?", Found.GOOD, text))
    else:
        where = f"in {hits.files} logs" if hits.files else ": there are no logs"
        steps.append(Step("Does it hit?", Found.WRONG, f'"Products cache HIT" is nowhere {where}'.replace(" :", ":")))
    if minutes is not None and minutes < 15:
        steps.append(
            Step("Can it last longer?", Found.OPEN, f"products_cache_minutes: 15 instead of {minutes:g}, if safe")
        )
    return tuple(steps)


def _usage(known: Knowledge) -> Step:
    question = "Is a rate limit close?"
    for name, family in known.series.items():
        if any(word in name for word in _RATE_LIMIT):
            found = [(seen.stat.high, seen) for seen in family if seen.stat is not None]
            if found:
                high, seen = max(found, key=lambda pair: pair[0])
                percent = high if "pct" in name else 100 * high
                where = next((v for k, v in seen.labels.items() if k in ("endpoint", "channel")), name)
                return Step(question, Found.WRONG if percent > 80 else Found.GOOD, f"at most {percent:.0f}% ({where})")
    declared = next((n for n in known.names if any(word in n for word in _RATE_LIMIT)), "")
    return Step(question, Found.OPEN, f"{declared} has no series yet" if declared else "no metric says so")


def _up(known: Knowledge) -> _Share | None:
    stats = [seen.stat for seen in _of(known, "up") if seen.stat is not None]
    return _Share(stats[0].mean, stats[0].count) if stats else None


@dataclass(frozen=True, slots=True)
class _Share:
    mean: float
    count: int


def _of(known: Knowledge, name: str) -> Sequence[Seen]:
    return known.series.get(name, ())


def _number(text: str) -> float | None:
    try:
        return float(text.partition("#")[0].rpartition(":")[2].strip().strip("\"',"))
    except ValueError:
        return None


def _span(ms: int) -> str:
    for size, word in ((24 * HOUR, "days"), (HOUR, "hours"), (MINUTE, "minutes")):
        if ms >= 2 * size:
            return f"{ms / size:.0f} {word}"
    return f"{ms / SECOND:.0f} seconds"
