"""Any bot: panels made from the metric names, types and units of whatever a page holds."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from tradetop.dashboards.choose import ANY
from tradetop.dashboards.evaluate import APART
from tradetop.model.level import Level
from tradetop.model.panel import Dashboard, Panel, PanelKind, PaneName, Query, Threshold
from tradetop.model.ports import Metadata
from tradetop.model.unit import Unit

PANELS = 120
"""Panels made at most; a page with more is no dashboard."""

SHARE_ABOVE = 1.5
"""A share of 1 that was seen above this is a percentage after all (rate limits do pass 100 %)."""

_UNITS: tuple[tuple[str, Unit], ...] = (
    (r"_(usd|usdt|usdc|dollars)$", Unit.USD),
    (r"_(pct|percent|percentage)$", Unit.PERCENT),
    (r"_(ratio|utili[sz]ation|fraction)$", Unit.RATIO),
    (r"_bytes$", Unit.BYTES),
    (r"_timestamp(_seconds)?$|_time_seconds$", Unit.TIME),
    (r"_seconds$", Unit.SECONDS),
    (r"_(ms|millis|milliseconds)$", Unit.MILLISECONDS),
)
ACTIVE = 20
"""Counters at most that tell whether a bot without a counter of cycles does anything."""

_CYCLE = re.compile(
    r"(^|_)(cycles?|loops?|iterations?|ticks?|heartbeats?|scans?)"
    r"(_(number|started|run|runs|executed|processed|processing|completed|finished|done|ok|successful"
    r"|duration|time|latency|seconds|ms|milliseconds|count|total))*$"
)
"""What the name of a counter is like that every cycle moves; one of a cycle's errors or orders is none."""
_CAP = re.compile(r"_(limit|cap)(?=_|$)|(?<=_)max_(?=[a-z_]*(positions|orders|trades|exposure|leverage))")
"""What the name of a bot's own cap has that the name of what it caps has not."""
_SKIPPED = re.compile(r"_created$|_info$|^(python|go|promhttp|scrape|probe|http_server)_|^process_(?!resident|cpu)")
_PLAIN = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_PARTS = ("_bucket", "_sum", "_count")


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a metric belongs by the words of its name."""

    pattern: str
    pane: PaneName
    row: str


_PLACES = (
    _Place(r"pnl|profit|realized|realised", PaneName.PNL, "Profit and loss"),
    _Place(r"equity|balance|account_value|portfolio_value|\bnav\b|wallet", PaneName.EQUITY, "Account"),
    _Place(r"rate_?limit|quota", PaneName.RATES, "Rate limits"),
    _Place(r"exposure|drawdown|leverage|margin|open_(positions|trades)|positions_open", PaneName.LIMITS, "Risk"),
    _Place(r"error|fail|reject|exception|timeout", PaneName.ERRORS, "Errors"),
    _Place(r"latency|duration|cycle", PaneName.CYCLE, "Latency"),
    _Place(r"signal|trade|order|strategy|fill", PaneName.STRATEGIES, "Activity"),
    _Place(r"^process_", PaneName.DASHBOARD, "Process"),
)
_RISKS = re.compile(r"exposure|drawdown|leverage|margin|positions|pnl|profit|equity|balance")
_DAILY = re.compile(r"daily|today|day_|_24h")
_ACRONYMS = {"pnl": "PnL", "usd": "USD", "api": "API", "http": "HTTP", "cpu": "CPU", "id": "ID"}


def any_dashboard(
    names: Collection[str],
    metadata: Callable[[str], Metadata | None],
    greatest: Callable[[str], float | None] = lambda _name: None,
    declared: Collection[str] = (),
) -> Dashboard:
    """A dashboard for a page with these metric names; `greatest` tells the largest value seen of a metric,
    `declared` which families it names, whether they have series yet or not.

    A panel's id is the metric's name, so that a config can give it thresholds. The same page gives the same panels.
    """
    families = sorted({family for name in names if (family := _family(name, names)) is not None})
    prefix = _common_prefix(families)
    made = [_panel(family, names, metadata, greatest, prefix) for family in families[:PANELS]]
    counters = _counters(names, metadata)
    unborn = _counters([name for family in sorted(declared) for name in _samples(family, metadata)], metadata)
    cycles = tuple(name for name in (*counters, *unborn) if _CYCLE.search(name))[:1]
    return Dashboard(
        ANY,
        "any bot",
        (*_arranged(made), *_capped(families, metadata, greatest), BOT_DOWN),
        cycles=cycles,
        activity=() if cycles else counters[:ACTIVE],
    )


BOT_DOWN = Panel(
    "bot-down",
    "Bot Down",
    (Query("up == bool 0"),),
    kind=PanelKind.STATE,
    label="bot",
    thresholds=(Threshold(0.0, Level.CRITICAL, hold=60_000),),
    states=((0.0, "up"), (1.0, "DOWN")),
    row="Process",
    runbook="Bot unreachable, check process status",
)


def _counters(names: Collection[str], metadata: Callable[[str], Metadata | None]) -> tuple[str, ...]:
    """The bot's own counters, those of observations among them; none of its runtime or of requests for its page."""
    found = []
    for name in sorted(names):
        known = metadata(name)
        counts = name.endswith("_count") and f"{name.removesuffix('_count')}_sum" in names
        counted = name.endswith("_total") and (known is None or known.type != "gauge")
        own = name not in APART and not name.startswith(("bot_", "http_", "process_")) and not _SKIPPED.search(name)
        if own and _PLAIN.fullmatch(name) and (counts or counted or (known is not None and known.type == "counter")):
            found.append(name)
    return tuple(found)


