"""`tradetop drill ALERT --value V`: what would happen if a value became so bad, on the real road and marked DRILL."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import click

from tradetop.cli.notify import ring_bell
from tradetop.cli.options import TargetOptions
from tradetop.cli.refusal import Refusal
from tradetop.cli.wiring import Wiring, wire
from tradetop.cli.zone import Zone
from tradetop.document import nearest
from tradetop.model.alert import Alert, AlertState, Rule
from tradetop.model.clock import SECOND, Clock
from tradetop.model.drill import Drill
from tradetop.model.labels import Labels
from tradetop.model.level import Level
from tradetop.model.sample import Sample
from tradetop.model.silence import Silence, SilenceKind
from tradetop.model.text import clean, one_line
from tradetop.model.unit import Unit
from tradetop.notify.fault import Failure
from tradetop.notify.message import amount
from tradetop.notify.receiver import Receiver, ReceiverKind
from tradetop.notify.send import send
from tradetop.notify.state import Change, Delivery
from tradetop.panes.numbers import duration
from tradetop.promql import Engine
from tradetop.recorder.drilling import SHOWN, Sent, Wait, deliver, drilled, fault, fires_at, rehearse
from tradetop.recorder.notifying import sighting_of
from tradetop.recorder.record import Part
from tradetop.recorder.watch import Watch
from tradetop.rules.expanding import External, expanding
from tradetop.rules.pretence import Pretence, pretend
from tradetop.rules.silencing import attended
from tradetop.scrape.scrape import Scraper
from tradetop.store.place import subject

FINE, FOUND = 0, 1
PATIENCE = 5.0
"""Seconds that the event database may take."""
ASKED = 200
"""Most characters of a condition that are quoted."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be pretended."""

    watch: Watch
    part: Part
    rule: Rule
    pretence: Pretence
    value: float

    @property
    def unit(self) -> Callable[[float], str]:
        """How the rule's values are written; a share as the rule compares it, which is not in percent."""
        panel = next((p for p in self.watch.dashboard().panels if p.id == self.rule.panel), None)
        if panel is None or panel.unit is Unit.RATIO:
            return lambda value: f"{value:g}"
        return lambda value: amount(value, panel.unit)


class Hurried:
    """A clock that is ahead as far as somebody waits, so that nobody has to."""

    def __init__(self, clock: Clock, begun: int) -> None:
        self._clock = clock
        self._ahead = begun - clock.now()

    def now(self) -> int:
        return self._clock.now() + self._ahead

    def monotonic(self) -> int:
        return self._clock.monotonic() + self._ahead

    async def wait(self, seconds: float) -> None:
        """Let the time pass at once."""
        self._ahead += round(seconds * SECOND)


def drill(said: TargetOptions, name: str, value: float, notify: bool, fast: bool, local: bool) -> int:
    """Pretend that an alert's series has a value. The exit code: 0, or 1 where nobody would be told, or was.

    `local` wants times in the local zone, whatever the configuration says.
    """
    wiring = wire(said)
    zone = Zone(local or wiring.settings.config.local_time)
    ringing = wiring.ringing()
    receivers = ringing.receivers if ringing is not None else ()
    if notify and not receivers:
        raise Refusal("--notify: the configuration names no receivers: see docs/notify.md")
    for line in wiring.rule_problems():
        click.echo(f"tradetop: {line}", err=True)
    plan = _planned(wiring.watches(), name, value, wiring.clock.now())
    _introduce(plan)
    if plan.pretence.problem:
        click.echo(f"cannot be drilled, nor fire: {clean(plan.pretence.problem)}")
        return FOUND
    if not plan.pretence.fires:
        click.echo(f"{plan.unit(value)} is not {plan.pretence.limit}: {plan.rule.name} would stay inactive")
        return FOUND
    held = fires_at(plan.rule, 0, plan.watch.interval(plan.rule))
    clock: Clock = wiring.clock
    wait: Wait = asyncio.sleep
    if fast:
        hurried = Hurried(wiring.clock, wiring.clock.now() - held)
        clock, wait = hurried, hurried.wait
    return asyncio.run(_Run(wiring, plan, receivers, clock, wait, zone).run(notify))


