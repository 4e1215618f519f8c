"""Faults: what is wrong with the watching itself, as lines among the alerts."""

from __future__ import annotations

from collections.abc import Sequence

from tradetop.model.frame import Frame
from tradetop.panes import cells
from tradetop.panes.glyphs import marks
from tradetop.panes.line import size, to_width
from tradetop.panes.look import Look
from tradetop.panes.row import Row, Span
from tradetop.theme.roles import Role

Fault = tuple[Span, str, Role]
"""The head of a line, what is wrong, and its colour."""


def faults(frame: Frame, look: Look) -> list[Fault]:
    """What is wrong with the watching itself, the bot's own fault first."""
    sign = marks(look.glyphs)

    def head(glyph: str, word: str, role: Role = Role.WARN) -> Span:
        return _head(frame, glyph, word, role)

    found: list[Fault] = []
    bot = frame.subject
    if bot is not None and bot.reason:
        down = bot.up is False
        first = head(sign.crit, "DOWN", Role.CRIT) if down else head(sign.warn, "FAULT")
        found.append((first, bot.reason, Role.FOREGROUND))
    if bot is not None and bot.page_error_count:
        worst = bot.page_errors[0] if bot.page_errors else None
        where = f": line {worst.line}: {worst.problem}" if worst else ""
        said = f"{bot.page_error_count:,} unreadable line{'s' if bot.page_error_count > 1 else ''} in the page{where}"
        found.append((head(sign.warn, "PAGE"), said, Role.SECONDARY))
    if frame.recorder.reason:
        found.append((head(sign.warn, "HISTORY"), frame.recorder.reason, Role.SECONDARY))
    return found


def notes(frame: Frame, look: Look) -> list[Fault]:
    """What else is worth saying of the watching."""
    head = _head(frame, marks(look.glyphs).warn, "NOTE", Role.WARN)
    return [(head, notice, Role.SECONDARY) for notice in frame.notices]


def _head(frame: Frame, glyph: str, word: str, role: Role) -> Span:
    return Span(f"{glyph} {word:<{state_width(frame)}} ", role, bold=True)


def lines_of(found: Sequence[Fault], width: int, *, full: bool) -> list[Row]:
    """A line for each fault; with `full` a second one for the words that do not fit into the first."""
    lines: list[Row] = []
    for head, said, role in found:
        indent = size([head])
        pieces = cells.wrap(said, max(20, width - indent)) if full else [said]
        lines.append(to_width([head, Span(pieces[0], role)], width))
        if len(pieces) > 1:
            lines.append(to_width([Span(" " * indent), Span(" ".join(pieces[1:]), role)], width))
    return lines


def state_width(frame: Frame) -> int:
    """Columns of the word at the head of every line."""
    return len("was firing") if any(a.last_seen is not None for a in frame.alerts) else len("PENDING")
