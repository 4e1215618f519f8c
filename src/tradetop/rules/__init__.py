"""Rules: those of a dashboard, their evaluation, and the states of their alerts."""

from tradetop.rules.alerting import DuplicateAlertError, step
from tradetop.rules.evaluate import RuleState, advance, begin, restore, samples, worst
from tradetop.rules.thresholds import rules_of

__all__ = [
    "DuplicateAlertError",
    "RuleState",
    "advance",
    "begin",
    "restore",
    "rules_of",
    "samples",
    "step",
    "worst",
]
