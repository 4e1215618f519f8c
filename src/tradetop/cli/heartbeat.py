"""From what the configuration says of the heartbeat to the heartbeat itself."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tradetop.cli.refusal import Refusal
from tradetop.config import HeartbeatConfig
from tradetop.model.target import Secret
from tradetop.scrape.credentials import secret_from

if TYPE_CHECKING:
    from tradetop.recorder.heartbeat import Heartbeat


def heartbeat(config: HeartbeatConfig | None) -> Heartbeat | None:
    """The heartbeat; None where none is wanted, Refusal where its URL cannot be had."""
    if config is None:
        return None
    try:
        found, _ = secret_from(os.environ, "url", config.url_file, config.url_env)
        url = found or Secret(config.url)
        check_url(url.reveal())
    except ValueError as error:
        raise Refusal(f"configuration, heartbeat in line {config.place.line}: {error}") from None
    from tradetop.recorder.heartbeat import Heartbeat

    return Heartbeat(url, config.interval)


def check_url(url: str) -> None:
    """ValueError where a text is no URL to ping; the text itself is a secret and not repeated."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good or any(c.isspace() for c in url):
        raise ValueError("is no URL to ping: it begins with https:// or http:// and names a host")
