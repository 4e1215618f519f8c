"""What can go wrong on the way to a page, each as one line for people: what, where, what to do."""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Iterator
from http import HTTPStatus
from urllib.parse import urlsplit

from tradetop.model.target import Auth


class FetchError(Exception):
    """A page that did not arrive; its text is one line for people and holds no secret."""

    def __init__(self, word: str, text: str, retry_after: int | None = None) -> None:
        super().__init__(text)
        self.word = word
        """Short name: "refused", "timeout", "401", "too large" and the like."""
        self.retry_after = retry_after
        """Milliseconds that the server asks us to stay away."""


def status_fault(status: int, where: str, auth: Auth, retry_after: int | None = None) -> FetchError:
    """The fault for an answer whose status is not one that was asked for."""
    word = str(status)
    if status == 401:
        given = auth.bearer is not None or auth.password is not None
        text = (
            f"401 at {where}: it refuses the credentials it was given; check the token or the password"
            if given
            else f"401 at {where}: it needs credentials: set token_file, or user and password_file"
        )
    elif status == 403:
        text = f"403 at {where}: these credentials, or this address, are not allowed to read it"
    elif status == 404:
        text = f"404 at {where}: nothing there; is the path right (usually /metrics), is it the bot's port?"
    elif status == 429:
        until = f"it asks to wait {_seconds(retry_after)}" if retry_after else "scrape it less often (--interval)"
        text = f"429 at {where}: too many requests; {until}"
    elif status == 204:
        text = f"204 at {where}: it answers without a page; is the path right?"
    elif status >= 500:
        wait = f"; it asks to wait {_seconds(retry_after)}" if retry_after else ""
        text = f"{_phrase(status)} at {where}: the bot's server failed; its log says why{wait}"
    else:
        text = f"{_phrase(status)} at {where}: a page comes with status 200; is it the bot's port?"
    return FetchError(word, text, retry_after)


def transport_fault(error: BaseException, where: str) -> FetchError:
    """The fault behind an exception of httpx, whose own text may hold secrets and is never used."""
    causes = list(causes_of(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLError):
            return _tls_fault(cause, where)
    numbers = {cause.errno for cause in causes if isinstance(cause, OSError)}
    kinds = {type(cause).__name__ for cause in causes}
    if kinds & {"ConnectError", "ConnectTimeout"}:
        return _connect_fault(causes, numbers, where)
    if numbers & {errno.ECONNRESET, errno.EPIPE} or kinds & {"ReadError", "WriteError"}:
        return FetchError("reset", f"connection reset by {where}: the bot, or a proxy, dropped it before the end")
    if kinds & {"InvalidURL", "UnsupportedProtocol", "UnicodeError"}:
        return FetchError("bad URL", f"{where} is no URL that can be fetched: check its host")
    if "LocalProtocolError" in kinds:
        return FetchError("bad request", f"the request to {where} cannot be sent: a character in the URL or token")
    said = " ".join(str(cause) for cause in causes if type(cause).__name__ == "RemoteProtocolError")
    if "without sending a response" in said:
        return FetchError("no answer", f"{where} closed the connection without an answer: is it the right port?")
    if "incomplete" in said or "without sending" in said:
        return FetchError("cut off", f"the page of {where} was cut off: nothing of it is used")
    return FetchError("not HTTP", f"{where} does not speak HTTP: is it the right port, or https:// instead?")


def _connect_fault(causes: list[BaseException], numbers: set[int | None], where: str) -> FetchError:
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        host = urlsplit(where).hostname or where
        return FetchError("unknown host", f"unknown host {host}: no address for it ({where}); is it spelt right?")
    if errno.ECONNREFUSED in numbers:
        return FetchError("refused", f"connection refused at {where}: nothing listens there; is the bot running?")
    if numbers & {errno.EHOSTUNREACH, errno.ENETUNREACH}:
        return FetchError("unreachable", f"no route to {where}: is the network, or the VPN, up?")
    return FetchError("no connection", f"no connection to {where}: is the bot running, is the port right?")


def timeout_fault(stage: str, where: str, deadline: int) -> FetchError:
    """The fault for a deadline (ms) that passed while at `stage`: connect, tls, answer or page."""
    within = f"within {_seconds(deadline)}"
    match stage:
        case "connect":
            text = f"no connection to {where} {within}: wrong host, a firewall drops it, or the bot hangs"
        case "tls":
            text = f"no TLS handshake with {where} {within}: does that port speak https?"
        case "answer":
            text = f"no answer from {where} {within}: it accepts connections but hangs"
        case _:
            text = f"the page of {where} did not end {within}: it is too slow, or endless"
    return FetchError("timeout", text)


def _tls_fault(error: ssl.SSLError, where: str) -> FetchError:
    if isinstance(error, ssl.SSLCertVerificationError):
        return FetchError("certificate", f"certificate of {where}: {_certificate(error.verify_code)}")
    reason = (error.reason or "").upper()
    if "WRONG_VERSION_NUMBER" in reason or "RECORD_LAYER" in reason or "HTTP_REQUEST" in reason:
        return FetchError("not TLS", f"{where} does not speak TLS: use http:// instead of https://")
    if "CERTIFICATE_REQUIRED" in reason or "HANDSHAKE_FAILURE" in reason:
        return FetchError("TLS", f"{where} refused the TLS handshake: it may want cert_file and key_file")
    return FetchError("TLS", f"the TLS handshake with {where} failed: is its TLS version too old?")


def _certificate(code: int) -> str:
    match code:
        case 10:
            return "it has expired; renew it on the server"
        case 9:
            return "it is not valid yet; is a clock wrong?"
        case 18:
            return "it is self-signed; set ca_file to it, if it is yours"
        case 19 | 20 | 21 | 2:
            return "its issuer is not trusted here; set ca_file to the issuer's certificate"
        case 62 | 64:
            return "it is for another host; set server_name to the name it holds"
        case _:
            return f"it cannot be verified (OpenSSL code {code}); set ca_file, or replace it"


def causes_of(error: BaseException) -> Iterator[BaseException]:
    """The exception, what caused it, what it was made of, and the members of groups among them."""
    waiting, seen = [error], set[int]()
    while waiting:
        current = waiting.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        if isinstance(current, BaseExceptionGroup):
            waiting.extend(current.exceptions)
        inner = (current.__cause__, current.__context__, getattr(current, "reason", None), *current.args)
        waiting.extend(cause for cause in inner if isinstance(cause, BaseException))


def _phrase(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _seconds(ms: int) -> str:
    return f"{ms / 1000:g} s"
