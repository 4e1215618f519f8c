"""Frames: every part hidden in its own way, and kept while it stays the same."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar
from urllib.parse import urlsplit

from tradetop.model.alert import Alert, DeadRule, Rule
from tradetop.model.bot_event import BotEvent, EventClass
from tradetop.model.detail_frame import DetailFrame, ExplainFrame
from tradetop.model.feed_frame import FeedFrame, Incident, Position, Story
from tradetop.model.frame import BotFrame, Frame, RecorderFrame
from tradetop.model.hidden import HIDDEN
from tradetop.model.labels import EMPTY, Labels
from tradetop.model.level import Level
from tradetop.model.mark import Mark
from tradetop.model.silence import Silence
from tradetop.model.target import Component, Health, LineError
from tradetop.model.unit import Unit
from tradetop.model.view import View
from tradetop.redact import errors
from tradetop.redact.events import event
from tradetop.redact.explained import Texts, numbers
from tradetop.redact.lines import exposition, expression
from tradetop.redact.panels import Panels, Veil, hidden, is_secret, number, reading
from tradetop.redact.words import Words, is_host, named, said

T = TypeVar("T")

_ENDS = [side + level for side in ("", "High", "Low") for level in ("", *(level.name.capitalize() for level in Level))]
"""What the name of a panel's alert may have behind the panel's own: what tells its thresholds apart."""


def redact(frame: Frame) -> Frame:
    """The frame without amounts, quantities, ids and hosts; percentages, counts, durations, times and shapes stay."""
    return Redactor().redact(frame)


class Redactor:
    """Redacts frame after frame; a part that is the same object as before gives the same object as before."""

    def __init__(self) -> None:
        self._words = Words()
        self._kept: dict[str, tuple[tuple[object, ...], object]] = {}
        self._panels: dict[int, Panels] = {}
        self._events: dict[int, tuple[BotEvent, BotEvent]] = {}
        """The feed's events, each with what is left of it, by identity."""

    def redact(self, frame: Frame) -> Frame:
        """What the function of this name gives."""
        if frame.redacted:
            return frame
        panels = self._panels.setdefault(frame.bot, Panels(self._words))
        known = frame.panels
        return replace(
            frame,
            view=self._view(frame.view, panels),
            panels=self._part("panels", lambda: panels.frames(known), known),
            bots=self._part("bots", lambda: tuple(map(self._bot, frame.bots)), *frame.bots),
            limits=self._part("limits", lambda: tuple(map(panels.limit, frame.limits)), frame.limits, known),
            alerts=self._part("alerts", lambda: self._alerts(frame.alerts, panels), frame.alerts, known),
            dead=self._part("dead", lambda: tuple(self._dead(dead, panels) for dead in frame.dead), frame.dead, known),
            feed=self._part("feed", lambda: self._feed(frame, panels), frame.feed, frame.alerts, known),
            error_groups=self._part("groups", lambda: tuple(map(errors.group, frame.error_groups)), frame.error_groups),
            errors_by_type=self._part("types", lambda: errors.tallies(frame.errors_by_type), frame.errors_by_type),
            errors_by_pair=self._part("pairs", lambda: errors.tallies(frame.errors_by_pair), frame.errors_by_pair),
            group=self._part("group", lambda: errors.opened(frame.group), frame.group),
            positions=self._part("positions", lambda: _positions(frame.positions), frame.positions),
            recorder=_recorder(frame.recorder),
            detail=self._part("detail", lambda: self._detail(frame, panels), frame.detail, known),
            explained=self._part(
                "explained", lambda: self._explained(frame, panels), frame.explained, frame.alerts, known
            ),
            event=self._part("event", lambda: self._event(frame, panels), frame.event, frame.alerts, known),
            alike=self._part("alike", lambda: frame.alike and errors.group(frame.alike), frame.alike),
            story=self._part("story", lambda: self._story(frame, panels), frame.story, frame.alerts, known),
            marks=self._part("marks", lambda: tuple(map(_mark, frame.marks)), frame.marks),
            incidents=self._part("incidents", lambda: tuple(map(_incident, frame.incidents)), frame.incidents),
            notices=tuple(map(said, frame.notices)),
            redacted=True,
        )

    def _part(self, name: str, make: Callable[[], T], *of: object) -> T:
        known = self._kept.get(name)
        if known is not None and len(known[0]) == len(of) and all(a is b for a, b in zip(known[0], of, strict=True)):
            return known[1]  # type: ignore[return-value]  # The name says which type was kept.
        made = make()
        self._kept[name] = of, made
        return made

    def line(self, text: str) -> str:
        """A passing line of the screen."""
        return said(text)

    def name(self, name: str) -> str:
        """A bot's name, hidden where it is an address."""
        return self._words.alias(name) if is_host(name) else name

    def _view(self, view: View, panels: Panels) -> View:
        focus = view.focus
        if focus is not None and focus.labels is not None:
            focus = replace(focus, labels=panels.labels(focus.labels))
        alert = view.alert
        if alert is not None and alert.labels is not None:
            alert = replace(alert, labels=panels.labels(alert.labels))
        return replace(view, focus=focus, alert=alert, filter=said(view.filter))

    def _bot(self, bot: BotFrame) -> BotFrame:
        def text(of: str) -> str:
            return _without(said(of), host)

        host = _host(bot.url)
        worst = None if bot.worst is None else Panels(self._words).limit(bot.worst)
        return replace(
            bot,
            name=self.name(bot.name),
            url=_address(bot.url),
            reason=text(bot.reason),
            healths=tuple(_health(h, text) for h in bot.healths),
            pnl=reading(bot.pnl),
            worst=worst,
            page_errors=tuple(_line_error(e) for e in bot.page_errors),
            bell=None if bot.bell is None else replace(bot.bell, text="an alert"),
        )

    def _alerts(self, alerts: tuple[Alert, ...], panels: Panels) -> tuple[Alert, ...]:
        return tuple(self._alert(alert, panels) for alert in alerts)

    def _alert(self, alert: Alert, panels: Panels) -> Alert:
        veil = _veil_of(alert.rule, panels)
        value = hidden(alert.value, veil.factor) if veil.any else alert.value
        assert value is not None
        return replace(
            alert,
            rule=self._rule(alert.rule, panels),
            labels=panels.labels(alert.labels),
            value=value,
            silence=None if alert.silence is None else _silence(alert.silence),
            annotations=_texts(alert.annotations, said),
            # It is a host.
            server=alert.server and "server",
        )

    def _dead(self, dead: DeadRule, panels: Panels) -> DeadRule:
        secret = _veil_of(dead.rule, panels).any
        suggestion = expression(dead.suggestion, self._words, secret) if dead.suggestion else ""
        return DeadRule(self._rule(dead.rule, panels), said(dead.reason), suggestion)

    def _rule(self, rule: Rule, panels: Panels) -> Rule:
        secret = _veil_of(rule, panels).any
        text = said if secret else named
        return replace(
            rule,
            expr=expression(rule.expr, self._words, secret),
            labels=panels.labels(rule.labels),
            summary=text(rule.summary),
            condition=text(rule.condition),
            runbook=text(rule.runbook),
            annotations=_texts(rule.annotations, text),
            group=named(rule.group),
            source=HIDDEN if rule.source else "",
            corrects=tuple(map(named, rule.corrects)),
        )

    def _feed(self, frame: Frame, panels: Panels) -> FeedFrame:
        visible = _visible(frame, panels)
        feed = frame.feed
        return replace(
            feed,
            events=self._of_feed(feed.events, visible),
            reason=said(feed.reason),
            filter=said(feed.filter),
            problem=said(feed.problem),
        )

    def _of_feed(self, events: tuple[BotEvent, ...], visible: Callable[[str], bool]) -> tuple[BotEvent, ...]:
        """The events; those of the last feed are taken from there, but for alerts, whose rules may change."""
        before, self._events = self._events, {}

        def one(of: BotEvent) -> BotEvent:
            known = before.get(id(of))
            kept = known is not None and known[0] is of and of.cls is not EventClass.ALERT
            found = known if known is not None and kept else (of, row(of))
            self._events[id(of)] = found
            return found[1]

        def row(of: BotEvent) -> BotEvent:
            told = event(of, self.name, visible)
            return replace(told, repeats=tuple(map(one, of.repeats))) if of.repeats else told

        found = tuple(map(one, events))
        # What a row that is known already tells with it will be asked for again when the row has grown.
        self._events |= {id(of): before[id(of)] for row in events for of in row.repeats if id(of) in before}
        return found

    def _event(self, frame: Frame, panels: Panels) -> BotEvent | None:
        return None if frame.event is None else event(frame.event, self.name, _visible(frame, panels))

    def _story(self, frame: Frame, panels: Panels) -> Story | None:
        story, visible = frame.story, _visible(frame, panels)
        if story is None:
            return None
        signal, risk, opened, close = (part and event(part, self.name, visible) for _, part in story.parts)
        return replace(story, signal=signal, risk=risk, opened=opened, close=close)

    def _detail(self, frame: Frame, panels: Panels) -> DetailFrame | None:
        detail = frame.detail
        if detail is None:
            return None
        veil = panels.veil(detail.panel.id)
        secret = veil is not None and veil.covers(detail.query)
        visible = _visible(frame, panels)
        return replace(
            detail,
            panel=panels.panel(detail.panel),
            series=panels.series(detail.panel, detail.series),
            stats=panels.stats(detail.panel, detail.query, detail.stats),
            expr=expression(detail.expr, self._words, secret),
            raw=tuple(exposition(line, self._words, secret) for line in detail.raw),
            help=named(detail.help),
            used_by=tuple(map(named, detail.used_by)),
            rules=tuple(self._rule(rule, panels) for rule in detail.rules),
            notes=tuple(map(said, detail.notes)),
            events=tuple(event(e, self.name, visible) for e in detail.events),
        )

    def _explained(self, frame: Frame, panels: Panels) -> ExplainFrame | None:
        of = frame.explained
        if of is None:
            return None
        whole = _veil_of(of.rule, panels).any
        texts, visible = Texts(self._words, panels), _visible(frame, panels)
        told = numbers(of, whole)
        return replace(
            told,
            rule=self._rule(of.rule, panels),
            alert=None if of.alert is None else self._alert(of.alert, panels),
            tree=None if told.tree is None else texts.tree(told.tree, whole),
            problem=said(of.problem),
            of=texts.expression(of.of, whole),
            annotations=texts.annotations(of.annotations, whole),
            notes=tuple(map(said, of.notes)),
            events=tuple(event(e, self.name, visible) for e in of.events),
        )


