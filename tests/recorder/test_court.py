"""Rules of files in a run with several bots: they see all of them, ring once, and on the bot that they are about."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import AsyncExitStack, ExitStack
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notify.making import quick
from notify.sink import Sink
from recorder.machine import Machine, Together, together
from tradetop.model.labels import Labels
from tradetop.model.target import Secret, Target
from tradetop.recorder.court import Court
from tradetop.recorder.home import Homes
from tradetop.recorder.judge import Judge
from tradetop.recorder.notifying import Ringing
from tradetop.recorder.plan import Plan
from tradetop.recorder.record import Record
from tradetop.recorder.rulebook import Rulebook
from tradetop.rules.file import read_rules
from watched_bot import WatchedBot

SECOND = 1_000


class SlowBot(WatchedBot):
    """A bot whose page comes when `may_answer` is set."""

    def __init__(self, page: str) -> None:
        super().__init__(page)
        self.may_answer = threading.Event()
        self.may_answer.set()

    def answer(self, path: str) -> tuple[int, str, str]:
        if path == "/metrics":
            self.may_answer.wait(20)
        return super().answer(path)


@pytest.fixture
def bots() -> Iterator[tuple[WatchedBot, SlowBot]]:
    with WatchedBot("exposure_pct 26\n") as a, SlowBot("limit_pct 20\n") as b:
        yield a, b
        b.may_answer.set()


def targets(bots: tuple[WatchedBot, WatchedBot], interval: int = 10 * SECOND) -> list[Target]:
    return [
        Target(job, bot.url, job=job, instance=bot.instance, interval=interval)
        for job, bot in zip(("a", "b"), bots, strict=True)
    ]


def book(*rules: str, head: str = "", interval: int | None = None) -> Rulebook:
    text = "\n".join(f"  - {{{rule}}}" for rule in rules)
    found = read_rules(f"groups:\n- name: g\n{head}  rules:\n{text}\n", "rules.yml")
    assert not found.problems
    return Rulebook(found.groups, found.problems, interval)


async def alerts(bots: tuple[WatchedBot, WatchedBot], folder: Path, *rules: str) -> set[tuple[str, str, str]]:
    """What fires while both bots answer."""
    async with together(targets(bots), folder, Machine(), book(*rules)) as run:
        await run.first()
        await run.scrape(2)
        return run.alerts()


@pytest.mark.parametrize(
    ("expr", "on"),
    [
        ("absent(up{job='b'})", None),
        ("absent(up{job='c'})", "a"),
        ("up{job='b'} == 1", "b"),
        ("sum by (job) (up{job='b'}) == 1", "b"),
        ("sum by (instance) (limit_pct) > 1", "b"),
        ("exposure_pct > on() group_left() limit_pct", "a"),
        ("limit_pct < on() exposure_pct", "a"),
        ("limit_pct < on() group_left() exposure_pct", "b"),
        ("exposure_pct / on() limit_pct > 1", "a"),
        ("count(up) > 1", "a"),
        ("count(up) > 2", None),
        ("vector(1)", "a"),
    ],
)
async def test_a_rule_sees_every_bot_and_fires_on_one_of_them_once(
    bots: tuple[WatchedBot, WatchedBot], tmp_path: Path, expr: str, on: str | None
) -> None:
    found = await alerts(bots, tmp_path, f'alert: Told, expr: "{expr}"')
    assert found == ({(on, "Told", "firing")} if on is not None else set())


async def test_a_bot_that_is_gone_is_told_of_at_its_next_scrape(
    bots: tuple[WatchedBot, WatchedBot], tmp_path: Path
) -> None:
    rules = book("alert: Gone, expr: up == 0", "alert: Two, expr: count(up == 1) < 2")
    async with together(targets(bots), tmp_path, Machine(), rules) as run:
        await run.first()
        assert run.alerts() == set()
        bots[1].stop()
        await run.scrape()
        assert run.alerts() == {("b", "Gone", "firing"), ("a", "Two", "firing")}
        bots[1].start()
        await run.scrape()
        assert run.alerts() == set()


async def test_what_a_rule_records_lies_where_it_belongs_and_is_seen_by_rules(
    bots: tuple[WatchedBot, WatchedBot], tmp_path: Path
) -> None:
    rules = book(
        "record: 'job:up:sum', expr: sum by (job) (up)",
        "record: 'all:up:sum', expr: 'sum(job:up:sum)'",
        "alert: Both, expr: 'all:up:sum == 2'",
        "alert: Before, expr: 'sum(job:up:sum offset 10s) == 2'",
    )
    async with together(targets(bots), tmp_path, Machine(), rules) as run:
        await run.first()
        await run.scrape(6)
        a, b = run.runs
        assert run.alerts() == {("a", "Both", "firing"), ("a", "Before", "firing")}
        # Once for each of the seven evaluations, and not once for each bot and evaluation.
        for found, expected in ((a, {"job:up:sum": 7.0, "all:up:sum": 7.0}), (b, {"job:up:sum": 7.0})):
            for name in ("job:up:sum", "all:up:sum"):
                assert found.value(f"count_over_time({name}[10m])") == expected.get(name)
        bots[1].stop()
        await run.scrape()
        assert (a.value("all:up:sum"), b.value("job:up:sum")) == (1.0, 0.0)


async def test_an_alert_is_an_event_of_its_bot_with_the_value_that_made_it_fire(
    bots: tuple[WatchedBot, SlowBot], tmp_path: Path
) -> None:
    """Of two scrapes the one that began earlier is answered later, and the value takes both."""
    b = bots[1]
    rules = book("alert: Total, expr: sum(exposure_pct) + sum(limit_pct) > 30")
    b.may_answer.clear()
    async with together([*reversed(targets(bots))], tmp_path, Machine(), rules, ahead=7) as run:
        await run.runs[1].first()
        b.may_answer.set()
        await run.first()
        assert run.alerts() == {("b", "Total", "firing")}
        (event,) = [event for event in run.runs[0].record.derived if event.type == "alert_firing"]
        assert [fact.value for fact in event.facts if fact.name == "value"] == [46]
        assert "alert_firing" not in run.runs[1].derived()


async def test_a_group_is_evaluated_in_its_own_interval_by_one_of_them(
    bots: tuple[WatchedBot, WatchedBot], tmp_path: Path
) -> None:
    rules = book("record: slow, expr: count(up)", head="  interval: 30s\n")
    async with together(targets(bots), tmp_path, Machine(), rules) as run:
        await run.first()
        await run.scrape(6)
        assert run.runs[0].value("count_over_time(slow[10m])") == 3


async def test_thresholds_of_its_own_dashboard_are_judged_for_each_bot_alone(
    bots: tuple[WatchedBot, WatchedBot], tmp_path: Path
) -> None:
    async with together(targets(bots), tmp_path, Machine(), book("alert: Any, expr: vector(1)")) as run:
        await run.first()
        bots[1].stop()
        await run.scrape(8)
        down = [
            [labels["job"] for labels in each.now("ALERTS") if labels["alertname"] == "BotDown"] for each in run.runs
        ]
        assert down == [[], ["b"]]


async def test_nothing_fires_before_everybody_has_answered_for_the_first_time(
    bots: tuple[WatchedBot, SlowBot], tmp_path: Path
) -> None:
    b = bots[1]
    b.may_answer.clear()
    async with together(targets(bots), tmp_path, Machine(), book("alert: Gone, expr: 'absent(up{job=\"b\"})'")) as run:
        await run.runs[0].first()
        assert run.alerts() == set()
        b.may_answer.set()
        await run.first()
        assert run.alerts() == set()
        assert "alert_firing" not in run.runs[0].derived()


async def test_one_that_does_not_answer_holds_up_the_others_for_an_interval_at_most(
    bots: tuple[WatchedBot, SlowBot], tmp_path: Path
) -> None:
    a, b = bots
    async with together(targets(bots), tmp_path, Machine(), book("alert: High, expr: exposure_pct > 30")) as run:
        await run.first()
        b.may_answer.clear()
        a.page = "exposure_pct 40\n"
        await run.runs[0].scrape(2)
        assert run.alerts() == {("a", "High", "firing")}
        a.page = "exposure_pct 4\n"
        await run.runs[0].scrape()
        assert run.alerts() == set()
        other, tried = run.runs[1], run.runs[1].record.status.tried_at or 0
        b.may_answer.set()
        await other.until(lambda: (other.record.status.tried_at or 0) > tried)


async def test_a_restart_goes_on_with_what_was_pending_and_with_what_fired(
    bots: tuple[WatchedBot, WatchedBot], tmp_path: Path
) -> None:
    rules = book(
        "alert: Slowly, expr: count(up) == 2, for: 20s",
        "alert: There, expr: 'up{job=\"b\"} == 1'",
        "alert: Held, expr: limit_pct > 1, for: 10s",
    )
    machine = Machine()
    fires = {("b", "There", "firing"), ("b", "Held", "firing")}
    async with together(targets(bots), tmp_path, machine, rules) as run:
        await run.first()
        await run.scrape()
        assert run.alerts() == {("a", "Slowly", "pending"), *fires}
    machine.pass_by(5 * SECOND)
    async with together(targets(bots), tmp_path, machine, rules) as run:
        await run.first()
        assert run.alerts() == {("a", "Slowly", "pending"), *fires}
        # Ten seconds were waited before, and ten more are; the outage does not count.
        await run.scrape()
        assert run.alerts() == {("a", "Slowly", "firing"), *fires}


async def test_other_rules_keep_the_states_of_those_that_stay(
    bots: tuple[WatchedBot, WatchedBot], tmp_path: Path
) -> None:
    slowly = "alert: Slowly, expr: count(up) == 2, for: 20s"
    async with together(targets(bots), tmp_path, Machine(), book(slowly)) as run:
        await run.first()
        await run.scrape()
        run.judge_by(book(slowly, "alert: There, expr: 'up{job=\"b\"} == 1', for: 20s"))
        await run.scrape()
        assert run.alerts() == {("a", "Slowly", "firing"), ("b", "There", "pending")}
        run.judge_by(Rulebook())
        await run.scrape()
        assert run.alerts() == set()


async def test_a_rule_that_cannot_be_evaluated_is_told_once(
    bots: tuple[WatchedBot, WatchedBot], tmp_path: Path
) -> None:
    rules = book("alert: Wrong, expr: up * on() exposure_pct")
    async with together(targets(bots), tmp_path, Machine(), rules) as run:
        await run.first()
        notices = [each.watch.frame().notices for each in run.runs]
        assert notices[0][0].startswith("1 rule cannot be evaluated: Wrong: ")
        assert notices[1] == ()


def two_that_fire() -> Rulebook:
    """One rule that belongs to no bot, and one that belongs to the second."""
    return book(
        "alert: Count, expr: count(up) == 2, labels: {severity: critical}",
        "alert: Limit, expr: limit_pct > 1, labels: {severity: critical}",
    )


def phone(sink: Sink) -> Ringing:
    """A receiver that takes every message at once."""
    return Ringing((quick("phone", url=Secret(f"json://{sink.host}/?cto=1&rto=1")),))


async def rung(run: Together, sink: Sink, count: int) -> list[str]:
    """What has rung, once it is so many and half a minute more has passed."""
    async with asyncio.timeout(10):
        while len(sink.took) < count:
            run.machine.pass_by(SECOND)
            await asyncio.sleep(0.002)
    await run.scrape(3)
    return sorted(message["title"] for message in sink.took)


async def test_every_alert_rings_once_for_its_bot_over_a_restart_too(
    bots: tuple[WatchedBot, WatchedBot], tmp_path: Path
) -> None:
    rules, machine = two_that_fire(), Machine()
    with Sink() as sink:
        ringing = phone(sink)
        async with together(targets(bots), tmp_path, machine, rules, ringing) as run:
            await run.first()
            assert await rung(run, sink, 2) == ["[CRITICAL] a: Count", "[CRITICAL] b: Limit"]
        machine.pass_by(5 * SECOND)
        async with together(targets(bots), tmp_path, machine, rules, ringing) as run:
            await run.first()
            await run.scrape(2)
            bots[1].page = "limit_pct 0\n"
            await run.scrape()
            assert (await rung(run, sink, 3)) == ["[CRITICAL] a: Count", "[CRITICAL] b: Limit", "[RESOLVED] b: Limit"]


async def test_a_screen_that_takes_over_goes_on_with_all_alerts_and_rings_none_again(
    bots: tuple[WatchedBot, WatchedBot], tmp_path: Path
) -> None:
    rules, machine = two_that_fire(), Machine()
    fires = {("a", "Count", "firing"), ("b", "Limit", "firing")}
    with Sink() as sink:
        ringing = phone(sink)
        async with AsyncExitStack() as screen:
            async with together(targets(bots), tmp_path, machine, rules, ringing) as recorder:
                await recorder.first()
                run = await screen.enter_async_context(together(targets(bots), tmp_path, machine, rules, ringing))
                assert await rung(recorder, sink, 2) == ["[CRITICAL] a: Count", "[CRITICAL] b: Limit"]
                assert all(each.watch.frame().attached for each in run.runs)
            machine.pass_by(SECOND)
            await run.first()
            assert not any(each.watch.frame().attached for each in run.runs)
            assert run.alerts() == fires
            await run.scrape(2)
            assert run.alerts() == fires
            assert await rung(run, sink, 2) == ["[CRITICAL] a: Count", "[CRITICAL] b: Limit"]


async def test_who_records_one_and_follows_the_other_sees_both(
    bots: tuple[WatchedBot, WatchedBot], tmp_path: Path
) -> None:
    a, b = targets(bots)
    machine, rules = Machine(), book("alert: Both, expr: count(up) == 2", "alert: Gone, expr: 'absent(up{job=\"b\"})'")
    async with together([b], tmp_path, machine, Rulebook()) as other:
        await other.first()
        async with together([a, b], tmp_path, machine, rules) as run:
            await run.first()
            assert run.runs[1].watch.frame().attached
            assert run.alerts() == {("a", "Both", "firing")}


def test_an_alert_about_a_bot_of_a_database_is_that_bots() -> None:
    """A database that names several bots has its part of each."""
    records = Record(Target("a", "http://h:1/metrics")), Record(Target("b", "http://h:2/metrics", "bots.db"))
    records[1].meet(["momentum", "grid"])
    records[1].past_told.set()
    records[1].store.append({"__name__": "bot_events_total", "bot_id": "grid"}, SECOND, 5.0)
    court = Court(records)
    judges = [Judge(record, Plan(record, {})) for record in records]
    with ExitStack() as stack:
        for judge in judges:
            judge.court = court
            judge.take(book("alert: Many, expr: bot_events_total > 3"))
            stack.enter_context(judge.sitting(lambda _: None))
        for judge in judges:
            judge.judge(SECOND)
        found = [{bot: [a.rule.name for a in alerts] for bot, alerts in judge.alerts().items()} for judge in judges]
    assert found == [{"a": []}, {"b": [], "momentum": [], "grid": ["Many"]}]


@pytest.mark.parametrize(
    ("labels", "home"),
    [
        ({}, "first"),
        ({"team": "desk"}, "first"),
        ({"job": "bots", "instance": "h:2"}, "second"),
        ({"job": "bots", "instance": "gone:1"}, "first"),
        ({"job": "bots"}, "first"),
        ({"job": "ops", "instance": "h:2"}, "second"),
        ({"instance": "h:3"}, "third"),
        ({"job": "events"}, "third"),
        ({"bot_id": "momentum"}, "third"),
        ({"bot_id": "nobody"}, "first"),
        ({"env": "live"}, "second"),
        ({"env": "live", "job": "events"}, "third"),
        ({"env": "test"}, "first"),
    ],
)
def test_what_belongs_to_whom(labels: dict[str, str], home: str) -> None:
    records = [
        Record(Target("first", "http://h:1/metrics", job="bots", instance="h:1")),
        Record(Target("second", "http://h:2/metrics", job="bots", instance="h:2", labels=(("env", "live"),))),
        Record(Target("third", "http://h:3/metrics", "bots.db", job="events", instance="h:3")),
    ]
    records[2].meet(["momentum"])
    assert Homes(records).of(Labels(labels)).target.name == home


@given(
    st.lists(st.tuples(st.integers(0, 9_999), st.sampled_from((10, 10, 15, 60))), min_size=1, max_size=4),
    st.sets(st.tuples(st.integers(0, 3), st.integers(0, 30)), max_size=20),
)
def test_whenever_bots_are_scraped_rules_are_evaluated_once_an_interval(
    bots: list[tuple[int, int]], missed: set[tuple[int, int]]
) -> None:
    """Bots begin at any time and have intervals of their own; of the first, no scrape is missed."""
    rhythm = [(0, 10), *bots]
    records = [
        Record(Target(f"{i}", f"http://h:{i + 1}/metrics", interval=s * SECOND)) for i, (_, s) in enumerate(rhythm)
    ]
    court = Court(records)
    court.take(book("record: 'all:up:sum', expr: sum(up)"))
    scrapes = sorted(
        (begun + turn * interval * SECOND, i)
        for i, (begun, interval) in enumerate(rhythm)
        for turn in range(300 // interval)
        if not i or (i - 1, turn) not in missed
    )
    evaluated = []
    with ExitStack() as stack:
        for record in records:
            stack.enter_context(court.sitting(record, lambda _: None))
        for t, i in scrapes:
            records[i].store.append_scrape("scrape", t, {Labels({"__name__": "up", "job": f"{i}"}): 1.0})
            court.hear(records[i], t)
            evaluated += [t for found, fresh in court.given(records[0]) if fresh and found]
    gaps = [later - t for t, later in pairwise(evaluated)]
    assert evaluated[0] <= 10 * SECOND
    assert all(0 < gap <= 25 * SECOND for gap in gaps)
    assert 300 / 10 / 2 <= len(evaluated) <= 300 / 10 + 1
