"""Ready questions: recognised by their words, answered without a model.

A question is recognised only where every word of it is understood: one passed over might be the one that counts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tradetop.ask import ready_sql
from tradetop.ask.answer import Value
from tradetop.ask.fault import AskError
from tradetop.ask.span import Calendar
from tradetop.ask.vocabulary import FILLER
from tradetop.ask.words import Asked, Known, asked

LONGEST = 1_000
"""Longest question (characters)."""
_WORD = re.compile(r"[\w&']+")
_GROUPS = (
    ("bot", re.compile(r"\bbots?\b")),
    ("pair", re.compile(r"\b(?:pairs?|markets?)\b")),
    ("strategy", re.compile(r"\bstrateg(?:y|ies)\b")),
    ("day", re.compile(r"\b(?:days?|daily)\b")),
    ("hour", re.compile(r"\b(?:hours?|hourly)\b")),
)
_EACH = re.compile(r"\b(?:by|per|each|every|and) (?:the )?(bot|pair|market|strategy|day|hour)s?\b|\b(daily|hourly)\b")
_SUBJECTS = (
    (r"(connection|network) (?:errors?|failures?|problems?)", "errors", "class = 'error' AND category = 'connection'"),
    (r"(execution) (?:errors?|failures?|problems?)", "errors", "class = 'error' AND category = 'execution'"),
    (r"(validation) (?:errors?|failures?|problems?)", "errors", "class = 'error' AND category = 'validation'"),
    (r"errors?|failures?|exceptions?", "errors", "class = 'error'"),
    (
        r"risk (?:rejections?|vetoe?s?)|rejections?|rejected(?: trades?| signals?)?",
        "rejections",
        "class = 'risk' AND result = 'rejected'",
    ),
    (r"risk (?:evals?|evaluations?|checks?)|risk_evals?", "risk_checks", "class = 'risk'"),
    (r"signals?", "signals", "class = 'signal'"),
    (r"(?:won|winning|profitable) trades?|wins?|winners?", "won", "class = 'close' AND pnl_usd > 0"),
    (r"(?:lost|losing|unprofitable) trades?|losses|losers?", "lost", "class = 'close' AND pnl_usd < 0"),
    (r"(?:closed|finished) trades?|trades? closed|closes?|exits?", "closed", "class = 'close'"),
    (r"(?:opened|open) trades?|trades? opened|trades?|entries|opens?", "opened", "class IN ('open', 'trade')"),
    (r"events?|activity", "events", "t IS NOT NULL"),
)
_COMPILED = tuple((re.compile(rf"\b(?:{pattern})\b"), name, condition) for pattern, name, condition in _SUBJECTS)


@dataclass(frozen=True, slots=True)
class Found:
    """A question that was understood."""

    name: str
    says: str
    """What was understood, in a few words."""
    sql: str
    values: Mapping[str, Value]
    asked: Asked


@dataclass(frozen=True, slots=True)
class Missed:
    """A question that no ready one is."""

    unknown: tuple[str, ...]
    """The words that were in the way of the likeliest one."""
    near: str = ""
    """The likeliest one's example."""


class _Sentence:
    """What a question says of its subject, and the words that nobody has understood yet."""

    def __init__(self, found: Asked) -> None:
        self.asked = found
        self.text = found.rest.lower()
        self.left = self.text

    def take(self, pattern: str) -> bool:
        """Whether there is such a word; it is understood then."""
        found = re.search(rf"\b(?:{pattern})\b", self.text)
        self.left = re.sub(rf"\b(?:{pattern})\b", " ", self.left)
        return found is not None

    def subject(self) -> tuple[str, str] | None:
        """What is counted and its condition."""
        for pattern, name, condition in _COMPILED:
            if pattern.search(self.left):
                self.left = pattern.sub(" ", self.left)
                return name, condition
        return None

    def groups(self, *otherwise: str) -> tuple[str, ...]:
        """What is counted by, in the order of the words."""
        said = [(match.start(), match[1] or match[2]) for match in _EACH.finditer(self.text)]
        each = [{"market": "pair", "daily": "day", "hourly": "hour"}.get(name, name) for _, name in said]
        bare = sorted((match.start(), name) for name, pattern in _GROUPS for match in pattern.finditer(self.text))
        self.left = re.sub(r"\b(?:days?|daily|hours?|hourly)\b", " ", self.left)
        return tuple(dict.fromkeys((*[name for _, name in bare], *each))) or otherwise

    @property
    def unknown(self) -> tuple[str, ...]:
        return tuple(word for word in _WORD.findall(self.left) if word not in FILLER)


