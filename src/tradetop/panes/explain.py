"""The bottom of an alert: its state, its expression with every value, a chart against the limit, events around it."""

from __future__ import annotations

from collections.abc import Sequence

from tradetop.model.alert import AlertState
from tradetop.model.bot_event import BotEvent
from tradetop.model.clock import MINUTE
from tradetop.model.detail_frame import ExplainFrame
from tradetop.model.failed_text import failed_texts
from tradetop.model.frame import Frame
from tradetop.model.labels import EMPTY, Labels
from tradetop.model.level import Level, Presence
from tradetop.model.panel import Side
from tradetop.model.text import clean_lines, one_line
from tradetop.model.unit import Unit
from tradetop.panes import cells, events, numbers, times
from tradetop.panes.about import OURS
from tradetop.panes.content import Content, silence
from tradetop.panes.draw.chart import chart
from tradetop.panes.frames import Tab, framed, inner
from tradetop.panes.glyphs import marks
from tradetop.panes.happened import happened
from tradetop.panes.line import SEPARATOR, Line, joined, selected, severity, size, text, window
from tradetop.panes.look import Glyphs, Hint, Look
from tradetop.panes.places import Class, class_of
from tradetop.panes.row import Box, Span
from tradetop.panes.tree import Branch, Drawing, branches, exact
from tradetop.theme.roles import Role

_NAME = 6
"""Columns of the names before what is said of the rule."""
_RUNBOOKS = ("runbook", "runbook_url", "action")
"""Annotations that say what to do, where the rule has no line of its own."""
_CHART = (5, 14)
"""Rows of the chart at least and at most; with less it says nothing."""
_EVENTS = 3
_AROUND = 5 * MINUTE
_HINTS = (Hint("↵", "series"), Hint("Tab", "events"))

Rectangle = tuple[int, int, int, int]
"""x, y, width, height."""


