"""The alerts that a server has raised by rules of its own."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from tradetop.model.alert import Alert, AlertState, Rule
from tradetop.model.clock import SECOND
from tradetop.model.labels import Labels
from tradetop.model.level import severity_level
from tradetop.model.text import clean, clean_lines
from tradetop.remote.address import ServerAddress
from tradetop.remote.faults import ServerError
from tradetop.remote.server import Server

MOST = 200
"""Alerts that are shown of one server."""
_STATES = {"firing": AlertState.FIRING, "pending": AlertState.PENDING}


async def firing(server: Server, address: ServerAddress) -> tuple[Alert, ...]:
    """The server's alerts that are about what an address means; FetchError where it does not tell them.

    One without `job` and `instance` may be about anything: it counts.
    """
    try:
        found = [*_of_rules(await _asked(server, "/api/v1/rules", "groups", type="alert"))]
    except ServerError as fault:
        if fault.word not in ("404", "400", "501"):
            raise
        # Some have the alerts alone, and some nothing of the kind.
        try:
            found = [*_of_alerts(await _asked(server, "/api/v1/alerts", "alerts"))]
        except ServerError as other:
            if other.word not in ("404", "400", "501"):
                raise
            found = []
    own = [replace(alert, server=server.where) for alert in found if _is_about(address, alert.labels)]
    return tuple(own[:MOST])


async def _asked(server: Server, path: str, holds: str, **words: str) -> Any:
    """What a part of the API says; ServerError where it lacks what it is asked for, which is not the same as none."""
    said = await server.get(path, **words)
    if not isinstance(said, dict) or not isinstance(said.get(holds), list):
        raise ServerError("no answer", f"{server.where} answers {path} without {holds}")
    return said


def _of_rules(said: Any) -> Iterator[Alert]:
    for group in _listed(said, "groups"):
        for rule in _listed(group, "rules"):
            if rule.get("type", "alerting") != "alerting":
                continue
            for each in _listed(rule, "alerts"):
                alert = _alert(each, rule)
                if alert is not None:
                    yield alert


def _of_alerts(said: Any) -> Iterator[Alert]:
    for each in _listed(said, "alerts"):
        alert = _alert(each, {})
        if alert is not None:
            yield alert


def _alert(said: Mapping[str, Any], rule: Mapping[str, Any]) -> Alert | None:
    """One alert; None where it is none that is pending or firing, or is not written as Prometheus does."""
    state = _STATES.get(str(said.get("state", "")))
    active_at = _moment(said.get("activeAt"))
    if state is None or active_at is None:
        return None
    labels, annotations = _texts(said.get("labels")), _texts(said.get("annotations"))
    severity = labels.get("severity", "")
    hold = _duration(rule.get("duration"))
    made = Rule(
        name=labels.get("alertname", "") or clean(str(rule.get("name", ""))) or "alert without a name",
        expr=clean_lines(str(rule.get("query", "")), 4_096),
        hold=hold,
        level=severity_level(severity),
        labels=Labels({"severity": severity}),
        summary=annotations.get("summary", "") or annotations.get("message", ""),
        runbook=annotations.get("runbook_url", "") or annotations.get("runbook", ""),
    )
    return Alert(
        made,
        labels.without("alertname"),
        state,
        _number(said.get("value")),
        active_at,
        active_at + hold if state is AlertState.FIRING else None,
        annotations=annotations,
    )


def _is_about(address: ServerAddress, labels: Labels) -> bool:
    jobs, instances = address.jobs, address.instances
    return (not jobs or labels.get("job", jobs[0]) in jobs) and (
        not instances or labels.get("instance", instances[0]) in instances
    )


def _listed(said: Any, name: str) -> Iterator[Mapping[str, Any]]:
    found = said.get(name) if isinstance(said, dict) else None
    return (each for each in (found if isinstance(found, list) else ()) if isinstance(each, dict))


def _texts(said: Any) -> Labels:
    pairs = said.items() if isinstance(said, dict) else ()
    return Labels({clean(k): clean_lines(v) for k, v in pairs if isinstance(k, str) and isinstance(v, str)})


def _moment(said: Any) -> int | None:
    try:
        found = datetime.fromisoformat(said)
        return round(found.timestamp() * SECOND) if found.tzinfo else None
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def _duration(seconds: Any) -> int:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds < 1e9:
        return 0
    return round(seconds * SECOND)


def _number(said: Any) -> float:
    try:
        return float(said)
    except (TypeError, ValueError):
        return math.nan
