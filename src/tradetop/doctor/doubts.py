"""Checks of what was never seen: values that do not move, and limits that the bot itself keeps."""

from __future__ import annotations

from datetime import UTC, datetime

from tradetop.doctor.look import Look
from tradetop.doctor.outcome import Track
from tradetop.doctor.verdict import Check, Finding
from tradetop.model.clock import SECOND


def doubt(op: str, a: Track, b: Track, clash: Finding | None, look: Look) -> Finding | None:
    """Why a comparison that did not hold so far may never hold; None where nothing speaks against it."""
    if a.own:
        return None
    beyond = cap(op, a, b, look)
    return clash or beyond or _still(a, look)


def cap(op: str, a: Track, b: Track, look: Look) -> Finding | None:
    """A limit beyond the one that the bot keeps by itself; one that is equal is only worth a note."""
    own = look.known.caps.get(a.metric)
    if own is None or not b.possible.constant or op not in (">", ">=") or a.unit == "share" or a.per is not None:
        return None
    limit = b.possible.low
    if limit == own.value and op == ">":
        text = f"the bot keeps {a.metric} at {own.value:g} by itself ({own.source}): this rings after it has stopped"
        look.note(Finding(Check.CAP, text))
        return None
    if limit <= own.value:
        return None
    return Finding(Check.CAP, f"the bot keeps {a.metric} at {own.value:g} by itself ({own.source}), below {limit:g}")


def _still(a: Track, look: Look) -> Finding | None:
    """A value that never moved."""
    name = a.metric or "it"
    if a.still and a.seen is not None and a.seen.constant:
        if a.seen.low == 0:
            return Finding(Check.UNSET, f"{name} has always been 0 ({_since(look)}): never set")
        return Finding(Check.UNSET, f"{name} has always been {a.seen.low:g} ({_since(look)}): it never moved")
    if a.still:
        return Finding(Check.UNSET, f"{name} never moved while it was there ({_since(look)})")
    if a.seen is not None and a.seen.low == a.seen.high == 0:
        if a.per is not None:
            return Finding(Check.UNSET, f"{name} has not grown ({_since(look)})")
        if a.zero:
            said = ", though the bot's work sets it" if a.metric in look.known.set_in_work else ""
            return Finding(Check.UNSET, f"{name} is 0{said}: nothing shows that it was ever set ({_since(look)})")
    return None


def _since(look: Look) -> str:
    known = look.known
    if not known.recorded:
        return "in the one page that was read"
    return f"since {datetime.fromtimestamp(known.since / SECOND, UTC):%Y-%m-%d %H:%M} UTC"
