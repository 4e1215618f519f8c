"""An address of an event store: what it names, what it is called, and that it shows no secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from tradetop.model.address import file_of, is_feed, is_remote, is_store, name_of, parted, place_of, shown

SECRET = "s3cret"
WITH_SECRETS = (
    "postgresql://trader:s3cret@db.local:5432/bots?sslmode=verify-full",
    "postgresql://trader@db.local/bots?password=s3cret",
    "postgres://trader:s3cret@a:1,b:2/bots",
    "d1://s3cret@account/database",
    "d1://account/database?api_token=s3cret",
    "d1+https://u:s3cret@host/d1/database/x",
    "feed+https://u:s3cret@worker.example/feed",
    "https://u:s3cret@worker.example/api/events?since=30s",
    "mysql://u:s3cret@host/bots",
)


@pytest.mark.parametrize(
    ("text", "store", "remote", "name"),
    [
        ("bots.db", False, False, "bots.db"),
        ("a:b.db", False, False, "a:b.db"),
        ("sqlite:///data/bots.db", True, False, "bots.db"),
        ("d1://acc/4f2d-9a", True, True, "4f2d-9a"),
        ("d1+http://127.0.0.1:8787/x/db", True, True, "127.0.0.1:8787"),
        ("postgresql://u:p@db.local/bots", True, True, "bots"),
        ("postgresql:///?host=/run/postgresql&dbname=bots", True, True, "bots"),
        ("POSTGRESQL://db.local/bots", True, True, "bots"),
        ("https://worker.example/api/events", True, True, "worker.example"),
        ("https://worker.example/api/events/?since=30s", True, True, "worker.example"),
        ("feed+http://127.0.0.1:8787/anything", True, True, "127.0.0.1:8787"),
        ("http://127.0.0.1:8000/metrics", False, False, None),
        ("http://127.0.0.1:8000?path=/events", False, False, None),
        ("127.0.0.1:8000", False, False, None),
    ],
)
def test_what_is_meant_is_told_by_how_it_begins(text: str, store: bool, remote: bool, name: str | None) -> None:
    assert (is_store(text), is_remote(text)) == (store, remote)
    assert name is None or name_of(text) == name


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ("bots.db", "bots.db"),
        ("sqlite:///data/my%20bots.db", "/data/my bots.db"),
        ("sqlite:////data/bots.db", "/data/bots.db"),
        ("sqlite:///data/bots.db?mode=ro", "/data/bots.db"),
        ("sqlite:bots.db", "bots.db"),
        ("d1://account/database", ""),
    ],
)
def test_a_file_by_its_path_or_as_a_url(written: str, path: str) -> None:
    assert file_of(written) == path


@pytest.mark.parametrize("written", WITH_SECRETS)
def test_no_secret_stays_in_an_address_or_is_shown(written: str) -> None:
    address, auth = parted(written)
    secret = auth.bearer or auth.password
    assert secret is not None
    assert secret.reveal() == SECRET
    assert SECRET not in f"{address} {auth!r} {shown(written)} {place_of(written)} {name_of(written)}"
    assert parted(address)[0] == address


def test_what_is_no_secret_stays() -> None:
    address, auth = parted("postgresql://trader:p%40ss@db.local/bots?sslmode=require&host=/run/pg")
    assert address == "postgresql://trader@db.local/bots?sslmode=require&host=%2Frun%2Fpg"
    assert auth.password is not None
    assert (auth.user, auth.password.reveal()) == ("trader", "p@ss")
    assert parted("https://w.example/api/events?chain=sol")[0] == "https://w.example/api/events?chain=sol"


def test_a_broken_address_is_shown_without_what_may_be_a_secret() -> None:
    assert SECRET not in shown(f"postgresql://u:{SECRET}@[::1/bots")
    assert "\x1b" not in shown("d1://\x1b[2J/x")


def test_its_place_is_the_same_however_it_is_opened(tmp_path: Path) -> None:
    assert place_of("postgresql://a:b@h/bots?sslmode=require") == place_of("postgresql://h/bots")
    assert place_of("postgresql:///bots?host=/run/a") != place_of("postgresql:///bots?host=/run/b")
    assert place_of(f"sqlite://{tmp_path}/bots.db") == place_of(f"{tmp_path}/bots.db") == f"{tmp_path}/bots.db"
    assert place_of("https://w.example/api/events?since=9s") == place_of("https://w.example/api/events")
    assert place_of("") == ""


def test_a_metrics_page_is_no_feed() -> None:
    assert is_feed("https://w.example/events")
    assert not is_feed("https://w.example/events/metrics")
    assert not is_feed("w.example/events")
