"""What can go wrong between us and a server, each as one line for people: what, where, what to do."""

from __future__ import annotations

import errno
import socket
import ssl

from tradetop.model.target import Auth
from tradetop.model.text import clean
from tradetop.scrape.faults import FetchError, causes_of, transport_fault

_SAID = 300
"""Most characters of what a server says is wrong."""


class ServerError(FetchError):
    """A server that did not answer, or not as one does; its text is one line for people and holds no secret."""


def refused(status: int, where: str, auth: Auth, said: str, kind: str) -> ServerError:
    """The fault for an answer that is an error; `said` is the server's own word for it, of this errorType."""
    word, told = str(status), clean(said, _SAID)
    why = f": {told}" if told else ""
    if status == 401:
        given = auth.bearer is not None or auth.password is not None
        what = "it refuses the credentials it was given" if given else "it needs credentials: --token-file, or --user"
        return ServerError(word, f"401 at {where}: {what}")
    if status == 403:
        return ServerError(word, f"403 at {where}: these credentials may not read it{why}")
    if status == 404:
        return ServerError(word, f"404 at {where}: no Prometheus API there; is the prefix right?")
    if status == 429:
        return ServerError(word, f"429 at {where}: too many requests; a longer --interval asks less often")
    if status in (400, 422) or kind in ("bad_data", "execution"):
        return ServerError(word, f"{where} refuses the query{why}")
    if 300 <= status < 400:
        return ServerError("redirect", f"{where} redirects, which is not followed: give the final URL")
    return ServerError(word, f"{status} at {where}: the server failed{why}")


def slow(where: str, deadline: float) -> ServerError:
    """The fault for an answer that did not come, or not end, within so many seconds."""
    return ServerError("timeout", f"no whole answer from {where} within {deadline:g} s: it hangs, or is too slow")


def unreached(error: BaseException, where: str, deadline: float) -> ServerError:
    """The fault behind an exception of the HTTP library, whose own text may hold secrets and is never used.

    `deadline` is what an answer was waited for, in seconds.
    """
    causes = [*causes_of(error)]
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        fault = transport_fault(error, where)
        return ServerError(fault.word, str(fault))
    kinds = {type(cause).__name__ for cause in causes}
    numbers = {cause.errno for cause in causes if isinstance(cause, OSError)}
    if any(isinstance(cause, socket.gaierror) for cause in causes) or "NameResolutionError" in kinds:
        return ServerError("unknown host", f"unknown host in {where}: is it spelt right?")
    if errno.ECONNREFUSED in numbers:
        return ServerError("refused", f"connection refused at {where}: is the server running there?")
    if kinds & {"ConnectTimeout", "ConnectTimeoutError"}:
        return ServerError("timeout", f"no connection to {where} in time: wrong host, or a firewall drops it")
    if kinds & {"ReadTimeout", "ReadTimeoutError", "TimeoutError"}:
        return slow(where, deadline)
    if numbers & {errno.EHOSTUNREACH, errno.ENETUNREACH}:
        return ServerError("unreachable", f"no route to {where}: is the network, or the VPN, up?")
    if kinds & {
        "IncompleteRead",
        "ProtocolError",
        "RemoteDisconnected",
        "ChunkedEncodingError",
        "ContentDecodingError",
    }:
        return ServerError("cut off", f"the answer of {where} was cut off: nothing of it is used")
    return ServerError("no connection", f"{where} cannot be asked: is it an HTTP server, and the port right?")
