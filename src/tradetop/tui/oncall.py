"""What a person does to alerts: acknowledging, snoozing, taking back; and the line that says so."""

from __future__ import annotations

from dataclasses import replace

from tradetop.document import duration
from tradetop.model.alert import Alert
from tradetop.model.frame import Frame
from tradetop.model.panel import PaneName
from tradetop.model.ports import Notebook
from tradetop.model.silence import SilenceKind, fingerprint
from tradetop.model.text import clean
from tradetop.panes import times
from tradetop.panes.look import Prompt, PromptKind, ScreenName
from tradetop.rules.silencing import acknowledgement, snooze
from tradetop.tui.meant import meant
from tradetop.tui.state import Scene, State, advised, bot_first, said, seen

REASON = 120
"""Characters of a reason."""
_NONE = {
    ScreenName.EXPLAIN: "this alert is neither firing nor pending",
    ScreenName.DETAIL: "no alert of this series is firing or pending",
    ScreenName.EVENT: "this event is of no alert that is firing or pending",
    ScreenName.JSON: "this event is of no alert that is firing or pending",
}
"""Why a screen has no alert that a key could mean."""


def unchosen(state: State, scene: Scene) -> State:
    """The state with the line that says why there is no alert, or how to come to one."""
    frame, look = scene.frame, state.look
    if frame is not None and frame.subject is not None and not frame.alerts:
        return said(state, "no alert is firing")
    if look.screen is ScreenName.FLEET or (
        look.screen is ScreenName.OVERVIEW and look.focus in {None, PaneName.ALERTS}
    ):
        return advised(state, scene, "choose an alert first", "{} goes to them", "pane-alerts")
    what = _NONE.get(look.screen, "no alert of this row is firing or pending")
    return advised(state, scene, what, "{} goes to all", "pane-alerts")


def acknowledge(notebook: Notebook | None, state: State, scene: Scene, now: int) -> State:
    """Acknowledge the alert that is meant at `now` (ms), or take back what keeps it quiet."""
    alert, frame = meant(state.look, scene), scene.whole or scene.frame
    if alert is None or frame is None:
        return unchosen(state, scene)
    if notebook is None or frame.view.at is not None:
        return said(state, _hindered(notebook))
    name = alert.rule.name
    if alert.silence is not None and alert.is_quiet:
        notebook.end([alert.silence])
        return said(state, f"{name} is no longer {_word(alert)}")
    notebook.silence(frame.bot, [acknowledgement(alert, now)])
    return said(state, f"acknowledged {name}")


def acknowledge_all(notebook: Notebook | None, state: State, scene: Scene, now: int) -> State:
    """Acknowledge all alerts of the bot that fire and are not quiet, at `now` (ms)."""
    frame = scene.whole or scene.frame
    if frame is None or frame.subject is None:
        return bot_first(state, scene)
    if notebook is None or frame.view.at is not None:
        return said(state, _hindered(notebook))
    alerts = [alert for alert in frame.alerts if alert.is_firing and not alert.is_quiet]
    if not alerts:
        return said(state, "every alert that fires is acknowledged")
    notebook.silence(frame.bot, [acknowledgement(alert, now) for alert in alerts])
    return said(state, f"acknowledged {len(alerts)} alert{'s' if len(alerts) > 1 else ''}")


def begin_snooze(state: State, scene: Scene) -> State:
    """A line for how long, and why, the alert that is meant shall be quiet."""
    alert = meant(state.look, scene)
    if alert is None:
        return unchosen(state, scene)
    return _prompting(state, Prompt(PromptKind.SNOOZE, about=fingerprint("", alert), subject=alert.rule.name))


def end_snooze(notebook: Notebook | None, state: State, scene: Scene, now: int) -> tuple[State, bool]:
    """Snooze as the line says, at `now` (ms), and whether that could be read; if not, the line says what is missing."""
    prompt, frame = state.look.prompt, scene.whole or scene.frame
    assert prompt is not None
    alert = _of(frame, prompt.about)
    if notebook is None or frame is None or frame.view.at is not None:
        return said(state, _hindered(notebook)), True
    if alert is None:
        return said(state, "not snoozed: that alert is over"), True
    length, _, reason = prompt.text.strip().partition(" ")
    try:
        made = snooze(alert, now, duration(length), clean(" ".join(reason.split()), REASON))
    except ValueError as error:
        return _prompting(state, replace(prompt, problem=str(error))), False
    notebook.silence(frame.bot, [made])
    assert made.until is not None
    until = times.since(made.until, now, state.look.offset)
    return said(state, f"{alert.rule.name} snoozed until {until}: {made.reason}"), True


def _prompting(state: State, prompt: Prompt) -> State:
    return seen(state, replace(state.look, prompt=prompt))


def _of(frame: Frame | None, about: str) -> Alert | None:
    """The alert of a fingerprint, if it is still there."""
    return next((a for a in (frame.alerts if frame is not None else ()) if fingerprint("", a) == about), None)


def _hindered(notebook: Notebook | None) -> str:
    """Why nothing can be done to an alert."""
    return "there is no place to keep that here" if notebook is None else "this is the past: nothing rings in it"


def _word(alert: Alert) -> str:
    kind = alert.silence.kind if alert.silence is not None else SilenceKind.ACK
    return "snoozed" if kind is SilenceKind.SNOOZE else "acknowledged"
