"""Views: what the person is looking at."""

from __future__ import annotations

from dataclasses import dataclass

from tradetop.model.clock import HOUR, MINUTE
from tradetop.model.labels import Labels

SPANS = (15 * MINUTE, HOUR, 6 * HOUR, 12 * HOUR, 24 * HOUR, 7 * 24 * HOUR)
"""The windows that [ and ] step through."""

AUTO = 0
"""A span that grows with the history: until it is a few hours old, six hours would be an empty chart."""


@dataclass(frozen=True, slots=True)
class Focus:
    """The series that the person went down to: one series of one panel."""

    panel: str
    query: int = 0
    labels: Labels | None = None
    """None for the panel's first series."""
    at: int | None = None
    """Where the chart's crosshair stands (ms); None is at the end of the window."""


@dataclass(frozen=True, slots=True)
class AlertFocus:
    """The alert that the person wants explained; of several rules the one that is active, else the nearest to be."""

    rules: tuple[str, ...] = ()
    """Names of rules; none for those that watch the panel."""
    panel: str = ""
    labels: Labels | None = None
    """Of the alert or the series; None for any."""
    at: int | None = None
    """The moment to explain (ms), such as an event's; None is the view's."""


@dataclass(frozen=True, slots=True)
class View:
    """Evaluation time, window and subject; a frame is a function of the store and this."""

    at: int | None = None
    """Evaluation time in ms; None is live."""
    span: int = 6 * HOUR
    """Window in ms, or AUTO; a frame's own view has the window that was taken."""
    points: int = 120
    """How many columns of history the screen can show."""
    bot: int | None = None
    """Index into the frame's bots; None shows all of them where there are several."""
    focus: Focus | None = None
    event: str = ""
    """Id of the event that the person went down to."""
    alert: AlertFocus | None = None
    errors: str = ""
    """Fingerprint of the errors that the person went down to."""
    filter: str = ""
    """Which events the feed shows, as typed: `events/filter.py` says what that means."""
    offset: int | None = None
    """Minutes east of UTC of the clock that was chosen since the start; None where it is the configured one."""
    whole: bool = True
    """Whether panels that only the dashboard's own screen shows are up to date, too."""
    folded: bool = True
    """Whether events that repeat themselves are one row of the feed."""
