"""Free text: what may be read stays readable, what must not be told is gone."""

from __future__ import annotations

import pytest

from tradetop.model.unit import Kind
from tradetop.redact.lines import exposition, expression
from tradetop.redact.names import kind_of_label, kind_of_metric, metrics_of
from tradetop.redact.words import MOST, Words, is_host, named, said


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("429 Too Many Requests /products", "429 Too Many Requests /products"),
        ("slippage > 1.0%", "slippage > 1.0%"),
        ("retry 3 of 5 after 30s, p95 of 24h", "retry 3 of 5 after 30s, p95 of 24h"),
        ("deploy v1.4.2, 247trader-v2 at 2026-11-20 12:03:27", "deploy v1.4.2, 247trader-v2 at 2026-11-20 12:03:27"),
        ("14 errors, attempt 2", "14 errors, attempt 2"),
        ("need 1,284.20 USDT, have 20", "need ••• USDT, have •••"),
        ("bought 0.5BTC at $64,000 (held 2m10s)", "bought ••• BTC at $••• (held 2m10s)"),
        ("size 1.5m 3k, USD1284.20, x512.5", "size ••• •••, USD•••, x•••"),
        ("order 12345 rejected at 64012.10", "order ••• rejected at •••"),
        ("wallet=main-7 size=12.5 pct=3.1%", "wallet=••• size=••• pct=3.1%"),
        ("wallet=main fee=none side=buy", "wallet=••• fee=none side=buy"),
        ("the account main-7 is out of margin", "the account ••• is out of margin"),
        ("connection refused at 127.0.0.1:8000: is the bot running?", "connection refused at •••: is the bot running?"),
        ("HTTP 503 from https://u:p@api.x.com/v1?key=1 and api.exchange.com", "HTTP 503 from ••• and •••"),
        ("0xdeadbeef12, jane@x.com, ::1 and box-7:8000", "•••, •••, ••• and •••"),
        ("/home/jane/x.db is broken", "••• is broken"),
        ("bots.db has no table, see config.yaml", "bots.db has no table, see config.yaml"),
        ("sqlite3.OperationalError: database is locked", "sqlite3.OperationalError: database is locked"),
    ],
)
def test_what_a_bot_says_keeps_its_sense(text: str, left: str) -> None:
    assert said(text) == left


def test_what_has_been_hidden_once_stays_as_it_is() -> None:
    once = said("need 1,284.20 USDT at box-7:8000, order 12345")
    assert said(once) == once


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("API Latency (p95)", "API Latency (p95)"),
        ("Trade Rate (per 5min)", "Trade Rate (per 5min)"),
        ("grid-btc", "grid-btc"),
        ("0.95", "0.95"),
        ("Loss above 1,500 USD", "Loss above ••• USD"),
        ("10.0.0.7:9100", "•••"),
    ],
)
def test_names_lose_only_what_is_marked(text: str, left: str) -> None:
    assert named(text) == left


@pytest.mark.parametrize("text", ["a:8000", "10.0.0.1", "bot.example.com", "localhost", "[::1]:80"])
def test_an_address_is_known(text: str) -> None:
    assert is_host(text)


@pytest.mark.parametrize("text", ["momentum", "bots.db", "247trader-v2", "", "grid 2"])
def test_a_name_is_no_address(text: str) -> None:
    assert not is_host(text)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("trader_account_value_usd", Kind.MONEY),
        ("trader_exposure_pct", Kind.PERCENT),
        ("bot_position_size", Kind.QUANTITY),
        ("wallet_sol_balance", Kind.MONEY),
        ("polybot_price_updates_total", Kind.COUNT),
        ("trader_open_positions", Kind.COUNT),
        ("bot_trades_total", Kind.COUNT),
        ("trader_cycle_duration_seconds", Kind.DURATION),
        ("trade_volume_24h", Kind.MONEY),
        ("queue_size", Kind.COUNT),
    ],
)
def test_a_number_is_judged_by_its_name(name: str, kind: Kind) -> None:
    found = kind_of_metric(name)
    assert found is kind or {found, kind} <= {Kind.MONEY, Kind.QUANTITY}


@pytest.mark.parametrize("name", ["bot_id", "orderId", "instance", "host", "account", "wallet", "tx_hash", "api_key"])
def test_such_labels_are_secret(name: str) -> None:
    assert kind_of_label(name) in {Kind.ID, Kind.HOST}


@pytest.mark.parametrize("name", ["endpoint", "strategy", "pair", "side", "category", "le", "quantile", "version"])
def test_such_labels_are_not(name: str) -> None:
    assert kind_of_label(name) is Kind.TEXT


def test_secret_labels_still_tell_series_apart() -> None:
    words = Words()
    one, other = words.label("wallet", "main-7"), words.label("wallet", "main-8")
    assert one != other
    assert words.label("account", "main-7") == one
    assert "main" not in one + other


def test_ids_that_change_for_ever_are_forgotten_but_those_in_use_keep_their_letters() -> None:
    words = Words()
    first, used = words.label("wallet", "gone"), words.label("wallet", "used")
    given = {first, used}
    for index in range(2 * MOST):
        given.add(words.label("tx", f"0x{index}"))
        assert words.label("wallet", "used") == used
    assert len(given) == 2 * MOST + 2, "no two ids ever had the same letters"
    assert words.label("wallet", "gone") not in given


def test_the_letters_go_on_behind_z() -> None:
    words = Words()
    assert [words.label("tx", f"{index}x").lstrip("•") for index in range(704)][24:29] == ["y", "z", "aa", "ab", "ac"]
    assert words.label("tx", "701x").endswith("•zz")
    assert words.label("tx", "702x").endswith("•aaa")


def test_an_id_cannot_pass_for_one_that_is_hidden_already() -> None:
    assert Words().label("wallet", "•••a 0xdeadbeef12") == "•••a"


def test_a_long_text_is_treated_like_a_short_one() -> None:
    filler = "the order book is thin. " * 20
    assert said(f"{filler}size=12.5 at 64012.10") == f"{filler}size=••• at •••"
    assert named(f"{filler}$64,000") == f"{filler}$•••"


def test_an_expression_keeps_its_form() -> None:
    words = Words()
    assert expression('rate(x_total{endpoint="a"}[5m]) > 80', words, False) == 'rate(x_total{endpoint="a"}[5m]) > 80'
    assert expression('(pnl_usd{wallet="w1"}) < -400', words, True) == '(pnl_usd{wallet="•••a"}) < •••'
    assert metrics_of('sum by (wallet) (rate(a_usd{b="c_usd"}[5m])) / on (x) b_total') == ("a_usd", "b_total")


def test_an_exposition_line_keeps_its_name_and_labels() -> None:
    words = Words()
    line = 'trader_account_value_usd{instance="10.0.0.7:8000"} 52305.75 1795003407000'
    assert exposition(line, words, True) == 'trader_account_value_usd{instance="•••a"} ••• 1795003407000'
    assert exposition('up{job="bot"} 1', words, False) == 'up{job="bot"} 1'
    # Behind a share there may be money: the lines are judged by their own names.
    assert exposition("equity_usd 9123.5", words, False).endswith(" •••")
