"""What a number is, told by its name: what is money, a quantity, an id or a host, and what may be shown."""

from __future__ import annotations

import re
from functools import lru_cache

from tradetop.model.unit import Kind

SECRET = frozenset([Kind.MONEY, Kind.QUANTITY, Kind.ID, Kind.HOST])
"""The kinds that redaction hides."""

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'|`[^`]*`')
_BRACED = re.compile(r"\{[^{}]*\}")
_GROUPED = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^()]*\)", re.IGNORECASE)
_NAME = re.compile(r"(?<![\w:.])[A-Za-z_:][\w:]*(?!\s*\(|[\w:])")


def one_of(said: str) -> frozenset[str]:
    """The words of a list."""
    return frozenset(said.split())


_SHARES = one_of("pct percent percentage ratio share utilization utilisation bps slippage rsi score confidence")
_TIMES = one_of("seconds sec secs ms millis milliseconds minutes hours duration latency lag age uptime timestamp held")
_TECHNICAL = one_of(
    "bytes batch queue cache page buffer chunk log heap memory gc cpu http requests updates errors error failures"
    " rejections checks count counts num number streak consecutive"
)
_SURELY = one_of("usd usdt usdc eur pnl balance balances equity notional profit fee fees volume")
"""Words that make an amount of anything, whatever else the name says."""
_MONEY = one_of(
    "usd usdt usdc busd dai eur gbp jpy dollar dollars cents pnl profit profits loss losses fee fees cost costs equity"
    " balance balances notional capital bankroll nav margin price prices collateral spend spent revenue payout payouts"
    " stake wager bid ask exposure value worth commission funding drawdown entry exit stop tp sl strike cash funds"
    " deposit deposits withdrawal withdrawals principal wealth premium turnover aum gain gains"
)
_AMOUNTS = one_of(
    "size qty quantity amount amounts volume lots lot contracts shares coins tokens holding holdings inventory position"
    " units supply liquidity leverage delta btc eth sol xrp bnb doge ada matic avax wei lamports gas"
)
_IDS = one_of(
    "id ids uid uuid guid key apikey token secret password hash tx txid signature wallet address addr account acct"
    " subaccount mint owner user username email client session nonce cookie auth authorization bearer fingerprint"
)
_HOSTS = one_of(
    "host hostname instance server node ip url uri rpc pod container domain machine fqdn nodename peer dsn webhook"
    " kubernetes_node broker_url"
)


@lru_cache(maxsize=4_096)
def words_of(name: str) -> frozenset[str]:
    """The words of a name such as `trader_account_value_usd` or `orderId`, in lower case."""
    return frozenset(word.lower() for word in _WORD.findall(name))


@lru_cache(maxsize=4_096)
def kind_of_metric(name: str) -> Kind:
    """What a metric, or a number among an event's details, is about; a count where nothing says otherwise."""
    words = words_of(name)
    if words & _SHARES:
        return Kind.PERCENT
    if not words & _SURELY:
        if words & _TIMES:
            return Kind.DURATION
        if words & _TECHNICAL:
            return Kind.COUNT
    if words & _MONEY:
        return Kind.MONEY
    return Kind.QUANTITY if words & _AMOUNTS else Kind.COUNT


@lru_cache(maxsize=4_096)
def kind_of_label(name: str) -> Kind:
    """What a label's or a field's text is about; plain text where nothing says otherwise."""
    words = words_of(name)
    if words & _IDS:
        return Kind.ID
    if words & _HOSTS:
        return Kind.HOST
    found = kind_of_metric(name)
    return found if found in SECRET else Kind.TEXT


@lru_cache(maxsize=2_048)
def metrics_of(expr: str) -> tuple[str, ...]:
    """Names in a PromQL expression that may be metrics: neither functions nor labels nor texts."""
    bare = _GROUPED.sub(" ", _BRACED.sub(" ", _QUOTED.sub(" ", expr)))
    return tuple(dict.fromkeys(_NAME.findall(bare)))


@lru_cache(maxsize=2_048)
def tells_amounts(expr: str) -> bool:
    """Whether an expression is about money or a quantity, by the names of its metrics."""
    return any(kind_of_metric(name) in SECRET for name in metrics_of(expr))
