"""The session that prometheus-api-client talks through: nothing guessed or followed, bounded in time and size."""

from __future__ import annotations

import json
import socket
import ssl
import threading
import warnings
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import InsecureRequestWarning
from urllib3.util.retry import Retry

import tradetop
from tradetop.remote.answer import answer_of

CONNECT = 2.0
"""Seconds that a connection may take."""
_CHUNK = 65_536


class TooLargeError(Exception):
    """An answer that has more bytes than it may."""


class SlowError(TimeoutError):
    """An answer that does not end in time."""


class Session(requests.Session):
    """Keeps what came last, for the client gives away only a part of it."""

    def __init__(self, tenant: str) -> None:
        super().__init__()
        # Otherwise ~/.netrc would stand in for the credentials, and a proxy read everything.
        self.trust_env = False
        self.headers["User-Agent"] = f"tradetop/{tradetop.__version__}"
        self.headers["Accept-Encoding"] = "gzip"
        if tenant:
            self.headers["X-Scope-OrgID"] = tenant
        self.last: Mapping[str, Any] = {}
        self.status = 0
        self.content_type = ""

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        self.last, self.status, self.content_type = {}, 0, ""
        response = super().request(*args, **kwargs)
        self.status, self.content_type = response.status_code, response.headers.get("content-type", "")
        if response.status_code == 200:
            self.last = response.json()
        else:
            try:
                said = json.loads(response.content)
            except (ValueError, RecursionError):
                said = {}
            self.last = said if isinstance(said, dict) else {}
        return response

    def get_redirect_target(self, resp: requests.Response) -> str | None:  # noqa: ARG002 - requests' signature
        """None is followed: credentials go where they were meant to go."""
        return None


class _Answer(requests.Response):
    """An answer that is read once, and only if it is one of Prometheus' API."""

    _read: Mapping[str, Any] | None = None

    def json(self, **kwargs: Any) -> Any:  # noqa: ARG002 - requests' signature
        if self._read is None:
            self._read = answer_of(self.content)
        return self._read


class Adapter(HTTPAdapter):
    """Reads an answer whole, within `deadline` seconds in all and `limit` decompressed bytes."""

    def __init__(self, context: ssl.SSLContext, deadline: float, limit: int) -> None:
        self._context = context
        self._deadline = deadline
        self._limit = limit
        self._connection: HTTPConnection | None = None
        self._is_late = False
        super().__init__(max_retries=Retry(0, read=False))

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        # A timeout counts from one byte to the next: who sends a few now and then would be read for ever.
        self._is_late = False
        end = threading.Timer(self._deadline, self._cut)
        end.daemon = True
        end.start()
        try:
            return self._sent(request, *args, **kwargs)
        except Exception:
            if self._is_late:
                raise SlowError from None
            raise
        finally:
            end.cancel()

    def _cut(self) -> None:
        self._is_late = True
        sock = self._connection.sock if self._connection is not None else None
        if sock is not None:
            # Not TLS' own way, which would wait for the other end.
            with suppress(OSError):
                socket.socket.shutdown(sock, socket.SHUT_RDWR)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        adapter = self

        class Plain(HTTPConnection):
            def connect(self) -> None:
                adapter._connection = self
                super().connect()

        class Secure(HTTPSConnection):
            def connect(self) -> None:
                adapter._connection = self
                super().connect()

        plain = type("Pool", (HTTPConnectionPool,), {"ConnectionCls": Plain})
        secure = type("SecurePool", (HTTPSConnectionPool,), {"ConnectionCls": Secure})
        self.poolmanager.pool_classes_by_scheme = {"http": plain, "https": secure}

    def _sent(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        kwargs["stream"], kwargs["timeout"] = True, (min(CONNECT, self._deadline), self._deadline)
        with warnings.catch_warnings():
            # Who says --insecure knows what that means.
            warnings.simplefilter("ignore", InsecureRequestWarning)
            response = super().send(request, *args, **kwargs)
        try:
            content = self._body(response)
        except BaseException:
            # What is left of it would be read first by whoever uses the connection next.
            response.raw.release_conn()
            response.raw.close()
            raise
        response.raw.release_conn()
        response._content, response._content_consumed = content, True  # type: ignore[attr-defined]
        response.__class__ = _Answer
        return response

    def _body(self, response: requests.Response) -> bytes:
        body = bytearray()
        # As much as has come: to wait for a whole chunk could take for ever.
        while chunk := response.raw.read1(_CHUNK, decode_content=True):
            body += chunk
            if len(body) > self._limit:
                raise TooLargeError
        if self._is_late:
            raise SlowError
        declared = response.headers.get("content-length", "")
        if declared.isdecimal() and response.raw.tell() < int(declared[:20]):
            raise requests.exceptions.ChunkedEncodingError
        return bytes(body)

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Leave it to the context, which is shared with those who fetch pages."""

    def build_connection_pool_key_attributes(
        self,
        request: requests.PreparedRequest,
        verify: Any,  # noqa: ARG002 - requests' signature
        cert: Any = None,  # noqa: ARG002
    ) -> Any:
        host, pool = super().build_connection_pool_key_attributes(request, True)
        kept = {"ssl_context": self._context} if host["scheme"] == "https" else {}
        return host, {**{k: v for k, v in pool.items() if k not in ("ca_certs", "ca_cert_dir", "cert_reqs")}, **kept}
