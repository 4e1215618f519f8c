"""SQL that is edited: a text of several lines, and what each key makes of it; pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tradetop.ask.answer import LENGTH
from tradetop.model.text import clean
from tradetop.panes.folds import folds, moved
from tradetop.panes.look import Prompt
from tradetop.tui.state import Scene

_PAGE = 10
_ROWS = {"up": -1, "down": 1, "pgup": -_PAGE, "pgdn": _PAGE}
_OF_LINE = frozenset({"home", "end", "ctrl+a", "ctrl+e", "ctrl+w", "ctrl+u", "ctrl+k"})
"""Keys that go, or delete, as far as their line does."""
_TYPED = {"ctrl+j": "\n", "tab": "  "}
_WIDTH = 76
"""Where nothing says how wide it is drawn."""


def typed_sql(prompt: Prompt, scene: Scene, key: str, edited: Callable[[Prompt, str], Prompt]) -> Prompt:
    """The SQL after a key; `edited` is what the key makes of a single line."""
    if key in _ROWS:
        from tradetop.panes.answer import editor_width  # Screens below the overview are loaded when somebody goes down.

        box = next((box for box in scene.boxes if box.id == "answer"), None)
        width = _WIDTH if box is None else editor_width(box.width, box.height + 2)
        return replace(prompt, at=moved(prompt.text, folds(prompt.text, width), prompt.at, _ROWS[key]))
    if key in _TYPED:
        return with_text(prompt, _TYPED[key])
    if key not in _OF_LINE:
        return edited(prompt, key)
    start = prompt.text.rfind("\n", 0, prompt.at) + 1
    end = prompt.text.find("\n", prompt.at)
    end = len(prompt.text) if end < 0 else end
    line = edited(replace(prompt, text=prompt.text[start:end], at=prompt.at - start), key)
    return replace(prompt, text=prompt.text[:start] + line.text + prompt.text[end:], at=start + line.at)


def with_text(prompt: Prompt, text: str) -> Prompt:
    """The SQL with a text put in at the cursor, as far as there is room."""
    text = text[: max(0, LENGTH - len(prompt.text))]
    whole = prompt.text[: prompt.at] + text + prompt.text[prompt.at :]
    return replace(prompt, text=whole, at=prompt.at + len(text))


def with_paste(prompt: Prompt, text: str) -> Prompt:
    """The same with a text from the clipboard, whose lines stay lines."""
    lines = text[:LENGTH].replace("\r\n", "\n").replace("\r", "\n").expandtabs(4).split("\n")
    return with_text(prompt, "\n".join(clean(line, LENGTH) for line in lines))
