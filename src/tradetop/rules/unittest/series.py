"""The series of a test: what its file gives, and what rules write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tradetop.model.labels import Labels
from tradetop.model.matcher import Matcher
from tradetop.model.ports import Column
from tradetop.model.value import Value, Vector
from tradetop.promql import Engine, PromQLError
from tradetop.promql.ast import parse
from tradetop.promql.nodes import Selector
from tradetop.rules.unittest.file import InputSeries
from tradetop.rules.unittest.histogram import Histogram
from tradetop.store import MemoryStore

UNSUPPORTED = "needs native histograms, which are not supported: they can only be selected and compared"


class Watched:
    """A store that knows whether a query met native histograms; it gives the floats alone."""

    def __init__(self, floats: MemoryStore, histograms: MemoryStore) -> None:
        self._floats = floats
        self._histograms = histograms
        self.met = False

    def select(self, matchers: Sequence[Matcher], start: int, end: int) -> Sequence[Column]:
        """The series of floats that match and have samples in [start, end] (ms)."""
        self.met = self.met or bool(self._histograms.select(matchers, start, end))
        return self._floats.select(matchers, start, end)


class GivenSeries:
    """Series that grow with the time of a test, and the queries over them."""

    def __init__(self, inputs: Sequence[InputSeries], interval: int, start: int, resolution: int) -> None:
        """Times in ms; `resolution` is the step of subqueries that name none."""
        self._inputs = {entry.series: entry.values or () for entry in inputs}
        self._interval = interval
        self._start = start
        self._loaded = 0
        self._floats = MemoryStore()
        self._places = MemoryStore()
        """Native histograms: each sample is its place in the list."""
        self._histograms: list[Histogram] = []
        self._watched = Watched(self._floats, self._places)
        self._engine = Engine(self._watched, resolution=resolution, born_counters=False)
        self._selecting = Engine(self._places, born_counters=False)

    def load(self, until: int) -> None:
        """Add what the file gives up to this time (ms): later samples must not be seen by `@` and negative offsets."""
        slots = range(self._loaded, (until - self._start) // self._interval + 1)
        for labels, points in self._inputs.items():
            for slot in slots[: max(0, len(points) - slots.start)]:
                point, t = points[slot], self._start + slot * self._interval
                if isinstance(point, Histogram):
                    self._places.append(labels, t, float(len(self._histograms)))
                    self._histograms.append(point)
                elif point is not None:
                    self._append(labels, t, point)
        self._loaded = max(self._loaded, slots.stop)

    def write(self, t: int, samples: Mapping[Labels, float]) -> None:
        """Take what a rule gives; a sample that another already wrote is dropped, as in Prometheus."""
        for labels, value in samples.items():
            self._append(labels, t, value)

    def instant(self, expr: str, *, at: int) -> Value:
        """As the engine; PromQLError where the expression needs native histograms."""
        self._watched.met = False
        value = self._engine.instant(expr, at=at)
        if self._watched.met:
            raise PromQLError(f"{expr}: {UNSUPPORTED}")
        return value

    def range(self, expr: str, *, start: int, end: int, step: int) -> Value:
        """As the engine."""
        return self._engine.range(expr, start=start, end=end, step=step)

    def histograms(self, expr: str, *, at: int) -> dict[Labels, Histogram]:
        """The native histograms that a selector selects; none for any other expression."""
        if not isinstance(parse(expr), Selector):
            return {}
        value = self._selecting.instant(expr, at=at)
        assert isinstance(value, Vector)
        return {sample.labels: self._histograms[int(sample.value)] for sample in value.samples}

    def floats(self, expr: str, *, at: int) -> Value:
        """As `instant`, but a selector gives its floats."""
        if isinstance(parse(expr), Selector):
            return self._engine.instant(expr, at=at)
        return self.instant(expr, at=at)

    def _append(self, labels: Labels, t: int, value: float) -> None:
        try:
            self._floats.append(labels, t, value)
        except ValueError:
            # Not later than what is there: Prometheus' store drops it, and goes on.
            return
