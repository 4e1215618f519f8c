"""Rules of files beside the thresholds: recorded series, intervals of groups, faults, restarts, and other rules."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from recorder.machine import Machine, Running, running
from tradetop.model.labels import EMPTY, Labels
from tradetop.model.target import Target
from tradetop.recorder.judge import Judge
from tradetop.recorder.plan import Plan
from tradetop.recorder.record import Record
from tradetop.recorder.rulebook import Rulebook
from tradetop.rules.file import read_rules
from watched_bot import WatchedBot

PAGE = "exposure_pct 26\norders_total 3\n"
SECOND = 1_000


@pytest.fixture
def bot() -> Iterator[WatchedBot]:
    with WatchedBot(PAGE) as bot:
        yield bot


def target(bot: WatchedBot) -> Target:
    return Target("bot", bot.url, instance=bot.instance, interval=10 * SECOND)


def book(text: str, interval: int | None = None, external: Labels = EMPTY) -> Rulebook:
    found = read_rules(f"groups:\n{text}", "rules.yml")
    return Rulebook(found.groups, found.problems, interval, external)


def group(rules: str, *, name: str = "g", head: str = "") -> str:
    return f"- name: {name}\n{head}  rules:\n{rules}"


HIGH = "  - {alert: High, expr: exposure_pct > 25, for: 20s, labels: {severity: critical}}\n"


async def first_of(again: Running, machine: Machine) -> None:
    """Wait for the first scrape of a process that knows of earlier ones."""
    await again.until(lambda: again.record.status.tried_at == machine.now())


def states(bot: Running, name: str = "High") -> list[str]:
    """The states that the alerts of this name have now."""
    at = bot.record.status.tried_at or 0
    found = []
    for labels in bot.labels("ALERTS"):
        sample = bot.record.store.latest(labels)
        if sample is not None and sample.t == at and labels["alertname"] == name:
            found.append(labels["alertstate"])
    return found


async def test_a_rule_of_a_file_is_pending_and_then_fires(bot: WatchedBot, tmp_path: Path) -> None:
    async with running(target(bot), tmp_path, Machine()) as watched:
        watched.watch.judge_by(book(group(HIGH)))
        await watched.first()
        assert states(watched) == ["pending"]
        await watched.scrape()
        assert states(watched) == ["pending"]
        await watched.scrape()
        assert states(watched) == ["firing"]
        assert "alert_firing" in watched.derived()
        assert {rule.name for rule in watched.watch.rules()} >= {"High"}


async def test_what_a_rule_records_is_a_series_that_later_rules_and_a_later_process_see(
    bot: WatchedBot, tmp_path: Path
) -> None:
    rules = book(
        group(
            "  - {record: 'bot:exposure:ratio', expr: exposure_pct / 100, labels: {by: us}}\n"
            "  - {alert: High, expr: 'bot:exposure:ratio > 0.25'}\n"
        )
    )
    machine = Machine()
    async with running(target(bot), tmp_path, machine) as watched:
        watched.watch.judge_by(rules)
        await watched.first()
        assert watched.value("bot:exposure:ratio") == 0.26
        assert [labels["by"] for labels in watched.labels("bot:exposure:ratio")] == ["us"]
        assert states(watched) == ["firing"]
        await watched.scrape(3)
    machine.pass_by(5 * SECOND)
    async with running(target(bot), tmp_path, machine) as again:
        again.watch.judge_by(rules)
        await first_of(again, machine)
        assert again.value("count_over_time(bot:exposure:ratio[5m])") == 5


async def test_a_group_is_evaluated_in_its_own_interval(bot: WatchedBot, tmp_path: Path) -> None:
    counted = "  - {record: slow, expr: exposure_pct}\n"
    async with running(target(bot), tmp_path, Machine()) as watched:
        watched.watch.judge_by(
            book(
                group(counted, head="  interval: 30s\n") + group("  - {record: usual, expr: exposure_pct}\n", name="h")
            )
        )
        await watched.first()
        await watched.scrape(6)
        assert watched.value("count_over_time(slow[10m])") == 3
        assert watched.value("count_over_time(usual[10m])") == 7


async def test_groups_that_name_no_interval_have_that_of_prometheus_yml(bot: WatchedBot, tmp_path: Path) -> None:
    async with running(target(bot), tmp_path, Machine()) as watched:
        watched.watch.judge_by(book(group("  - {record: slow, expr: exposure_pct}\n"), interval=20 * SECOND))
        await watched.first()
        await watched.scrape(4)
        assert watched.value("count_over_time(slow[10m])") == 3


async def test_an_alert_stays_what_it_was_between_two_evaluations(bot: WatchedBot, tmp_path: Path) -> None:
    async with running(target(bot), tmp_path, Machine()) as watched:
        watched.watch.judge_by(book(group("  - {alert: High, expr: exposure_pct > 25}\n", head="  interval: 1m\n")))
        await watched.first()
        bot.page = PAGE.replace("26", "5")
        await watched.scrape(2)
        assert states(watched) == ["firing"]
        await watched.scrape(4)
        assert states(watched) == []


async def test_a_recorded_series_that_is_given_no_more_ends(bot: WatchedBot, tmp_path: Path) -> None:
    async with running(target(bot), tmp_path, Machine()) as watched:
        watched.watch.judge_by(book(group("  - {record: big, expr: exposure_pct > 25}\n")))
        await watched.first()
        assert watched.value("big") == 26
        bot.page = PAGE.replace("26", "5")
        await watched.scrape()
        assert watched.value("big") is None


async def test_a_bot_that_is_gone_is_judged_all_the_same(bot: WatchedBot, tmp_path: Path) -> None:
    async with running(target(bot), tmp_path, Machine()) as watched:
        watched.watch.judge_by(book(group("  - {alert: Gone, expr: up == 0, for: 10s}\n")))
        await watched.first()
        bot.stop()
        await watched.scrape(2)
        assert states(watched, "Gone") == ["firing"]


async def test_a_restart_goes_on_with_what_was_pending(bot: WatchedBot, tmp_path: Path) -> None:
    machine = Machine()
    async with running(target(bot), tmp_path, machine) as watched:
        watched.watch.judge_by(book(group(HIGH)))
        await watched.first()
        await watched.scrape()
    machine.pass_by(5 * SECOND)
    async with running(target(bot), tmp_path, machine) as again:
        again.watch.judge_by(book(group(HIGH)))
        await first_of(again, machine)
        assert states(again) == ["pending"]
        # Ten seconds were waited before, and ten more are; the outage does not count.
        await again.scrape()
        assert states(again) == ["firing"]


async def test_other_rules_keep_the_states_of_those_that_stay(bot: WatchedBot, tmp_path: Path) -> None:
    async with running(target(bot), tmp_path, Machine()) as watched:
        watched.watch.judge_by(book(group(HIGH)))
        await watched.first()
        await watched.scrape()
        watched.watch.judge_by(book(group(HIGH + "  - {alert: Many, expr: orders_total > 2, for: 20s}\n")))
        await watched.scrape()
        assert (states(watched), states(watched, "Many")) == (["firing"], ["pending"])
        watched.watch.judge_by(Rulebook())
        await watched.scrape()
        assert (states(watched), states(watched, "Many")) == ([], [])


async def test_a_rule_that_cannot_be_evaluated_keeps_its_state_and_is_said(bot: WatchedBot, tmp_path: Path) -> None:
    both = "  - {alert: Both, expr: exposure_pct > 25 and on() (exposure_pct * on() group_left() orders_total)}\n"
    async with running(target(bot), tmp_path, Machine()) as watched:
        watched.watch.judge_by(book(group(both)))
        await watched.first()
        assert (states(watched, "Both"), watched.watch.frame().notices) == (["firing"], ())
        bot.page = PAGE + 'orders_total{side="buy"} 1\n'
        await watched.scrape()
        assert states(watched, "Both") == ["firing"]
        assert watched.watch.frame().notices[0].startswith("1 rule cannot be evaluated: Both: ")
        bot.page = PAGE
        await watched.scrape()
        assert watched.watch.frame().notices == ()


async def test_who_only_watches_sees_which_rules_cannot_be_evaluated(bot: WatchedBot, tmp_path: Path) -> None:
    bot.page = PAGE + 'orders_total{side="buy"} 1\n'
    async with running(target(bot), tmp_path, Machine()) as watched:
        watched.watch.judge_by(book(group("  - {alert: Twice, expr: exposure_pct / on() orders_total > 1}\n")))
        await watched.first()
        async with running(target(bot), tmp_path, Machine()) as reader:
            await reader.until(lambda: reader.record.status.up)
            found = reader.watch.frame()
        assert found.attached
        assert found.notices[0].startswith("1 rule cannot be evaluated: Twice: ")


async def test_who_only_watches_sees_what_is_wrong_with_rule_files_until_they_are_read(
    bot: WatchedBot, tmp_path: Path
) -> None:
    well = book(group(HIGH))
    broken = Rulebook(problems=read_rules("groups: [", "rules.yml").problems).over(well)
    async with running(target(bot), tmp_path, Machine()) as watched:
        watched.watch.judge_by(broken)
        await watched.first()
        assert states(watched) == ["pending"]
        own = Machine()
        async with running(target(bot), tmp_path, own) as reader:
            await reader.until(lambda: reader.record.status.up)
            (notice,) = reader.watch.frame().notices
            assert notice.startswith("1 problem with rule files: rules.yml:")
            assert notice.endswith(": the file keeps the rules that it had")
            # Who has read the same files says it already.
            assert watched.watch.frame().notices == ()
            reader.watch.judge_by(broken)
            assert reader.watch.frame().notices == ()
            reader.watch.judge_by(Rulebook())
            watched.watch.judge_by(well)
            await watched.scrape()
            own.pass_by(watched.machine.now() - own.now())
            await reader.until(lambda: reader.watch.frame().notices == ())


async def test_two_rules_of_one_name_are_two(bot: WatchedBot, tmp_path: Path) -> None:
    two = (
        "  - {alert: High, expr: exposure_pct > 20, labels: {severity: warning}}\n"
        "  - {alert: High, expr: exposure_pct > 25, for: 1m, labels: {severity: critical}}\n"
    )
    async with running(target(bot), tmp_path, Machine()) as watched:
        watched.watch.judge_by(book(group(two)))
        await watched.first()
        assert sorted(states(watched)) == ["firing", "pending"]


async def test_a_rule_that_records_what_the_page_has_loses_and_recording_goes_on(
    bot: WatchedBot, tmp_path: Path
) -> None:
    async with running(target(bot), tmp_path, Machine()) as watched:
        watched.watch.judge_by(book(group("  - {record: orders_total, expr: orders_total * 100}\n")))
        await watched.first()
        await watched.scrape(2)
        assert watched.value("orders_total") == 3
        assert "page and rules both have them" in watched.watch.frame().notices[0]


async def test_templates_see_the_external_labels(bot: WatchedBot, tmp_path: Path) -> None:
    rule = "  - {alert: High, expr: exposure_pct > 25, labels: {where: '{{ $externalLabels.site }}'}}\n"
    async with running(target(bot), tmp_path, Machine()) as watched:
        watched.watch.judge_by(book(group(rule), external=Labels({"site": "attic"})))
        await watched.first()
        assert {labels.get("where") for labels in watched.labels("ALERTS") if labels["alertname"] == "High"} == {
            "attic"
        }


def test_what_goes_through_a_whole_day_is_judged_once_a_minute_and_all_else_with_each_scrape() -> None:
    """Step by step through a day takes as long as all other rules together."""
    record = Record(Target("bot", "http://127.0.0.1:1/metrics", preset="defikit", interval=10 * SECOND))
    judge = Judge(record, Plan(record, {}))
    begun = 1_700_000_000_000
    judged: dict[str, set[int]] = {}
    for t in range(begun, begun + 120 * SECOND, 10 * SECOND):
        record.store.append_scrape("scrape", t, {Labels({"__name__": "up"}): 1.0})
        judge.judge(t)
        for state in judge.states():
            judged.setdefault(state.rule.name, set()).add(state.evaluated_at or 0)
    assert sorted(judged["BotSilent"]) == [begun, begun + 60 * SECOND]
    assert len(judged["ConnectionErrors"]) == 12
