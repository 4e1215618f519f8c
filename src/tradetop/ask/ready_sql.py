"""The SQL of the ready questions, over `events`; every value is a parameter, and names in it are our own."""

# ruff: noqa: E501, S608 - SQL stands as people will see it, and only our own words are put together.

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tradetop.ask.answer import ROWS, Value
from tradetop.ask.words import ENDLESS, Asked

GROUPS = {
    "bot": "bot_id",
    "pair": "pair",
    "strategy": "strategy",
    "day": "day(t)",
    "hour": "hour(t)",
}
"""What can be counted by, by its name."""
_STAGED = """staged AS (
  SELECT bot_id, strategy, class, t,
    max(CASE class WHEN 'signal' THEN t END) OVER before AS signal_t,
    max(CASE class WHEN 'risk' THEN t END) OVER before AS risk_t
  FROM chosen WHERE class IN ('signal', 'risk', 'open')
  WINDOW before AS (PARTITION BY bot_id, pair, strategy
    ORDER BY t, CASE class WHEN 'signal' THEN 0 WHEN 'risk' THEN 1 ELSE 2 END ROWS UNBOUNDED PRECEDING)
)"""
"""Each risk check and opening with the last signal and check before it, of the same bot, pair and strategy."""
_LATENCY = "CASE WHEN class = 'open' AND t - signal_t <= 3600000 THEN (t - signal_t) / 1000.0 END"
"""Seconds from the signal to the trade; what took an hour was another signal's."""
_WAITS = "bot_id, pair, strategy, class, t"
_TRADES = (
    f"id, {_WAITS}, CASE class WHEN 'close' THEN mode END AS mode,\n"
    "    CASE class WHEN 'close' THEN pnl_usd END AS pnl_usd"
)
_TOP = "LIMIT :top"


def values_of(asked: Asked, top: int = ROWS) -> dict[str, Value]:
    """The values of the parameters that what was asked has."""
    found: dict[str, Value] = {
        "since": asked.span.since,
        "until": asked.span.until,
        **_listed("bot", asked.bots),
        **_listed("strategy", asked.strategies),
        **_listed("asset", asked.assets),
    }
    counted: dict[str, Value] = {"least": asked.least, "most": asked.most, "text": _pattern(asked.text)}
    more = {name: value for name, value in {**found, **counted}.items() if value is not None}
    window = {} if asked.minutes is None else {"window": asked.minutes * 60_000 - 1}
    return {**more, **window, "top": min(top if asked.top is None else asked.top, ROWS)}


def chosen(asked: Asked, columns: str = "") -> str:
    """The events that are asked about; only some columns of them where they are gone through several times."""
    mode = "mode LIKE 'live'" if asked.mode == "live" else "mode NOT LIKE 'live'"
    conditions = (
        ("t >= :since", asked.span.since is not None),
        ("t < :until", asked.span.until is not None),
        (f"bot_id IN ({', '.join(_names('bot', asked.bots))})", bool(asked.bots)),
        (f"strategy IN ({', '.join(_names('strategy', asked.strategies))})", bool(asked.strategies)),
        (_either([f"has(pair, {name})" for name in _names("asset", asked.assets)]), bool(asked.assets)),
        (mode, bool(asked.mode)),
    )
    kept = " AND ".join(sql for sql, wanted in conditions if wanted) or "t IS NOT NULL"
    once = "MATERIALIZED " if columns else ""
    return f"WITH chosen AS {once}(\n  SELECT {columns or '*'} FROM events WHERE {kept}\n)"


def counts(asked: Asked, groups: Sequence[str], name: str, condition: str) -> str:
    """How many of something by bot, pair, strategy, day or hour."""
    by, columns = _grouped(groups)
    condition = _of_text(asked, condition)
    bounds = [f"{name} >= :least"] * (asked.least is not None) + [f"{name} <= :most"] * (asked.most is not None)
    having = f"\nHAVING {' AND '.join(bounds)}" if bounds else ""
    order = f"{by}" if {"day", "hour"} & set(groups) and not bounds else f"{name} DESC, {by}"
    return (
        f"{chosen(asked)}\nSELECT {columns}, count(*) FILTER (WHERE {condition}) AS {name}\n"
        f"FROM chosen GROUP BY {by}{having}\nORDER BY {order} {_TOP}"
    )


