"""The parser: a template's tokens become its tree."""

from __future__ import annotations

from functools import lru_cache

from tradetop.rules.template.error import TemplateError
from tradetop.rules.template.lex import Kind, Token
from tradetop.rules.template.nodes import (
    Action,
    Block,
    Break,
    Call,
    Continue,
    Control,
    If,
    Node,
    Program,
    Range,
    Text,
    With,
    is_empty,
)
from tradetop.rules.template.pipelines import PipelineParser
from tradetop.rules.template.quoting import quoted

LONGEST = 32_768
"""Longest text of a template, in characters."""

_CONTROLS: dict[str, type[Control]] = {"if": If, "with": With, "range": Range}


@lru_cache(maxsize=4_096)
def parse(text: str, name: str, functions: frozenset[str]) -> Program:
    """Parse a template that may call `functions`; TemplateError as `template: NAME:LINE: ...`."""
    if len(text) > LONGEST:
        raise TemplateError(f"template: {name}: it is {len(text):,} characters long, and may be {LONGEST:,}")
    parser = _Parser(text, name, functions)
    try:
        parser.top()
    except RecursionError:
        raise parser.error("nested too deeply") from None
    return Program(text, name, parser.templates)


class _Parser(PipelineParser):
    """One pass over the tokens."""

    def __init__(self, text: str, name: str, functions: frozenset[str]) -> None:
        super().__init__(text, name, functions)
        self.ranges = 0
        self.templates: dict[str, Block] = {}

    def top(self) -> None:
        """Read the whole template."""
        nodes: list[Node] = []
        pos = self.peek().pos
        while self.peek().kind is not Kind.EOF:
            if self.peek().kind is Kind.LEFT:
                before = self.at
                self.next()
                if self.next_solid().is_word("define"):
                    self._definition()
                    continue
                self.at = before
            node = self._text_or_action()
            if isinstance(node, Token):
                raise self.error(f"unexpected {{{{{node.text}}}}}")
            nodes.append(node)
        self._add(self.name, Block(pos, tuple(nodes)))

    def _add(self, name: str, block: Block) -> None:
        if name not in self.templates or is_empty(self.templates[name]):
            self.templates[name] = block
        elif not is_empty(block):
            raise self.error(f"template: multiple definition of template {quoted(name)}")

    def _definition(self) -> None:
        context = "define clause"
        name = self.string(self.expect(Kind.STRING, context))
        self.expect(Kind.RIGHT, context)
        self._add(name, self._separate(context))

    def _separate(self, context: str) -> Block:
        """The body of another template, which sees none of our variables and ranges."""
        kept = self.variables, self.ranges, self.action_line
        self.variables, self.ranges, self.action_line = ["$"], 0, 0
        body, end = self._block()
        if end.text != "end":
            raise self.error(f"unexpected {{{{{end.text}}}}} in {context}")
        self.variables, self.ranges, self.action_line = kept
        return body

    def _block(self) -> tuple[Block, Token]:
        """Nodes up to `{{end}}` or `{{else}}`, and which it was."""
        self.enter()
        nodes: list[Node] = []
        pos = self.peek_solid().pos
        while self.peek_solid().kind is not Kind.EOF:
            node = self._text_or_action()
            if isinstance(node, Token):
                self.depth -= 1
                return Block(pos, tuple(nodes)), node
            nodes.append(node)
        raise self.error("unexpected EOF")

    def _text_or_action(self) -> Node | Token:
        token = self.next_solid()
        if token.kind is Kind.TEXT:
            return Text(token.pos, token.text)
        if token.kind is not Kind.LEFT:
            raise self.unexpected(token, "input")
        self.action_line = token.line
        node = self._action()
        self.action_line = 0
        return node

    def _action(self) -> Node | Token:
        """An action; the token `end` or `else` where it is one of these."""
        token = self.next_solid()
        if token.kind is Kind.KEYWORD:
            if token.text in _CONTROLS:
                return self._control(token.text)
            match token.text:
                case "block":
                    return self._inline()
                case "template":
                    return self._call()
                case "break" | "continue":
                    return self._jump(token)
                case "end":
                    self.expect(Kind.RIGHT, "end")
                    return token
                case "else":
                    if not self.peek_solid().is_word("if", "with"):
                        self.expect(Kind.RIGHT, "else")
                    return token
        self.at -= 1
        return Action(self.peek().pos, self.pipeline("command", Kind.RIGHT))

    def _jump(self, token: Token) -> Node:
        after = self.next_solid()
        if after.kind is not Kind.RIGHT:
            raise self.unexpected(after, f"{{{{{token.text}}}}}")
        if not self.ranges:
            raise self.error(f"{{{{{token.text}}}}} outside {{{{range}}}}")
        return Break(token.pos) if token.text == "break" else Continue(token.pos)

    def _control(self, word: str) -> Node:
        known = len(self.variables)
        pipe = self.pipeline(word, Kind.RIGHT)
        self.ranges += word == "range"
        body, end = self._block()
        self.ranges -= word == "range"
        otherwise = None
        if end.text == "else":
            otherwise = self._otherwise(word, end)
        del self.variables[known:]
        return _CONTROLS[word](pipe.pos, pipe, body, otherwise)

    def _otherwise(self, word: str, end: Token) -> Block:
        if word != "range" and self.peek().is_word(word):
            self.next()
            self.enter()
            block = Block(end.pos, (self._control(word),))
            self.depth -= 1
            return block
        block, end = self._block()
        if end.text != "end":
            raise self.error(f"expected end; found {{{{{end.text}}}}}")
        return block

    def _inline(self) -> Node:
        context = "block clause"
        token = self.next_solid()
        name = self._template_name(token, context)
        pipe = self.pipeline(context, Kind.RIGHT)
        self._add(name, self._separate(context))
        return Call(token.pos, name, pipe)

    def _call(self) -> Node:
        context = "template clause"
        token = self.next_solid()
        name = self._template_name(token, context)
        pipe = None
        if self.next_solid().kind is not Kind.RIGHT:
            self.at -= 1
            pipe = self.pipeline(context, Kind.RIGHT)
        return Call(token.pos, name, pipe)

    def _template_name(self, token: Token, context: str) -> str:
        if token.kind is not Kind.STRING:
            raise self.unexpected(token, context)
        return self.string(token)
