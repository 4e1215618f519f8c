"""Nodes to typed values: frozen dataclasses say what a document may hold, and every mistake is reported at once."""

from __future__ import annotations

import contextlib
import re
import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Annotated, Any, NamedTuple, TypeVar, Union, get_args, get_origin, get_type_hints

import yaml

from tradetop.document.compose import SIZE_LIMIT, USUAL, Limits, Node, compose, place_of
from tradetop.document.problem import DocumentError, Place, Problem, Stray, nearest, problem
from tradetop.document.scalar import Parse, ParseAt, number, switch, whole

T = TypeVar("T")

_INDEX = re.compile(r"\[\d+\]")
_MERGE = "tag:yaml.org,2002:merge"
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""All but tab and line feed, which YAML itself has."""
_NULLS = {"", "null", "~", "Null", "NULL"}
_STRAYS = tuple[Stray, ...]
_FILLED = (Place, _STRAYS)
"""Types of fields that no key gives."""
_SCALARS: dict[object, Parse] = {int: Parse(whole), float: Parse(number), bool: Parse(switch)}


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a document that is read later, by itself: a field of this type takes whatever stands there."""

    node: Node
    key: str
    """Path of its key, such as `groups[0].rules[2]`."""

    @property
    def place(self) -> Place:
        """Where it begins."""
        return place_of(self.node)

    def parts(self) -> dict[str, Part]:
        """The values of a mapping that has any; nothing where it is no mapping."""
        pairs = _merged(self.node) if isinstance(self.node, yaml.MappingNode) else ()
        return {
            key.value: Part(item, _join(self.key, key.value))
            for key, item in pairs
            if isinstance(key, yaml.ScalarNode) and not _is_null(item)
        }

    def items(self) -> tuple[Part, ...]:
        """The items of a list; nothing where it is none."""
        items = self.node.value if isinstance(self.node, yaml.SequenceNode) else ()
        return tuple(Part(item, f"{self.key}[{i}]") for i, item in enumerate(items))

    @property
    def text(self) -> str:
        """A single value as it is written; "" where it is none."""
        return str(self.node.value) if isinstance(self.node, yaml.ScalarNode) else ""


class _BadError(Exception):
    """A value could not be read; its problem is already noted."""


Checks = Mapping[str, Callable[[str], object]]
"""Further checks of single values by the path of their key: `[*]` stands for any item of a list, a last `.*` for the
keys of a mapping. Each raises ValueError for what is wrong; the problems of a DocumentError join the others."""
NO_CHECKS: Checks = {}


def read(text: str, source: str, type_: type[T], checks: Checks = NO_CHECKS) -> T:
    """Read a YAML document into a dataclass; `source` names it in errors.

    Fields may be str, int, float, bool, enums (by value), `Duration` (ms), `Annotated[X, Parse(function)]`, tuples,
    mappings (to dict), dataclasses, `X | None`, and unions of a scalar, a sequence and a mapping type. A field's
    metadata `{"key": ...}` gives the key where the name differs; a `Place` field receives the position, and a
    `tuple[Stray, ...]` field the keys that no other field reads, which are mistakes without it. A ValueError of
    `__post_init__` becomes a problem. The `checks` follow, in their order, also where something else is wrong.
    Raises DocumentError with every problem.
    """
    document = Document(text, source, checks)
    return document.read(document.root, type_)


class Document:
    """A document that is read part by part, so that a mistake costs the part that has it and no other."""

    def __init__(self, text: str, source: str, checks: Checks = NO_CHECKS, limits: Limits = USUAL) -> None:
        """Raises DocumentError where the text is not YAML, or more than `limits`."""
        root = compose(text, source, limits)
        if root is None:
            root = yaml.MappingNode("tag:yaml.org,2002:map", [], yaml.Mark("", 0, 0, 0, None, 0))
        self.root = Part(root, "")
        self._reader = _Reader(source, checks, limits.nodes)

    def read(self, part: Part, type_: type[T]) -> T:
        """Read a part as the type says, as the function `read` does; DocumentError with every problem in it."""
        reader = self._reader
        reader.problems = []
        value: T | None = None
        with contextlib.suppress(_BadError):
            value = reader.value(part.node, type_, part.key)
        reader.check()
        if value is None or reader.problems:
            raise DocumentError(reader.problems)
        return value


def read_file(path: Path, type_: type[T], checks: Checks = NO_CHECKS) -> T:
    """Read a YAML file (UTF-8); DocumentError also where the file cannot be read."""
    return read(read_text(path), str(path), type_, checks)


def read_text(path: Path, size: int = SIZE_LIMIT) -> str:
    """The text of a UTF-8 file, all of it where that is `size` characters or less; DocumentError where it has none."""
    try:
        with path.open("rb") as file:
            raw = file.read(4 * size + 1)
        return raw.decode("utf-8-sig")
    except OSError as error:
        raise DocumentError([problem(str(path), Place(), "", f"cannot be read: {error.strerror}")]) from None
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise DocumentError([problem(str(path), Place(line, 1), "", "is not UTF-8 text")]) from None


