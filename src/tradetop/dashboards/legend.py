"""Legends: what a series is called in its panel."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from tradetop.model.labels import Labels

_FIELD = re.compile(r"\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}")


def legend(template: str, labels: Labels, telling: Collection[str]) -> str:
    """The template with each `{{label}}` replaced once; without one, the values of the labels that are `telling`."""
    if template:
        return _FIELD.sub(lambda found: labels.get(found.group(1), ""), template).strip()
    return " ".join(value for name, value in labels.items() if name in telling)


def telling(labels: Sequence[Labels]) -> frozenset[str]:
    """The labels that tell these series apart: those that are not the same in all of them."""
    if len(labels) < 2:
        return frozenset()
    first = labels[0]
    names = {name for item in labels for name in item}
    return frozenset(name for name in names if any(item.get(name) != first.get(name) for item in labels))