def rates(asked: Asked, groups: Sequence[str], name: str, condition: str) -> str:
    """How many of something an hour, and the busiest hour."""
    named = [group for group in groups if group not in {"day", "hour"}] or ["bot"]
    by, columns = _grouped(named)
    keys = ", ".join(named)
    return (
        f"{chosen(asked)}, hourly AS (\n  SELECT {columns}, hour(t) AS hour, min(t) AS first, max(t) AS last,\n"
        f"    count(*) FILTER (WHERE {_of_text(asked, condition)}) AS n\n"
        f"  FROM chosen GROUP BY {by}, hour(t)\n), whole AS (\n"
        f"  SELECT {keys}, sum(n) AS {name}, max(1.0, (max(last) - min(first)) / 3600000.0) AS hours, max(n) AS most\n"
        f"  FROM hourly GROUP BY {keys}\n)\n"
        f"SELECT {keys}, {name}, round(hours, 1) AS hours, round({name} / hours, 2) AS per_hour, most AS in_busiest_hour\n"
        f"FROM whole ORDER BY per_hour DESC, {keys} {_TOP}"
    )


def win_rate(asked: Asked, groups: Sequence[str]) -> str:
    """Won and lost trades; paper and live apart."""
    by, columns = _grouped(groups)
    return (
        f"{chosen(asked)}\nSELECT {columns}, mode, count(*) AS trades, count(*) FILTER (WHERE pnl_usd > 0) AS won,\n"
        "  round(100.0 * count(*) FILTER (WHERE pnl_usd > 0) / count(*), 1) AS win_pct, round(sum(pnl_usd), 2) AS pnl_usd\n"
        f"FROM chosen WHERE class = 'close' AND pnl_usd IS NOT NULL GROUP BY {by}, mode\n"
        f"ORDER BY win_pct DESC, trades DESC, {by} {_TOP}"
    )


def profit(asked: Asked, groups: Sequence[str], *, worst: bool) -> str:
    """Profit and loss of closed trades; paper and live apart."""
    by, columns = _grouped(groups)
    return (
        f"{chosen(asked)}\nSELECT {columns}, mode, count(*) AS trades, round(sum(pnl_usd), 2) AS pnl_usd,\n"
        "  round(avg(pnl_usd), 2) AS average_usd, round(min(pnl_usd), 2) AS worst_usd\n"
        f"FROM chosen WHERE class = 'close' AND pnl_usd IS NOT NULL GROUP BY {by}, mode\n"
        f"ORDER BY sum(pnl_usd) {'ASC' if worst else 'DESC'}, {by} {_TOP}"
    )


def stages(asked: Asked) -> str:
    """How long each stage takes: medians of signal to risk check, check to trade, signal to trade, and of holding."""
    hour = 3_600_000
    return (
        f"{chosen(asked, _WAITS)}, {_STAGED}\nSELECT bot_id AS bot, count(*) FILTER (WHERE class = 'open') AS trades,\n"
        f"  median(CASE WHEN class = 'risk' AND t - signal_t <= {hour} THEN (t - signal_t) / 1000.0 END)"
        " AS signal_to_risk_s,\n"
        f"  median(CASE WHEN class = 'open' AND risk_t >= signal_t AND t - risk_t <= {hour} THEN (t - risk_t) / 1000.0 END)"
        " AS risk_to_open_s,\n"
        f"  median({_LATENCY}) AS signal_to_open_s, max({_LATENCY}) AS slowest_s\n"
        f"FROM staged GROUP BY bot_id ORDER BY signal_to_open_s DESC, bot {_TOP}"
    )


def latency(asked: Asked) -> str:
    """The median time from signal to trade of each bot and hour."""
    return (
        f"{chosen(asked, _WAITS)}, {_STAGED}\nSELECT bot_id AS bot, hour(t) AS hour, count({_LATENCY}) AS trades,\n"
        f"  median({_LATENCY}) AS median_s, min({_LATENCY}) AS fastest_s, max({_LATENCY}) AS slowest_s\n"
        f"FROM staged WHERE {_LATENCY} IS NOT NULL GROUP BY bot_id, hour(t) ORDER BY hour DESC, bot {_TOP}"
    )


