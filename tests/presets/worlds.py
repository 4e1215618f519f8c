"""Made-up days of a bot's metrics, and what a preset's rules make of their end, through the real machine."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tradetop.model.alert import Alert, AlertState, Rule
from tradetop.model.clock import MINUTE
from tradetop.model.labels import Labels
from tradetop.promql import Engine
from tradetop.rules import advance, begin
from tradetop.store import MemoryStore

START = 1_700_000_000_000
HOURS = 25
END = HOURS * 60
"""The last minute."""
INSTANCE = {"instance": "127.0.0.1:8000", "job": "bot"}

Shape = Callable[[float], float | None]
World = Mapping[str, Shape | float]
"""Series, as `name{label=value}`, with their value: constant, or by the minute; None where there is none."""


def growing(per_minute: float) -> Shape:
    """A counter."""
    return lambda minute: per_minute * minute


def grew(per_minute: float, ago: float) -> Shape:
    """A counter that stands still since so many minutes."""
    return lambda minute: per_minute * min(minute, END - ago)


def since(ago: float, value: float, before: float) -> Shape:
    """A gauge that changed so many minutes ago."""
    return lambda minute: value if minute >= END - ago else before


def stored(world: World, names: frozenset[str] | None = None) -> MemoryStore:
    """A day of a world, a sample a minute; only the metrics of these names, where they are said."""
    series: dict[Labels, Shape | float] = {}
    for text, shape in world.items():
        name, _, rest = text.partition("{")
        if names is None or name in names:
            labels = dict(pair.split("=") for pair in rest.rstrip("}").split(",") if pair)
            series[Labels({"__name__": name, **INSTANCE, **labels})] = shape
    store = MemoryStore()
    for minute in range(END + 1):
        values = {labels: shape(minute) if callable(shape) else shape for labels, shape in series.items()}
        store.append_scrape("page", START + minute * MINUTE, {k: v for k, v in values.items() if v is not None})
    return store


def fired(rule: Rule, world: World) -> list[Alert]:
    """The alerts of a rule that fire at some time in the last quarter of an hour of a world, and a hold before."""
    names = None if "__name__" in rule.expr else Engine(MemoryStore()).metric_names(rule.expr)
    engine = Engine(stored(world, names))
    states = begin([rule])
    found: dict[Labels, Alert] = {}
    end = START + END * MINUTE
    for t in range(end - rule.hold - 15 * MINUTE, end + 1, MINUTE // 2):
        states = advance(states, engine, t)
        assert states[0].error == ""
        found |= {k: a for k, a in states[0].alerts.items() if a.state is AlertState.FIRING}
    return list(found.values())
