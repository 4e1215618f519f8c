"""What can go wrong on the way to a receiver, as values; no text of theirs holds a secret or an outside word."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from tradetop.model.clock import MINUTE, SECOND

FIRST_RETRY = 5 * SECOND
LAST_RETRY = 10 * MINUTE
"""The back-off's first and longest pause (ms)."""
LONGEST_ASKED = 6 * 60 * MINUTE
"""Longest that a Retry-After keeps us away (ms)."""
_PASSING = frozenset({401, 403, 404, 408, 425, 429})
"""Answers of 4xx that are about the receiver, not about the message."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A message that did not arrive, as far as we know."""

    word: str
    """Short: "401", "timeout", "refused", "no apprise"."""
    text: str
    """What is wrong and what to do, for people."""
    retry_after: int | None = None
    """Milliseconds that the receiver asks us to stay away."""
    refused: bool = False
    """It is this message that the receiver does not take; others may pass."""


def backoff(attempts: int, failure: Failure) -> int:
    """How long to wait (ms) after so many failed attempts: doubling, at most ten minutes, or what was asked for."""
    pause = min(LAST_RETRY, FIRST_RETRY << min(attempts - 1, 20))
    return max(pause, min(failure.retry_after or 0, LONGEST_ASKED))


def status_failure(status: int, where: str, retry_after: int | None = None) -> Failure:
    """The failure behind an answer of HTTP."""
    word = str(status)
    match status:
        case 401 | 403:
            text = f"{word} at {where}: it refuses the credentials; check the URL's token or password"
        case 404 | 410:
            text = f"{word} at {where}: nothing there; was the hook removed, is the URL complete?"
        case 413:
            text = f"413 at {where}: the message is too large for it"
        case 429:
            wait = f"; it asks to wait {retry_after / SECOND:g} s" if retry_after else ""
            text = f"429 at {where}: too many messages{wait}; fewer with per_hour or group_interval"
        case _ if 300 <= status < 400:
            text = f"{word} at {where}: it redirects, which is not followed: give the final URL"
        case _ if status >= 500:
            text = f"{word} at {where}: the receiver's server failed"
        case _:
            text = f"{word} at {where}: it does not take this message ({_phrase(status)})"
    return Failure(word, text, retry_after, refused=400 <= status < 500 and status not in _PASSING)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "an unknown status"
