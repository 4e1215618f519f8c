"""The screens other than the overview of one bot."""

from __future__ import annotations

from tradetop.model.frame import Frame
from tradetop.panes.answer import answer_screen
from tradetop.panes.dashboard import dashboard
from tradetop.panes.detail import detail
from tradetop.panes.error_group import group_screen
from tradetop.panes.event import event_screen
from tradetop.panes.explain import explain_screen
from tradetop.panes.fleet import fleet
from tradetop.panes.help import help_screen
from tradetop.panes.ladder import ladder
from tradetop.panes.look import Look, ScreenName
from tradetop.panes.row import Box


def body(frame: Frame | None, look: Look, width: int, height: int) -> list[Box]:
    """The boxes between header and footer; only the help and answers can do without a frame."""
    if look.screen is ScreenName.ANSWER:
        return answer_screen(look, width, height)
    if frame is None:
        return help_screen(look, width, height)
    match look.screen:
        case ScreenName.HELP:
            return help_screen(look, width, height)
        case ScreenName.DASHBOARD:
            return dashboard(frame, look, width, height)
        case ScreenName.LADDER:
            return ladder(frame, look, width, height)
        case ScreenName.DETAIL:
            return detail(frame, look, width, height)
        case ScreenName.EXPLAIN:
            return explain_screen(frame, look, width, height)
        case ScreenName.ERRORS:
            return group_screen(frame, look, width, height)
        case ScreenName.EVENT | ScreenName.JSON:
            return event_screen(frame, look, width, height)
        case _:
            return fleet(frame, look, width, height)
