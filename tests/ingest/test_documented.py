"""`docs/ingest.md` says what is so."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import pytest

from emit.hearing import Hearing
from ingest.making import NOW, asked
from tradetop import emit
from tradetop.events.row import AHEAD
from tradetop.ingest import app, event, page, problem, server, table
from tradetop.ingest.event import Judge
from tradetop.model.clock import MINUTE

PAGE = (Path(__file__).parents[2] / "docs" / "ingest.md").read_text()
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def test_the_event_that_is_shown_is_taken() -> None:
    shown = re.search(r"/events -d '(.*?)'", PAGE, re.DOTALL)
    assert shown is not None
    assert Judge().sort(shown[1].encode(), NOW).rows[0].id == "a-1"


def test_the_bots_that_are_shown_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    Path("serve.token").write_text("t")
    with Hearing() as heard:
        sync, aside = (text.replace("http://127.0.0.1:8790", heard.url) for text in EXAMPLES)
        names: dict[str, Any] = {}
        exec(sync, names)
        names["events"].close()
        exec(aside, names)
        asyncio.run(names["main"]())
    assert [one["event_type"] for one in heard.events.values()] == ["trade_open", "trade_close", "signal"]
    assert {json.dumps(one["metadata"]) for one in heard.events.values()} >= {'{"trade_id": "t-17", "pnl_usd": 12.5}'}


def test_the_limits_are_those_of_the_code() -> None:
    flat = " ".join(PAGE.split())
    for said in (
        f"{app.RATE:g} requests a second from one address, {2 * app.RATE:g} at once",
        f"more than {app._WRONG_RATE:g} a second",
        f"a body of {app.BODY_LIMIT >> 20} MiB, {event.BATCH_LIMIT:,} events",
        f"`id` {problem.ID_LIMIT} characters, `bot_id`, `pair`, `strategy` {problem.NAME_LIMIT}",
        f"`timestamp` {problem.STAMP_LIMIT}, `metadata` {problem.METADATA_LIMIT:,}",
        f"more than {AHEAD // MINUTE} min ahead",
        f"a body that takes {app.BODY_SECONDS:g} s",
        f"for {server.EXCHANGE:g} s | hung up",
        f"{server.CONNECTIONS} connections",
        f"{app.AT_ONCE} batches at once",
        f"for {table.BUSY_TIMEOUT:g} s | 503",
        f"a page of {page.BYTES_LIMIT >> 20} MiB",
        f"at most {page.PAGE} (`limit`, up to {page.PAGE_LIMIT:,})",
        f"sends every {emit.EVERY:g} s, or with the {emit.BATCH}th event",
        f"Memory holds {emit.MEMORY:,} events (`memory`), the spool {emit.SPOOL_LIMIT >> 20} MiB",
        f"of more than {emit._EVENT_SIZE:,} characters",
    ):
        assert said in flat


def test_every_type_and_field_is_documented() -> None:
    for name in (*problem.TYPES, *problem._FIELDS):
        assert f"`{name}`" in PAGE


async def test_every_metric_is_documented(tmp_path: Path) -> None:
    async with asked(tmp_path / "bots.db") as client:
        text = (await client.get("/metrics")).text
    for name in re.findall(r"^# TYPE (\S+) (?:counter|histogram|gauge)$", text, re.MULTILINE):
        if not name.endswith("_created"):
            assert f"`{name}`" in PAGE
