"""Explanations: every part's numbers hidden where its expression is about amounts, its labels where they are secret."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from tradetop.model.detail_frame import ExplainFrame
from tradetop.model.explanation import Element, Empty, Part
from tradetop.model.hidden import HIDDEN, Hidden, Proportions
from tradetop.model.labels import Labels
from tradetop.model.panel_frame import Trend
from tradetop.model.unit import Unit
from tradetop.redact.lines import expression
from tradetop.redact.panels import Panels, hidden, is_secret, threshold
from tradetop.redact.words import Words, named, said

_QUOTES = re.compile(r"(\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')|([\"']).*$", re.DOTALL)
_FIRST = re.compile(r"\"?([\w.:]+)")


def numbers(of: ExplainFrame, whole: bool) -> ExplainFrame:
    """The explanation's numbers without amounts, which keep their proportions; `whole`: the rule is about amounts."""
    covered = whole or is_secret(Unit.NONE if of.judged is None else of.judged.unit, of.of)
    found = [*_amounts(of, whole), *(of.trend.values if of.trend is not None and covered else ())]
    greatest = max((abs(value) for value in found if math.isfinite(value)), default=0.0)
    factor = 1 / greatest if greatest > 1e-300 else 1.0
    tree = None if of.tree is None else _values(of.tree, whole, factor)
    if not covered:
        return replace(of, tree=tree)
    judged, trend = of.judged, of.trend
    return replace(
        of,
        tree=tree,
        judged=None if judged is None else replace(judged, value=hidden(judged.value, factor)),
        limit=None if of.limit is None else threshold(of.limit, factor),
        trend=None if trend is None else Trend(trend.start, trend.step, Proportions.of(trend.values, factor)),
    )


def _secret(part: Part, whole: bool) -> bool:
    return whole or is_secret(part.unit, part.text)


def _amounts(of: ExplainFrame, whole: bool) -> Iterator[float]:
    for part in () if of.tree is None else of.tree.walk():
        if _secret(part, whole):
            yield from (element.value for element in part.elements)
            yield from () if part.limit is None else (part.limit,)
            yield from () if part.against is None else (part.against.value,)


def _values(part: Part, whole: bool, factor: float) -> Part:
    parts = tuple(_values(each, whole, factor) for each in part.parts)
    if not _secret(part, whole):
        return replace(part, parts=parts)
    return replace(
        part,
        parts=parts,
        elements=tuple(replace(e, value=_hidden(e.value, factor)) for e in part.elements),
        limit=None if part.limit is None else _hidden(part.limit, factor),
        against=None if part.against is None else threshold(part.against, factor),
    )


def _hidden(value: float, factor: float) -> float:
    return value if value != value else Hidden(value * factor)


@dataclass(frozen=True, slots=True)
class Texts:
    """Takes out of an explanation's texts and labels what must not be told."""

    words: Words
    panels: Panels

    def tree(self, part: Part, whole: bool) -> Part:
        """A part and all within it."""
        return replace(
            part,
            text=self.expression(part.text, _secret(part, whole)),
            elements=tuple(self._element(element) for element in part.elements),
            parts=tuple(self.tree(each, whole) for each in part.parts),
            empty=None if part.empty is None else self._empty(part.empty),
            problem=said(part.problem),
        )

    def expression(self, text: str, secret: bool) -> str:
        """An expression that may have been cut: what stands in a quote without an end is hidden."""
        return _QUOTES.sub(_closed, expression(text, self.words, secret))

    def annotations(self, of: Labels, secret: bool) -> Labels:
        """What a rule says."""
        return Labels({name: said(text) if secret else named(text) for name, text in of.items()})

    def _element(self, element: Element) -> Element:
        return replace(element, labels=self.panels.labels(element.labels))

    def _empty(self, empty: Empty) -> Empty:
        name = _FIRST.match(empty.said)
        have = tuple(self.words.label(name[1] if name else "", value) for value in empty.have)
        return replace(empty, said=self.expression(empty.said, secret=False), have=have)


def _closed(match: re.Match[str]) -> str:
    return match[1] or f"{match[2]}{HIDDEN}"
