"""Errors that a person has looked at: marking them, taking that back, and the line that says so."""

from __future__ import annotations

from tradetop.events.fingerprint import fingerprint
from tradetop.model.bot_event import EventClass
from tradetop.model.feed_frame import ErrorGroup
from tradetop.model.frame import Frame
from tradetop.model.ports import Notebook
from tradetop.model.review import Review
from tradetop.panes import cells
from tradetop.panes.look import Look, ScreenName
from tradetop.panes.targets import event_of, group_of
from tradetop.tui.state import Scene, State, advised, bot_first, said

_TEXT = 40
"""Characters of a message in the line that says so."""


def review(notebook: Notebook | None, state: State, scene: Scene, now: int) -> State:
    """Mark the errors that are meant as looked at, at `now` (ms), up to the newest; or take that back."""
    frame = scene.whole or scene.frame
    if frame is None or frame.subject is None:
        return bot_first(state, scene)
    group = meant(state.look, scene)
    if group is None:
        return advised(state, scene, "choose an error first", "{} goes to them", "pane-errors")
    if notebook is None or frame.view.at is not None:
        return said(state, "there is no place to keep that here" if notebook is None else "this is the past: . is live")
    told = cells.cut(_told(scene, group).text, _TEXT)
    if not group.waiting and not group.reviewed:
        return said(state, f"nothing to review: {group.category} errors are only counted")
    until = group.last if group.waiting else 0
    notebook.review(frame.bot, [Review("", group.fingerprint, until, now, group.text)])
    return said(state, f"reviewed: {told}" if until else f"to be reviewed again: {told}")


def meant(look: Look, scene: Scene) -> ErrorGroup | None:
    """The errors under the cursor, or those that the screen is about, as the source knows them."""
    told, whole = scene.frame, scene.whole or scene.frame
    if told is None or whole is None:
        return None
    if look.screen in {ScreenName.EVENT, ScreenName.JSON}:
        event = event_of(whole, look)
        wanted = "" if event is None or event.cls is not EventClass.ERROR else fingerprint(event)
    else:
        group = group_of(told, look)
        wanted = "" if group is None else group.fingerprint
    return next((group for group in _known(whole) if wanted and group.fingerprint == wanted), None)


def _known(frame: Frame) -> list[ErrorGroup]:
    opened = frame.group.group if frame.group is not None else None
    return [*filter(None, (opened, frame.alike)), *frame.error_groups]


def _told(scene: Scene, group: ErrorGroup) -> ErrorGroup:
    """The group as it may be seen."""
    known = [] if scene.frame is None else _known(scene.frame)
    return next((each for each in known if each.fingerprint == group.fingerprint), group)
