"""Notifying: what the judge says of a target goes to the receivers, by whoever records it, screen or no screen."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from tradetop.model.alert import Alert, AlertState
from tradetop.model.clock import MINUTE, SECOND, Clock
from tradetop.model.failed_text import failed_texts
from tradetop.model.notified import Bell, SendFault
from tradetop.model.panel import Dashboard
from tradetop.model.silence import Silence
from tradetop.model.text import clean_lines
from tradetop.model.unit import Unit
from tradetop.notify.advance import advance
from tradetop.notify.fault import Failure
from tradetop.notify.message import span, title
from tradetop.notify.outbox import Letter, Outbox
from tradetop.notify.receiver import Receiver, ReceiverKind
from tradetop.notify.send import Send, send
from tradetop.notify.state import Seen, Sighting
from tradetop.notify.traffic import Exchange
from tradetop.recorder.judge import Judge
from tradetop.recorder.record import Part, Record
from tradetop.rules.evaluate import worst

_SUMMARY = ("summary", "description", "message")
_ACTION = ("runbook", "action", "runbook_url")
"""Annotations that say what is wrong, and what to do; those of a threshold are its panel's own words."""

TICK = SECOND
"""How often it is looked whether something is due (ms)."""

Wait = Callable[[float], Awaitable[None]]


