"""One app under test, with fakes at its ports: keys go in, and what a person sees comes out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from textual.pilot import Pilot

from panes.frames import sample_detail, sample_frame
from tradetop.model.frame import Frame
from tradetop.model.ports import Notebook
from tradetop.model.view import View
from tradetop.panes.look import Look
from tradetop.theme import Depth, Themes, load
from tradetop.tui.app import TradetopApp
from tradetop.tui.host import Host
from tradetop.tui.keymap import DEFAULT, Keymap
from tui.fakes import FakeClock, FakeSource

THEME = load("midnight")
FRAME = sample_frame()
TEXTUAL = {"esc": "escape", "pgup": "pageup", "pgdn": "pagedown"}
"""What Textual calls keys that have other names here; characters it takes as they are."""


class DetailSource(FakeSource):
    """Answers a view with a focus by the detail of a series, one of all bots by all bots."""

    def look(self, view: View) -> None:
        self.views.append(view)
        self.publish(replace(sample_detail() if view.focus else self.frame, view=view))


class Session:
    """One app under test, with what stands at its ports."""

    def __init__(self, app: TradetopApp, source: FakeSource, clock: FakeClock, pilot: Pilot[None]) -> None:
        self.app, self.source, self.clock, self.pilot = app, source, clock, pilot

    @property
    def text(self) -> str:
        """What the screen shows."""
        host = self.app.screen
        assert isinstance(host, Host)
        return "\n".join(strip.text for strip in host.render_lines(host.size.region))

    @property
    def footer(self) -> str:
        """The last line."""
        return self.text.splitlines()[-1]

    async def press(self, *keys: str) -> None:
        """Press keys, by Textual's names, and wait until they have been dealt with."""
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def type(self, text: str) -> None:
        """Type a text, character by character."""
        for character in text:
            await self.tap(character)

    async def tap(self, key: str) -> None:
        """Press a key and wait until the app, then its screen, has dealt with it: quicker than the pilot's waiting."""
        self.app.simulate_key(TEXTUAL.get(key, key))
        for queue in (self.app, self.app.screen):
            done = asyncio.Event()
            queue.call_later(done.set)
            await done.wait()

    async def until(self, said: str) -> None:
        """Wait until the screen says it."""
        async with asyncio.timeout(5):
            while said not in self.text:
                await self.pilot.pause(0.01)


@asynccontextmanager
async def running(
    frame: Frame = FRAME,
    *,
    size: tuple[int, int] = (120, 40),
    source: FakeSource | None = None,
    shots: Path | None = None,
    tick: int = 500,
    keymap: Keymap = DEFAULT,
    notebook: Notebook | None = None,
    look: Look | None = None,
    themes: Themes | None = None,
) -> AsyncIterator[Session]:
    """An app that shows a frame, ready for keys."""

    def save(name: str, content: bytes) -> str:
        assert shots is not None
        path = shots / name
        path.write_bytes(content)
        return str(path)

    asked = source or DetailSource(frame)
    clock = FakeClock(frame.now)
    app = TradetopApp(
        asked,
        THEME,
        look=look,
        clock=clock,
        tick=tick,
        save=None if shots is None else save,
        zone=lambda _: (120, "CEST"),
        keymap=keymap,
        themes=Themes(Depth.TRUE) if themes is None else themes,
        notebook=notebook,
    )
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield Session(app, asked, clock, pilot)
