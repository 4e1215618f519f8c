"""A URL of an event store works wherever a path does, and no secret of it is seen anywhere."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from events.bot_database import create, insert
from events.worker import Worker, worker
from faulty.server import free_port
from tradetop.cli.commands import tradetop
from tradetop.cli.configured import settings
from tradetop.cli.options import TargetOptions
from tradetop.cli.stores import CLOUDFLARE, TOKEN, store_of
from tradetop.cli.targets import targets_of
from tradetop.model.target import Auth, Secret

SECRET = "hunter2-s3cret"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home without any configuration, history or token."""
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    for name in (CLOUDFLARE, TOKEN):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(f"{name}_FILE", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def feed() -> Iterator[Worker]:
    with worker() as server:
        server.link.execute(
            "INSERT INTO bot_events (id, bot_id, event_type, timestamp, metadata) VALUES"
            " ('e1', 'defi-1', 'error', datetime('now'), '{\"message\": \"RPC timeout 4711\"}')"
        )
        yield server


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(tradetop, [*map(str, arguments)])


def seen(result: Result, home: Path) -> str:
    """All that anybody can see of a run: what it printed, and the files that it left and their names."""
    left = [f"{path} {path.read_bytes()!r}" for path in home.rglob("*") if path.is_file() and path.suffix != ".yaml"]
    return result.output + result.stderr + "".join(left)


@pytest.mark.parametrize(
    ("texts", "urls", "databases"),
    [
        (("https://w.example/api/events",), [""], ["https://w.example/api/events"]),
        (("http://127.0.0.1:8000", "d1://a/b"), ["http://127.0.0.1:8000/metrics"], ["d1://a/b"]),
        (("postgresql://h/bots", "127.0.0.1:8000"), ["http://127.0.0.1:8000/metrics"], ["postgresql://h/bots"]),
        (
            ("https://w.example/api/events", "https://w.example"),
            ["https://w.example/metrics"],
            ["https://w.example/api/events"],
        ),
        (("sqlite:///data/bots.db",), [""], ["/data/bots.db"]),
        (("d1://a/b", "d1://a/c"), ["", ""], ["d1://a/b", "d1://a/c"]),
    ],
)
def test_a_word_is_a_page_or_a_store_by_how_it_begins(
    texts: tuple[str, ...], urls: list[str], databases: list[str]
) -> None:
    found = targets_of(TargetOptions(texts))
    assert ([target.url for target in found], [target.database for target in found]) == (urls, databases)


def test_a_feed_is_watched_by_its_url_and_its_events_are_shown(feed: Worker, home: Path) -> None:
    result = run("snapshot", f"http://u:{SECRET}@127.0.0.1:{feed.port}/api/events?since=30s")
    assert "RPC timeout 4711" in result.output
    assert "last event" in result.output
    assert "scrape" not in result.output.splitlines()[0]
    assert SECRET not in seen(result, home)


@pytest.mark.parametrize(
    "address",
    [
        f"postgresql://trader:{SECRET}@127.0.0.1:PORT/bots",
        f"d1+http://127.0.0.1:PORT/db?api_token={SECRET}",
        f"feed+http://u:{SECRET}@127.0.0.1:PORT/feed?key={SECRET}",
    ],
)
def test_a_store_that_is_away_is_said_and_nothing_of_its_secret(address: str, home: Path) -> None:
    address = address.replace("PORT", str(free_port()))
    for given in (("snapshot", address), ("status", address)):
        result = run(*given)
        assert "no connection" in result.output or given[0] == "status"
        assert SECRET not in seen(result, home)
    (home / "tradetop").mkdir(exist_ok=True)
    (home / "tradetop" / "config.yaml").write_text(f'targets: [{{name: mine, database: "{address}"}}]\n')
    result = run("snapshot")
    assert "no connection" in result.output
    assert SECRET not in seen(result, home)


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("d1://account", "write d1://ACCOUNT/DATABASE"),
        ("d1+http:///db", "names no host"),
        (f"d1://{SECRET}@account/../x", "is no D1 address"),
    ],
)
def test_an_address_that_can_be_none_is_refused(address: str, words: str) -> None:
    result = run("snapshot", address)
    assert result.exit_code == 2
    assert words in result.stderr
    assert SECRET not in result.output + result.stderr
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("database", "words"),
    [
        ("mysql://u:hunter2-s3cret@h/db", "no event store of this kind"),
        ("https://u:hunter2-s3cret@h/metrics", "is no feed"),
    ],
)
def test_a_url_of_no_store_is_refused_where_only_a_store_can_be_meant(home: Path, database: str, words: str) -> None:
    (home / "own.yaml").write_text(f"targets: [{{name: mine, database: '{database}'}}]\n")
    result = run("snapshot", "--config", "own.yaml")
    assert result.exit_code == 2
    assert "own.yaml:1:34: targets[0].database: " in result.stderr
    assert words in result.stderr
    assert SECRET not in result.output + result.stderr


