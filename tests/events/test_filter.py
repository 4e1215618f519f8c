"""The feed's filter: what a person types, and which events it means."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradetop.events.filter import LONGEST, NO_FILTER, Filter, Sieve, Term, parse
from tradetop.model.bot_event import BotEvent, EventClass, EventSource, Fact

CLOSE = BotEvent(
    "e1",
    1,
    "defi-1",
    "trade_close",
    EventClass.CLOSE,
    EventSource.DATABASE,
    pair="SOL-USD",
    strategy="momentum",
    facts=(Fact("pnl_usd", -12.4), Fact("held", 95.0), Fact("reason", "stop hit")),
    written='{"id":"e1","metadata":{"tx":"5Kd9aa"}}',
)
ERROR = replace(
    CLOSE,
    id="e2",
    type="error",
    cls=EventClass.ERROR,
    pair="",
    category="connection",
    facts=(Fact("message", "RPC timeout (helius)"),),
    written='{"id":"e2"}',
)
ODD = replace(CLOSE, id="e3", type="Rebalanced", cls=EventClass.OTHER, facts=(), written='{"id":"e3"}')
ALL = (CLOSE, ERROR, ODD)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("", "e1 e2 e3"),
        ("sol", "e1 e3"),
        ("SOL", "e1 e3"),
        ("Sol", ""),
        ("^close SOL-USD momentum", "e1"),
        ("close|error", "e1 e2"),
        ("trade_close", "e1"),
        ("connection", "e2"),
        ("defi-1", "e1 e2 e3"),
        ("rebalanced", "e3"),
        ("Rebalanced", "e3"),
        ("pnl_usd -12.4 held 95", "e1"),
        ("stop.hit", "e1"),
        ("tx.*5kd9", "e1"),
        (r"timeout \(HELIUS\)", ""),
        (r"timeout \(helius\)", "e2"),
        (r"timeout\S", ""),
        (r"TIMEOUT\S", ""),
        (r"rpc\Wtimeout", "e2"),
        (r"(?P<Word>rpc)", "e2"),
        ("!sol", "e2"),
        ("!SOL|rpc", "e2"),
        ("!", "e1 e2 e3"),
        ("  ", "e1 e2 e3"),
        ("!!", "e1 e2 e3"),
        ("zzz", ""),
        ("!zzz", "e1 e2 e3"),
        ("type:error", "e2"),
        ("type:trade_close", "e1"),
        ("type:close", "e1"),
        ("type:ERR*,close", "e1 e2"),
        ("type:other", ""),
        ("pair:SOL", ""),
        ("pair:sol*", "e1 e3"),
        ("pair:*", "e1 e3"),
        ("!pair:*", "e2"),
        ("pair:SOL?USD", "e1 e3"),
        ("pair:/^S.L/", "e1 e3"),
        ('strategy:"momentum"', "e1 e2 e3"),
        ("strategy:mom* level:ok category:connection", "e2"),
        ("bot:defi-* type:close", "e1"),
        ("bot:defi", ""),
        ("type:close stop hit", "e1"),
        ("type:close hit stop", ""),
        ("stop hit type:close", "e1"),
        ("stop !pair:SOL*", ""),
        ("defi-1 !stop", "e2 e3"),
        ("!type:error", "e1 e3"),
        ("!type:error stop", "e1"),
        ("! type:error rpc", "e1 e3"),
        ("! type:error nothing", "e1 e2 e3"),
        ("! stop hit", "e2 e3"),
        ("/stop hit/", "e1"),
        ("!/stop hit/", "e2 e3"),
        ("/stop hit/ /SOL/", "e1"),
        ("defi-1 !", "e1 e2 e3"),
        ("pair:SOL* !type:close", "e3"),
        ("pair:SOL.*", ""),
        ("(sol|btc) ?", "e1 e3"),
        ("12:30|(?:sol)", "e1 e3"),
    ],
)
def test_what_is_typed_finds_what_a_person_means(typed: str, found: str) -> None:
    wanted = parse(typed)
    assert wanted.problem == ""
    assert " ".join(event.id for event in ALL if wanted.accepts(event)) == found


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("sol(", "missing )"),
        ("!sol(", "missing )"),
        ("type:error sol(", "missing )"),
        ("pair:/sol(/", "missing )"),
        ("pair:", "pair: of what? pair:SOL*"),
        ("type:error !bot: x", "bot: of what?"),
        ('strategy:""', "strategy: of what?"),
        ("*", "no argument for repetition operator"),
        ("[z-a]", "invalid character class range"),
        ("a{2000}", "invalid repetition size"),
        (r"(sol)\1", "invalid escape sequence"),
        ("(?=sol)", "invalid perl operator"),
        ("x" * (LONGEST + 1), "longer than 1,000 characters"),
        ("\ud800", "half of a character"),
        ("(\x1b[2J", "missing"),
    ],
)
def test_what_is_no_regular_expression_shows_everything_and_says_why(typed: str, problem: str) -> None:
    wanted = parse(typed)
    assert problem in wanted.problem
    assert "\x1b" not in wanted.problem
    assert all(map(wanted.accepts, ALL))


@given(
    st.text(max_size=40)
    | st.lists(st.sampled_from(["type:", "!", "/", '"', " ", "pair:S*", ",", "\0", "(", "x"])).map("".join)
)
def test_nothing_that_can_be_typed_is_a_fault(typed: str) -> None:
    wanted = parse(typed)
    assert wanted.problem == "" or wanted.accepts(CLOSE)
    assert wanted.accepts(CLOSE) in (True, False)


def test_what_would_hang_other_engines_does_not() -> None:
    slow = replace(CLOSE, written="a" * 10_000)
    assert not parse(r"(a+)+$x|(a|aa)+!").accepts(slow)


class Counted:
    """How often something was looked at."""

    def __init__(self, of: Callable[[BotEvent], bool]) -> None:
        self.times = 0
        self._of = of

    def __call__(self, event: BotEvent) -> bool:
        self.times += 1
        return self._of(event)


def test_an_event_is_matched_once_however_often_the_feed_is_shown() -> None:
    sieve = Sieve()
    sieve.passed("sol", ())
    counted = Counted(sieve.filter.terms[0].found)
    sieve.filter = Filter("sol", (Term(counted),))
    assert [e.id for e in sieve.passed("sol", ALL)] == ["e1", "e3"]
    assert [e.id for e in sieve.passed("sol", ALL)] == ["e1", "e3"]
    assert counted.times == 3
    later = (*ALL[1:], replace(CLOSE, id="e4"))
    assert [e.id for e in sieve.passed("sol", later)] == ["e3", "e4"]
    assert counted.times == 4
    assert [e.id for e in sieve.passed("!sol", later)] == ["e2"]


def test_no_filter_is_no_work() -> None:
    assert Sieve().passed("", ALL) is ALL
    assert NO_FILTER.accepts(ERROR)
