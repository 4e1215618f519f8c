"""The functions that Go's templates bring with them."""

from __future__ import annotations

from itertools import pairwise
from urllib.parse import quote_plus

from tradetop.rules.template.compare import (
    differ,
    equal,
    greater,
    greater_or_equal,
    less,
    less_or_equal,
)
from tradetop.rules.template.error import CallError
from tradetop.rules.template.function import REFLECT, Function, zero_of
from tradetop.rules.template.printf import sprintf
from tradetop.rules.template.printing import NO_VALUE, sprint, sprintln
from tradetop.rules.template.quoting import quoted
from tradetop.rules.template.values import (
    ANY,
    MAX_INT,
    Boxed,
    Map,
    Pointer,
    Slice,
    Uint8,
    decoded,
    indirect,
    kind,
    truth,
    type_name,
    unboxed,
    utf8,
)

_HTML = str.maketrans({'"': "&#34;", "'": "&#39;", "&": "&amp;", "<": "&lt;", ">": "&gt;", "\0": "\ufffd"})
_JS = {"\\": r"\\", "'": r"\'", '"': r"\"", "<": r"\u003C", ">": r"\u003E", "&": r"\u0026", "=": r"\u003D"}


def escape_html(text: str) -> str:
    """A text that HTML shows as it is."""
    return text.translate(_HTML)


def query_escaped(text: str) -> str:
    """A text as part of a URL's query."""
    return quote_plus(utf8(text))


def joined(*values: object) -> str:
    """The text of the arguments of html, js and urlquery."""
    if len(values) == 1 and type(unboxed(values[0])) is str:
        return str(unboxed(values[0]))
    shown = [unboxed(indirect(value) if isinstance(value, Pointer) else value) for value in values]
    return sprint([NO_VALUE if value is None else value for value in shown])


def _js_char(char: str) -> str:
    if char in _JS:
        return _JS[char]
    if char < " ":
        return f"\\u00{ord(char):02X}"
    if char < "\x80" or char.isprintable():
        return char
    code = ord(char)
    return "\\uFFFD" if 0xDC80 <= code <= 0xDCFF else f"\\u{code:04X}"


def index(item: object, *keys: object) -> object:
    """An element of a map, slice or text, and its elements in turn."""
    item = unboxed(item)
    if item is None:
        raise CallError("index of untyped nil")
    for key in keys:
        item = indirect(item)
        if item is None or (isinstance(item, Pointer) and item.nil):
            raise CallError("index of nil pointer")
        item = _element(item, unboxed(key))
    return item


def _element(item: object, key: object) -> object:
    if isinstance(item, Map):
        return _entry(item, key)
    if not isinstance(item, str | Slice):
        raise CallError(f"can't index item of type {type_name(item)}")
    data: bytes | list[object] = utf8(item) if isinstance(item, str) else item.items
    at = _position(key, len(data))
    if at == len(data):
        raise CallError(f"reflect: {'string' if isinstance(item, str) else 'slice'} index out of range")
    return Uint8(data[at]) if isinstance(data, bytes) else data[at]


def _entry(item: Map, key: object) -> object:
    if key is None:
        raise CallError("value is nil; should be of type string")
    if type(key) is not str:
        raise CallError(f"value has type {type_name(key)}; should be string")
    if key in item.entries:
        entry = item.entries[key]
        return Boxed(entry) if item.elem == ANY else entry
    return Boxed(None) if item.elem == ANY else zero_of(item.elem)


def _position(key: object, most: int) -> int:
    if key is None:
        raise CallError("cannot index slice/array with nil")
    if not isinstance(key, int) or isinstance(key, bool):
        raise CallError(f"cannot index slice/array with type {type_name(key)}")
    at = int(key) if key <= MAX_INT else int(key) - 2**64
    if not 0 <= at <= most:
        raise CallError(f"index out of range: {at}")
    return at


def cut(item: object, *bounds: object) -> object:
    """slice: a part of a text (by bytes) or slice."""
    item = unboxed(item)
    if item is None:
        raise CallError("slice of untyped nil")
    item = indirect(item)
    if item is None or (isinstance(item, Pointer) and item.nil):
        raise CallError("slice of nil pointer")
    if len(bounds) > 3:
        raise CallError(f"too many slice indexes: {len(bounds)}")
    if not isinstance(item, str | Slice):
        raise CallError(f"can't slice item of type {type_name(item)}")
    if isinstance(item, str) and len(bounds) == 3:
        raise CallError("cannot 3-index slice a string")
    data: bytes | list[object] = utf8(item) if isinstance(item, str) else item.items
    known = [_position(unboxed(bound), len(data)) for bound in bounds]
    places = known + [0, len(data)][len(known) :]
    for low, high in pairwise(places):
        if low > high:
            raise CallError(f"invalid slice index: {low} > {high}")
    part = data[places[0] : places[1]]
    if isinstance(part, bytes):
        return type(item)(decoded(part)) if isinstance(item, str) else None
    return Slice(type_name(item), part)


def length(item: object) -> int:
    """len: of a text in bytes."""
    item = indirect(item)
    if isinstance(item, Pointer):
        raise CallError("len of nil pointer")
    if isinstance(item, str):
        return len(utf8(item))
    if isinstance(item, Slice):
        return len(item.items)
    if isinstance(item, Map):
        return len(item.entries)
    if item is None:
        raise CallError("reflect: call of reflect.Value.Type on zero Value")
    raise CallError(f"len of type {type_name(item)}")


def _call(function: object, *_: object) -> object:
    if unboxed(function) is None:
        raise CallError("call of nil")
    raise CallError(f"non-function {quoted(kind(function))} of type {type_name(unboxed(function))}")


def _any_number(run: object) -> Function:
    assert callable(run)
    return Function((ANY,), run, variadic=True)


def _two(run: object) -> Function:
    assert callable(run)
    return Function((REFLECT, REFLECT), run)


BUILTINS = {
    "and": Function((REFLECT, REFLECT), lambda *values: values[-1], variadic=True),
    "or": Function((REFLECT, REFLECT), lambda *values: values[-1], variadic=True),
    "not": Function((REFLECT,), lambda value: not truth(value)),
    "call": Function((REFLECT, REFLECT), _call, variadic=True),
    "html": _any_number(lambda *values: escape_html(joined(*values))),
    "js": _any_number(lambda *values: "".join(map(_js_char, joined(*values)))),
    "urlquery": _any_number(lambda *values: query_escaped(joined(*values))),
    "index": Function((REFLECT, REFLECT), index, variadic=True),
    "slice": Function((REFLECT, REFLECT), cut, variadic=True),
    "len": Function((REFLECT,), length),
    "print": _any_number(lambda *values: sprint([unboxed(value) for value in values])),
    "println": _any_number(lambda *values: sprintln([unboxed(value) for value in values])),
    "printf": Function(("string", ANY), lambda form, *values: sprintf(form, values), variadic=True),
    "eq": Function((REFLECT, REFLECT), equal, variadic=True),
    "ne": _two(differ),
    "lt": _two(less),
    "le": _two(less_or_equal),
    "gt": _two(greater),
    "ge": _two(greater_or_equal),
}
