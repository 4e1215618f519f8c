"""The tree of a template. Each node is written back (`str`) as Go's errors quote it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Node:
    """A part of a template; `pos` is where it begins, in characters."""

    pos: int


@dataclass(frozen=True, slots=True)
class Text(Node):
    """What is outside of actions."""

    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Dot(Node):
    """The current value."""

    def __str__(self) -> str:
        return "."


@dataclass(frozen=True, slots=True)
class Nil(Node):
    """The constant nil."""

    def __str__(self) -> str:
        return "nil"


@dataclass(frozen=True, slots=True)
class Bool(Node):
    """true or false."""

    value: bool

    def __str__(self) -> str:
        return "true" if self.value else "false"


@dataclass(frozen=True, slots=True)
class Number(Node):
    """A constant without a type: what it may be used as."""

    text: str
    integer: int | None = None
    """As int64."""
    unsigned: int | None = None
    """As uint64."""
    real: float | None = None
    """As float64."""
    complex: complex | None = None

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class String(Node):
    """A text in quotes."""

    literal: str
    value: str

    def __str__(self) -> str:
        return self.literal


@dataclass(frozen=True, slots=True)
class Identifier(Node):
    """The name of a function."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Field(Node):
    """Fields of the current value, such as .Labels.job."""

    names: tuple[str, ...]

    def __str__(self) -> str:
        return "." + ".".join(self.names)


@dataclass(frozen=True, slots=True)
class Variable(Node):
    """A variable and its fields, such as $labels.job."""

    name: str
    names: tuple[str, ...] = ()

    def __str__(self) -> str:
        return ".".join((self.name, *self.names))


@dataclass(frozen=True, slots=True)
class Chain(Node):
    """Fields of a term, such as (first $x).Labels."""

    term: Node
    names: tuple[str, ...]

    def __str__(self) -> str:
        return ".".join((_bracketed(self.term), *self.names))


@dataclass(frozen=True, slots=True)
class Command(Node):
    """A function or value with its arguments."""

    args: tuple[Node, ...]

    def __str__(self) -> str:
        return " ".join(map(_bracketed, self.args))


@dataclass(frozen=True, slots=True)
class Pipe(Node):
    """Commands that each give their value to the next, and the variables that get the last."""

    commands: tuple[Command, ...]
    variables: tuple[str, ...] = ()
    assigns: bool = False

    def __str__(self) -> str:
        names = ", ".join(self.variables)
        return (f"{names} {'=' if self.assigns else ':='} " if names else "") + " | ".join(map(str, self.commands))


@dataclass(frozen=True, slots=True)
class Block(Node):
    """Nodes one after the other."""

    nodes: tuple[Node, ...]

    def __str__(self) -> str:
        return "".join(map(str, self.nodes))


@dataclass(frozen=True, slots=True)
class Action(Node):
    """A pipeline whose value is printed."""

    pipe: Pipe

    def __str__(self) -> str:
        return f"{{{{{self.pipe}}}}}"


@dataclass(frozen=True, slots=True)
class Control(Node):
    """`if`, `with` or `range`, with what is done and what else."""

    pipe: Pipe
    body: Block
    otherwise: Block | None

    def __str__(self) -> str:
        word = type(self).__name__.lower()
        rest = "" if self.otherwise is None else f"{{{{else}}}}{self.otherwise}"
        return f"{{{{{word} {self.pipe}}}}}{self.body}{rest}{{{{end}}}}"


@dataclass(frozen=True, slots=True)
class If(Control):
    """Done where the pipeline's value is true."""


@dataclass(frozen=True, slots=True)
class With(Control):
    """As `if`, with the value as dot."""


@dataclass(frozen=True, slots=True)
class Range(Control):
    """Done for each element."""


@dataclass(frozen=True, slots=True)
class Break(Node):
    """Ends the innermost range."""

    def __str__(self) -> str:
        return "{{break}}"


@dataclass(frozen=True, slots=True)
class Continue(Node):
    """Goes to the next element of the innermost range."""

    def __str__(self) -> str:
        return "{{continue}}"


@dataclass(frozen=True, slots=True)
class Call(Node):
    """Another template, by its name."""

    name: str
    pipe: Pipe | None


@dataclass(frozen=True, slots=True)
class Program:
    """A parsed template with those that it defines."""

    text: str
    name: str
    templates: Mapping[str, Block]


def is_empty(block: Block) -> bool:
    """Whether there is nothing but white space."""
    return all(isinstance(node, Text) and not node.text.strip() for node in block.nodes)


def _bracketed(node: Node) -> str:
    return f"({node})" if isinstance(node, Pipe) else str(node)
