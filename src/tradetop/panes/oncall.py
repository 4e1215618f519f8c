"""What a person did to an alert, in a sentence."""

from __future__ import annotations

from tradetop.model.bot_event import BotEvent
from tradetop.model.clock import SECOND
from tradetop.panes import times


def sentence(event: BotEvent, offset: int) -> str:
    """`acknowledged DailyLoss`, `snoozed DailyLoss until 14:03: deploying`, `DailyLoss is no longer snoozed`."""
    facts = {fact.name: fact.value for fact in event.facts}
    change, alert, others, until = (facts.get(name, "") for name in ("change", "alert", "others", "until"))
    if isinstance(others, float):
        alert = f"{alert} and {others:,.0f} other{'s' if others > 1 else ''}"
    if change == "snooze over":
        return f"the snooze of {alert} is over"
    if str(change).startswith("no longer"):
        return f"{alert} {'are' if others else 'is'} {change}"
    end = f" until {times.since(round(until * SECOND), event.t, offset)}" if isinstance(until, float) else ""
    reason = f": {facts['reason']}" if "reason" in facts else ""
    return f"{change} {alert}{end}{reason}"