Build = Callable[[_Sentence], tuple[str, str] | None]
"""The title and the SQL that a sentence means; None where it is not this question."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A question that needs no model."""

    name: str
    example: str
    build: Build
    takes: frozenset[str] = frozenset()
    """Which of count, top, text and minutes it understands beside time, bot, pair, strategy and mode."""
    top: int = 1_000


def recognise(question: str, known: Known, calendar: Calendar) -> Found | Missed:
    """The ready question that is meant; AskError for a day that there is not, or a question without end."""
    if len(question) > LONGEST:
        raise AskError(f"the question is longer than {LONGEST:,} characters")
    found = asked(question, known, calendar)
    missed: list[Missed] = []
    for ready in READY:
        sentence = _Sentence(found)
        built = ready.build(sentence)
        if built is None:
            continue
        unknown = (*sentence.unknown, *_unheard(found, ready))
        if not unknown:
            title, sql = built
            values = ready_sql.values_of(found, ready.top)
            if ":window" in sql:
                values = ready_sql.bounds(values)
            used = {name: value for name, value in values.items() if re.search(rf":{name}\b", sql)}
            return Found(ready.name, title, sql, used, found)
        missed.append(Missed(unknown, ready.example))
    rest = tuple(word for word in _WORD.findall(found.rest.lower()) if word not in FILLER)
    return min(missed, key=lambda miss: len(miss.unknown), default=Missed(rest))


def _unheard(found: Asked, ready: Ready) -> tuple[str, ...]:
    """What was said and would make no difference to this question."""
    said = {
        "count": found.least is not None or found.most is not None,
        "top": found.top is not None,
        "text": bool(found.text),
        "minutes": found.minutes is not None,
    }
    return tuple(f"({name})" for name, is_said in said.items() if is_said and name not in ready.takes)


def _counted(sentence: _Sentence) -> tuple[str, str] | None:
    subject, groups = sentence.subject(), sentence.groups("bot")
    if subject is None:
        return None
    title = f"{subject[0].replace('_', ' ')} by {' and '.join(groups)}"
    return title, ready_sql.counts(sentence.asked, groups, *subject)


def _rate(sentence: _Sentence) -> tuple[str, str] | None:
    subject = sentence.subject()
    if subject is None or not sentence.take(r"per hour|an hour|hourly rate|rate"):
        return None
    groups = sentence.groups("bot")
    return f"{subject[0]} an hour", ready_sql.rates(sentence.asked, groups, *subject)


def _win_rate(sentence: _Sentence) -> tuple[str, str] | None:
    if not sentence.take(r"win(?:ning)?[ -]?rates?|wins? and loss(?:es)?|win ?loss(?: ratios?)?|winning|hit rates?"):
        return None
    sentence.take("trades?|ratio")
    return "win rate", ready_sql.win_rate(sentence.asked, sentence.groups("strategy", "pair"))


def _profit(sentence: _Sentence) -> tuple[str, str] | None:
    worst = sentence.take(r"bleed\w*|los(?:e|es|ing)(?: money)?|lost(?: money)?|worst")
    best = sentence.take(r"p&l|pnl|p and l|profits?(?: and loss(?:es)?)?|profitable|earn\w*|money|best|returns?")
    if not (worst or best):
        return None
    sentence.take("money|trend|trades?")
    groups = sentence.groups("pair" if worst else "bot")
    return f"profit and loss by {' and '.join(groups)}", ready_sql.profit(sentence.asked, groups, worst=worst)


def _stages(sentence: _Sentence) -> tuple[str, str] | None:
    if not sentence.take(r"stages?|steps?|pipeline|bottlenecks?"):
        return None
    sentence.take(r"long|takes?|took|time|times|stages?|pipeline|signal|risk|execution|trade|latency|slow(?:est)?|us")
    return "time of each stage", ready_sql.stages(sentence.asked)


def _latency(sentence: _Sentence) -> tuple[str, str] | None:
    if not sentence.take(r"latenc(?:y|ies)|delays?"):
        return None
    sentence.take(r"medians?|average|signals?|trades?|opens?|trade_open|hours?|hourly|execution")
    return "latency from signal to trade", ready_sql.latency(sentence.asked)


def _frequent(sentence: _Sentence) -> tuple[str, str] | None:
    subject = sentence.subject()
    if subject is None or subject[0] != "errors" or not sentence.take(r"frequent|frequently|common|usual|messages?"):
        return None
    return "most frequent errors", ready_sql.frequent(sentence.asked, subject[1])


