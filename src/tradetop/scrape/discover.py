"""Looking for bots on this machine: who answers with metrics on the usual ports."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from tradetop.model.clock import SECOND
from tradetop.scrape.exposition import PageParser
from tradetop.scrape.faults import FetchError
from tradetop.scrape.fetch import Fetch, fetch
from tradetop.scrape.page import Page

USUAL_PORTS = (8000, 8080, 9090, 9091, 9092, 9093)
LOOPBACK = "127.0.0.1"

_SERVERS = {
    "prometheus_build_info": "a Prometheus server itself",
    "alertmanager_build_info": "an Alertmanager",
    "grafana_build_info": "a Grafana server",
    "node_exporter_build_info": "a node exporter, which knows the machine and no bot",
    "pushgateway_build_info": "a Pushgateway",
}
"""Metrics by which those are known that expose metrics and are no bots."""


@dataclass(frozen=True, slots=True)
class Discovery:
    """What was found, and what was tried."""

    found: tuple[str, ...]
    """Metrics URLs that look like a bot's, in the order of the ports."""
    tried: tuple[str, ...]
    """One line for each port: what answered there."""


async def discover(
    ports: Iterable[int] = (),
    *,
    usual: tuple[int, ...] = USUAL_PORTS,
    host: str = LOOPBACK,
    deadline: int = SECOND,
    fetch: Fetch = fetch,
) -> Discovery:
    """Ask `/metrics` on this machine's usual ports and the given ones, all at once, within `deadline` ms.

    Sends one GET to each port, and nothing to any other machine.
    """
    every = tuple(dict.fromkeys((*usual, *ports)))
    answers = await asyncio.gather(*(_look(host, port, deadline, fetch) for port in every))
    return Discovery(
        tuple(url for url, is_bot, _ in answers if is_bot),
        tuple(f"{url}: {said}" for url, _, said in answers),
    )


async def _look(host: str, port: int, deadline: int, fetch: Fetch) -> tuple[str, bool, str]:
    """The URL tried, whether it may be a bot, and what was seen there."""
    url = f"http://{host}:{port}/metrics"
    try:
        response = await fetch(url, deadline=deadline)
    except FetchError as fault:
        return url, False, "nothing listens" if fault.word == "refused" else _short(fault.word)
    return url, *_seen(PageParser({}).parse(response.text, response.content_type))


def _seen(page: Page) -> tuple[bool, str]:
    if page.html:
        return False, "answers with an HTML page"
    server = next((_SERVERS[labels.name] for labels in page.samples if labels.name in _SERVERS), "")
    if server:
        return False, f"is {server}"
    if page.samples:
        return True, f"metrics, {len(page.samples):,} series"
    if page.problem or page.error_count:
        return False, "answers, but not with metrics"
    return True, "a metrics page without samples" + (f' ("{page.comment}")' if page.comment else "")


def _short(word: str) -> str:
    return f"answers {word}" if word.isdigit() else f"no metrics ({word})"
