"""TLS contexts: how a server's certificate is checked."""

from __future__ import annotations

import ssl
from functools import lru_cache
from pathlib import Path

from tradetop.model.target import Tls
from tradetop.model.text import clean
from tradetop.scrape.faults import FetchError


def context_for(tls: Tls, where: str) -> ssl.SSLContext:
    """The context for these options; made anew when one of its files has changed. Raises FetchError for a bad file."""
    files = tuple(name for name in (tls.ca_file, tls.cert_file, tls.key_file) if name)
    stamps = []
    for name in files:
        try:
            stamps.append(Path(name).stat().st_mtime_ns)
        except OSError as error:
            raise FetchError("TLS", _unreadable(name, where, error)) from None
    try:
        return _context(tls, tuple(stamps))
    except (OSError, ValueError) as error:
        raise FetchError("TLS", _unreadable(" or ".join(files), where, error)) from None


def plain_context() -> ssl.SSLContext:
    """A context for plain http, which needs none: it spares loading the trusted certificates."""
    return _plain()


def _unreadable(name: str, where: str, error: Exception) -> str:
    why = error.strerror if isinstance(error, OSError) and error.strerror else "not PEM, or key and certificate differ"
    return f"cannot read {clean(name)} for {where}: {clean(why, 80)}; check ca_file, cert_file and key_file"


@lru_cache(maxsize=1)
def _plain() -> ssl.SSLContext:
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@lru_cache(maxsize=64)
def _context(tls: Tls, stamps: tuple[int, ...]) -> ssl.SSLContext:  # noqa: ARG001 - stamps are part of the key
    context = ssl.create_default_context(cafile=tls.ca_file or None)
    if tls.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if tls.cert_file:
        # An encrypted key would otherwise ask for its password on the terminal.
        context.load_cert_chain(tls.cert_file, tls.key_file or None, password="")
    return context
