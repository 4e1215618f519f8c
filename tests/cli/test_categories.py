"""The configuration's categories of errors, in what the commands and the screen are asked."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from ask.asked import Told, database
from cli.commands import run
from tradetop.ask.answer import Answer
from tradetop.cli.asker import Asker
from tradetop.config import load
from tradetop.model.target import Target

CONFIG = """errors:
  categories:
    liquidation: {patterns: [liquidat, "code 1015"]}
"""
SAID = ("position liquidated", "RPC timeout, code 1015", "RPC timeout, code 1016")


@pytest.fixture
def bots(tmp_path: Path) -> Path:
    now = time.time_ns() // 1_000_000
    told = [Told("alpha", "error", "SOL/USDC", "s", now - 60_000, said) for said in SAID]
    (tmp_path / "c.yaml").write_text(CONFIG)
    return database(tmp_path / "bots.db", told)


@pytest.mark.parametrize("configured", [True, False])
def test_questions_and_reports_put_errors_where_the_configuration_says(
    bots: Path, tmp_path: Path, configured: bool
) -> None:
    counts = {"liquidation": 2, "connection": 1} if configured else {"connection": 2, "other": 1}
    config = ("--config", tmp_path / "c.yaml") if configured else ()
    done = run(tmp_path, "ask", "errors by category", "--db", bots, "--format", "json", *config)
    assert {row["category"]: row["errors"] for row in json.loads(done.stdout)["rows"]} == counts
    done = run(tmp_path, "report", "errors", bots, "--format", "json", *config)
    found: dict[str, int] = {}
    for row in json.loads(done.stdout)["rows"]:
        found[row["category"]] = found.get(row["category"], 0) + row["n"]
    assert found == counts


async def test_so_does_the_screen(bots: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    errors = load(tmp_path / "c.yaml").errors.made()
    asker = Asker([Target("alpha", database=str(bots), errors=errors)], tmp_path / "state")

    async def answer(question: str, sql: str = "") -> Answer:
        reply = await asker("alpha", question, sql, False)
        assert reply.answer is not None, reply.problem
        return reply.answer

    rows = (await answer("errors by category")).rows
    assert [row[:2] for row in rows] == [("liquidation", 2), ("connection", 1)]
    assert {row[0] for row in (await answer("report errors 1d")).rows} == {"liquidation", "connection"}
    sql = "SELECT count(*) FROM events WHERE category = 'liquidation'"
    assert (await answer("how many?", sql)).rows == ((2,),)
