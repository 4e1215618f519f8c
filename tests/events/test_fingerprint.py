"""What makes errors alike."""

from __future__ import annotations

import gzip
import json
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.making import event
from tradetop.events.fingerprint import essence, fingerprint


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("order 0xdeadbeef01 failed", "order 0x12 failed", True),
        (
            "wallet 7xKXtg2CW87d97TXJSDpbD5 empty",
            "wallet 9yKXtg2CW87d97TXJSDpbE6 empty",
            True,
        ),
        ("id 550e8400-e29b-41d4-a716-446655440000", "id 11111111-e29b-41d4-a716-446655440000", True),
        ("retry in 3s", "retry in 12.5s", True),
        ("status 429 from /orders", "status 500 from /orders", False),
        ("429 Too Many Requests", "503 Too Many Requests", False),
        ("took 429 ms", "took 503 ms", True),
        ("SOL refused", "BTC refused", False),
        ("blockhash 4uQeVj5tqViQh7yWWGStvkEG1Zmhx6uasJtWCJziofM not found", "blockhash 9xQ not found", False),
        (
            "blockhash 4uQeVj5tqViQh7yWWGStvkEG1Zmhx6uasJtWCJziofM not found",
            "blockhash EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v not found",
            True,
        ),
        ("order 'ord_8f3a2c91' not found", "order 'ord_77be01aa' not found", True),
        ('unknown field "size"', 'unknown field "price"', False),
        ("order ord-8f3a2c rejected", "order ord-91bb07 rejected", True),
        ("tx 5VERv8NMvzbJMEkV8xnrLkEaWRtSz9CosKDYjCJjBRnb", "tx aBcDeFgHiJkLmNoPqRsTuVwXyZaBcDeFgHiJ", True),
        ("Timeout at 2026-11-30T14:00:00Z", "Timeout at 2026-12-01T03:17:59Z", True),
        ("got -1.5e-7 SOL", "got 22 SOL", True),
        ("connect ECONNREFUSED 10.0.0.1:8899", "connect ECONNREFUSED 10.0.0.2:8900", True),
        ("insufficient funds", "insufficient liquidity", False),
    ],
)
def test_what_makes_errors_alike(one: str, other: str, alike: bool) -> None:
    assert (essence(one) == essence(other)) is alike


def test_pairs_and_bots_are_told_beside_a_group_and_do_not_split_it() -> None:
    def of(pair: str, bot: str, message: str, category: str = "") -> str:
        made = event("error", json.dumps({"message": message, "category": category}))
        return fingerprint(replace(made, pair=pair, bot=bot))

    one = of("SOL/USDC", "sniper", "sniper: quote for SOL/USDC failed")
    assert one == of("WIF/USDC", "grid", "grid: quote for WIF/USDC failed")
    assert one != of("WIF/USDC", "grid", "grid: swap for WIF/USDC failed")


def test_a_message_of_any_length_and_kind_takes_no_time() -> None:
    hostile = ["a1" * 500_000, '"' + "1" * 200_000, "0x" * 100_000, "'" * 50_000 + "1", "1." * 99_999, "\ud800\x00", ""]
    begun = time.monotonic()
    for text in hostile:
        essence.__wrapped__(text)
    assert time.monotonic() - begun < 0.5


@given(st.text(max_size=600))
def test_no_text_is_too_strange(text: str) -> None:
    assert essence(essence(text)) is not None
    made = event("error", json.dumps({"message": text}))
    assert fingerprint(made) == fingerprint(made)


def test_the_reasons_of_a_real_bot_fall_into_few_groups(recorded: Callable[..., Path]) -> None:
    with gzip.open(recorded("247trader", "audit-7d.jsonl.gz"), "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    said = {row["no_trade_reason"] for row in rows if row.get("no_trade_reason")}
    groups = Counter(map(essence, said))
    assert len(said) == 57
    assert len(groups) == 22
    assert groups["total at-risk # exceeds cap of #"] == 10
    assert groups["max drawdown # exceeds limit"] > 3
