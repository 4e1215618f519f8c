"""The heartbeat says that recording works, at once when it does not, and never more often than it should."""

from __future__ import annotations

from collections.abc import Collection

import pytest

from tradetop.model.clock import MINUTE, SECOND
from tradetop.model.target import Auth, Secret, Target, TargetStatus, Tls
from tradetop.recorder.heartbeat import RETRY, Heartbeat, failing, trouble
from tradetop.scrape.faults import FetchError
from tradetop.scrape.fetch import METRICS, PAGE_LIMIT, Response

T0 = 1_700_000_000_000
NO_AUTH, NO_TLS = Auth(), Tls()
URL = "https://hc.example/ping/5ecre7"


class Outside:
    """Answers pings, or does not, and remembers them."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.fault = ""

    async def __call__(
        self,
        url: str,
        *,
        deadline: int,
        limit: int = PAGE_LIMIT,
        accept: str = METRICS,
        auth: Auth = NO_AUTH,
        tls: Tls = NO_TLS,
        statuses: Collection[int] = (200,),
    ) -> Response:
        self.asked.append(url)
        if self.fault:
            raise FetchError(self.fault, f"{self.fault} at {url}")
        return Response(200, "text/plain", "OK", 0.01)


async def beaten(turns: list[tuple[int, str]], *, interval: int = MINUTE, fault: str = "") -> tuple[list[str], str]:
    """What is asked for when the heart beats at these times (ms after T0) with this trouble, and the notice then."""
    outside = Outside()
    outside.fault = fault
    heart = Heartbeat(Secret(URL), interval, outside)
    for after, wrong in turns:
        await heart.beat(T0 + after, wrong)
    return [url.removeprefix(URL) or "ok" for url in outside.asked], heart.notice


async def test_while_all_is_well_it_pings_once_in_each_interval() -> None:
    asked, notice = await beaten([(s * SECOND, "") for s in range(181)])
    assert (asked, notice) == (["ok"] * 4, "")


async def test_trouble_is_told_at_once_and_so_is_its_end() -> None:
    asked, _ = await beaten([(0, ""), (1_000, "disk full"), (2_000, "disk full"), (3_000, "")])
    assert asked == ["ok", "/fail", "ok"]


async def test_trouble_that_lasts_is_told_again_in_each_interval() -> None:
    asked, _ = await beaten([(s * SECOND, f"down for {s} s") for s in range(121)])
    assert asked == ["/fail"] * 3


async def test_a_ping_that_does_not_arrive_is_tried_again_and_said_without_the_url() -> None:
    asked, notice = await beaten([(s * SECOND, "") for s in range(RETRY // SECOND + 1)], fault="timeout")
    assert asked == ["ok", "ok"]
    assert notice == "hc.example was not reached (timeout)"


@pytest.mark.parametrize(
    ("url", "told"),
    [
        (URL, f"{URL}/fail"),
        (f"{URL}/", f"{URL}/fail"),
        (f"{URL}?create=1", f"{URL}/fail?create=1"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000/fail"),
    ],
)
def test_failure_stands_behind_the_path(url: str, told: str) -> None:
    assert failing(url) == told


TARGET = Target("bot", url="http://b/metrics", interval=10 * SECOND)


@pytest.mark.parametrize(
    ("status", "unkept", "after", "said"),
    [
        (TargetStatus(), "", 60_000, None),
        (TargetStatus(tried_at=T0 - 1, scraped_at=T0 - 1), "", 60_000, None),
        (TargetStatus(up=True, tried_at=T0, scraped_at=T0), "", 25_000, ""),
        (TargetStatus(up=True, tried_at=T0, scraped_at=T0), "", 25_001, "bot: not scraped"),
        (TargetStatus(up=True, tried_at=T0, scraped_at=T0), "the disk is full", 1, "bot: the disk is full"),
        (TargetStatus(up=False, tried_at=T0 + 20_000, scraped_at=T0, reason="refused"), "", 20_000, ""),
        (TargetStatus(up=False, tried_at=T0 + 30_000, scraped_at=T0, reason="refused"), "", 30_000, "bot: refused"),
        # One that was down before recording began is given its time too.
        (TargetStatus(up=False, tried_at=T0 + 20_000, scraped_at=5, reason="refused"), "", 20_000, ""),
        (TargetStatus(up=False, tried_at=T0 + 30_000, database_reason="locked"), "", 30_000, "bot: locked"),
    ],
)
def test_what_trouble_is(status: TargetStatus, unkept: str, after: int, said: str | None) -> None:
    assert trouble([(TARGET, status, unkept)], T0, T0 + after) == said


def test_one_target_in_trouble_is_enough() -> None:
    well = (TARGET, TargetStatus(up=True, tried_at=T0, scraped_at=T0), "")
    assert trouble([well, (Target("other"), well[1], "no disk")], T0, T0) == "other: no disk"
