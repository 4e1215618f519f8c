"""Asking: who answers questions, and the screen that shows what came of one."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import replace
from typing import Protocol

from tradetop.ask.answer import Reply
from tradetop.panes.look import ScreenName
from tradetop.tui.state import State, seen


class Asker(Protocol):
    """Answers questions about a bot's events, away from the screen."""

    def __call__(self, bot: str, question: str, sql: str, local: bool) -> Awaitable[Reply]:
        """The reply to a question about a bot, or ("") about all, or to SQL that was shown; days are local or UTC's."""
        ...


def answered(state: State, reply: Reply) -> State:
    """To the screen of an answer, which lies below wherever the person is."""
    look = replace(state.look, screen=ScreenName.ANSWER, scroll=0, reply=reply, notice="")
    if state.look.screen is ScreenName.ANSWER:
        return seen(state, look)
    return replace(state, look=look, trail=(*state.trail, state.look))


def waiting_sql(state: State) -> Reply | None:
    """The reply whose SQL is on the screen and may be run; None where there is none to be seen."""
    look = state.look
    shown = look.screen is ScreenName.ANSWER and not look.redacted
    return look.reply if shown and look.reply is not None and look.reply.sql else None
