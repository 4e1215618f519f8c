"""Free text without amounts, ids and hosts; percentages, durations, times and versions stay."""

from __future__ import annotations

import re
from functools import lru_cache

from tradetop.model.hidden import HIDDEN
from tradetop.model.unit import Kind
from tradetop.redact.names import SECRET, kind_of_label, kind_of_metric, one_of, words_of

_URL = re.compile(r"\b[a-z][a-z0-9+.-]*://\S+?(?=[\s\"'<>)\]},;]|[.:]?(?:\s|$))", re.IGNORECASE)
_MAIL = re.compile(r"[\w.+-]+@[\w.-]+")
_UUID = re.compile(r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b", re.IGNORECASE)
_HEX = re.compile(r"\b0x[0-9a-f]{4,}…?\b|\b(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{10,}\b", re.IGNORECASE)
_LONG = re.compile(r"\b(?=[A-Za-z_-]*\d)(?=[\d_-]*[A-Za-z])[A-Za-z0-9_-]{20,}\b")
"""Base58 and base64 keys, signatures and the like: letters and digits in one long word."""
_PATH = re.compile(
    r"(?<![\w.])(?:~|/(?:home|root|Users|var|etc|opt|srv|mnt|media|data|tmp|private|run|usr|app|work|Volumes))/[^\s\"',;]*"
    r"|\b[A-Za-z]:\\[^\s\"',;]*"
)
_IPV4 = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?(?![\d.]*\d)")
_IPV6 = re.compile(r"\[?(?<![\w:])(?:(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}|(?:[0-9a-f]{1,4}(?::[0-9a-f]{1,4})*)?::"
                   r"(?:[0-9a-f]{1,4}(?::[0-9a-f]{1,4})*)?)(?![\w:])\]?(?::\d+)?", re.IGNORECASE)  # fmt: skip
_HOST_PORT = re.compile(r"\b[A-Za-z][\w.-]*:\d{2,5}\b(?![:\d])")
_LOCAL = re.compile(r"\blocalhost\b", re.IGNORECASE)
_HOST = re.compile(r"\b(?:[a-z0-9][a-z0-9-]*\.)+([a-z]{2,24})\b(?!\()")
_FILES = one_of("py db json yaml yml log txt js ts rs go md toml csv sqlite sqlite3 svg png sock gz lock conf")
_SAID = re.compile(r"\b([A-Za-z][\w-]*)(\s?[=:]\s?)(\"[^\"]*\"|'[^']*'|[^\s\"',;()&]+)")
_FOLLOWED = re.compile(r"\b([A-Za-z][\w-]*)(\s#?)([^\s\"',;()&]*\d[^\s\"',;()&]*)")
"""A name with its value behind a sign, or with what may be its value behind a blank."""
_NUMBER = re.compile(
    r"(?P<time>\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?"
    r"|\d{1,2}:\d\d(?::\d\d)?(?![\d:])|\d+\.\d+\.\d+[\w.+-]*)"
    r"|(?P<sign>[-+±]?(?:[$€£¥₿]\s?|\b(?:USDT?|USDC|EUR|GBP|BTC|ETH|SOL)\s?(?=\d))?[-+]?)"
    r"(?P<number>\d+(?:[,_']\d+)*(?:\.\d+)?(?:[eE][-+]?\d+)?)(?P<glued>\s?%|[A-Za-zµ]+)?(?=(?P<after>\s[A-Za-z%]+)?)"
)
_BEFORE = re.compile(r"(?:^|[^A-Za-z])([A-Za-z]+)[\s#=:(]*$")
_DURATION = one_of("ns us µs ms s sec secs second seconds min mins minute minutes h hour hours d day days week weeks")
_SHARE = one_of("percent pct bps")
_COUNTED = one_of(
    "times time error errors retries retry attempts orders trades positions requests events samples series limits bots"
    " unreadable lines line panels markets signals pairs candles fills consecutive of"
)
_ORDINAL = one_of(
    "attempt attempts retry retries try line lines column page cycle level step http status code errno top last p"
    " window after every within version v rev build of"
)
_NUMBERED = one_of("order trade deal position ticket")
_REASONS = one_of("Too Bad Not Unauthorized Forbidden Internal Service Gateway Request Conflict Payment")


_ALIAS = re.compile(rf"{HIDDEN}[a-z]*")

MOST = 20_000
"""Ids that are told apart at a time."""
SHORT = 256
"""Characters of a text that may be remembered with what is left of it."""


class Words:
    """Takes out of texts what must not be told; ids that have to be told apart get a letter each."""

    def __init__(self) -> None:
        self._aliases: dict[str, str] = {}
        """Those asked for last stand last."""
        self._given = 0

    def alias(self, text: str) -> str:
        """`•••a`, `•••b`, ...: always the same for a text that is in use, and the same again for itself."""
        if not text or _ALIAS.fullmatch(text):
            return text
        known = self._aliases.pop(text, "")
        if not known:
            known = HIDDEN + letters(self._given)
            self._given += 1
        self._aliases[text] = known
        # A bot may bring new ids for ever; one that has been forgotten gets letters that nobody had.
        if len(self._aliases) > MOST:
            del self._aliases[next(iter(self._aliases))]
        return known

    def label(self, name: str, value: str) -> str:
        """A label's value: an alias where its name says that it is secret, else without what looks like it."""
        return self.alias(value) if kind_of_label(name) in SECRET else named(value)


def letters(number: int) -> str:
    """0 is a, 25 is z, 26 is aa."""
    found = ""
    while number >= 0:
        found = chr(ord("a") + number % 26) + found
        number = number // 26 - 1
    return found


def said(text: str) -> str:
    """What a bot or a person wrote, without ids, hosts, paths and numbers that may be amounts."""
    return _told(text) if len(text) <= SHORT else _without_numbers(_fields(_places(text)), bare=True)


def named(text: str) -> str:
    """A name, such as a title or a label's value, without ids, hosts and amounts of money."""
    return _called(text) if len(text) <= SHORT else _without_numbers(_places(text), bare=False)


@lru_cache(maxsize=4_096)
def _told(text: str) -> str:
    return _without_numbers(_fields(_places(text)), bare=True)


@lru_cache(maxsize=4_096)
def _called(text: str) -> str:
    return _without_numbers(_places(text), bare=False)


def is_host(text: str) -> bool:
    """Whether a text is an address of a machine, such as host:port."""
    return any(p.fullmatch(text) for p in (_HOST_PORT, _IPV4, _IPV6, _LOCAL, _URL)) or _is_domain(text)


def _is_domain(text: str) -> bool:
    match = _HOST.fullmatch(text)
    return match is not None and match[1] not in _FILES


def _places(text: str) -> str:
    for pattern in (_URL, _MAIL, _UUID, _PATH, _IPV4, _IPV6, _HOST_PORT, _LOCAL, _HEX, _LONG):
        text = pattern.sub(HIDDEN, text)
    return _HOST.sub(lambda m: m[0] if m[1] in _FILES else HIDDEN, text)


def _fields(text: str) -> str:
    """Without what stands behind the name of something secret: `account=main-7`, `order 12ab`."""
    return _FOLLOWED.sub(_followed, _SAID.sub(_said, text))


def _said(match: re.Match[str]) -> str:
    name, between, value = match.groups()
    kind = kind_of_label(name)
    shown = kind not in SECRET or (kind in (Kind.MONEY, Kind.QUANTITY) and (value.endswith("%") or not _digits(value)))
    return match[0] if shown else f"{name}{between}{HIDDEN}"


def _followed(match: re.Match[str]) -> str:
    name, between, _ = match.groups()
    secret = kind_of_label(name) in (Kind.ID, Kind.HOST) or name.lower() in _NUMBERED
    return f"{name}{between}{HIDDEN}" if secret else match[0]


def _digits(text: str) -> bool:
    return any(map(str.isdigit, text))


def _without_numbers(text: str, *, bare: bool) -> str:
    return _NUMBER.sub(lambda m: _number(m, bare=bare), text) if _digits(text) else text


def _number(match: re.Match[str], *, bare: bool) -> str:
    """A number as it may be told; `bare` hides those too that nothing marks as amounts."""
    if match["time"]:
        return match[0]
    digits, glued, after = match["number"], match["glued"] or "", (match["after"] or "").strip()
    before = match.string[: match.start()]
    inside = before[-1:].isalnum() or (before[-1:] in "._-" and before[-2:-1].isalnum())
    if inside and ((digits.isdigit() and len(digits) <= 4) or before[-1:] == "v"):
        return match[0]  # A part of a name or a version.
    unit = glued.strip()
    marked = any(c in "$€£¥₿" for c in match["sign"]) or match["sign"][:1].isalpha()
    if not marked and _harmless(digits, unit, after, before, bare):
        return match[0]
    if unit and kind_of_metric(unit) not in SECRET and not unit.isupper():
        unit = ""  # Thousands, millions: how large it is.
    sign = "".join(c for c in match["sign"] if c not in "+-±")
    return f"{sign}{HIDDEN}{' ' if unit else ''}{unit}"


def _harmless(digits: str, unit: str, after: str, before: str, bare: bool) -> bool:
    whole = digits.isdigit()
    money = words_of(unit or after) and kind_of_metric(unit or after) in SECRET
    if unit == "%" or unit.lower() in _SHARE or (not unit and (after in _SHARE or after == "%")):
        return True
    if unit in _DURATION or (unit == "m" and whole and len(digits) <= 3) or (not unit and after in _DURATION):
        return True
    if unit and len(unit) > 1 and unit.islower() and whole and not money:
        return True  # A word that begins with digits.
    if not bare:
        return not money and not (unit or after).isupper() and "," not in digits
    word = (found := _BEFORE.search(before)) and found[1].lower()
    if whole and len(digits) <= 4 and not unit and (word in _ORDINAL or after.lower() in _COUNTED):
        return True
    return whole and len(digits) == 3 and digits[0] in "12345" and after in _REASONS