class _Reader:
    """One reading of one document: where it comes from, and what was found wrong so far."""

    def __init__(self, source: str, checks: Checks, limit: int) -> None:
        self.problems: list[Problem] = []
        self._limit = limit
        self._source = source
        self._checks = checks
        self._checked: dict[str, list[tuple[Node, str]]] = {}
        self._visited = 0
        self._forms: dict[type[Any], _Form] = {}

    def value(self, node: Node, hint: Any, path: str) -> Any:
        """The node as the type says; _BadError where it is not."""
        self._visited += 1
        if self._visited > self._limit:  # Aliases can make a small text stand for a huge document.
            self._fail(node, path, "stands for too many values")
            raise DocumentError(self.problems)
        if hint is str:
            return self._scalar(node, hint, path)
        if hint is Part:
            return Part(node, path)
        origin = get_origin(hint)
        if origin in (Union, types.UnionType):
            return self._choice(node, get_args(hint), path)
        if origin is tuple:
            return self._sequence(node, get_args(hint)[0], path)
        if origin is not None and origin is not Annotated and issubclass(origin, Mapping):
            return self._mapping(node, get_args(hint), path)
        if is_dataclass(hint) and isinstance(hint, type):
            return self._record(node, hint, path)
        return self._scalar(node, hint, path)

    def check(self) -> None:
        """Run the further checks on what was read."""
        for pattern, test in self._checks.items():
            for node, path in self._checked.get(pattern, ()):
                try:
                    test(node.value)
                except DocumentError as error:
                    self._take(error, node, path)
                except ValueError as error:
                    self._fail(node, path, str(error))
        self._checked = {}

    def _take(self, error: DocumentError, node: Node, path: str) -> None:
        """Another document's problems; those that have no place in it belong where it is named."""
        for found in error.problems:
            if found.place.line:
                self.problems.append(found)
            else:
                self._fail(node, path, found.text if path.endswith(found.source) else str(found))

    def _note(self, node: Node, path: str, pattern: str) -> None:
        if pattern in self._checks:
            self._checked.setdefault(pattern, []).append((node, path))

    def _choice(self, node: Node, hints: tuple[Any, ...], path: str) -> Any:
        shapes = _shapes(hints)
        if len(shapes) < len(hints) and _is_null(node):
            return None
        fitting = next((hint for hint, shape in shapes if shape is type(node)), shapes[0][0])
        return self.value(node, fitting, path)

    def _sequence(self, node: Node, hint: Any, path: str) -> tuple[Any, ...]:
        if not isinstance(node, yaml.SequenceNode):
            raise self._fail(node, path, "must be a list")
        return tuple(self._all([(item, hint, f"{path}[{i}]") for i, item in enumerate(node.value)]))

    def _mapping(self, node: Node, hints: tuple[Any, ...], path: str) -> dict[Any, Any]:
        pairs = self._pairs(node, path)
        for name, (key, _) in pairs.items() if self._checks else ():
            self._note(key, _join(path, name), _join(_INDEX.sub("[*]", path), "*"))
        keys = self._all([(key, hints[0], _join(path, name)) for name, (key, _) in pairs.items()])
        values = self._all([(item, hints[1], _join(path, name)) for name, (_, item) in pairs.items()])
        return dict(zip(keys, values, strict=True))

    def _record(self, node: Node, cls: type[Any], path: str) -> Any:
        before = len(self.problems)
        pairs = self._pairs(node, path)
        arguments: dict[str, Any] = {}
        if cls not in self._forms:
            self._forms[cls] = _form(cls)
        form = self._forms[cls]
        strays = [name for name in pairs if name not in form.keys]
        for name in () if form.strays else strays:
            self._fail(pairs[name][0], _join(path, name), f"unknown key; {nearest(name, form.keys)}")
        for key, (field, hint) in form.keys.items():
            if key in pairs:
                try:
                    arguments[field.name] = self.value(pairs[key][1], hint, _join(path, key))
                except _BadError:
                    continue
            elif field.default is MISSING and field.default_factory is MISSING:
                self._fail(node, _join(path, key), "is missing")
        if len(self.problems) > before:
            raise _BadError
        arguments.update(dict.fromkeys(form.places, place_of(node)))
        left = tuple(Stray(_join(path, name), place_of(pairs[name][0])) for name in strays)
        arguments.update(dict.fromkeys(form.strays, left))
        try:
            return cls(**arguments)
        except ValueError as error:
            raise self._fail(node, path, str(error)) from None

    def _pairs(self, node: Node, path: str) -> dict[str, tuple[Node, Node]]:
        """Key text to (key node, value node); a key twice is a problem."""
        if not isinstance(node, yaml.MappingNode):
            raise self._fail(node, path, "must be a mapping of keys to values")
        pairs: dict[str, tuple[Node, Node]] = {}
        merged = _merged(node)
        self._visited += len(merged)
        for key, item in merged:
            if not isinstance(key, yaml.ScalarNode):
                self._fail(key, path, "a key must be a text")
            elif key.value in pairs:
                self._fail(
                    key, _join(path, key.value), f"is given twice, first in line {place_of(pairs[key.value][0]).line}"
                )
            else:
                pairs[key.value] = (key, item)
        return pairs

    def _scalar(self, node: Node, hint: Any, path: str) -> Any:
        if not isinstance(node, yaml.ScalarNode):
            raise self._fail(node, path, "must be a single value")
        text: str = node.value
        if _is_null(node):
            raise self._fail(node, path, "has no value")
        bad = _CONTROL.search(text)
        if bad is not None:
            raise self._fail(node, path, f"holds the control character U+{ord(bad[0]):04X}")
        if self._checks:
            self._note(node, path, _INDEX.sub("[*]", path))
        if hint is str:
            return text
        parse = _parse_of(hint)
        try:
            return parse.function(text, place_of(node)) if isinstance(parse, ParseAt) else parse.function(text)
        except ValueError as error:
            raise self._fail(node, path, str(error)) from None

    def _all(self, wanted: list[tuple[Node, Any, str]]) -> list[Any]:
        """Every value, or _BadError after each one that fails has been noted."""
        found, before = [], len(self.problems)
        for node, hint, path in wanted:
            try:
                found.append(self.value(node, hint, path))
            except _BadError:
                continue
        if len(self.problems) > before:
            raise _BadError
        return found

    def _fail(self, node: Node, path: str, text: str) -> _BadError:
        self.problems.append(problem(self._source, place_of(node), path, text))
        return _BadError()


