"""The stack of an error: where in the bot it happened, line by line."""

from __future__ import annotations

import json
from typing import Any

from tradetop.model.bot_event import BotEvent
from tradetop.model.text import clean
from tradetop.panes import cells

KEYS = ("stack", "stacktrace", "stack_trace", "traceback", "trace", "backtrace")
MOST = 200
"""Lines at most."""
_DEPTH = 6


def stack_of(event: BotEvent) -> tuple[str, ...]:
    """The lines of an event's stack as the bot wrote them; () where it wrote none, or its JSON was cut."""
    try:
        found = _found(json.loads(event.raw), 0) if event.raw else None
    except (ValueError, RecursionError):
        found = None
    if isinstance(found, list):
        lines = [str(line) for line in found[:MOST]]
    elif isinstance(found, str):
        lines = found.replace("\r\n", "\n").replace("\\n", "\n").split("\n")
    else:
        return ()
    # What is not whole JSON went through the entry wall: a line's end is its picture there.
    lines = [piece for line in lines for piece in line.split("␊")]
    return tuple(clean(line.rstrip().expandtabs(4)) for line in lines if line.strip())[:MOST]


def wrapped(lines: tuple[str, ...], width: int) -> list[str]:
    """The lines in a width, the rest of a long one behind a mark."""
    found: list[str] = []
    for line in lines:
        indent = len(line) - len(line.lstrip(" "))
        indent = min(indent, width // 2)
        pieces = cells.wrap(line.strip(), max(8, width - indent - 2))
        found += [" " * (indent if not i else indent + 2) + piece for i, piece in enumerate(pieces)]
    return found


def _found(value: Any, depth: int) -> Any:
    """The first stack in a JSON value, the outermost first; metadata may be JSON within a text."""
    if isinstance(value, str) and depth and value[:1] == "{":
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return None
    if not isinstance(value, dict) or depth > _DEPTH:
        return None
    own = next((value[key] for key in value if str(key).lower() in KEYS and isinstance(value[key], (str, list))), None)
    if own:
        return own
    return next((found for inner in value.values() if (found := _found(inner, depth + 1))), None)
