"""Whatever happens in whatever order: nothing is lost, nothing is told twice, caps hold, an end follows a beginning."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from notify.making import HOUR, MINUTE, SECOND, T0, World, sighting
from tradetop.model.alert import AlertState
from tradetop.model.level import Level
from tradetop.model.panel import Side
from tradetop.model.silence import Silence, SilenceKind
from tradetop.notify.message import BODY, body, title
from tradetop.notify.receiver import QuietHours, Receiver
from tradetop.notify.state import Delivery

NAMES = ("A", "B", "C", "D")
LEVELS = {"A": Level.WARNING, "B": Level.WARNING, "C": Level.CRITICAL, "D": Level.CRITICAL}


@dataclass(frozen=True)
class Step:
    """So much time passes, then these alerts fire with this value."""

    passes: int
    firing: frozenset[str]
    pending: frozenset[str]
    value: float
    silenced: frozenset[str]
    dark: bool


spans = st.sampled_from([1, SECOND, 10 * SECOND, MINUTE, 7 * MINUTE, HOUR, 5 * HOUR])
some = st.frozensets(st.sampled_from(NAMES))
steps = st.builds(Step, spans, some, some, st.floats(8, 100), some, st.booleans())
receivers = st.builds(
    Receiver,
    st.sampled_from(["phone", "mail", "boss"]),
    level=st.sampled_from([Level.WARNING, Level.CRITICAL]),
    after=st.sampled_from([0, 0, 15 * MINUTE]),
    group_wait=st.sampled_from([0, 10 * SECOND]),
    group_interval=st.sampled_from([0, 5 * MINUTE]),
    repeat_interval=st.sampled_from([0, HOUR]),
    per_hour=st.sampled_from([0, 1, 2, 5]),
    send_resolved=st.booleans(),
    quiet=st.sampled_from([None, QuietHours(22 * 60, 7 * 60, ZoneInfo("Europe/Berlin"))]),
)
some_receivers = st.lists(receivers, min_size=1, max_size=3, unique_by=lambda r: r.name)


def silence(name: str, t: int, value: float) -> Silence:
    return Silence(f"{name} {t}", SilenceKind.SNOOZE, name, t, t + HOUR, value=value, side=Side.ABOVE)


def play(world: World, story: list[Step]) -> int:
    """Let the story happen; the time at its end."""
    t, since = T0, dict.fromkeys(NAMES, T0)
    for step in story:
        t += step.passes
        world.dark = frozenset({"bot"}) if step.dark else frozenset()
        world.silences = [silence(name, t, step.value) for name in sorted(step.silenced)]
        states = dict.fromkeys(step.pending, AlertState.PENDING) | dict.fromkeys(step.firing, AlertState.FIRING)
        since = {name: since[name] if name in states else t for name in NAMES}
        alerts = [sighting(n, step.value, at=since[n], level=LEVELS[n], state=s) for n, s in sorted(states.items())]
        world.at(t, *alerts)
        # Nothing has happened since: nothing more may be said.
        assert world.at(t, *alerts) == []
    return t


def settle(world: World, t: int) -> None:
    """All is well from now on, for a day: whatever has waited has its turn."""
    world.dark, world.silences = frozenset(), ()
    for i in range(24 * 12):
        world.at(t + i * 5 * MINUTE + 1)


def histories(deliveries: list[Delivery]) -> dict[tuple[str, str], str]:
    """For each receiver and alert, what it was told as letters: F, A, S, R, P."""
    told: dict[tuple[str, str], str] = defaultdict(str)
    for delivery in deliveries:
        for item in delivery.items:
            told[delivery.receiver, item.facts.name] += item.change.name[0]
    return told


@given(some_receivers, st.lists(steps, max_size=25))
@settings(max_examples=300, deadline=None)
def test_what_receivers_hear_makes_sense(chosen: list[Receiver], story: list[Step]) -> None:
    world = World(chosen)
    settle(world, play(world, story))
    grammar = {r.name: r"(F[AS]*R|P)*" if r.send_resolved else r"(F[AS]*|P)*" for r in chosen}
    for (receiver, name), told in histories(world.deliveries).items():
        assert re.fullmatch(grammar[receiver], told), (receiver, name, told)
    assert world.state.episodes == {}


@given(some_receivers, st.lists(steps, max_size=25))
@settings(max_examples=200, deadline=None)
def test_every_alert_that_fires_is_told_to_all_whom_it_concerns(chosen: list[Receiver], story: list[Step]) -> None:
    world = World(chosen)
    story = [Step(s.passes, s.firing, s.pending, s.value, frozenset(), s.dark) for s in story]
    settle(world, play(world, story))
    told = histories(world.deliveries)
    fired = {name for step in story for name in step.firing}
    for receiver in chosen:
        wanted = {n for n in fired if LEVELS[n] >= receiver.level and receiver.after == 0}
        assert wanted <= {name for who, name in told if who == receiver.name}
        assert all(LEVELS[name] >= receiver.level for who, name in told if who == receiver.name)


@given(some_receivers, st.lists(steps, max_size=40))
@settings(max_examples=200, deadline=None)
def test_no_message_goes_out_twice_and_caps_hold(chosen: list[Receiver], story: list[Step]) -> None:
    world = World(chosen)
    settle(world, play(world, story))
    ids = [delivery.id for delivery in world.deliveries]
    assert len(set(ids)) == len(ids)
    for receiver in chosen:
        sent = [d.made for d in world.deliveries if d.receiver == receiver.name]
        for t in sent if receiver.per_hour else ():
            assert sum(t - HOUR < other <= t for other in sent) <= receiver.per_hour


@given(some_receivers, st.lists(steps, max_size=10), st.text(max_size=3_000))
@settings(max_examples=100, deadline=None)
def test_every_message_is_short_and_says_whose_and_what(chosen: list[Receiver], story: list[Step], text: str) -> None:
    world = World(chosen)
    play(world, story)
    world.at(T0 + 50 * HOUR, *(sighting(f"N{i}", summary=text, action=text, pair="P" * 50) for i in range(40)))
    world.at(T0 + 60 * HOUR, *(sighting(f"N{i}", summary=text, action=text, pair="P" * 50) for i in range(40)))
    for delivery in world.deliveries:
        assert len(title(delivery)) <= 200 + 30
        assert "bot: " in title(delivery)
        assert len(body(delivery)) <= BODY + 100
        assert delivery.id in body(delivery)