class _Form(NamedTuple):
    """What a dataclass says of its mapping: the keys, and the fields that `read` fills in by itself."""

    keys: dict[str, tuple[Field[Any], Any]]
    places: tuple[str, ...]
    strays: tuple[str, ...]


def _form(cls: type[Any]) -> _Form:
    hints = get_type_hints(cls, include_extras=True)
    return _Form(
        {f.metadata.get("key", f.name): (f, hints[f.name]) for f in fields(cls) if hints[f.name] not in _FILLED},
        tuple(f.name for f in fields(cls) if hints[f.name] is Place),
        tuple(f.name for f in fields(cls) if hints[f.name] == _STRAYS),
    )


def _merged(node: yaml.MappingNode) -> list[tuple[Node, Node]]:
    """The pairs of a mapping, then those that it lacks of the mappings that it takes in by `<<`.

    One level of them: what they take in themselves would let a small text stand for endless pairs.
    """
    own = [(key, item) for key, item in node.value if key.tag != _MERGE]
    if len(own) == len(node.value):
        return own
    for key, item in node.value:
        for source in (item.value if isinstance(item, yaml.SequenceNode) else [item]) if key.tag == _MERGE else ():
            taken = {key.value for key, _ in own if isinstance(key, yaml.ScalarNode)}
            pairs = source.value if isinstance(source, yaml.MappingNode) else [(key, item)]
            own += [p for p in pairs if not isinstance(p[0], yaml.ScalarNode) or p[0].value not in taken]
    return own


@cache
def _parse_of(hint: Any) -> Parse | ParseAt:
    """How a single value of this type is read."""
    found = _SCALARS.get(hint) or next((p for p in get_args(hint)[1:] if isinstance(p, Parse | ParseAt)), None)
    if found is None and isinstance(hint, type) and issubclass(hint, Enum):
        found = Parse(lambda word: _member(hint, word))
    if found is None:
        raise TypeError(f"no document can hold {hint!r}")
    return found


@cache
def _shapes(hints: tuple[Any, ...]) -> tuple[tuple[Any, type[Node]], ...]:
    """The types of a choice, each with the kind of node that it is written as; None is none of them."""
    return tuple((hint, _shape(hint)) for hint in hints if hint is not types.NoneType)


def _shape(hint: Any) -> type[Node]:
    """Which kind of node a type is written as."""
    origin = get_origin(hint)
    if origin is tuple:
        return yaml.SequenceNode
    if (origin is not None and origin is not Annotated and issubclass(origin, Mapping)) or is_dataclass(hint):
        return yaml.MappingNode
    return yaml.ScalarNode


def _is_null(node: Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and not node.style and node.value in _NULLS


def _member(cls: type[Enum], text: str) -> Enum:
    """The member written so: by its value, or by its name in small letters where the value is no text."""
    written = {m.value if isinstance(m.value, str) else m.name.lower(): m for m in cls}
    if text not in written:
        raise ValueError(f"{text!r} is not known; {nearest(text, written)}")
    return written[text]


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
