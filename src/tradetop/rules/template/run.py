"""One execution of a template: what it may use, and how much of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from tradetop.rules.template.function import Functions
from tradetop.rules.template.nodes import Node, Program
from tradetop.rules.template.spec import LIMIT

STEPS = 100_000
"""How many nodes one execution may visit; a query or a long text counts as many."""
DEPTH = 40
"""How deep templates may call each other."""


class Missing(Enum):
    """What a key that a map does not have gives (Go's option `missingkey`)."""

    DEFAULT = "default"
    ZERO = "zero"
    ERROR = "error"


class BudgetError(Exception):
    """A template did too much."""


@dataclass(slots=True)
class Run:
    """The state that all templates of one execution share."""

    program: Program
    functions: Functions
    missing: Missing = Missing.ZERO
    html: bool = False
    steps: int = 0
    depth: int = 0
    size: int = 0
    out: list[str] = field(default_factory=list)

    def spend(self, steps: int = 1) -> None:
        """Count work; BudgetError where it was too much."""
        self.steps += steps
        if self.steps > STEPS:
            raise BudgetError(f"more than {STEPS:,} steps")

    def write(self, text: str) -> None:
        """Add to the output; BudgetError where it is too long."""
        self.size += len(text)
        if self.size > LIMIT:
            raise BudgetError(f"more than {LIMIT:,} characters of output")
        self.out.append(text)

    def place(self, node: Node) -> str:
        """Where a node begins: template:line:byte."""
        before = self.program.text[: node.pos]
        start = before.rfind("\n") + 1
        column = len(before[start:].encode("utf-8", "surrogatepass"))
        return f"{self.program.name}:{before.count(chr(10)) + 1}:{column}"
