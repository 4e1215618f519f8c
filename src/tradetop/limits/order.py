"""Order: rows that keep their places while the eye is on them."""

from __future__ import annotations

from collections.abc import Sequence

from tradetop.model.clock import SECOND
from tradetop.model.panel_frame import LimitFrame

STILL = 5 * SECOND
"""How long rows keep their places once they have changed them (ms)."""


class Order:
    """Remembers which row stood above which; rows that are new or gone move nothing but what is below them."""

    def __init__(self) -> None:
        self._places: dict[object, int] = {}
        self._moved: int | None = None

    def settled(self, rows: Sequence[LimitFrame], at: int) -> tuple[LimitFrame, ...]:
        """The rows, best sorted; in the order that they had while it is not `STILL` old. Going back in time sorts."""
        if self._are_moved(rows):
            if self._moved is not None and 0 <= at - self._moved < STILL:
                rows = self._as_they_were(rows)
            else:
                self._moved = at
        self._places = {row.key: place for place, row in enumerate(rows)}
        return tuple(rows)

    def _are_moved(self, rows: Sequence[LimitFrame]) -> bool:
        before = [self._places[row.key] for row in rows if row.key in self._places]
        return before != sorted(before)

    def _as_they_were(self, rows: Sequence[LimitFrame]) -> list[LimitFrame]:
        known = sorted((row for row in rows if row.key in self._places), key=lambda row: self._places[row.key])
        for place, row in enumerate(rows):
            if row.key not in self._places:
                known.insert(place, row)
        return known