def _by_pair(sentence: _Sentence) -> tuple[str, str] | None:
    subject = sentence.subject()
    if subject is None or subject[0] != "errors" or not sentence.take(r"correlat\w+|rates?|share|specific|go"):
        return None
    sentence.take("with|specific|certain|particular|share")
    return "errors beside all events of a pair", ready_sql.by_pair(sentence.asked, subject[1])


def _categories(sentence: _Sentence) -> tuple[str, str] | None:
    subject = sentence.subject()
    if subject is None or subject[0] != "errors" or not sentence.take(r"categor(?:y|ies)|kinds?|types?|classes"):
        return None
    sentence.take("shares?|category|categories")
    return "errors by category", ready_sql.categories(sentence.asked)


def _daily(sentence: _Sentence) -> tuple[str, str] | None:
    days = sentence.take(r"daily|per day|each day|by day|every day|day by day")
    if not sentence.take(r"performance|summar(?:y|ies)|volumes?|results?|stats|statistics|overview|doing|trend"):
        return None
    sentence.take("trade|trades|p&l|pnl|daily" if days else "daily")
    return "each bot's days", ready_sql.daily(sentence.asked)


def _latest(sentence: _Sentence) -> tuple[str, str] | None:
    if not sentence.take(r"latest|last|newest|recent|most recent|live|feed"):
        return None
    subject = sentence.subject() or ("events", "t IS NOT NULL")
    sentence.take("activity|feed")
    return f"the latest {subject[0]}", ready_sql.latest(sentence.asked, subject[1])


def _bursts(sentence: _Sentence) -> tuple[str, str] | None:
    subject = sentence.subject()
    burst = sentence.take(r"bursts?")
    if subject is None or subject[0] != "errors" or not (burst or sentence.asked.minutes):
        return None
    minutes = sentence.asked.minutes or 5
    return f"most errors within {minutes} minutes", ready_sql.bursts(sentence.asked, sentence.groups("bot"), subject[1])


def _matrix(sentence: _Sentence) -> tuple[str, str] | None:
    words = r"compar\w+|matrix|sharpe(?: ratios?)?|drawdowns?|side by side"
    if not sentence.take(words):
        return None
    sentence.take("max|maximum|performance|metrics|ratios?")
    return "strategies side by side", ready_sql.matrix(sentence.asked)


def _language_model(sentence: _Sentence) -> tuple[str, str] | None:
    if not sentence.take(r"llms?|ai|language models?"):
        return None
    sentence.take(
        r"risk|analysis|modules?|help\w*|improv\w*|actually|returns?|losing|trades?|without|better|runn?ing|run"
    )
    return "bots with an LLM beside those without", ready_sql.language_model(sentence.asked)


_COUNT = frozenset({"count", "top", "text"})
READY: Sequence[Ready] = (
    Ready("llm", "does the LLM risk analysis improve returns?", _language_model),
    Ready("bursts", "more than 5 connection errors in 5 minutes", _bursts, _COUNT | {"minutes"}),
    Ready("stages", "how long does each stage of the pipeline take?", _stages, frozenset({"top"})),
    Ready("latency", "median latency from signal to trade per bot per hour", _latency, frozenset({"top"})),
    Ready("matrix", "compare the strategies", _matrix, frozenset({"top"})),
    Ready("win rate", "win rate per strategy per pair", _win_rate, frozenset({"top"})),
    Ready("frequent errors", "which errors are most frequent?", _frequent, frozenset({"top", "text"})),
    Ready("errors by pair", "do errors correlate with specific pairs?", _by_pair, frozenset({"top", "text"})),
    Ready("errors by category", "errors by category last week", _categories, frozenset({"top", "text"})),
    Ready("daily", "daily performance", _daily, frozenset({"top"})),
    Ready("latest", "last 20 errors with SOL pairs", _latest, frozenset({"top", "text"}), 50),
    Ready("rate", "which bots generate the most signals per hour?", _rate, frozenset({"top", "text"})),
    Ready("counts", "bots that had more than 3 errors yesterday with SOL pairs", _counted, _COUNT),
    Ready("profit", "which pairs are bleeding?", _profit, frozenset({"top"})),
)
"""In the order in which they are tried."""


def listing() -> tuple[str, ...]:
    """One example of each, for people."""
    order = {"counts": 0, "rate": 1, "win rate": 2, "stages": 3, "frequent errors": 4, "errors by pair": 5}
    return tuple(ready.example for ready in sorted(READY, key=lambda ready: order.get(ready.name, 9)))
