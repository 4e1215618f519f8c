"""Tokens of a template: text, and what is between {{ and }}."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum, auto

from tradetop.rules.template.quoting import named_char, quoted


class Kind(Enum):
    """What a token is."""

    ERROR = auto()
    EOF = auto()
    TEXT = auto()
    LEFT = auto()
    RIGHT = auto()
    SPACE = auto()
    ASSIGN = auto()
    DECLARE = auto()
    PIPE = auto()
    OPEN = auto()
    CLOSE = auto()
    CHAR = auto()
    STRING = auto()
    CHARACTER = auto()
    NUMBER = auto()
    COMPLEX = auto()
    BOOL = auto()
    FIELD = auto()
    VARIABLE = auto()
    IDENTIFIER = auto()
    DOT = auto()
    KEYWORD = auto()


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a template; `pos` in characters, `line` from 1."""

    kind: Kind
    pos: int
    text: str
    line: int

    def __str__(self) -> str:
        if self.kind in (Kind.EOF, Kind.ERROR):
            return self.text
        if self.kind in (Kind.KEYWORD, Kind.DOT):
            return f"<{self.text}>"
        return quoted(self.text) if len(self.text.encode("utf-8", "replace")) <= 10 else f"{quoted(self.text[:10])}..."

    def is_word(self, *words: str) -> bool:
        """Whether it is one of these keywords."""
        return self.kind is Kind.KEYWORD and self.text in words


KEYWORDS = frozenset(["block", "break", "continue", "define", "else", "end", "if", "range", "nil", "template", "with"])
_WORDS = {**dict.fromkeys(KEYWORDS, Kind.KEYWORD), "true": Kind.BOOL, "false": Kind.BOOL}
SPACES = " \t\r\n"
_STRING = re.compile(r'"(?:\\[^\n]|[^"\\\n])*"')
_CHARACTER = re.compile(r"'(?:\\[^\n]|[^'\\\n])*'")
_RAW = re.compile(r"`[^`]*`")
_TRIMMED_LEFT = re.compile(r"-[ \t\r\n]")
_RIGHT = re.compile(r"([ \t\r\n]-)?\}\}")
_SPACE = re.compile(r"[ \t\r\n]+")
_NUMBER = re.compile(
    r"[+-]?(?:0[xX][0-9a-fA-F_]*(?:\.[0-9a-fA-F_]*)?(?:[pP][+-]?[0-9_]*)?|0[oO][0-7_]*(?:\.[0-7_]*)?"
    r"|0[bB][01_]*(?:\.[01_]*)?|[0-9_]*(?:\.[0-9_]*)?(?:[eE][+-]?[0-9_]*)?)i?",
    re.ASCII,
)
_SIGNS = {"=": Kind.ASSIGN, "|": Kind.PIPE}
_QUOTES = {
    '"': (_STRING, Kind.STRING, "unterminated quoted string"),
    "`": (_RAW, Kind.STRING, "unterminated raw quoted string"),
    "'": (_CHARACTER, Kind.CHARACTER, "unterminated character constant"),
}


def tokens(text: str) -> Iterator[Token]:
    """The tokens of a template; the last is EOF or an error."""
    return _Lexer(text).run()


class _BadTextError(Exception):
    """No token begins here."""


