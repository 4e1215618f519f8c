"""The texts of messages: plain, short, and the same however often they are made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from tradetop.model.clock import DAY, HOUR, MINUTE, SECOND
from tradetop.model.level import Level
from tradetop.model.text import clean
from tradetop.model.unit import Unit
from tradetop.notify.state import Change, Delivery, Item

BODY = 1_800
"""Most characters of a body: what the narrowest of the usual services takes."""
_ROOM = 250
"""Characters kept for what is said of alerts that are left out."""
_TITLE = 200
_NAMES = 5
"""Most names that are listed of the alerts that are left out."""

_SUFFIX = {
    Unit.USD: " USD",
    Unit.PERCENT: " %",
    Unit.RATIO: " %",
    Unit.SECONDS: " s",
    Unit.MILLISECONDS: " ms",
    Unit.BYTES: " B",
    Unit.PER_SECOND: " /s",
    Unit.PER_MINUTE: " /min",
    Unit.PER_HOUR: " /h",
}
_ORDER = (Change.AGAIN, Change.FIRING, Change.STILL, Change.PASSED, Change.RESOLVED)


def title(delivery: Delivery) -> str:
    """One line: how bad, whose, what."""
    items = delivery.items
    text = _single(items[0]) if len(items) == 1 else _several(items)
    if delivery.held:
        text = f"{len(items)} more suppressed: {text}"
    return clean(f"DRILL {text}" if delivery.drill else text, _TITLE)


def body(delivery: Delivery) -> str:
    """The alerts, the worst first; those that have no room are counted."""
    items = sorted(delivery.items, key=_place)
    parts: list[str] = ["This is a drill: nothing is wrong."] if delivery.drill else []
    left = BODY - _ROOM - sum(map(len, parts))
    shown = 0
    for item in items:
        part = _part(item, delivery.made, headed=len(items) > 1)
        if shown and len(part) + 2 > left:
            break
        parts.append(part[: max(left, 0)] if not shown else part)
        left -= len(part) + 2
        shown += 1
    if shown < len(items):
        parts.append(_rest(items[shown:]))
    return "\n\n".join([*parts, f"tradetop, message {delivery.id}"])


def is_over(delivery: Delivery) -> bool:
    """Whether nothing in it is firing."""
    return all(item.over is not None for item in delivery.items)


def worst(delivery: Delivery) -> Level:
    """How bad the worst of what is firing is; OK where nothing is."""
    return max((item.facts.level for item in delivery.items if item.over is None), default=Level.OK)


def amount(value: float, unit: Unit) -> str:
    """A number with its unit."""
    match unit:
        case Unit.USD:
            digits = f"{value:,.2f}"
        case Unit.RATIO:
            digits = f"{value * 100:.4g}"
        case Unit.TIME if abs(value) < 1e11:
            return moment(round(value * SECOND))
        case Unit.BOOL:
            return "yes" if value else "no"
        case _:
            digits = f"{value:,.0f}" if value == value // 1 and abs(value) < 1e15 else f"{value:.6g}"
    return digits + _SUFFIX.get(unit, "")


def moment(t: int) -> str:
    """A time (ms) in UTC."""
    return f"{datetime.fromtimestamp(t / SECOND, UTC):%Y-%m-%d %H:%M:%S} UTC"


def span(ms: int) -> str:
    """A duration in its largest unit, and the next."""
    for size, letter, next_size, next_letter in ((DAY, "d", HOUR, "h"), (HOUR, "h", MINUTE, "m")):
        if ms >= size:
            more = ms % size // next_size
            return f"{ms // size} {letter}" + (f" {more} {next_letter}" if more else "")
    return f"{ms // MINUTE} m" if ms >= MINUTE else f"{max(0, ms) // SECOND} s"


def _single(item: Item) -> str:
    facts = item.facts
    return f"[{_word(item)}] {facts.bot}: {facts.name}" + (" rings again" if item.change is Change.AGAIN else "")


def _several(items: Sequence[Item]) -> str:
    firing = [item for item in items if item.over is None]
    level = max((item.facts.level for item in firing), default=None)
    word = "RESOLVED" if level is None else level.name
    bots = {item.facts.bot for item in items}
    whose = next(iter(bots)) if len(bots) == 1 else f"{len(bots)} bots"
    counts = [(len(firing), "firing"), (len(items) - len(firing), "resolved")]
    return f"[{word}] {whose}: " + ", ".join(f"{count:,} alerts {what}" for count, what in counts if count)


def _part(item: Item, t: int, *, headed: bool) -> str:
    facts = item.facts
    value = amount(facts.value, facts.unit)
    limit = f" (limit {facts.condition})" if facts.condition else ""
    end = t if item.over is None else item.over
    since = f"since {moment(facts.since)} ({span(end - facts.since)})"
    if item.over is not None:
        since += f", over since {moment(item.over)}"
    labels = ", ".join(f"{k}={v}" for k, v in facts.labels if k != "severity")
    lines = [_single(item)] if headed else []
    lines += [f"value {value}{limit}", since]
    lines += [facts.summary] if facts.summary else []
    lines += [f"What to do: {facts.action}"] if facts.action and item.over is None else []
    lines += [labels] if labels else []
    return "\n".join(lines)


def _rest(items: Sequence[Item]) -> str:
    names = Counter(item.facts.name for item in items).most_common(_NAMES + 1)
    listed = ", ".join(f"{clean(name, 30)} ({count:,})" for name, count in names[:_NAMES])
    return f"And {len(items):,} more: {listed}{', …' if len(names) > _NAMES else ''}"


def _word(item: Item) -> str:
    if item.change is Change.PASSED:
        return f"{item.facts.level.name}, RESOLVED"
    return "RESOLVED" if item.over is not None else item.facts.level.name


def _place(item: Item) -> tuple[bool, int, int, int, str]:
    """Firing before resolved, then the worst, the newest news, the oldest alert."""
    facts = item.facts
    return item.over is not None, -facts.level, _ORDER.index(item.change), facts.since, facts.name
