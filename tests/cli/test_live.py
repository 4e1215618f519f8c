"""The engine apart from the screen: frames come at once, go on coming, and never pretend when they cannot."""

from __future__ import annotations

import queue
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from events.bot_database import create, insert
from tradetop.cli.live import Live
from tradetop.model.bot_event import EventClass
from tradetop.model.clock import SystemClock
from tradetop.model.frame import Frame
from tradetop.model.labels import Labels
from tradetop.model.panel import Dashboard
from tradetop.model.panel_frame import SeriesFrame
from tradetop.model.review import Review
from tradetop.model.silence import Silence, SilenceKind
from tradetop.model.target import Target
from tradetop.model.view import View
from tradetop.panes.oncall import sentence
from tradetop.recorder.watch import Watch
from tradetop.scrape.scrape import Scraper
from tradetop.store.file import HistoryWriter
from tradetop.store.notebook import NotebookFile
from tradetop.store.place import subject
from watched_bot import WatchedBot

PATIENCE = 10.0
PAGE = "trader_exposure_pct 12.5\ntrader_open_positions 3\n"


class BrokenWatch(Watch):
    """Records well, but nothing can be shown of it."""

    def dashboard(self) -> Dashboard:
        if self.record.status.up:
            raise ZeroDivisionError("hunter2")
        return super().dashboard()


class Frames:
    """The frames of an engine as they come."""

    def __init__(self, live: Live) -> None:
        self.live = live
        self._queue: queue.Queue[Frame] = queue.Queue()
        live.subscribe(self._queue.put)

    def until(self, condition: Callable[[Frame], object]) -> Frame:
        """The next frame that fulfils a condition."""
        while True:
            frame = self._queue.get(timeout=PATIENCE)
            if condition(frame):
                return frame


@contextmanager
def live(
    make: Callable[[], Sequence[Watch]], notices: Sequence[str] = (), notebook: Path | None = None
) -> Iterator[Frames]:
    engine = Live(make, SystemClock(), notices, NotebookFile(notebook) if notebook else None)
    frames = Frames(engine)
    engine.start()
    try:
        yield frames
    finally:
        engine.stop()


@pytest.fixture
def bot() -> Iterator[WatchedBot]:
    with WatchedBot(PAGE) as bot:
        yield bot


def watch(bot: WatchedBot, folder: Path, kind: type[Watch] = Watch) -> Callable[[], Sequence[Watch]]:
    target = Target("trader", bot.url, instance=bot.instance, interval=100)
    return lambda: (kind(target, {}, folder, SystemClock()),)


def test_frames_come_and_follow_what_the_bot_says(bot: WatchedBot, tmp_path: Path) -> None:
    with live(watch(bot, tmp_path)) as frames:
        frames.until(lambda f: f.bots and f.bots[0].up)
        bot.page = PAGE.replace("12.5", "26.5")
        shown = frames.until(lambda f: any(row.reading.value == 26.5 for row in f.limits))
        assert shown.bots[0].name == "trader"
        bot.stop()
        assert frames.until(lambda f: f.bots[0].up is False).bots[0].stale


def test_the_view_that_was_asked_for_last_is_shown(bot: WatchedBot, tmp_path: Path) -> None:
    with live(watch(bot, tmp_path)) as frames:
        frames.until(lambda f: f.bots and f.bots[0].up)
        frames.live.look(View(span=900_000, points=40))
        shown = frames.until(lambda f: f.view.span == 900_000)
        assert shown.panels


def test_what_the_start_had_to_say_stands_in_every_frame(bot: WatchedBot, tmp_path: Path) -> None:
    with live(watch(bot, tmp_path), ["the token file can be read by others"]) as frames:
        for _ in range(3):
            assert frames.until(lambda _: True).notices == ("the token file can be read by others",)


def test_ending_takes_no_time(bot: WatchedBot, tmp_path: Path) -> None:
    with live(watch(bot, tmp_path)) as frames:
        frames.until(lambda f: f.bots and f.bots[0].up)
    asked = bot.asked()
    frames.live.look(View())
    assert bot.asked() == asked


