"""A snapshot's times, and the day of its P&L, are of the zone that the configuration says."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cli.commands import run
from events.bot_database import create, insert


def test_a_snapshot_is_of_the_configured_zone(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    link = create(tmp_path / "bots.db")
    for minutes, pnl in ((5, 2.5), (60, 40.0)):
        metadata = json.dumps({"trade_id": minutes, "pnl_usd": pnl})
        insert(link, f"c{minutes}", "trade_close", metadata, timestamp=(now - timedelta(minutes=minutes)).isoformat())
    link.close()
    # There it is half past midnight, give or take: the older of the two was closed yesterday.
    ahead = (24 * 60 + 30 - (now.hour * 60 + now.minute)) % (24 * 60)
    ahead -= 24 * 60 if ahead > 14 * 60 else 0
    zone = f"HERE{'-' if ahead >= 0 else '+'}{abs(ahead) // 60:02}:{abs(ahead) % 60:02}"
    config = tmp_path / "config.yaml"
    config.write_text("local_time: true\ntargets: [{name: b, database: bots.db}]\n", encoding="utf-8")
    done = run(tmp_path, "snapshot", "-c", config, "--format", "json", environment={"TZ": zone})
    assert done.returncode == 0, done.stderr
    (bot,) = json.loads(done.stdout)["bots"]
    assert (bot["preset"], bot["pnl"]["value"]) == ("defikit", 2.5)
    text = run(tmp_path, "snapshot", "-c", config, environment={"TZ": zone}).stdout
    assert (now + timedelta(minutes=ahead)).strftime("%H:") in text.splitlines()[0]
