"""The ladder: every threshold of every series as a row, sorted by how close it is."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from tradetop.limits.order import Order
from tradetop.limits.slope import LEAST, MOST, rest, slope
from tradetop.model.clock import DAY, HOUR
from tradetop.model.labels import EMPTY, Labels
from tradetop.model.level import Presence
from tradetop.model.panel import Panel, PanelKind, PaneName, Side, Threshold
from tradetop.model.panel_frame import LimitFrame, PanelFrame, Reading, SeriesFrame
from tradetop.model.unit import kind_of

FAR = 10.0
"""The largest closeness: from there on, worse makes no difference to the order."""

REACH = 60
"""How many times the observed stretch a slope may be drawn out."""

REACH_AT_FIRST = 20
"""The same while there are fewer samples than a slope looks at: what has just begun is believed less far."""

REMEMBERED = 1_000
"""Series kept before those that have been silent for an hour are forgotten."""

_COUNTED = (PaneName.ERRORS, PaneName.STRATEGIES)
_BELIEVED = (Presence.LIVE, Presence.STALE)


@dataclass(slots=True)
class _Past:
    """The last samples of one series, and the slope worked out from them."""

    times: deque[int] = field(default_factory=lambda: deque(maxlen=MOST))
    values: deque[float] = field(default_factory=lambda: deque(maxlen=MOST))
    slope: float | None = None
    rest: float | None = None
    """Where it comes to rest, if it slows down."""

    def add(self, t: int, value: float) -> None:
        """Add a sample that is new; a step back in time starts anew."""
        if self.times and t < self.times[-1]:
            self.times.clear()
            self.values.clear()
        if not self.times or t > self.times[-1]:
            self.times.append(t)
            self.values.append(value)
            times, values = tuple(self.times), tuple(self.values)
            self.slope = slope(times, values)
            self.rest = None if self.slope is None else rest(times, values)


class Ladder:
    """Makes the rows of one bot, tick after tick; it keeps the last samples, so that a time to breach does not
    depend on the window that is shown."""

    def __init__(self) -> None:
        self._past: dict[tuple[str, int, Labels], _Past] = {}
        self._order = Order()
        self._rungs = Order()

    def rows(self, panels: Iterable[PanelFrame], at: int) -> tuple[LimitFrame, ...]:
        """The rows at `at` (ms): those that have crossed a threshold, then the others, the closest first.

        What has its bars in another pane comes after the others, and panels of the limits pane without any series come
        last. A state has no distance: it is a row once it is crossed. Rows change places every five seconds at most.
        Their `rung` tells the order by closeness alone, which keeps still for as long.
        """
        rows: list[LimitFrame] = []
        for frame in panels:
            if frame.panel.thresholds:
                series = _shown(frame)
                found = (self._row(frame.panel, s, at, alone=len(series) == 1) for s in series)
                rows += [row for row in found if frame.panel.kind is not PanelKind.STATE or row.crossed]
                if not series and frame.panel.pane is PaneName.LIMITS:
                    rows.append(_absent(frame.panel))
        if len(self._past) > REMEMBERED:
            self._past = {key: past for key, past in self._past.items() if past.times[-1] > at - HOUR}
        rungs = {row.key: rung for rung, row in enumerate(self._rungs.settled(sorted(rows, key=_rung), at))}
        placed = self._order.settled(sorted(rows, key=_place), at)
        return tuple(replace(row, rung=rungs[row.key]) for row in placed)

    def _row(self, panel: Panel, series: SeriesFrame, at: int, *, alone: bool) -> LimitFrame:
        value = series.reading.value
        believed = value is not None and series.reading.presence in _BELIEVED
        limit = _limit(panel, value if believed else None)
        low, high = _scale(panel, limit, value)
        closeness = _closeness(panel, limit.side, value) if believed and value is not None else 0.0
        slope = eta = None
        if value is not None and series.reading.presence is Presence.LIVE:
            slope, eta = self._course(panel, series, value, limit, at)
        legend = "" if alone else series.legend.removeprefix(panel.short).strip()
        return LimitFrame(
            *(panel, panel.short, legend, series.labels, series.reading, limit, low, high, closeness, eta),
            aside=_aside(panel),
            query=series.query,
            slope=slope,
        )

    def _course(
        self, panel: Panel, series: SeriesFrame, value: float, limit: Threshold, at: int
    ) -> tuple[float | None, int | None]:
        """Change per ms where the value moves steadily, and the time (ms) until it so reaches its limit."""
        past = self._past.setdefault((panel.id, series.query, series.labels), _Past())
        past.add(series.reading.t or at, value)
        rate, end, stretch = past.slope, past.rest, past.times[-1] - past.times[0]
        reach = REACH if len(past.times) == MOST else REACH_AT_FIRST
        if len(past.times) < LEAST:
            rate, end, stretch = _of_trend(series)
        if rate is None or limit.crossed(value) or rate * _sign(limit.side) <= 0:
            return rate, None
        if end is not None and not limit.crossed(end):
            return rate, None
        eta = (limit.value - value) / rate
        return rate, round(eta) if eta <= min(DAY, reach * stretch) else None


def _place(row: LimitFrame) -> tuple[bool, bool, float, bool, str, str]:
    # What is counted, such as errors, is no distance even when there is too much of it.
    after = row.aside and (row.panel.pane in _COUNTED or not row.crossed)
    return not row.crossed, after, -row.closeness, row.reading.value is None, row.label, row.legend


def _rung(row: LimitFrame) -> tuple[bool, float, bool, str, str]:
    return not row.crossed, -row.closeness, row.reading.value is None, row.label, row.legend


def _aside(panel: Panel) -> bool:
    return panel.kind is PanelKind.BARS and panel.pane not in (PaneName.LIMITS, PaneName.DASHBOARD)


def _of_trend(series: SeriesFrame) -> tuple[float | None, float | None, int]:
    """Slope per ms, where it comes to rest, and stretch (ms) of the trend's last columns up to its first gap."""
    recent: list[float] = []
    for value in reversed(series.trend.values):
        if value != value or len(recent) == MOST:
            break
        recent.append(value)
    recent.reverse()
    times = [i * series.trend.step for i in range(len(recent))]
    rate = slope(times, recent)
    return rate, None if rate is None else rest(times, recent), times[-1] if times else 0