def frequent(asked: Asked, condition: str) -> str:
    """Errors that are alike, the most frequent first, and where they occur."""
    return (
        f"{chosen(asked)}\nSELECT coalesce(alike(message), event_type) AS error, category, count(*) AS errors,\n"
        "  count(DISTINCT bot_id) AS bots, count(DISTINCT pair) AS pairs, at(max(t)) AS last\n"
        f"FROM chosen WHERE {_of_text(asked, condition)} GROUP BY 1, 2 ORDER BY errors DESC, error {_TOP}"
    )


def by_pair(asked: Asked, condition: str) -> str:
    """Whether errors go with pairs: how many of a pair's events are errors, beside all of its events."""
    return (
        f"{chosen(asked)}\nSELECT pair, count(*) AS events, count(*) FILTER (WHERE {_of_text(asked, condition)}) AS errors,\n"
        f"  round(100.0 * count(*) FILTER (WHERE {_of_text(asked, condition)}) / count(*), 2) AS errors_pct\n"
        f"FROM chosen GROUP BY pair ORDER BY errors_pct DESC, errors DESC, pair {_TOP}"
    )


def categories(asked: Asked) -> str:
    """Errors by category and their share."""
    errors = _of_text(asked, "class = 'error'")
    return (
        f"{chosen(asked)}\nSELECT category, count(*) AS errors, round(100.0 * count(*) / sum(count(*)) OVER (), 1)"
        " AS share_pct,\n  count(DISTINCT bot_id) AS bots, at(max(t)) AS last\n"
        f"FROM chosen WHERE {errors} GROUP BY category ORDER BY errors DESC, category {_TOP}"
    )


def daily(asked: Asked) -> str:
    """Each bot's days: what it did, and what it made, live and on paper apart."""
    classes = (("signals", "signal"), ("opened", "open"), ("closed", "close"), ("errors", "error"))
    counted = ",\n  ".join(f"count(*) FILTER (WHERE class = '{cls}') AS {name}" for name, cls in classes)
    return (
        f"{chosen(asked)}\nSELECT bot_id AS bot, day(t) AS day,\n  {counted},\n"
        "  count(*) FILTER (WHERE class = 'close' AND pnl_usd > 0) AS won,\n"
        "  round(sum(pnl_usd) FILTER (WHERE class = 'close' AND mode LIKE 'live'), 2) AS pnl_live_usd,\n"
        "  round(sum(pnl_usd) FILTER (WHERE class = 'close' AND mode NOT LIKE 'live'), 2) AS pnl_paper_usd,\n"
        "  round(sum(pnl_usd) FILTER (WHERE class = 'close' AND mode IS NULL), 2) AS pnl_mode_unsaid_usd\n"
        f"FROM chosen GROUP BY bot_id, day(t) ORDER BY day DESC, bot {_TOP}"
    )


def latest(asked: Asked, condition: str) -> str:
    """The newest events."""
    return (
        f"{chosen(asked)}\nSELECT at(t) AS time, bot_id AS bot, event_type, pair, strategy,\n"
        "  coalesce(message, result, pnl_usd) AS said\n"
        f"FROM chosen WHERE {_of_text(asked, condition)} ORDER BY t DESC, id {_TOP}"
    )


def bursts(asked: Asked, groups: Sequence[str], condition: str) -> str:
    """The most errors within some minutes, and when the last of those was."""
    by, columns = _grouped([group for group in groups if group not in {"day", "hour"}] or ["bot"])
    keys = ", ".join(columns.rpartition(" AS ")[2] for columns in columns.split(", "))
    return (
        f"{chosen(asked)}, windows AS (\n  SELECT {columns}, t, count(*) OVER (PARTITION BY {by} ORDER BY t\n"
        f"    RANGE BETWEEN :window PRECEDING AND CURRENT ROW) AS n\n  FROM chosen WHERE {_of_text(asked, condition)}\n)\n"
        f"SELECT {keys}, max(n) AS errors, at(t) AS up_to FROM windows GROUP BY {keys}\n"
        f"HAVING errors BETWEEN :least AND :most ORDER BY errors DESC, {keys} {_TOP}"
    )


