"""What the faulty server can answer: bytes as they go over the wire, or functions that send them badly."""

from __future__ import annotations

import gzip
import socket
import struct
import threading
from collections.abc import Callable

PAGE = b"""# HELP bot_equity_usd Equity.
# TYPE bot_equity_usd gauge
bot_equity_usd 1234.5
# TYPE bot_trades_total counter
bot_trades_total{side="buy"} 7
bot_trades_total{side="sell"} 5
"""
TEXT = "text/plain; version=0.0.4; charset=utf-8"


def answer(body: bytes, status: str = "200 OK", kind: str = TEXT, length: int | None = None, **headers: str) -> bytes:
    """An HTTP answer; `length` may lie, and a negative one is left out."""
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}"]
    if length is None or length >= 0:
        lines.append(f"Content-Length: {len(body) if length is None else length}")
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def hang(connection: socket.socket, stop: threading.Event) -> None:
    stop.wait(30)


def drip(connection: socket.socket, stop: threading.Event) -> None:
    _slowly(connection, stop, answer(b"", length=5000), PAGE * 10)


def drip_headers(connection: socket.socket, stop: threading.Event) -> None:
    _slowly(connection, stop, b"HTTP/1.1 200 OK\r\n", b"X-Filler: yes\r\n" * 1000)


def continue_flood(connection: socket.socket, stop: threading.Event) -> None:
    _for_ever(connection, stop, b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 50)


def endless_body(connection: socket.socket, stop: threading.Event) -> None:
    _for_ever(connection, stop, answer(b"", length=-1), b"bot_equity_usd 1\n" * 4000)


def endless_line(connection: socket.socket, stop: threading.Event) -> None:
    _for_ever(connection, stop, answer(b"", length=-1), b"x" * 65536)


def endless_headers(connection: socket.socket, stop: threading.Event) -> None:
    _for_ever(connection, stop, b"HTTP/1.1 200 OK\r\n", b"X-Filler: yes\r\n" * 4000)


def huge_chunk(connection: socket.socket, stop: threading.Event) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4000000000000000\r\n"
    _for_ever(connection, stop, head, b"x" * 65536)


def reset(connection: socket.socket, stop: threading.Event) -> None:
    connection.sendall(answer(PAGE, length=5000)[:120])
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def close(connection: socket.socket, stop: threading.Event) -> None:
    """Close without a word."""


def linger(connection: socket.socket, stop: threading.Event) -> None:
    """A whole answer on a connection that then stays open."""
    connection.sendall(answer(PAGE, Connection="keep-alive"))
    stop.wait(30)


def _slowly(connection: socket.socket, stop: threading.Event, head: bytes, rest: bytes) -> None:
    connection.sendall(head)
    for at in range(len(rest)):
        if stop.wait(0.02):
            return
        connection.sendall(rest[at : at + 1])


def _for_ever(connection: socket.socket, stop: threading.Event, head: bytes, part: bytes) -> None:
    connection.sendall(head)
    while not stop.is_set():
        connection.sendall(part)


