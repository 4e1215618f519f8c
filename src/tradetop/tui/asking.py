"""Asking: who answers questions, and the screen that shows what came of one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Protocol

from tradetop.ask.answer import Reply
from tradetop.panes.look import Prompt, PromptKind, ScreenName
from tradetop.tui.state import Scene, State, seen


class Asker(Protocol):
    """Answers questions about a bot's events, away from the screen."""

    def __call__(
        self, bot: str, question: str, sql: str, local: bool, watch: Callable[[str], None]
    ) -> Awaitable[Reply]:
        """The reply to a question about a bot, or ("") about all, or to SQL that was shown; days are local or UTC's.

        `watch` is told in a few words how far an answer is that takes long.
        """
        ...

    def past(self) -> Sequence[str]:
        """The questions that were asked before, oldest first; reads a file."""
        ...


def answered(state: State, reply: Reply) -> State:
    """To the screen of an answer, which lies below wherever the person is; SQL that waits can be changed there."""
    before = state.look
    look = replace(before, screen=ScreenName.ANSWER, scroll=0, reply=reply, notice="")
    if before.prompt is None or before.prompt.kind is PromptKind.SQL:
        waits = bool(reply.sql) and reply.answer is None and not before.redacted
        look = replace(look, prompt=_editor(before.prompt, reply) if waits else None)
    if before.screen is ScreenName.ANSWER:
        return seen(state, look)
    return replace(state, look=look, trail=(*state.trail, before))


def edits(state: State, _: Scene) -> State:
    """The state in which the SQL on the screen can be changed and run, where there is some to be seen."""
    look = state.look
    if look.redacted or look.reply is None or not look.reply.sql:
        return state
    return seen(state, replace(look, prompt=_editor(None, look.reply)))


def running(state: State) -> State:
    """The state while the SQL that is edited runs."""
    prompt = state.look.prompt
    return state if prompt is None else seen(state, replace(state.look, prompt=replace(prompt, problem="running ...")))


def _editor(before: Prompt | None, reply: Reply) -> Prompt:
    """The SQL of a reply, or what has become of it meanwhile, and what is wrong with it."""
    if before is not None:
        return replace(before, problem=reply.problem)
    return Prompt(PromptKind.SQL, reply.sql, problem=reply.problem)
