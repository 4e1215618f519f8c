"""From what a person typed to a metrics URL, and from a URL to a text that shows no secret."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit

from tradetop.model.target import Auth, Secret
from tradetop.model.text import clean

METRICS_PATH = "/metrics"
_PORTS = {"http": 80, "https": 443}
_HOST_PORT = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.%]+\])?:\d{1,5}(?:[/?].*)?", re.ASCII)
_NO_AUTH = Auth()
_USER = re.compile(r"(//)?[^/@]*@")
_SHAPE = "give a URL such as http://127.0.0.1:8000 or http://127.0.0.1:8000/metrics"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a bot is reached."""

    url: str
    """The metrics URL, without credentials."""
    instance: str
    """host:port, the `instance` label."""
    base: str
    """Where its other endpoints are looked for: the URL less `/metrics` and the query; no slash at the end."""
    auth: Auth = _NO_AUTH
    """The user and password that stood in the URL."""


def is_address(text: str) -> bool:
    """Whether a word from the command line is meant as a URL or host:port, rather than as a file."""
    return "://" in text or _HOST_PORT.fullmatch(text) is not None


def locate(text: str, path: str = METRICS_PATH) -> Address:
    """The address behind `http://host:8000`, `http://host:8000/metrics`, `host:8000` or `:8000` (this machine).

    `path` is taken where none was typed: for a health URL, `/health`.
    Raises ValueError with a line for people where it is none.
    """
    typed = text.strip()
    if "://" not in typed:
        typed = "http://" + ("127.0.0.1" + typed if typed.startswith(":") else typed)
    parts, host, port = _checked(typed, text)
    shown_host = f"[{host}]" if ":" in host else host
    instance = f"{shown_host}:{port or _PORTS[parts.scheme]}"
    origin = f"{parts.scheme}://{shown_host}" + (f":{port}" if port else "")
    path = path if parts.path in ("", "/") else parts.path
    prefix = path.removesuffix("/").removesuffix(METRICS_PATH) if path.rstrip("/").endswith(METRICS_PATH) else ""
    url = origin + path + (f"?{parts.query}" if parts.query else "")
    return Address(url, instance, origin + prefix, _auth(parts))


def masked(url: str) -> str:
    """A URL for people: without user and password, values of its query hidden, on one clean line."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "a broken URL"
    shown = f"[{host}]" if ":" in host else host
    query = "?" + re.sub(r"=[^&]*", "=***", parts.query) if parts.query else ""
    scheme = f"{parts.scheme}://" if parts.scheme else ""
    return clean(scheme + shown + (f":{port}" if port else "") + parts.path + query, 200)


def _checked(typed: str, text: str) -> tuple[SplitResult, str, int | None]:
    try:
        parts = urlsplit(typed)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise ValueError(f"{_shown(text)} is no URL ({_why(error)}): {_SHAPE}") from None
    if parts.scheme not in _PORTS:
        raise ValueError(f"{_shown(text)}: only http:// and https:// can be read, not {clean(parts.scheme, 20)}://")
    if not host or re.search(r"[\s\\<>\"^`{|}]", host):
        raise ValueError(f"{_shown(text)} names no host: {_SHAPE}")
    if port == 0:
        raise ValueError(f"{_shown(text)}: port 0 is none that can be reached: {_SHAPE}")
    return parts, host, port


def _why(error: ValueError) -> str:
    return "its port must be a number from 1 to 65535" if "ort" in str(error) else "its host cannot be read"


def _shown(text: str) -> str:
    """What was typed, less a password in it."""
    return f'"{clean(_USER.sub("***@", text.strip()), 120)}"'


def _auth(parts: SplitResult) -> Auth:
    if parts.username is None:
        return _NO_AUTH
    return Auth(user=unquote(parts.username), password=Secret(unquote(parts.password or "")))