class _Run:
    """One drill while it goes on."""

    def __init__(
        self, wiring: Wiring, plan: Plan, receivers: Sequence[Receiver], clock: Clock, wait: Wait, zone: Zone
    ) -> None:
        self._plan, self._receivers, self._clock, self._wait, self._zone = plan, receivers, clock, wait, zone
        self._notebook = wiring.notebook()
        self._place = subject(plan.watch.path)

    async def run(self, notify: bool) -> int:
        """Everything from pending to the last message; the exit code."""
        plan, begun = self._plan, self._clock.now()
        interval = plan.watch.interval(plan.rule)
        rule, engine = drilled(plan.rule), _engine(plan.watch, plan.part)
        labels = plan.pretence.labels
        external = External(plan.watch.external_labels())
        # Of templates, what the alert's labels become: what is done to it on a screen holds for it here.
        own, _ = expanding(engine, begun, external)(rule, Sample(labels, begun, plan.value))
        kept = self._show(own, begun, fires_at(rule, begun, interval))
        alert: Alert | None = None
        try:
            async for moved in rehearse(rule, labels, plan.value, engine, interval, self._clock, self._wait, external):
                alert = moved.alert
                self._say(moved.t, *self._moved(alert, begun))
        except BaseException:
            if kept:
                self._notebook.end([kept], self._clock.now())
            raise
        assert alert is not None
        silences = self._silences()
        (alert,) = attended([alert], silences, self._clock.now())
        rings = self._judged(alert)
        if not notify or not rings:
            self._notebook.close()
            return FINE
        return await self._notified(alert, silences)

    def _show(self, labels: Labels, begun: int, fires: int) -> str:
        """Let every screen show the drill; its id in the notebook."""
        plan = self._plan
        of = Drill("", plan.rule.name, labels, plan.value, begun, fires, fires + SHOWN)
        kept = self._notebook.drill(self._place, of, bot=plan.part.noted, now=begun)
        if not kept:
            click.echo(f"tradetop: screens will not show it: {self._notebook.notice(begun)}", err=True)
        return kept

    def _moved(self, alert: Alert, begun: int) -> tuple[str, str]:
        value = f"{self._plan.unit(alert.value)} {self._plan.pretence.limit}".strip()
        if alert.state is AlertState.PENDING:
            fires = fires_at(alert.rule, begun, self._plan.watch.interval(self._plan.rule))
            return "pending", f"{value}, fires after {duration(fires - begun)}"
        waited = f", {duration(alert.fired_at - begun)} after it began" if alert.fired_at else ""
        return "FIRING", value + (waited if alert.rule.hold else "")

    def _silences(self) -> tuple[Silence, ...]:
        self._notebook.follow(self._clock.now())
        return self._notebook.silences(self._place, self._plan.part.noted)

    def _judged(self, alert: Alert) -> bool:
        """Say whether anybody is told, and whether they are."""
        now, silence = self._clock.now(), alert.silence
        if silence is None:
            heard = [r.name for r in self._receivers if alert.rule.level >= r.level]
            told = ", ".join(heard) if heard else "nobody: no receiver is configured for it"
            self._say(now, "rings", f"it would be told to {told}" if heard else told)
            return bool(heard)
        until = f" until {self._zone.since(silence.until, now)}" if silence.until else ""
        word = "acknowledged" if silence.kind is SilenceKind.ACK else f"snoozed{until}"
        why = f": {silence.reason}" if silence.reason else ""
        if not alert.is_worse:
            self._say(now, "quiet", f"{word} at {self._plan.unit(silence.value)}{why}")
            return False
        was = self._plan.unit(silence.value)
        self._say(now, "rings", f"again: {word} at {was}, and worse by now{why}")
        return True

    async def _notified(self, alert: Alert, silences: Sequence[Silence]) -> int:
        watch, part = self._plan.watch, self._plan.part
        sighting = sighting_of(part.name, alert, watch.dashboard())
        failed = False
        async for sent in deliver(sighting, silences, self._receivers, _send, self._clock):
            failed = failed or sent.failure is not None
            self._say(sent.t, *_became(sent))
        for receiver in self._receivers:
            if alert.rule.level < receiver.level:
                self._say(self._clock.now(), "not sent", f"{receiver.name}: only {receiver.level.name.lower()} alerts")
        self._notebook.close()
        return FOUND if failed else FINE

    def _say(self, t: int, what: str, more: str) -> None:
        click.echo(f"{self._zone.clock(t)}  {what:<9}  {more}")


