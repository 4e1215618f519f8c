"""Knowledge of a bot: which metrics it declares, which series it has, and what their values were."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import inf, isfinite

from tradetop.model.clock import MINUTE
from tradetop.model.labels import EMPTY, NAME, Labels
from tradetop.model.matcher import Matcher
from tradetop.model.ports import Column, Metadata
from tradetop.model.sample import is_stale
from tradetop.store.matching import value_test

GAP = 5 * MINUTE
"""Longest time between two neighbouring samples of one run (ms): what a query looks back."""
ENOUGH = 10 * MINUTE
"""How long a value must have stood still before that says something (ms)."""
_PARTS = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count"), "summary": ("_sum", "_count")}


@dataclass(frozen=True, slots=True)
class Stat:
    """What the samples of one series were; a run is a stretch without a break."""

    count: int
    first: int
    last: int
    """Times (ms) of the first and the last sample."""
    low: float
    high: float
    mean: float
    pairs: int = 0
    """Neighbouring samples within a run."""
    moves: int = 0
    """Pairs with two different values."""
    fastest: float = 0.0
    """The greatest rise of a pair, per second."""
    risen: float = 0.0
    """All rises together."""
    born: float = 0.0
    """The greatest value with which a run began while others were there already."""

    @property
    def still(self) -> bool:
        """Whether it was looked at for long enough and never moved."""
        return self.moves == 0 and self.pairs > 0 and self.last - self.first >= ENOUGH


@dataclass(frozen=True, slots=True)
class Seen:
    """A series that is, or was, there; without `stat` nobody has looked at its values."""

    labels: Labels
    stat: Stat | None = None


@dataclass(frozen=True, slots=True)
class Cap:
    """A limit that the bot keeps by itself."""

    value: float
    source: str
    """Who says so."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A target whose page nobody has read: any series may be there."""

    labels: Labels
    """Those that all of its series have."""
    reason: str
    """Why it was not read, in a line for people."""
    begins: tuple[str, ...] = ("",)
    """How the names of its series can begin."""
    tried: bool = False
    """Whether it was asked in vain: then what whoever scrapes writes of it is known."""

    def may_have(self, name: str, matchers: Iterable[Matcher]) -> bool:
        """Whether it may have a series of this name ("" for any) that is selected."""
        if name and (not name.startswith(self.begins) or (self.tried and name in SCRAPED)):
            return False
        own = (m for m in matchers if m.name in self.labels)
        return all(value_test(m)(self.labels[m.name]) for m in own)


@dataclass(frozen=True)
class Knowledge:
    """All that is known of one bot, or of several together; without one, nothing is."""

    series: Mapping[str, tuple[Seen, ...]] = field(default_factory=dict)
    """By metric name."""
    declared: Mapping[str, Metadata] = field(default_factory=dict)
    """By metric family: a page declares metrics before they have series."""
    asked: bool = False
    """Whether a bot was asked at all; then a name that is in neither of the above does not exist."""
    identity: Labels = EMPTY
    """The labels that every series has, such as job and instance."""
    target: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """What the targets of the run, or of a prometheus.yml, are called: values of labels such as job and instance."""
    unread: tuple[Unread, ...] = ()
    """Targets of which nothing is known, although what is judged sees their series."""
    caps: Mapping[str, Cap] = field(default_factory=dict)
    """The bot's own limits by metric name."""
    set_in_work: frozenset[str] = frozenset()
    """Metrics that normal work moves."""
    born_counters: bool = True
    """Whether its rules count a counter's first value."""
    comment: str = ""
    """What an empty page says of itself."""
    at: int = 0
    """When it was asked (ms)."""
    since: int = 0
    """When its history begins (ms)."""

    @cached_property
    def samples(self) -> Mapping[str, str]:
        """Type by the name of every sample that the declared families can have."""
        found: dict[str, str] = {}
        openmetrics = any(f not in self.series and f + "_total" in self.series for f in self._families("counter"))
        for family, said in self.declared.items():
            parts = _PARTS.get(said.type, ())
            if said.type == "counter" and not openmetrics:
                parts = ()
            if said.type != "histogram" and parts[:1] != ("_total",):
                found[family] = said.type
            for part in parts:
                found[family.removesuffix(part) + part] = (
                    "counter" if said.type != "summary" or part == "_count" else ""
                )
        return found

    @cached_property
    def names(self) -> frozenset[str]:
        """Every name that a selector can ask for."""
        return frozenset(self.series) | frozenset(self.samples)

    @cached_property
    def own_names(self) -> frozenset[str]:
        """The names that are the bot's own."""
        return self.names - MADE

    def family(self, name: str) -> Metadata | None:
        """What is declared of the metric that a sample belongs to."""
        endings = ("", "_bucket", "_count", "_sum", "_total", "_created")
        stems = (name.removesuffix(ending) for ending in endings if name.endswith(ending))
        return next((self.declared[stem] for stem in stems if stem in self.declared), None)

    @property
    def empty(self) -> bool:
        """Whether a bot answers and has nothing to say."""
        return self.asked and not self.declared and not any(name not in MADE for name in self.series)

    @property
    def recorded(self) -> bool:
        """Whether there is more than the one page that was read now."""
        return 0 < self.since < self.at

    def _families(self, type_: str) -> Iterable[str]:
        return (name for name, said in self.declared.items() if said.type == type_)


SCRAPED = frozenset(
    {
        *("up", "scrape_duration_seconds", "scrape_samples_scraped", "scrape_samples_post_metric_relabeling"),
        *("scrape_series_added", "probe_success", "probe_duration_seconds"),
    }
)
"""Names of what is written of a target whether it answers or not."""
MADE = SCRAPED | {"ALERTS", "ALERTS_FOR_STATE"}
"""Names that are there whatever the bot exposes."""


