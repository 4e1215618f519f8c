"""Homes: which of several targets a series or an alert belongs to."""

from __future__ import annotations

from collections.abc import Sequence

from tradetop.model.labels import Labels
from tradetop.recorder.record import Record
from tradetop.scrape.scrape import target_labels


class Homes:
    """Finds the target with most of a label set's `job`, `instance` and `bot_id`; the first where none has any."""

    def __init__(self, records: Sequence[Record]) -> None:
        self._records = tuple((record, target_labels(record.target)) for record in records)

    def of(self, labels: Labels) -> Record:
        """The target that a label set belongs to."""
        job, instance, bot = labels.get("job"), labels.get("instance"), labels.get("bot_id")
        if job is None and instance is None and bot is None:
            return self._records[0][0]

        def alike(known: tuple[Record, dict[str, str]]) -> int:
            record, own = known
            return (own["job"] == job) + (own["instance"] == instance) + (bot is not None and record.holds(bot))

        return max(self._records, key=alike)[0]
