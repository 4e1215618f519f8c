"""The app: what keys and the mouse do; it asks for other frames, and never waits for one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace

from textual import work
from textual.events import Click, Key, MouseScrollDown, MouseScrollUp, Paste
from textual.worker import Worker

from tradetop.config.keystroke import ALT, pressed
from tradetop.document import DocumentError
from tradetop.model.clock import SECOND, Clock, SystemClock
from tradetop.model.ports import FrameSource, Notebook
from tradetop.model.view import View
from tradetop.panes.layout import Painter
from tradetop.panes.look import Look, Prompt, PromptKind
from tradetop.theme import Depth, Theme, Themes, told
from tradetop.tui import pace
from tradetop.tui.asking import Asker, answered, running
from tradetop.tui.clipping import clipping, copied, osc52
from tradetop.tui.keymap import DEFAULT, LAST_WAY_OUT, Keymap
from tradetop.tui.marking import mark
from tradetop.tui.navigate import step
from tradetop.tui.oncall import acknowledge, acknowledge_all, end_snooze
from tradetop.tui.pointer import clicked, turned
from tradetop.tui.prompt import closed, left, pasted, remembered, typed
from tradetop.tui.review import review
from tradetop.tui.screenshot import Save, Shot, save_screenshot
from tradetop.tui.stage import Draw, MakeDriver, Stage
from tradetop.tui.state import Scene, State

Zone = Callable[[int], tuple[int, str]]
"""Minutes east of UTC, and the zone's name, at a time (ms)."""


def local_zone(t: int) -> tuple[int, str]:
    """The machine's own time zone at `t` (ms)."""
    local = time.localtime(t / SECOND)
    return local.tm_gmtoff // 60, local.tm_zone