def _no_silences(_subject: str) -> tuple[Silence, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class Ringing:
    """Who is told of alerts, how, and what people have silenced."""

    receivers: tuple[Receiver, ...] = ()
    silences: Callable[[str], Sequence[Silence]] = _no_silences
    """The silences of a target, by what the notebook calls it."""
    send: Send = send
    exchange: Exchange = field(default_factory=Exchange)
    """Where the targets that one process records learn of each other."""


class Notifying:
    """Notifies of one target's alerts, from the time that its lock was taken."""

    def __init__(self, record: Record, judge: Judge, path: Path, subject: str, ringing: Ringing, clock: Clock) -> None:
        """`path` is the outbox's, `subject` what the notebook calls the target."""
        self._record = record
        self._judge = judge
        self._subject = subject
        self._ringing = ringing
        self._clock = clock
        self._outbox = Outbox(path, clock.now())
        self._outbox.drop(ringing.receivers)
        ringing.exchange.join(path, lambda: self._outbox.state)
        self._problem = ""
        self._seen = Seen()
        self._data_since: int | None = None
        """When the bot answered first, or for the first time since it did not (ms); None while it does not."""
        self._busy: set[str] = set()
        self._tasks: asyncio.TaskGroup | None = None

    async def run(self, wait: Wait) -> None:
        """Send what is due, for ever; a receiver that does not answer keeps no other one waiting."""
        async with asyncio.TaskGroup() as self._tasks:
            while True:
                self._advance()
                await wait(TICK / SECOND)

    def judged(self) -> None:
        """Take the judge's word; what is new goes out at once."""
        status = self._record.status
        if status.up is False:
            self._data_since = None
        elif self._data_since is None:
            self._data_since = status.tried_at
        self._seen = _seen(self._record, self._judge, self._data_since)
        self._advance()

    def take(self, ringing: Ringing) -> None:
        """Tell these receivers from now on; what waits for those that are still there goes out to them.

        A message that is on its way is not cut short: it would have to be sent again.
        """
        before, self._problem = self._ringing.receivers, ""
        self._ringing.exchange.leave(self._outbox.path)
        self._ringing = ringing
        ringing.exchange.join(self._outbox.path, lambda: self._outbox.state)
        self._outbox.drop(ringing.receivers)
        moved = {r.name for r in ringing.receivers for old in before if old.name == r.name and not r.is_reached_as(old)}
        self._outbox.hurry(moved, self._clock.now())
        self._advance()

    def complain(self, problem: str) -> None:
        """Say what keeps other receivers from being told, until there are others."""
        self._problem = problem
        self._say()

    def close(self) -> None:
        """Close the outbox: what has not arrived goes out by who records next."""
        self._ringing.exchange.leave(self._outbox.path)
        self._outbox.close()

    def _advance(self) -> None:
        outbox, t = self._outbox, self._clock.now()
        if self._seen.sightings or outbox.state.episodes:
            silences = _named(self._ringing.silences(self._subject), self._record.parts())
            beside = self._ringing.exchange.beside(outbox.path)
            made = advance(
                outbox.state, self._seen, silences, self._ringing.receivers, t, stuck=outbox.stuck(), beside=beside
            )
            outbox.keep(*made)
        for receiver in self._ringing.receivers if self._tasks is not None else ():
            letters = () if receiver.name in self._busy else outbox.due(receiver, t)
            if letters and self._tasks is not None:
                self._busy.add(receiver.name)
                self._tasks.create_task(self._attempt(receiver, letters))
        self._say()

    async def _attempt(self, receiver: Receiver, letters: Sequence[Letter]) -> None:
        try:
            failure = await self._sent(receiver, letters)
        except Exception as error:  # noqa: BLE001 - no receiver may take the recording down with it.
            failure = Failure("failed", f"{receiver.name}: cannot be sent to ({type(error).__name__})")
        finally:
            self._busy.discard(receiver.name)
        if failure is None:
            self._outbox.arrived(letters)
        else:
            self._outbox.failed(letters, failure, self._clock.now())
            now = next((r for r in self._ringing.receivers if r.name == receiver.name), receiver)
            if not now.is_reached_as(receiver):
                self._outbox.hurry([now.name], self._clock.now())
        self._say()

    async def _sent(self, receiver: Receiver, letters: Sequence[Letter]) -> Failure | None:
        t = self._clock.now()
        if receiver.kind is ReceiverKind.BELL:
            last = letters[-1].delivery
            self._record.say(bell=Bell(last.id, t, title(last)))
            return None
        return await self._ringing.send(receiver, [letter.delivery for letter in letters], t)

    def _say(self) -> None:
        notice = "; ".join(filter(None, (self._problem, self._outbox.reason, self._outbox.notice)))
        if self._record.say(send_faults=self._outbox.faults(), outbox_notice=notice):
            self._record.changed()


def _named(silences: Sequence[Silence], parts: Sequence[Part]) -> tuple[Silence, ...]:
    """Silences with bots called as in messages, not as in the notebook."""
    names = {part.noted: part.name for part in parts if part.noted}
    return tuple(replace(silence, bot=names.get(silence.bot, silence.bot)) for silence in silences)


def told(fault: SendFault, now: int) -> str:
    """A receiver's fault at `now` (ms) in one line: "telegram: 401 since 12 m, 3 waiting"."""
    waiting = f", {fault.waiting} waiting" if fault.waiting else ""
    return f"{fault.receiver}: {fault.word} since {span(max(now - fault.since, MINUTE))}{waiting}"


def _seen(record: Record, judge: Judge, data_since: int | None) -> Seen:
    sightings: list[Sighting] = []
    units = {panel.id: panel.unit for panel in judge.dashboard.panels}
    parts = judge.alerts()
    for name, alerts in parts.items():
        seen = set(map(id, worst(alerts)))
        sightings += (_sighting(name, alert, units, outranked=id(alert) not in seen) for alert in alerts)
    bots = frozenset(parts)
    unsure = frozenset((name, rule) for name, rules in judge.unsure(data_since or 0).items() for rule in rules)
    return Seen(tuple(sightings), bots, bots if record.status.up is False else frozenset(), unsure)


def sighting_of(bot: str, alert: Alert, dashboard: Dashboard) -> Sighting:
    """An alert of a bot with the words that go with it."""
    return _sighting(bot, alert, {panel.id: panel.unit for panel in dashboard.panels}, outranked=False)


def _sighting(bot: str, alert: Alert, units: dict[str, Unit], *, outranked: bool) -> Sighting:
    rule = alert.rule
    if alert.state is not AlertState.FIRING:
        outranked = False
    notes = alert.annotations
    summary = next((notes[name] for name in _SUMMARY if name in notes), "" if notes else rule.summary)
    action = next((notes[name] for name in _ACTION if name in notes), "" if notes else rule.runbook)
    for failed in failed_texts(rule, alert.labels, notes):
        # What could not be made says why; what it was to be made of says what was meant.
        meant = f"template of {failed.name}: {failed.template}"
        summary = f"{summary} ({meant})" if summary else meant
    return Sighting(bot, alert, units.get(rule.panel, Unit.NONE), clean_lines(summary), clean_lines(action), outranked)
