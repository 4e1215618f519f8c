"""The functions that Prometheus adds to Go's templates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

from tradetop.rules.template.builtins import query_escaped
from tradetop.rules.template.duration import parse_duration
from tradetop.rules.template.error import CallError
from tradetop.rules.template.function import SAMPLE, SAMPLES, Function, Functions
from tradetop.rules.template.humanize import (
    humanize,
    humanize1024,
    humanize_duration,
    humanize_percentage,
    humanize_timestamp,
    to_duration,
    to_time,
)
from tradetop.rules.template.patterns import match, replace_all
from tradetop.rules.template.values import ANY, Map, Pointer, SafeHTML, Slice, Struct

_TEXT = ("string",)
_VALUE = (ANY,)
_NIL_POINTER = "runtime error: invalid memory address or nil pointer dereference"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the functions ask for: a query's result, the time (ms) and the URL of the server."""

    query: Callable[[str], Slice]
    at: int
    external_url: str


def functions_for(around: Surroundings) -> Functions:
    """All of Prometheus' functions."""
    return {
        **PLAIN,
        "query": Function(_TEXT, around.query),
        "now": Function((), lambda: around.at / 1_000),
        "externalURL": Function((), lambda: around.external_url),
        "pathPrefix": Function((), lambda: _path(around.external_url)),
    }


def sample(labels: dict[str, str], value: float) -> Pointer:
    """One element of a query's result."""
    return Pointer(SAMPLE, Struct("template.sample", {"Labels": Map(labels), "Value": value}))


def _fields(pointer: object) -> Struct:
    if isinstance(pointer, Pointer) and isinstance(pointer.target, Struct):
        return pointer.target
    raise CallError(_NIL_POINTER)


def _label(name: str, pointer: object) -> object:
    labels = _fields(pointer).fields["Labels"]
    return labels.entries.get(name, "") if isinstance(labels, Map) else ""


def _first(samples: Slice) -> object:
    if not samples.items:
        raise CallError("first() called on vector with no elements")
    return samples.items[0]


def _sort_by_label(name: str, samples: Slice) -> Slice:
    samples.items.sort(key=lambda item: str(_label(name, item)))
    return samples


def _args(*values: object) -> Map:
    return Map({f"arg{at}": value for at, value in enumerate(values)}, ANY)


def _simple(change: Callable[[str], str]) -> Callable[[str], str]:
    """Letter by letter; where one would become several it stays, as in Go."""
    return lambda text: "".join(new if len(new := change(char)) == 1 else char for char in text)


_upper = _simple(str.upper)
_lower = _simple(lambda char: char.lower()[:1])


def _title(text: str) -> str:
    before = " "
    parts: list[str] = []
    for char in text:
        new = char.title() if _separates(before) else char
        parts.append(new if len(new) == 1 else char)
        before = char
    return "".join(parts)


def _separates(char: str) -> bool:
    if char == "_" or char.isalpha() or char.isdecimal():
        return False
    return char.isascii() or char.isspace()


def _split(address: str) -> tuple[str, str] | None:
    """Host and port, as net.SplitHostPort; None where it is not both."""
    colon = address.rfind(":")
    if colon < 0:
        return None
    if address.startswith("["):
        end = address.find("]")
        if end + 1 != colon or end < 0:
            return None
        host, rest = address[1:end], address[1:end] + address[end + 1 :]
    else:
        host, rest = address[:colon], address
        if ":" in host:
            return None
    return None if "[" in rest or "]" in rest else (host, address[colon + 1 :])


def _strip_port(address: str) -> str:
    parts = _split(address)
    return address if parts is None else parts[0]


def _strip_domain(address: str) -> str:
    host, port = _split(address) or (address, "")
    if _is_ip(host):
        return address
    host = host.split(".")[0]
    if not port:
        return host
    return f"[{host}]:{port}" if ":" in host or "%" in host else f"{host}:{port}"


def _is_ip(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return "%" not in host


def _path(url: str) -> str:
    try:
        return unquote(urlsplit(url).path)
    except ValueError:
        return ""


PLAIN: Functions = {
    "first": Function((SAMPLES,), _first),
    "label": Function(("string", SAMPLE), _label),
    "value": Function((SAMPLE,), lambda pointer: _fields(pointer).fields["Value"]),
    "strvalue": Function((SAMPLE,), lambda pointer: _label("__value__", pointer)),
    "sortByLabel": Function(("string", SAMPLES), _sort_by_label),
    "args": Function((ANY,), _args, variadic=True),
    "reReplaceAll": Function(("string",) * 3, replace_all),
    "match": Function(("string",) * 2, match),
    "title": Function(_TEXT, _title),
    "toUpper": Function(_TEXT, _upper),
    "toLower": Function(_TEXT, _lower),
    "graphLink": Function(_TEXT, lambda expr: f"/graph?g0.expr={query_escaped(expr)}&g0.tab=0"),
    "tableLink": Function(_TEXT, lambda expr: f"/graph?g0.expr={query_escaped(expr)}&g0.tab=1"),
    "stripPort": Function(_TEXT, _strip_port),
    "stripDomain": Function(_TEXT, _strip_domain),
    "humanize": Function(_VALUE, humanize),
    "humanize1024": Function(_VALUE, humanize1024),
    "humanizeDuration": Function(_VALUE, humanize_duration),
    "humanizePercentage": Function(_VALUE, humanize_percentage),
    "humanizeTimestamp": Function(_VALUE, humanize_timestamp),
    "toTime": Function(_VALUE, to_time),
    "toDuration": Function(_VALUE, to_duration),
    "parseDuration": Function(_TEXT, parse_duration),
    "safeHtml": Function(_TEXT, SafeHTML),
    "urlQueryEscape": Function(_TEXT, query_escaped),
}
NAMES = frozenset(PLAIN) | {"query", "now", "externalURL", "pathPrefix"}