def _texts(texts: Labels, told: Callable[[str], str]) -> Labels:
    return Labels({name: told(text) for name, text in texts.items()})


def _veil_of(rule: Rule, panels: Panels) -> Veil:
    known = panels.veil(rule.panel) if rule.panel else None
    return known or Veil((), own=is_secret(Unit.NONE, rule.expr))


def _visible(frame: Frame, panels: Panels) -> Callable[[str], bool]:
    """Tells by an alert's name whether its value is a share, a count or a duration; what is not known is hidden."""
    shown: set[str] = set()
    for alert in frame.alerts:
        veil = _veil_of(alert.rule, panels)
        if not veil.any:
            shown.add(alert.rule.name)
    for panel in frame.panels:
        of = panels.veil(panel.panel.id)
        if of is not None and not of.own:
            shown.update(t.alert for t in panel.panel.thresholds if t.alert)
            shown.update(panel.panel.alert + end for end in _ENDS if panel.panel.alert)
    return shown.__contains__


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _without(text: str, host: str) -> str:
    return text.replace(host, HIDDEN) if len(host) > 2 else text


def _address(url: str) -> str:
    return HIDDEN if url else ""


def _health(health: Health, text: Callable[[str], str]) -> Health:
    return replace(
        health,
        url=_address(health.url),
        reason=text(health.reason),
        components=tuple(_component(c, text) for c in health.components),
        issues=tuple(map(text, health.issues)),
    )


