"""Content: what a pane wants to show, before a frame is drawn around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tradetop.model.address import is_page
from tradetop.model.alert import Alert, AlertState
from tradetop.model.clock import MINUTE
from tradetop.model.frame import Frame
from tradetop.model.level import Level, Presence
from tradetop.model.panel import PanelKind, PaneName
from tradetop.model.panel_frame import PanelFrame, Reading
from tradetop.model.unit import Unit
from tradetop.panes import cells, numbers, times
from tradetop.panes.glyphs import marks
from tradetop.panes.line import Line, dimmed, severity, size, text
from tradetop.panes.look import Hint, Look
from tradetop.panes.row import Row, Span
from tradetop.theme.roles import Role

_STILL = 10 * MINUTE
"""How long a zero has to stand still before that is worth a word."""


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
    rings: Level = Level.OK
    """How bad what calls for a person in it is: the title is reversed until somebody says that they know."""


def silence(frame: Frame, look: Look | None = None) -> str:
    """ "no data 34s" where the whole bot's data is too old to act on, else ""."""
    bot = frame.subject
    if bot is None or not bot.stale:
        return ""
    return no_data(bot.age, look is not None and look.slow)


def hidden(look: Look, pane: PaneName, count: int) -> list[Span]:
    """How many rows of a pane have no room, such as "+3 rows"; while it has the focus, behind the key that zooms."""
    if count <= 0:
        return []
    said = text(f"+{count:,} row{'s' if count > 1 else ''}")
    key = look.own_key("z")
    return [Span(f"{key} ", Role.PRIMARY, bold=True), *said] if key and look.focus is pane and not look.zoomed else said


def cursor(look: Look, pane: PaneName) -> int | None:
    """The row under the cursor, where this pane has it."""
    return look.selected if look.focus is pane else None


def firing(frame: Frame, panels: Sequence[str]) -> Alert | None:
    """The worst alert of these panels that fires now."""
    current = [a for a in frame.alerts if a.state is AlertState.FIRING and a.last_seen is None]
    found = [a for a in current if not {a.rule.panel, *a.panels}.isdisjoint(panels)]
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


def titles(frame: Frame, panels: Sequence[PanelFrame], look: Look) -> list[list[Span]]:
    """The values of the panels that belong in a pane's title; money won or lost with an arrow instead of a name."""
    found: list[list[Span]] = []
    signs = marks(look.glyphs)
    for panel in panels:
        if panel.panel.kind is not PanelKind.TITLE or panel.first is None:
            continue
        reading = panel.first.reading
        if reading.presence is Presence.ABSENT:
            continue
        said = numbers.amount(
            reading.value, reading.unit, decimals=panel.panel.decimals, signed=panel.panel.signed, offset=look.offset
        )
        if panel.panel.signed:
            value = reading.value or 0.0
            arrow = f"{signs.up} " if value > 0 else f"{signs.down} " if value < 0 else ""
            role = severity(panel.level, money_role(value))
            line = [Span(arrow, role, bold=True)] if arrow else []
            found.append([*line, *figure(frame, reading, said, look, role, brief=True)])
        else:
            plain = said._replace(unit="") if reading.unit is Unit.USD else said
            row = figure(frame, reading, plain, look, severity(panel.level), bold=False, brief=True)
            found.append([*text(f"{panel.panel.short} "), *row])
    return found


def stale(frame: Frame, main: PanelFrame | None, look: Look) -> str:
    """Why a pane's data is too old: the whole bot is silent, or the pane's main series has gone; else ""."""
    whole = silence(frame, look)
    if whole or main is None or main.first is None or main.first.reading.presence is not Presence.STALE:
        return whole
    return presence(main.first.reading, frame.now, look.offset, look.slow)


def figure(
    frame: Frame,
    reading: Reading,
    said: numbers.Amount,
    look: Look,
    role: Role,
    *,
    bold: bool = True,
    brief: bool = False,
) -> list[Span]:
    """A number with its unit, and what must be said of it; `brief` where a table or a title has room for a word only.

    The five kinds of absence look different without colour too: `0`, `0 never set`, `142 no data 34s` (dimmed), `—`,
    `not recorded`; briefly `0`, `0 never`, `142 34s`, `—`, `gap`.
    """
    words = cell(frame, reading, look) if brief else remark(frame, reading, look) or unmoved(frame, reading, look)
    match reading.presence:
        case Presence.NOT_RECORDED:
            return text(words)
        case Presence.NEVER_SET:
            return text(("0", Role.SECONDARY), f" {words}")
        case Presence.ABSENT:
            return text((numbers.UNKNOWN, Role.FAINT), f" {words}" if words else "")
    unit = f" {said.unit}" if said.unit[:1].isupper() and len(said.unit) > 2 else said.unit
    row = [Span(said.digits, role, bold=bold), *text(unit)]
    return [*aged(frame, reading, row), *text(f" {words}" if words else "")]


def digits(reading: Reading, said: numbers.Amount) -> str:
    """What stands in a row's column of figures, where words behind it say the rest."""
    return "0" if reading.presence is Presence.NEVER_SET else numbers.UNKNOWN if unsaid(reading) else said.digits


def flag(reading: Reading, look: Look) -> Span:
    """The cell between a row's figure and its bar: the sign of a level that is not well, which no colour must tell."""
    return Span(marks(look.glyphs).level(reading.level) if reading.level > Level.OK else " ", severity(reading.level))


