"""What a question names: how many, which pair, bot, strategy or mode; each is taken out, and the rest must be known."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from tradetop.ask.events_view import sides
from tradetop.ask.span import ALWAYS, NUMBER, Calendar, Span, number, taken
from tradetop.ask.vocabulary import COMMON, FILLER, NO_ASSET

ENDLESS = 2**62
MOST = 6
"""Names of one kind in a question."""
_HERE = "\0"
"""Stands where a name has been taken out."""
_AND = r"\s*(?:,\s*(?:and\b|or\b)?|and\b|or\b|versus\b|vs\b\.?)\s*"
_AFTER = re.compile(rf"{_HERE}{_AND}$", re.IGNORECASE)
_BEFORE = re.compile(rf"{_AND}{_HERE}", re.IGNORECASE)
_LIST = re.compile(rf"{_HERE}(?:{_AND}{_HERE})*", re.IGNORECASE)
_WORD = re.compile(r"(?<![\w$-])\$?[A-Za-z0-9]{2,15}(?![\w$-])")


@dataclass(frozen=True, slots=True)
class Known:
    """What the database is about, as it writes it."""

    bots: tuple[str, ...] = ()
    strategies: tuple[str, ...] = ()
    pairs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """What was recognised in a question; "" and None where nothing is said of it."""

    span: Span = ALWAYS
    least: int | None = None
    most: int | None = None
    top: int | None = None
    assets: tuple[str, ...] = ()
    bots: tuple[str, ...] = ()
    strategies: tuple[str, ...] = ()
    mode: str = ""
    text: str = ""
    """What a message must hold."""
    minutes: int | None = None
    """Within how many minutes something happens that often."""
    rest: str = ""
    """The words that are left."""


_COUNTS = tuple(
    (re.compile(pattern, re.IGNORECASE), sign)
    for pattern, sign in (
        (rf"(?<!\w)(?:at most|no more than|not more than|up to|<=|≤) ?({NUMBER})\b", "<="),
        (rf"(?<!\w)(?:at least|no fewer than|no less than|>=|≥) ?({NUMBER})\b", ">="),
        (rf"(?<!\w)(?:more than|greater than|over|above|>) ?({NUMBER})\b", ">"),
        (rf"(?<!\w)(?:fewer than|less than|under|below|<) ?({NUMBER})\b", "<"),
        (rf"\b({NUMBER}) or more\b", ">="),
        (r"\b(\d{1,9}) ?\+(?!\w)", ">="),
        (rf"\b({NUMBER}) or (?:fewer|less)\b", "<="),
        (rf"(?<!\w)(?:exactly|precisely|=) ?({NUMBER})\b", "="),
        (r"\b(without|with no|had no|have no|has no)(?: any)?\b", "none"),
    )
)
_TOP = re.compile(
    rf"\b(?P<word>top|best|worst|latest|newest|last|most recent|biggest|slowest) (?P<n>{NUMBER})\b"
    rf"|\b(?P<m>{NUMBER}) (?=(?:most|latest|newest|best|worst|biggest|last|slowest)\b)",
    re.IGNORECASE,
)
_WITHIN = re.compile(rf"\b(?:with)?in (?:any |only )?({NUMBER}) ?(?:minutes?|mins?|m)\b", re.IGNORECASE)
_MODE = re.compile(r"\b(live|paper|simulated|dry[- ]run)(?: (?:mode|only))?\b", re.IGNORECASE)
_QUOTED = re.compile(
    r"(?:\b(?:containing|mentioning|saying|like|about|with(?: the)? (?:text|message|word)s?) )?"
    r"[\"“”'«]([^\"“”'«»]{1,100})[\"“”'»]"
)
_WHOLE_PAIR = re.compile(r"(?<![\w/])([A-Za-z0-9$._]{1,20})/([A-Za-z0-9$._]{1,20})(?![\w/])(?: pairs?\b)?")
_SIDE_OF_PAIR = re.compile(
    r"(?<![\w$-])(\$?[A-Za-z0-9]{1,15})[ -](?:trading )?(?:pairs?|markets?)(?![\w-])"
    r"|(?<![\w-])(?:pairs?|markets?) (?:of|with|containing|in|like) (\$?[A-Za-z0-9]{2,15})(?![\w$-])"
)


def asked(question: str, known: Known, calendar: Calendar) -> Asked:
    """What a question says beyond its subject; AskError for a day that there is not."""
    text = " ".join(question.replace("’", "'").replace(_HERE, " ").split()).strip(" ?!.,;")
    found, text = _names(text, known)
    within = _WITHIN.search(text)
    if within is not None:
        found, text = replace(found, minutes=number(within[1])), _without(text, within)
    span, text = taken(text, calendar)
    found = replace(found, span=span)
    for pattern, sign in _COUNTS:
        match = pattern.search(text)
        if match is not None:
            found, text = _counted(found, match, sign), _without(text, match)
            break
    top = _TOP.search(text)
    if top is not None:
        found = replace(found, top=number(top["n"] or top["m"]))
        text = f"{text[: top.start()]}{top['word'] or ''} {text[top.end() :]}"
    mode = _MODE.search(text)
    if mode is not None:
        found = replace(found, mode="live" if mode[1].lower() == "live" else "paper")
        text = _without(text, mode)
    return replace(found, rest=" ".join(text.split()))


def _names(text: str, known: Known) -> tuple[Asked, str]:
    """The names in a question: bots and strategies as the database has them, pairs, a quoted text."""
    bots, text = _all(text, partial(_named, names=known.bots, what="bots?"))
    strategies, text = _all(text, partial(_named, names=known.strategies, what="strateg(?:y|ies)"))
    quoted = _QUOTED.search(text)
    said = quoted[1].strip() if quoted is not None else ""
    text = text if quoted is None else _without(text, quoted)
    assets, text = _all(text, partial(_assets, known=known))
    return Asked(bots=bots, strategies=strategies, assets=assets, text=said), text


def _all(text: str, find: Callable[[str], Iterator[tuple[str, re.Match[str]]]]) -> tuple[tuple[str, ...], str]:
    """Every name of one kind in a list such as `SOL, ETH and JUP`: the first, then what is joined to one."""
    names: list[str] = []
    while len(names) < MOST:
        found = next((f for f in find(text) if not names or _beside(text, f[1])), None)
        if found is None:
            break
        names.append(found[0])
        text = f"{text[: found[1].start()]} {_HERE} {text[found[1].end() :]}"
    return tuple(dict.fromkeys(names)), _LIST.sub(" ", text)


def _beside(text: str, match: re.Match[str]) -> bool:
    """Whether a name is in a list with one that has been taken."""
    before, behind = text[: match.start()], text[match.end() :]
    return _AFTER.search(before) is not None or _BEFORE.match(behind) is not None


def _named(text: str, names: tuple[str, ...], what: str) -> Iterator[tuple[str, re.Match[str]]]:
    """The names that stand in the text, the longest first."""
    for name in sorted(filter(None, names), key=len, reverse=True):
        # A bot called `errors` can be meant only where it is called a bot.
        plain = name.isascii() and name.isalpha() and name.islower() and len(name) < 4
        before = rf"(?:\b{what} )" + ("" if plain or name.lower() in COMMON | FILLER else "?")
        pattern = rf"{before}(?<![\w/-])[\"'“]?{re.escape(name)}[\"'”]?(?:'s)?(?![\w/-])(?: {what}\b)?"
        match = re.search(pattern, text, re.IGNORECASE)
        if match is not None:
            yield name, match


def _assets(text: str, known: Known) -> Iterator[tuple[str, re.Match[str]]]:
    """The pairs and the assets that stand in the text, the surest first."""
    for name, match in _named(text, tuple(name for name in known.pairs if len(sides(name)) > 1), "pairs?"):
        yield "/".join(sorted(sides(name))), match
    for match in _WHOLE_PAIR.finditer(text):
        if {match[1].lower(), match[2].lower()}.isdisjoint(COMMON):
            yield f"{match[1]}/{match[2]}".upper(), match
    assets = {side for name in known.pairs for side in sides(name)}
    for match in _SIDE_OF_PAIR.finditer(text):
        side = match[1] or match[2]
        named = side.upper() in assets or side == side.upper() or not assets
        if named and side.lower() not in NO_ASSET | COMMON and not side.isdigit():
            yield side.upper(), match
    for match in _WORD.finditer(text):
        word = match.group()
        # Memecoins are called as they like: an English word is one only in capitals.
        meant = word.isupper() or (len(word) > 2 and word.lower() not in COMMON)
        if meant and word.upper() in assets and not word.isdigit():
            yield word.upper(), match


def _counted(found: Asked, match: re.Match[str], sign: str) -> Asked:
    if sign == "none":
        return replace(found, most=0)
    n = number(match[1])
    least = {">": n + 1, ">=": n, "=": n}.get(sign)
    most = {"<": n - 1, "<=": n, "=": n}.get(sign)
    return replace(found, least=least, most=most)


def _without(text: str, match: re.Match[str]) -> str:
    return f"{text[: match.start()]} {text[match.end() :]}"
