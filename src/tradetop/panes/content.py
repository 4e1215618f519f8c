"""Content: what a pane wants to show, before a frame is drawn around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tradetop.model.alert import Alert, AlertState
from tradetop.model.frame import Frame, PanelFrame, Reading
from tradetop.model.level import Level, Presence
from tradetop.model.panel import PanelKind, PaneName
from tradetop.panes import cells, numbers, times
from tradetop.panes.glyphs import marks
from tradetop.panes.line import Line, dimmed, severity, size, text
from tradetop.panes.look import Hint, Look
from tradetop.panes.row import Row, Span
from tradetop.theme.roles import Role


@dataclass(frozen=True, slots=True)
class Content:
    """Rows and titles of a pane, and the state that its frame shows."""

    title: str
    rows: Sequence[Line]
    right: Line = ()
    level: Level = Level.OK
    firing: bool = False
    """A threshold is crossed for long enough, or is critical: the frame is heavy."""
    stale: str = ""
    """Why the data is too old to act on, such as "no data 34s"."""
    hints: tuple[Hint, ...] = ()
    """Keys of this pane, shown in its frame while it has the focus."""


def silence(frame: Frame) -> str:
    """ "no data 34s" where the whole bot's data is too old to act on, else ""."""
    bot = frame.subject
    if bot is None or not bot.stale:
        return ""
    return "no data" if bot.age is None else f"no data {numbers.duration(bot.age // 1_000 * 1_000)}"


def cursor(look: Look, pane: PaneName) -> int | None:
    """The row under the cursor, where this pane has it."""
    return look.selected if look.focus is pane else None


def firing(frame: Frame, panels: Sequence[str]) -> Alert | None:
    """The worst alert of these panels that fires now."""
    found = [a for a in frame.alerts if a.state is AlertState.FIRING and a.last_seen is None and a.rule.panel in panels]
    return max(found, key=lambda a: a.rule.level, default=None)


def worst(panels: Sequence[PanelFrame]) -> tuple[Level, PanelFrame | None]:
    """The worst panel and its level."""
    panel = max(panels, key=lambda p: p.level, default=None)
    return (panel.level, panel) if panel is not None else (Level.OK, None)


def verdict(
    frame: Frame, panels: Sequence[PanelFrame], look: Look, *, named: bool = False
) -> tuple[Level, bool, list[Span]]:
    """Level of a pane, whether its frame is heavy, and the words for its title: the worst value, or its name."""
    level, panel = worst(panels)
    alert = firing(frame, [p.panel.id for p in panels])
    level = max(level, alert.rule.level if alert else Level.OK)
    if level is Level.OK:
        return level, False, []
    return level, level is Level.CRITICAL or alert is not None, _crossed(level, panel, look, named)


def _crossed(level: Level, panel: PanelFrame | None, look: Look, named: bool) -> list[Span]:
    role = severity(level)
    sign = marks(look.glyphs).level(level)
    worst_series = max(panel.series, key=lambda s: s.reading.level, default=None) if panel is not None else None
    if panel is None or worst_series is None:
        return [Span(sign, role, bold=True)]
    said = numbers.amount(worst_series.reading.value, worst_series.reading.unit, decimals=0)
    name = panel.panel.short if named or panel.panel.kind is PanelKind.GAUGE else ""
    if named and len(panel.series) > 1 and worst_series.legend:
        name = worst_series.legend
    return [Span(f"{sign} {name or said}", role, bold=True)]


