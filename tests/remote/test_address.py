"""Addresses of servers, as people write them."""

from __future__ import annotations

import pytest

from tradetop.remote.address import selector, server_at, without_ours


@pytest.mark.parametrize(
    ("typed", "base", "url"),
    [
        ("prometheus+http://host", "http://host:80", "prometheus+http://host:80"),
        ("prometheus+http://Host:9090/", "http://host:9090", "prometheus+http://host:9090"),
        ("prometheus+https://h/mimir/prometheus/", "https://h:443/mimir/prometheus", None),
        ("prometheus+http://[::1]:9090/api/v1", "http://[::1]:9090", "prometheus+http://[::1]:9090"),
        ("prometheus+http://h:1?job=a&instance=b:2", "http://h:1", "prometheus+http://h:1?job=a&instance=b:2"),
        ("prometheus+http://h:1?job=a%26b", "http://h:1", "prometheus+http://h:1?job=a%26b"),
        ("prometheus+http://h:1?tenant=team-a", "http://h:1", "prometheus+http://h:1?tenant=team-a"),
    ],
)
def test_an_address_is_written_in_one_way(typed: str, base: str, url: str | None) -> None:
    found = server_at(typed)
    assert found.base == base
    assert server_at(found.url) == found
    assert url is None or found.url == url


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("prometheus+http://", "names no host"),
        ("prometheus+http://h:0", "names no host"),
        ("prometheus+http://h:99999", "is no URL"),
        ("prometheus+ftp://h", "is no server"),
        ("prometheus+http://h?jbo=a", "'jbo' means nothing here"),
        ("prometheus+http://h?match={", "match"),
        ("prometheus+http://h?match=rate(up[5m])", "match takes a selector"),
        ("prometheus+http://h?match=up%20offset%205m", "match takes a selector"),
        ("prometheus+http://h?tenant=%0d%0aX-Evil:1", "no header"),
        ("prometheus+http://u:hunter2@/", "names no host"),
        ("prometheus+http://h\x1b[2J", "is no URL"),
    ],
)
def test_what_is_none_is_refused_in_words_without_secrets(typed: str, said: str) -> None:
    with pytest.raises(ValueError, match=r".") as raised:
        server_at(typed)
    assert said in str(raised.value)
    assert "hunter2" not in str(raised.value)
    assert str(raised.value).isprintable()


def test_credentials_of_an_address_are_apart_from_it() -> None:
    found = server_at("prometheus+http://me:hunter2@h:9090")
    assert found.auth.user == "me"
    assert found.auth.password is not None
    assert found.auth.password.reveal() == "hunter2"
    assert "hunter2" not in found.url
    assert "hunter2" not in repr(found)


def test_what_is_meant_becomes_a_selector() -> None:
    found = server_at('prometheus+http://h?job=a&job=b.c&match={team="x\\"y"}')
    assert selector(found.matchers()) == '{team="x\\"y",job=~"a|b\\\\.c"}'
    assert selector(without_ours(found.of("a", 'i"').matchers())) == (
        '{team="x\\"y",job="a",instance="i\\"",__name__!~"ALERTS|ALERTS_FOR_STATE"}'
    )
