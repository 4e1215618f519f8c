"""What redaction leaves of alerts and of states: values are told where their panel is no secret, and only there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from panes.frames import NOW, sample_frame
from tradetop.model.bot_event import BotEvent, EventClass, EventSource, Fact
from tradetop.model.feed_frame import FeedFrame
from tradetop.model.frame import Frame
from tradetop.model.hidden import HIDDEN
from tradetop.model.labels import Labels
from tradetop.model.level import Level, Presence
from tradetop.model.panel import Panel, PanelKind, Query, Threshold
from tradetop.model.panel_frame import PanelFrame, Reading, SeriesFrame, Trend
from tradetop.model.silence import Silence, SilenceKind
from tradetop.model.unit import Kind, Unit
from tradetop.redact import redact

SHARE = Panel("share", "Used", (Query("used_ratio"),), unit=Unit.PERCENT, alert="Share",
              thresholds=(Threshold(90.0, Level.CRITICAL, alert="Own"),))  # fmt: skip
LOSS = Panel("loss", "Lost", (Query("pnl_usd"),), unit=Unit.USD, alert="Loss")


def told(name: str, frame: Frame) -> str:
    """What is left of the value and the limit in the event of an alert of this name."""
    facts = (Fact("alert", name), Fact("value", 91.25, Kind.COUNT, Unit.SHORT), Fact("limit", "> 90.5"))
    event = BotEvent("e", NOW, "bot", "alert_firing", EventClass.ALERT, EventSource.DERIVED, facts=facts)
    hidden = redact(replace(frame, alerts=(), feed=FeedFrame((event,)), event=event))
    assert hidden.event is not None
    assert hidden.event.facts == hidden.feed.events[0].facts
    return " ".join(f"{fact.value}" for fact in hidden.event.facts[1:])


@pytest.mark.parametrize(
    ("name", "left"),
    [
        ("Share", "91.25 > 90.5"),
        ("ShareCritical", "91.25 > 90.5"),
        ("ShareLowWarning", "91.25 > 90.5"),
        ("Own", "91.25 > 90.5"),
        ("ShareOfCash", "••• > •••"),
        ("SharesCritical", "••• > •••"),
        ("Loss", "••• > •••"),
        ("Elsewhere", "••• > •••"),
    ],
)
def test_of_an_alert_that_is_over_the_value_stays_where_its_panel_is_no_secret(name: str, left: str) -> None:
    frame = replace(sample_frame(), panels=(PanelFrame(SHARE, ()), PanelFrame(LOSS, ())))
    assert told(name, frame) == left


def test_of_a_snooze_the_end_stays_and_the_reason_loses_what_it_tells() -> None:
    frame = sample_frame()
    first = frame.alerts[0]
    reason = "moving 12,500 USD off acct 4711 at 10.0.0.7, 2h"
    made = Silence("silence 1", SilenceKind.SNOOZE, "x", NOW, NOW + 60_000, first.labels, "", reason, value=91.4)
    alert = redact(replace(frame, alerts=(replace(first, silence=made),))).alerts[0]
    assert alert.is_quiet
    assert alert.silence is not None
    assert alert.silence.until == NOW + 60_000
    for secret in ("12,500", "4711", "10.0.0.7", "91.4", "products"):
        assert secret not in repr(alert.silence)
    assert "2h" in alert.silence.reason


@pytest.mark.parametrize(("kind", "left"), [(PanelKind.STATE, "1.0"), (PanelKind.STAT, HIDDEN)])
def test_a_state_stays_whatever_it_is_called(kind: PanelKind, left: str) -> None:
    panel = Panel("open", "Position", (Query("position_open"),), kind=kind, unit=Unit.NONE)
    reading = Reading(1.0, Unit.NONE, Kind.COUNT, Presence.LIVE)
    of = PanelFrame(panel, (SeriesFrame(0, "", Labels({}), reading, Trend(NOW, 1_000, (1.0,))),))
    assert f"{redact(replace(sample_frame(), panels=(of,))).panels[0].series[0].reading.value}" == left
