from __future__ import annotations

import re

import pytest

from tradetop.scrape.locate import Address, is_address, locate, masked


@pytest.mark.parametrize(
    ("typed", "url", "instance", "base"),
    [
        ("http://bot:8000", "http://bot:8000/metrics", "bot:8000", "http://bot:8000"),
        ("http://bot:8000/", "http://bot:8000/metrics", "bot:8000", "http://bot:8000"),
        ("http://bot:8000/metrics", "http://bot:8000/metrics", "bot:8000", "http://bot:8000"),
        ("bot:8000", "http://bot:8000/metrics", "bot:8000", "http://bot:8000"),
        (":8000", "http://127.0.0.1:8000/metrics", "127.0.0.1:8000", "http://127.0.0.1:8000"),
        (" 127.0.0.1:9/x ", "http://127.0.0.1:9/x", "127.0.0.1:9", "http://127.0.0.1:9"),
        ("https://bot.example", "https://bot.example/metrics", "bot.example:443", "https://bot.example"),
        ("http://bot", "http://bot/metrics", "bot:80", "http://bot"),
        ("http://[::1]:8000", "http://[::1]:8000/metrics", "[::1]:8000", "http://[::1]:8000"),
        ("http://h/bots/one/metrics", "http://h/bots/one/metrics", "h:80", "http://h/bots/one"),
        ("http://h/actuator/prometheus", "http://h/actuator/prometheus", "h:80", "http://h"),
        ("http://h/metrics?name=x#top", "http://h/metrics?name=x", "h:80", "http://h"),
        ("HTTP://Bot:8000", "http://bot:8000/metrics", "bot:8000", "http://bot:8000"),
    ],
)
def test_what_was_typed_becomes_a_metrics_url(typed: str, url: str, instance: str, base: str) -> None:
    assert locate(typed) == Address(url, instance, base)


def test_a_health_url_without_a_path_means_health() -> None:
    assert locate("bot:8080", "/health").url == "http://bot:8080/health"
    assert locate("bot:8080/healthz", "/health").url == "http://bot:8080/healthz"


def test_a_password_in_the_url_becomes_credentials_that_never_show() -> None:
    address = locate("http://ops:hun%20ter2@bot:8000")
    assert (address.url, address.auth.user) == ("http://bot:8000/metrics", "ops")
    assert address.auth.password is not None
    assert address.auth.password.reveal() == "hun ter2"
    assert "ter2" not in repr(address)


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("http://bot:80000", '"http://bot:80000" is no URL (its port must be a number from 1 to 65535): give a URL'),
        ("http://bot:x", '"http://bot:x" is no URL (its port must be a number from 1 to 65535): give a URL'),
        ("http://[::1", '"http://[::1" is no URL (its host cannot be read): give a URL such as http://127.0.0.1:8000'),
        ("ftp://bot", '"ftp://bot": only http:// and https:// can be read, not ftp://'),
        ("http://", '"http://" names no host: give a URL'),
        ("http://a b", '"http://a b" names no host: give a URL'),
        ("bot:0", '"bot:0": port 0 is none that can be reached'),
        ("http://ops:hunter2@", "names no host"),
        ("ftp://ops:hunter2@bot\x1b[2J", "␛[2J"),
    ],
)
def test_a_bad_url_is_explained(typed: str, line: str) -> None:
    with pytest.raises(ValueError, match=re.escape(line)) as caught:
        locate(typed)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("http://bot:8000", True), ("bot:8000", True), (":8000", True), ("[::1]:8000/metrics", True),
        ("bots.db", False), ("/var/lib/bots.db", False), ("./bots.db", False), ("C", False), ("bot", False),
    ],
)  # fmt: skip
def test_addresses_are_told_from_files(word: str, expected: bool) -> None:
    assert is_address(word) is expected


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://ops:hunter2@bot:8000/metrics", "http://bot:8000/metrics"),
        ("http://bot/m?api_key=hunter2&x=1", "http://bot/m?api_key=***&x=***"),
        ("http://bot/\x1b[2J", "http://bot/␛[2J"),
        ("http://[::", "a broken URL"),
    ],
)
def test_urls_are_shown_without_secrets(url: str, shown: str) -> None:
    assert masked(url) == shown
