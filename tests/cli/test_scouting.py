"""A bot that joins a server while it is watched is told."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

import pytest

from remote.served import Served
from tradetop.cli.scouting import Scout, met
from tradetop.model.target import Target

TRADER = {"trader_account_value_usd": 51_234.5, "trader_exposure_pct": 3.0}
NOW = time.time_ns() // 1_000_000


@pytest.fixture
def served() -> Iterator[Served]:
    with Served(NOW) as server:
        server.scrape(NOW, TRADER, job="trader", at="a:8000")
        yield server


async def told(served: Served, words: str = "", *joining: tuple[str, str]) -> list[tuple[str, ...]]:
    """What is said after each look at the server, before each of which one target joins it."""
    target = Target("server", url=served.address + words)
    found = met(target, [("trader", "a:8000")])
    assert found is not None
    said: list[tuple[str, ...]] = []
    done = asyncio.Event()
    coming = iter(joining)

    async def wait(_seconds: float) -> None:
        said.append(scout.notices)
        joins = next(coming, None)
        if joins is None:
            done.set()
            await asyncio.Event().wait()
        elif joins[0]:
            served.scrape(NOW, TRADER if joins[0] == "trader" else {"x": 1.0}, job=joins[0], at=joins[1])

    scout = Scout([found], wait)
    running = asyncio.create_task(scout.run())
    async with asyncio.timeout(20):
        await done.wait()
    running.cancel()
    return said[1:]


async def test_bots_that_join_are_named_and_other_targets_are_not(served: Served) -> None:
    place = served.address.removeprefix("prometheus+http://")
    said = await told(served, "", ("", ""), ("node", "a:9100"), ("trader", "b:8000"), ("", ""), ("trader", "c:8000"))
    one = f"{place}: trader b:8000 is new there: start tradetop anew to watch it"
    two = f"{place}: trader b:8000, trader c:8000 are new there: start tradetop anew to watch them"
    assert said == [(), (), (one,), (one,), (two,)]


async def test_of_a_job_that_the_address_names_every_target_is_one(served: Served) -> None:
    (none, one) = await told(served, "?job=node&job=trader", ("own", "c:1"), ("node", "a:9100"))
    assert none == ()
    assert "node a:9100 is new there" in one[0]


async def test_a_server_that_is_away_is_asked_again(served: Served) -> None:
    served.failing = lambda _: (503, b"")
    assert await told(served, "", ("trader", "b:8000"), ("", "")) == [(), ()]
    served.failing = lambda _: None
    (said,) = await told(served, "", ("", ""))
    assert "trader b:8000 is new there" in said[0]


def test_an_address_of_one_target_is_not_scouted() -> None:
    assert met(Target("bot", url="prometheus+http://h:9090?job=a&instance=b"), [("a", "b")]) is None
