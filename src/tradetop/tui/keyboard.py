"""The keyboard: what comes from a terminal, cut into keys, sequences and pastes, whatever it is."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from textual._parser import ParseError
from textual._xterm_parser import XTermParser
from textual.events import Key, Paste
from textual.message import Message

ALONE = 0.1
"""Seconds of silence after which Esc is the key, and no beginning of a sequence."""
SETTLE = 0.5
"""Seconds of silence after which the rest of a sequence does not come any more."""
PATIENCE = 5.0
"""Seconds of silence after which a paste has ended though its end never came."""
PASTED = 4_096
"""Characters of a paste that are kept: more than any line takes."""

_TOKEN = re.compile(
    r"(?P<paste>\x1b\[200~)"
    # What a terminal answers to a program before us that asked and did not wait; as keys it would do anything.
    r"|(?P<answer>\x1b[\]P_^X][^\x07\x1b]{0,256}(?:\x07|\x1b\\))"
    r"|(?P<sequence>\x1b\[\[[A-E]|\x1b\[[0-?]*[ -/]*[@-Z\\-~]|\x1bO[A-Za-z])"
    r"|(?P<begun>\x1b(?:\[\[?|\[[0-?]{1,64}[ -/]{0,4}|O|\](?:\d[^\x07\x1b]{0,256}\x1b?)?"
    r"|[P_](?:[\d$>!+G][^\x07\x1b]{0,256}\x1b?)?)?\Z)"
    r"|(?P<escape>\x1b)"
    r"|(?P<text>[^\x1b]+)"
)
_TYPED = re.compile(r"\x1b(?:\[\[?|[O\]P_])?")
"""Beginnings of sequences that may be nothing but keys."""
_END = "\x1b[201~"
_BROKEN = (ValueError, ArithmeticError, LookupError, ParseError, StopIteration)
"""What Textual's parser raises on sequences that no terminal sends."""


class Keyboard:
    """Turns what comes from a terminal into messages.

    Textual's parser knows the sequences of all keys, but gets whole ones alone: Esc with a key right behind it, as a
    slow link delivers the two, would be another key to it, and Esc within a paste would have the rest of it typed.
    """

    def __init__(self, debug: bool = False) -> None:
        self._debug = debug
        self._parser = XTermParser(debug)
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._rest = ""
        """What came last and is not whole yet."""
        self._paste: str | None = None
        """What has come of a paste that goes on."""
        self._heard = 0.0

    def messages(self, data: bytes | None, now: float) -> list[Message]:
        """What these bytes mean, or (None) what time alone has made clear; `now` in seconds, by a monotonic clock."""
        found = [*self._settled(now)]
        if data:
            self._heard = now
            self._rest += self._decode(data)
            found += self._cut()
        return found

    def patience(self, now: float) -> float | None:
        """Seconds after which silence says something; None where it says nothing."""
        if not self._rest or self._paste is not None:
            return None
        return max(0.0, self._heard + self._wait - now)

    @property
    def _wait(self) -> float:
        return ALONE if self._rest == "\x1b" else SETTLE

    def _settled(self, now: float) -> Iterator[Message]:
        """What silence says about the rest: keys after all, or nothing any more."""
        if self._paste is not None:
            if now >= self._heard + PATIENCE:
                self._rest, text = "", self._paste + self._rest
                yield self._pasted(text)
        elif self._rest and now >= self._heard + self._wait:
            rest, self._rest = self._rest, ""
            if _TYPED.fullmatch(rest):
                yield from self._escape(rest)

    def _cut(self) -> Iterator[Message]:
        """The messages of all that is whole; what is not stays."""
        text, self._rest = self._rest, ""
        at = 0
        while at < len(text):
            if self._paste is not None:
                end = text.find(_END, at)
                if end < 0:
                    self._keep(text[at:])
                    return
                yield self._pasted(self._paste + text[at:end])
                at = end + len(_END)
                continue
            token = _TOKEN.match(text, at)
            assert token is not None, "a character is the escape or none"
            at = token.end()
            if token.lastgroup == "begun":
                self._rest = token[0]
            else:
                yield from self._token(token)

    def _token(self, token: re.Match[str]) -> Iterator[Message]:
        match token.lastgroup:
            case "paste":
                self._paste = ""
            case "escape":
                yield from self._escape(token[0])
            case "text":
                yield from self._parsed(token[0])
            case "sequence":
                found = [*self._parsed(token[0])]
                if not found:
                    # The parser still waits for more of it.
                    self._parser = XTermParser(self._debug)
                yield from found or (self._escape(token[0]) if len(token[0]) == len("\x1b[x") else ())

    def _escape(self, typed: str) -> Iterator[Message]:
        """Esc, and what was typed right behind it."""
        yield Key("escape", "\x1b")
        if typed[1:]:
            yield from self._parsed(typed[1:])

    def _parsed(self, text: str) -> list[Message]:
        try:
            return [*self._parser.feed(text)]
        except _BROKEN:
            self._parser = XTermParser(self._debug)
            return []

    def _keep(self, text: str) -> None:
        """Add to the paste, but for what may be the beginning of its end."""
        cut = next((n for n in range(len(_END) - 1, 0, -1) if text.endswith(_END[:n])), 0)
        self._rest = text[len(text) - cut :]
        self._paste = f"{self._paste}{text[: len(text) - cut]}"[:PASTED]

    def _pasted(self, text: str) -> Message:
        self._paste = None
        return Paste(text[:PASTED])
