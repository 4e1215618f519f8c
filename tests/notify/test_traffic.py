"""A receiver's cap holds over all targets of one recorder, whoever of them has more to say, and over a kill."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notify.making import HOUR, MINUTE, SECOND, T0, quick, sighting
from tradetop.model.level import Level
from tradetop.notify.advance import advance
from tradetop.notify.outbox import Outbox
from tradetop.notify.receiver import Receiver
from tradetop.notify.state import Delivery, Seen, State
from tradetop.notify.traffic import Exchange

BOTS = ("a", "b", "c")


class Targets:
    """Three targets whose alerts a test lets fire; what they send is in `sent`."""

    def __init__(self, receiver: Receiver) -> None:
        self.receiver = receiver
        self.states = {bot: State(bot) for bot in BOTS}
        self.sent: list[tuple[str, Delivery]] = []
        self._exchange = Exchange(map(Path, BOTS))
        for bot in BOTS:
            self._exchange.join(Path(bot), lambda bot=bot: self.states[bot])  # type: ignore[misc]

    def at(self, t: int, bot: str, *names: str, level: Level = Level.WARNING) -> bool:
        """Whether the target sends something at `t`, with these alerts firing."""
        seen = Seen(tuple(sighting(name, bot=bot, level=level) for name in names), frozenset({bot}))
        beside = self._exchange.beside(Path(bot))
        self.states[bot], made = advance(self.states[bot], seen, (), [self.receiver], t, beside=beside)
        self.sent += [(bot, delivery) for delivery in made]
        return bool(made)


def test_ten_an_hour_are_ten_for_three_bots_together() -> None:
    targets = Targets(quick(per_hour=12))
    for i in range(30):
        for bot in BOTS:
            targets.at(T0 + i * MINUTE, bot, *(f"A{n}" for n in range(i + 1)))
    assert Counter(bot for bot, _ in targets.sent) == {"a": 3, "b": 3, "c": 3}
    # Critical ones have the quarter that is kept for them, together too.
    told = [targets.at(T0 + 31 * MINUTE + i, bot, f"Bad{i}", level=Level.CRITICAL) for i, bot in enumerate("abcab")]
    assert told == [True, True, True, False, False]


def test_what_the_cap_held_is_told_once_there_is_room_by_each_bot() -> None:
    targets = Targets(quick(per_hour=3))
    for bot in BOTS:
        targets.at(T0, bot, "A")
        targets.at(T0 + MINUTE, bot, "A", "B", "C")
    assert len(targets.sent) == 3
    for i in range(6 * 60):
        for bot in BOTS:
            targets.at(T0 + 2 * MINUTE + i * MINUTE, bot, "A", "B", "C")
    told = {(bot, item.facts.name) for bot, delivery in targets.sent for item in delivery.items}
    assert told == {(bot, name) for bot in BOTS for name in "ABC"}


@pytest.mark.parametrize("level", [Level.WARNING, Level.CRITICAL])
def test_a_bot_that_never_stops_does_not_take_the_turn_of_one_that_has_waited_longer(level: Level) -> None:
    targets = Targets(quick(per_hour=1))
    assert targets.at(T0, "a", "A", level=level)
    assert not targets.at(T0 + MINUTE, "b", "B", level=level)
    for i in range(58):
        assert not targets.at(T0 + (i + 2) * MINUTE, "a", "A", f"New{i}", level=level)
    # The first to look, but not the first to wait.
    assert not targets.at(T0 + HOUR, "a", "A", "New", level=level)
    assert targets.at(T0 + HOUR, "b", "B", level=level)


def test_a_receiver_without_a_cap_is_sent_everything() -> None:
    targets = Targets(quick(per_hour=0))
    assert all(targets.at(T0 + i, bot, f"A{i}") for i in range(20) for bot in BOTS)


Happening = tuple[int, str, frozenset[str], Level]
"""So much time passes, then these alerts of a bot fire."""
happenings = st.tuples(
    st.sampled_from([SECOND, MINUTE, 11 * MINUTE]),
    st.sampled_from(BOTS),
    st.frozensets(st.sampled_from("ABCD")),
    st.sampled_from([Level.WARNING, Level.CRITICAL]),
)


@given(st.lists(happenings, max_size=60), st.sampled_from([1, 2, 4, 7]))
@settings(max_examples=150, deadline=None)
def test_whatever_happens_no_hour_has_more_than_the_cap(story: list[Happening], cap: int) -> None:
    targets = Targets(quick(per_hour=cap))
    t = T0
    for passes, bot, names, level in story:
        t += passes
        targets.at(t, bot, *sorted(names), level=level)
    sent = [delivery.made for _, delivery in targets.sent]
    assert all(sum(t - HOUR < other <= t for other in sent) <= cap for t in sent)


def test_the_next_process_knows_what_went_out_of_targets_that_it_has_not_taken_yet(tmp_path: Path) -> None:
    receiver, paths = quick(per_hour=1), [tmp_path / f"{bot}.notify" for bot in BOTS]
    first = Outbox(paths[0], T0)
    seen = Seen((sighting("A", bot="a"),), frozenset({"a"}))
    first.keep(*advance(first.state, seen, (), [receiver], T0))
    assert len(first.waiting("phone")) == 1
    # Killed: nothing was closed.
    exchange, second = Exchange(paths), Outbox(paths[1], T0 + MINUTE)
    exchange.join(paths[1], lambda: second.state)
    seen = Seen((sighting("B", bot="b"),), frozenset({"b"}))
    for t, count in ((T0 + MINUTE, 0), (T0 + HOUR, 1)):
        second.keep(*advance(second.state, seen, (), [receiver], t, beside=exchange.beside(paths[1])))
        assert len(second.waiting("phone")) == count
    assert not paths[2].exists()
    first.close()
    second.close()


@pytest.mark.parametrize("content", [b"", b"no database" * 100])
def test_an_outbox_that_cannot_be_read_holds_nobody_back(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.notify").write_bytes(content)
    exchange = Exchange([tmp_path / "a.notify", tmp_path / "b.notify"])
    assert exchange.beside(tmp_path / "b.notify") == {}
    assert (tmp_path / "a.notify").read_bytes() == content
