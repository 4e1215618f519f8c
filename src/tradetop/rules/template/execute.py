"""Execution: a template's tree is walked over data, within a budget."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum, auto
from types import MappingProxyType

from tradetop.rules.template.builtins import BUILTINS, escape_html, joined
from tradetop.rules.template.error import CallError, TemplateError
from tradetop.rules.template.evaluate import Frame
from tradetop.rules.template.function import Function, Functions
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
)
from tradetop.rules.template.printing import text_of
from tradetop.rules.template.quoting import quoted
from tradetop.rules.template.run import DEPTH, BudgetError, Missing, Run
from tradetop.rules.template.values import ANY, Boxed, Map, SafeHTML, Slice, indirect, kind, truth, unboxed


class _Flow(Enum):
    NEXT = auto()
    BREAK = auto()
    CONTINUE = auto()


def execute(
    program: Program, functions: Functions, data: object, *, missing: Missing = Missing.ZERO, html: bool = False
) -> str:
    """The text that a template gives for data; TemplateError as `template: NAME:LINE:BYTE: executing ...`.

    With `html` every value is escaped for the text of a page (Go's html/template knows attributes and scripts too).
    """
    run = Run(program, MappingProxyType({**BUILTINS, **functions}), missing, html)
    if html:
        run.functions = {**run.functions, "tmpl": _tmpl(run)}
    frame = Frame(run, program.name, data)
    try:
        _walk(frame, data, program.templates[program.name])
    except BudgetError as error:
        raise frame.error(f"it was stopped after {error}") from None
    except CallError as error:
        raise frame.error(str(error)) from None
    except RecursionError:
        raise TemplateError(f"template: {program.name}: nested too deeply") from None
    return "".join(run.out)


def _tmpl(run: Run) -> Function:
    """Prometheus' tmpl, which only pages have: a template whose name is a value."""

    def call(name: str, data: object) -> SafeHTML:
        block = run.program.templates.get(name)
        if block is None:
            raise CallError(f"html/template: {quoted(name)} is undefined")
        kept, run.out = run.out, []
        _enter(run, name, unboxed(data), block)
        text, run.out = "".join(run.out), kept
        return SafeHTML(text)

    return Function(("string", ANY), call)


def _enter(run: Run, name: str, data: object, block: Block) -> None:
    run.depth += 1
    _walk(Frame(run, name, data), data, block)
    run.depth -= 1


def _walk(frame: Frame, dot: object, node: Node) -> _Flow:
    frame.run.spend()
    frame.node = node
    match node:
        case Text():
            frame.run.write(node.text)
        case Action():
            value = frame.pipeline(dot, node.pipe)
            if not node.pipe.variables:
                frame.node = node
                frame.run.write(_shown(frame, value))
        case Block():
            for part in node.nodes:
                flow = _walk(frame, dot, part)
                if flow is not _Flow.NEXT:
                    return flow
        case Range():
            return _range(frame, dot, node)
        case Control():
            return _branch(frame, dot, node)
        case Call():
            _call(frame, dot, node)
        case Break():
            return _Flow.BREAK
        case Continue():
            return _Flow.CONTINUE
    return _Flow.NEXT


def _shown(frame: Frame, value: object) -> str:
    try:
        if not frame.run.html:
            return text_of(value)
        if isinstance(value, SafeHTML):
            return value
        return "" if value is None else escape_html(joined(value))
    except CallError as error:
        raise frame.error(str(error)) from None


def _branch(frame: Frame, dot: object, node: Control) -> _Flow:
    known = len(frame.variables)
    value = frame.pipeline(dot, node.pipe)
    flow = _Flow.NEXT
    if truth(value):
        flow = _walk(frame, dot if isinstance(node, If) else value, node.body)
    elif node.otherwise is not None:
        flow = _walk(frame, dot, node.otherwise)
    del frame.variables[known:]
    return flow


def _range(frame: Frame, dot: object, node: Range) -> _Flow:
    known = len(frame.variables)
    value = indirect(frame.pipeline(dot, node.pipe))
    flow, empty = _Flow.NEXT, True
    inner = len(frame.variables)
    for key, element in _elements(frame, value, node):
        empty = False
        _bind(frame, node, key, element)
        turn = _walk(frame, element, node.body)
        del frame.variables[inner:]
        if turn is _Flow.BREAK:
            break
    if empty and node.otherwise is not None:
        flow = _walk(frame, dot, node.otherwise)
    del frame.variables[known:]
    return flow


def _bind(frame: Frame, node: Range, key: object, element: object) -> None:
    names = node.pipe.variables
    if not names:
        return
    values = (element,) if len(names) == 1 else (key, element)
    for at, (name, value) in enumerate(zip(names, values, strict=True)):
        if node.pipe.assigns:
            frame.assign(name, value)
        else:
            frame.variables[at - len(names)] = (name, value)


def _elements(frame: Frame, value: object, node: Range) -> Iterable[tuple[object, object]]:
    match value:
        case None:
            return ()
        case Slice():
            return enumerate(list(value.items))
        case Map():
            return [(key, _entry(value.entries, key, value.elem)) for key in sorted(value.entries)]
    if kind(value) in ("int", "uint") and isinstance(value, int):
        if len(node.pipe.variables) > 1:
            raise frame.error(f"can't use {text_of(value)} to iterate over more than one variable")
        return ((None, type(value)(number)) for number in range(value))
    raise frame.error(f"range can't iterate over {text_of(value)}")


def _entry(entries: Mapping[str, object], key: str, elem: str) -> object:
    return Boxed(entries[key]) if elem == ANY else entries[key]


def _call(frame: Frame, dot: object, node: Call) -> None:
    run = frame.run
    block = run.program.templates.get(node.name)
    if block is None:
        raise frame.error(f"template {quoted(node.name)} not defined")
    if run.depth >= DEPTH:
        raise frame.error(f"exceeded maximum template depth ({DEPTH})")
    data = frame.pipeline(dot, node.pipe)
    _enter(run, node.name, data, block)
