"""`notify:` of the config: what it may say, and how it says what is wrong."""

from __future__ import annotations

import re
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tradetop.cli.checks import config_checks
from tradetop.cli.notify import receivers_of
from tradetop.cli.refusal import Refusal
from tradetop.config import NotifyConfig, load, parse, warnings
from tradetop.document import DocumentError
from tradetop.model.level import Level
from tradetop.notify.receiver import QuietHours, Receiver, ReceiverKind

DOCS = Path(__file__).parents[2] / "docs" / "notify.md"


def notify(text: str) -> NotifyConfig:
    return parse(f"notify: {text}", "c.yaml").notify


def receivers(text: str, **environment: str) -> tuple[Receiver, ...]:
    return receivers_of(notify(text), environment)


def test_receivers_with_everything_as_usual() -> None:
    phone, am, bell = receivers(
        "{receivers: [{name: phone, url_env: U}, {name: am, kind: alertmanager, url: 'http://h:9093'},"
        " {name: b, kind: bell}]}",
        U="tgram://token/chat",
    )
    assert phone.url.reveal() == "tgram://token/chat"
    assert (phone.level, phone.after, phone.quiet, phone.per_hour) == (Level.WARNING, 0, None, 30)
    assert (phone.group_wait, phone.group_interval, phone.repeat_interval) == (10_000, 300_000, 14_400_000)
    assert (am.kind, am.group_wait, am.group_interval, am.repeat_interval, am.per_hour) == (
        *(ReceiverKind.ALERTMANAGER, 0, 0, 60_000),
        0,
    )
    assert bell.kind is ReceiverKind.BELL
    assert "token" not in repr((phone, am, bell))


def test_what_is_said_for_all_and_for_one() -> None:
    a, b, am = receivers(
        """
  group_wait: 0
  repeat_interval: 1h
  per_hour: 5
  quiet: {from: "22:00", to: 7:05, zone: Europe/Berlin, critical: waits}
  receivers:
    - {name: a, url_env: U, per_hour: 0, quiet: off, level: critical, after: 15m, send_resolved: no}
    - {name: b, url_env: U, repeat_interval: 0, group_interval: 2m}
    - {name: am, kind: alertmanager, url_env: U}
""",
        U="http://x/",
    )
    night = QuietHours(22 * 60, 7 * 60 + 5, ZoneInfo("Europe/Berlin"), critical=False)
    assert (a.group_wait, a.repeat_interval, a.per_hour, a.quiet) == (0, 3_600_000, 0, None)
    assert (a.level, a.after, a.send_resolved) == (Level.CRITICAL, 900_000, False)
    assert (b.repeat_interval, b.group_interval, b.per_hour, b.quiet) == (0, 120_000, 5, night)
    assert (am.repeat_interval, am.quiet) == (60_000, None)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{receivers: [{url_env: U}]}", "notify.receivers[0].name: is missing"),
        ("{receivers: [{name: a}]}", "needs url_file or url_env"),
        ("{receivers: [{name: a, url_env: U, url_file: f}]}", "url_file and url_env are both set"),
        ("{receivers: [{name: a, kind: bell, url_env: U}]}", "drop url_env"),
        ("{receivers: [{name: a, kind: pigeon, url_env: U}]}", "'pigeon' is not known; valid here: apprise"),
        ("{receivers: [{name: a b, url_env: U}]}", "no name for a receiver"),
        ("{receivers: [{name: a, url_env: U}, {name: a, url_env: U}]}", "a is the name of the receiver in line 1"),
        ("{receivers: [{name: a, url_env: U, level: info}]}", "'info' is not known"),
        ("{receivers: [{name: a, url_env: U, quiet: maybe}]}", "write off, or {from"),
        ("{receivers: [{name: a, url_env: U, per_hour: many}]}", "not a number of messages"),
        ("{quiet: {from: 25:00, to: 7:00}}", "'25:00' is not a time of the day"),
        ("{quiet: {from: 7:00, to: 7:00}}", "the same time"),
        ("{quiet: {from: 7:00, to: 8:00, zone: Mars/Base}}", "no time zone that this machine knows"),
        ("{quiet: {from: 7:00, to: 8:00, zone: ../../etc/passwd}}", "no time zone that this machine knows"),
        ("{quiet: {from: 7:00}}", "notify.quiet.to: is missing"),
        ("{repeat: 5m}", "unknown key; did you mean repeat_interval?"),
    ],
)
def test_mistakes_are_named_with_their_place(text: str, says: str) -> None:
    with pytest.raises(DocumentError) as caught:
        notify(text)
    (problem,) = caught.value.problems
    assert says in str(problem)
    assert str(problem).startswith("c.yaml:1:")


def test_secrets_that_are_not_there_are_named_without_being_shown(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text("notify: {receivers: [{name: a, url_file: none.url}, {name: b, url_env: NOT_SET}]}")
    with pytest.raises(DocumentError) as caught:
        load(path, config_checks(path, {}))
    said = [str(problem) for problem in caught.value.problems]
    assert len(said) == 2
    assert "notify.receivers[0].url_file: cannot read" in said[0]
    assert "notify.receivers[1].url_env: the environment variable NOT_SET is not set, or empty" in said[1]


@pytest.mark.parametrize(
    "receiver", ["{name: a, url: s3cr3t}", "{name: a, kind: alertmanager, url: 'ftp://me:s3cr3t@h'}"]
)
def test_a_url_that_is_none_is_not_shown(receiver: str) -> None:
    with pytest.raises(Refusal) as caught:
        receivers(f"{{receivers: [{receiver}]}}")
    assert "receiver a in line 1" in caught.value.message
    assert "s3cr3t" not in caught.value.message


def test_secrets_that_others_can_read_are_warned_of(tmp_path: Path) -> None:
    path, url = tmp_path / "c.yaml", tmp_path / "phone.url"
    path.write_text("notify: {receivers: [{name: a, url_file: phone.url}, {name: b, url: 'tgram://t/c'}]}")
    url.write_text("tgram://token/chat")
    path.chmod(0o644)
    url.chmod(0o644)
    said = warnings(load(path), path)
    assert f"other users can read {url}: chmod 600 it" in said[0]
    assert "holds the URL of a receiver" in said[1]
    path.chmod(0o600)
    url.chmod(0o600)
    assert warnings(load(path), path) == ()
    path.write_text("notify: {receivers: [{name: b, kind: alertmanager, url: 'http://h:9093'}]}")
    path.chmod(0o644)
    assert warnings(load(path), path) == ()


def test_a_url_in_the_file_never_shows_itself() -> None:
    assert "s3cr3t" not in repr(notify("{receivers: [{name: b, url: 'tgram://s3cr3t/c'}]}"))


def test_the_example_of_the_documentation_is_right(tmp_path: Path) -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    config = parse(example, "notify.md").notify
    assert [r.name for r in config.receivers] == ["telegram", "pager", "alertmanager", "screen"]
