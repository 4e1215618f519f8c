"""The machine: from alerts as they are now to the messages that must go out, as a pure function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from tradetop.model.alert import AlertState
from tradetop.model.clock import HOUR
from tradetop.model.level import Level
from tradetop.model.silence import Silence, applies, rings_again
from tradetop.notify.receiver import Receiver, ReceiverKind
from tradetop.notify.state import (
    Change,
    Delivery,
    Episode,
    Facts,
    Item,
    Ledger,
    Seen,
    Sighting,
    State,
    Told,
    Waiting,
    is_urgent,
)
from tradetop.notify.traffic import Elsewhere, Traffic

_FIRST = frozenset({Change.FIRING, Change.PASSED})
"""What a receiver is told that has not heard of an alert before."""
Queue = Mapping[str, Waiting]
"""What a receiver is to be told, by fingerprint."""
NOBODY: AbstractSet[str] = frozenset()
ALONE: Traffic = {}
_NOTHING = Elsewhere()


def advance(
    state: State,
    seen: Seen,
    silences: Sequence[Silence],
    receivers: Sequence[Receiver],
    t: int,
    *,
    stuck: AbstractSet[str] = NOBODY,
    beside: Traffic = ALONE,
    drill: bool = False,
) -> tuple[State, tuple[Delivery, ...]]:
    """The state at `t` (ms), and the deliveries that are due; may be called at any time, however often.

    Every alert that fires is told to every receiver whose level it has, once: a resolved one only where it was told
    before, or both together. Receivers that are `stuck` have messages waiting: they get no repetitions. An Alertmanager
    goes on hearing of what it knows, silenced or not: it would take its own alerts as resolved otherwise. What goes out
    `beside` counts for the receivers' caps.
    """
    # Two rules may have one name and give the same labels: where one of them fires, the alert does.
    now = {s.fingerprint: s for s in sorted(seen.sightings, key=lambda s: s.alert.state is AlertState.FIRING)}
    episodes = _episodes(state, now, seen, silences, receivers, stuck, t)
    queues = _queues(episodes)
    ledgers, serial, found = dict(state.ledgers), state.serial, []
    for receiver in receivers:
        queue, ledger = queues.get(receiver.name, {}), ledgers.get(receiver.name, Ledger(receiver.name))
        due = _due(receiver, ledger, queue, episodes, t)
        held = bool(queue) and (
            ledger.held
            if due is None
            else not _allowed(receiver, ledger, due, episodes, beside.get(receiver.name, _NOTHING), t)
        )
        if due is None or held:
            if held is not ledger.held:
                ledgers[receiver.name] = replace(ledger, held=held)
            continue
        serial += 1
        items = tuple(_item(key, waiting.change, episodes[key], now.get(key)) for key, waiting in due.items())
        found.append(Delivery(f"{state.origin}-{serial}", receiver.name, t, items, ledger.held, drill))
        ledgers[receiver.name] = Ledger(receiver.name, (*(s for s in ledger.sent if s > t - HOUR), t))
        for item in items:
            episodes[item.fingerprint] = _told(episodes[item.fingerprint], item, receiver.name, t)
    kept = {key: episode for key, episode in episodes.items() if episode.over is None or episode.waiting}
    return State(state.origin, serial, kept, ledgers), tuple(found)


def _episodes(
    state: State,
    now: Mapping[str, Sighting],
    seen: Seen,
    silences: Sequence[Silence],
    receivers: Sequence[Receiver],
    stuck: AbstractSet[str],
    t: int,
) -> dict[str, Episode]:
    """The alerts that receivers know of or are to be told of, with what is to be told."""
    found: dict[str, Episode] = {}
    for key in {**state.episodes, **now}:
        before, sighting = state.episodes.get(key), now.get(key)
        after = _followed(before, sighting, seen, silences, t)
        if after is not None:
            muted = after.silenced or (sighting is not None and sighting.outranked)
            woken = before is not None and _woken(before, after)
            after = _queued(after, muted, woken, seen, receivers, stuck, t)
            if after.over is None or after.waiting:
                found[key] = after
    return found


def facts_of(sighting: Sighting) -> Facts:
    """What a message tells of an alert."""
    alert = sighting.alert
    rule = alert.rule
    return Facts(
        sighting.bot,
        rule.name,
        tuple(alert.labels.items()),
        rule.level,
        alert.value,
        sighting.unit,
        alert.active_at,
        alert.active_at if alert.fired_at is None else alert.fired_at,
        rule.condition,
        sighting.summary,
        sighting.action,
    )


def _followed(
    before: Episode | None, sighting: Sighting | None, seen: Seen, silences: Sequence[Silence], t: int
) -> Episode | None:
    """The alert's episode with what is seen of it by now; None where there is none."""
    state = AlertState.INACTIVE if sighting is None else sighting.alert.state
    if sighting is not None and state is AlertState.FIRING:
        if before is None or before.over is not None:
            # One that is back before its end was told to everybody goes on for those who have not heard of it.
            before = (
                Episode(facts_of(sighting)) if before is None else replace(before, facts=facts_of(sighting), over=None)
            )
        return _silenced(before, sighting, silences, t)
    if before is None or before.over is not None or state is AlertState.PENDING:
        # One that fired, and is pending in a process that began since, goes on.
        return before
    bot = before.facts.bot
    if bot not in seen.bots or bot in seen.dark or (bot, before.facts.name) in seen.unsure:
        return before
    ended = sighting.alert.resolved_at if sighting is not None else None
    return replace(before, over=t if ended is None else ended)


