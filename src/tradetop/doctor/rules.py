"""Rules judged: can they ever fire against this bot, and if not, why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace

from tradetop.doctor.expression import outcome
from tradetop.doctor.fixes import fixed
from tradetop.doctor.knowledge import Knowledge
from tradetop.doctor.look import Look, Trouble, Witness, no_trouble, no_witness
from tradetop.doctor.outcome import Outcome
from tradetop.doctor.periods import compared, misread, said_of_value
from tradetop.doctor.templates import asked, dropped
from tradetop.doctor.verdict import Check, Finding, Kind, Verdict
from tradetop.model.alert import RecordingRule, Rule
from tradetop.model.labels import NAME
from tradetop.model.text import clean
from tradetop.promql.ast import parse
from tradetop.promql.error import PromQLError
from tradetop.promql.nodes import Node, Selector, walk
from tradetop.promql.text import written
from tradetop.store.matching import metric_name

ROUNDS = 4
"""How often a corrected line is corrected again."""
_TELLING = (Check.UNIT, Check.CAP, Check.SAMPLES, Check.MATCH, Check.VALUE, Check.UNSET, Check.UNBORN, Check.UNASKED)
"""Of several doubts the one that tells most comes first."""

_Judged = tuple[Kind, Finding | None, tuple[Finding, ...]]


def judge(
    rules: Iterable[Rule | RecordingRule],
    known: Knowledge,
    witness: Witness = no_witness,
    *,
    only_never: bool = False,
    trouble: Trouble = no_trouble,
) -> tuple[Verdict, ...]:
    """A verdict for each rule, in their order; recording rules supply the rules that come after them.

    A rule without a `group` is one of our own, made for many bots: that this one lacks its metrics is no mistake.
    With `only_never` no other rule gets a corrected line, which takes most of the time. What `trouble` says of a rule
    that nothing else is known against keeps it from firing.
    """
    recorded: dict[str, Outcome] = {}
    verdicts: list[Verdict] = []
    for rule in rules:
        if isinstance(rule, RecordingRule):
            found = _recording(rule, known, recorded, witness)
        else:
            found = _alerting(rule, Look(known, outcome, recorded, witness, not rule.group), only_never=only_never)
        if found.kind is not Kind.NEVER and (text := trouble(rule.expr)):
            found = _failing(
                found, clean(f"cannot be evaluated: {text}", 300), rule.expr, Look(known, outcome, recorded)
            )
        verdicts.append(found)
    return tuple(verdicts)


def _failing(found: Verdict, reason: str, expr: str, look: Look) -> Verdict:
    """What cannot be evaluated by now: never, unless series that nobody has read may change that."""
    with suppress(PromQLError):
        if look.unread(parse(expr)):
            return replace(found, notes=(*found.notes, Finding(Check.FAILS, reason, fault=True)))
    return replace(found, kind=Kind.NEVER, reason=reason, check=Check.FAILS, suggestion="")


def dead(rules: Iterable[Rule | RecordingRule], known: Knowledge) -> tuple[Verdict, ...]:
    """The verdicts of those rules that can never fire: what the alert strip counts."""
    return tuple(verdict for verdict in judge(rules, known, only_never=True) if verdict.kind is Kind.NEVER)


def names_of(rules: Iterable[Rule | RecordingRule]) -> frozenset[str]:
    """The metric names that rules select: all whose values a `Knowledge` for them must have looked at."""
    found = set[str]()
    for rule in rules:
        with suppress(PromQLError):
            selectors = (part for part in walk(parse(rule.expr)) if isinstance(part, Selector))
            found.update(name for selector in selectors if (name := metric_name(selector.matchers)) is not None)
    return frozenset(found)


def _alerting(rule: Rule, look: Look, *, only_never: bool) -> Verdict:
    try:
        node = parse(rule.expr)
        kind, reason, notes = _judged(node, rule, look)
        wanted = kind is Kind.NEVER or not only_never
        line = _corrected(node, rule, look, reason, notes) if wanted else ""
    except (PromQLError, ValueError, ArithmeticError, RecursionError) as error:
        finding = Finding(Check.BROKEN, f"cannot be judged: {clean(str(error) or type(error).__name__, 200)}")
        kind, reason, notes, line = Kind.NEVER, finding, (), ""
    text = reason.text if reason is not None else _well(look.known)
    return Verdict(
        clean(rule.name), kind, clean(text), line, clean(rule.source), reason.check if reason else None, notes
    )


def _judged(node: Node, rule: Rule, look: Look) -> _Judged:
    """Kind, reason and notes of one expression."""
    look = replace(look, notes=[])
    found = outcome(node, look)
    kind, reason = verdict_of(found)
    said = misread(*compared(node), said_of_value([*rule.annotations.values(), rule.summary]), look)
    if said is not None:
        finding, hopeless = said
        if hopeless and kind is not Kind.NEVER and not look.unread(node):
            kind, reason = Kind.NEVER, finding
        else:
            look.note(finding)
    for finding in _lost_labels(node, rule, found, look):
        look.note(finding)
    return kind, reason, tuple(replace(n, text=clean(n.text)) for n in look.notes if not _same(n, reason))


def _same(note: Finding, reason: Finding | None) -> bool:
    """Whether a note says of the same part what the reason says already."""
    return reason is not None and (note == reason or (note.check is Check.RATE and note.old == reason.old))


def _lost_labels(node: Node, rule: Rule, found: Outcome, look: Look) -> tuple[Finding, ...]:
    labels = asked(rule)
    if labels and not found.tracks:
        # Of series that there are not, only what the expression itself drops is known.
        look = replace(look, known=Knowledge())
        found = outcome(node, look)
    return dropped(node, labels, found, look) if labels else ()


def verdict_of(found: Outcome) -> tuple[Kind, Finding | None]:
    """What an outcome means for a rule, and the reason."""
    if not found.tracks:
        return Kind.NEVER, found.never or Finding(Check.COMPARISON, "it gives nothing")
    if found.scalar:
        return Kind.ALWAYS, Finding(Check.TRUE, "it is a number without series, which is always there")
    sure = (t for t in found.tracks if t.doubt is None or t.doubt.check is Check.UNASKED)
    certain = next((t.certain for t in sure if t.certain is not None), None)
    if certain is not None:
        return Kind.ALWAYS, certain
    doubts = [t.doubt for t in found.tracks]
    if None in doubts:
        return Kind.CAN, None
    return Kind.UNPROVEN, min(filter(None, doubts), key=_telling)


def _telling(finding: Finding) -> int:
    return _TELLING.index(finding.check) if finding.check in _TELLING else 0


def _well(known: Knowledge) -> str:
    return "its series are there, and nothing forbids its values" if known.asked else "nothing forbids it"


def _corrected(node: Node, rule: Rule, look: Look, reason: Finding | None, notes: Sequence[Finding]) -> str:
    """The line that would work, or at least not be known to fail; "" where the rule is well or nothing helps."""
    new, found = node, [*([reason] if reason is not None else []), *(n for n in notes if n.fault)]
    for _ in range(ROUNDS):
        before, new = new, fixed(new, found)
        if new == before:
            break
        kind, again, more = _judged(new, rule, look)
        found = [*([again] if again is not None and kind is not Kind.CAN else []), *(n for n in more if n.fault)]
    if new == node or _judged(new, rule, look)[0] in (Kind.NEVER, Kind.ALWAYS):
        return ""
    return clean(written(new), 2_000)


def _recording(rule: RecordingRule, known: Knowledge, recorded: dict[str, Outcome], witness: Witness) -> Verdict:
    """The verdict of a recording rule, and what it writes for others to read."""
    look = Look(known, outcome, recorded, witness)
    try:
        node = parse(rule.expr)
        found = outcome(node, look)
        kind = Kind.NEVER if not found.tracks else Kind.CAN
        reason = found.never
        if kind is Kind.CAN and all(t.doubt for t in found.tracks):
            kind, reason = Kind.UNPROVEN, found.tracks[0].doubt
        written_as = {**rule.labels, NAME: rule.record}
        tracks = tuple(replace(t, labels=t.labels.merged(written_as), metric=rule.record) for t in found.tracks)
        recorded[rule.record] = replace(found, tracks=tracks, scalar=False)
        line = ""
        if kind is Kind.NEVER and reason is not None:
            new = fixed(node, [reason])
            line = written(new) if new != node and outcome(new, look).tracks else ""
    except (PromQLError, ValueError, ArithmeticError, RecursionError) as error:
        reason = Finding(Check.BROKEN, f"cannot be judged: {clean(str(error) or type(error).__name__, 200)}")
        kind, line = Kind.NEVER, ""
    text = clean(reason.text) if reason is not None else "it has something to write"
    return Verdict(
        clean(rule.record), kind, text, clean(line, 2_000), clean(rule.source), reason.check if reason else None
    )
