"""Scraping: one fetch of a target's metrics page, and what came of it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass

from tradetop.model.labels import NAME, Labels
from tradetop.model.target import Target
from tradetop.scrape.exposition import PageParser
from tradetop.scrape.faults import FetchError
from tradetop.scrape.fetch import METRICS, Fetch, Response, fetch
from tradetop.scrape.locate import locate, masked
from tradetop.scrape.page import Page
from tradetop.scrape.turn import Turn


@dataclass(frozen=True, slots=True)
class Scrape:
    """What one scrape gave."""

    t: int
    """When it began (ms since the epoch)."""
    up: bool
    """Whether a metrics page arrived whole; it may still have no samples."""
    duration: float
    """Seconds."""
    page: Page | None = None
    text: str = ""
    """The page as it came, for `raw_lines`; not clean."""
    reason: str = ""
    """Why it failed or gave no samples, and what to do; one line for people."""
    word: str = ""
    """The reason's short name, such as "refused" or "timeout"."""
    retry_after: int | None = None
    """Milliseconds that the server asks us to stay away."""


class Scraper:
    """Scrapes one target."""

    def __init__(self, target: Target, fetch: Fetch = fetch) -> None:
        self.target = target
        self.turn = Turn()
        """To be shared with whoever else talks to the same server."""
        self._fetch = fetch
        self._parser = PageParser(target_labels(target))
        self._begun: asyncio.Task[Scrape] | None = None

    def begin(self, t: int) -> asyncio.Task[Scrape]:
        """Ask at `t` (ms), which is now; what comes of it is also what the next `scrape` gives."""
        self._begun = asyncio.create_task(self._scrape(t))
        return self._begun

    async def scrape(self, t: int) -> Scrape:
        """Fetch and read the page once, within min(timeout, interval); a failure is a result, not an exception."""
        begun, self._begun = self._begun, None
        return await (begun or self._scrape(t))

    async def _scrape(self, t: int) -> Scrape:
        target, where = self.target, masked(self.target.url)
        deadline = min(target.timeout, target.interval)
        clock = asyncio.get_running_loop().time
        async with self.turn.taken(target.interval // 10):
            started = clock()
            try:
                response = await self._fetch(
                    target.url, deadline=deadline, accept=METRICS, auth=target.auth, tls=target.tls
                )
            except FetchError as fault:
                duration = clock() - started
                return Scrape(t, False, duration, reason=str(fault), word=fault.word, retry_after=fault.retry_after)
        page = self._parser.parse(response.text, response.content_type)
        word, reason = _fault(page, response, where)
        if word:
            return Scrape(t, False, response.elapsed, None, response.text, reason, word)
        word, reason = ("", "") if page.samples else ("no samples", _emptiness(page, where))
        return Scrape(t, True, response.elapsed, page, response.text, reason, word)


def samples(scrape: Scrape, target: Target) -> dict[Labels, float]:
    """What a scrape writes to the store: the page's samples, and three that are there after a failure too.

    These are `up`, `scrape_duration_seconds` and `scrape_samples_scraped`.
    """
    page: dict[Labels, float] = dict(scrape.page.samples) if scrape.page else {}
    own = {
        "up": float(scrape.up),
        "scrape_duration_seconds": scrape.duration,
        "scrape_samples_scraped": float(len(page)),
    }
    identity = target_labels(target)
    return page | {Labels({**identity, NAME: name}): value for name, value in own.items()}


def target_labels(target: Target) -> dict[str, str]:
    """The labels that every series of a target carries: job, instance and what its user adds."""
    instance = target.instance or (locate(target.url).instance if target.url else "")
    return {**dict(target.labels), "job": target.job or target.name, "instance": instance}


def _fault(page: Page, response: Response, where: str) -> tuple[str, str]:
    """Why nothing of an answer is used: a short name and a line for people; empty where all is well."""
    if page.html:
        return "HTML page", f"{where} answers with an HTML page, not metrics: wrong port or path? (usually /metrics)"
    if page.problem:
        return ("cut off" if "cut off" in page.problem else "too many series"), f"{where}: {page.problem}"
    if page.samples or not page.error_count:
        return "", ""
    if _is_json(response):
        return "JSON", f"{where} answers with JSON, not metrics: is it a health endpoint? try its /metrics"
    first = page.errors[0]
    return "not metrics", f"{where} answers, but no line of it is a sample; line {first.line}: {first.problem}"


def _emptiness(page: Page, where: str) -> str:
    """Why a good answer has no samples, in the page's own words where it has any."""
    if page.comment:
        return f'{where} answers, but has no samples; the page says: "{page.comment}"'
    if page.metadata:
        return f"{where} answers, but has no samples yet: {len(page.metadata)} metrics are declared, none has a value"
    return f"{where} answers with an empty page: does the bot register any metric?"


def _is_json(response: Response) -> bool:
    if "json" in response.content_type:
        return True
    try:
        json.loads(response.text)
    except (ValueError, RecursionError):
        return False
    return True
