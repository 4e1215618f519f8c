"""The prompt: a line that is being typed, in the footer's place, and above it what it may mean."""

from __future__ import annotations

from collections.abc import Sequence

from tradetop.model.frame import Frame
from tradetop.panes import cells
from tradetop.panes.content import Content
from tradetop.panes.frames import Tab, framed, inner
from tradetop.panes.line import Line, selected, size, spread, text, to_width, window
from tradetop.panes.linekeys import hints
from tradetop.panes.look import Choice, Look, Prompt, PromptKind
from tradetop.panes.places import Class, class_of
from tradetop.panes.row import Box, Row, Span
from tradetop.theme.roles import Role

_MOST = 14
"""Rows of the palette at most: it must not hide what a person decides by."""
_NAMED = 24
"""Columns of the name of the alert that a line is about."""
_EMPTY = {
    PromptKind.MARK: " deploy v2, or a note; nothing: deploy",
    PromptKind.SNOOZE: " 2h deploying",
    PromptKind.ASK: " errors per pair yesterday",
}
"""What a line may say, where nothing has been typed."""
_WORDS = frozenset(_EMPTY)
"""Lines that begin with a word, and not with a sign."""


def prompt_row(frame: Frame | None, prompt: Prompt, width: int) -> Row:
    """One row of exactly `width` cells: what is typed, with its cursor, and what is wrong with it.

    SQL stands on the screen itself, and so does what is wrong with it.
    """
    if prompt.kind is PromptKind.SQL:
        return spread([Span(f" {prompt.kind.value}", Role.PRIMARY, bold=True)], text(f"{hints(prompt.kind)} "), width)
    sign = " ".join(filter(None, (f" {prompt.kind.value}", cells.middle(prompt.subject, _NAMED))))
    sign += " " if prompt.kind in _WORDS else ""
    wrong = prompt.problem or _wrong(frame, prompt)
    tail: Line = [Span(f"{wrong} ", Role.WARN)] if wrong else text(f"{_said(frame, prompt)} ")
    room = max(8, width - cells.width(sign) - 2)
    if size(tail) > room - cells.width(prompt.text) - 3:
        tail = [Span(f"{cells.cut(wrong, room // 2)} ", Role.WARN)] if wrong else ()
    before, under, behind = _visible(prompt, room - size(tail))
    typed = [Span(before), Span(under or " ", reverse=True), Span(behind)]
    empty = "" if prompt.text else _EMPTY.get(prompt.kind, "")
    if empty and size(tail) + len(empty) < room:
        typed.append(Span(empty, Role.MUTED))
    return spread([Span(sign, Role.PRIMARY, bold=True), *typed], tail, width)


def palette(prompt: Prompt, look: Look, width: int, height: int) -> Box | None:
    """The commands that are meant, above the prompt's row; None where there is no choice to make.

    It is as high with one choice as with many, so that typing moves nothing.
    """
    if prompt.kind is not PromptKind.COMMAND:
        return None
    boxed = class_of(width, height) in {Class.WIDE, Class.NORMAL}
    tall = min(_MOST, max(4, (height - 2) // 2)) + (2 if boxed else 1)
    columns, rows = inner(width, tall, boxed)
    shown = window(len(prompt.choices), rows, prompt.chosen)
    wide = max([0, *(cells.width(prompt.choices[i].key) for i in shown)])
    title = min(columns // 2, max([0, *(cells.width(prompt.choices[i].title) for i in shown)]))
    lines = [_choice(prompt.choices[i], columns, (title, wide), look, chosen=i == prompt.chosen) for i in shown]
    if not lines:
        lines = [to_width(text("no command is called so"), columns)]
    right = text(f"{prompt.chosen + 1 if prompt.choices else 0} of {len(prompt.choices)}")
    content = Content("Commands", lines, right)
    tabs = [Tab(None, "Commands")]
    return framed("palette", 0, height - 1 - tall, width, tall, content, look, tabs, boxed=boxed, focused=True)


def under(boxes: Sequence[Box], cover: Box) -> list[Box]:
    """What is seen of boxes where another one covers everything from its first line on."""
    seen = [b for b in boxes if b.y < cover.y]
    return [b._replace(height=min(b.height, cover.y - b.y), rows=b.rows[: cover.y - b.y]) for b in seen]


def _choice(choice: Choice, width: int, wide: tuple[int, int], look: Look, *, chosen: bool) -> Row:
    title, key = wide
    left = [Span(f" {cells.fit(choice.title, title)}"), *text(f"  {choice.about}")]
    row = spread(left, [Span(f"  {cells.right(choice.key, key)} ", Role.PRIMARY, bold=True)], width)
    return selected(row, look.mono) if chosen else row


def _wrong(frame: Frame | None, prompt: Prompt) -> str:
    """Why a filter cannot be applied, once a frame has tried."""
    if prompt.kind is not PromptKind.FILTER or frame is None or frame.feed.filter != prompt.text:
        return ""
    return frame.feed.problem


def _said(frame: Frame | None, prompt: Prompt) -> str:
    """The keys that end the line, and for a filter how many events it leaves."""
    if prompt.kind is not PromptKind.FILTER or frame is None or not frame.feed.filter:
        return hints(prompt.kind)
    shown = max(frame.feed.total - frame.feed.hidden, len(frame.feed.events))
    return f"{shown:,} shown, {frame.feed.hidden:,} hidden  {hints(prompt.kind)}"


def _visible(prompt: Prompt, room: int) -> tuple[str, str, str]:
    """The text before, under and behind the cursor, of a long line the piece around it."""
    before, rest = prompt.text[: prompt.at], prompt.text[prompt.at :]
    while before and cells.width(before) > max(1, room - 2):
        before = before[1:]
    return before, rest[:1], cells.cut(rest[1:], max(0, room - cells.width(before) - 1))