def _component(component: Component, text: Callable[[str], str]) -> Component:
    return replace(component, name=named(component.name), status=text(component.status), detail=text(component.detail))


def _line_error(error: LineError) -> LineError:
    return replace(error, text=said(error.text), problem=said(error.problem))


def _mark(mark: Mark) -> Mark:
    return replace(mark, text=said(mark.text))


def _silence(silence: Silence) -> Silence:
    """A silence without what it was made of: whether it holds has been decided."""
    return replace(silence, reason=said(silence.reason), labels=EMPTY, value=math.nan)


def _incident(incident: Incident) -> Incident:
    return replace(incident, label=said(incident.label))


def _recorder(recorder: RecorderFrame) -> RecorderFrame:
    notices = tuple(map(said, recorder.notices))
    return replace(recorder, path=_address(recorder.path), reason=said(recorder.reason), notices=notices)


def _positions(positions: tuple[Position, ...]) -> tuple[Position, ...]:
    """Every column with its proportions, so that an order by one of them stays."""
    most = max((abs(p.pnl) for p in positions if p.pnl is not None and p.pnl == p.pnl), default=0.0) or 1.0
    return tuple(
        replace(
            p,
            pair=named(p.pair),
            strategy=named(p.strategy),
            size=number(p.size),
            entry=number(p.entry),
            pnl=hidden(p.pnl, 1 / most),
        )
        for p in positions
    )
