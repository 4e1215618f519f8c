"""Homes: which of several targets a series or an alert belongs to."""

from __future__ import annotations

from collections.abc import Sequence

from tradetop.model.labels import Labels
from tradetop.recorder.record import Record
from tradetop.scrape.scrape import target_labels


class Homes:
    """Finds the target that has most of a label set's `job`, `instance` and `bot_id`, then of its own further labels.

    What has none of any target's labels belongs to the first.
    """

    def __init__(self, records: Sequence[Record]) -> None:
        self._records = tuple((record, target_labels(record.target)) for record in records)

    def of(self, labels: Labels) -> Record:
        """The target that a label set belongs to."""
        bot = labels.get("bot_id")

        def alike(known: tuple[Record, dict[str, str]]) -> tuple[int, int]:
            record, own = known
            same = [name for name, value in own.items() if labels.get(name) == value]
            telling = ("job" in same) + ("instance" in same) + (bot is not None and record.holds(bot))
            return telling, len(same)

        return max(self._records, key=alike)[0]
