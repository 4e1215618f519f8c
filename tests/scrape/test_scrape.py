from __future__ import annotations

import asyncio

import pytest

from faulty.server import FaultyServer, free_port
from tradetop.model.labels import Labels
from tradetop.model.target import Target
from tradetop.scrape.scrape import Scrape, Scraper, samples

DEADLINE = 300
T = 1_700_000_000_000


def scrape_once(url: str, interval: int = 10_000) -> Scrape:
    target = Target("bot", url, timeout=DEADLINE, interval=interval, instance="bot:8000")
    return asyncio.run(Scraper(target).scrape(T))


# behaviour, short name of the reason, what its sentence must say: what happened, and what to do.
DOWN = [
    ("hang", "timeout", "no answer from {url} within 0.3 s: it accepts connections but hangs"),
    ("drip", "timeout", "the page of {url} did not end within 0.3 s: it is too slow, or endless"),
    ("drip headers", "timeout", "no answer from {url} within 0.3 s"),
    ("100 continue flood", "endless", "{url} talks without end and sends no page"),
    ("endless body", "too large", "the page of {url} is larger than 16 MiB: is it the right URL?"),
    ("endless line", "too large", "the page of {url} is larger than 16 MiB"),
    ("endless headers", "not HTTP", "{url} does not speak HTTP: is it the right port, or https:// instead?"),
    ("huge chunk", "too large", "the page of {url} is larger than 16 MiB"),
    ("huge length", "too large", "the page of {url} is larger than 16 MiB"),
    ("gzip bomb", "too large", "the page of {url} is larger than 16 MiB"),
    ("gzip cut", "cut off", "the gzip page of {url} was cut off: nothing of it is used"),
    ("gzip with a tail", "cut off", "the gzip page of {url} was cut off"),
    ("gzip lie", "bad gzip", "the page of {url} says gzip but cannot be unpacked: not used"),
    ("gzip damaged", "bad gzip", "the page of {url} says gzip but cannot be unpacked"),
    ("brotli", "encoding", "{url} answers in br, though only gzip was offered"),
    ("reset", "reset", "connection reset by {url}"),
    ("close", "no answer", "{url} closed the connection without an answer: is it the right port?"),
    ("cut", "cut off", "the page of {url} was cut off: nothing of it is used"),
    ("cut chunk", "cut off", "the page of {url} was cut off: nothing of it is used"),
    ("bad chunk", "not HTTP", "{url} does not speak HTTP"),
    ("negative length", "not HTTP", "{url} does not speak HTTP"),
    ("two lengths", "not HTTP", "{url} does not speak HTTP"),
    ("http 0.9", "no answer", "{url} closed the connection without an answer: is it the right port?"),
    ("garbage", "not HTTP", "{url} does not speak HTTP"),
    ("tls bytes", "not HTTP", "{url} does not speak HTTP: is it the right port, or https:// instead?"),
    ("204", "204", "204 at {url}: it answers without a page; is the path right?"),
    ("206", "206", "206 Partial Content at {url}: a page comes with status 200"),
    ("401", "401", "401 at {url}: it needs credentials: set token_file, or user and password_file"),
    ("403", "403", "403 at {url}: these credentials, or this address, are not allowed to read it"),
    ("404", "404", "404 at {url}: nothing there; is the path right (usually /metrics)"),
    ("429", "429", "429 at {url}: too many requests; it asks to wait 30 s"),
    ("429 until", "429", "429 at {url}: too many requests; it asks to wait 120 s"),
    ("429 for ever", "429", "429 at {url}: too many requests; it asks to wait 900 s"),
    ("500", "500", "500 Internal Server Error at {url}: the bot's server failed; its log says why"),
    ("503", "503", "503 Service Unavailable at {url}"),
    ("599", "599", "599 at {url}"),
    ("redirect", "redirect", "{url} redirects to http://other.example:9/login?token=***, which is not followed: give"),
    ("redirect nowhere", "redirect", "{url} redirects to nowhere, which is not followed: give the final URL"),
    ("redirect to a file", "redirect", "{url} redirects to file:///etc/passwd, which is not followed"),
    ("redirect broken", "redirect", "{url} redirects to a broken URL, which is not followed"),
    ("html", "HTML page", "{url} answers with an HTML page, not metrics: wrong port or path?"),
    ("html as text", "HTML page", "{url} answers with an HTML page, not metrics"),
    ("json", "JSON", "{url} answers with JSON, not metrics: is it a health endpoint? try its /metrics"),
    ("json as text", "JSON", "{url} answers with JSON, not metrics"),
    ("binary", "not UTF-8", "the page of {url} is not UTF-8 text (line 2): is it another kind of page?"),
    ("utf-16", "not UTF-8", "the page of {url} is not UTF-8 text (line 1)"),
    ("latin-1", "not UTF-8", "the page of {url} is not UTF-8 text (line 1)"),
    ("prose", "not metrics", "{url} answers, but no line of it is a sample; line 1: to is no number"),
    ("openmetrics cut", "cut off", "{url}: the page was cut off: OpenMetrics ends with # EOF, and this page does not"),
]


@pytest.mark.parametrize(("behaviour", "word", "sentence"), DOWN, ids=[row[0] for row in DOWN])
def test_a_page_that_did_not_arrive_whole_is_down_with_one_clear_line(behaviour: str, word: str, sentence: str) -> None:
    with FaultyServer(behaviour) as server:
        scrape = scrape_once(server.url)
    assert (scrape.up, scrape.page, scrape.word) == (False, None, word)
    assert scrape.reason.startswith(sentence.format(url=server.url))
    assert scrape.reason.isprintable()
    assert len(server.requests) == 1
    if word == "timeout":
        assert 0.25 < scrape.duration < DEADLINE / 1000 + 0.5


