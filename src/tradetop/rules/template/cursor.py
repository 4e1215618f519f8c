"""The tokens of a template, read with as much looking ahead as Go's parser does, so that errors name the same line."""

from __future__ import annotations

from tradetop.rules.template.error import TemplateError
from tradetop.rules.template.lex import Kind, Token, tokens

DEPTH = 100
"""How deep parentheses and blocks may be nested."""


class Cursor:
    """Where a parser is in a template."""

    def __init__(self, text: str, name: str) -> None:
        self.name = name
        self.source = tokens(text)
        self.tokens: list[Token] = []
        self.at = 0
        self.depth = 0
        self.action_line = 0

    def next(self) -> Token:
        """The next token."""
        if self.at == len(self.tokens):
            last = self.tokens[-1] if self.tokens else None
            token = next(self.source, last)
            assert token is not None
            self.tokens.append(token)
        self.at += 1
        return self.tokens[self.at - 1]

    def peek(self) -> Token:
        """The next token, which stays."""
        token = self.next()
        self.at -= 1
        return token

    def next_solid(self) -> Token:
        """The next token that is no space."""
        token = self.next()
        while token.kind is Kind.SPACE:
            token = self.next()
        return token

    def peek_solid(self) -> Token:
        """The next token that is no space, which stays."""
        token = self.next_solid()
        self.at -= 1
        return token

    def expect(self, kind: Kind, context: str) -> Token:
        """The next token, which must be of a kind."""
        token = self.next_solid()
        if token.kind is not kind:
            raise self.unexpected(token, context)
        return token

    def error(self, text: str) -> TemplateError:
        """An error at the last line that was read."""
        line = self.tokens[-1].line if self.tokens else 0
        return TemplateError(f"template: {self.name}:{line}: {text}")

    def unexpected(self, token: Token, context: str) -> TemplateError:
        """An error about a token that does not belong here."""
        if token.kind is not Kind.ERROR:
            return self.error(f"unexpected {token} in {context}")
        extra = ""
        if self.action_line not in (0, token.line):
            extra = f" started at {self.name}:{self.action_line}"
            if not token.text.endswith(" action"):
                extra = " in action" + extra
        return self.error(f"{token}{extra}")

    def enter(self) -> None:
        """Go one deeper."""
        self.depth += 1
        if self.depth > DEPTH:
            raise self.error("nested too deeply")
