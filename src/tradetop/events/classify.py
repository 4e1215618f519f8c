"""What an event is, and how bad it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from tradetop.events.metadata import Scalar
from tradetop.model.bot_event import EventClass
from tradetop.model.error_category import CONNECTION, EXECUTION, OTHER, VALIDATION
from tradetop.model.level import Level

CATEGORIES = (CONNECTION, EXECUTION, VALIDATION, OTHER)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_EXACT = {
    "signal": EventClass.SIGNAL,
    "risk_eval": EventClass.RISK,
    "trade_open": EventClass.OPEN,
    "trade_close": EventClass.CLOSE,
    "error": EventClass.ERROR,
    # The seed names it among the stages of a trade, but gives it no type.
    "settlement": EventClass.SETTLEMENT,
}
_WORDS: tuple[tuple[EventClass, frozenset[str]], ...] = (
    (EventClass.ERROR, _words("error errors exception failed failure timeout disconnect fatal panic")),
    (EventClass.RISK, _words("risk honeypot rejected rejection reject breaker trip tripped blocked veto")),
    (EventClass.SIGNAL, _words("signal signals trigger proposal")),
    (EventClass.MARK, _words("deploy deployed deployment release config mark")),
    (EventClass.RESTART, _words("start started startup restart restarted boot stop stopped shutdown")),
    (EventClass.HEALTH, _words("health heartbeat alive ready status")),
    (EventClass.ALERT, _words("alert alerts warning")),
)
_TRADE = _words("trade trades position order fill filled fills buy sell deal swap execution")
_SETTLES = _words("settle settled settlement settlements")
_OPENS = _words("open opened opening entry enter entered")
_CLOSES = _words("close closed closing exit exited")
_SPLIT = re.compile(r"[^a-zA-Z]+|(?<=[a-z])(?=[A-Z])")


@lru_cache(maxsize=1_024)
def class_of(event_type: str) -> EventClass:
    """The class of an event by its type: the documented five, else by the words in the name."""
    known = _EXACT.get(event_type.strip().lower())
    if known is not None:
        return known
    words = {word.lower() for word in _SPLIT.split(event_type)}
    for cls, names in _WORDS[:3]:
        if words & names:
            return cls
    if words & _SETTLES:
        return EventClass.SETTLEMENT
    if words & _OPENS and words & _TRADE:
        return EventClass.OPEN
    if words & _CLOSES and words & _TRADE:
        return EventClass.CLOSE
    if words & _TRADE:
        return EventClass.TRADE
    return next((cls for cls, names in _WORDS[3:] if words & names), EventClass.OTHER)


_CATEGORY_RULES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (category, re.compile("|".join(patterns), re.IGNORECASE))
    for category, *patterns in (
        (EXECUTION, r"slippage|insufficient[ _](?:balance|funds?|margin|lamports)"),
        (VALIDATION, r"honeypot (?:check )?(?:failed|detected)|liquidity too low|(?:low|insufficient)[ _]liquidity"),
        (
            CONNECTION,
            r"time[sd]?[ -]?out|web ?socket|disconnect|\brpc\b|\bwss?\b|connect(?:ion|ing)?\b|network|\bdns\b|socket",
            r"too many requests|rate.?limit|bad gateway|gateway|unavailable|unreachable|refused|reset by peer",
            r"\b(?:408|429|50[0234])\b|\btls\b|\bssl\b|\beof\b|econn",
        ),
        (
            EXECUTION,
            r"order|execut|transaction|\btx\b|revert|nonce|\bgas\b|fill|swap|post.?only|price moved|blockhash|margin",
        ),
        (
            VALIDATION,
            r"honeypot|liquidity|validat|invalid|blacklist|\brug\b|tax|not verified|minimum",
            r"too (?:small|large|low|high)",
        ),
    )
)
_CATEGORY_KEYS = ("category", "error_category", "error_type", "error_class", "type", "kind")
MESSAGE_KEYS = ("message", "error_message", "error", "msg", "detail", "details", "description", "reason", "exception")
STATUS_KEYS = ("status", "status_code", "http_status", "code", "error_code")


def category_of(event_type: str, values: Mapping[str, Scalar]) -> str:
    """An error's category by the words in it: connection, execution, validation or other."""
    for key in _CATEGORY_KEYS:
        said = str(values.get(key, "")).strip().lower().removesuffix("_error").removesuffix("error")
        if said in CATEGORIES:
            return said
    message = " ".join(str(values[key]) for key in (*_CATEGORY_KEYS, *MESSAGE_KEYS, *STATUS_KEYS) if key in values)
    text = f"{event_type.replace('_', ' ')} {message[:2_000]}"
    return next((category for category, pattern in _CATEGORY_RULES if pattern.search(text)), OTHER)


_LEVELS = {CONNECTION: Level.WARNING, EXECUTION: Level.CRITICAL, VALIDATION: Level.OK, OTHER: Level.WARNING}
_SEVERITIES = {
    "critical": Level.CRITICAL,
    "fatal": Level.CRITICAL,
    "emergency": Level.CRITICAL,
    "warning": Level.WARNING,
    "warn": Level.WARNING,
}


def level_of(cls: EventClass, category: str, values: Mapping[str, Scalar]) -> Level:
    """How bad an event is: an execution error wants a person, a validation error is only logged."""
    severity = Level.OK
    if "severity" in values or "level" in values:
        said = str(values.get("severity", values.get("level", ""))).strip().lower()
        severity = _SEVERITIES.get(said, Level.OK)
    return max(_LEVELS.get(category, Level.WARNING), severity) if cls is EventClass.ERROR else severity
