"""The recorder rings: from a page that crosses a limit to a message that arrived, whatever stands in between."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from notify.making import quick
from notify.sink import Sink
from recorder.machine import Machine, Running, running
from tradetop.cli.bots import Bots
from tradetop.document.thresholds import Bound, Levels
from tradetop.model.clock import MINUTE, SECOND
from tradetop.model.level import Level
from tradetop.model.panel import Side
from tradetop.model.silence import Silence, SilenceKind
from tradetop.model.target import Secret, Target
from tradetop.model.view import View
from tradetop.notify.receiver import Receiver, ReceiverKind
from tradetop.recorder.notifying import Ringing
from tradetop.recorder.rulebook import Rulebook
from tradetop.rules.file import read_rules
from tradetop.store.file import HistoryReader
from tradetop.store.place import subject
from tradetop.viewer.viewer import Viewer
from watched_bot import WatchedBot

LIMITS = {"exposure": Levels(warning=(), critical=Bound(above=20.0, alert="HighExposure"))}


def page(exposure: float) -> str:
    return f"# TYPE trader_exposure_pct gauge\ntrader_exposure_pct {exposure}\nprocess_start_time_seconds 1767320000\n"


@pytest.fixture
def bot() -> Iterator[WatchedBot]:
    with WatchedBot(page(12.5)) as bot:
        yield bot


@pytest.fixture
def machine() -> Machine:
    return Machine()


def hook(sink: Sink, name: str = "phone", **more: Any) -> Receiver:
    return quick(name, url=Secret(f"json://{sink.host}/?cto=1&rto=1"), **more)


@asynccontextmanager
async def rings(
    bot: WatchedBot, folder: Path, machine: Machine, receivers: Sequence[Receiver], **more: Any
) -> AsyncIterator[Running]:
    target = Target("trader", bot.url, instance=bot.instance, preset="247trader")
    ringing = Ringing(tuple(receivers), **more)
    async with running(target, folder, machine, LIMITS, ringing) as run:
        await run.until(lambda: run.record.status.tried_at is not None)
        yield run


async def took(run: Running, sink: Sink, count: int) -> list[str]:
    """The titles of what the sink has taken, once it is so many; time passes meanwhile."""
    async with asyncio.timeout(10):
        while len(sink.took) < count:
            run.machine.pass_by(SECOND)
            await asyncio.sleep(0.002)
    return [message["title"] for message in sink.took]


async def tried(run: Running, condition: Callable[[], object]) -> None:
    """Let time pass until a condition holds."""
    async with asyncio.timeout(10):
        while not condition():
            run.machine.pass_by(SECOND)
            await asyncio.sleep(0.002)


def notices(run: Running) -> str:
    return "; ".join(Viewer(Bots([run.watch])).frame(View(), run.machine.now()).notices)


async def test_a_limit_that_is_crossed_rings_once_and_once_more_when_it_is_over(
    bot: WatchedBot, machine: Machine, tmp_path: Path
) -> None:
    with Sink() as sink:
        async with rings(bot, tmp_path, machine, [hook(sink)]) as run:
            bot.page = page(23)
            await run.scrape()
            assert await took(run, sink, 1) == ["[WARNING] trader: HighExposure"]
            bot.page = page(29)
            await run.scrape(3)
            bot.page = page(12)
            await run.scrape()
            assert (await took(run, sink, 2))[1] == "[RESOLVED] trader: HighExposure"
        (first, _) = sink.took
        assert "value 23 % (limit > 20)" in first["message"]
        assert "What to do: " in first["message"]


FAILING = """
groups:
  - name: own
    rules:
      - alert: Deep
        expr: trader_exposure_pct > 20
        labels: {severity: critical, team: "{{ index $labels 3 }}"}
        annotations:
          summary: "exposure of {{ $labels.bot | humanize }}"
          runbook: stop it