def explain_screen(frame: Frame, look: Look, width: int, height: int) -> list[Box]:
    """The boxes between header and footer."""
    boxed = class_of(width, height) in {Class.WIDE, Class.NORMAL}
    of = frame.explained
    if of is None:
        content = Content("Explain", _wait(frame, width - 4))
        return [_pane("explain", content, look, (0, 1, width, height - 2), boxed)]
    free, edge = height - 2, 2 if boxed else 1
    columns = inner(width, free, boxed)[0]
    tree = rows_of(of)
    above, below = _above(frame, of, look, columns), _below(of, columns)
    least = _EVENTS + edge if free > 2 * (_EVENTS + edge) else edge + 1
    top = min(len(above) + len(tree) + len(below) + edge, free - max(least, free // 5))
    rest = free - top
    wanted = min(_CHART[1], rest - max(least, min(len(of.events) + edge, rest // 2)))
    middle = wanted if of.trend is not None and wanted >= _CHART[0] + edge - 1 else 0
    found = [_tree(frame, of, look, (0, 1, width, top), boxed, tree, above, below)]
    if middle:
        found.append(_chart(frame, of, look, (0, 1 + top, width, middle), boxed))
    return [*found, _events(frame, of, look, (0, 1 + top + middle, width, rest - middle), boxed, len(tree))]


def rows_of(of: ExplainFrame) -> list[Branch]:
    """The lines of the tree, on each of which the cursor can stand; the events follow them."""
    return [] if of.tree is None else branches(of.tree)


def runbook(of: ExplainFrame) -> str:
    """What to do, as the rule says it; where that is one of its texts, with what the templates in it gave."""
    rule = of.rule
    found = (of.annotations[name] for name in _RUNBOOKS if of.annotations.get(name))
    told = next(found, "")
    if told or rule.runbook != clean_lines(rule.annotations.get("description", "")):
        return told or rule.runbook
    return of.annotations.get("description", "")


def _pane(id: str, content: Content, look: Look, at: Rectangle, boxed: bool, *, focused: bool = False) -> Box:
    return framed(id, *at, content, look, [Tab(None, content.title)], boxed=boxed, focused=focused)


def _wait(frame: Frame, width: int) -> list[Line]:
    """Until the engine has answered, and where no rule watches what was asked about."""
    if frame.view.alert is None:
        return [text(("working it out …", Role.INFO))]
    said = "no rule watches this: thresholds come from a preset, the config or rules; esc goes back"
    return [text((piece, Role.WARN)) for piece in cells.wrap(said, width)]


# The rule, its state and its tree


def _tree(
    frame: Frame,
    of: ExplainFrame,
    look: Look,
    at: Rectangle,
    boxed: bool,
    tree: Sequence[Branch],
    above: Sequence[Line],
    below: Sequence[Line],
) -> Box:
    width, height = inner(at[2], at[3], boxed)
    # What to do gives way last: first what else is said of the rule, then lines of the tree.
    below = below[: max(1, height - len(above) - min(len(tree), max(3, height // 2)))]
    room = max(1, height - len(above) - len(below))
    chosen = look.selected if look.selected < len(tree) else None
    shown = window(len(tree), room, chosen)
    drawing = Drawing(look, width, _moment(frame, of), of.rule.level, _decimals(frame, of))
    lines = [*drawing.rows(tree)]
    rows: list[Line] = [selected(lines[i], look.mono) if i == chosen else lines[i] for i in shown]
    fires = of.alert is not None and of.alert.state is AlertState.FIRING and of.alert.last_seen is None
    level = of.rule.level if fires else Level.OK
    title = " ".join(filter(None, (of.rule.name, _telling(of.alert.labels if of.alert is not None else None))))
    place = text(f"{shown.start + 1}-{shown.stop} of {len(tree)}") if len(shown) < len(tree) else []
    right = joined([part for part in (place, _when(frame, of, look)) if part], SEPARATOR)
    said: list[Line] = [*above, *rows, *below]
    content = Content(cells.middle(title, max(8, at[2] // 2)), said, right, level, fires,
                      silence(frame, look) if of.asked != of.at else "", _HINTS)  # fmt: skip
    return _pane("explain", content, look, at, boxed, focused=chosen is not None)


def _telling(labels: Labels | None) -> str:
    """The labels of an alert that tell it from others of its rule."""
    return " ".join(v for k, v in (labels or {}).items() if k not in OURS and k != "severity")


def _moment(frame: Frame, of: ExplainFrame) -> int:
    """The moment that ages are counted from: the clock, unless it is the past that is explained."""
    live = frame.view.at is None and (frame.view.alert is None or frame.view.alert.at is None)
    return frame.now if live else of.asked


def _when(frame: Frame, of: ExplainFrame, look: Look) -> list[Span]:
    """The moment that is explained, where it is not now."""
    asked = frame.view.alert is not None and frame.view.alert.at is not None
    return text("as of ", (times.clock(of.at, look.offset), Role.FOREGROUND)) if asked or of.at != of.asked else []


def _above(frame: Frame, of: ExplainFrame, look: Look, width: int) -> list[Line]:
    """The state, and how the value stands to its limit."""
    found: list[Line] = [_state(frame, of, look)]
    if size(found[0]) > width:
        found = [found[0][:-1]]
    stands = _stands(frame, of, look)
    problem = cells.wrap(of.problem, max(8, width)) if of.problem else []
    return [*found, *([stands] if stands else []), *(text((piece, Role.WARN)) for piece in problem)]


def _state(frame: Frame, of: ExplainFrame, look: Look) -> list[Span]:
    """`FIRING since 02:37:10, 12m; pending 2m00s before`; the last span is what a narrow line can do without."""
    sign, alert, rule = marks(look.glyphs), of.alert, of.rule
    hold = f", for {numbers.short(rule.hold)}" if rule.hold else ""
    about = Span(f"  {rule.level.name.lower()}{hold}", Role.MUTED)
    if alert is None:
        if silence(frame) and of.asked != of.at:
            return [
                Span(f"{sign.off} cannot be judged", Role.WARN, bold=True),
                *text(f" {silence(frame, look)}"),
                about,
            ]
        return [Span(f"{sign.ok} not active", Role.OK, bold=True), about]
    now = _moment(frame, of)
    if alert.state is AlertState.PENDING:
        waited = numbers.duration(min(numbers.ticking(now - alert.active_at, look.slow), rule.hold))
        said = f" since {times.clock(alert.active_at, look.offset)}, {waited} of {numbers.duration(rule.hold)}"
        return [Span(f"{sign.pending} PENDING", Role.WARN, bold=True), Span(said), about]
    fired = alert.active_at if alert.fired_at is None else alert.fired_at
    before = f"; pending {numbers.duration(fired - alert.active_at)} before" if fired > alert.active_at else ""
    since = f" since {times.clock(fired, look.offset)}"
    if alert.last_seen is not None:
        lasted = f"{since}, last seen {times.clock(alert.last_seen, look.offset)}"
        return [Span(f"{sign.off} was firing", Role.WARN, bold=True), Span(lasted), about]
    lasted = f"{since}, {numbers.duration(numbers.ticking(now - fired, look.slow))}{before}"
    others = f"; {of.others} other{'s' if of.others > 1 else ''} of this rule too" if of.others else ""
    role = severity(rule.level, Role.WARN)
    return [Span(f"{sign.level(rule.level)} FIRING", role, bold=True), Span(lasted), *text(others), about]


def _stands(frame: Frame, of: ExplainFrame, look: Look) -> list[Span]:
    """`91.40% > 90%: 1.40% beyond (1.6%)`, `18.20%, 1.80% to > 20% (9.0%), ~9m at this pace`."""
    judged, limit = of.judged, of.limit
    if judged is None or judged.value is None or limit is None or judged.value != judged.value:
        return text(of.rule.condition) if of.rule.condition else []
    decimals = _decimals(frame, of)
    crossed = limit.crossed(judged.value)
    way = abs(judged.value - limit.value)
    sign = (">" if limit.side is Side.ABOVE else "<") + ("=" if limit.inclusive else "")
    share = f" ({way / abs(limit.value) * 100:.1f}%)" if limit.value else ""
    value = Span(exact(judged.value, judged.unit, look, decimals), severity(judged.level), bold=True)
    bound = f"{sign} {exact(limit.value, judged.unit, look, decimals)}"
    left = exact(way, judged.unit, look, decimals)
    stale = "was " if judged.presence is Presence.STALE else ""
    if crossed:
        return [*text(stale), value, *text(f" {bound}: {left} beyond it{share}")]
    soon = [*text(", "), Span(f"{numbers.rough(of.eta)} to go", severity(limit.level))] if of.eta is not None else []
    return [*text(stale), value, *text(f", limit {bound}: headroom {left}{share}"), *soon]


def _decimals(frame: Frame, of: ExplainFrame) -> int | None:
    panel = frame.panel(of.rule.panel) if of.rule.panel else None
    return None if panel is None else panel.panel.decimals


def _below(of: ExplainFrame, width: int) -> list[Line]:
    """What to do, what the rule says, where it stands."""
    rule, do = of.rule, runbook(of)
    found = _named("do", do, width, Role.FOREGROUND)
    said = [
        "" if "summary" in of.annotations else rule.summary,
        *(v for k, v in of.annotations.items() if k not in _RUNBOOKS),
    ]
    # A template that failed says why; what it was to say stands beside it.
    labels = of.alert.labels if of.alert is not None else EMPTY
    for failed in failed_texts(rule, labels, of.annotations):
        said += [f"label {failed.name}: {failed.why}"] if failed.name not in of.annotations else []
        said += [f"template {cells.wall(one_line(failed.template))}"]
    for index, one in enumerate(x for x in dict.fromkeys(said) if x and x != do):
        found += _named("" if index else "says", one, width, Role.SECONDARY)
    corrects = f"corrects {', '.join(rule.corrects)}" if rule.corrects else ""
    where = [rule.source, rule.group and f"group {rule.group}", corrects]
    if rule.keep_firing:
        where.append(f"keeps firing {numbers.short(rule.keep_firing)}")
    if of.tree is not None and cells.width(of.tree.text) > width * 2 // 3:
        found += _named("expr", of.tree.text, width, Role.SECONDARY)
    for index, note in enumerate(of.notes):
        found += _named("" if index else "note", note, width, Role.WARN)
    return [*found, *_named("rule", " · ".join(filter(None, where)), width, Role.MUTED)]


def _named(name: str, said: str, width: int, role: Role) -> list[Line]:
    pieces = cells.wrap(said, max(8, width - _NAME)) if said else []
    return [[*text(cells.fit(name if not i else "", _NAME)), Span(piece, role)] for i, piece in enumerate(pieces)]


# The judged value over time


def _chart(frame: Frame, of: ExplainFrame, look: Look, at: Rectangle, boxed: bool) -> Box:
    assert of.trend is not None
    width, height = inner(at[2], at[3], boxed)
    unit = of.judged.unit if of.judged is not None else Unit.NONE
    limits = (of.limit,) if of.limit is not None else ()
    signs = happened(frame, look) if frame.view.alert is None or frame.view.alert.at is None else ()
    rows = chart(of.trend, width, height, look, unit, thresholds=limits, marks=signs, lane=height >= 7,
                 zero=bool(limits))  # fmt: skip
    span = numbers.short(frame.view.span)
    content = Content(cells.middle(of.of, max(8, at[2] - 16)), rows, text(f"last {span}"),
                      stale=silence(frame, look) if of.asked != of.at else "")  # fmt: skip
    return _pane("judged", content, look, at, boxed)


# Events around it


def _events(frame: Frame, of: ExplainFrame, look: Look, at: Rectangle, boxed: bool, before: int) -> Box:
    """The events within five minutes, oldest first; `before` is how many rows the cursor has above them."""
    width, height = inner(at[2], at[3], boxed)
    found = of.events
    sign = "+-" if look.glyphs is Glyphs.ASCII else "±"
    title = f"Events {times.minute(of.around, look.offset)} {sign}5m"
    if not found:
        said = [*text((times.minute(of.around - _AROUND, look.offset), Role.SECONDARY), " to "),
                *text((times.minute(of.around + _AROUND, look.offset), Role.SECONDARY), ": no events")]  # fmt: skip
        return _pane("around", Content(title, [said], text("no events")), look, at, boxed)
    chosen = look.selected - before if 0 <= look.selected - before < len(found) else None
    nearest = min(range(len(found)), key=lambda i: abs(found[i].t - of.around))
    shown = window(len(found), height, nearest + height // 2 if chosen is None else chosen)
    columns = _columns(found, width)
    rows: list[Line] = []
    for index in shown:
        row = events.line(found[index], frame, look, width, columns)
        rows.append(selected(row, look.mono) if index == chosen else row)
    place = f"{chosen + 1} of {len(found)}" if chosen is not None else f"{len(found)}"
    content = Content(title, rows, text((place, Role.FOREGROUND)), hints=(Hint("↵", "open"),))
    return _pane("around", content, look, at, boxed, focused=chosen is not None)


def _columns(found: Sequence[BotEvent], width: int) -> tuple[int, int, int]:
    kind = min(8, max([6, *(cells.width(events.word(e)) for e in found)]))
    pair = min(10, max([0, *(cells.width(e.pair) for e in found)]))
    return kind, pair, 12 if width >= 70 else 0
