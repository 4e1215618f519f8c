"""Export: a screen as text, as a picture, or its frame as JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

from tradetop.model.alert import Alert
from tradetop.model.feed_frame import ErrorGroup
from tradetop.model.frame import BotFrame, Frame
from tradetop.model.hidden import Hidden
from tradetop.model.panel_frame import LimitFrame, PanelFrame, Reading, SeriesFrame
from tradetop.model.silence import Silence
from tradetop.panes import cells
from tradetop.panes.row import Box
from tradetop.panes.svg import as_svg

__all__ = ["as_json", "as_svg", "as_text"]

Json = dict[str, Any]


def as_text(boxes: Sequence[Box], width: int, height: int) -> str:
    """The screen's `height` lines, `width` cells each, trailing blanks cut; ends with a line feed."""
    lines: list[list[tuple[int, str]]] = [[] for _ in range(height)]
    for box in boxes:
        for index, row in enumerate(box.rows):
            if box.y + index < height:
                lines[box.y + index].append((box.x, "".join(span.text for span in row)))
    found: list[str] = []
    for parts in lines:
        line = ""
        for x, text in sorted(parts):
            line += " " * max(0, x - cells.width(line)) + text
        found.append((cells.cut(line, width) if cells.width(line) > width else line).rstrip())
    return "\n".join(found) + "\n"


def as_json(frame: Frame) -> str:
    """Everything that a frame says, as numbers; NaN, infinity and what is hidden are null.

    Times are milliseconds since the epoch.
    """
    value = {
        "redacted": frame.redacted,
        "at": frame.at,
        "span_ms": frame.view.span,
        "bots": [_bot(bot) for bot in frame.bots],
        "bot": frame.subject.name if frame.subject is not None else None,
        "panels": [_panel(panel) for panel in frame.panels],
        "limits": [_limit(limit) for limit in frame.limits],
        "limits_ok": frame.rules_ok,
        "alerts": [_alert(alert) for alert in frame.alerts],
        "dead": [
            {"name": d.rule.name, "source": d.rule.source, "reason": d.reason, "suggestion": d.suggestion}
            for d in frame.dead
        ],
        "errors": [_group(group) for group in frame.error_groups],
        "events": {
            "derived": frame.feed.derived,
            "stale": frame.feed.stale,
            "reason": frame.feed.reason,
            "per_hour": frame.feed.per_hour,
            "newest": frame.feed.events[-1].t if frame.feed.events else None,
        },
        "marks": [{"t": mark.t, "text": mark.text} for mark in frame.marks],
        "notices": [*frame.notices],
    }
    return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _group(group: ErrorGroup) -> Json:
    return {
        "category": group.category,
        "type": group.type,
        "text": group.text,
        "count": group.count,
        "first": group.first or None,
        "last": group.last,
        "bots": [*group.bots],
        "pairs": [*group.pairs],
        "new_since_deployment": group.fresh,
        "to_review": group.waiting,
    }


def _number(value: float | None) -> float | None:
    return None if value is None or isinstance(value, Hidden) or not math.isfinite(value) else value


def _reading(reading: Reading) -> Json:
    return {
        "value": _number(reading.value),
        "unit": reading.unit.value,
        "level": reading.level.name.lower(),
        "presence": reading.presence.value,
        "t": reading.t,
    }


def _series(series: SeriesFrame, panel: PanelFrame) -> Json:
    return {
        "legend": series.legend,
        "labels": dict(series.labels),
        **_reading(series.reading),
        "expr": panel.panel.queries[series.query].expr if series.query < len(panel.panel.queries) else "",
    }


def _panel(panel: PanelFrame) -> Json:
    return {
        "id": panel.panel.id,
        "title": panel.panel.title,
        "pane": panel.panel.pane.value,
        "row": panel.panel.row,
        "unit": panel.panel.unit.value,
        "value": _number(panel.first.reading.value) if panel.first is not None else None,
        "level": panel.level.name.lower(),
        "presence": panel.first.reading.presence.value if panel.first is not None else "absent",
        "expressions": [query.expr for query in panel.panel.queries],
        "series": [_series(series, panel) for series in panel.series],
        "needs": panel.panel.needs,
        "error": panel.error,
    }


def _limit(limit: LimitFrame) -> Json:
    return {
        "panel": limit.panel.id,
        "label": limit.label,
        "legend": limit.legend,
        "labels": dict(limit.labels),
        **_reading(limit.reading),
        "limit": _number(limit.limit.value),
        "side": limit.limit.side.value,
        "limit_level": limit.limit.level.name.lower(),
        "closeness": _number(limit.closeness),
        "eta_ms": limit.eta,
    }


def _alert(alert: Alert) -> Json:
    return {
        "name": alert.rule.name,
        "state": alert.state.value if alert.last_seen is None else "was firing",
        "severity": alert.rule.level.name.lower(),
        "labels": dict(alert.labels),
        "value": _number(alert.value),
        "condition": alert.rule.condition,
        "expr": alert.rule.expr,
        "panel": alert.rule.panel,
        "summary": alert.rule.summary,
        "annotations": dict(alert.annotations),
        "active_at": alert.active_at,
        "fired_at": alert.fired_at,
        "last_seen": alert.last_seen,
        "drill": alert.is_drill,
        "server": alert.server,
        "quiet": alert.is_quiet,
        "silence": _silence(alert.silence) if alert.silence is not None else None,
    }


def _silence(silence: Silence) -> Json:
    return {
        "kind": silence.kind.value,
        "made": silence.made,
        "until": silence.until,
        "reason": silence.reason,
        "value": _number(silence.value),
    }


def _bot(bot: BotFrame) -> Json:
    return {
        "name": bot.name,
        "mode": bot.mode.value,
        "url": bot.url,
        "up": bot.up,
        "stale": bot.stale,
        "reason": bot.reason,
        "age_ms": bot.age,
        "interval_ms": bot.interval,
        "health": [
            {
                "role": h.role,
                "state": h.state.value,
                "latency_s": _number(h.latency),
                "reason": h.reason,
                "components": [{"name": c.name, "status": c.status, "detail": c.detail} for c in h.components],
                "issues": [*h.issues],
            }
            for h in bot.healths
        ],
        "pnl": _reading(bot.pnl),
        "worst_limit": _limit(bot.worst) if bot.worst is not None else None,
        "firing": bot.firing,
        "pending": bot.pending,
        "critical": bot.critical,
        "quiet": bot.quiet,
        "errors_last_hour": bot.errors,
        "errors_to_review": bot.to_review,
        "deployed_at": bot.deployed_at,
        "restarts": bot.restarts,
        "version": bot.version,
        "preset": bot.preset,
        "series": bot.series,
        "unreadable_lines": bot.page_error_count,
    }
