"""Parsing of pipelines: commands, their arguments, and the variables that get their value."""

from __future__ import annotations

from tradetop.rules.template.constants import BadConstantError, number
from tradetop.rules.template.cursor import Cursor
from tradetop.rules.template.lex import Kind, Token
from tradetop.rules.template.nodes import (
    Bool,
    Chain,
    Command,
    Dot,
    Field,
    Identifier,
    Nil,
    Node,
    Number,
    Pipe,
    String,
    Variable,
)
from tradetop.rules.template.quoting import quoted, unquote

_OPERANDS = frozenset(
    [
        Kind.BOOL,
        Kind.CHARACTER,
        Kind.COMPLEX,
        Kind.DOT,
        Kind.FIELD,
        Kind.IDENTIFIER,
        Kind.NUMBER,
        Kind.OPEN,
        Kind.STRING,
        Kind.VARIABLE,
    ]
)
_CONSTANTS = (Bool, Dot, Nil, Number, String)


class PipelineParser(Cursor):
    """Reads pipelines; knows the functions and the variables so far."""

    def __init__(self, text: str, name: str, functions: frozenset[str]) -> None:
        super().__init__(text, name)
        self.functions = functions
        self.variables = ["$"]

    def pipeline(self, context: str, end: Kind) -> Pipe:
        """Commands up to `end`, and the variables that get their value."""
        pos = self.peek_solid().pos
        variables, assigns = self._declarations(context)
        commands: list[Command] = []
        while True:
            token = self.next_solid()
            if token.kind is end:
                self._check(commands, context)
                return Pipe(pos, tuple(commands), tuple(variables), assigns)
            if token.kind not in _OPERANDS and not token.is_word("nil"):
                raise self.unexpected(token, context)
            self.at -= 1
            commands.append(self._command())

    def _declarations(self, context: str) -> tuple[list[str], bool]:
        found: list[str] = []
        while (variable := self.peek_solid()).kind is Kind.VARIABLE:
            self.next_solid()
            before = self.at
            token = self.next_solid()
            declares = token.kind in (Kind.ASSIGN, Kind.DECLARE)
            if not declares and (token.kind, token.text) != (Kind.CHAR, ","):
                self.at = before - 1
                break
            found.append(variable.text)
            self.variables.append(variable.text)
            if declares:
                return found, token.kind is Kind.ASSIGN
            if context != "range" or len(found) > 1:
                raise self.error(f"too many declarations in {context}")
            if self.peek_solid().kind not in (Kind.VARIABLE, Kind.RIGHT, Kind.CLOSE):
                raise self.error("range can only initialize variables")
        return found, False

    def _check(self, commands: list[Command], context: str) -> None:
        if not commands:
            raise self.error(f"missing value for {context}")
        for stage, command in enumerate(commands[1:], 2):
            if isinstance(command.args[0], _CONSTANTS):
                raise self.error(f"non executable command in pipeline stage {stage}")

    def _command(self) -> Command:
        pos = self.peek_solid().pos
        args: list[Node] = []
        while True:
            self.peek_solid()
            operand = self._operand()
            if operand is not None:
                args.append(operand)
            token = self.next()
            if token.kind is Kind.SPACE:
                continue
            if token.kind in (Kind.RIGHT, Kind.CLOSE):
                self.at -= 1
            elif token.kind is not Kind.PIPE:
                raise self.unexpected(token, "operand")
            break
        if not args:
            raise self.error("empty command")
        return Command(pos, tuple(args))

    def _operand(self) -> Node | None:
        term = self._term()
        if term is None or self.peek().kind is not Kind.FIELD:
            return term
        pos = self.peek().pos
        names: list[str] = []
        while self.peek().kind is Kind.FIELD:
            names.append(self.next().text[1:])
        match term:
            case Field():
                return Field(pos, (*term.names, *names))
            case Variable():
                return Variable(pos, term.name, (*term.names, *names))
            case Bool() | String() | Number() | Nil() | Dot():
                raise self.error(f"unexpected . after term {quoted(str(term))}")
        return Chain(pos, term, tuple(names))

    def _term(self) -> Node | None:
        token = self.next_solid()
        match token.kind:
            case Kind.IDENTIFIER:
                if token.text not in self.functions:
                    raise self.error(f"function {quoted(token.text)} not defined")
                return Identifier(token.pos, token.text)
            case Kind.VARIABLE:
                if token.text not in self.variables:
                    raise self.error(f"undefined variable {quoted(token.text)}")
                return Variable(token.pos, token.text)
            case Kind.OPEN:
                self.enter()
                pipe = self.pipeline("parenthesized pipeline", Kind.CLOSE)
                self.depth -= 1
                return pipe
        constant = self._constant(token)
        if constant is None:
            self.at -= 1
        return constant

    def _constant(self, token: Token) -> Node | None:
        match token.kind:
            case Kind.DOT:
                return Dot(token.pos)
            case Kind.FIELD:
                return Field(token.pos, (token.text[1:],))
            case Kind.BOOL:
                return Bool(token.pos, token.text == "true")
            case Kind.STRING:
                return String(token.pos, token.text, self.string(token))
            case Kind.NUMBER | Kind.CHARACTER | Kind.COMPLEX:
                try:
                    return number(token)
                except BadConstantError as bad:
                    raise self.error(str(bad)) from None
        return Nil(token.pos) if token.is_word("nil") else None

    def string(self, token: Token) -> str:
        """The text of a token in quotes."""
        text = unquote(token.text)
        if text is None:
            raise self.error("invalid syntax")
        return text
