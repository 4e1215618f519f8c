"""How bad a line says it is, in whatever words or numbers."""

from __future__ import annotations

from functools import lru_cache

from tradetop.events.metadata import Scalar
from tradetop.model.level import Level

DEBUG, INFO, WARNING, ERROR, CRITICAL = "debug", "info", "warning", "error", "critical"
_WORDS = {
    DEBUG: "debug trace verbose dbg trc fine finer finest silly d t v",
    INFO: "info information informational notice success inf ok i n",
    WARNING: "warning warn wrn w",
    ERROR: "error err failure exception severe eror e",
    CRITICAL: "critical crit fatal panic dpanic alert emergency emerg ftl c f",
}
_KNOWN = {word: severity for severity, words in _WORDS.items() for word in words.split()}
WORDS = frozenset(word for word in _KNOWN if len(word) > 2)
"""Those that can be told from other words of a text."""
_NUMBERS = ((60, CRITICAL), (50, ERROR), (40, WARNING), (30, INFO))
"""From which number on it is what, as pino and bunyan count."""
SYSLOG = (CRITICAL, CRITICAL, CRITICAL, ERROR, WARNING, INFO, INFO, DEBUG)
"""By syslog's numbers."""
_LEVELS = {WARNING: Level.WARNING, CRITICAL: Level.CRITICAL}


@lru_cache(maxsize=512, typed=True)
def severity_of(said: Scalar | None) -> str:
    """One of the five severities; "" where it is none.

    Understood are the usual words, and the numbers of pino and bunyan (10 to 60); smaller ones mean one thing to
    syslog and another to zap.
    """
    word = str(said).strip().strip("[]<>()").lower() if said is not None else ""
    known = _KNOWN.get(word)
    if known is None and word.isascii() and word.isdigit() and len(word) < 4 and int(word) >= 10:
        known = next((name for bound, name in _NUMBERS if int(word) >= bound), DEBUG)
    return known or ""


def level_of(severity: str) -> Level:
    """What a severity means for whoever looks at it; an error's level comes from its category."""
    return _LEVELS.get(severity, Level.OK)
