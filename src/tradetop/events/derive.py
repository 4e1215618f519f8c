"""The feed of a bot without an event source: what two scrapes, one after the other, tell."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping

from tradetop.events.classify import category_of, level_of
from tradetop.events.facts import fact, text_in
from tradetop.events.vocabulary import Meaning, meaning_of, switch_of
from tradetop.model.bot_event import BotEvent, EventClass, EventSource, Fact
from tradetop.model.labels import Labels
from tradetop.model.level import Level
from tradetop.model.unit import Kind, Unit

START = "process_start_time_seconds"
_PAIR = ("pair", "symbol", "product", "product_id", "market", "instrument")
_PLACE = ("job", "instance", "environment", "env", "service", "app", "cluster", "namespace", "pod")
OWN = {"__name__", "strategy", *_PLACE, *_PAIR}
_FIRST = ("side", "reason", "breaker", "endpoint", "channel", "type", "status")

_STEPS = ("order_placed", "order_filled", "trade")
"""The steps of one trade, the last of them worth most."""
_UNLABELLED = ("", "")

Scrape = Mapping[Labels, float]


def derive(
    before: Scrape | None, after: Scrape, t: int, *, bot: str, types: Callable[[str], str], fresh: bool = True
) -> tuple[BotEvent, ...]:
    """The events that happened between two good scrapes; `t` is the later one's time (ms).

    `before` is the last good scrape, None where there is none yet: then nothing can be told. `types` gives the page's
    type for a metric name, "" where it has none. A counter that was born since counts from 0, unless scrapes failed in
    between (`fresh` is False): who knows when. A restart is told, and nothing across it.
    """
    if before is None:
        return ()
    if _restarted(before, after, types):
        return (derived("restart", EventClass.RESTART, t, bot, level=Level.WARNING, facts=_start_fact(after)),)
    known = after if fresh else {series: value for series, value in after.items() if series in before}
    return (
        *_modes(before, after, t, bot),
        *_switches(before, after, t, bot),
        *_once(_increases(before, known, t, bot, types)),
    )


def derived(
    type: str,
    cls: EventClass,
    t: int,
    bot: str,
    *,
    subject: str = "",
    facts: tuple[Fact, ...] = (),
    level: Level = Level.OK,
    category: str = "",
    labels: Mapping[str, str] | None = None,
    raw: Mapping[str, object] | None = None,
) -> BotEvent:
    """An event that tradetop worked out; `subject` tells it from others of its kind at the same time."""
    labels = labels or {}
    told = {f.name: f.value for f in facts}
    return BotEvent(
        id=f"{bot} {t} {type} {subject}".rstrip(),
        t=t,
        bot=bot,
        type=type,
        cls=cls,
        source=EventSource.DERIVED,
        pair=next((labels[name] for name in _PAIR if name in labels), ""),
        strategy=labels.get("strategy", ""),
        category=category,
        level=level,
        facts=facts,
        written=json.dumps({"derived": type, "bot": bot, **(raw or {}), **told}, ensure_ascii=False),
    )


def _restarted(before: Scrape, after: Scrape, types: Callable[[str], str]) -> bool:
    """By the process' start time where the page has it, else by when counters were made, or that they fell back."""
    starts = {series: value for series, value in before.items() if series.name == START}
    if starts:
        return any(after.get(series, value) != value for series, value in starts.items())
    made = [series for series in before if series.name.endswith("_created") and series in after]
    if made:
        return 2 * sum(after[series] != before[series] for series in made) > len(made)
    moving = [s for s, value in before.items() if value > 0 and s in after and _is_counter(s.name, types)]
    fallen = sum(after[series] < before[series] for series in moving)
    return 2 * fallen > len(moving)


def _is_counter(name: str, types: Callable[[str], str]) -> bool:
    return types(name) == "counter" or name.endswith("_total")


def _start_fact(after: Scrape) -> tuple[Fact, ...]:
    start = next((value for series, value in after.items() if series.name == START), None)
    return () if start is None else (Fact("started", start, Kind.COUNT, Unit.TIME),)