def test_the_config_says_where_a_secret_is_missing(home: Path) -> None:
    (home / "own.yaml").write_text(
        "targets:\n- {database: 'd1://a/b', database_auth: {token_file: nowhere}}\n"
        "- {database: 'd1://a/c', database_auth: {token_env: NOT_SET_AT_ALL}}\n"
        "- {url: ':8000', database_auth: {token_env: HOME}}\n"
    )
    said = run("snapshot", "--config", "own.yaml").stderr
    assert "own.yaml:2:54: targets[0].database_auth.token_file: cannot read" in said
    assert "own.yaml:3:53: targets[1].database_auth.token_env: the environment variable NOT_SET_AT_ALL" in said
    assert "set database" in said


def test_the_config_leaves_urls_alone_and_keeps_secrets_in_files(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = home / "conf"
    folder.mkdir()
    (folder / "token").write_text(f"{SECRET}\n")
    (folder / "token").chmod(0o600)
    monkeypatch.setenv("PG_WORD", SECRET)
    (folder / "own.yaml").write_text(
        "targets:\n"
        "- {name: a, database: bots.db}\n"
        "- {name: b, database: 'sqlite:///data/bots.db'}\n"
        "- {name: c, database: 'd1://account/db', database_auth: {token_file: token}}\n"
        "- {name: d, database: 'postgresql://h/bots', database_auth: {user: trader, password_env: PG_WORD}}\n"
        f"- {{name: e, database: 'postgresql://u:{SECRET}@h/bots'}}\n"
    )
    targets = {c.target.name: c.target for c in settings(folder / "own.yaml").targets()}
    assert {name: target.database for name, target in targets.items()} == {
        "a": str(folder / "bots.db"),
        "b": "/data/bots.db",
        "c": "d1://account/db",
        "d": "postgresql://h/bots",
        "e": "postgresql://u@h/bots",
    }
    auths = [targets[name].database_auth for name in "cde"]
    assert [(auth.bearer or auth.password or Secret("")).reveal() for auth in auths] == [SECRET] * 3
    assert [auth.user for auth in auths] == ["", "trader", "u"]
    assert SECRET not in repr(targets)


def test_a_token_of_the_environment_goes_where_it_belongs(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("of-a-file")
    environment = {CLOUDFLARE: "of-cloudflare", f"{TOKEN}_FILE": str(tmp_path / "token")}
    found = {
        said: (lambda secret: secret and secret.reveal())(store_of(said, environment)[1].bearer)
        for said in ("d1://a/b", "d1+https://h/b", "https://w.example/events", "postgresql://h/b", "bots.db")
    }
    assert found == {
        "d1://a/b": "of-cloudflare",
        "d1+https://h/b": "of-a-file",
        "https://w.example/events": "of-a-file",
        "postgresql://h/b": None,
        "bots.db": None,
    }
    own = Auth(bearer=Secret("own"))
    assert store_of("d1://a/b", environment, own)[1] is own
    with pytest.raises(ValueError, match=f"{CLOUDFLARE}_file: cannot read"):
        store_of("d1://a/b", {f"{CLOUDFLARE}_FILE": "/nowhere"})


def test_a_file_by_its_url_is_the_same_bot_as_by_its_path(home: Path) -> None:
    with create(home / "bots.db") as link:
        insert(link, "e1", "error", {"message": "RPC timeout 4711"})
    link.close()
    for address in ("bots.db", f"sqlite://{home}/bots.db"):
        result = run("snapshot", address)
        assert result.output.split()[1] == "defi-1"
        assert "RPC timeout 4711" in result.output
    assert sqlite3.connect(home / "bots.db").close() is None