def matrix(asked: Asked) -> str:
    """Strategies side by side: trades, win rate, average, drawdown, Sharpe, signals and latency; paper and live apart."""
    rows = "PARTITION BY strategy, mode ORDER BY t, id ROWS UNBOUNDED PRECEDING"
    return (
        f"{chosen(asked, _TRADES)}, {_STAGED}, running AS (\n"
        "  SELECT strategy, mode, id, t, pnl_usd, sum(pnl_usd) OVER "
        f"({rows}) AS total\n  FROM chosen WHERE class = 'close' AND pnl_usd IS NOT NULL\n"
        "), fallen AS (\n"
        f"  SELECT *, max(0, max(total) OVER ({rows})) - total AS down FROM running\n"
        "), closed AS (\n"
        "  SELECT strategy, mode, count(*) AS trades, round(100.0 * count(*) FILTER (WHERE pnl_usd > 0) / count(*), 1)"
        " AS win_pct,\n    round(avg(pnl_usd), 2) AS average_usd, round(max(down), 2) AS drawdown_usd,\n"
        "    round(avg(pnl_usd) / nullif(stdev(pnl_usd), 0), 2) AS sharpe_of_trades\n"
        "  FROM fallen GROUP BY strategy, mode\n"
        "), signalled AS (\n"
        "  SELECT strategy, round(count(*) FILTER (WHERE class = 'signal')"
        " / max(1.0, (max(t) - min(t)) / 86400000.0), 2) AS signals_a_day\n  FROM chosen GROUP BY strategy\n"
        f"), waited AS (\n  SELECT strategy, round(avg({_LATENCY}), 3) AS latency_s FROM staged GROUP BY strategy\n)\n"
        "SELECT s.strategy, mode, trades, win_pct, average_usd, drawdown_usd, sharpe_of_trades, signals_a_day, latency_s\n"
        "FROM signalled s LEFT JOIN closed c ON c.strategy IS s.strategy LEFT JOIN waited w ON w.strategy IS s.strategy\n"
        f"WHERE s.strategy IS NOT NULL ORDER BY average_usd DESC, s.strategy, mode {_TOP}"
    )


def language_model(asked: Asked) -> str:
    """Bots of which an event tells of an LLM beside those without; paper and live apart."""
    return (
        f"{chosen(asked)}, users AS (\n  SELECT DISTINCT bot_id FROM chosen\n"
        "  WHERE instr(lower(coalesce(metadata, '') || ' ' || event_type || ' ' || coalesce(strategy, '')), 'llm') > 0\n)\n"
        "SELECT CASE WHEN u.bot_id IS NULL THEN 'without LLM' ELSE 'with LLM' END AS bots, mode,\n"
        "  count(DISTINCT c.bot_id) AS how_many, count(*) AS trades,\n"
        "  round(100.0 * count(*) FILTER (WHERE pnl_usd < 0) / count(*), 1) AS lost_pct,\n"
        "  round(avg(pnl_usd), 2) AS average_usd, round(sum(pnl_usd), 2) AS pnl_usd\n"
        "FROM chosen c LEFT JOIN users u ON u.bot_id = c.bot_id\n"
        f"WHERE class = 'close' AND pnl_usd IS NOT NULL GROUP BY 1, mode ORDER BY 1, mode {_TOP}"
    )


def bounds(values: Mapping[str, Value]) -> dict[str, Value]:
    """The same with counts that have a bound on both sides."""
    return {"least": 1, "most": ENDLESS, "window": 5 * 60_000 - 1, **values}


def _names(kind: str, values: Sequence[str]) -> list[str]:
    """The parameters of several values of one kind: `:bot`, `:bot2`..."""
    return [f":{name}" for name in _listed(kind, values)]


def _listed(kind: str, values: Sequence[str]) -> dict[str, Value]:
    return {f"{kind}{index if index > 1 else ''}": value for index, value in enumerate(values, 1)}


def _either(conditions: Sequence[str]) -> str:
    return f"({' OR '.join(conditions)})" if len(conditions) > 1 else "".join(conditions)


def _grouped(groups: Sequence[str]) -> tuple[str, str]:
    """What to group by, and the columns that say so."""
    return ", ".join(GROUPS[group] for group in groups), ", ".join(f"{GROUPS[group]} AS {group}" for group in groups)


def _of_text(asked: Asked, condition: str) -> str:
    return f"{condition} AND message LIKE :text ESCAPE '\\'" if asked.text else condition


def _pattern(text: str) -> str | None:
    """The pattern of what holds a text, whose signs mean themselves."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%" if text else None
