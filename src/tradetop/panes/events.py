"""Pane 7: the feed; each kind of event has its colour and its sign."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from tradetop.model.bot_event import BotEvent, EventClass, Fact
from tradetop.model.clock import DAY, MINUTE, SECOND
from tradetop.model.frame import Frame
from tradetop.model.level import Level
from tradetop.model.panel import PaneName
from tradetop.model.unit import Kind, Unit
from tradetop.panes import cells, numbers, times
from tradetop.panes.content import Content, cursor, middle, money_role
from tradetop.panes.glyphs import Marks, marks
from tradetop.panes.line import SEPARATOR, Line, joined, selected, severity, size, text, to_width
from tradetop.panes.look import Glyphs, Hint, Look
from tradetop.panes.oncall import sentence
from tradetop.panes.row import Row, Span
from tradetop.panes.same import Same
from tradetop.theme.roles import Role

_HINTS = (Hint("↵", "open"), Hint("/", "filter"), Hint("f", "follow"), Hint("z", "zoom"))
_ROLES = {
    EventClass.SIGNAL: Role.SIGNAL,
    EventClass.RISK: Role.RISK,
    EventClass.OPEN: Role.OPEN,
    EventClass.CLOSE: Role.CLOSE,
    EventClass.TRADE: Role.OPEN,
    EventClass.SETTLEMENT: Role.CLOSE,
    EventClass.ERROR: Role.ERROR,
    EventClass.HEALTH: Role.INFO,
    EventClass.RESTART: Role.INFO,
    EventClass.MARK: Role.SIGNAL,
    EventClass.ONCALL: Role.INFO,
}
_KEPT = 512
"""Lines of events that are kept: most of a feed has been drawn before."""
_WORD = 8
"""Columns in which a text that is cut can still be read."""
_QUIET = {"id", "signal_id", "trade_id", "order_id", "event_id"}
"""Facts that no narrow line has room for; the event's own screen shows them."""
_ERROR_QUIET = frozenset(["category", "error_type", "type", "stack", "stacktrace", "traceback", "stack_trace"])
"""Of an error: what its message says better."""
_REFUSED = frozenset(["rejected", "blocked", "denied"])
_PLAIN = frozenset(
    [
        "side",
        "action",
        "decision",
        "message",
        "reason",
        "error",
        "error_message",
        "text",
        "detail",
        "result",
        "state",
        "status",
        "change",
        "alert",
        "endpoint",
    ]
)
"""Facts whose value says by itself what it is."""


_Columns = tuple[int, int, int]
"""Widths of kind, pair and strategy; 0 drops the column."""


def content(frame: Frame, look: Look, width: int, height: int) -> Content:
    """The newest events, newest at the bottom."""
    feed = frame.feed
    at = cursor(look, PaneName.EVENTS)
    last = len(feed.events) - (0 if at is None else _below(at, look.scroll, height))
    oldest = last <= height
    shown = feed.events[max(0, last - height) : last] if height > 0 else ()
    columns = _columns(shown, width)
    rows: list[Line] = []
    for event in shown:
        row = line(event, frame, look, width, columns)
        chosen = at is not None and event is feed.events[max(0, len(feed.events) - 1 - at)]
        rows.append(selected(row, look.mono) if chosen else row)
    if not rows:
        rows = _nothing(frame, look, width, height)
    stale = (feed.reason or "source gone") if feed.stale else ""
    return Content(
        "Events", rows, _right(frame, look, len(feed.events) - last, oldest=oldest), stale=stale, hints=_HINTS
    )