def test_an_engine_that_fails_says_so_on_the_screen_and_not_with_its_values(bot: WatchedBot, tmp_path: Path) -> None:
    with live(watch(bot, tmp_path, BrokenWatch)) as frames:
        shown = frames.until(lambda f: f.notices)
        assert "cannot show it: ZeroDivisionError" in shown.notices[0]
        assert "hunter2" not in shown.notices[0]
        # What is recorded is not lost for that.
        bot.wait_for(bot.asked() + 3)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_engine_that_cannot_begin_says_so_too() -> None:
    def make() -> Sequence[Watch]:
        raise OSError("no")

    with live(make) as frames:
        assert "OSError" in frames.until(lambda f: f.notices).notices[0]


def test_a_mark_is_in_the_next_frame_and_another_process_sees_it(bot: WatchedBot, tmp_path: Path) -> None:
    with live(watch(bot, tmp_path), notebook=tmp_path / "notebook.db") as frames:
        shown = frames.until(lambda f: f.bots and f.bots[0].up)
        frames.live.mark(0, shown.now, "deploy v1.4.2")
        frames.live.mark(None, shown.now, "network maintenance")
        marked = frames.until(lambda f: len(f.marks) == 2)
        assert [m.text for m in marked.marks] == ["deploy v1.4.2", "network maintenance"]
        assert marked.bots[0].deployed_at == shown.now
        other = NotebookFile(tmp_path / "notebook.db")
        other.follow(shown.now)
        assert [m.text for m in other.marks("another target")] == ["network maintenance"]
        assert other.write("", shown.now + 1, "said elsewhere", now=shown.now)
        other.close()
        assert frames.until(lambda f: len(f.marks) == 3).marks[-1].text == "said elsewhere"


def test_what_is_done_to_an_alert_is_in_the_feed_of_its_bot_and_so_is_its_end(bot: WatchedBot, tmp_path: Path) -> None:
    def done(frame: Frame) -> list[tuple[str, str]]:
        return [(sentence(e, 0), e.bot) for e in frame.feed.events if e.cls is EventClass.ONCALL]

    with live(watch(bot, tmp_path), notebook=tmp_path / "notebook.db") as frames:
        shown = frames.until(lambda f: f.bots and f.bots[0].up)
        frames.live.silence(0, [Silence("", SilenceKind.ACK, "HighExposure\x1b", shown.now)])
        first = frames.until(done)
        assert done(first) == [("acknowledged HighExposure␛", "trader")]
        book = NotebookFile(tmp_path / "notebook.db")
        book.follow(shown.now)
        (made,) = book.silences(subject(watch(bot, tmp_path)()[0].path))
        book.close()
        frames.live.end([made])
        last = frames.until(lambda f: len(done(f)) == 2)
        assert done(last)[1] == ("HighExposure␛ is no longer acknowledged", "trader")


def test_an_error_that_was_reviewed_is_so_for_every_instance_until_somebody_takes_it_back(
    bot: WatchedBot, tmp_path: Path
) -> None:
    link = create(tmp_path / "bots.db")
    insert(link, "e", "error", '{"message": "slippage exceeded"}', timestamp=datetime.now(UTC).isoformat())
    link.close()
    target = replace(watch(bot, tmp_path)()[0].record.target, database=str(tmp_path / "bots.db"))

    def made() -> Sequence[Watch]:
        return [Watch(target, {}, tmp_path, SystemClock())]

    def waiting(frame: Frame) -> list[int]:
        return [bot.to_review for bot in frame.bots]

    with live(made, notebook=tmp_path / "notebook.db") as frames:
        shown = frames.until(lambda f: waiting(f) == [1])
        (group,) = shown.error_groups
        frames.live.review(0, [Review("", group.fingerprint, group.last, shown.now, group.text)])
        frames.until(lambda f: waiting(f) == [0])
    with live(made, notebook=tmp_path / "notebook.db") as frames:
        shown = frames.until(lambda f: f.error_groups)
        assert waiting(shown) == [0]
        book = NotebookFile(tmp_path / "notebook.db")
        again = Review("", group.fingerprint, 0, shown.now)
        assert book.review(subject(made()[0].path), [again], now=shown.now)
        book.close()
        assert frames.until(lambda f: waiting(f) == [1])


