"""What a person types becomes targets; several bots are told apart."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from events.making import event
from tradetop.cli.bots import Bots
from tradetop.cli.options import TargetOptions
from tradetop.cli.refusal import Refusal
from tradetop.cli.targets import credentials_of, targets_of, told
from tradetop.cli.wiring import wire
from tradetop.model.clock import HOUR, SystemClock
from tradetop.model.target import Mode, Target
from tradetop.recorder.watch import Watch
from tradetop.store.keeping import KEEPING, Keeping


@pytest.mark.parametrize(
    "text",
    ["http://127.0.0.1:8000", "http://127.0.0.1:8000/", "http://127.0.0.1:8000/metrics", "127.0.0.1:8000"],
)
def test_a_base_url_and_its_metrics_page_are_the_same_target(text: str) -> None:
    (target,) = targets_of(TargetOptions((text,)))
    assert (target.url, target.name, target.database) == ("http://127.0.0.1:8000/metrics", "127.0.0.1:8000", "")


def test_a_path_is_an_event_database() -> None:
    (target,) = targets_of(TargetOptions(("data/bots.db",)))
    assert (target.url, target.database, target.name) == ("", "data/bots.db", "bots.db")


def test_one_url_and_one_database_belong_together_and_several_do_not() -> None:
    (both,) = targets_of(TargetOptions(("bots.db", "http://127.0.0.1:8000")))
    assert (both.url, both.database) == ("http://127.0.0.1:8000/metrics", "bots.db")
    found = targets_of(TargetOptions(("bots.db", "http://127.0.0.1:8000", "http://127.0.0.1:8001")))
    assert [(t.url.rpartition(":")[2], t.database) for t in found] == [
        ("8000/metrics", ""),
        ("8001/metrics", ""),
        ("", "bots.db"),
    ]


def test_options_stand_over_what_is_known() -> None:
    target = Target("known", "http://127.0.0.1:8000/metrics", interval=7_000, mode=Mode.LIVE, since=5)
    same = told(target, TargetOptions(), None)
    assert same == target
    said = TargetOptions(name="mine", interval=1_000, mode="paper", since=9, health=("127.0.0.1:8080",), preset="any")
    changed = told(target, said, None)
    assert (changed.name, changed.interval, changed.mode, changed.since) == ("mine", 1_000, Mode.PAPER, 9)
    assert (changed.health, changed.preset) == (("http://127.0.0.1:8080/health",), "any")


def test_credentials_come_from_files_and_show_themselves_nowhere(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("hunter2\n")
    token.chmod(0o600)
    found = credentials_of(TargetOptions(token_file=token))
    assert found is not None
    assert found.auth.bearer is not None
    assert found.auth.bearer.reveal() == "hunter2"
    assert "hunter2" not in repr(found)
    assert credentials_of(TargetOptions()) is None
    with pytest.raises(Refusal, match="gone"):
        credentials_of(TargetOptions(token_file=tmp_path / "gone"))


def test_two_bots_of_one_name_get_their_place_behind_it(tmp_path: Path) -> None:
    targets = [Target("trader", f"http://127.0.0.1:{p}/metrics", instance=f"127.0.0.1:{p}") for p in (1, 2)]
    targets.append(Target("bots.db", database="bots.db", instance="bots.db"))
    watches = [Watch(target, {}, tmp_path, SystemClock()) for target in targets]
    bots = Bots(watches)
    assert [b.name for b in bots()] == ["trader (127.0.0.1:1)", "trader (127.0.0.1:2)", "bots.db"]
    watches[2].record.take_events([event(bot="a"), event(bot="b")])
    assert [b.name for b in bots()][2:] == ["a", "b"]


def test_a_bots_feed_is_its_own(tmp_path: Path) -> None:
    watch = Watch(Target("bots.db", database="bots.db", instance="bots.db"), {}, tmp_path, SystemClock())
    watch.record.take_events([event(n=1, bot="a"), event(n=2, bot="b"), event(n=3, bot="a")])
    assert [[e.bot for e in bot.log().events] for bot in Bots([watch])()] == [["a", "a"], ["b"]]


def test_a_bot_that_another_process_asks_already_is_not_asked_at_the_start(tmp_path: Path) -> None:
    wiring = wire(TargetOptions(("127.0.0.1:8000", "127.0.0.1:8001"), store=tmp_path))
    lock = wiring.watches()[0].lock()
    assert lock is not None
    with lock:
        assert [scraper and scraper.target.instance for scraper in wiring.scrapers()] == [None, "127.0.0.1:8001"]
    assert [scraper is not None for scraper in wiring.scrapers()] == [True, True]


def test_options_say_how_much_history_is_kept_and_the_configuration_else(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("retention: 12h\nhistory_size: 2MiB\n")
    said = TargetOptions(("127.0.0.1:8000",), config=config, store=tmp_path)
    assert wire(said).keeping == Keeping(12 * HOUR, 2 * 2**20)
    assert wire(replace(said, retention=HOUR)).keeping == Keeping(HOUR, 2 * 2**20)
    config.write_text("interval: 5s\n")
    assert wire(said).keeping == KEEPING
