"""The JSON body of a health endpoint, in the shapes that bots use: status, components, issues, mode."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tradetop.model.target import Component, Mode
from tradetop.model.text import clean
from tradetop.scrape.check import Verdict

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]

COMPONENTS_SHOWN = 50
ISSUES_SHOWN = 20
TEXT_SHOWN = 200
"""Longest text kept of one issue or detail, in characters."""

_GOOD = frozenset(
    [
        "ok",
        "okay",
        "healthy",
        "alive",
        "live",
        "ready",
        "up",
        "pass",
        "passed",
        "passing",
        "success",
        "green",
        "running",
        "true",
        "normal",
    ]
)
_PARTLY = frozenset(["degraded", "warn", "warning", "partial", "partially_degraded", "yellow", "impaired"])
_BAD = frozenset(
    [
        "unhealthy",
        "down",
        "fail",
        "failed",
        "failing",
        "error",
        "critical",
        "fatal",
        "red",
        "dead",
        "stopped",
        "unavailable",
        "not_ready",
        "not_ok",
        "out_of_service",
        "false",
        "halted",
    ]
)
_LIVE = frozenset(["live", "production", "prod", "real"])
_PAPER = frozenset(
    ["paper", "dry_run", "dryrun", "dry", "simulation", "simulated", "sim", "sandbox", "testnet", "demo"]
)
_FLAGS = ("ok", "healthy", "ready", "alive", "live", "running", "success")
_REASONS = ("reason", "message", "detail", "error", "description")
_LATENCIES = ("latency_ms", "response_time_ms", "duration_ms", "latency")
_WORST = (Verdict.FAILED, Verdict.DEGRADED, Verdict.PASSED)


@dataclass(frozen=True, slots=True)
class HealthBody:
    """What a health body says; every text in it is clean."""

    verdict: Verdict = Verdict.NONE
    """NONE where the body does not say."""
    reason: str = ""
    mode: Mode = Mode.UNKNOWN
    components: tuple[Component, ...] = ()
    issues: tuple[str, ...] = ()


def read_health(text: str) -> HealthBody | None:
    """Read a JSON body; None where it is no JSON object. No body makes it raise."""
    try:
        body: Json = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(body, dict):
        return None
    components = tuple(_components(body))[:COMPONENTS_SHOWN]
    issues = tuple(_issues(body))[:ISSUES_SHOWN]
    verdict = _verdict(body, components)
    reason = "" if verdict is Verdict.PASSED else _reason(body, components, issues)
    return HealthBody(verdict, reason, _mode(body), components, issues)


def verdict_of(word: Json) -> Verdict:
    """What a status word, or a truth value, means; NONE where it means nothing."""
    if isinstance(word, bool):
        return Verdict.PASSED if word else Verdict.FAILED
    if not isinstance(word, str):
        return Verdict.NONE
    plain = word[:40].strip().lower().replace(" ", "_").replace("-", "_")
    if plain in _GOOD:
        return Verdict.PASSED
    if plain in _PARTLY:
        return Verdict.DEGRADED
    return Verdict.FAILED if plain in _BAD else Verdict.NONE


def _verdict(body: Mapping[str, Json], components: tuple[Component, ...]) -> Verdict:
    """The worst that the body says of the whole; of its parts only where it says nothing of the whole."""
    said = {verdict_of(body.get(name)) for name in ("status", "state")}
    said |= {verdict_of(flag) for name in _FLAGS if isinstance(flag := body.get(name), bool)}
    whole = next((verdict for verdict in _WORST if verdict in said), Verdict.NONE)
    if whole is Verdict.NONE and any(verdict_of(part.status) in _WORST[:2] for part in components):
        whole = Verdict.DEGRADED
    if whole is not Verdict.FAILED and body.get("kill_switch_active") is True:
        return Verdict.DEGRADED
    return whole


def _reason(body: Mapping[str, Json], components: tuple[Component, ...], issues: tuple[str, ...]) -> str:
    """Why, in the body's own words: its issues, its message, or the parts that are not well."""
    if issues:
        return "; ".join(issues[:3]) + (f" and {len(issues) - 3} more" if len(issues) > 3 else "")
    for name in _REASONS:
        text = body.get(name)
        if isinstance(text, str) and text:
            return clean(text, TEXT_SHOWN)
    ill = [part for part in components if verdict_of(part.status) in _WORST[:2]]
    if ill:
        return "; ".join(f"{part.name} {part.status}" + (f": {part.detail}" if part.detail else "") for part in ill[:3])
    if body.get("running") is False:
        return "its loop is not running"
    for name in ("status", "state"):
        word = body.get(name)
        if isinstance(word, str):
            return f"it says {clean(word, 40)}"
    false = next((name for name in _FLAGS if body.get(name) is False), "")
    return f"it says {false}: false" if false else ""


def _issues(body: Mapping[str, Json]) -> Iterator[str]:
    if body.get("kill_switch_active") is True:
        yield "kill switch active"
    for name in ("issues", "errors", "problems"):
        found = body.get(name)
        for issue in found if isinstance(found, list) else [found]:
            text = _text(issue)
            if text:
                yield text


def _text(issue: Json) -> str:
    if isinstance(issue, dict):
        issue = next((issue[name] for name in (*_REASONS, "issue", "name") if isinstance(issue.get(name), str)), None)
    return clean(issue, TEXT_SHOWN) if isinstance(issue, str) else ""


def _components(body: Mapping[str, Json]) -> Iterator[Component]:
    for key in ("components", "checks", "services", "dependencies"):
        parts = body.get(key)
        if isinstance(parts, dict):
            yield from (_component(name, part) for name, part in parts.items())
        elif isinstance(parts, list):
            for part in parts:
                if isinstance(part, dict):
                    name = next((part[key] for key in ("name", "component", "id") if key in part), "")
                    yield _component(name if isinstance(name, str) else "", part)


def _component(name: str, part: Json) -> Component:
    shown = clean(name, 60)
    if not isinstance(part, dict):
        return Component(shown, _status(part))
    status = next((part[key] for key in ("status", "state", "ok", "healthy") if key in part), None)
    detail = next((text for key in _REASONS if isinstance(text := part.get(key), str)), "")
    latency = next((_number(part[key]) for key in _LATENCIES if key in part), None)
    return Component(shown, _status(status), clean(detail, TEXT_SHOWN), latency)


def _status(status: Json) -> str:
    if isinstance(status, bool):
        return "ok" if status else "failed"
    return clean(status, 40) if isinstance(status, str) else "?"


def _number(value: Json) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _mode(body: Mapping[str, Json]) -> Mode:
    """LIVE or PAPER where the body says so, in words or by a flag."""
    for name in ("mode", "trading_mode"):
        word = body.get(name)
        if isinstance(word, str):
            plain = word[:40].strip().lower().replace(" ", "_").replace("-", "_")
            if plain in _LIVE:
                return Mode.LIVE
            if plain in _PAPER:
                return Mode.PAPER
    for name in ("dry_run", "paper", "paper_trading"):
        flag = body.get(name)
        if isinstance(flag, bool):
            return Mode.PAPER if flag else Mode.LIVE
    return Mode.UNKNOWN
