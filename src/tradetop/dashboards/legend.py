"""Legends: what a series is called in its panel."""

from __future__ import annotations

import re

from tradetop.model.labels import NAME, Labels

_FIELD = re.compile(r"\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}")
_OURS = frozenset({NAME, "job", "instance"})


def legend(template: str, labels: Labels) -> str:
    """The template with each `{{label}}` replaced once; without one, the label values that tell series apart."""
    if template:
        return _FIELD.sub(lambda found: labels.get(found.group(1), ""), template).strip()
    return " ".join(value for name, value in labels.items() if name not in _OURS)
