"""Panels judged: which of them can show anything, and which show nothing but zeros."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from tradetop.dashboards.grafana import GrafanaPanel
from tradetop.doctor.expression import outcome
from tradetop.doctor.fixes import fixed
from tradetop.doctor.knowledge import Knowledge
from tradetop.doctor.look import Look, Witness, no_witness
from tradetop.doctor.outcome import Outcome
from tradetop.doctor.periods import misread, said_in_title
from tradetop.doctor.rules import verdict_of
from tradetop.doctor.templates import asked_by_legends, dropped
from tradetop.doctor.verdict import Check, Finding, Kind, Verdict
from tradetop.model.text import clean
from tradetop.promql.ast import parse
from tradetop.promql.error import PromQLError
from tradetop.promql.nodes import Binary, Matching, Node, Number
from tradetop.promql.nodes import Kind as Gives
from tradetop.promql.text import written

NO_DATA, ZERO, STEADY, VARIES = "no data", "constant zero", "constant", "varies"
DATA, UNKNOWN = "has data", "unknown"
"""What a query shows; a panel shows the best of its queries, and each reason begins with it."""
_BEST = (VARIES, DATA, STEADY, ZERO, UNKNOWN, NO_DATA)
_NOTHING = (Check.UNBORN, Check.SAMPLES, Check.VALUE, Check.MATCH, Check.UNSET)
"""Doubts about series that are not there."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A panel as the doctor needs it, whoever's file it is from."""

    title: str
    exprs: tuple[str, ...]
    legends: tuple[str, ...] = ()
    steps: tuple[float, ...] = ()
    place: str = ""


@dataclass(frozen=True, slots=True)
class _Query:
    """What one query shows."""

    shows: str
    finding: Finding | None = None
    proven: bool = False
    line: str = ""


def judge_panels(panels: Iterable[Shown], known: Knowledge, witness: Witness = no_witness) -> tuple[Verdict, ...]:
    """A verdict for each panel, in their order; as Prometheus would show it, so a counter's first value counts not."""
    return tuple(_panel(panel, Look(known, outcome, {}, witness, born=False)) for panel in panels)


def _panel(panel: Shown, look: Look) -> Verdict:
    found = [_query(expr, look) for expr in panel.exprs]
    best = min(found, key=lambda q: _BEST.index(q.shows))
    notes = [*_notes(panel, look), *(q.finding for q in found if q is not best and q.proven and q.finding)]
    kind = {VARIES: Kind.CAN, DATA: Kind.CAN, STEADY: Kind.CAN, ZERO: Kind.UNPROVEN, UNKNOWN: Kind.UNPROVEN}.get(
        best.shows
    )
    if kind is None:
        kind = Kind.NEVER if all(q.proven for q in found) else Kind.UNPROVEN
    told = best.finding
    reason = best.shows if told is None else f"{best.shows}: {told.text}"
    subject = panel.title or (panel.exprs[0] if panel.exprs else "panel")
    lines = tuple(dict.fromkeys(clean(note.text) for note in notes))
    unique = [next(replace(n, text=line) for n in notes if clean(n.text) == line) for line in lines]
    return Verdict(
        clean(subject), kind, clean(reason), best.line, panel.place, told.check if told else None, tuple(unique)
    )


def _query(expr: str, look: Look) -> _Query:
    look = replace(look, notes=[])
    try:
        node = parse(expr)
        found = outcome(node, look)
        return _shows(node, found, look)
    except (PromQLError, ValueError, ArithmeticError, RecursionError) as error:
        return _Query(NO_DATA, Finding(Check.BROKEN, clean(str(error) or type(error).__name__, 200)), True)


def _shows(node: Node, found: Outcome, look: Look) -> _Query:
    if not found.tracks:
        finding = found.never or Finding(Check.COMPARISON, "it gives nothing")
        return _Query(NO_DATA, finding, True, _line(node, finding, look))
    there = [t for t in found.tracks if t.doubt is None or t.doubt.check not in (*_NOTHING, Check.UNASKED)]
    if not there:
        doubt = found.tracks[0].doubt
        unknown = doubt is not None and doubt.check is Check.UNASKED
        return _Query(UNKNOWN if unknown else NO_DATA, doubt)
    seen = [t.seen for t in there if t.seen is not None]
    if len(seen) < len(there):
        return _Query((VARIES if look.known.recorded else DATA) if look.known.asked else UNKNOWN)
    low, high = min(s.low for s in seen), max(s.high for s in seen)
    if low != high:
        return _Query(VARIES)
    if low != 0:
        return _Query(STEADY if look.known.recorded else DATA)
    text = f"{there[0].metric or 'it'} has never been anything but 0"
    return _Query(ZERO, Finding(Check.UNSET, text))


def _line(node: Node, finding: Finding, look: Look) -> str:
    new = fixed(node, [finding])
    return clean(written(new), 2_000) if new != node and outcome(new, replace(look, notes=[])).tracks else ""


def _notes(panel: Shown, look: Look) -> Sequence[Finding]:
    """What is wrong with the title, the legends and the colours, whatever is shown."""
    look = replace(look, notes=[])
    for expr in panel.exprs:
        try:
            node = parse(expr)
            found = outcome(node, look)
        except (PromQLError, ValueError, ArithmeticError, RecursionError):
            continue
        said = misread(node, None, said_in_title(panel.title), look)
        if said is not None:
            look.note(replace(said[0], text=said[0].text.replace("its text", "its title", 1)))
        for finding in dropped(node, asked_by_legends(panel.legends) if len(panel.exprs) == 1 else (), found, look):
            look.note(replace(finding, text=finding.text.partition(", so $labels")[0]))
        for step in panel.steps:
            _note_step(node, step, look)
    return look.notes


def _note_step(node: Node, step: float, look: Look) -> None:
    """A colour that can never come."""
    if node.kind is not Gives.VECTOR or not outcome(node, replace(look, notes=[])).tracks:
        return
    above = Binary(">=", node, Number(step), Matching(), False, Gives.VECTOR)
    kind, reason = verdict_of(outcome(above, replace(look, notes=[])))
    if reason is not None and (kind is Kind.NEVER or reason.check is Check.UNIT):
        look.note(Finding(reason.check, f"the colour from {step:g} on: {reason.text}", fault=kind is Kind.NEVER))


def shown(panels: Iterable[GrafanaPanel], source: str = "") -> tuple[Shown, ...]:
    """Grafana's panels as the doctor takes them; `source` names their file."""
    return tuple(
        Shown(
            panel.title,
            tuple(query.expr for query in panel.queries),
            tuple(query.legend for query in panel.queries),
            panel.steps,
            f"{source}: panel {panel.id}" if source else "",
        )
        for panel in panels
    )