def test_nothing_listens() -> None:
    url = f"http://127.0.0.1:{free_port()}/metrics"
    scrape = scrape_once(url)
    assert scrape.reason == f"connection refused at {url}: nothing listens there; is the bot running?"
    assert scrape.word == "refused"


@pytest.mark.parametrize(
    ("url", "word", "sentence"),
    [
        ("http://no-such-host.invalid:8000/metrics", "unknown host", "unknown host no-such-host.invalid: no address"),
        ("http://" + "x" * 64 + ".example/metrics", "unknown host", "unknown host"),
        ("http://bot\x07/metrics", "bad URL", "http://bot␇/metrics is no URL that can be fetched"),
    ],
)
def test_a_host_that_is_none(url: str, word: str, sentence: str) -> None:
    scrape = scrape_once(url)
    assert scrape.word == word
    assert scrape.reason.startswith(sentence)


@pytest.mark.parametrize("behaviour", ["good", "good gzip", "good chunked", "good without length", "linger", "flask"])
def test_a_good_page_arrives(behaviour: str) -> None:
    with FaultyServer(behaviour) as server:
        scrape = scrape_once(server.url)
    assert (scrape.up, scrape.reason, scrape.word) == (True, "", "")
    assert scrape.page is not None
    assert scrape.page.samples[Labels({"__name__": "bot_equity_usd", "job": "bot", "instance": "bot:8000"})] == 1234.5
    assert len(scrape.page.samples) == 3
    assert 0 < scrape.duration < 5


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        ("empty", "{url} answers with an empty page: does the bot register any metric?"),
        ("blank", "{url} answers with an empty page: does the bot register any metric?"),
        (
            "comments only",
            '{url} answers, but has no samples; the page says: "Prometheus client not installed"',
        ),
        ("declared only", "{url} answers, but has no samples yet: 2 metrics are declared, none has a value"),
    ],
)
def test_a_page_without_samples_is_not_a_dead_bot(behaviour: str, reason: str) -> None:
    with FaultyServer(behaviour) as server:
        scrape = scrape_once(server.url)
    assert (scrape.up, scrape.word, scrape.reason) == (True, "no samples", reason.format(url=server.url))


@pytest.mark.parametrize(
    ("behaviour", "line", "count", "refused"),
    [
        ("half broken", 7, 4, True),
        ("short length", 6, 2, False),
        ("no final line feed", 6, 2, False),
        ("bom", 0, 3, True),
        ("crlf", 0, 3, True),
        ("openmetrics", 0, 3, False),
    ],
)
def test_a_half_broken_page_keeps_its_good_lines_and_names_the_first_bad_one(
    behaviour: str, line: int, count: int, refused: bool
) -> None:
    with FaultyServer(behaviour) as server:
        scrape = scrape_once(server.url)
    assert scrape.up
    assert scrape.page is not None
    assert len(scrape.page.samples) == count
    assert scrape.page.refused_by_prometheus == refused
    assert (scrape.page.errors[0].line if scrape.page.errors else 0) == line


def test_escape_sequences_in_labels_become_text() -> None:
    with FaultyServer("escapes") as server:
        scrape = scrape_once(server.url)
    assert scrape.page is not None
    assert [labels["name"] for labels in scrape.page.samples] == ["␛]52;c;aGk=␇<U+202E>"]


def test_the_deadline_never_exceeds_the_interval() -> None:
    with FaultyServer("hang") as server:
        scrape = scrape_once(server.url, interval=100)
    assert "within 0.1 s" in scrape.reason
    assert scrape.duration < 0.3


def test_a_scrape_s_own_health_is_series_also_after_a_failure() -> None:
    target = Target("bot", "http://bot:8000/metrics", labels=(("env", "prod"),), job="traders")
    own = {"job": "traders", "instance": "bot:8000", "env": "prod"}
    down = samples(Scrape(T, False, 0.25, word="refused", reason="connection refused"), target)
    assert down == {
        Labels({"__name__": "up", **own}): 0.0,
        Labels({"__name__": "scrape_duration_seconds", **own}): 0.25,
        Labels({"__name__": "scrape_samples_scraped", **own}): 0.0,
    }


def test_a_good_scrape_s_samples_carry_its_own_health() -> None:
    with FaultyServer(b'HTTP/1.1 200 OK\r\n\r\nup 0\nx{job="mine"} 5\n') as server:
        target = Target("bot", server.url, timeout=DEADLINE)
        got = samples(asyncio.run(Scraper(target).scrape(T)), target)
    own = {"job": "bot", "instance": server.instance}
    assert got[Labels({"__name__": "up", **own})] == 1.0
    assert got[Labels({"__name__": "scrape_samples_scraped", **own})] == 2.0
    assert got[Labels({"__name__": "x", "exported_job": "mine", **own})] == 5.0


def test_one_fresh_connection_closed_after() -> None:
    with FaultyServer("good") as server:
        for _ in range(3):
            assert scrape_once(server.url).up
            server.settle()
        assert (len(server.requests), server.most_open) == (3, 1)
        assert all("connection: close" in request.lower() for request in server.requests)


def test_recovers_with_the_next_scrape() -> None:
    with FaultyServer("500") as server:
        scraper = Scraper(Target("bot", server.url, timeout=DEADLINE))
        assert not asyncio.run(scraper.scrape(T)).up
        server.behaviour = "good"
        assert asyncio.run(scraper.scrape(T + 10_000)).up