def _samples(family: str, metadata: Callable[[str], Metadata | None]) -> tuple[str, ...]:
    """The names that the samples of a declared counter, or of observations, will have."""
    type_ = known.type if (known := metadata(family)) is not None else ""
    if type_ in ("histogram", "summary"):
        return f"{family}_count", f"{family}_sum"
    return (family if family.endswith("_total") else f"{family}_total",) if type_ == "counter" else ()


def _capped(
    families: Collection[str], metadata: Callable[[str], Metadata | None], greatest: Callable[[str], float | None]
) -> list[Panel]:
    """A limit for each metric whose cap the bot exposes beside it: `x_exposure_usd` and `x_exposure_limit_usd`."""
    found, prefix = [], _common_prefix(families)
    for cap in families:
        name = _CAP.sub("", cap)
        if name == cap or name not in families or _unit(name, metadata(name), greatest) is Unit.TIME:
            continue
        found.append(
            Panel(
                f"{name}-of-cap",
                f"{_title(name, prefix)} Of Its Cap",
                (Query(f"100 * {name} / ({cap} > 0)"),),
                pane=PaneName.LIMITS,
                kind=PanelKind.GAUGE,
                unit=Unit.PERCENT,
                label=_label(name, prefix, PaneName.LIMITS),
                thresholds=(Threshold(80.0, Level.WARNING), Threshold(100.0, Level.CRITICAL, inclusive=True)),
                minimum=0.0,
                maximum=100.0,
                row="Risk",
                alert=_title(name, prefix).replace(" ", "") + "Cap",
                runbook=f"Close to the bot's own cap ({cap}), after which it refuses trades",
            )
        )
    return found


def _family(name: str, names: Collection[str]) -> str | None:
    """The metric that a name belongs to; None for one that is no panel."""
    if name in APART or name.startswith("bot_events") or _SKIPPED.search(name):
        return None
    for part in _PARTS:
        stem = name.removesuffix(part)
        if stem != name and (f"{stem}_count" in names and f"{stem}_sum" in names):
            return stem
    return name


def _panel(
    name: str,
    names: Collection[str],
    metadata: Callable[[str], Metadata | None],
    greatest: Callable[[str], float | None],
    prefix: str,
) -> Panel:
    known = metadata(name)
    type_ = known.type if known is not None else ""
    unit = _unit(name, known, greatest)
    place = next((p for p in _PLACES if re.search(p.pattern, name)), _Place("", PaneName.DASHBOARD, "Other"))
    query, unit, kind = _query(name, names, type_, unit)
    pane = place.pane
    thresholds: tuple[Threshold, ...] = ()
    if pane is PaneName.EQUITY:
        kind = PanelKind.CHART
    elif pane is PaneName.RATES:
        if unit in (Unit.PERCENT, Unit.RATIO):
            full = 100.0 if unit is Unit.PERCENT else 1.0
            kind = PanelKind.BARS
            thresholds = (Threshold(0.8 * full, Level.WARNING), Threshold(0.9 * full, Level.CRITICAL))
        else:
            pane = PaneName.DASHBOARD
    elif pane is PaneName.ERRORS:
        kind = PanelKind.BARS
    return Panel(
        name,
        _title(name, prefix),
        (query,),
        pane=pane,
        kind=kind,
        unit=unit,
        label=_label(name, prefix, pane),
        thresholds=thresholds,
        signed=pane is PaneName.PNL,
        row=place.row,
    )


