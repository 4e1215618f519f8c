"""The footer: the keys that work here, a passing notice or a line that is typed, the window."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from tradetop.model.clock import DAY
from tradetop.model.frame import Frame
from tradetop.panes import numbers
from tradetop.panes.glyphs import key
from tradetop.panes.line import size, spread, text, to_width
from tradetop.panes.look import Glyphs, Hint, Look
from tradetop.panes.prompt import prompt_row
from tradetop.panes.row import Row, Span
from tradetop.theme.roles import Role


def footer(frame: Frame | None, look: Look, width: int, hints: Sequence[Hint] | None = None) -> Row:
    """One row of exactly `width` cells."""
    if look.prompt is not None:
        return prompt_row(frame, look.prompt, width)
    if look.notice:
        return to_width([Span(" "), Span(look.notice, Role.INFO, bold=True)], width)
    shown = [hint for hint in look.hints if not hint.section] if hints is None else hints
    step = 0 if frame is None else next((s.trend.step for p in frame.panels for s in p.series if s.trend.step), 0)
    return _keys(tuple(shown), look.glyphs, width, 0 if frame is None else frame.view.span, step)


@lru_cache(maxsize=8)
def _keys(hints: tuple[Hint, ...], glyphs: Glyphs, width: int, span: int, step: int) -> Row:
    """The keys and the window: drawn each second, and hardly ever another."""
    tail = _window(span, step) if width >= 100 else []
    left: list[Span] = []
    for hint in hints:
        more = [Span(f" {key(hint.key, glyphs)}", Role.PRIMARY, bold=True), Span(f" {hint.text} ", Role.MUTED)]
        if size(left) + size(more) > width - size(tail) - (1 if tail else 0):
            break
        left += more
    if not tail:
        tail = next((t for t in (_window(span, step), _window(span)) if size(left) + size(t) <= width), [])
    return spread(left, tail, width)


def _window(span: int, step: int | None = None) -> list[Span]:
    """How far back the screen looks, and how much time one column of it is (ms); None leaves the column's out."""
    if not span:
        return []
    said = f"{span // DAY}d" if span % DAY == 0 and span > DAY else numbers.short(span)
    if step is None:
        return [Span(f" {said} ")]
    parts = [*text("window "), Span(said)]
    if step:
        parts += [*text("  step "), Span(numbers.short(step))]
    return [*parts, Span(" ")]
