"""Clippings: what the copy key takes from the screen, and how it reaches the clipboard of the person's own machine."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence

from tradetop.ask.answer import Value
from tradetop.model.alert import Alert
from tradetop.model.bot_event import BotEvent
from tradetop.model.detail_frame import DetailFrame, ExplainFrame
from tradetop.model.frame import Frame
from tradetop.model.panel import PaneName
from tradetop.model.panel_frame import Reading
from tradetop.model.text import clean
from tradetop.model.view import Focus
from tradetop.panes import cells, numbers
from tradetop.panes.look import Look, ScreenName
from tradetop.panes.row import Box, Row
from tradetop.panes.targets import event_of, target_of
from tradetop.theme.roles import Role

LIMIT = 16_384
"""Bytes of UTF-8: what every terminal takes that takes anything, and what a slow link carries within a second."""
_DRAWN = re.compile("[\u2500-\u259f\u25a0\u2800-\u28ff]+")
"""Frames, bars and curves: what is drawn, not written."""
_FRAMES = "+|:#"


def clipping(frame: Frame | None, look: Look, boxes: Sequence[Box], what: str = "") -> str:
    """What is under the cursor, as text; "" where nothing is.

    An event is its JSON, a series its value, on its own screen its expression (or `what` else is said: the value, the
    line of the page), an answer a table in Markdown, an alert its name, labels and value, a part of its explanation
    its expression; of everything else the row that is seen.
    """
    if look.screen is ScreenName.ANSWER:
        return _of_reply(look)
    if frame is None:
        return ""
    if look.screen is ScreenName.DETAIL:
        return _of_detail(frame, what)
    if look.screen is ScreenName.EXPLAIN:
        return "" if frame.explained is None else _of_explained(frame.explained, look.selected)
    if look.screen in {ScreenName.EVENT, ScreenName.JSON}:
        event = event_of(frame, look)
        return "" if event is None else _of_event(event)
    if look.screen is ScreenName.OVERVIEW and look.focus is PaneName.ALERTS:
        return _of_alert(frame.alerts[look.selected]) if look.selected < len(frame.alerts) else ""
    target = target_of(frame, look)
    if isinstance(target, BotEvent) and look.focus is PaneName.EVENTS:
        return _of_event(target) or row_under_cursor(boxes)
    if isinstance(target, Focus) and (look.screen is not ScreenName.OVERVIEW or look.focus is not PaneName.STRATEGIES):
        return _of_series(frame, target) or row_under_cursor(boxes)
    return row_under_cursor(boxes)


def row_under_cursor(boxes: Sequence[Box]) -> str:
    """The row with the cursor, as it is seen, without its frame; "" where no row has it."""
    found = next((row for box in boxes for row in box.rows if has_cursor(row)), ())
    said = _DRAWN.sub(" ", "".join(span.text for span in found))
    return " ".join(said.strip(_FRAMES + " ").split())


def has_cursor(row: Row) -> bool:
    """Whether the cursor stands on a row of a drawing in colour."""
    return any(span.back is Role.SELECTION for span in row)


def osc52(text: str) -> tuple[str, bool]:
    """The sequence that puts a text into the terminal's clipboard, and whether it had to be cut.

    Only printable characters get in, so that pasting it can press no key and run no command line by itself. A table
    keeps its lines: a line that begins with | runs in no shell.
    """
    lines = text.split("\n")
    harmless = "\n".join(map(cells.wall, lines)) if all(line.startswith("| ") for line in lines) else cells.wall(text)
    data = harmless.encode("utf-8", "replace")
    kept = data[:LIMIT].decode("utf-8", "ignore").encode("utf-8")
    return f"\x1b]52;c;{base64.b64encode(kept).decode('ascii')}\x07", len(kept) < len(data)


def copied(text: str, cut: bool) -> str:
    """The line that says what is in the clipboard now."""
    size = f" (the first {LIMIT // 1024} KiB of it)" if cut else ""
    rows = max(0, text.count("\n") - 1) if text.startswith("| ") else 0
    return f"copied{size}: {f'a table, {rows:,} rows' if rows else cells.cut(clean(text), 60)}"


def _of_reply(look: Look) -> str:
    """The answer as a table in Markdown, unless it is hidden."""
    answer = None if look.reply is None or look.redacted else look.reply.answer
    if answer is None:
        return ""
    rows = [answer.columns, ("---",) * len(answer.columns), *answer.rows]
    return "\n".join("".join(f"| {_in_table(cell)} " for cell in row) + "|" for row in rows)


def _in_table(cell: Value) -> str:
    """A cell as Markdown has it; a doubled backslash orders nothing of a database's shell either."""
    return "" if cell is None else str(cell).replace("\\", "\\\\").replace("|", "\\|")


def _of_detail(frame: Frame, what: str) -> str:
    detail = frame.detail
    if detail is None:
        return ""
    if what == "value":
        return _figure(detail.series.reading, detail.panel.decimals, detail.panel.signed)
    if what == "line":
        return _line(detail)
    return detail.expr or _line(detail)


def _line(detail: DetailFrame) -> str:
    return detail.raw[0] if detail.raw else ""


def _of_event(event: BotEvent) -> str:
    return event.raw


def _of_alert(alert: Alert) -> str:
    labels = str(alert.labels.without("__name__", "alertname")) if alert.labels else ""
    return f"{alert.rule.name} {labels} {alert.value:g}".replace("  ", " ")


def _of_explained(of: ExplainFrame, selected: int) -> str:
    """A part's expression, a series with its value, or an event."""
    from tradetop.panes.explain import rows_of

    rows = rows_of(of)
    if selected >= len(rows):
        event = next(iter(of.events[selected - len(rows) :]), None)
        return "" if event is None else _of_event(event)
    row = rows[selected]
    if row.element is None or row.part.count == 1:
        return row.part.text
    return f"{row.element.labels} {row.element.value:g}"


def _of_series(frame: Frame, target: Focus) -> str:
    panel = frame.panel(target.panel)
    if panel is None:
        return ""
    found = next((s for s in panel.series if s.query == target.query and s.labels == target.labels), panel.first)
    return "" if found is None else _figure(found.reading, panel.panel.decimals, panel.panel.signed)


def _figure(reading: Reading, decimals: int | None, signed: bool) -> str:
    return str(numbers.amount(reading.value, reading.unit, decimals=decimals, signed=signed))