def _query(name: str, names: Collection[str], type_: str, unit: Unit) -> tuple[Query, Unit, PanelKind]:
    if f"{name}_bucket" in names:
        return Query(f"histogram_quantile(0.95, rate({name}_bucket[5m]))"), unit, PanelKind.BARS
    if f"{name}_sum" in names and name not in names:
        return Query(f"rate({name}_sum[5m]) / rate({name}_count[5m])"), unit, PanelKind.BARS
    if type_ == "counter" or (name.endswith("_total") and type_ != "gauge"):
        if unit is Unit.SHORT:
            return Query(f"increase({name}[1h])"), Unit.PER_HOUR, PanelKind.STAT
        if unit is Unit.USD:
            return Query(f"increase({name}[1d])"), unit, PanelKind.STAT
        return Query(f"rate({name}[5m])"), Unit.PER_SECOND, PanelKind.STAT
    return Query(name), unit, PanelKind.STAT


def unit_of(name: str) -> Unit:
    """The unit that a metric's name tells of its values; `short` where it tells none."""
    return _unit(name, None, lambda _name: None)


def _unit(name: str, known: Metadata | None, greatest: Callable[[str], float | None]) -> Unit:
    stem = name.removesuffix("_total")
    named = next((unit for pattern, unit in _UNITS if re.search(pattern, stem)), None)
    unit = named or next((u for p, u in _UNITS if known and known.unit and re.search(p, f"_{known.unit}")), None)
    if unit is None and re.search(r"pnl|profit|equity|balance|account_value", name):
        return Unit.USD
    if unit is Unit.RATIO and (greatest(name) or 0.0) > SHARE_ABOVE:
        return Unit.PERCENT
    return unit or Unit.SHORT


def _arranged(panels: list[Panel]) -> list[Panel]:
    """The P&L pane needs one headline, and percentages of money belong in titles; risks come first in their pane."""
    money = [p for p in panels if p.pane is PaneName.PNL and p.unit is Unit.USD]
    head = min(money, key=lambda p: (_DAILY.search(p.id) is None, "unreal" in p.id, len(p.id)), default=None)
    made = []
    for panel in panels:
        if panel is head:
            label = "P&L today" if _DAILY.search(panel.id) else panel.title
            made.append(replace(panel, kind=PanelKind.HEADLINE, label=label))
        elif panel.pane is PaneName.PNL and panel.unit in (Unit.PERCENT, Unit.RATIO):
            made.append(replace(panel, kind=PanelKind.TITLE))
        else:
            made.append(panel)
    order = {row: i for i, row in enumerate([*(p.row for p in _PLACES), "Other"])}
    return sorted(made, key=lambda p: (order[p.row], _RISKS.search(p.id) is None))


def _common_prefix(families: Collection[str]) -> str:
    """The first word that most metrics share, which no title needs."""
    words = Counter(name.split("_")[0] for name in families if not name.startswith("process_"))
    word, count = words.most_common(1)[0] if words else ("", 0)
    return f"{word}_" if count > 1 and count * 2 > sum(words.values()) else ""


def _label(name: str, prefix: str, pane: PaneName) -> str:
    """A short name for the rows of a pane, written as those of the presets are."""
    if pane is PaneName.EQUITY:
        return "Equity"
    words = _title(name, prefix).split()
    return " ".join(word if word in _ACRONYMS.values() else word.lower() for word in words)


def _title(name: str, prefix: str) -> str:
    stem = name.removeprefix(prefix).removesuffix("_total")
    for pattern, _ in _UNITS:
        stem = re.sub(pattern, "", stem) or stem
    return " ".join(_ACRONYMS.get(word, word.capitalize()) for word in stem.split("_") if word) or name
