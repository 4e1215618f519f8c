"""The bot's folder: settings and logs are read a little, links are not followed, nothing is changed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from doctor.making import bot, page
from tradetop.doctor import Knowledge, caps
from tradetop.doctor.bot_folder import caps as settings_caps
from tradetop.doctor.bot_folder import is_folder, log_lines, settings_lines
from tradetop.doctor.case import Case, Found
from tradetop.doctor.steps import lists


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "bot"
    (root / "config").mkdir(parents=True)
    (root / "logs").mkdir()
    (root / "config" / "universe.yaml").write_text("universe:\n  products_cache_minutes: 5\n")
    (root / "config" / "policy.yaml").write_text(
        "risk:\n  max_open_positions: 8  # at once\n  max_trades_per_hour: 5\n"
    )
    (root / "logs" / "bot.log").write_text("start\nProducts cache HIT (age 3s)\nx\nProducts cache HIT (age 4s)\n")
    return root


def rate_limit(known: Knowledge, folder: Path | None) -> list[tuple[str, Found, str]]:
    steps = lists(Case(known, folder=folder))[3].steps
    return [(step.question, step.found, step.text) for step in steps]


def test_the_cache_of_the_rate_limit_list_is_looked_up(folder: Path) -> None:
    known = page('x_rate_limiter_utilization_pct{endpoint="orders"} 92\n')
    usage, setting, hits, longer = rate_limit(known, folder)
    assert usage == ("Is a rate limit close?", Found.WRONG, "at most 92% (orders)")
    assert setting[1:] == (Found.GOOD, "config/universe.yaml:2: products_cache_minutes: 5")
    assert hits[1:] == (Found.GOOD, '2 lines "Products cache HIT", the last in logs/bot.log')
    assert "15 instead of 5" in longer[2]


def test_a_cache_that_is_off_or_missing_is_said(folder: Path, tmp_path: Path) -> None:
    (folder / "config" / "universe.yaml").write_text("products_cache_minutes: 0\n")
    (folder / "logs" / "bot.log").write_text("nothing\n")
    _, setting, hits, _ = rate_limit(page(""), folder)
    assert setting[1] is hits[1] is Found.WRONG
    empty = tmp_path / "empty"
    empty.mkdir()
    _, setting, hits = rate_limit(page(""), empty)
    assert setting[2].startswith("products_cache_minutes is in none of 0 settings files")
    assert hits[2].endswith("there are no logs")
    assert rate_limit(page(""), None)[1][1] is Found.OPEN


def test_links_pipes_and_folders_elsewhere_are_left_alone(folder: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.yaml"
    secret.write_text("products_cache_minutes: 99\n")
    (folder / "config" / "linked.yaml").symlink_to(secret)
    (folder / "away").symlink_to(tmp_path)
    (folder / "loop").symlink_to(folder)
    os.mkfifo(folder / "logs" / "pipe.log")
    (folder / "logs" / "bad.log").write_bytes(b"\xff\xfe Products cache HIT \x1b[2J\n")
    before = sorted(folder.rglob("*"))
    found = settings_lines(folder, "products_cache_minutes")
    assert [line.place for line in found.lines] == ["config/universe.yaml:2"]
    hits = log_lines(folder, "Products cache HIT")
    assert hits.count == 3
    assert all(line.text.isprintable() for line in hits.lines)
    assert sorted(folder.rglob("*")) == before
    assert not is_folder(folder / "nothing")
    assert not is_folder(folder / "config" / "universe.yaml")


def test_a_huge_log_is_read_from_its_end(folder: Path) -> None:
    with (folder / "logs" / "bot.log").open("w") as log:
        log.write("Products cache HIT early\n")
        log.writelines("x" * 100 + "\n" for _ in range(30_000))
        log.write("Products cache HIT late\n")
    found = log_lines(folder, "Products cache HIT")
    assert (found.count, [line.text for line in found.lines]) == (1, ["Products cache HIT late"])


def test_the_limits_that_the_bot_keeps_are_found_in_its_settings(folder: Path) -> None:
    found = caps.of_settings(settings_caps(folder), ["x_open_positions", "x_trades_per_hour", "x_open_positions_total"])
    assert {name: (cap.value, cap.source) for name, cap in found.items()} == {
        "x_open_positions": (8.0, "config/policy.yaml:2"),
        "x_trades_per_hour": (5.0, "config/policy.yaml:3"),
    }


def test_the_lists_tell_what_was_found_for_each_step() -> None:
    known = bot({"x_cycle_total": lambda i: float(i), "x_pct": 4.0})
    case = Case(
        known, "http://127.0.0.1:8000/metrics", "http://127.0.0.1:8000/metrics", True, samples=3, history="h.db"
    )
    metrics, no_data, alerts, _ = lists(case)
    assert [each.title for each in lists(case)] == [
        *("Metrics not showing", "No data", "Alerts not firing", "Rate-limit warnings persist"),
    ]
    assert [step.found for step in metrics.steps] == [Found.GOOD] * 4
    assert "up in 100.0% of 180 scrapes" in metrics.steps[-1].text
    assert no_data.steps[-1].text == "x_cycle_total counts 179 and grows"
    assert alerts.steps[0].found is Found.OPEN
    nothing = lists(Case(Knowledge()))
    assert {step.found for each in nothing for step in each.steps} == {Found.OPEN}
    down = lists(Case(known, "http://x", "http://x", False, "connection refused at http://x"))[0]
    assert (down.steps[0].found, down.steps[0].text) == (Found.WRONG, "connection refused at http://x")
