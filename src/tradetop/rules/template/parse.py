"""The parser: a template's tokens become its tree."""

from __future__ import annotations

from collections.abc import Container
from functools import lru_cache

from tradetop.rules.template.constants import BadConstantError, number
from tradetop.rules.template.error import TemplateError
from tradetop.rules.template.lex import Kind, Token, tokens
from tradetop.rules.template.nodes import (
    Action,
    Block,
    Bool,
    Break,
    Call,
    Chain,
    Command,
    Continue,
    Control,
    Dot,
    Field,
    Identifier,
    If,
    Nil,
    Node,
    Number,
    Pipe,
    Program,
    Range,
    String,
    Text,
    Variable,
    With,
    is_empty,
)
from tradetop.rules.template.quoting import quoted, unquote

DEPTH = 60
"""How deep parentheses and blocks may be nested."""

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
_CONTROLS: dict[str, type[Control]] = {"if": If, "with": With, "range": Range}
_CONSTANTS = (Bool, Dot, Nil, Number, String)


@lru_cache(maxsize=4_096)
def parse(text: str, name: str, functions: frozenset[str]) -> Program:
    """Parse a template that may call `functions`; TemplateError as `template: NAME:LINE: ...`."""
    parser = _Parser(text, name, functions)
    try:
        parser.top()
    except RecursionError:
        raise parser.error("nested too deeply") from None
    return Program(text, name, parser.templates)