def look(columns: Iterable[Column], since: int, names: Collection[str] | None = None) -> dict[str, tuple[Seen, ...]]:
    """The series of a store, by name; only of `names` (None: of all) are the values looked at."""
    found: dict[str, list[Seen]] = {}
    for column in columns:
        name = column.labels.name
        stat = measure(column, since) if names is None or name in names else None
        if stat is not None or (names is not None and name not in names):
            found.setdefault(name, []).append(Seen(column.labels, stat))
    return {name: tuple(each) for name, each in found.items()}


def with_page(
    known: Knowledge, samples: Mapping[Labels, float], declared: Mapping[str, Metadata], at: int
) -> Knowledge:
    """The knowledge with a page that has just arrived; its series are added to those of the past."""
    series = {name: {seen.labels: seen for seen in each} for name, each in known.series.items()}
    for labels, value in samples.items():
        family = series.setdefault(labels.name, {})
        if labels not in family:
            family[labels] = Seen(labels, Stat(1, at, at, value, value, value) if isfinite(value) else None)
    return replace(
        known,
        series={name: tuple(each.values()) for name, each in series.items()},
        declared={**known.declared, **declared},
        asked=True,
        identity=common(samples) if samples else known.identity,
        at=at,
        since=known.since or at,
    )


def joined(every: Sequence[Knowledge]) -> Knowledge:
    """What is known of several bots, as a server knows it that scrapes all of them."""
    series: dict[str, dict[Labels, Seen]] = {}
    declared: dict[str, Metadata] = {}
    for known in every:
        for name, family in known.series.items():
            of_name = series.setdefault(name, {})
            for seen in family:
                of_name.setdefault(seen.labels, seen)
        for name, said in known.declared.items():
            declared[name] = _agreed(declared.get(name, said), said)
    for name in {name for known in every for name in known.series if known.family(name) is None}:
        if name in declared:
            declared[name] = _agreed(declared[name], Metadata())
    return Knowledge(
        {name: tuple(each.values()) for name, each in series.items()},
        declared,
        any(known.asked for known in every),
        caps=_shared_caps(every),
        set_in_work=frozenset[str]().union(*(known.set_in_work for known in every)),
        comment=next((known.comment for known in every if known.comment), ""),
        at=max((known.at for known in every), default=0),
        since=min((known.since for known in every if known.since), default=0),
    )


def of_targets(known: Knowledge, targets: Iterable[Labels]) -> Knowledge:
    """The knowledge of several targets, whose labels these are: no label need be the same for all of them."""
    every = [labels.without(NAME) for labels in targets]
    shared, names = common(every), {name for labels in every for name in labels}
    called = {n: frozenset(labels[n] for labels in every) for n in names if all(n in labels for labels in every)}
    return replace(known, identity=shared, target=called)


def _agreed(one: Metadata, other: Metadata) -> Metadata:
    """What two pages say of a metric, as far as they say the same: nothing else is a proof."""
    if one == other:
        return one
    type_ = one.type if one.type == other.type else "unknown"
    return Metadata(type_, one.help if one.help == other.help else "", one.unit if one.unit == other.unit else "")


def _shared_caps(every: Sequence[Knowledge]) -> dict[str, Cap]:
    """The highest cap of each metric that no bot has without one."""
    found: dict[str, Cap] = {}
    for name in {name for known in every for name in known.caps}:
        caps = [known.caps.get(name) for known in every if name in known.names or name in known.caps]
        if all(caps):
            found[name] = max(filter(None, caps), key=lambda cap: cap.value)
    return found


def common(labels: Iterable[Labels]) -> Labels:
    """The labels that all of them share, without the name."""
    shared: set[tuple[str, str]] | None = None
    for each in labels:
        pairs = set(each.items())
        shared = pairs if shared is None else shared & pairs
    return Labels(dict(shared or ())).without("__name__")


def measure(column: Column, since: int) -> Stat | None:
    """What the samples of a column were; None where it has none that is a number."""
    times, values, first = column.times, column.values, column.first
    low, high, total, count = inf, -inf, 0.0, 0
    pairs = moves = 0
    fastest = risen = born = 0.0
    start = last = 0
    before: float | None = None
    for i, value in enumerate(values):
        if value != value or not isfinite(value):
            before = None if is_stale(value) else before
            continue
        t = times[first + i]
        if before is not None and t - last <= GAP:
            pairs += 1
            if value != before:
                moves += 1
                rise = value - before if value > before else 0.0
                risen += rise
                fastest = max(fastest, rise * 1_000 / (t - last))
        elif t > since:
            born = max(born, value)
        start = start or t
        before, last = value, t
        count += 1
        total += value
        low, high = min(low, value), max(high, value)
    return Stat(count, start, last, low, high, total / count, pairs, moves, fastest, risen, born) if count else None


def known_of(
    columns: Iterable[Column], declared: Mapping[str, Metadata], names: Collection[str] | None = None
) -> Knowledge:
    """The knowledge that a history gives; only of the metrics in `names` (None: of all) are the values looked at."""
    every = tuple(columns)
    since = min((column.times[column.first] for column in every), default=0)
    at = max((column.times[column.first + len(column.values) - 1] for column in every), default=0)
    page = [column.labels for column in every if column.labels.name not in ("ALERTS", "ALERTS_FOR_STATE")]
    return Knowledge(look(every, since, names), declared, bool(every), common(page), at=at, since=since)
