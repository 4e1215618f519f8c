"""What happened, as signs on a time axis: every chart of a bot has the same ones."""

from __future__ import annotations

from tradetop.model.bot_event import EventClass
from tradetop.model.frame import Frame
from tradetop.panes.draw.lane import Sign
from tradetop.panes.glyphs import Marks, marks
from tradetop.panes.line import severity
from tradetop.panes.look import Look
from tradetop.theme.roles import Role


def happened(frame: Frame, look: Look) -> list[Sign]:
    """Alerts, restarts, deployments and the person's own marks, the deployment that T+ counts from last."""
    glyphs = marks(look.glyphs)
    found: list[Sign] = []
    for incident in frame.incidents:
        if incident.cls is EventClass.ALERT:
            found.append(Sign(incident.t, glyphs.level(incident.level), severity(incident.level)))
        elif incident.cls is EventClass.RESTART:
            found.append(Sign(incident.t, glyphs.restart, Role.INFO))
        else:
            found.append(Sign(incident.t, glyphs.mark, Role.SIGNAL, incident.label))
    bot = frame.subject
    noted = [*_deployment(frame, glyphs), *(Sign(m.t, glyphs.mark, Role.SIGNAL, m.text) for m in frame.marks)]
    return [*found, *sorted(noted, key=lambda sign: (bot is not None and sign.t == bot.deployed_at, sign.t))]


def labelled(frame: Frame, look: Look) -> list[Sign]:
    """Those with something to read, for axes that have no line of their own for signs."""
    return [sign for sign in happened(frame, look) if sign.label]


def _deployment(frame: Frame, glyphs: Marks) -> list[Sign]:
    """The deployment that T+ counts from, where no mark of the person's tells it."""
    bot = frame.subject
    if bot is None or bot.deployed_at is None or any(m.t == bot.deployed_at for m in frame.marks):
        return []
    label = f"deploy {bot.version}".rstrip() if bot.version else "deploy"
    return [Sign(bot.deployed_at, glyphs.mark, Role.SIGNAL, label)]