class _Parser:
    """One pass over the tokens, with as much looking ahead as Go's parser does, so that errors name the same line."""

    def __init__(self, text: str, name: str, functions: Container[str]) -> None:
        self.name = name
        self.functions = functions
        self.source = tokens(text)
        self.tokens: list[Token] = []
        self.at = 0
        self.variables = ["$"]
        self.ranges = 0
        self.depth = 0
        self.action_line = 0
        self.templates: dict[str, Block] = {}

    # Tokens.

    def next(self) -> Token:
        if self.at == len(self.tokens):
            last = self.tokens[-1] if self.tokens else None
            token = next(self.source, last)
            assert token is not None
            self.tokens.append(token)
        self.at += 1
        return self.tokens[self.at - 1]

    def peek(self) -> Token:
        token = self.next()
        self.at -= 1
        return token

    def next_solid(self) -> Token:
        token = self.next()
        while token.kind is Kind.SPACE:
            token = self.next()
        return token

    def peek_solid(self) -> Token:
        token = self.next_solid()
        self.at -= 1
        return token

    def expect(self, kind: Kind, context: str) -> Token:
        token = self.next_solid()
        if token.kind is not kind:
            raise self.unexpected(token, context)
        return token

    # Errors.

    def error(self, text: str) -> TemplateError:
        line = self.tokens[-1].line if self.tokens else 0
        return TemplateError(f"template: {self.name}:{line}: {text}")

    def unexpected(self, token: Token, context: str) -> TemplateError:
        if token.kind is not Kind.ERROR:
            return self.error(f"unexpected {token} in {context}")
        extra = ""
        if self.action_line not in (0, token.line):
            extra = f" started at {self.name}:{self.action_line}"
            if not token.text.endswith(" action"):
                extra = " in action" + extra
        return self.error(f"{token}{extra}")

    def enter(self) -> None:
        self.depth += 1
        if self.depth > DEPTH:
            raise self.error("nested too deeply")

    # Lists of text and actions.

    def top(self) -> None:
        nodes: list[Node] = []
        pos = self.peek().pos
        while self.peek().kind is not Kind.EOF:
            if self.peek().kind is Kind.LEFT:
                before = self.at
                self.next()
                if self.next_solid().is_word("define"):
                    self.definition()
                    continue
                self.at = before
            node = self.text_or_action()
            if isinstance(node, Token):
                raise self.error(f"unexpected {{{{{node.text}}}}}")
            nodes.append(node)
        self.add(self.name, Block(pos, tuple(nodes)))

    def add(self, name: str, block: Block) -> None:
        if name not in self.templates or is_empty(self.templates[name]):
            self.templates[name] = block
        elif not is_empty(block):
            raise self.error(f"template: multiple definition of template {quoted(name)}")

    def definition(self) -> None:
        context = "define clause"
        name = self.string(self.expect(Kind.STRING, context))
        self.expect(Kind.RIGHT, context)
        self.add(name, self.separate(context))

    def separate(self, context: str) -> Block:
        """The body of another template, which sees none of our variables and ranges."""
        kept = self.variables, self.ranges, self.action_line
        self.variables, self.ranges, self.action_line = ["$"], 0, 0
        body, end = self.block()
        if end.text != "end":
            raise self.error(f"unexpected {{{{{end.text}}}}} in {context}")
        self.variables, self.ranges, self.action_line = kept
        return body

    def block(self) -> tuple[Block, Token]:
        """Nodes up to `{{end}}` or `{{else}}`, and which it was."""
        self.enter()
        nodes: list[Node] = []
        pos = self.peek_solid().pos
        while self.peek_solid().kind is not Kind.EOF:
            node = self.text_or_action()
            if isinstance(node, Token):
                self.depth -= 1
                return Block(pos, tuple(nodes)), node
            nodes.append(node)
        raise self.error("unexpected EOF")

    def text_or_action(self) -> Node | Token:
        token = self.next_solid()
        if token.kind is Kind.TEXT:
            return Text(token.pos, token.text)
        if token.kind is not Kind.LEFT:
            raise self.unexpected(token, "input")
        self.action_line = token.line
        node = self.action()
        self.action_line = 0
        return node

    def action(self) -> Node | Token:
        """An action; the token `end` or `else` where it is one of these."""
        token = self.next_solid()
        if token.kind is Kind.KEYWORD:
            if token.text in _CONTROLS:
                return self.control(token.text)
            match token.text:
                case "block":
                    return self.inline()
                case "template":
                    return self.call()
                case "break" | "continue":
                    return self.jump(token)
                case "end":
                    self.expect(Kind.RIGHT, "end")
                    return token
                case "else":
                    if not self.peek_solid().is_word("if", "with"):
                        self.expect(Kind.RIGHT, "else")
                    return token
        self.at -= 1
        return Action(self.peek().pos, self.pipeline("command", Kind.RIGHT))

    def jump(self, token: Token) -> Node:
        after = self.next_solid()
        if after.kind is not Kind.RIGHT:
            raise self.unexpected(after, f"{{{{{token.text}}}}}")
        if not self.ranges:
            raise self.error(f"{{{{{token.text}}}}} outside {{{{range}}}}")
        return Break(token.pos) if token.text == "break" else Continue(token.pos)

    def control(self, word: str) -> Node:
        known = len(self.variables)
        pipe = self.pipeline(word, Kind.RIGHT)
        self.ranges += word == "range"
        body, end = self.block()
        self.ranges -= word == "range"
        otherwise = None
        if end.text == "else":
            otherwise = self.otherwise(word, end)
        del self.variables[known:]
        return _CONTROLS[word](pipe.pos, pipe, body, otherwise)

    def otherwise(self, word: str, end: Token) -> Block:
        if word != "range" and self.peek().is_word(word):
            self.next()
            self.enter()
            block = Block(end.pos, (self.control(word),))
            self.depth -= 1
            return block
        block, end = self.block()
        if end.text != "end":
            raise self.error(f"expected end; found {{{{{end.text}}}}}")
        return block

    def inline(self) -> Node:
        context = "block clause"
        token = self.next_solid()
        name = self.template_name(token, context)
        pipe = self.pipeline(context, Kind.RIGHT)
        self.add(name, self.separate(context))
        return Call(token.pos, name, pipe)

    def call(self) -> Node:
        context = "template clause"
        token = self.next_solid()
        name = self.template_name(token, context)
        pipe = None
        if self.next_solid().kind is not Kind.RIGHT:
            self.at -= 1
            pipe = self.pipeline(context, Kind.RIGHT)
        return Call(token.pos, name, pipe)

    def template_name(self, token: Token, context: str) -> str:
        if token.kind is not Kind.STRING:
            raise self.unexpected(token, context)
        return self.string(token)

    # Pipelines.

    def pipeline(self, context: str, end: Kind) -> Pipe:
        pos = self.peek_solid().pos
        variables, assigns = self.declarations(context)
        commands: list[Command] = []
        while True:
            token = self.next_solid()
            if token.kind is end:
                self.check(commands, context)
                return Pipe(pos, tuple(commands), tuple(variables), assigns)
            if token.kind not in _OPERANDS and not token.is_word("nil"):
                raise self.unexpected(token, context)
            self.at -= 1
            commands.append(self.command())

    def declarations(self, context: str) -> tuple[list[str], bool]:
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

    def check(self, commands: list[Command], context: str) -> None:
        if not commands:
            raise self.error(f"missing value for {context}")
        for stage, command in enumerate(commands[1:], 2):
            if isinstance(command.args[0], _CONSTANTS):
                raise self.error(f"non executable command in pipeline stage {stage}")

    def command(self) -> Command:
        pos = self.peek_solid().pos
        args: list[Node] = []
        while True:
            self.peek_solid()
            operand = self.operand()
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

    def operand(self) -> Node | None:
        term = self.term()
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

    def term(self) -> Node | None:
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
        constant = self.constant(token)
        if constant is None:
            self.at -= 1
        return constant

    def constant(self, token: Token) -> Node | None:
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
        text = unquote(token.text)
        if text is None:
            raise self.error("invalid syntax")
        return text
