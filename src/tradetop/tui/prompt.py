"""The prompt: a line that is typed key by key, and what it means while it grows; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from tradetop.model.text import clean
from tradetop.panes.look import Prompt, PromptKind
from tradetop.tui.commands import choices, matching
from tradetop.tui.oncall import begin_snooze
from tradetop.tui.search import to_feed
from tradetop.tui.sqltext import typed_sql, with_paste, with_text
from tradetop.tui.state import Move, Scene, State, bot_first, seen

LIMIT = 400
"""Characters that a line may have."""
_FORWARD = {"down", "tab", "ctrl+n"}
_BACKWARD = {"up", "shift+tab", "ctrl+p"}
_PAGE = {"pgdn": 5, "pgup": -5}
_BY = {"up": 1, "ctrl+p": 1, "down": -1, "ctrl+n": -1}
"""How far keys go back in what was asked before."""


def typed(state: State, scene: Scene, key: str) -> State:
    """What a key makes of the line; Enter and Esc are for `closed` and `left`."""
    prompt = state.look.prompt
    if prompt is None:
        return state
    if prompt.kind is PromptKind.SQL:
        return _changed(state, scene, typed_sql(prompt, scene, key, edited))
    if key == "backspace" and not prompt.text:
        return left(state)
    if prompt.kind is PromptKind.ASK and key in _BY:
        return _with(state, _recalled(prompt, _BY[key]))
    if prompt.kind is PromptKind.COMMAND and (key in _FORWARD or key in _BACKWARD or key in _PAGE):
        return _with(state, _stepped(prompt, _PAGE.get(key, 1 if key in _FORWARD else -1)))
    if prompt.kind is PromptKind.FILTER and key == "up" and not prompt.text:
        return _changed(state, scene, _inserted(prompt, state.kept))
    return _changed(state, scene, edited(prompt, key))


def pasted(state: State, scene: Scene, text: str) -> State:
    """The line with a text put in at the cursor, on one line and without what no line can show."""
    prompt = state.look.prompt
    if prompt is None:
        return state
    if prompt.kind is PromptKind.SQL:
        return _changed(state, scene, with_paste(prompt, text))
    return _changed(state, scene, _inserted(prompt, clean(" ".join(text[: 4 * LIMIT].split())[:LIMIT], LIMIT)))


def edited(prompt: Prompt, key: str) -> Prompt:
    """The line after a key: characters go in, the usual keys move and delete, others change nothing."""
    before, behind = prompt.text[: prompt.at], prompt.text[prompt.at :]
    match key:
        case "left":
            return replace(prompt, at=max(0, prompt.at - 1))
        case "right":
            return replace(prompt, at=min(len(prompt.text), prompt.at + 1))
        case "home" | "ctrl+a":
            return replace(prompt, at=0)
        case "end" | "ctrl+e":
            return replace(prompt, at=len(prompt.text))
        case "backspace":
            return replace(prompt, text=before[:-1] + behind, at=len(before[:-1]))
        case "delete":
            return replace(prompt, text=before + behind[1:])
        case "ctrl+w":
            kept = before.rstrip()[: len(before.rstrip()) - len(before.split()[-1])] if before.split() else ""
            return replace(prompt, text=kept + behind, at=len(kept))
        case "ctrl+u":
            return replace(prompt, text=behind, at=0)
        case "ctrl+k":
            return replace(prompt, text=before)
        case "space":
            return _inserted(prompt, " ")
    return _inserted(prompt, key) if len(key) == 1 else prompt


def closed(state: State) -> State:
    """The state once the line has been taken."""
    return replace(seen(state, replace(state.look, prompt=None)), kept="")


def left(state: State) -> State:
    """The state as it was before the line was begun."""
    prompt = state.look.prompt
    if prompt is not None and prompt.kind is PromptKind.FILTER:
        state = replace(state, view=replace(state.view, filter=state.kept))
    reply = state.look.reply
    if prompt is not None and prompt.kind is PromptKind.SQL and reply is not None:
        # What was changed in it is there when it is taken up again.
        kept = replace(state.look, reply=replace(reply, sql=prompt.text or reply.sql))
        return _with(seen(state, kept), asked_again(reply.question))
    return closed(state)


def asked_again(question: str) -> Prompt:
    """The line with a question that was asked, to be changed."""
    text = question[:LIMIT]
    return Prompt(PromptKind.ASK, text, len(text))


def remembered(state: State, questions: Iterable[str]) -> State:
    """The line of a question, which can bring back those that were asked before (oldest first)."""
    prompt = state.look.prompt
    if prompt is None or prompt.kind is not PromptKind.ASK:
        return state
    # One that was asked twice is found where it was asked last.
    past = dict.fromkeys(reversed([one for one in questions if 0 < len(one) <= LIMIT and one.isprintable()]))
    return _with(state, replace(prompt, past=tuple(reversed(past))))


def _recalled(prompt: Prompt, by: int) -> Prompt:
    back = max(0, min(len(prompt.past), prompt.back + by))
    own = prompt.own if prompt.back else prompt.text
    text = prompt.past[-back] if back else own
    return prompt if back == prompt.back else replace(prompt, text=text, at=len(text), back=back, own=own)


def _inserted(prompt: Prompt, text: str) -> Prompt:
    if prompt.kind is PromptKind.SQL:
        return with_text(prompt, text)
    text = text[: LIMIT - len(prompt.text)]
    whole = prompt.text[: prompt.at] + text + prompt.text[prompt.at :]
    return replace(prompt, text=whole, at=prompt.at + len(text))


def _stepped(prompt: Prompt, by: int) -> Prompt:
    last = len(prompt.choices) - 1
    return replace(prompt, chosen=max(0, min(last, prompt.chosen + by)))


def _changed(state: State, scene: Scene, prompt: Prompt) -> State:
    """The state with another line: a filter takes effect at once, commands are looked up."""
    before = state.look.prompt
    if before is not None and before.text == prompt.text:
        return _with(state, prompt)
    prompt = replace(prompt, problem="")
    if prompt.kind is PromptKind.FILTER:
        # A lone ! says nothing yet.
        applied = "" if prompt.text == "!" else prompt.text
        state = replace(seen(state, replace(state.look, selected=0)), view=replace(state.view, filter=applied))
    if prompt.kind is PromptKind.COMMAND:
        prompt = replace(prompt, choices=matching(choices(state, scene), prompt.text), chosen=0)
    return _with(state, prompt)


def _with(state: State, prompt: Prompt) -> State:
    return seen(state, replace(state.look, prompt=prompt))


# The keys that begin a line


def _filter(state: State, scene: Scene, text: str = "") -> State:
    if scene.frame is None or scene.frame.subject is None:
        return bot_first(state, scene)
    return _with(replace(to_feed(state), kept=state.view.filter), Prompt(PromptKind.FILTER, text, len(text)))


def _command(state: State, scene: Scene) -> State:
    return _with(state, Prompt(PromptKind.COMMAND, choices=matching(choices(state, scene), "")))


def _ask(state: State, _: Scene) -> State:
    return _with(state, Prompt(PromptKind.ASK))


def _mark(state: State, _: Scene) -> State:
    return _with(state, Prompt(PromptKind.MARK))


PROMPTS: Mapping[str, Move] = {
    "filter": _filter,
    "filter-out": lambda state, scene: _filter(state, scene, "!"),
    "command": _command,
    "ask": _ask,
    "mark": _mark,
    "snooze": begin_snooze,
}
"""What the keys mean, by their ids."""
