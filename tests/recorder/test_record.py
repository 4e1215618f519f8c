"""What a record holds is told apart by bot, bounded, and announced."""

from __future__ import annotations

from events.making import event
from tradetop.model.clock import MINUTE, SECOND
from tradetop.model.labels import Labels
from tradetop.model.matcher import Matcher, MatchOp
from tradetop.model.target import Target
from tradetop.recorder.record import EVENTS, PARTS, Part, Record
from tradetop.recorder.recorder import MEMORY, remembered
from tradetop.store.reader import CELLS

PAGE = Target("trader", "http://127.0.0.1:8000/metrics", "bots.db")
T = 1_767_323_045_000


def told(target: Target, *bots: str) -> Record:
    record = Record(target)
    record.take_events([event(n=i, bot=bot) for i, bot in enumerate(bots)])
    return record


def test_without_events_the_target_is_the_one_bot() -> None:
    assert Record(PAGE).parts() == (Part("trader", None),)
    assert Record(Target("bots.db", database="bots.db")).parts() == (Part("bots.db", None),)


def test_a_database_gives_a_bot_for_each_of_its_names() -> None:
    assert told(Target("bots.db", database="bots.db"), "a", "b").parts() == (Part("a", "a"), Part("b", "b"))


def test_the_only_bot_of_a_database_gives_it_its_name() -> None:
    assert told(Target("bots.db", database="bots.db"), "a", "a").parts() == (Part("a", None),)


def test_a_page_owns_the_events_of_the_only_bot() -> None:
    assert told(PAGE, "defi-1").parts() == (Part("trader", None),)


def test_a_page_owns_the_events_that_carry_its_name_among_many() -> None:
    assert told(PAGE, "other", "trader").parts() == (Part("trader", "trader"), Part("other", "other"))
    assert told(PAGE, "one", "two").parts() == (Part("trader", ""), Part("one", "one"), Part("two", "two"))


def test_a_bot_that_was_asked_for_is_the_only_one() -> None:
    record = told(Target("mine", database="bots.db", bot_id="b"), *(f"{i}" for i in range(PARTS)), "a", "b")
    assert record.notice == ""
    assert record.parts() == (Part("mine", "b"),)


def test_a_bot_sees_its_own_series_and_those_of_none() -> None:
    record = told(PAGE, "a.b", "axb")
    for name in ("a.b", "axb", ""):
        record.store.append(Labels({"__name__": "m", "bot_id": name}), T, 1.0)
    part = next(part for part in record.parts() if part.bot_id == "a.b")
    found = record.series(part).select([Matcher("__name__", MatchOp.EQUAL, "m")], T - 1, T)
    assert {column.labels.get("bot_id", "") for column in found} == {"a.b", ""}


def test_a_database_without_end_of_names_or_events_is_bounded() -> None:
    record = Record(Target("bots.db", database="bots.db"))
    record.take_events(event(n=i, bot=f"bot-{i}") for i in range(EVENTS + 10))
    assert len(record.parts()) == PARTS
    assert record.notice.startswith(f"bots.db: only the first {PARTS} of its bots are shown")
    assert len(record.events) == EVENTS
    assert record.events[-1].bot == f"bot-{EVENTS + 9}"


def test_a_change_is_told_and_a_repetition_is_not() -> None:
    record = Record(PAGE)
    before = record.revision
    assert record.say(up=True)
    assert record.revision > before
    same = record.revision
    assert not record.say(up=True)
    assert record.revision == same


def test_events_are_announced() -> None:
    record, heard = Record(PAGE), list[int]()
    record.changed = lambda: heard.append(len(record.events))
    record.take_events([event()])
    assert heard == [1]


def test_the_start_of_the_process_is_read_from_the_page() -> None:
    record = Record(PAGE)
    assert record.started_at() is None
    record.store.append_scrape("scrape", T, {Labels({"__name__": "process_start_time_seconds"}): 1_767_320_000.5})
    assert record.started_at() == 1_767_320_000_500


def test_very_many_series_stay_in_memory_for_a_shorter_time() -> None:
    record = Record(Target("bot", "http://bot.example:8000/metrics", interval=10 * SECOND))
    record.store.append_scrape("scrape", 1, {Labels({"__name__": "m", "n": str(i)}): 1.0 for i in range(1_000)})
    assert remembered(record) == MEMORY
    record.store.append_scrape("more", 1, {Labels({"__name__": "n", "n": str(i)}): 1.0 for i in range(19_000)})
    assert remembered(record) == CELLS // 20_000 * 10 * SECOND == 100 * MINUTE
