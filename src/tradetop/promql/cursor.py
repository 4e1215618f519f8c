"""Goes through a query's tokens, one after the other."""

from __future__ import annotations

from tradetop.promql.fault import FaultError, shown
from tradetop.promql.lex import END, Token, lex
from tradetop.promql.literals import duration, number, unquoted


class Cursor:
    """The token that is next (`kind`, `said`, `at`), and where the last one ended (`closed`)."""

    __slots__ = ("_next", "_tokens", "at", "closed", "kind", "said", "sums")

    def __init__(self, text: str) -> None:
        """FaultError where the text holds what is no token."""
        self._tokens: list[Token] = lex(text)
        self._next = 1
        self.closed = 0
        self.sums = 0
        """How many operators durations have had."""
        self.kind, self.said, self.at = self._tokens[0]

    def advance(self) -> None:
        """Go on to the next token; the end stays the end."""
        self.closed = self.at + len(self.said)
        if self.kind != END:
            self.kind, self.said, self.at = self._tokens[self._next]
            self._next += 1

    def ahead(self) -> str:
        """The kind of the token after the next."""
        return END if self.kind == END else self._tokens[self._next][0]

    def take(self, kind: str) -> bool:
        """Whether the next token is of this kind; then it is passed."""
        if self.kind != kind:
            return False
        self.advance()
        return True

    def expect(self, kind: str) -> None:
        """Pass the next token; FaultError where it is not of this kind."""
        if self.kind != kind:
            raise self.unexpected(f'"{kind}"')
        self.advance()

    def unexpected(self, expected: str) -> FaultError:
        """What to raise where the next token does not belong here; it says what would."""
        return FaultError(f"unexpected {self.named()}, expected {expected}", self.at)

    def named(self) -> str:
        """The next token as an error quotes it."""
        if self.kind == END:
            return "end of the query"
        said = shown(self.said)
        return f"text {said}" if self.kind == "string" else f'"{said}"'

    def number(self) -> float:
        """Pass a number, or a duration in seconds."""
        at = self.at
        try:
            value = number(self.said) if self.kind == "number" else duration(self.said)
        except ValueError as error:
            raise FaultError(str(error), at) from None
        self.advance()
        return value

    def signed_number(self, expected: str) -> float:
        """Pass a number that may have a sign; FaultError where there is none."""
        sign = -1.0 if self.kind == "-" else 1.0
        if self.kind in ("-", "+"):
            self.advance()
        if self.kind not in ("number", "duration"):
            raise self.unexpected(expected)
        return sign * self.number()

    def text(self) -> str:
        """Pass a quoted text: what it says."""
        try:
            said = unquoted(self.said)
        except ValueError as error:
            raise FaultError(str(error), self.at) from None
        self.advance()
        return said