class _Lexer:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.line = 1
        self.counted = 0
        self.depth = 0

    def run(self) -> Iterator[Token]:
        try:
            while self.at < len(self.text):
                yield from self._plain()
                if self.at < len(self.text):
                    yield from self._left()
            yield self._token(Kind.EOF, "EOF", 0)
        except _BadTextError as bad:
            yield self._token(Kind.ERROR, str(bad), 0)

    def _token(self, kind: Kind, text: str, length: int) -> Token:
        self.line += self.text.count("\n", self.counted, self.at)
        self.counted = self.at
        token = Token(kind, self.at, text, self.line)
        self.at += length
        return token

    def _take(self, kind: Kind, length: int) -> Token:
        return self._token(kind, self.text[self.at : self.at + length], length)

    def _plain(self) -> Iterator[Token]:
        end = self.text.find("{{", self.at)
        if end < 0:
            end = len(self.text)
        kept = self.text[self.at : end]
        if _TRIMMED_LEFT.match(self.text, end + 2):
            kept = kept.rstrip(SPACES)
        if kept:
            yield self._take(Kind.TEXT, len(kept))
        self.at = end

    def _left(self) -> Iterator[Token]:
        trims = 2 if _TRIMMED_LEFT.match(self.text, self.at + 2) else 0
        if self.text.startswith("/*", self.at + 2 + trims):
            self.at += 2 + trims
            self._comment()
            return
        yield self._take(Kind.LEFT, 2)
        self.at += trims
        self.depth = 0
        while True:
            right = _RIGHT.match(self.text, self.at)
            if right is None:
                yield self._inside()
                continue
            if self.depth:
                raise _BadTextError("unclosed left paren")
            self.at = right.end() - 2
            yield self._take(Kind.RIGHT, 2)
            if right[1]:
                self._skip_spaces()
            return

    def _comment(self) -> None:
        end = self.text.find("*/", self.at + 2)
        if end < 0:
            raise _BadTextError("unclosed comment")
        right = _RIGHT.match(self.text, end + 2)
        if right is None:
            raise _BadTextError("comment ends before closing delimiter")
        self.at = right.end()
        if right[1]:
            self._skip_spaces()

    def _skip_spaces(self) -> None:
        space = _SPACE.match(self.text, self.at)
        self.at = space.end() if space else self.at

    def _inside(self) -> Token:
        if self.at >= len(self.text):
            raise _BadTextError("unclosed action")
        char = self.text[self.at]
        if char in SPACES:
            return self._space()
        if char in _QUOTES:
            pattern, kind, refusal = _QUOTES[char]
            return self._matched(pattern, kind, refusal)
        if char in _SIGNS:
            return self._take(_SIGNS[char], 1)
        for begins, read in _READERS:
            if begins(char):
                return read(self)
        if char.isascii() and char.isprintable():
            return self._take(Kind.CHAR, 1)
        raise _BadTextError(f"unrecognized character in action: {named_char(char)}")

    def _space(self) -> Token:
        space = _SPACE.match(self.text, self.at)
        assert space is not None
        length = len(space[0])
        # The last space belongs to a trimming " -}}".
        return self._take(Kind.SPACE, length - 1 if _RIGHT.match(self.text, space.end() - 1) else length)

    def _matched(self, pattern: re.Pattern[str], kind: Kind, refusal: str) -> Token:
        match = pattern.match(self.text, self.at)
        if match is None:
            raise _BadTextError(refusal)
        return self._take(kind, len(match[0]))

    def _declare(self) -> Token:
        if not self.text.startswith(":=", self.at):
            raise _BadTextError("expected :=")
        return self._take(Kind.DECLARE, 2)

    def _paren(self) -> Token:
        opens = self.text[self.at] == "("
        self.depth += 1 if opens else -1
        if self.depth < 0:
            raise _BadTextError("unexpected right paren")
        return self._take(Kind.OPEN if opens else Kind.CLOSE, 1)

    def _dotted(self) -> Token:
        after = self.text[self.at + 1 : self.at + 2]
        if not after or "0" <= after <= "9":
            return self._number()
        end = self._word_end(self.at + 1)
        return self._take(Kind.DOT if end == self.at + 1 else Kind.FIELD, end - self.at)

    def _variable(self) -> Token:
        return self._take(Kind.VARIABLE, self._word_end(self.at + 1) - self.at)

    def _word(self) -> Token:
        end = self._word_end(self.at)
        word = self.text[self.at : end]
        return self._take(_WORDS.get(word, Kind.IDENTIFIER), end - self.at)

    def _word_end(self, at: int) -> int:
        while at < len(self.text) and is_word(self.text[at]):
            at += 1
        after = self.text[at : at + 1]
        if after and after not in " \t\r\n.,|:)(" and not self.text.startswith("}}", at):
            raise _BadTextError(f"bad character {named_char(after)}")
        return at

    def _number(self) -> Token:
        end = self._scanned(self.at)
        if self.text[end : end + 1] not in ("+", "-"):
            return self._take(Kind.NUMBER, end - self.at)
        end = self._scanned(end)
        if self.text[end - 1] != "i":
            raise self._bad_number(end)
        return self._take(Kind.COMPLEX, end - self.at)

    def _scanned(self, at: int) -> int:
        match = _NUMBER.match(self.text, at)
        end = match.end() if match else at
        if end < len(self.text) and is_word(self.text[end]):
            raise self._bad_number(end + 1)
        return end

    def _bad_number(self, end: int) -> _BadTextError:
        return _BadTextError(f"bad number syntax: {quoted(self.text[self.at : end])}")


def is_word(char: str) -> bool:
    """Whether a character may be part of a name."""
    return char == "_" or char.isalpha() or char.isdecimal()


_READERS: tuple[tuple[Callable[[str], bool], Callable[[_Lexer], Token]], ...] = (
    (":".__eq__, _Lexer._declare),
    ("$".__eq__, _Lexer._variable),
    (".".__eq__, _Lexer._dotted),
    ("+-0123456789".__contains__, _Lexer._number),
    (is_word, _Lexer._word),
    ("()".__contains__, _Lexer._paren),
)