def _increases(before: Scrape, after: Scrape, t: int, bot: str, types: Callable[[str], str]) -> Iterator[BotEvent]:
    for series, value in after.items():
        meaning = meaning_of(series.name, types(series.name))
        if meaning is None:
            continue
        was = before.get(series, 0.0)
        # A single counter that fell back was reset: it counts from 0 again.
        increase = value - was if value >= was else value
        if 0 < increase < float("inf"):
            yield _increase(series, meaning, increase, was, value, t, bot)


def _once(events: Iterable[BotEvent]) -> Iterator[BotEvent]:
    """The events, but of one trade only the last step: bots count the same one as placed, filled and traded."""
    found = tuple(events)
    steps: dict[tuple[str, str], BotEvent] = {}
    for event in found:
        key = event.pair, text_in(event, "side").lower()
        if event.type in _STEPS and _step(event) > _step(steps.get(key)):
            steps[key] = event
    told = {key for key in steps if key != _UNLABELLED}
    kept = {event.id for key, event in steps.items() if key != _UNLABELLED or not told}
    yield from (event for event in found if event.type not in _STEPS or event.id in kept)


def _step(event: BotEvent | None) -> int:
    return -1 if event is None else _STEPS.index(event.type)


def _increase(series: Labels, meaning: Meaning, by: float, was: float, value: float, t: int, bot: str) -> BotEvent:
    facts = [Fact("result", meaning.result)] if meaning.result else []
    category, level = "", Level.OK
    if meaning.cls is EventClass.ERROR:
        words = series.name.removesuffix("_total").replace("_", " ")
        facts.append(Fact("message", words))
        category = category_of(meaning.type, {"message": words, **series.without(*OWN, "type")})
        if "api" in words.split() and category == "other":
            category = "connection"
        level = level_of(meaning.cls, category, {})
    facts += _label_facts(series)
    if by != 1:
        facts.append(Fact("count", by, Kind.COUNT, Unit.SHORT))
    return derived(
        meaning.type,
        meaning.cls,
        t,
        bot,
        subject=str(series),
        facts=tuple(facts),
        level=Level.CRITICAL if meaning.critical else level,
        category=category,
        labels=series,
        raw={"series": str(series), "before": was, "after": value},
    )


def _label_facts(series: Labels) -> list[Fact]:
    names = [name for name in _FIRST if name in series] + [n for n in series if n not in _FIRST and n not in OWN]
    return [_text_fact(name, series[name]) for name in names]


def _text_fact(name: str, value: str) -> Fact:
    known = fact(name, value)
    return known if isinstance(known.value, str) else Fact(name, value)


def _switches(before: Scrape, after: Scrape, t: int, bot: str) -> Iterator[BotEvent]:
    for series, value in after.items():
        switch = switch_of(series.name)
        was = before.get(series)
        if not switch or was is None or was == value or value != value:
            continue
        words = ("off", "on") if switch == "kill_switch" else ("closed", "open")
        state = words[int(value)] if value in {0, 1} else f"{value:g}"
        facts = (Fact("state", state), *_label_facts(series))
        level = Level.CRITICAL if value > 0 else Level.OK
        raw = {"series": str(series), "before": was, "after": value}
        subject = str(series)
        yield derived(f"{switch}_{state}", EventClass.RISK, t, bot, subject=subject, facts=facts, level=level, raw=raw)


def _modes(before: Scrape, after: Scrape, t: int, bot: str) -> Iterator[BotEvent]:
    old, new = _mode(before), _mode(after)
    if old and new and old != new:
        facts = (Fact("mode", new), Fact("before", old))
        yield derived("mode", EventClass.MARK, t, bot, facts=facts, level=Level.WARNING)


def _mode(scrape: Scrape) -> str:
    """The mode that the page names: the label `mode` of an info-like series that is 1."""
    names = (
        series["mode"]
        for series, value in scrape.items()
        if value == 1 and "mode" in series and series.name.endswith(("mode", "info"))
    )
    return min(names, default="")
