"""Services that keep incidents: what opens one closes it, whatever else fires or is told beside it."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from notify.making import MINUTE, T0, World, quick, sighting
from tradetop.model.level import Level
from tradetop.model.target import Secret
from tradetop.notify.services import notify
from tradetop.notify.state import Delivery

PAGER = "pagerduty://integration@key"


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the services would have been sent, as JSON."""
    found: list[Any] = []

    def post(*_: object, data: str, **__: object) -> requests.Response:
        found.append(json.loads(data))
        answer = requests.Response()
        answer.status_code, answer._content = 202, b"{}"
        return answer

    monkeypatch.setattr(requests.Session, "request", post)
    return found


def page(deliveries: list[Delivery], url: str = PAGER) -> None:
    for delivery in deliveries:
        assert notify(quick(url=Secret(url)), delivery) is None


def test_each_alert_opens_an_incident_and_closes_that_one(sent: list[Any]) -> None:
    world = World()
    world.at(T0, sighting("A"), sighting("B", level=Level.CRITICAL, summary="stop it"))
    world.at(T0 + MINUTE, sighting("B", level=Level.CRITICAL))
    page(world.deliveries)
    assert [event["event_action"] for event in sent] == ["trigger", "trigger", "resolve"]
    b, a, over = sent
    assert b["payload"]["summary"].startswith("[CRITICAL] bot: B")
    assert "stop it" in b["payload"]["summary"]
    assert b["payload"]["severity"] == "critical"
    assert over["dedup_key"] == a["dedup_key"] != b["dedup_key"]


def test_what_rings_again_rings_though_its_incident_was_acknowledged(sent: list[Any]) -> None:
    world = World()
    world.at(T0, sighting())
    world.at(T0 + MINUTE, sighting(level=Level.CRITICAL))
    page(world.deliveries)
    assert [event["event_action"] for event in sent] == ["trigger", "resolve", "trigger"]
    assert len({event["dedup_key"] for event in sent}) == 1


def test_what_passed_before_it_was_told_leaves_a_closed_incident(sent: list[Any]) -> None:
    world = World([quick(group_wait=MINUTE)])
    world.at(T0, sighting())
    world.at(T0 + MINUTE)
    page(world.deliveries)
    assert [event["event_action"] for event in sent] == ["trigger", "resolve"]


def test_a_storm_opens_thirty_and_closes_the_same(sent: list[Any]) -> None:
    world = World()
    world.at(T0, *(sighting(pair=f"P{n}") for n in range(500)), sighting("Worst", level=Level.CRITICAL))
    world.at(T0 + MINUTE)
    page(world.deliveries)
    opened, closed = sent[:30], sent[30:]
    assert "Worst" in opened[0]["payload"]["summary"]
    assert [event["dedup_key"] for event in opened] == [event["dedup_key"] for event in closed]
    assert {event["event_action"] for event in closed} == {"resolve"}


def test_a_drill_never_closes_what_really_fires(sent: list[Any]) -> None:
    world = World()
    world.at(T0, sighting())
    (real,) = world.deliveries
    page([real, Delivery("x-2", "phone", T0, real.items, drill=True)])
    assert sent[0]["dedup_key"] != sent[1]["dedup_key"]


@pytest.mark.parametrize("own", ["dedup=mine", "action=trigger"])
def test_who_says_how_is_obeyed(own: str, sent: list[Any]) -> None:
    world = World()
    world.at(T0, sighting("A"), sighting("B"))
    page(world.deliveries, f"{PAGER}?{own}")
    (event,) = sent
    assert event.get("dedup_key") == ("mine" if "dedup" in own else None)


@pytest.mark.parametrize(
    ("url", "key", "over"),
    [
        ("ilert://key", "alertKey", ("eventType", "RESOLVE")),
        ("signl4://secret", "X-S4-ExternalID", ("X-S4-Status", "resolved")),
        ("squadcast://key", "event_id", ("status", "resolve")),
        ("firehydrant://key", "idempotency_key", ("status", "CLOSED")),
        ("incidentio://source/token", "deduplication_key", ("status", "resolved")),
    ],
)
def test_its_like(url: str, key: str, over: tuple[str, str], sent: list[Any]) -> None:
    world = World()
    world.at(T0, sighting("A"), sighting("B"))
    world.at(T0 + MINUTE, sighting("B"))
    page(world.deliveries, url)
    assert len(sent) == 3
    assert len({event[key] for event in sent}) == 2
    assert sent[2][over[0]] == over[1] != sent[0].get(over[0])