def titles(panels: Sequence[PanelFrame], look: Look) -> list[list[Span]]:
    """The values of the panels that belong in a pane's title; money won or lost with an arrow instead of a name."""
    found: list[list[Span]] = []
    signs = marks(look.glyphs)
    for panel in panels:
        if panel.panel.kind is not PanelKind.TITLE or panel.first is None or unsaid(panel.first.reading):
            continue
        said = numbers.amount(
            panel.first.reading.value,
            panel.first.reading.unit,
            decimals=panel.panel.decimals,
            signed=panel.panel.signed,
            offset=look.offset,
        )
        if panel.panel.signed:
            value = panel.first.reading.value or 0.0
            arrow = f"{signs.up} " if value > 0 else f"{signs.down} " if value < 0 else ""
            found.append([Span(f"{arrow}{said}", severity(panel.level, money_role(value)), bold=True)])
        else:
            found.append([*text(f"{panel.panel.short} "), Span(str(said), severity(panel.level))])
    return found


def stale(frame: Frame, main: PanelFrame | None, look: Look) -> str:
    """Why a pane's data is too old: the whole bot is silent, or the pane's main series has gone; else ""."""
    whole = silence(frame)
    if whole or main is None or main.first is None or main.first.reading.presence is not Presence.STALE:
        return whole
    return presence(main.first.reading, frame.now, look.offset)


def remark(frame: Frame, reading: Reading, look: Look) -> str:
    """What stands in a row instead of a bar or a trend; "" where the number may be believed.

    Where the whole bot is silent the pane says it once, and its rows keep their shape.
    """
    if unsaid(reading):
        return presence(reading, frame.now, look.offset) or "no data yet"
    alone = reading.presence is Presence.STALE and not silence(frame)
    return presence(reading, frame.now, look.offset) if alone else ""


def aged(frame: Frame, reading: Reading, row: Line) -> Row:
    """The row dimmed where its own series has gone; a whole silent bot is dimmed by its panes."""
    return dimmed(row) if reading.presence is Presence.STALE and not silence(frame) else tuple(row)


def unsaid(reading: Reading) -> bool:
    """Whether there is no number that could be shown as one."""
    return reading.value is None or reading.presence in {Presence.ABSENT, Presence.NEVER_SET, Presence.NOT_RECORDED}


def money_role(value: float | None) -> Role:
    """Won, lost, or neither."""
    return Role.FOREGROUND if not value else Role.GAIN if value > 0 else Role.LOSS


def presence(reading: Reading, now: int, offset: int) -> str:
    """What has to be said of a number that is not simply live; "" where nothing has."""
    match reading.presence:
        case Presence.NEVER_SET:
            return "never set"
        case Presence.STALE:
            return (
                "no data"
                if reading.t is None
                else f"no data {numbers.duration(max(0, now - reading.t) // 1_000 * 1_000)}"
            )
        case Presence.NOT_RECORDED:
            return "not recorded"
        case Presence.ABSENT:
            return "no data yet"
        case _:
            since = reading.unmoved_since
            return "" if since is None or reading.value else f"unmoved since {times.since(since, now, offset)}"


def lacking(frame: Frame, panels: Sequence[PanelFrame], fallback: str, width: int, height: int) -> list[list[Span]]:
    """What a pane without data says, in its middle: that nothing came yet, or which source it would need."""
    bot = frame.subject
    if bot is not None and bot.url and bot.age is None:
        said = [text("nothing received yet")]
    elif bot is not None and bot.url and bot.up and not bot.series:
        said = [text("no samples on the page")]
    else:
        said = _needed(panels, fallback, width)
    lines = [text((numbers.UNKNOWN, Role.FAINT)), *said]
    above = [[Span("")] for _ in range((height - len(lines)) // 2)]
    return [*above, *([Span(" " * max(0, (width - size(line)) // 2)), *line] for line in lines)]


def _needed(panels: Sequence[PanelFrame], fallback: str, width: int) -> list[list[Span]]:
    """Lines that say which source a pane without data would need."""
    wanted = [p.panel.needs for p in panels if p.panel.needs]
    lines = list(dict.fromkeys(wanted)) or [fallback]
    whole = [line if line.startswith("needs") else f"needs {line}" for line in lines]
    return [text(piece) for line in whole for piece in cells.wrap(line, max(8, width))]
