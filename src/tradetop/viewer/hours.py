"""The strip of the first 24 hours: the worst level in each hour since the deployment."""

from __future__ import annotations

from tradetop.model.clock import HOUR, SECOND
from tradetop.model.level import Level
from tradetop.model.ports import Querier
from tradetop.viewer.reading import number, steps

CELLS = 24


class HourStrip:
    """Keeps the hours that are over, since they do not change any more."""

    def __init__(self, querier: Querier) -> None:
        self._querier = querier
        self._past: dict[int, Level | None] = {}

    def hours(self, deployed_at: int, at: int) -> tuple[Level | None, ...]:
        """Worst level of each hour counted from the deployment, oldest first; None where nothing was recorded.

        After a day the strip shows the latest 24 hours, still counted from the deployment.
        """
        elapsed = max(0, at - deployed_at) // HOUR
        first = max(0, elapsed - CELLS + 1)
        starts = [deployed_at + hour * HOUR for hour in range(first, elapsed + 1)]
        self._fill([start for start in starts[:-1] if start not in self._past])
        return (*(self._past[start] for start in starts[:-1]), self._running(starts[-1], at))

    def _fill(self, missing: list[int]) -> None:
        if not missing:
            return
        start, end = missing[0] + HOUR, missing[-1] + HOUR
        seen = steps(self._querier, "count_over_time(up[1h])", start, end, HOUR)
        bad = {
            level: steps(self._querier, f"count_over_time({_firing(level)}[1h])", start, end, HOUR)
            for level in (Level.WARNING, Level.CRITICAL)
        }
        for hour in missing:
            worst = max((level for level, times in bad.items() if hour + HOUR in times), default=Level.OK)
            self._past[hour] = worst if hour + HOUR in seen else None

    def _running(self, start: int, at: int) -> Level | None:
        window = max(1, (at - start) // SECOND)
        if number(self._querier, f"count_over_time(up[{window}s])", at) is None:
            return None
        for level in (Level.CRITICAL, Level.WARNING):
            if number(self._querier, f"count_over_time({_firing(level)}[{window}s])", at) is not None:
                return level
        return Level.OK


def _firing(level: Level) -> str:
    return f'ALERTS{{alertstate="firing",severity="{level.name.lower()}"}}'