class TradetopApp(Stage, inherit_bindings=False):
    """The screen: a stage, and what keys and the mouse do on it."""

    def __init__(
        self,
        source: FrameSource,
        theme: Theme,
        *,
        look: Look | None = None,
        view: View | None = None,
        clock: Clock | None = None,
        tick: int = SECOND,
        save: Save | None = None,
        zone: Zone = local_zone,
        depth: Depth = Depth.TRUE,
        driver: MakeDriver | None = None,
        draw: Draw | None = None,
        keymap: Keymap = DEFAULT,
        themes: Themes | None = None,
        notebook: Notebook | None = None,
        reload: Callable[[], None] | None = None,
        asker: Asker | None = None,
    ) -> None:
        super().__init__(
            source,
            theme,
            State(look or Look(), view or View()),
            clock=clock or SystemClock(),
            tick=tick,
            depth=depth,
            driver=driver,
            draw=draw or Painter().screen,
            keymap=keymap,
        )
        self._notebook, self._themes, self._save, self._zone = notebook, themes, save, zone
        self._reload_rules, self._asker = reload, asker
        self._question: Worker[None] | None = None
        self._questions: list[str] = []
        """What was asked here, be it understood or not."""

    def _on_tick(self) -> None:
        super()._on_tick()
        self._reload()

    # Keys

    def on_key(self, event: Key) -> None:
        """Over a slow link Esc and the next key may arrive together, which terminals call alt: they are two keys."""
        event.stop()
        with self._source.answering():
            if event.key.startswith(ALT):
                self.press("esc")
                self.press(pressed(event.key.removeprefix(ALT), event.character))
            else:
                self.press(pressed(event.key, event.character))

    def on_paste(self, event: Paste) -> None:
        """Text belongs into a line that is being typed; anywhere else it would be keys that nobody pressed."""
        self._become(pasted(self._state, self._scene, event.text))
        self._paint()

    def press(self, key: str) -> None:
        """Do what a key means here: a line that is being typed takes every key but the ways out to the shell."""
        command = self._bound.id_of(key)
        leaves = key == LAST_WAY_OUT or (command == "suspend" and key.startswith("ctrl+"))
        if self.look.prompt is not None and not leaves:
            self._type(key)
        elif command == "back" and self._question is not None and self._question.is_running:
            self._question.cancel()
            self._far("asked no longer; what was read of the events is kept")
        elif command:
            self.act(command)

    def act(self, id: str) -> None:
        """Do what a key of the table, or a command of the palette, says by its id."""
        self._notify("")
        match id.partition(":"):
            case ("quit", _, _):
                self.exit()
                return
            case ("suspend", _, _):
                self.action_suspend_process()
                return
            case ("redraw", _, _):
                self._resend()
            case ("faster" | "slower", _, _):
                self._tick = pace.changed(self._tick, -1 if id == "faster" else 1)
                self._notify(f"drawn every {self._tick / SECOND:g} s")
                self._schedule()
            case ("zone", _, _):
                offset, zone = self._zone(self._clock.now()) if self.look.zone == "UTC" else (0, "UTC")
                look = replace(self.look, offset=offset, zone=zone, notice=f"times in {zone}")
                self._become(replace(self._state, look=look, view=replace(self._state.view, offset=offset)))
            case ("theme", _, name):
                self._choose_theme(name)
            case ("screenshot", _, _):
                self._shoot()
            case ("copy", _, what):
                self._copy(what)
            case ("acknowledge" | "acknowledge-all" | "review", _, _):
                attend = {"acknowledge": acknowledge, "acknowledge-all": acknowledge_all, "review": review}[id]
                self._become(attend(self._notebook, self._state, self._scene, self._clock.now()))
            case ("reload", _, _) if self._reload_rules is not None:
                self._reload_rules()
            case _:
                self._become(self._reached(step(self._state, self._scene, id)))
        if id == "ask":
            self._recall()
        self._paint()

    @property
    def _scene(self) -> Scene:
        return Scene(self._told, self._boxes, self._bound, self._themes.names() if self._themes else (), self._frame)

    def _type(self, key: str) -> None:
        prompt = self.look.prompt
        if prompt is None or key not in {"enter", "esc"}:
            self._become(typed(self._state, self._scene, key))
        elif key == "esc":
            self._become(left(self._state))
            self._recall()
        elif prompt.kind is PromptKind.SNOOZE:
            state, done = end_snooze(self._notebook, self._state, self._scene, self._clock.now())
            self._become(closed(state) if done else state)
        elif prompt.kind is PromptKind.SQL and self.look.reply is not None:
            if not self.look.redacted:
                self._become(running(self._state))
                self._question = self._ask(self.look.reply.question, prompt.text)
        else:
            self._become(closed(self._state))
            self._take_line(prompt)
        self._paint()

    def _take_line(self, prompt: Prompt) -> None:
        """Do what a line says that has been taken."""
        if prompt.kind is PromptKind.MARK:
            self._notify(mark(self._notebook, self._state, self._frame, self._clock.now(), prompt.text))
        elif prompt.kind is PromptKind.ASK and prompt.text.strip():
            self._question = self._ask(prompt.text.strip())
        elif prompt.kind is PromptKind.COMMAND and prompt.choices:
            self.act(prompt.choices[prompt.chosen].id)
        elif prompt.kind is PromptKind.COMMAND:
            self._notify(f"no command is called {prompt.text}")

    def _reached(self, state: State) -> State:
        """The state without scrolling past the end: by the least that shows the same."""
        low, high = self.look.scroll, state.look.scroll
        if state.look.screen is not self.look.screen or high <= low:
            return state
        goal = self._drawn(state.look)
        while low < high:
            middle = (low + high) // 2
            if self._drawn(replace(state.look, scroll=middle)) == goal:
                high = middle
            else:
                low = middle + 1
        return replace(state, look=replace(state.look, scroll=high))

    def _choose_theme(self, name: str) -> None:
        """The theme of this name, else the one after the present one."""
        if self._themes is None:
            self._notify("there are no other themes here")
            return
        names = self._themes.names()
        after = names.index(self._themes.name) + 1 if self._themes.name in names else 0
        self._take_theme(self._themes, name or names[after % len(names)])

    def _take_theme(self, themes: Themes, name: str) -> None:
        try:
            theme = themes.use(name)
            self.use_theme(theme)
            self._notify(told(theme) or f"theme {name}")
        except DocumentError as error:
            self._notify(told(error))

    def _reload(self) -> None:
        """Take the theme anew where its files have changed."""
        if self._themes is None:
            return
        try:
            theme = self._themes.changed()
        except DocumentError as error:
            self._notify(told(error))
            return
        if theme is not None:
            self.use_theme(theme)
            self._notify(told(theme))

    def _copy(self, what: str) -> None:
        text = clipping(self._told, self.look, self._boxes, what)
        if not text:
            self._notify("nothing to copy here: choose a row first")
            return
        sequence, cut = osc52(text)
        if self._driver is not None:
            self._driver.write(sequence)
        self._notify(copied(text, cut))

    @work(exclusive=True)
    async def _shoot(self) -> None:
        """Write what is on the screen to files, off the loop, and say where they are."""
        if self._save is None:
            self._notify("screenshots have no place to go here")
        else:
            look = replace(self.look, notice="")
            drawn = self._drawn(look), self._drawn(replace(look, mono=True))
            shot = Shot(*drawn, *self._area, self._theme, self._told, self._clock.now())
            self._notify(await asyncio.to_thread(save_screenshot, self._save, shot))
        self._paint()

    @work(exclusive=True, group="ask")
    async def _ask(self, question: str, sql: str = "") -> None:
        """Ask about the bot's events, or everybody's, and show what comes of it; until then everything goes on."""
        bot = None if self._frame is None else self._frame.subject
        if self._asker is None:
            self._notify("nobody answers questions here")
        else:
            self._far("asking ...")
            self._questions.append(question)
            name, local = bot.name if bot is not None else "", self.look.zone != "UTC"
            reply = await self._asker(name, question, sql, local, self._far)
            self._become(answered(self._state, reply))
        self._paint()

    def _far(self, words: str) -> None:
        """Say how far an answer is."""
        self._notify(words)
        self._paint()

    @work(exclusive=True, group="recall")
    async def _recall(self) -> None:
        """Let the line of a question bring back those that were asked before, here or elsewhere."""
        past = [] if self._asker is None else await asyncio.to_thread(self._asker.past)
        self._become(remembered(self._state, (*past, *self._questions)))

    # Mouse

    def on_click(self, event: Click) -> None:
        """A click does what keys do: it goes to a pane, a row, a tab, and opens the row that has the cursor."""
        for command in clicked(self._told, self.look, self._boxes, self._drawn, event.screen_x, event.screen_y):
            self.act(command)

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        for command in turned(self.look, self._boxes, event.screen_x, event.screen_y, "wheel-up"):
            self.act(command)

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        for command in turned(self.look, self._boxes, event.screen_x, event.screen_y, "wheel-down"):
            self.act(command)
