"""Reviews: errors that a person has looked at."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Review:
    """That somebody has looked at the errors of one fingerprint; the text is clean, times are milliseconds."""

    id: str
    fingerprint: str
    """Which errors, as `events.fingerprint` tells them."""
    until: int
    """Up to when; a later one is to be reviewed again. 0 takes a review back."""
    made: int
    text: str = ""
    """What the newest of them said."""