def cell(frame: Frame, reading: Reading, look: Look) -> str:
    """What has to be said of a number, in a word; "" where nothing has."""
    match reading.presence:
        case Presence.NEVER_SET:
            return "never"
        case Presence.NOT_RECORDED:
            return "gap"
        case Presence.STALE if not silence(frame) and reading.t is not None:
            return numbers.duration(numbers.ticking(frame.now - reading.t, look.slow))
    return ""


def remark(frame: Frame, reading: Reading, look: Look, needs: str = "") -> str:
    """What stands in a row instead of a bar or a trend; "" where the number may be believed.

    Where the whole bot is silent the pane says it once, and its rows keep their shape. `needs` is the source that an
    absent number would come from.
    """
    if reading.presence is Presence.ABSENT and needs and not _waiting(frame):
        return needed(needs)
    if unsaid(reading):
        return presence(reading, frame.now, look.offset, look.slow) or "no data yet"
    alone = reading.presence is Presence.STALE and not silence(frame)
    return presence(reading, frame.now, look.offset, look.slow) if alone else ""


def needed(source: str) -> str:
    """What is said where this source is missing: a dashboard's own words may begin with "needs" already."""
    return f"needs {source.removeprefix('needs ')}"


def unmoved(frame: Frame, reading: Reading, look: Look) -> str:
    """ "unmoved since 09:12" of a zero that does not move; "" of anything else."""
    return presence(reading, frame.now, look.offset) if reading.presence is Presence.LIVE else ""


def aged(frame: Frame, reading: Reading, row: Line) -> Row:
    """The row dimmed where its own series has gone; a whole silent bot is dimmed by its panes."""
    return dimmed(row) if reading.presence is Presence.STALE and not silence(frame) else tuple(row)


def unsaid(reading: Reading) -> bool:
    """Whether there is no number that could be shown as one."""
    return reading.value is None or reading.presence in {Presence.ABSENT, Presence.NEVER_SET, Presence.NOT_RECORDED}


def money_role(value: float | None) -> Role:
    """Won, lost, or neither."""
    return Role.FOREGROUND if not value else Role.GAIN if value > 0 else Role.LOSS


def presence(reading: Reading, now: int, offset: int, slow: bool = False) -> str:
    """What has to be said of a number that is not simply live; "" where nothing has."""
    match reading.presence:
        case Presence.NEVER_SET:
            return "never set"
        case Presence.STALE:
            return no_data(None if reading.t is None else now - reading.t, slow)
        case Presence.NOT_RECORDED:
            return "not recorded"
        case Presence.ABSENT:
            return "no data yet"
        case _:
            since = reading.unmoved_since
            # What has just begun has not stood still yet.
            moved = since is None or bool(reading.value) or now - since < _STILL
            return "" if since is None or moved else f"unmoved since {times.since(since, now, offset)}"


def no_data(age: int | None, slow: bool) -> str:
    """ "no data 34s"; of milliseconds, None where it is not known how long."""
    return "no data" if age is None else f"no data {numbers.duration(numbers.ticking(age, slow))}"


def _waiting(frame: Frame) -> bool:
    """Whether the bot has not answered once, so that no source can be missed yet."""
    bot = frame.subject
    return bot is not None and bool(bot.url) and bot.age is None


def lacking(frame: Frame, panels: Sequence[PanelFrame], fallback: str, width: int, height: int) -> list[list[Span]]:
    """What a pane without data says, in its middle: that nothing came yet, what failed, or which source it needs."""
    bot = frame.subject
    wrong = next((p.error for p in panels if p.error), "")
    if _waiting(frame):
        said = ["nothing received yet"]
    elif bot is not None and is_page(bot.url) and bot.up and not bot.series:
        said = ["no samples on the page"]
    elif wrong:
        said = ["could not be worked out:", wrong]
    else:
        wanted = [p.panel.needs for p in panels if p.panel.needs]
        said = [needed(source) for source in dict.fromkeys(wanted or [fallback])]
    return middle(said, width, height)


def middle(words: Sequence[str], width: int, height: int) -> list[list[Span]]:
    """Lines of words in the middle of a pane, below the sign of what is not there."""
    said = [text(piece) for line in words for piece in cells.wrap(line, max(8, width))]
    if len(said) > height > 1:
        said = [*said[: height - 1], text(f"and {len(said) - height + 1} more")]
    lines = [text((numbers.UNKNOWN, Role.FAINT)), *said] if len(said) < height else said
    above = [[Span("")] for _ in range((height - len(lines)) // 2)]
    return [*above, *([Span(" " * max(0, (width - size(line)) // 2)), *line] for line in lines)]


def failed(panels: Sequence[PanelFrame], look: Look, width: int) -> Line:
    """One line for the panels of a pane that could not be worked out beside others; nothing where all or none could."""
    wrong = [p for p in panels if p.error]
    if not wrong or not any(p.series for p in panels):
        return ()
    first = wrong[0]
    more = f" and {len(wrong) - 1} more" if len(wrong) > 1 else ""
    sign = Span(f"{marks(look.glyphs).warn} ", Role.WARN, bold=True)
    named = [sign, Span(f"{first.panel.short}{more}: ", Role.WARN), Span(first.error, Role.SECONDARY)]
    return named if size(named) <= width else [sign, Span(first.error, Role.SECONDARY), Span(more, Role.WARN)]
