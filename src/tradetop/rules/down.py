"""The rule that every target has, whatever its dashboard says."""

from __future__ import annotations

from tradetop.model.alert import Rule
from tradetop.model.clock import MINUTE
from tradetop.model.labels import Labels
from tradetop.model.level import Level

DOWN = Rule(
    name="BotDown",
    expr="up == 0",
    hold=MINUTE,
    level=Level.CRITICAL,
    labels=Labels({"severity": "critical"}),
    summary="The bot does not answer",
    runbook="Check the bot's process and its log",
    condition="== 0",
)
"""Every bot's own down alert: after one minute, as the documents have it."""
