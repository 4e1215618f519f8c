"""A rule's expression worked out at one moment: what decides in it, and how far that is from its limit."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from tradetop.model.alert import Rule
from tradetop.model.explanation import Element, Part
from tradetop.model.labels import Labels
from tradetop.model.level import Level, Presence
from tradetop.model.panel import Side, Threshold
from tradetop.model.panel_frame import Reading
from tradetop.model.text import clean
from tradetop.model.unit import Unit, kind_of
from tradetop.promql import Engine, PromQLError
from tradetop.promql.explain import explain

_SIDES = {">": (Side.ABOVE, False), ">=": (Side.ABOVE, True), "<": (Side.BELOW, False), "<=": (Side.BELOW, True)}
_ALIKE = frozenset(
    ["", "-", ">", ">=", "<", "<=", "==", "!=", "and", "or", "unless", "abs", "avg", "avg_over_time", "bottomk", "ceil",
     "clamp", "clamp_max", "clamp_min", "first_over_time", "floor", "label_join", "label_replace", "last_over_time",
     "limitk", "max", "max_over_time", "min", "min_over_time", "quantile", "quantile_over_time", "round", "scalar",
     "sort", "sort_desc", "sum", "topk", "vector"]
)  # fmt: skip
"""Operators and functions that give a value in the unit of what they are made of."""
_CHOOSES = frozenset(
    ["", "bottomk", "clamp_max", "clamp_min", "label_join", "label_replace", "last_over_time", "limitk", "max",
     "max_over_time", "min", "min_over_time", "quantile", "sort", "sort_desc", "topk"]
)  # fmt: skip
"""Those that give one of the values they are made of, which then stands against the same limit."""


@dataclass(frozen=True, slots=True)
class Worked:
    """A rule's expression at one moment."""

    rule: Rule
    tree: Part | None
    problem: str = ""

    @classmethod
    def of(cls, engine: Engine, rule: Rule, at: int, labels: Labels) -> Worked:
        """The rule at `at` (ms); the series with these labels first."""
        try:
            return cls(rule, explain(engine, rule.expr, at, first=labels))
        except PromQLError as error:
            return cls(rule, None, clean(str(error)))

    @property
    def compared(self) -> Part | None:
        """The comparison that decides: one that holds before one that does not, as they are read."""
        found = [] if self.tree is None else [part for part in self.tree.walk() if part.judged is not None]
        return min(found, key=lambda part: (not part.holds, part.op not in _SIDES), default=None)

    @property
    def judged(self) -> Part | None:
        """What that comparison holds against its limit."""
        return None if self.compared is None else self.compared.judged

    @property
    def element(self) -> Element | None:
        """The series that decides."""
        return self.judged.elements[0] if self.judged is not None and self.judged.elements else None

    @property
    def limit(self) -> Threshold | None:
        """The number that is a limit: equality has none."""
        compared = self.compared
        if compared is None or compared.limit is None or compared.op not in _SIDES:
            return None
        side, inclusive = _SIDES[compared.op]
        return Threshold(compared.limit, self.rule.level, side, inclusive, self.rule.hold)

    @property
    def distance(self) -> float:
        """How far the value is from its limit, as a share of it; negative beyond it, infinite where nobody knows."""
        limit, element = self.limit, self.element
        if limit is None or element is None or element.value != element.value:
            return math.inf
        way = element.value - limit.value if limit.side is Side.BELOW else limit.value - element.value
        return way / abs(limit.value) if limit.value else way

    def marked(self, unit: Unit) -> Part | None:
        """The tree, with the unit and the limit on all that they hold for."""
        return None if self.tree is None else _against(_measured(self.tree, unit), self)

    def reading(self, unit: Unit, presence: Presence) -> Reading | None:
        """The value that is judged, with its level."""
        element = self.element
        if element is None:
            return None
        crossed = (
            self.limit.crossed(element.value) if self.limit is not None else bool(self.compared and self.compared.holds)
        )
        level = self.rule.level if crossed else Level.OK
        return Reading(element.value, unit, kind_of(unit), presence, level, element.t)


def _measured(part: Part, unit: Unit) -> Part:
    """The tree with the panel's unit on all values that are in it."""
    if unit is Unit.NONE:
        return part
    alike = len(part.parts)
    if part.op not in _ALIKE or (part.op == "-" and alike > 1):
        alike = 0
    elif part.op in ("and", "unless"):
        alike = 1  # What stands behind these is a condition of its own.
    parts = (*(_measured(each, unit) for each in part.parts[:alike]), *part.parts[alike:])
    return replace(part, unit=unit, kind=kind_of(unit), parts=parts)


def _against(tree: Part, of: Worked) -> Part:
    """The tree with the limit on what is judged by it, and on what that was chosen from."""
    if of.limit is None or of.compared is None:
        return tree
    if tree.text == of.compared.text and tree.judged is not None:
        parts = (_limited(each, of.limit) if each is tree.judged else each for each in tree.parts)
    else:
        parts = (_against(each, of) for each in tree.parts)
    return replace(tree, parts=tuple(parts))


def _limited(part: Part, limit: Threshold) -> Part:
    below = part.parts if part.op not in _CHOOSES else tuple(_limited(each, limit) for each in part.parts)
    return replace(part, against=limit, parts=below)