"""


async def test_a_text_that_cannot_be_made_says_why_and_what_it_was_to_be_made_of(
    bot: WatchedBot, machine: Machine, tmp_path: Path
) -> None:
    with Sink() as sink:
        async with rings(bot, tmp_path, machine, [hook(sink)]) as run:
            run.watch.judge_by(Rulebook(read_rules(FAILING, "own.yml").groups))
            bot.page = page(19)
            await run.scrape()
            assert sink.took == []
            bot.page = page(21)
            await run.scrape()
            assert "[CRITICAL] trader: Deep" in " ".join((await took(run, sink, 1))[0].split())
            event = next(e for e in run.record.derived if e.type == "alert_firing" and e.level is Level.CRITICAL)
        message = sink.took[0]["message"]
        assert "<error expanding template: error executing template __alert_Deep: " in message
        assert "error calling humanize" in message
        assert "(template of summary: exposure of {{ $labels.bot | humanize }})" in message
        assert "(template of team: {{ index $labels 3 }})" in message
        assert "What to do: stop it" in message
        said = [str(fact.value) for fact in event.facts if fact.name == "failed"]
        assert [text.split(": ")[0] for text in said] == ["template of summary", "template of team"]
        assert "error calling humanize" in said[0]


def resolved(sink: Sink) -> list[str]:
    """What is said of alerts that are over."""
    return [f"{m['title']} {m['message']}" for m in sink.took if "RESOLVED" in m["title"]]


def slowly(hold: str) -> Rulebook:
    """A rule that is looked at once a minute."""
    rule = f"alert: Held, expr: trader_exposure_pct > 15, for: {hold}, labels: {{severity: critical}}"
    text = f"groups:\n- name: slow\n  interval: 1m\n  rules:\n  - {{{rule}}}\n"
    return Rulebook(read_rules(text, "own.yml").groups)


async def test_nothing_is_over_until_somebody_has_looked(bot: WatchedBot, machine: Machine, tmp_path: Path) -> None:
    bot.page = page(17)
    with Sink() as sink:
        async with rings(bot, tmp_path, machine, [hook(sink)]) as run:
            run.watch.judge_by(slowly("30s"))
            assert await took(run, sink, 1) == ["[CRITICAL] trader: Held"]
            # The rule is looked at while the bot is away, and next when it has been back for a while.
            for scrapes in (7, 8, 9):
                bot.stop()
                await run.scrape(scrapes)
                bot.start()
                await run.scrape(6)
            # A rule that has been changed is another one, and looked at at once.
            run.watch.judge_by(slowly("20s"))
            await run.scrape(12)
            assert not any("Held" in text for text in resolved(sink))
            bot.page = page(12)
            await tried(run, lambda: any("Held" in text for text in resolved(sink)))


async def test_after_a_restart_what_fires_has_fired_since_then_and_did_not_resolve(
    bot: WatchedBot, machine: Machine, tmp_path: Path
) -> None:
    bot.page = page(23)
    with Sink() as sink:
        async with rings(bot, tmp_path, machine, [hook(sink)]) as run:
            run.watch.judge_by(slowly("30s"))
            await took(run, sink, 2)
            (before,) = Viewer(Bots([run.watch])).frame(View(), machine.now()).bots
            fired = {a.rule.name: a.fired_at for a in Viewer(Bots([run.watch])).frame(View(), machine.now()).alerts}
        machine.pass_by(5 * SECOND)
        async with rings(bot, tmp_path, machine, [hook(sink)]) as again:
            again.watch.judge_by(slowly("30s"))
            await again.scrape(2)
            frame = Viewer(Bots([again.watch])).frame(View(), machine.now())
            assert {a.rule.name: a.fired_at for a in frame.alerts} == fired
            assert frame.bots[0].firing == before.firing == 2
            assert not any(event.type == "alert_resolved" for event in again.record.derived)


async def test_no_receivers_no_file(bot: WatchedBot, machine: Machine, tmp_path: Path) -> None:
    bot.page = page(23)
    async with rings(bot, tmp_path, machine, []) as run:
        await run.scrape(2)
    assert list(tmp_path.glob("*.notify*")) == []


async def test_a_bot_that_dies_has_not_resolved(bot: WatchedBot, machine: Machine, tmp_path: Path) -> None:
    bot.page = page(23)
    with Sink() as sink:
        async with rings(bot, tmp_path, machine, [hook(sink)]) as run:
            await took(run, sink, 1)
            bot.stop()
            await run.scrape(3)
            bot.page = page(12)
            bot.start()
            await run.scrape()
            titles = await took(run, sink, 2)
    assert [title for title in titles if "HighExposure" in title] == [
        "[WARNING] trader: HighExposure",
        "[RESOLVED] trader: HighExposure",
    ]


async def test_a_dead_receiver_is_shown_and_tried_until_it_is_back(
    bot: WatchedBot, machine: Machine, tmp_path: Path
) -> None:
    bot.page = page(23)
    with Sink(500, 500, 401, 200) as sink:
        async with rings(bot, tmp_path, machine, [hook(sink)]) as run:
            await tried(run, lambda: len(sink.asked) == 1 and run.record.status.send_faults)
            assert "notify phone: 500 since 1 m, 1 waiting" in notices(run)
            await tried(run, lambda: [f.word for f in run.record.status.send_faults] == ["401"])
            machine.pass_by(12 * MINUTE)
            assert "notify phone: 401 since 1" in notices(run)
            titles = await took(run, sink, 1)
            await run.until(lambda: not run.record.status.send_faults)
    assert titles == ["[WARNING] trader: HighExposure"]
    assert len(sink.asked) == 4


async def test_a_dead_receiver_is_said_before_what_is_wrong_with_rules_each_on_its_own(
    bot: WatchedBot, machine: Machine, tmp_path: Path
) -> None:
    bot.page = page(23)
    with Sink(500) as sink:
        async with rings(bot, tmp_path, machine, [hook(sink)]) as run:
            await tried(run, lambda: run.record.status.send_faults)
            broken = "1 rule cannot be evaluated: Both: " + "many-to-many " * 30
            run.record.say(rules_notice=broken, store_notice="history: a damaged file was moved aside")
            frame = Viewer(Bots([run.watch])).frame(View(), machine.now())
    assert [notice.partition(":")[0] for notice in frame.notices] == ["notify phone", "history", broken[:26]]


async def test_what_waits_goes_at_once_to_where_its_receiver_is_now(
    bot: WatchedBot, machine: Machine, tmp_path: Path
) -> None:
    bot.page = page(23)
    with Sink(401) as old, Sink() as new:
        async with rings(bot, tmp_path, machine, [hook(old)]) as run:
            await tried(run, lambda: run.record.status.send_faults)
            run.watch.ring(Ringing((hook(new),)))
            # No time passes: the next attempt would have been seconds away.
            await run.until(lambda: new.took and not run.record.status.send_faults)
            await run.scrape(2)
        async with rings(bot, tmp_path, machine, [hook(new)]) as again:
            await again.scrape(2)
    assert (len(old.asked), len(new.asked)) == (1, 1)


async def test_a_receiver_that_is_taken_away_is_spoken_of_no_more(
    bot: WatchedBot, machine: Machine, tmp_path: Path
) -> None:
    bot.page = page(23)
    with Sink(401) as old, Sink() as new:
        async with rings(bot, tmp_path, machine, [hook(old, "old"), hook(new)]) as run:
            await tried(run, lambda: run.record.status.send_faults and new.took)
            run.watch.ring(Ringing((hook(new),)))
            assert run.record.status.send_faults == ()
            await run.scrape(2)
    assert len(new.asked) == 1


async def test_a_configuration_that_cannot_be_used_is_said_on_screens_until_one_can(
    bot: WatchedBot, machine: Machine, tmp_path: Path
) -> None:
    with Sink() as sink:
        async with rings(bot, tmp_path, machine, [hook(sink)]) as run:
            run.watch.complain("notify: receivers stay as they were (phone)")
            await run.scrape()
            assert "receivers stay as they were (phone)" in notices(run)
            await run.scrape()
            reader = HistoryReader.open(run.watch.path)
            elsewhere = reader.status()
            reader.close()
            assert elsewhere is not None
            assert "receivers stay as they were (phone)" in elsewhere.outbox_notice
            run.watch.ring(Ringing((hook(sink),)))
            await run.scrape()
            assert "receivers" not in notices(run)


async def test_who_only_watches_sees_the_faults_too(bot: WatchedBot, machine: Machine, tmp_path: Path) -> None:
    bot.page = page(23)
    with Sink(403) as sink:
        async with rings(bot, tmp_path, machine, [hook(sink)]) as run:
            await tried(run, lambda: run.record.status.send_faults)
            await run.scrape()
            status = HistoryReader.open(run.watch.path).status()
    assert status is not None
    assert [fault.word for fault in status.send_faults] == ["403"]


async def test_a_receiver_that_hangs_keeps_nobody_waiting(bot: WatchedBot, machine: Machine, tmp_path: Path) -> None:
    bot.page = page(23)
    with Sink("hang") as stuck, Sink() as sink:
        receivers = [
            quick("am", kind=ReceiverKind.ALERTMANAGER, url=Secret(f"http://{stuck.host}")),
            quick("slow", url=Secret(f"json://{stuck.host}/?cto=30&rto=30")),
            hook(sink),
        ]
        async with rings(bot, tmp_path, machine, receivers) as run:
            await took(run, sink, 1)
            await tried(run, lambda: len(stuck.asked) == 2)
            bot.page = page(12)
            await run.scrape()
            assert len(await took(run, sink, 2)) == 2


async def test_what_waits_is_sent_by_the_next_process_and_nothing_twice(
    bot: WatchedBot, machine: Machine, tmp_path: Path
) -> None:
    bot.page = page(23)
    with Sink(200, 503) as sink, Sink(503) as down:
        async with rings(bot, tmp_path, machine, [hook(sink), hook(down, "down")]) as run:
            await took(run, sink, 1)
            await tried(run, lambda: run.record.status.send_faults)
        assert (tmp_path / f"{subject(run.watch.path)}.notify").stat().st_mode & 0o777 == 0o600
        down.answers = sink.answers = [200]
        machine.pass_by(MINUTE)
        async with rings(bot, tmp_path, machine, [hook(sink), hook(down, "down")]) as again:
            assert await took(again, down, 1) == ["[WARNING] trader: HighExposure"]
            await again.scrape(2)
            bot.page = page(12)
            await again.scrape()
            assert await took(again, sink, 2) == ["[WARNING] trader: HighExposure", "[RESOLVED] trader: HighExposure"]
            assert len(await took(again, down, 2)) == 2


async def test_a_snoozed_alert_is_quiet_until_it_is_worse(bot: WatchedBot, machine: Machine, tmp_path: Path) -> None:
    def silences(_: str) -> Sequence[Silence]:
        until = machine.now() + MINUTE
        found = Silence("s", SilenceKind.SNOOZE, "HighExposure", 0, until, value=23.0, side=Side.ABOVE)
        return [found]

    bot.page = page(23)
    with Sink() as sink:
        async with rings(bot, tmp_path, machine, [hook(sink)], silences=silences) as run:
            await run.scrape(2)
            bot.page = page(26)
            await run.scrape(2)
            assert sink.took == []
            bot.page = page(27.6)
            await run.scrape()
            assert await took(run, sink, 1) == ["[WARNING] trader: HighExposure"]


async def test_the_bell_is_a_value_for_the_screen(bot: WatchedBot, machine: Machine, tmp_path: Path) -> None:
    bot.page = page(23)
    async with rings(bot, tmp_path, machine, [quick("screen", kind=ReceiverKind.BELL)]) as run:
        await tried(run, lambda: run.record.status.bell)
        bell = run.record.status.bell
        assert bell is not None
        assert bell.text == "[WARNING] trader: HighExposure"
        bot.page = page(12)
        await run.scrape()
        await tried(run, lambda: run.record.status.bell != bell)


async def test_a_folder_that_cannot_be_written_rings_all_the_same(
    bot: WatchedBot, machine: Machine, tmp_path: Path
) -> None:
    bot.page = page(23)
    (tmp_path / "file").write_text("")
    with Sink() as sink:
        async with rings(bot, tmp_path / "file" / "store", machine, [hook(sink)]) as run:
            assert await took(run, sink, 1) == ["[WARNING] trader: HighExposure"]
            assert "a restart may repeat or lose some" in notices(run)


CONFIG = """
interval: 1s
targets:
  - {{name: trader, url: "{url}", preset: 247trader}}
thresholds:
  exposure: {{warning: off, critical: {{above: 20, for: 1s, alert: HighExposure}}}}
notify:
  group_wait: 0
  group_interval: 0
  receivers: [{{name: phone, url: "json://{sink}/"}}]
"""


def test_a_recorder_that_is_killed_rings_neither_twice_nor_never(bot: WatchedBot, tmp_path: Path) -> None:
    def record() -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "tradetop", "record", "-c", str(config), "--store", str(tmp_path / "store")]
        environment = {**os.environ, "PYTHONPATH": ":".join(sys.path)}
        return subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)

    with Sink() as sink:
        config = tmp_path / "c.yaml"
        config.write_text(CONFIG.format(url=bot.url, sink=sink.host))
        bot.page = page(23)
        killed = record()
        sink.until(1)
        bot.wait_for(bot.asked() + 2)
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        again = record()
        bot.wait_for(bot.asked() + 3)
        bot.page = page(12)
        sink.until(2)
        again.terminate()
        assert again.wait(10) == 0
    titles = [message["title"] for message in sink.took]
    assert titles == ["[WARNING] trader: HighExposure", "[RESOLVED] trader: HighExposure"]
