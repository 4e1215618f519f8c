"""info(): the labels that a bot tells of itself in series of their own, such as its version, beside its other series.

As Prometheus' promql/info.go: a series and its info agree in `job` and `instance`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tradetop.model.labels import NAME, Labels
from tradetop.model.matcher import Matcher, MatchOp
from tradetop.promql.error import PromQLError
from tradetop.promql.functions.signature import Function
from tradetop.promql.names import keeping, merged
from tradetop.promql.nodes import Call, Selector
from tradetop.promql.regex import compiled
from tradetop.promql.run import Cell, Curve, Result, Run
from tradetop.promql.select import instant, stamps

IDENTIFYING = ("instance", "job")
_TARGET = Matcher(NAME, MatchOp.EQUAL, "target_info")

_Key = tuple[str, Labels]
"""An info metric's name, and the labels by which a series finds its own."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What info() is to join: the matchers of info metrics' names, and those of labels."""

    names: Sequence[Matcher]
    labels: Sequence[Matcher]
    given: bool
    """Whether labels were asked for at all."""

    @property
    def wanted(self) -> frozenset[str] | None:
        """The labels to take over; None for all."""
        return frozenset(matcher.name for matcher in self.labels) or None

    def is_info(self, labels: Labels) -> bool:
        """Whether a series is itself one of info, which is left as it is."""
        names = self.names if self.given else (_TARGET,)
        return bool(names) and all(_matches(each, labels.name) for each in names)

    @property
    def must_have(self) -> bool:
        """Whether a series without info is left out."""
        return not all(_matches(matcher, "") for matcher in self.labels)


def _asked(call: Call) -> _Asked:
    told = call.args[1] if len(call.args) > 1 else None
    matchers = told.matchers if isinstance(told, Selector) else ()
    names = [matcher for matcher in matchers if matcher.name == NAME]
    return _Asked(names, [matcher for matcher in matchers if matcher.name != NAME], told is not None)


def _matches(matcher: Matcher, value: str) -> bool:
    match matcher.op:
        case MatchOp.EQUAL:
            return value == matcher.value
        case MatchOp.NOT_EQUAL:
            return value != matcher.value
    found = compiled(matcher.value).fullmatch(value) is not None
    return found if matcher.op is MatchOp.REGEX else not found


def _info(call: Call, run: Run) -> Result:
    asked = _asked(call)
    base = run.vector(call.args[0])
    plain = [curve for curve in base if asked.is_info(curve.labels)]
    others = [curve for curve in base if not asked.is_info(curve.labels)]
    found = _newest(asked, others, run)
    joined = list(plain)
    for curve in others:
        joined += _joined(curve, found, asked, run)
    return merged(joined)


def _newest(asked: _Asked, base: Iterable[Curve], run: Run) -> dict[_Key, list[Labels | None]]:
    """For each info metric and identity, the labels of the newest info at each step."""
    known = {name: {curve.labels.get(name, "") for curve in base} - {""} for name in IDENTIFYING}
    if not any(known.values()):
        return {}
    node = Selector((*(asked.names or (_TARGET,)), *asked.labels))
    out: dict[_Key, list[Labels | None]] = {}
    newest: dict[_Key, list[float]] = {}
    for info, stamp in zip(instant(node, run), stamps(node, run), strict=True):
        labels = info.labels
        if any(values and labels.get(name, "") not in values for name, values in known.items()):
            continue
        key = (labels.name, keeping(labels, IDENTIFYING))
        row = out.setdefault(key, [None] * run.grid.count)
        times = newest.setdefault(key, [-1.0] * run.grid.count)
        run.set.budget.spend(run.grid.count)
        for step, t in enumerate(stamp.values):
            if t is None or (row[step] is not None and t < times[step]):
                continue
            if row[step] is not None and t == times[step]:
                raise PromQLError(f"found duplicate series for info metric: {row[step]} and {labels}")
            row[step], times[step] = labels, t
    return out


def _joined(curve: Curve, found: Mapping[_Key, list[Labels | None]], asked: _Asked, run: Run) -> Iterable[Curve]:
    """The series with what its infos tell, which may change from step to step."""
    identity = keeping(curve.labels, IDENTIFYING)
    infos = [rows for (_, of), rows in found.items() if of == identity]
    out: dict[Labels, list[Cell]] = {}
    known: dict[tuple[Labels | None, ...], Labels | None] = {}
    for step, value in enumerate(curve.values):
        if value is None:
            continue
        told = tuple(rows[step] for rows in infos)
        if told not in known:
            known[told] = _enriched(curve.labels, [labels for labels in told if labels is not None], asked)
        labels = known[told]
        if labels is not None:
            out.setdefault(labels, [None] * run.grid.count)[step] = value
    return [Curve(labels, values, curve.unnamed) for labels, values in out.items()]


def _enriched(labels: Labels, infos: Sequence[Labels], asked: _Asked) -> Labels | None:
    """The labels with those of the infos that are wanted and not there yet; None where the series is left out."""
    if not infos and asked.must_have:
        return None
    added: dict[str, str] = {}
    wanted = asked.wanted
    for info in infos:
        for name, value in info.items():
            if name == NAME or (wanted is not None and name not in wanted):
                continue
            if added.get(name, value) != value:
                raise PromQLError(f"conflicting label: {name}")
            if name not in labels:
                added[name] = value
    return labels.merged(added) if added else labels


FUNCTIONS: dict[str, Function] = {"info": _info}
