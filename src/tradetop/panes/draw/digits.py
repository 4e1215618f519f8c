"""Big digits: a number three rows high, drawn with heavy box lines."""

from __future__ import annotations

_FONT = {
    "0": ("┏━┓", "┃ ┃", "┗━┛"),
    "1": ("╺┓ ", " ┃ ", "╺┻╸"),
    "2": ("╺━┓", "┏━┛", "┗━╸"),
    "3": ("╺━┓", " ━┫", "╺━┛"),
    "4": ("╻ ╻", "┗━┫", "  ╹"),
    "5": ("┏━╸", "┗━┓", "╺━┛"),
    "6": ("┏━╸", "┣━┓", "┗━┛"),
    "7": ("╺━┓", "  ┃", "  ╹"),
    "8": ("┏━┓", "┣━┫", "┗━┛"),
    "9": ("┏━┓", "┗━┫", "╺━┛"),
    "+": ("   ", "╺╋╸", "   "),
    "-": ("   ", "╺━╸", "   "),
    "—": ("   ", "╺━╸", "   "),
    ",": (" ", " ", ","),
    ".": (" ", " ", "."),
    " ": (" ", " ", " "),
}


def big(text: str) -> tuple[str, str, str] | None:
    """The three rows of a number, all equally wide; None where a character has no big form."""
    if not text or any(char not in _FONT for char in text):
        return None
    top, middle, bottom = zip(*(_FONT[char] for char in text), strict=True)
    return "".join(top), "".join(middle), "".join(bottom)
