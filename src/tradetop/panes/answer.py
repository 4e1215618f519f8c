"""The screen of an answer: what was understood, and a table that scrolls; or SQL that can be changed and run."""

from __future__ import annotations

from tradetop.ask.answer import Answer, Reply, Value
from tradetop.panes import cells
from tradetop.panes.content import Content
from tradetop.panes.folds import folds, row_of
from tradetop.panes.frames import Tab, framed, inner
from tradetop.panes.line import Line, text, window
from tradetop.panes.look import Look, Prompt, PromptKind
from tradetop.panes.places import Class, class_of
from tradetop.panes.row import Box, Span
from tradetop.theme.roles import Role

_PROBLEM = 4
"""Rows at most for what is wrong with SQL that is edited."""


def answer_screen(look: Look, width: int, height: int) -> list[Box]:
    """The box between header and footer; the table scrolls below its head."""
    boxed = class_of(width, height) in {Class.WIDE, Class.NORMAL}
    columns, rows = inner(width, height - 2, boxed)
    above, lines = _lines(look, columns)
    room = max(1, rows - len(above))
    first = max(0, min(look.scroll, len(lines) - room))
    if look.prompt is not None and look.prompt.kind is PromptKind.SQL and lines:
        first = window(len(lines), room, row_of(folds(look.prompt.text, columns - 1), look.prompt.at)).start
    more = len(lines) - first - room
    right = text(f"{more:,} more below") if more > 0 else ()
    content = Content("Answer", [*above, *lines[first : first + room]], right)
    return [framed("answer", 0, 1, width, height - 2, content, look, [Tab(None, "Answer")], boxed=boxed, focused=False)]


def editor_width(width: int, height: int) -> int:
    """How many cells a row of SQL has on a terminal of this size; one is left for the cursor behind it."""
    return inner(width, height - 2, class_of(width, height) in {Class.WIDE, Class.NORMAL})[0] - 1


def table_lines(answer: Answer, widest: int) -> list[str]:
    """The head and the rows of a table, columns side by side and numbers to the right; no cell wider than `widest`."""
    texts = [answer.columns, *(tuple(map(_shown, row)) for row in answer.rows)]
    count = range(len(answer.columns))
    wide = [max(min(widest, cells.width(row[i])) for row in texts) for i in count]
    numeric = [all(row[i] is None or isinstance(row[i], (int, float)) for row in answer.rows) for i in count]
    return ["  ".join(_placed(row[i], wide[i], numeric[i]) for i in count).rstrip() for row in texts]


def counted(answer: Answer) -> str:
    """How many rows there are."""
    if not answer.rows:
        return "no rows"
    count = f"{len(answer.rows):,} row{'s' if len(answer.rows) != 1 else ''}"
    return f"{count}, and more that are not shown" if answer.more else count


def _lines(look: Look, width: int) -> tuple[list[Line], list[Line]]:
    """What stands still, and what scrolls."""
    reply = look.reply or Reply("")
    if look.redacted:
        # An answer may hold anything; what of it would have to be hidden, nobody knows.
        return [[Span("answers are not shown while amounts, ids and hosts are hidden", Role.WARN)]], []
    above: list[Line] = [[Span(piece, Role.PRIMARY, bold=True)] for piece in cells.wrap(reply.question, width)]
    above += [[Span(piece, Role.MUTED)] for piece in cells.wrap(reply.says, width) if piece]
    if look.prompt is not None and look.prompt.kind is PromptKind.SQL:
        return [*above, *_warned(look.prompt.problem, width)[:_PROBLEM], ()], _edited(look.prompt, width)
    if reply.answer is None:
        above += _warned(reply.problem, width)
        if not reply.sql:
            return above, []
        edits = (
            f"not run: {look.own_key('Enter') or 'Enter'} edits or runs it, {look.own_key('Esc') or 'Esc'} leaves it"
        )
        return [*above, [Span(edits, Role.MUTED)], ()], _edited(Prompt(PromptKind.SQL, reply.sql, -1), width)
    above.append([Span(counted(reply.answer), Role.MUTED)])
    above += _warned(reply.answer.note, width)
    if not reply.answer.rows:
        return above, []
    head, *rows = table_lines(reply.answer, max(12, width // 3))
    return [*above, (), [Span(cells.cut(head, width), Role.SECONDARY, bold=True)]], [
        [Span(cells.cut(row, width), Role.FOREGROUND)] for row in rows
    ]


def _warned(said: str, width: int) -> list[Line]:
    return [[Span(piece, Role.WARN)] for piece in cells.wrap(said, width) if piece]


def _edited(prompt: Prompt, width: int) -> list[Line]:
    """The rows of SQL, with the cursor where there is one."""
    lines: list[Line] = []
    rows = folds(prompt.text, width - 1)
    here = row_of(rows, prompt.at) if prompt.at >= 0 else -1
    for number, (start, end) in enumerate(rows):
        said = prompt.text[start:end]
        at = prompt.at - start
        if number != here:
            lines.append([Span(said)])
        else:
            lines.append([Span(said[:at]), Span(said[at : at + 1] or " ", reverse=True), Span(said[at + 1 :])])
    return lines


def _shown(cell: Value) -> str:
    if isinstance(cell, float):
        return f"{cell:,.2f}" if abs(cell) >= 1_000 else f"{cell:.6g}"
    return "" if cell is None else str(cell)


def _placed(said: str, wide: int, number: bool) -> str:
    cut = cells.cut(said, wide)
    return cells.right(cut, wide) if number else cells.fit(cut, wide)
