"""What happened, as marks of a time axis: every chart of a bot has the same ones."""

from __future__ import annotations

from tradetop.model.bot_event import EventClass
from tradetop.model.frame import Frame
from tradetop.panes.draw.lane import Mark
from tradetop.panes.glyphs import Marks, marks
from tradetop.panes.line import severity
from tradetop.panes.look import Look
from tradetop.theme.roles import Role


def happened(frame: Frame, look: Look) -> list[Mark]:
    """Alerts, restarts, deployments and the person's own marks, the deployment that T+ counts from last."""
    sign = marks(look.glyphs)
    found: list[Mark] = []
    for incident in frame.incidents:
        if incident.cls is EventClass.ALERT:
            found.append(Mark(incident.t, sign.level(incident.level), severity(incident.level)))
        elif incident.cls is EventClass.RESTART:
            found.append(Mark(incident.t, sign.restart, Role.INFO))
        else:
            found.append(Mark(incident.t, sign.mark, Role.SIGNAL, incident.label))
    bot = frame.subject
    noted = [*_deployment(frame, sign), *(Mark(m.t, sign.mark, Role.SIGNAL, m.text) for m in frame.marks)]
    return [*found, *sorted(noted, key=lambda mark: (bot is not None and mark.t == bot.deployed_at, mark.t))]


def labelled(frame: Frame, look: Look) -> list[Mark]:
    """Those with something to read, for axes that have no line of their own for signs."""
    return [mark for mark in happened(frame, look) if mark.label]


def _deployment(frame: Frame, sign: Marks) -> list[Mark]:
    """The deployment that T+ counts from, where no mark of the person's tells it."""
    bot = frame.subject
    if bot is None or bot.deployed_at is None or any(m.t == bot.deployed_at for m in frame.marks):
        return []
    label = f"deploy {bot.version}".rstrip() if bot.version else "deploy"
    return [Mark(bot.deployed_at, sign.mark, Role.SIGNAL, label)]
