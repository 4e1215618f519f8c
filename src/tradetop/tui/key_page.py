"""docs/keys.md, written from the table of keys: `python -m tradetop.tui.key_page > docs/keys.md`."""

from __future__ import annotations

import sys

from tradetop.panes.linekeys import LINE_KEYS
from tradetop.tui.keys import KEYS, Key

_HEAD = """\
# Keys

`?` on any screen lists the keys that work there, with your own in place of these. `:` finds every command by a few
letters of its name. This page is written from the table in the code: `python -m tradetop.tui.key_page >
docs/keys.md`.
"""
_TAIL = """
## Keys of your own

`keys:` in the [configuration](config.md) gives each id a key or a list of keys; they take the place of the table's.

```yaml
keys:
  help: f2
  bottom: [G, end, ctrl+e]
  copy: "Y"
  zone: []          # no key at all
```

Write the character that is typed (`G`, `"/"`, `"["`; quote what YAML has a meaning for), or a name: `enter`, `esc`,
`tab`, `space`, `backspace`, `delete`, `insert`, `home`, `end`, `pgup`, `pgdn`, `up`, `down`, `left`, `right`, `f1` to
`f20`, with `ctrl+` or `shift+` before it. `alt+` is no modifier here: terminals send Esc and the key, and over a slow
link nobody can tell the two apart. `ctrl+c` always quits.

A key that you give to one thing is taken from the one that had it, and a line on the screen says so, with both ids,
until that one has an entry of its own (`[]` will do). One key for two entries is a mistake, named with both lines.

## While a line is typed

After `/`, `!`, `:`, `m`, `S` and `;` every key goes into the line at the foot of the screen. A model's SQL is edited
the same way, on the screen of its answer.

@LINE_KEYS@
A snooze is written as how long and why, `2h deploying`: [oncall.md](oncall.md). What is missing is said at the end of
the line.

A filter names fields, `type:error pair:SOL*`, and what is in no field is a regular expression (RE2): `rejected`,
`BTC|ETH`, `(?i)timeout`. With `!` before it, it shows what does not match: [feed.md](feed.md). It takes effect while
it is typed and stays until it is changed; an empty one takes it away, and so does Esc on the overview where no pane
has the focus. One that cannot be read says why, and everything stays visible.

A paste goes into the line as text, whatever is in it; where no line is typed, it does nothing. With `R`, what you type
yourself is seen while you type it.

## The mouse

A click focuses a pane and puts the cursor on the row; a click on the row with the cursor opens it; titles of tabs and
the hints at the foot can be clicked too. The wheel scrolls the pane under the pointer. `--no-mouse` leaves the mouse
to the terminal, to select text with.
"""


def key_page() -> str:
    """The whole page, in Markdown."""
    sections: dict[str, list[Key]] = {}
    for key in KEYS:
        sections.setdefault(key.section, []).append(key)
    tables = (
        f"\n## {name.capitalize()}\n\n| keys | does | id |\n|---|---|---|\n" + "".join(map(_line, keys))
        for name, keys in sections.items()
    )
    lines = "".join(f"| {', '.join(key.keys)} | {key.text} |\n" for key in LINE_KEYS)
    return _HEAD + "".join(tables) + _TAIL.replace("@LINE_KEYS@\n", f"| key | does |\n|---|---|\n{lines}\n")


def _line(key: Key) -> str:
    names = " ".join(f"`{name}`" for name in key.keys)
    return f"| {names} | {key.text} | `{key.id}` |\n"


if __name__ == "__main__":
    sys.stdout.write(key_page())
