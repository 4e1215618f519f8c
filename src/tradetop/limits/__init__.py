"""Limits: every threshold as a distance, the closest first."""

from tradetop.limits.ladder import Ladder
from tradetop.limits.rules import limits_of, rule_panels

__all__ = ["Ladder", "limits_of", "rule_panels"]