def _below(at: int, since: int, height: int) -> int:
    """How many events are newer than the window's last row, so that the cursor's (`at`, from the newest) is in it.

    The window stays where it was while events come in below it (`since` of them), and moves on by two thirds of a page.
    """
    step = max(1, height * 2 // 3)
    if at < since:
        return max(0, since + (at - since) // step * step)
    return since + max(0, -(-(at - since - height + 1) // step) * step)


def _nothing(frame: Frame, look: Look, width: int, height: int) -> list[Line]:
    """What an empty feed says: that the filter hides everything, or where events would come from."""
    feed = frame.feed
    if feed.hidden:
        many = f"{feed.hidden:,} event{'s' if feed.hidden > 1 else ''}"
        said = [f"nothing matches {_typed(feed.filter)} in {many}", _ways_out(look)]
    elif feed.reason:
        said = [feed.reason]
    elif feed.derived:
        said = ["no events yet: needs an event database beside the URL, or counters that move"]
    else:
        said = ["no events yet"]
    return [*middle(said, width, height)]


def _ways_out(look: Look) -> str:
    """The keys that change a filter, as they are called here."""
    change, leave = look.own_key("/"), look.own_key("Esc")
    said = [f"{change} changes it" if change else "", f"{leave} on the overview ends it" if leave else ""]
    return ", ".join(filter(None, said))


def _typed(filtered: str) -> str:
    """A filter as it was typed: `/SOL`, `!SOL`."""
    return filtered if filtered.startswith("!") else f"/{filtered}"


def line(event: BotEvent, frame: Frame, look: Look, width: int, columns: _Columns) -> Row:
    """One event: time, sign and type, pair, strategy, facts."""
    return _line(Same(event), _when(event, frame, look), look.offset, _mode(frame), look.glyphs, width, columns)


@lru_cache(maxsize=_KEPT)
def _line(
    same: Same[BotEvent], when: str, offset: int, mode: str, glyphs: Glyphs, width: int, columns: _Columns
) -> Row:
    event, (kind, pair, strategy) = same.of, columns
    spans = [
        Span(f"{when} ", Role.MUTED),
        Span(f"{glyph(event, marks(glyphs))} {cells.fit(word(event), kind)} ", role(event)),
    ]
    # What concerns no pair and no strategy has all of the line for its words.
    if pair and (event.pair or event.strategy):
        spans.append(Span(cells.fit(event.pair, pair) + "  "))
    if strategy and (event.pair or event.strategy):
        spans.append(Span(cells.fit(event.strategy, strategy) + "  ", Role.SECONDARY))
    if event.repeats:
        spans.append(Span(f"x{len(event.repeats) + 1:,} ", Role.PRIMARY, bold=True))
    if event.cls is EventClass.ONCALL:
        return to_width([*spans, Span(sentence(event, offset), Role.SECONDARY)], width)
    return to_width([*spans, *facts(event, mode, width - size(spans))], width)


def _mode(frame: Frame) -> str:
    """The mode that the header says, which no row needs to repeat."""
    return frame.subject.mode.value if frame.subject is not None else ""


def glyph(event: BotEvent, sign: Marks) -> str:
    """The sign of an event's kind."""
    if event.cls is EventClass.ALERT:
        return sign.level(event.level)
    return {
        EventClass.SIGNAL: sign.signal,
        EventClass.RISK: sign.risk,
        EventClass.OPEN: sign.open,
        EventClass.CLOSE: sign.close,
        EventClass.TRADE: sign.trade,
        EventClass.SETTLEMENT: sign.trade,
        EventClass.ERROR: sign.error,
        EventClass.HEALTH: sign.health,
        EventClass.RESTART: sign.restart,
        EventClass.SCRAPE: sign.scrape,
        EventClass.MARK: sign.mark,
        EventClass.ONCALL: sign.off,
    }.get(event.cls, sign.unlit)


def word(event: BotEvent) -> str:
    """An event's kind in a word."""
    return event.type if event.cls is EventClass.OTHER else event.cls.value


def facts(event: BotEvent, mode: str = "", width: int = 10_000) -> list[Span]:
    """What is worth reading of an event, in colours that mean something; not the `mode` that is known.

    What does not fit into `width` gives way to what does: half a number would be another number. Words can be read in
    part, but only sentences are worth it.
    """
    quiet = _QUIET | _ERROR_QUIET if event.cls is EventClass.ERROR else _QUIET
    shown = [f for f in event.facts if f.name not in quiet and not _is_mode(f, mode) and f.value != word(event)]
    found: list[Span] = []
    for fact in shown or event.facts:
        more = [*([Span("  ")] if found else []), *_fact(fact, tone(event))]
        free = width - size(found)
        if size(more) <= free:
            found += more
        elif isinstance(fact.value, str) and (" " in fact.value or not found) and free >= _WORD + len(more) * 2 - 2:
            return [*found, *to_width(more, free)]
    return found


def _is_mode(fact: Fact, mode: str) -> bool:
    return fact.name == "mode" and isinstance(fact.value, str) and fact.value.upper() == mode


def tone(event: BotEvent) -> Role:
    """The colour of an event's words: an error's, a refusal's, else its level's."""
    if event.cls is EventClass.ERROR:
        return Role.ERROR
    refused = event.cls is EventClass.RISK and any(
        isinstance(f.value, str) and f.value.lower() in _REFUSED for f in event.facts
    )
    return severity(event.level, Role.WARN if refused else Role.MUTED)


def _fact(fact: Fact, tone: Role) -> list[Span]:
    if isinstance(fact.value, str):
        said = fact.value if fact.name in _PLAIN else f"{fact.name} {fact.value}"
        return [Span(said, tone)]
    if fact.unit is Unit.SECONDS and abs(fact.value) >= MINUTE / SECOND:
        return [Span(f"{fact.name} {numbers.short(fact.value * SECOND)}", tone)]
    if fact.kind is Kind.MONEY and fact.unit is Unit.NONE:
        return [Span(f"{fact.name} {numbers.price(fact.value)}", tone)]
    amount = numbers.amount(fact.value, fact.unit, signed=fact.name.startswith("pnl"))
    if fact.name.startswith("pnl"):
        return [Span(amount.digits, money_role(fact.value), bold=True), *text(str(amount)[len(amount.digits) :])]
    return [Span(f"{fact.name} {amount}", tone)]


def role(event: BotEvent) -> Role:
    """The colour of an event's kind."""
    if event.cls is EventClass.CLOSE and event.pnl is not None and event.pnl < 0:
        return Role.LOSS
    if event.cls is EventClass.ALERT:
        return severity(event.level, Role.OK)
    if event.cls in {EventClass.HEALTH, EventClass.SCRAPE} and event.level is not Level.OK:
        return severity(event.level)
    return _ROLES.get(event.cls, Role.MUTED)


def _when(event: BotEvent, frame: Frame, look: Look) -> str:
    if frame.at - event.t > DAY:
        return f"{times.stamp(event.t, look.offset)[5:10]:<8}"
    return times.clock(event.t, look.offset)


def _columns(shown: Sequence[BotEvent], width: int) -> _Columns:
    kind = min(8, max([6, *(cells.width(word(e)) for e in shown)]))
    pair = min(12, max([0, *(cells.width(e.pair) for e in shown)])) if any(e.pair for e in shown) else 0
    strategy = min(14, max([0, *(cells.width(e.strategy) for e in shown)])) if width >= 70 else 0
    return kind, pair, strategy


def _right(frame: Frame, look: Look, newer: int, *, oldest: bool) -> list[Span]:
    sign = marks(look.glyphs)
    feed = frame.feed
    parts: list[Line] = []
    if feed.problem:
        parts.append([Span(_typed(feed.filter), Role.WARN, bold=True)])
        parts.append([Span(feed.problem, Role.WARN)])
    elif feed.filter:
        total = max(feed.total, len(feed.events) + feed.hidden)
        many = f"{total - feed.hidden:,} of {total:,}"
        parts.append([Span(_typed(feed.filter), Role.PRIMARY, bold=True)])
        parts.append(text((many, Role.FOREGROUND)))
    if not frame.view.folded:
        parts.append(text("unfolded"))
    if feed.dropped and oldest:
        parts.append(text((f"{feed.dropped:,} older dropped", Role.INFO)))
    if feed.derived:
        parts.append(text(("derived from metrics", Role.INFO)))
    if look.following and not newer:
        parts.append([Span(f"{sign.ok} ", Role.OK), *text("following")])
    else:
        parts.append(text((f"{newer:,} newer", Role.INFO)) if newer else text(f"{sign.off} not following"))
    if feed.per_hour:
        parts.append(text((f"{numbers.count(feed.per_hour)}/h", Role.FOREGROUND)))
    return joined(parts, SEPARATOR)
