"""The feed's filter: which events a person wants to see. docs/feed.md tells it to people."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tradetop.model.bot_event import BotEvent, EventClass
from tradetop.model.text import clean
from tradetop.regex import RegexError, finder

LONGEST = 1_000
"""Characters that a filter may have."""
INVERSE = "!"
"""Before a term: what must not match; before a blank: the same for all that follows."""

FIELDS: Mapping[str, Callable[[BotEvent], tuple[str, ...]]] = {
    "type": lambda event: (event.type, "" if event.cls is EventClass.OTHER else event.cls.value),
    "bot": lambda event: (event.bot,),
    "pair": lambda event: (event.pair,),
    "strategy": lambda event: (event.strategy,),
    "category": lambda event: (event.category,),
    "level": lambda event: (event.level.name.lower(),),
}
"""What can be asked for by name; of an event that has none of it no value matches."""

_SLASHED = r"/(?:[^/\\]|\\.)+/(?!\S)"
_TERM = re.compile(
    rf'(?P<no>!?)(?:(?P<field>{"|".join(FIELDS)}):(?P<value>"[^"]*"(?!\S)|{_SLASHED}|\S*)|(?P<slashed>{_SLASHED}))'
)
_WORD = re.compile(r"\S+")
_NO_LETTERS = re.compile(r"\\(?:[pP]\{\^?\w+\}|.)|\(\?P?<\w+>", re.ASCII | re.DOTALL)
"""Parts of a pattern whose capitals stand for no letter."""

_Found = Callable[[BotEvent], bool]


@dataclass(frozen=True, slots=True)
class Term:
    """One thing that an event must say, or (inverse) must not."""

    found: _Found
    inverse: bool = False

    def accepts(self, event: BotEvent) -> bool:
        """Whether an event passes."""
        return self.found(event) is not self.inverse


@dataclass(frozen=True, slots=True)
class Filter:
    """What was typed, and what it means."""

    text: str = ""
    terms: tuple[Term, ...] = ()
    """All of these must hold; without any, everything passes."""
    inverse: bool = False
    """Whether what passes the terms is left out, and all else shown."""
    problem: str = ""
    """Why it means nothing; one line for people."""

    def accepts(self, event: BotEvent) -> bool:
        """Whether an event passes."""
        return not self.terms or all(term.accepts(event) for term in self.terms) is not self.inverse


NO_FILTER = Filter()


def parse(text: str) -> Filter:
    """The filter that a text means: terms with a field's name in front, and regular expressions (RE2) between them.

    What cannot be read lets everything pass, and says why.
    """
    if len(text) > LONGEST:
        return Filter(text, problem=f"longer than {LONGEST:,} characters")
    whole = text.startswith(f"{INVERSE} ") and bool(text[1:].strip())
    try:
        terms = tuple(_terms(text[1:] if whole else text))
    except RegexError as error:
        return Filter(text, problem=clean(str(error), 200))
    return Filter(text, terms, whole and bool(terms))


def _terms(text: str) -> Iterator[Term]:
    """The terms of a text: what has no field in front is one expression, blanks and all, until a term begins."""
    start: int | None = None
    at = 0
    while (word := _WORD.search(text, at)) is not None:
        term = _TERM.match(text, word.start())
        if term is None and not (word[0].startswith(INVERSE) and start is not None):
            start, at = word.start() if start is None else start, word.end()
            continue
        if start is not None:
            yield from _expression(text[start : word.start()])
        start, at = (word.start(), word.end()) if term is None else (None, term.end())
        if term is not None:
            yield _named(term)
    if start is not None:
        yield from _expression(text[start:])


def _named(term: re.Match[str]) -> Term:
    if term["slashed"]:
        return Term(_anywhere(term["slashed"][1:-1]), bool(term["no"]))
    name, value = term["field"], term["value"]
    texts = FIELDS[name]
    if not value.strip('"'):
        raise RegexError(f"{name}: of what? {name}:{'SOL*' if name == 'pair' else 'name'}")
    if len(value) > 2 and value[0] == value[-1] == "/":
        found = _pattern(value[1:-1])
    else:
        found = finder(_globs([value[1:-1]] if value[0] == value[-1] == '"' else value.split(",")), ignore_case=True)
    return Term(lambda event: any(text and found(text) for text in texts(event)), bool(term["no"]))


def _globs(values: Sequence[str]) -> str:
    """One of some values, in which * stands for anything and ? for one character."""
    wild = {"*": ".*", "?": "."}
    return f"^(?:{'|'.join(''.join(wild.get(c) or re.escape(c) for c in value) for value in values if value)})$"


def _expression(text: str) -> Iterator[Term]:
    inverse = text.startswith(INVERSE)
    wanted = text.removeprefix(INVERSE).strip()
    if wanted:
        yield Term(_anywhere(wanted), inverse)


def _anywhere(wanted: str) -> _Found:
    found = _pattern(wanted)
    return lambda event: found(searched(event))


def _pattern(wanted: str) -> Callable[[str], bool]:
    """Capitals count only where there are some."""
    return finder(wanted, ignore_case=not any(map(str.isupper, _NO_LETTERS.sub("", wanted))))


def searched(event: BotEvent) -> str:
    """What a filter looks at: kind, pair, strategy and facts as in the feed; then type, category, bot and JSON."""
    kind = event.type if event.cls is EventClass.OTHER else event.cls.value
    facts = " ".join(
        [f"{f.name} {f.value}" if isinstance(f.value, str) else f"{f.name} {f.value:g}" for f in event.facts]
    )
    told = (kind, event.pair, event.strategy, facts, event.type, event.category, event.bot, event.raw)
    return " ".join(filter(None, told))


class Sieve:
    """Filters a feed that goes on: an event that has been matched once is not matched again."""

    def __init__(self) -> None:
        self.filter = NO_FILTER
        self._known: dict[int, tuple[BotEvent, bool]] = {}

    def passed(self, text: str, events: Sequence[BotEvent]) -> Sequence[BotEvent]:
        """The events that the filter of this text lets pass, in their order."""
        if text != self.filter.text:
            self.filter, self._known = parse(text), {}
        if not self.filter.terms:
            return events
        known, accepts = self._known, self.filter.accepts
        # An event is told by its identity: comparing, or hashing, all that it says would cost as much as matching it.
        now = {id(event): known.get(id(event)) or (event, accepts(event)) for event in events}
        self._known = now
        return [event for event, passes in now.values() if passes]
