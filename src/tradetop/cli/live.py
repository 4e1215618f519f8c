"""The engine: the left half, the stores and the viewer in one event loop, in a thread away from the screen."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import TYPE_CHECKING

from tradetop.cli import started
from tradetop.cli.turn import Turn
from tradetop.model.clock import SECOND, Clock
from tradetop.model.frame import Frame
from tradetop.model.view import View

if TYPE_CHECKING:
    from tradetop.cli.bots import Bots
    from tradetop.cli.rule_files import RuleFiles
    from tradetop.cli.scouting import Scout
    from tradetop.model.review import Review
    from tradetop.model.silence import Silence
    from tradetop.recorder.watch import Watch
    from tradetop.scrape.scrape import Scraper
    from tradetop.store.notebook import NotebookFile
    from tradetop.viewer.viewer import Viewer

TICK = 2 * SECOND
"""A frame is published at least this often (ms); the screen itself lets ages and the clock go on each second."""
REST = 100
"""And at most this often where nobody asked for one (ms)."""
COARSE = 2
"""Columns of history in the first frames."""
SETTLED = SECOND
"""When the start is over (ms)."""
YIELD = 0.000_5
"""Seconds after which the engine lets the screen have the interpreter: a key waits for it three times on its way."""
GOODBYE = 0.1
"""Seconds that ending may take; what is committed is safe all the same."""

SAID = 10 * SECOND
"""How long it stands on the screen what came of reading the rules again (ms)."""

EVERYBODY = ("", "")
"""Where the notebook has what concerns all bots."""

Listener = Callable[[Frame], None]


async def run(watches: Sequence[Watch], until: Callable[[], Awaitable[object]]) -> None:
    """Run the watches in this loop until `until` is done."""
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(watch.run()) for watch in watches]
        try:
            await until()
        finally:
            for task in running:
                task.cancel()


class Live:
    """Runs watches in a thread of its own and publishes frames for the view that was asked for last."""

    def __init__(
        self,
        make: Callable[[], Sequence[Watch]],
        clock: Clock,
        notices: Sequence[str] = (),
        notebook: NotebookFile | None = None,
        ask: Callable[[], Sequence[Scraper | None]] = tuple,
        rules: RuleFiles | None = None,
        scout: Scout | None = None,
    ) -> None:
        """`make` gives the watches; `ask`, what may ask each of their targets before its watch is there."""
        self._make = make
        self._ask = ask
        self._notebook = notebook
        self._noted: deque[Callable[[NotebookFile, int], object]] = deque()
        """What writes down what is not written yet."""
        self._bots: Bots | None = None
        self._viewer: Viewer | None = None
        self._watches: Sequence[Watch] = ()
        self._coming: Sequence[Watch] = ()
        """Watches that are to be shown as soon as each of them has its history."""
        self._rules = rules
        self._scout = scout
        self._reloaded = ("", 0)
        """What came of reading the rules again, and until when it is shown."""
        self._clock = clock
        self._notices = tuple(notices)
        self._view = View()
        self._answered = False
        """Whether a bot has answered, or failed to, and been shown."""
        self._begun = threading.Event()
        """The bots' first answers are published, or were waited for long enough."""
        self._last: Frame | None = None
        """What was published last, also for who listens only afterwards."""
        self._telling = threading.Lock()
        self._listeners: list[Listener] = []
        self._turn = Turn()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._changed = asyncio.Event()
        self._ended = asyncio.Event()
        self._thread = threading.Thread(target=self._work, name="tradetop engine", daemon=True)
        """What it needs is imported and made in it, while the screen shows that it is connecting."""

    def look(self, view: View) -> None:
        """Ask for frames of this view from now on; a new frame comes at once."""
        self._view = view
        self._call(self._publish)

    def subscribe(self, listener: Listener) -> None:
        """Call `listener` from the engine thread with every new frame."""
        with self._telling:
            self._listeners.append(listener)
            if self._last is not None:
                listener(self._last)

    def answering(self) -> AbstractContextManager[None]:
        """While this lasts the screen answers a key, and the engine stands back."""
        return self._turn.answering()

    def first(self) -> Frame | None:
        """Wait for the bots' first answers, which takes no longer than `glance.PATIENCE`; None where none came."""
        self._begun.wait()
        return self._last

    def mark(self, bot: int | None, t: int, text: str) -> None:
        """Put a mark at `t` (ms) on the axis of a bot of the last frame, or (None) on everybody's."""
        place = EVERYBODY if bot is None else self._place(bot)
        if place is not None and text.strip():
            self._note(lambda book, now: book.write(place[0], t, text, bot=place[1], now=now))

    def silence(self, bot: int, made: Sequence[Silence]) -> None:
        """Let alerts of a bot of the last frame be quiet."""
        place = self._place(bot)
        if place is not None and made:
            self._note(lambda book, now: book.silence(place[0], made, bot=place[1], now=now))

    def review(self, bot: int, made: Sequence[Review]) -> None:
        """Note that errors of a bot of the last frame were looked at."""
        place = self._place(bot)
        if place is not None and made:
            self._note(lambda book, now: book.review(place[0], made, bot=place[1], now=now))

    def end(self, silences: Sequence[Silence]) -> None:
        """Take silences back."""
        self._note(lambda book, now: book.end([silence.id for silence in silences], now))

    def _place(self, bot: int) -> tuple[str, str] | None:
        """Where the notebook has what is written of a bot of the last frame."""
        # The frame's index, at once: by the time the engine gets to it another bot may have come before this one.
        shown = self._last.bots[bot : bot + 1] if self._last is not None else ()
        return self._bots.place(shown[0].name) if shown and self._bots is not None else None

    def _note(self, write: Callable[[NotebookFile, int], object]) -> None:
        if self._notebook is not None:
            self._noted.append(write)
            self._call(self._publish)

    def reload(self) -> None:
        """Read the rule files again; the next frames say what came of it."""
        self._call(self._reload)

    def start(self) -> None:
        """Begin."""
        sys.setswitchinterval(YIELD)
        self._thread.start()

    def stop(self) -> None:
        """End, and wait a moment for it."""
        self._call(self._ended.set)
        self._thread.join(GOODBYE)

    def _work(self) -> None:
        try:
            asyncio.run(self._main())
        except BaseException as fault:
            self._confess("has stopped watching", fault)
            raise

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        watches = await self._glance()
        for watch in watches:
            watch.record.changed = self._changed.set
        self._loop.call_later(SETTLED / SECOND, started)
        publishing = asyncio.create_task(self._publish_always())
        publishing.add_done_callback(self._shown_no_more)
        scouting = asyncio.create_task(self._scout.run()) if self._scout is not None else None
        try:
            await run(watches, self._ended.wait)
        finally:
            publishing.cancel()
            if scouting is not None:
                scouting.cancel()
            if self._notebook is not None:
                self._write_down(self._notebook, self._clock.now())
                self._notebook.close()

    async def _glance(self) -> Sequence[Watch]:
        """The watches; until they have histories the bots' first answers are shown, without what a day of it adds."""
        from tradetop.cli.glance import Glance

        glance = Glance(self._ask(), self._clock)
        # Loaded in a thread of its own, so that the requests are on their way meanwhile.
        await asyncio.to_thread(_load)
        answers = await glance.answers()
        if any(answers):
            first = self._make()
            for watch, answer in zip(first, answers, strict=False):
                if answer is not None:
                    watch.glance(answer)
            self._show(first)
        watches = self._make()
        glance.hand_over(watches)
        self._watches = self._coming = watches
        return watches

    def _show(self, watches: Sequence[Watch]) -> None:
        from tradetop.cli.bots import Bots
        from tradetop.viewer.viewer import Viewer

        self._bots = Bots(watches, self._notebook)
        self._viewer = Viewer(self._bots, self._turn.stand_back)

    async def _publish_always(self) -> None:
        while True:
            self._changed.clear()
            self._publish()
            self._begun.set()
            await asyncio.sleep(REST / SECOND if self._answered else 0)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout((TICK - REST) / SECOND):
                    await self._changed.wait()

    def _reload(self) -> None:
        said = "no rule files were named: --rules FILE names them"
        if self._rules is not None:
            said = f"rules were read again: {self._rules.reload()}"
            for watch in self._watches:
                watch.judge_by(self._rules.book)
        self._reloaded = said, self._clock.now() + SAID
        self._publish()

    def _shown_no_more(self, publishing: asyncio.Task[None]) -> None:
        fault = None if publishing.cancelled() else publishing.exception()
        if fault is not None:
            self._confess("goes on recording, but cannot show it", fault)

    def _confess(self, what: str, fault: BaseException) -> None:
        """The screen must not go on as if all were well: from here on it is told what is wrong."""
        self._notices = (f"tradetop {what}: {type(_leaf(fault)).__name__}: q quits", *self._notices)
        now = self._clock.now()
        last = self._last or Frame(self._view, now, now, (), -1)
        self._tell(replace(last, notices=self._notices))
        self._begun.set()

    def _tell(self, frame: Frame) -> None:
        with self._telling:
            self._last = frame
            for listener in self._listeners:
                listener(frame)

    def _publish(self) -> None:
        if self._coming and (self._viewer is None or all(watch.begun for watch in self._coming)):
            self._show(self._coming)
            self._coming = ()
        if self._viewer is None:
            return
        # Values first, curves after them: the first frames must not wait for a day of history.
        view = self._view if self._answered else replace(self._view, points=COARSE)
        now = self._clock.now()
        if self._notebook is not None:
            self._write_down(self._notebook, now)
            self._notebook.follow(now)
        frame = self._viewer.frame(view, now + max((watch.ahead for watch in self._watches), default=0))
        self._tell(replace(frame, notices=(*frame.notices, *self._said(now), *self._notices)))
        if not self._answered and any(bot.up is not None for bot in frame.bots):
            self._answered = True
            self._changed.set()

    def _said(self, now: int) -> list[str]:
        """What the notebook, the rule files and the servers have to say."""
        noted = self._notebook.notice(now) if self._notebook is not None else ""
        reloaded, until = self._reloaded
        return [
            *filter(None, [noted, reloaded if now < until else ""]),
            *(self._rules.notices() if self._rules is not None else ()),
            *(self._scout.notices if self._scout is not None else ()),
        ]

    def _write_down(self, notebook: NotebookFile, now: int) -> None:
        while self._noted:
            self._noted.popleft()(notebook, now)

    def _call(self, what: Callable[[], None]) -> None:
        loop = self._loop
        if loop is not None:
            # The loop may close between the question and the call.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(what)


def _load() -> None:
    """Import what makes frames."""
    import tradetop.cli.bots
    import tradetop.viewer.viewer  # noqa: F401


def _leaf(fault: BaseException) -> BaseException:
    return _leaf(fault.exceptions[0]) if isinstance(fault, BaseExceptionGroup) else fault