async def _looked(watches: Sequence[Watch], now: int) -> None:
    """Learn what there is to know of every bot; one that was never recorded is asked once."""
    for watch in watches:
        watch.recall()
        await watch.recall_events(PATIENCE)
        target = watch.record.target
        if target.url and watch.record.store.last_time("scrape") is None:
            scrape = await Scraper(target).scrape(now)
            watch.glance(scrape)
            if scrape.reason:
                click.echo(f"tradetop: {target.name}: {scrape.reason}", err=True)


def _planned(watches: Sequence[Watch], name: str, value: float, now: int) -> Plan:
    """The drill of an alert's rule; of several of one name the worst that the value would fire."""
    plans: list[Plan] = []
    names: dict[str, None] = {}
    asyncio.run(_looked(watches, now))
    for watch in watches:
        names.update(dict.fromkeys(rule.name for rule in watch.rules()))
        at = watch.record.store.last_time("scrape") or now
        rules = [rule for rule in watch.rules() if rule.name == name]
        for part in watch.record.parts() if rules else ():
            plans += [Plan(watch, part, rule, _pretended(watch, part, rule, value, at), value) for rule in rules]
    if not names:
        who = ", ".join(watch.record.target.name for watch in watches)
        raise Refusal(f"no alert is known of {who} yet: record it first, or give --preset or --rules")
    if not plans:
        raise Refusal(f"no alert is called {clean(name, 80)}; {nearest(name, names)}")
    bots = dict.fromkeys(plan.watch.record.target.name for plan in plans)
    if len(bots) > 1:
        raise Refusal(f"which bot? {', '.join(bots)} have {name}: name one of them")
    return max(plans, key=lambda plan: (plan.pretence.fires, plan.rule.level, plan.pretence.known))


def _pretended(watch: Watch, part: Part, rule: Rule, value: float, at: int) -> Pretence:
    """What the value would mean to the rule at `at` (ms): nothing where the rule could not be evaluated with it."""
    engine = _engine(watch, part)
    pretence = pretend(rule.expr, value, engine, at)
    group = watch.group(rule)
    if pretence.problem or group is None:
        return pretence
    element = Sample(pretence.labels, at, value) if pretence.fires else None
    problem = fault(group, rule, engine, at, External(watch.external_labels()), element)
    return replace(pretence, fires=False, problem=problem) if problem else pretence


def _engine(watch: Watch, part: Part) -> Engine:
    """What the rules of a bot are evaluated by."""
    return Engine(watch.record.series(part), born_counters=watch.record.target.born_counters)


def _introduce(plan: Plan) -> None:
    rule, pretence = plan.rule, plan.pretence
    held = f", for {duration(rule.hold)}" if rule.hold else ""
    severity = Level(max(rule.level, Level.WARNING)).name.lower()
    click.echo(f"DRILL of {rule.name} ({severity}) on {plan.part.name}: {one_line(rule.expr)}{held}")
    click.echo("nothing of it goes into the history; screens show it, marked DRILL, for 5 minutes after it fires")
    if pretence.problem:
        return
    labels = " ".join(f"{k}={v}" for k, v in pretence.labels.items())
    why = ": tradetop doctor says whether it can ever fire"
    click.echo(
        f"as the series {labels or '(without labels)'}" if pretence.known else f"no such series is known now{why}"
    )
    for asked in pretence.also:
        click.echo(f"pretended too, for it does not hold now: {clean(asked, ASKED)}")


def _became(sent: Sent) -> tuple[str, str]:
    over = all(item.change is Change.RESOLVED or item.over is not None for item in sent.delivery.items)
    again = any(item.change is Change.AGAIN for item in sent.delivery.items)
    what = "that it is over" if over else "that it rings again" if again else "that it fires"
    if sent.failure is None:
        return "delivered", f"{sent.receiver}: {what}"
    return "FAILED", f"{sent.receiver}: {what}: {sent.failure.text}"


async def _send(receiver: Receiver, deliveries: Sequence[Delivery], t: int) -> Failure | None:
    """The real road; the bell rings in this terminal."""
    if receiver.kind is ReceiverKind.BELL:
        return ring_bell(deliveries[-1])
    return await send(receiver, deliveries, t)