def test_a_mark_that_cannot_be_kept_is_a_notice_and_nothing_else(bot: WatchedBot, tmp_path: Path) -> None:
    (tmp_path / "notebook.db").mkdir()
    with live(watch(bot, tmp_path), notebook=tmp_path / "notebook.db") as frames:
        shown = frames.until(lambda f: f.bots and f.bots[0].up)
        frames.live.mark(0, shown.now, "deploy")
        said = frames.until(lambda f: any('the mark "deploy" is not kept' in notice for notice in f.notices))
        assert len(said.notices) == 1
        assert str(tmp_path / "notebook.db") in said.notices[0]
        assert (said.marks, said.bots[0].up) == ((), True)


def test_without_a_notebook_marks_cost_nothing(bot: WatchedBot, tmp_path: Path) -> None:
    with live(watch(bot, tmp_path)) as frames:
        shown = frames.until(lambda f: f.bots and f.bots[0].up)
        frames.live.mark(0, shown.now, "deploy")
        assert frames.until(lambda _: True).marks == ()


def recorded(bot: WatchedBot, folder: Path) -> Target:
    """A target whose history has an hour of the exposure at 10 %."""
    target = Target("trader", bot.url, instance=bot.instance, interval=60_000)
    with live(watching(target, folder)) as frames:
        frames.until(lambda f: f.bots and f.bots[0].up)
    now = SystemClock().now()
    path = Watch(target, {}, folder, SystemClock()).path
    path.unlink()
    history = HistoryWriter.open(path, now=now)
    labels = {"job": "trader", "instance": bot.instance}
    for t in range(now - 3_600_000, now - 5_000, 10_000):
        found = {Labels({**labels, "__name__": "trader_exposure_pct"}): 10.0, Labels({**labels, "__name__": "up"}): 1.0}
        history.append_scrape("scrape", t, found)
    history.close()
    return target


def watching(target: Target, folder: Path) -> Callable[[], Sequence[Watch]]:
    return lambda: (Watch(target, {}, folder, SystemClock()),)


def exposure(frame: Frame) -> SeriesFrame | None:
    found = (s for p in frame.panels for s in p.series if s.labels.name == "trader_exposure_pct")
    return next(found, None)


def test_the_first_values_are_there_before_the_history_and_join_it_without_a_second_question(
    bot: WatchedBot, tmp_path: Path
) -> None:
    target = recorded(bot, tmp_path)
    before = bot.asked()
    bot.page = PAGE.replace("12.5", "26.5")
    engine = Live(watching(target, tmp_path), SystemClock(), ask=lambda: (Scraper(target),))
    frames = Frames(engine)
    engine.start()
    try:
        first = engine.first()
        assert first is not None
        assert first.bots[0].up
        shown = exposure(first)
        assert shown is not None
        assert shown.reading.value == 26.5
        assert not any(value == 10.0 for value in shown.trend.values)
        joined = frames.until(lambda f: (s := exposure(f)) is not None and 10.0 in s.trend.values)
        assert (exposure(joined) or shown).reading.value == 26.5
        assert bot.asked() == before + 1
    finally:
        engine.stop()


def test_who_listens_late_gets_the_last_frame_at_once(bot: WatchedBot, tmp_path: Path) -> None:
    with live(watch(bot, tmp_path)) as frames:
        frames.until(lambda f: f.bots and f.bots[0].up)
        late: list[Frame] = []
        frames.live.subscribe(late.append)
        assert late[0].bots[0].up


def test_a_bot_that_does_not_answer_does_not_keep_the_screen_waiting(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        target = Target("trader", f"http://127.0.0.1:{silent.getsockname()[1]}/metrics", timeout=60_000)
        engine = Live(watching(target, tmp_path), SystemClock(), ask=lambda: (Scraper(target),))
        engine.start()
        try:
            first = engine.first()
            assert first is not None
            assert first.connecting
        finally:
            engine.stop()


def test_a_bot_that_is_down_is_shown_as_down_at_once(bot: WatchedBot, tmp_path: Path) -> None:
    bot.stop()
    target = Target("trader", bot.url, instance=bot.instance)
    engine = Live(watching(target, tmp_path), SystemClock(), ask=lambda: (Scraper(target),))
    engine.start()
    try:
        first = engine.first()
        assert first is not None
        assert first.bots[0].up is False
        assert "refused" in first.bots[0].reason
    finally:
        engine.stop()
