"""What makes errors alike: what they say, without what differs from one occurrence to the next."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache

from tradetop.events.facts import text_in
from tradetop.model.bot_event import BotEvent

LONGEST = 400
"""Characters of a message that tell errors apart."""

_STATUS = re.compile(r"(?:^|http[ /]?|status(?: code)?[ :=]*|code[ :=]*|error[ :=]*)([45]\d\d)\b", re.IGNORECASE)
_CHANGING = re.compile(
    # A quoted id: it has a digit and no blank.
    r"([\"'`])(?=[^\"'`\s]{0,80}\d)[^\"'`\s]{2,80}\1"
    r"|(?<![0-9a-z])0x[0-9a-f]+"
    r"|(?<![0-9a-z])[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}(?![0-9a-z])"
    # Addresses and signatures in base58 or base64; no word is as long.
    r"|(?<![0-9a-z])[0-9a-z]{32,}(?![0-9a-z])"
    # Ids: letters and digits mixed.
    r"|(?<![0-9a-z])(?=[a-z]{0,32}\d)(?=\d{0,32}[a-z])[0-9a-z]{6,}(?![0-9a-z])"
    r"|(?:(?<![0-9a-z])[-+])?\d[\d.,:]*(?:e[-+]?\d+)?(?:ms|s|m|h|%)?",
    re.IGNORECASE,
)
_SPACE = re.compile(r"\s+")
_SHORTEST = 3
"""Letters that a pair's or a bot's name must have to be looked for in a message."""


def message_of(event: BotEvent) -> str:
    """What an error says, in one line."""
    return text_in(event, "message") or text_in(event, "reason") or text_in(event, "metadata") or event.type


def fingerprint(event: BotEvent) -> str:
    """What tells an error from others and not from its like: of its category, its type, and what it says."""
    return _digest(event.category, event.type, message_of(event)[:LONGEST], event.pair, event.bot)


@lru_cache(maxsize=4_096)
def _digest(category: str, kind: str, said: str, pair: str, bot: str) -> str:
    # Pairs and bots are told beside a group: the same trouble of two pairs is one.
    for name in (pair, bot):
        if len(name) >= _SHORTEST:
            said = said.replace(name, "#")
    text = "\0".join((category, kind, essence(said)))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]


@lru_cache(maxsize=4_096)
def essence(text: str) -> str:
    """A message without numbers, ids and addresses; a status stays."""
    status = _STATUS.search(text)
    words = _SPACE.sub(" ", _CHANGING.sub("#", text[:LONGEST])).strip().lower()
    return f"{status[1]} {words}" if status else words
