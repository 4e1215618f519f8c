"""`tradetop notify test`: one message to each receiver, and what came of it."""

from __future__ import annotations

import socket
from pathlib import Path

from click.testing import CliRunner, Result

from notify.sink import Sink
from tradetop.cli.commands import tradetop

SECRET = "hunter2SECRET"


def run(folder: Path, receivers: str, *arguments: str) -> Result:
    config = folder / "c.yaml"
    config.write_text(f"notify: {{receivers: [{receivers}]}}")
    config.chmod(0o600)
    return CliRunner().invoke(tradetop, ["notify", "test", *arguments, "--config", str(config)])


def hook(name: str, host: str) -> str:
    return f"{{name: {name}, url: 'json://me:{SECRET}@{host}/?cto=1&rto=1'}}"


def manager(name: str, host: str) -> str:
    return f"{{name: {name}, kind: alertmanager, url: 'http://me:{SECRET}@{host}'}}"


def closed() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"127.0.0.1:{listener.getsockname()[1]}"


def test_each_receiver_gets_a_message(tmp_path: Path) -> None:
    with Sink() as sink, Sink() as am:
        done = run(tmp_path, f"{hook('phone', sink.host)}, {manager('am', am.host)}")
        assert (done.output, done.exit_code) == ("phone  ok\nam     ok\n", 0)
        assert [message["title"] for message in sink.took] == ["[WARNING] tradetop: NotificationTest"]
        assert "nothing is wrong" in sink.took[0]["message"]
        assert am.took[0][0]["labels"]["alertname"] == "NotificationTest"


def test_what_went_wrong_is_said_without_secrets(tmp_path: Path) -> None:
    with Sink(401) as sink, Sink(503) as am, Sink() as well:
        wrong = [hook("a", sink.host), manager("b", am.host), hook("c", closed()), manager("d", closed())]
        done = run(tmp_path, ", ".join([*wrong, hook("well", well.host)]))
        where = am.host
    assert done.exit_code == 1
    lines = done.output.splitlines()
    assert lines[0] == "a     failed: 401 at json://***: it refuses the credentials; check the URL's token or password"
    assert lines[1] == f"b     failed: 503 at http://{where}: the receiver's server failed"
    assert lines[2] == "c     failed: no connection to json://***: is it reachable from here?"
    assert lines[3].startswith("d     failed: no connection to http://127.0.0.1:")
    assert lines[4] == "well  ok"
    assert SECRET not in done.output


def test_only_those_named(tmp_path: Path) -> None:
    with Sink() as one, Sink() as other:
        done = run(tmp_path, f"{hook('one', one.host)}, {hook('other', other.host)}", "other")
        assert (done.output, done.exit_code) == ("other  ok\n", 0)
        assert (len(one.took), len(other.took)) == (0, 1)


def test_the_bell_needs_a_terminal(tmp_path: Path) -> None:
    done = run(tmp_path, "{name: screen, kind: bell}")
    assert (done.output, done.exit_code) == (
        "screen  failed: the bell needs a terminal, and standard output is none\n",
        1,
    )


def test_usage(tmp_path: Path) -> None:
    done = run(tmp_path, "")
    assert (done.exit_code, "names no receivers" in done.output) == (2, True)
    done = run(tmp_path, hook("phone", closed()), "phon")
    assert (done.exit_code, "did you mean phone?" in done.output) == (2, True)
    done = run(tmp_path, "{name: phone}")
    assert (done.exit_code, "needs url_file or url_env" in done.output) == (2, True)
