"""Colour roles: what a colour means; themes say which colour that is."""

from __future__ import annotations

from enum import Enum


class Role(Enum):
    """What a piece of text is for. Money roles and severity roles are separate: a loss is not an alarm."""

    FOREGROUND = "foreground"
    SECONDARY = "secondary"
    MUTED = "muted"
    FAINT = "faint"
    BACKGROUND = "background"
    FRAME = "frame"
    FRAME_FOCUS = "frame-focus"
    PRIMARY = "primary"
    GAIN = "gain"
    GAIN_DIM = "gain-dim"
    LOSS = "loss"
    LOSS_DIM = "loss-dim"
    OK = "ok"
    INFO = "info"
    WARN = "warn"
    WARN_DIM = "warn-dim"
    CRIT = "crit"
    CRIT_DIM = "crit-dim"
    BAR = "bar"
    TRACK = "track"
    GRID = "grid"
    CHART_LO = "chart-lo"
    CHART_HI = "chart-hi"
    FILL_LO = "fill-lo"
    FILL_HI = "fill-hi"
    SIGNAL = "ev-signal"
    RISK = "ev-risk"
    OPEN = "ev-open"
    CLOSE = "ev-close"
    ERROR = "ev-error"
    SELECTION = "selection"
    """Background of the row under the cursor."""

    # Enum's own is written in Python, and thousands of spans are asked for theirs each second.
    __hash__ = object.__hash__