def _chunked(*chunks: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"".join(chunks)


_ZIPPED = gzip.compress(PAGE * 20)
_HTML = b"<!DOCTYPE html>\n<html><title>Log in</title><body>Please log in</body></html>"

ANSWERS: dict[str, bytes | Callable[[socket.socket, threading.Event], None]] = {
    "good": answer(PAGE),
    "good gzip": answer(_ZIPPED, Content_Encoding="gzip"),
    "good chunked": _chunked(b"%x\r\n" % len(PAGE), PAGE, b"\r\n0\r\n\r\n"),
    "good without length": answer(PAGE, length=-1),
    "linger": linger,
    "hang": hang,
    "drip": drip,
    "drip headers": drip_headers,
    "100 continue flood": continue_flood,
    "endless body": endless_body,
    "endless line": endless_line,
    "endless headers": endless_headers,
    "huge chunk": huge_chunk,
    "huge length": answer(b"", length=10**15),
    "gzip bomb": answer(gzip.compress(bytes(20 * 1024**2)), Content_Encoding="gzip"),
    "gzip cut": answer(_ZIPPED[:-12], Content_Encoding="gzip"),
    "gzip with a tail": answer(_ZIPPED + b"tail", Content_Encoding="gzip"),
    "gzip lie": answer(PAGE, Content_Encoding="gzip"),
    "gzip damaged": answer(_ZIPPED[:30] + b"\0\0\0\0" + _ZIPPED[34:], Content_Encoding="gzip"),
    "brotli": answer(PAGE, Content_Encoding="br"),
    "reset": reset,
    "close": close,
    "cut": answer(PAGE, length=5000),
    "cut chunk": _chunked(b"ff\r\n", PAGE[:20]),
    "bad chunk": _chunked(b"zz\r\n", PAGE),
    "short length": answer(PAGE, length=len(PAGE) - 2),
    "no final line feed": answer(PAGE[:-1], length=-1),
    "negative length": answer(PAGE, length=-1).replace(b"\r\n\r\n", b"\r\nContent-Length: -5\r\n\r\n", 1),
    "two lengths": answer(PAGE).replace(b"\r\n\r\n", b"\r\nContent-Length: 5\r\n\r\n", 1),
    "http 0.9": PAGE,
    "garbage": bytes(range(256)) * 4,
    "tls bytes": b"\x15\x03\x03\x00\x02\x02\x28",
    "204": b"HTTP/1.1 204 No Content\r\n\r\n",
    "206": answer(PAGE, "206 Partial Content"),
    "401": answer(b"no", "401 Unauthorized"),
    "403": answer(b"no", "403 Forbidden"),
    "404": answer(b"no", "404 Not Found"),
    "429": answer(b"no", "429 Too Many Requests", Retry_After="30"),
    "429 until": answer(
        b"no",
        "429 Too Many Requests",
        Date="Wed, 01 Jan 2025 10:00:00 GMT",
        Retry_After="Wed, 01 Jan 2025 10:02:00 GMT",
    ),
    "429 for ever": answer(b"no", "429 Too Many Requests", Retry_After="9" * 400),
    "500": answer(PAGE, "500 Internal Server Error"),
    "503": answer(b"{}", "503 Service Unavailable"),
    "599": answer(b"", "599 \x1b]52;c;aGk=\x07"),
    "redirect": answer(b"", "302 Found", Location="http://u:hunter2@other.example:9/login?token=hunter2"),
    "redirect nowhere": answer(b"", "301 Moved"),
    "redirect to a file": answer(b"", "302 Found", Location="file:///etc/passwd"),
    "redirect broken": answer(b"", "302 Found", Location="http://[::\x1b[2J"),
    "html": answer(_HTML, kind="text/html"),
    "html as text": answer(_HTML),
    "json": answer(b'{"status": "ok"}', kind="application/json"),
    "json as text": answer(b'{"status": "ok"}\n'),
    "binary": answer(bytes(range(256)), kind="application/octet-stream"),
    "utf-16": answer(PAGE.decode().encode("utf-16")),
    "latin-1": answer('bot{name="caf\xe9"} 1\n'.encode("latin-1")),
    "bom": answer(b"\xef\xbb\xbf" + PAGE),
    "crlf": answer(PAGE.replace(b"\n", b"\r\n")),
    "empty": answer(b""),
    "blank": answer(b"\n\n"),
    "comments only": answer(b"# Prometheus client not installed\n"),
    "declared only": answer(b"# HELP a A.\n# TYPE a counter\n# TYPE b gauge\n"),
    "prose": answer(b"Welcome to the bot\nIt is running\n"),
    "half broken": answer(PAGE + b'bot_drawdown_pct{side="buy} 3\nbot_positions three\nbot_exposure_pct 12\n'),
    "escapes": answer(b'bot{name="\x1b]52;c;aGk=\x07\xe2\x80\xae"} 1\n'),
    "openmetrics": answer(PAGE + b"# EOF\n", kind="application/openmetrics-text; version=1.0.0"),
    "openmetrics cut": answer(PAGE, kind="application/openmetrics-text; version=1.0.0"),
    "flask": answer(PAGE, kind="text/html; charset=utf-8"),
    "prometheus": answer(b'prometheus_build_info{version="3.1.0"} 1\nprometheus_tsdb_head_series 5\n'),
}
