"""A model behind an OpenAI-compatible endpoint, on the net or on this machine."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import tradetop
from tradetop.ask.fault import AskError
from tradetop.model.clock import SECOND
from tradetop.model.target import Secret
from tradetop.model.text import clean

if TYPE_CHECKING:
    import httpx

DEADLINE = 60 * SECOND
"""How long an answer is waited for in all (ms)."""
LIMIT = 256 * 1024
"""Most bytes of an answer."""
HOME = "https://api.openai.com/v1"
"""Where the key belongs when no address is given."""
_NEAR = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Whom to ask."""

    base: str
    model: str
    key: Secret = field(default_factory=lambda: Secret(""))

    @property
    def where(self) -> str:
        """Its address for people: scheme, host and port alone."""
        parts = urlsplit(self.base)
        return clean(f"{parts.scheme}://{parts.hostname}" + (f":{parts.port}" if parts.port else ""), 200)

    @property
    def open_key(self) -> bool:
        """Whether the key would travel where others can read it."""
        parts = urlsplit(self.base)
        return bool(self.key.reveal()) and parts.scheme == "http" and (parts.hostname or "") not in _NEAR


def endpoint_of(environment: Mapping[str, str], model: str = "") -> Endpoint | None:
    """The endpoint that `OPENAI_BASE_URL`, `OPENAI_API_KEY` and `OPENAI_MODEL` name; None where none is named.

    `model` wins over the environment. AskError where something is missing or wrong.
    """
    base, key = environment.get("OPENAI_BASE_URL", "").strip(), environment.get("OPENAI_API_KEY", "").strip()
    if not base and not key:
        return None
    base = base or HOME
    try:
        parts = urlsplit(base)
        fine = parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
        _ = parts.port
    except ValueError:
        fine = False
    if not fine:
        raise AskError("OPENAI_BASE_URL is no URL such as http://127.0.0.1:11434/v1 (without a user in it)")
    name = model.strip() or environment.get("OPENAI_MODEL", "").strip()
    if not name:
        raise AskError("no model is named: give --model NAME, or set OPENAI_MODEL")
    if not key.isascii() or not key.isprintable():
        raise AskError("OPENAI_API_KEY holds characters that no key has")
    return Endpoint(base.rstrip("/"), name, Secret(key))


async def ask(endpoint: Endpoint, messages: Sequence[Mapping[str, str]], deadline: int = DEADLINE) -> str:
    """What the model answers within `deadline` (ms); AskError says why there is no answer.

    One request, no redirects, no proxies.
    """
    import httpx

    for name in ("httpx", "httpcore"):  # Below WARNING they log URLs and headers, and with them the key.
        logging.getLogger(name).setLevel(logging.WARNING)
    key = endpoint.key.reveal()
    headers = {"User-Agent": f"tradetop/{tradetop.__version__}", "Accept-Encoding": "identity"}
    if key:
        headers["Authorization"] = f"Bearer {key}"
    body = {"model": endpoint.model, "messages": list(messages), "stream": False}
    try:
        timeout = httpx.Timeout(deadline / SECOND)
        async with asyncio.timeout(deadline / SECOND), httpx.AsyncClient(trust_env=False, timeout=timeout) as client:
            request = client.build_request("POST", f"{endpoint.base}/chat/completions", json=body, headers=headers)
            response = await client.send(request, stream=True)
            try:
                page = await _page(response, endpoint)
            finally:
                await response.aclose()
    except (TimeoutError, httpx.TimeoutException):
        raise AskError(f"no answer from {endpoint.where} within {deadline / SECOND:g} s") from None
    except httpx.ConnectError:
        raise AskError(f"no connection to {endpoint.where}: does the endpoint run there?") from None
    except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
        raise AskError(f"{endpoint.where} broke off, or does not speak HTTP ({type(error).__name__})") from None
    if response.status_code != 200:
        raise _refused(response.status_code, page, endpoint)
    return _said(page, endpoint)


async def _page(response: httpx.Response, endpoint: Endpoint) -> bytes:
    page = bytearray()
    # What was not asked for (gzip) stays as it is, and is then no JSON: nothing is unpacked.
    async for chunk in response.aiter_raw():
        page += chunk
        if len(page) > LIMIT:
            raise AskError(f"the answer of {endpoint.where} is larger than {LIMIT // 1024} KiB")
    return bytes(page)


def _refused(status: int, page: bytes, endpoint: Endpoint) -> AskError:
    """Why a status is no answer, with what the endpoint says of it, less the key."""
    if 300 <= status < 400:
        return AskError(f"{endpoint.where} redirects, which is not followed: set OPENAI_BASE_URL to the final address")
    if status in (401, 403):
        return AskError(f"{endpoint.where} does not take the key in OPENAI_API_KEY ({status})")
    try:
        told = json.loads(page)
        error = told.get("error") if isinstance(told, dict) else None
        said = error.get("message") if isinstance(error, dict) else error
    except (ValueError, RecursionError):
        said = None
    text = clean(_hidden(str(said), endpoint), 200) if said else "it says no more"
    return AskError(f"{endpoint.where} answers {status} to {clean(endpoint.model, 60)}: {text}")


def _said(page: bytes, endpoint: Endpoint) -> str:
    """The text of the first choice."""
    try:
        told = json.loads(page)
        content = told["choices"][0]["message"]["content"]
    except (ValueError, RecursionError, LookupError, TypeError):
        raise AskError(f"{endpoint.where} answers with something else than a chat: is OPENAI_BASE_URL right?") from None
    if isinstance(content, list):
        content = "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    if not isinstance(content, str) or not content.strip():
        raise AskError(f"{clean(endpoint.model, 60)} at {endpoint.where} answered nothing")
    return content


def _hidden(text: str, endpoint: Endpoint) -> str:
    key = endpoint.key.reveal()
    return text.replace(key, "***") if key else text
