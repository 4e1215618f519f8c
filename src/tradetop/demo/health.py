"""What the sample bot says of its health."""

from __future__ import annotations

import json
from dataclasses import dataclass

from tradetop.demo.exporter import MODE, VERSION
from tradetop.demo.happening import Standing

_STRAINED = 90.0
"""Rate limit utilization in percent from which the bot calls itself degraded."""
_DRAWDOWN_WARNING = 8.0


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer."""

    status: int
    body: bytes
    type: str = "application/json"


def live() -> Answer:
    """Whether the process runs: it does, since it answers."""
    return _json(200, {"status": "alive"})


def ready(now: Standing) -> Answer:
    """Whether the bot can trade."""
    if now.breaker_open:
        return _json(503, {"status": "not_ready", "reason": "exchange connection lost"})
    return _json(200, {"status": "ready"})


def full(now: Standing, uptime: int) -> Answer:
    """Status, mode, components and issues; 503 while the bot cannot trade. `uptime` in seconds."""
    issues = _issues(now)
    status = "unhealthy" if now.breaker_open else "degraded" if issues else "healthy"
    endpoint, load = max(now.utilization.items(), key=lambda item: item[1])
    limiter = {"status": "degraded" if load > _STRAINED else "healthy", "message": f"{endpoint} at {load:.0f}%"}
    exchange = "unhealthy" if now.breaker_open else "healthy"
    body = {
        "ok": not now.breaker_open,
        "status": status,
        "mode": MODE,
        "version": VERSION,
        "uptime_seconds": uptime,
        "cycle": now.cycles,
        "components": {
            "exchange": {"status": exchange},
            "rate_limiter": limiter,
            "event_database": {"status": "healthy"},
            "risk_engine": {"status": "degraded" if now.drawdown_pct > _DRAWDOWN_WARNING else "healthy"},
        },
        "issues": issues,
    }
    return _json(503 if now.breaker_open else 200, body)


def _issues(now: Standing) -> list[str]:
    endpoint, load = max(now.utilization.items(), key=lambda item: item[1])
    found = []
    if now.breaker_open:
        found.append("circuit breaker api_health is open: the exchange does not answer")
    if load > _STRAINED:
        found.append(f"rate limit of {endpoint} at {load:.0f}%")
    if now.drawdown_pct > _DRAWDOWN_WARNING:
        found.append(f"drawdown {now.drawdown_pct:.1f}% is close to the limit of 10%")
    return found


def _json(status: int, body: dict[str, object]) -> Answer:
    return Answer(status, json.dumps(body).encode())
