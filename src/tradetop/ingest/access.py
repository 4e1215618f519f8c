"""Who may: the token, and how often."""

from __future__ import annotations

import hashlib
import hmac
from collections import OrderedDict

from tradetop.model.target import Secret

_REMEMBERED = 1_024
"""Most clients whose pace is kept; those unheard of for longest are forgotten."""


class Token:
    """Knows the token without holding it."""

    def __init__(self, secret: Secret) -> None:
        self._digest = _digest(secret.reveal().encode())

    def opens(self, header: str) -> bool:
        """Whether an Authorization header has it; takes the same time wherever the two differ."""
        scheme, _, given = header.partition(" ")
        return hmac.compare_digest(_digest(given.strip().encode("utf-8", "replace")), self._digest) and (
            scheme.lower() == "bearer"
        )


def _digest(text: bytes) -> bytes:
    return hashlib.sha256(text).digest()


class Pace:
    """How many requests a second each client may make; two seconds' worth may come at once."""

    def __init__(self, rate: float) -> None:
        """A rate of 0 knows no limit."""
        self._rate = rate
        self._most = 2 * rate
        self._left: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def wait(self, client: str, t: int) -> float:
        """Count a request at the monotonic time `t` (ms): 0 where it may pass, else seconds until one may."""
        if self._rate <= 0:
            return 0.0
        left, before = self._left.pop(client, (self._most, t))
        left = min(self._most, left + self._rate * max(0, t - before) / 1_000)
        passes = left >= 1
        self._left[client] = (left - 1 if passes else left, t)
        if len(self._left) > _REMEMBERED:
            self._left.popitem(last=False)
        return 0.0 if passes else (1 - left) / self._rate