def _shown(frame: PanelFrame) -> Sequence[SeriesFrame]:
    """The series that the thresholds speak of: those of the panel's unit; stopped ones only where none lives."""
    fitting = [s for s in frame.series if s.reading.unit is frame.panel.unit]
    living = [s for s in fitting if s.reading.presence in (Presence.LIVE, Presence.NEVER_SET)]
    return living or fitting


def _absent(panel: Panel) -> LimitFrame:
    limit = _limit(panel, None)
    low, high = _scale(panel, limit, None)
    reading = Reading(None, panel.unit, kind_of(panel.unit), Presence.ABSENT)
    return LimitFrame(panel, panel.short, "", EMPTY, reading, limit, low, high, 0.0)


def _limit(panel: Panel, value: float | None) -> Threshold:
    """The next threshold that would be crossed on the nearer side, or the worst that has been."""
    if value is None:
        return max(panel.thresholds, key=lambda t: (t.level, t.side is Side.ABOVE))
    side = max(_sides(panel), key=lambda s: _closeness(panel, s, value))
    ordered = sorted(_of(panel, side), key=lambda t: t.value * _sign(side))
    return next((t for t in ordered if not t.crossed(value)), ordered[-1])


def _closeness(panel: Panel, side: Side, value: float) -> float:
    """How far the value has gone from where it is safe (0) to the side's worst threshold (1), and beyond."""
    worst = _worst(panel, side)
    safe = _safe(panel, side)
    if safe is None:  # Nothing says what is plenty: halfway down from twice the limit is halfway there.
        return FAR if value <= 0 else min(FAR, worst.value / value)
    if safe == worst.value:
        return min(FAR, 1.0 + abs(value - worst.value)) if worst.crossed(value) else 0.0
    return min(FAR, max(0.0, (value - safe) / (worst.value - safe)))


def _safe(panel: Panel, side: Side) -> float | None:
    """Where a side's danger is none: the middle of a band, the far end of the scale, or zero."""
    sides = _sides(panel)
    if len(sides) == 2:
        low = max(t.value for t in _of(panel, Side.BELOW))
        high = min(t.value for t in _of(panel, Side.ABOVE))
        return (low + high) / 2
    worst = _worst(panel, side).value
    if side is Side.ABOVE:
        return min(0.0 if panel.minimum is None else panel.minimum, worst)
    if panel.maximum is not None:
        return max(panel.maximum, worst)
    return 0.0 if worst <= 0 else None


def _scale(panel: Panel, limit: Threshold, value: float | None) -> tuple[float, float]:
    """Ends of the bar: what the panel says, else from where it is safe to the worst threshold."""
    values = [t.value for t in panel.thresholds]
    safe = _safe(panel, limit.side)
    if safe is None:
        values += [0.0, 2 * max(values), *([] if value is None else [value])]
    else:
        values.append(safe)
    low = min(values) if panel.minimum is None else min(panel.minimum, *values)
    high = max(values) if panel.maximum is None else max(panel.maximum, *values)
    return (low, high) if high > low else (low, low + 1.0)


def _sides(panel: Panel) -> tuple[Side, ...]:
    return tuple(side for side in Side if _of(panel, side))


def _of(panel: Panel, side: Side) -> list[Threshold]:
    return [t for t in panel.thresholds if t.side is side]


def _worst(panel: Panel, side: Side) -> Threshold:
    """The last of a side's thresholds that a value on its way out crosses."""
    return max(_of(panel, side), key=lambda t: t.value * _sign(side))


def _sign(side: Side) -> int:
    return 1 if side is Side.ABOVE else -1
