"""Why a part of an expression gives nothing, as far as that can be told."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace

from tradetop.model.explanation import Empty, Gives, Lack, Part
from tradetop.model.labels import NAME
from tradetop.model.matcher import Matcher, MatchOp
from tradetop.model.ports import Column
from tradetop.model.sample import is_stale
from tradetop.model.text import clean
from tradetop.promql.binary import COMPARISONS
from tradetop.promql.evaluate import evaluate
from tradetop.promql.nodes import Binary, Call, Node, Range, Selector
from tradetop.promql.run import Run
from tradetop.promql.times import moments

HAVE = 3
"""Values of a label that are named in place of the one that no series has."""

_ABSENCE = frozenset(["absent", "absent_over_time"])
_BUCKETS = frozenset(["histogram_quantile", "histogram_fraction"])


def why(node: Node, parts: Sequence[Part], run: Run) -> Empty | None:
    """Why a node gives nothing at the run's one step; `parts` are those of its operands. None: nobody knows."""
    if isinstance(node, Range):
        return _unselected(node.selector, run)
    if isinstance(node, Selector):
        return _unselected(node, run)
    if isinstance(node, Call) and node.name in _ABSENCE:
        return Empty(Lack.PRESENT)
    if isinstance(node, Binary) and node.op == "unless" and parts and not _is_empty(parts[0]):
        return Empty(Lack.EXCLUDED)
    if any(map(_is_empty, parts)):
        return Empty(Lack.OPERAND)
    if isinstance(node, Binary):
        return _unjoined(node, parts, run)
    if isinstance(node, Call) and node.name in _BUCKETS:
        return Empty(Lack.BUCKETS)
    return Empty(Lack.SHORT) if any(part.gives is Gives.RANGE for part in parts) else None


def _is_empty(part: Part) -> bool:
    return part.gives in (Gives.VECTOR, Gives.RANGE) and not part.count


def _unjoined(node: Binary, parts: Sequence[Part], run: Run) -> Empty:
    """Two sides with series: either no comparison holds, or no two of them belong together."""
    if node.op in COMPARISONS and evaluate(replace(node, as_bool=True), run):
        return Empty(Lack.COMPARED)
    sides = [part.elements[0].labels.without(NAME) for part in parts if part.elements]
    return Empty(Lack.UNMATCHED, clean(" beside ".join(map(str, sides))))


def _unselected(selector: Selector, run: Run) -> Empty | None:
    """Why a selector finds nothing: there never was any such series, or it has stopped."""
    ref = moments(selector, run)[0][0]

    def ever(*matchers: Matcher) -> Sequence[Column]:
        return [column for column in run.set.source.select(matchers, 0, ref) if _last(column, ref) is not None]

    found = ever(*selector.matchers)
    if found:
        return _stopped(found, ref)
    names = [matcher for matcher in selector.matchers if matcher.name == NAME]
    if names and not ever(*names):
        said = names[0].value if names[0].op is MatchOp.EQUAL else str(names[0])
        return Empty(Lack.NAME, clean(said))
    others = [matcher for matcher in selector.matchers if matcher.name != NAME]
    unfit = [matcher for matcher in others if not ever(*names, matcher)]
    label = unfit[0].name if unfit else ""
    values = {column.labels.get(label, "") for column in ever(*names)} if label and names else set()
    have = sorted(clean(value) for value in values if value)[:HAVE]
    return Empty(Lack.LABELS, clean(", ".join(map(str, unfit or others))), tuple(have))


def _stopped(columns: Sequence[Column], ref: int) -> Empty | None:
    """Of series that were there: whether the last one went, or whether nothing has come since."""
    newest = max(columns, key=lambda column: _last(column, ref) or 0)
    slot = min(bisect_right(newest.times, ref), newest.first + len(newest.values)) - 1
    lack = Lack.GONE if is_stale(newest.values[slot - newest.first]) else Lack.OLD
    return Empty(lack, t=_last(newest, ref))


def _last(column: Column, ref: int) -> int | None:
    """When the last sample up to `ref` was (ms); None where there was none."""
    high = min(bisect_right(column.times, ref), column.first + len(column.values))
    for slot in range(high - 1, column.first - 1, -1):
        if not is_stale(column.values[slot - column.first]):
            return column.times[slot]
    return None