def _silenced(episode: Episode, sighting: Sighting, silences: Sequence[Silence], t: int) -> Episode:
    level = sighting.alert.rule.level
    if not silences and not episode.silenced and not episode.outgrown and level is episode.facts.level:
        return episode
    # A restart makes an alert new to its rule; to people it is the one that they have silenced.
    alert = replace(sighting.alert, active_at=episode.facts.since)
    spoken = [s for s in silences if applies(s, sighting.bot, alert, t)]
    outgrown = tuple(s.id for s in spoken if s.id in episode.outgrown or rings_again(s, alert))
    silenced = len(outgrown) < len(spoken)
    facts = episode.facts
    if level is not facts.level:
        facts = replace(facts_of(sighting), since=facts.since, fired_at=facts.fired_at)
    if (silenced, outgrown) == (episode.silenced, episode.outgrown) and facts is episode.facts:
        return episode
    return replace(episode, facts=facts, silenced=silenced, outgrown=outgrown)


def _woken(before: Episode, after: Episode) -> bool:
    """Whether an alert that receivers know of must ring once more."""
    if after.over is not None or after.silenced:
        return False
    return before.silenced or after.facts.level > before.facts.level


def _queued(
    episode: Episode,
    muted: bool,
    woken: bool,
    seen: Seen,
    receivers: Sequence[Receiver],
    stuck: AbstractSet[str],
    t: int,
) -> Episode:
    """The episode with what each receiver is to be told of it."""
    if episode.over is None and episode.facts.bot not in seen.bots:
        return episode
    told = {told.receiver: told.at for told in episode.told}
    waits = {waiting.receiver: waiting for waiting in episode.waiting}
    waiting: list[Waiting] = []
    for receiver in receivers:
        known = waits.get(receiver.name)
        change = _change(episode, receiver, told.get(receiver.name), known, muted, woken, receiver.name in stuck, t)
        if change is not None:
            kept = known is not None and (known.change is change or {known.change, change} == _FIRST)
            waiting.append(Waiting(receiver.name, change, known.since if known is not None and kept else t))
    found = tuple(waiting)
    return episode if found == episode.waiting else replace(episode, waiting=found)


def _change(
    episode: Episode,
    receiver: Receiver,
    told_at: int | None,
    waits: Waiting | None,
    muted: bool,
    woken: bool,
    stuck: bool,
    t: int,
) -> Change | None:
    """What a receiver, which was told at `told_at` and waits for something, is to be told at `t`; None for nothing."""
    if episode.over is not None:
        if told_at is not None:
            return Change.RESOLVED if receiver.send_resolved else None
        return Change.PASSED if waits is not None else None
    if muted and (told_at is None or receiver.kind is not ReceiverKind.ALERTMANAGER):
        return None
    if told_at is None:
        facts = episode.facts
        wanted = facts.level >= receiver.level and t - facts.fired_at >= receiver.after
        return Change.FIRING if wanted or waits is not None else None
    if not muted and (woken or (waits is not None and waits.change is Change.AGAIN)):
        return Change.AGAIN
    if receiver.repeat_interval and t - told_at >= receiver.repeat_interval and not stuck:
        return Change.STILL
    return None


def _queues(episodes: Mapping[str, Episode]) -> dict[str, dict[str, Waiting]]:
    found: dict[str, dict[str, Waiting]] = {}
    for key, episode in episodes.items():
        for waiting in episode.waiting:
            found.setdefault(waiting.receiver, {})[key] = waiting
    return found


def _due(receiver: Receiver, ledger: Ledger, found: Queue, episodes: Mapping[str, Episode], t: int) -> Queue | None:
    """What goes to a receiver now; None where nothing does."""
    quiet = receiver.quiet
    if found and quiet is not None and quiet.hold(t):
        loud = quiet.critical
        found = {key: w for key, w in found.items() if loud and episodes[key].facts.level is Level.CRITICAL}
    if not found or t - min(w.since for w in found.values()) < receiver.group_wait:
        return None
    last = max(ledger.sent, default=None)
    if last is not None and t - last < receiver.group_interval and not _urgent(found, episodes):
        return None
    return found


def _allowed(
    receiver: Receiver, ledger: Ledger, due: Queue, episodes: Mapping[str, Episode], beside: Elsewhere, t: int
) -> bool:
    """Whether the receiver's cap leaves room for one more message, and for what has waited longer beside it."""
    pressing = [waiting for key, waiting in due.items() if is_urgent(waiting, episodes[key])]
    room = receiver.room(urgent=bool(pressing))
    if room is None:
        return True
    # A new critical alert waits for no other's turn than that of one like it.
    since = min(waiting.since for waiting in pressing or due.values())
    before = sum(other < since for other in (beside.urgent if pressing else beside.held))
    return sum(s > t - HOUR for s in (*ledger.sent, *beside.sent)) + before < room


def _urgent(due: Queue, episodes: Mapping[str, Episode]) -> bool:
    return any(is_urgent(waiting, episodes[key]) for key, waiting in due.items())


def _item(key: str, change: Change, episode: Episode, sighting: Sighting | None) -> Item:
    """The alert with its newest value; it is active since it was first seen, whatever a restart says."""
    facts = episode.facts
    if sighting is not None and sighting.alert.state is not AlertState.PENDING:
        facts = replace(facts_of(sighting), since=facts.since, fired_at=facts.fired_at)
    return Item(key, facts, change, episode.over)


def _told(episode: Episode, item: Item, receiver: str, t: int) -> Episode:
    """The episode once the receiver has been told."""
    waiting = tuple(w for w in episode.waiting if w.receiver != receiver)
    told = tuple(told for told in episode.told if told.receiver != receiver)
    if episode.over is None:
        told = (*told, Told(receiver, t))
    return replace(episode, facts=item.facts, waiting=waiting, told=told)
