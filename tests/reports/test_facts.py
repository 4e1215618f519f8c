"""What reports take from a row is what the screen takes from it."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from events.hands import NOW
from tradetop.events.counters import mode_in
from tradetop.events.fingerprint import essence, message_of
from tradetop.events.row import Row, event_of
from tradetop.model.bot_event import EventClass
from tradetop.reports.facts import CLASSES, LINKED, told

NAMES = (
    *("mode", "Mode", "pnl", "pnl_usd", "PNL_USD", "realized_pnl", "message", "error", "reason", "rule", "msg"),
    *("trade_id", "trade", "tradeId", "position", "position_id", "signal_id", "correlation_id", "trace_id", "deal_id"),
    *("status", "result", "passed", "action", "held", "duration_ms", "category", "code", "x" * 70, "x" * 71, "\x1b[0m"),
)
leaves = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**20), 10**20), st.floats(), st.text(max_size=12),
    st.sampled_from(("paper", "LIVE", "dry-run", "1.5", "-3e2", "inf", "true", "t1", "a\x1bb", "\ud800", "x" * 2_500)),
)  # fmt: skip
documents = st.dictionaries(
    st.sampled_from(NAMES),
    st.one_of(leaves, leaves, leaves, st.dictionaries(st.sampled_from(NAMES), leaves, max_size=3), st.lists(leaves)),
    max_size=8,
)
metadata = st.one_of(
    st.none(),
    documents.map(json.dumps),
    documents.map(lambda document: json.dumps(document, ensure_ascii=False)),
    documents.map(lambda document: json.dumps(json.dumps(document))),
    documents.map(lambda document: json.dumps(document, indent=1)[:-2]),
    st.text(max_size=20),
    st.binary(max_size=20),
    st.sampled_from(('{"a": 1} x', "{} {}", "[]", "1", "  ", "{", '{"mode": "live",}', "[" * 5_000)),
)
times = st.one_of(
    st.none(), st.integers(-1, 10**20), st.floats(), st.text(max_size=20),
    st.sampled_from(("2026-01-02T03:04:05Z", "2026-01-02 03:04:05", "999e-1", "1767e6", "1767323045", "12e9-")),
)  # fmt: skip
kinds = st.sampled_from(
    ("signal", "risk_eval", "trade_open", "trade_close", "error", "Order Filled", "heartbeat", "", None, 7, "settled")
)
cells = st.one_of(st.none(), st.text(max_size=5), st.integers(), st.binary(max_size=4))


@given(st.builds(Row, st.integers(1, 9), cells, cells, kinds, cells, cells, times, metadata, times, st.none()))
def test_reports_see_what_the_screen_sees(row: Row) -> None:
    event, found = event_of(row, NOW, 0), told(row, NOW)
    assert (found.t, found.guessed_time, CLASSES[found.cls]) == (event.t, event.guessed_time, event.cls)
    assert (found.bot, found.strategy, found.pair, found.mode) == (
        event.bot,
        event.strategy,
        event.pair,
        mode_in(event),
    )
    if event.cls is EventClass.ERROR:
        brief = event_of(row, NOW, 0, only=frozenset({"message", "reason"}))
        assert (found.category, found.message) == (event.category, essence(message_of(brief)))
    if event.cls is EventClass.CLOSE:
        assert found.pnl == (event.pnl if event.pnl is not None and abs(event.pnl) <= 1e15 else None)
    if event.cls in {EventClass.RISK, EventClass.OPEN, EventClass.CLOSE}:
        known = {fact.name: str(fact.value) for fact in event.facts}
        assert found.ids == tuple(known.get(name, "") for name in LINKED)
    if event.cls is EventClass.SIGNAL and row.id is not None:
        assert found.ids[0] == next((str(f.value) for f in event.facts if f.name == "signal_id"), event.id)
