"""Alertmanager: `POST /api/v2/alerts`, as Prometheus does it."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, unquote, urlsplit

import tradetop
from tradetop.model.clock import SECOND
from tradetop.model.text import clean
from tradetop.notify.fault import Failure, status_failure
from tradetop.notify.message import amount
from tradetop.notify.receiver import Receiver
from tradetop.notify.state import Delivery, Item

if TYPE_CHECKING:
    import httpx

DEADLINE = 10 * SECOND
"""How long one attempt may take in all (ms)."""
API = "/api/v2/alerts"
MISSED = 4
"""Repetitions that may fail before Alertmanager takes an alert as resolved, as with Prometheus."""


async def post(receiver: Receiver, deliveries: Sequence[Delivery], t: int, deadline: int = DEADLINE) -> Failure | None:
    """Send what these deliveries say, the last word on each alert, at `t` (ms) within `deadline` (ms).

    None where it arrived.
    """
    import httpx

    for name in ("httpx", "httpcore"):  # Below WARNING they log URLs, and with them secrets.
        logging.getLogger(name).setLevel(logging.WARNING)
    where = shown(receiver.url.reveal())
    try:
        url, headers = _address(receiver.url.reveal())
        timeout = httpx.Timeout(deadline / SECOND)
        async with asyncio.timeout(deadline / SECOND), httpx.AsyncClient(trust_env=False, timeout=timeout) as client:
            request = client.build_request("POST", url, content=payload(receiver, deliveries, t), headers=headers)
            # Of the answer only the head is looked at.
            response = await client.send(request, stream=True)
            await response.aclose()
    except (TimeoutError, httpx.TimeoutException):
        return Failure("timeout", f"no answer from {where} within {deadline / SECOND:g} s")
    except httpx.ConnectError:
        return Failure("no connection", f"no connection to {where}: does Alertmanager run there?")
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError):
        return Failure("cut off", f"{where} broke off, or does not speak HTTP: is the URL right?")
    if response.is_success:
        return None
    return status_failure(response.status_code, where, _retry_after(response.headers))


def payload(receiver: Receiver, deliveries: Sequence[Delivery], t: int) -> bytes:
    """The body of the request at `t` (ms): every alert of the deliveries once, as the last of them has it."""
    latest: dict[str, tuple[Item, bool]] = {}
    for delivery in deliveries:
        latest |= {item.fingerprint: (item, delivery.drill) for item in delivery.items}
    alerts = [_alert(item, drill, t + MISSED * receiver.repeat_interval) for item, drill in latest.values()]
    return json.dumps(alerts, ensure_ascii=True).encode()


def shown(url: str) -> str:
    """An Alertmanager's URL for people: its scheme, host and port alone."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "a broken URL"
    return clean(f"{parts.scheme}://{host}" + (f":{port}" if port else ""), 200)


def _alert(item: Item, drill: bool, expires: int) -> dict[str, object]:
    facts = item.facts
    labels = {"bot": facts.bot, **dict(facts.labels), "alertname": facts.name}
    labels.setdefault("severity", facts.level.name.lower())
    annotations = {
        "summary": ("DRILL: " if drill else "") + (facts.summary or facts.name),
        "value": amount(facts.value, facts.unit),
        "runbook": facts.action,
    }
    return {
        "labels": {**labels, "drill": "true"} if drill else labels,
        "annotations": {name: text for name, text in annotations.items() if text},
        "startsAt": _time(facts.fired_at),
        "endsAt": _time(expires if item.over is None else item.over),
    }


def _time(t: int) -> str:
    return datetime.fromtimestamp(t / SECOND, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _address(url: str) -> tuple[str, dict[str, str]]:
    """Where to post, and the headers; a user and password in the URL become basic authentication."""
    parts = urlsplit(url)
    headers = {"Content-Type": "application/json", "User-Agent": f"tradetop/{tradetop.__version__}"}
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
    path = parts.path.rstrip("/")
    bare: SplitResult = parts._replace(
        netloc=parts.netloc.rpartition("@")[2], path=path if path.endswith(API) else path + API
    )
    return bare.geturl(), headers


def _retry_after(headers: httpx.Headers) -> int | None:
    """Milliseconds that Retry-After asks for, as a number or as a date against the server's own clock."""
    text = headers.get("retry-after", "").strip()
    if text.isdecimal():
        return int(text[:9]) * SECOND or None
    try:
        until, now = parsedate_to_datetime(text), parsedate_to_datetime(headers.get("date", ""))
        wait = int((until - now).total_seconds()) * SECOND
    except (ValueError, TypeError):
        return None
    return wait if wait > 0 else None
