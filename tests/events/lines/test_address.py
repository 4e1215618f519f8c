"""Addresses of lines: what is meant, what it is called, and that no secret is shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from events.hands import HandClock
from tradetop.cli.options import TargetOptions
from tradetop.cli.targets import targets_of
from tradetop.config import load
from tradetop.events.opening import open_store
from tradetop.events.sqlite import EventDatabase
from tradetop.model.address import name_of
from tradetop.model.address import shown as shown_at
from tradetop.model.lines import Form, LinesAddress, Source, lines_at
from tradetop.store.place import history_path, identity

LOKI = 'loki+http://ann:hunter2@logs:3100?query={app="bot"}'
BARE = LOKI.replace("ann:hunter2@", "")
"""The same as it is kept: who asks stands apart."""


@pytest.mark.parametrize(
    ("address", "source", "place", "form", "mapping"),
    [
        ("audit.jsonl", Source.FILE, "audit.jsonl", Form.JSON, ""),
        ("/x/audit.ndjson.gz", Source.FILE, "/x/audit.ndjson.gz", Form.JSON, ""),
        ("bot.log", Source.FILE, "bot.log", Form.TEXT, ""),
        ("bot.log.1", Source.FILE, "bot.log.1", Form.TEXT, ""),
        ("bot.log-20260101.gz", Source.FILE, "bot.log-20260101.gz", Form.TEXT, ""),
        ("jsonl:bots.db", Source.FILE, "bots.db", Form.JSON, ""),
        ("log:/var/log/syslog", Source.FILE, "/var/log/syslog", Form.TEXT, ""),
        ("audit.jsonl#247trader", Source.FILE, "audit.jsonl", Form.JSON, "247trader"),
        ("log:out#./my own.yaml", Source.FILE, "out", Form.TEXT, "./my own.yaml"),
        ("journal:bot@1.service", Source.JOURNAL, "bot@1.service", Form.TEXT, ""),
        ("journal:bot#polybot", Source.JOURNAL, "bot", Form.TEXT, "polybot"),
        (LOKI + "#json", Source.LOKI, LOKI.removeprefix("loki+"), Form.TEXT, "json"),
    ],
)
def test_what_is_meant(address: str, source: Source, place: str, form: Form, mapping: str) -> None:
    assert lines_at(address) == LinesAddress(source, place, form, mapping)


@pytest.mark.parametrize("address", ["bots.db", "sqlite://bots.db", "http://h/bot.log", "a:b.db", "", "catalog"])
def test_what_is_not(address: str) -> None:
    assert lines_at(address) is None
    assert isinstance(open_store(address, HandClock()), EventDatabase)


def test_nobody_sees_a_password(tmp_path: Path) -> None:
    (target,) = targets_of(TargetOptions((LOKI,)))
    assert (target.url, target.database, target.name) == ("", BARE, "logs:3100")
    assert target.database_auth.user == "ann"
    assert "hunter2" not in repr(target)
    shown = [
        name_of(LOKI),
        shown_at(LOKI),
        identity("", LOKI),
        str(history_path(tmp_path, identity("", LOKI))),
    ]
    assert not any(secret in text for text in shown for secret in ("hunter2", "ann"))


def test_names_of_targets() -> None:
    said = TargetOptions(("http://h:1/metrics", "http://h:2", "logs/audit.jsonl#247trader", "journal:bot.service"))
    found = targets_of(said)
    assert [target.name for target in found] == ["h:1", "h:2", "audit.jsonl", "bot"]
    (both,) = targets_of(TargetOptions(("http://h:1", LOKI)))
    assert (both.name, both.database) == ("h:1", BARE)


def test_identities_tell_targets_apart(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    places = ["a.jsonl", "jsonl:a.jsonl", "journal:a", "journal:b", LOKI, LOKI.replace("bot", "other"), "a.db"]
    assert len({identity("", place) for place in places}) == len(places)
    absolute = f"jsonl:{tmp_path}/a.jsonl"
    assert identity("", absolute) == identity("", "jsonl:a.jsonl")
    assert identity("", "journal:a") == "journal:a"


def test_paths_in_a_configuration_begin_at_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "tradetop.yaml"
    places = ["a.jsonl#247trader", "jsonl:logs/a#own.yaml", "journal:bot", LOKI, "bots.db", "/x/bot.log"]
    targets = [f"  - {{name: t{i}, database: '{place}'}}" for i, place in enumerate(places)]
    path.write_text("\n".join(["targets:", *targets]))
    path.chmod(0o600)
    assert [target.database for target in load(path).targets] == [
        f"{tmp_path}/a.jsonl#247trader",
        f"jsonl:{tmp_path}/logs/a#{tmp_path}/own.yaml",
        "journal:bot",
        LOKI,
        f"{tmp_path}/bots.db",
        "/x/bot.log",
    ]
