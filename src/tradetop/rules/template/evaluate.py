"""Evaluation: pipelines, commands, fields and arguments have values, as in Go's text/template."""

from __future__ import annotations

from collections.abc import Sequence

from tradetop.rules.template.error import CallError, TemplateError
from tradetop.rules.template.function import REFLECT, Function, can_be_nil, zero_of
from tradetop.rules.template.methods import methods_of
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
from tradetop.rules.template.quoting import quoted
from tradetop.rules.template.run import Missing, Run
from tradetop.rules.template.values import (
    ANY,
    Boxed,
    Map,
    Pointer,
    Struct,
    indirect,
    truth,
    type_name,
    unboxed,
)


class _Absent:
    """No value comes down the pipeline."""


_ABSENT = _Absent()
_QUERY_STEPS = 1_000
"""What a query counts."""


class Frame:
    """One template being executed: its variables, and the node that an error would name."""

    def __init__(self, run: Run, name: str, data: object) -> None:
        self.run = run
        self.name = name
        self.variables: list[tuple[str, object]] = [("$", data)]
        self.node: Node | None = None

    def error(self, text: str) -> TemplateError:
        """An error at the present node."""
        if self.node is None:
            return TemplateError(f"template: {self.name}: {text}")
        where = f"{self.run.place(self.node)}: executing {quoted(self.name)} at <{self.node}>"
        return TemplateError(f"template: {where}: {text}")

    # Variables.

    def value_of(self, name: str) -> object:
        """The value of a variable."""
        for known, value in reversed(self.variables):
            if known == name:
                return value
        raise self.error(f"undefined variable: {name}")

    def assign(self, name: str, value: object) -> None:
        """Give the innermost variable of a name another value."""
        for at in range(len(self.variables) - 1, -1, -1):
            if self.variables[at][0] == name:
                self.variables[at] = (name, value)
                return
        raise self.error(f"undefined variable: {name}")

    # Pipelines and commands.

    def pipeline(self, dot: object, pipe: Pipe | None) -> object:
        """The value of a pipeline, which its variables get."""
        if pipe is None:
            return None
        self.run.spend()
        self.node = pipe
        value: object = _ABSENT
        for command in pipe.commands:
            value = unboxed(self.command(dot, command, value))
        if value is _ABSENT:
            value = None
        for name in pipe.variables:
            if pipe.assigns:
                self.assign(name, value)
            else:
                self.variables.append((name, value))
        return value

    def command(self, dot: object, command: Command, final: object) -> object:
        """The value of a command, whose last argument is `final`."""
        self.run.spend()
        word, args = command.args[0], command.args[1:]
        match word:
            case Identifier():
                return self.function(dot, word, command, args, final)
            case Field() | Chain():
                return self.fields_of(dot, word, args, final)
            case Variable():
                if word.names:
                    return self.fields_of(dot, word, args, final)
                self.node = word
                value = self.value_of(word.name)
                self.no_function(command, final)
                return value
            case Pipe():
                self.no_function(command, final)
                return self.pipeline(dot, word)
        self.node = word
        self.no_function(command, final)
        if isinstance(word, Nil):
            raise self.error("nil is not a command")
        return dot if isinstance(word, Dot) else self.constant(word)

    def no_function(self, command: Command, final: object) -> None:
        """Refuse arguments of what is none."""
        if len(command.args) > 1 or final is not _ABSENT:
            raise self.error(f"can't give argument to non-function {command.args[0]}")

    def constant(self, node: Node) -> object:
        """The value of a constant that nobody asks for a type: int, float64, complex128, string or bool."""
        self.node = node
        match node:
            case Bool() | String():
                return node.value
            case Number(complex=complex() as value):
                return value
            case Number(text=text, real=float() as real) if _looks_real(text):
                return real
            case Number(integer=int() as whole):
                return whole
            case Number():
                raise self.error(f"{node.text} overflows int")
        raise self.error(f"can't evaluate command {quoted(str(node))}")

    # Fields.

    def fields_of(self, dot: object, node: Field | Chain | Variable, args: Sequence[Node], final: object) -> object:
        """The value of a chain of fields; the last may be a method with arguments."""
        self.node = node
        match node:
            case Field():
                receiver = dot
            case Variable():
                receiver = self.value_of(node.name)
            case Chain():
                if isinstance(node.term, Nil):
                    raise self.error(f"indirection through explicit nil in {node}")
                receiver = self.argument(dot, None, node.term)
        for name in node.names[:-1]:
            receiver = self.field(dot, name, node, (), _ABSENT, receiver)
        return self.field(dot, node.names[-1], node, args, final, receiver)

    def field(
        self, dot: object, name: str, node: Node, args: Sequence[Node], final: object, receiver: object
    ) -> object:
        """A field, entry or method of a value."""
        if receiver is None:
            if self.run.missing is Missing.ERROR:
                raise self.error(f"nil data; no entry for key {quoted(name)}")
            return None
        shown = type_name(receiver)
        if isinstance(receiver, Boxed) and receiver.value is None:
            raise self.error(f"nil pointer evaluating {shown}.{name}")
        value = indirect(receiver)
        method = methods_of(value).get(name)
        if method is not None:
            return self.call(dot, method, node, name, args, final)
        has_args = bool(args) or final is not _ABSENT
        match value:
            case Struct() if name in value.fields:
                if has_args:
                    raise self.error(f"{name} has arguments but cannot be invoked as function")
                found = value.fields[name]
                return Boxed(found) if name in value.boxed else found
            case Map():
                if has_args:
                    raise self.error(f"{name} is not a method but has arguments")
                return self.entry(value, name)
            case Pointer():
                raise self.error(f"nil pointer evaluating {shown}.{name}")
        raise self.error(f"can't evaluate field {name} in type {shown}")

    def entry(self, value: Map, name: str) -> object:
        """The value of a key, and what one that is missing gives."""
        if name in value.entries:
            found = value.entries[name]
            return Boxed(found) if value.elem == ANY else found
        if self.run.missing is Missing.ERROR:
            raise self.error(f"map has no entry for key {quoted(name)}")
        if self.run.missing is Missing.DEFAULT:
            return None
        return Boxed(None) if value.elem == ANY else zero_of(value.elem)

    # Calls.

    def function(self, dot: object, word: Identifier, node: Node, args: Sequence[Node], final: object) -> object:
        """The value of a function."""
        self.node = word
        function = self.run.functions.get(word.name)
        if function is None:
            raise self.error(f"{quoted(word.name)} is not a defined function")
        if word.name in ("and", "or"):
            return self.junction(dot, function, word.name, args, final)
        return self.call(dot, function, node, word.name, args, final)

    def check_number(self, function: Function, name: str, args: Sequence[Node], final: object) -> None:
        """Refuse too many arguments, or too few."""
        given, wanted = len(args) + (final is not _ABSENT), len(function.parameters)
        if function.variadic:
            if given < wanted - 1:
                raise self.error(f"wrong number of args for {name}: want at least {wanted - 1} got {len(args)}")
        elif given != wanted:
            raise self.error(f"wrong number of args for {name}: want {wanted} got {given}")

    def junction(self, dot: object, function: Function, name: str, args: Sequence[Node], final: object) -> object:
        """`and` and `or` evaluate no more arguments than they need."""
        self.check_number(function, name, args, final)
        value: object = None
        for arg in args:
            value = self.argument(dot, REFLECT, arg)
            if truth(value) == (name == "or"):
                return value
        return value if final is _ABSENT else self.checked(final, REFLECT)

    def call(
        self, dot: object, function: Function, node: Node, name: str, args: Sequence[Node], final: object
    ) -> object:
        """What a function gives for its arguments."""
        self.check_number(function, name, args, final)
        values = [self.argument(dot, function.type_at(at), arg) for at, arg in enumerate(args)]
        if final is not _ABSENT:
            values.append(self.checked(final, function.type_at(len(values))))
        self.run.spend(_QUERY_STEPS if name == "query" else 1)
        try:
            result = function.run(*values)
        except CallError as error:
            self.node = node
            raise self.error(f"error calling {name}: {error}") from None
        if isinstance(result, str):
            self.run.spend(len(result) // 100)
        return result

    def checked(self, value: object, wanted: str | None) -> object:
        """The value as a parameter of this type takes it."""
        if value is None:
            if wanted is None or can_be_nil(wanted):
                return None if wanted is None else zero_of(wanted)
            raise self.error(f"invalid value; expected {wanted}")
        if wanted in (None, ANY, REFLECT) or type_name(value) == wanted:
            return value
        value = unboxed(value)
        if value is not None and type_name(value) == wanted:
            return value
        if isinstance(value, Pointer) and value.type_name == f"*{wanted}":
            if value.nil:
                raise self.error(f"dereference of nil pointer of type {wanted}")
            return value.target
        raise self.error(f"wrong type for value; expected {wanted}; got {ANY if value is None else type_name(value)}")

    def argument(self, dot: object, wanted: str | None, node: Node) -> object:
        """The value of an argument for a parameter of this type."""
        self.run.spend()
        self.node = node
        match node:
            case Dot():
                return self.checked(dot, wanted)
            case Nil():
                if wanted is not None and can_be_nil(wanted):
                    return zero_of(wanted)
                raise self.error(f"cannot assign nil to {wanted}")
            case Field() | Chain():
                return self.checked(self.fields_of(dot, node, (), _ABSENT), wanted)
            case Variable():
                found = self.fields_of(dot, node, (), _ABSENT) if node.names else self.value_of(node.name)
                return self.checked(found, wanted)
            case Pipe():
                return self.checked(self.pipeline(dot, node), wanted)
            case Identifier():
                return self.checked(self.function(dot, node, node, (), _ABSENT), wanted)
        return self.literal(wanted, node)

    def literal(self, wanted: str | None, node: Node) -> object:
        """A constant as a parameter of this type takes it."""
        if wanted in (None, ANY, REFLECT):
            return self.constant(node)
        if wanted == "string":
            if isinstance(node, String):
                return node.value
            raise self.error(f"expected string; found {node}")
        if wanted in ("int", "time.Duration"):
            if isinstance(node, Number) and node.integer is not None:
                return node.integer
            raise self.error(f"expected integer; found {node}")
        raise self.error(f"can't handle {node} for arg of type {wanted}")


def _looks_real(text: str) -> bool:
    if text.startswith("'"):
        return False
    if len(text) > 2 and text[0] == "0" and text[1] in "xX" and not set("pP").intersection(text):
        return False
    return not set(".eEpP").isdisjoint(text)
