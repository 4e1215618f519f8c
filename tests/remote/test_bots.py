"""Which of a server's targets are bots."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from remote.served import Served
from tradetop.model.labels import Labels
from tradetop.remote.address import server_at
from tradetop.remote.bots import Found, ServedBot, find
from tradetop.remote.server import Server
from tradetop.scrape.faults import FetchError

T0 = 1_767_323_045_000
TRADER = {"trader_account_value_usd": 1.0, "trader_drawdown_pct": 2.0, "trader_exposure_pct": 3.0}


@pytest.fixture
def served() -> Iterator[Served]:
    with Served(T0) as server:
        for t in range(T0 - 60_000, T0 + 1, 5_000):
            server.scrape(t, TRADER, job="trader", at="a:8000")
            server.scrape(t, TRADER, job="trader", at="b:8000")
            if t % 15_000 == 5_000:
                server.scrape(t, {"my_equity": 1.0}, job="own", at="c:1")
            server.scrape(t, {"node_load1": 1.0}, job="node", at="a:9100")
        yield server


async def found(served: Served, words: str = "") -> Found:
    address = server_at(served.address + words)
    return await find(Server(address), address)


async def test_targets_that_a_preset_knows_are_bots_and_the_others_are_said(served: Served) -> None:
    known = await found(served)
    assert known.bots == (ServedBot("trader", "a:8000", 5_000), ServedBot("trader", "b:8000", 5_000))
    assert [bot.job for bot in known.others] == ["node", "own"]
    said = known.left_out("h:9090")
    assert said.startswith("h:9090: 2 targets left out, whose metrics no preset knows (job node, own)")
    assert "?job=node" in said


@pytest.mark.parametrize(
    ("words", "bots"),
    [
        ("?job=own", ["c:1"]),
        ("?job=own&job=node", ["a:9100", "c:1"]),
        ("?instance=b:8000", ["b:8000"]),
        ('?match={job=~"tr.*",instance!="a:8000"}', ["b:8000"]),
        ('?job=own&match={__name__=~"my_.*"}', ["c:1"]),
        ("?job=nobody", []),
    ],
)
async def test_what_an_address_names_is_taken_whatever_it_is(served: Served, words: str, bots: list[str]) -> None:
    known = await found(served, words)
    assert [bot.instance for bot in known.bots] == bots
    assert not known.others


async def test_how_often_a_target_is_scraped_is_seen(served: Served) -> None:
    assert (await found(served, "?job=own")).bots[0].interval == 15_000


async def test_series_that_no_scrape_has_are_one_bot_where_they_are_named() -> None:
    with Served(T0) as server:
        for t in range(T0 - 15 * 60_000 + 1, T0 + 1, 30_000):
            server.store.append(Labels({"__name__": "equity", "team": "mm"}), t, 1.0)
        known = await found(server, '?match={team="mm"}')
        assert known.bots == (ServedBot("", "", 30_000),)
        address = server_at(server.address + '?match={team="mm"}')
        assert address.of("", "") == address
        assert not (await found(server, '?match={team="other"}')).bots


async def test_very_many_targets_are_refused_with_their_number() -> None:
    with Served(T0) as server:
        for i in range(501):
            server.scrape(T0, {}, job="j", at=f"h:{i}")
        with pytest.raises(FetchError, match=r"501 targets: .job=NAME"):
            await found(server)


async def test_a_prefix_belongs_to_the_server(served: Served) -> None:
    address = server_at(f"{served.address}/prefix?job=own")
    assert len((await find(Server(address), address)).bots) == 1
