"""Addresses of servers: `prometheus+http://host:9090/prefix?job=bot`, and what of the server they mean."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from tradetop.model.address import SERVERS
from tradetop.model.labels import NAME
from tradetop.model.labels import quote as escaped
from tradetop.model.matcher import Matcher, MatchOp
from tradetop.model.target import Auth, Secret
from tradetop.model.text import clean
from tradetop.promql import PromQLError
from tradetop.promql.ast import parse
from tradetop.promql.nodes import Node, Selector, rebuilt
from tradetop.promql.text import written

_PORTS = {"http": 80, "https": 443}
_SHAPE = "write prometheus+http://host:9090, with a prefix and ?job=NAME where they are needed"
_WORDS = ("job", "instance", "match", "tenant")
_PLAIN = re.compile(r"[A-Za-z_:][A-Za-z0-9_:]*", re.ASCII)
_NO_AUTH = Auth()
_USER = re.compile(r"(//)?[^/@]*@")
OURS = ("ALERTS", "ALERTS_FOR_STATE")
"""Series of the server's own rules: its alerts are asked for by another way, and ours have the same names."""


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """One server, and which of its series are meant; all of them where it does not say."""

    base: str
    """Where its API lies, `http://host:9090/prefix`, without credentials; no slash at the end."""
    jobs: tuple[str, ...] = ()
    instances: tuple[str, ...] = ()
    match: tuple[Matcher, ...] = ()
    """Of the one selector that was given."""
    tenant: str = ""
    auth: Auth = _NO_AUTH
    """The user and password that stood in the address."""

    @property
    def url(self) -> str:
        """The address, without credentials: what tells one from another."""
        words = [
            *(("job", job) for job in self.jobs),
            *(("instance", instance) for instance in self.instances),
            *((("match", selector(self.match)),) if self.match else ()),
            *((("tenant", self.tenant),) if self.tenant else ()),
        ]
        return f"prometheus+{self.base}" + (f"?{urlencode(words, quote_via=quote, safe=':/')}" if words else "")

    @property
    def place(self) -> str:
        """Host and port, for people."""
        return urlsplit(self.base).netloc

    @property
    def names_all(self) -> bool:
        """Whether it names what is meant, so that nothing has to look like a bot."""
        return bool(self.jobs or self.instances or self.match)

    @property
    def is_one(self) -> bool:
        """Whether it names one target of the server."""
        return len(self.jobs) == 1 and len(self.instances) == 1

    def matchers(self) -> tuple[Matcher, ...]:
        """What all series have that are meant."""
        found = [*self.match]
        for name, values in (("job", self.jobs), ("instance", self.instances)):
            if len(values) == 1:
                found.append(Matcher(name, MatchOp.EQUAL, values[0]))
            elif values:
                found.append(Matcher(name, MatchOp.REGEX, "|".join(map(_literal, values))))
        return tuple(found)

    def of(self, job: str, instance: str) -> ServerAddress:
        """The same server, but only this target of it; the address itself for one that has no such labels."""
        if not job and not instance:
            return self
        return ServerAddress(self.base, (job,), (instance,), self.match, self.tenant, self.auth)


def server_at(text: str) -> ServerAddress:
    """The server behind an address; ValueError with a line for people where it is none."""
    typed = text.strip()
    try:
        parts = urlsplit(typed)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError(f"{_shown(typed)} is no URL: {_SHAPE}") from None
    if parts.scheme not in SERVERS:
        raise ValueError(f"{_shown(typed)} is no server: {_SHAPE}")
    if not host or port == 0 or re.search(r"[\s\\<>\"^`{|}]", host) or not typed.isprintable():
        raise ValueError(f"{_shown(typed)} names no host that can be reached: {_SHAPE}")
    scheme = parts.scheme.removeprefix("prometheus+")
    shown_host = f"[{host}]" if ":" in host else host
    prefix = parts.path.rstrip("/").removesuffix("/api/v1").rstrip("/")
    words = parse_qsl(parts.query, keep_blank_values=True)
    unknown = next((name for name, _ in words if name not in _WORDS), None)
    if unknown is not None:
        raise ValueError(f"{_shown(typed)}: {clean(unknown, 40)!r} means nothing here: {', '.join(_WORDS)} do")
    said = {name: tuple(value for key, value in words if key == name and value) for name in _WORDS}
    if len(said["match"]) > 1 or len(said["tenant"]) > 1:
        raise ValueError(f"{_shown(typed)}: match and tenant can be said once only")
    return ServerAddress(
        f"{scheme}://{shown_host}:{port or _PORTS[scheme]}{prefix}",
        said["job"],
        said["instance"],
        _matchers(said["match"][0], typed) if said["match"] else (),
        _tenant(said["tenant"], typed),
        _auth(parts.username, parts.password),
    )


def selector(matchers: Sequence[Matcher]) -> str:
    """Matchers as PromQL writes them."""
    return "{" + ",".join(f'{_name(m.name)}{m.op.value}"{escaped(m.value)}"' for m in matchers) + "}"


def narrowed(expr: str, address: ServerAddress) -> str:
    """A query asked only of what an address means; PromQLError where it cannot be read."""
    matchers = address.matchers()

    def narrow(node: Node) -> Node:
        if isinstance(node, Selector):
            return replace(node, matchers=(*node.matchers, *(m for m in matchers if m not in node.matchers)))
        return rebuilt(node, narrow)

    return written(narrow(parse(expr))) if matchers else expr


def without_ours(matchers: Sequence[Matcher]) -> tuple[Matcher, ...]:
    """The same, less the series that the server's rules write about its alerts."""
    return (*matchers, Matcher(NAME, MatchOp.NOT_REGEX, "|".join(OURS)))


def _matchers(text: str, typed: str) -> tuple[Matcher, ...]:
    try:
        node = parse(text)
    except PromQLError as error:
        raise ValueError(f"{_shown(typed)}: match: {error}") from None
    if not isinstance(node, Selector) or node.offset or node.at is not None:
        raise ValueError(f'{_shown(typed)}: match takes a selector such as {{team="mm"}}')
    return tuple(node.matchers)


def _tenant(said: Sequence[str], typed: str) -> str:
    tenant = said[0] if said else ""
    if not tenant.isascii() or not tenant.isprintable():
        raise ValueError(f"{_shown(typed)}: tenant holds what no header may carry")
    return tenant


def _auth(user: str | None, password: str | None) -> Auth:
    return Auth() if user is None else Auth(user=unquote(user), password=Secret(unquote(password or "")))


def _literal(value: str) -> str:
    """A regular expression that matches a text alone."""
    return re.sub(r"([\\.+*?()|\[\]{}^$])", r"\\\1", value)


def _name(name: str) -> str:
    return name if _PLAIN.fullmatch(name) else f'"{escaped(name)}"'


def _shown(typed: str) -> str:
    """What was typed, less a password in it."""
    return f'"{clean(_USER.sub("***@", typed), 160)}"'
