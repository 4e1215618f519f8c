"""PostgreSQL: which roles may ask, and what they get. The last tests run a real server on loopback."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ask.endpoint import endpoint
from cli.commands import run
from tradetop.ask.answer import ROWS
from tradetop.ask.fault import AskError, UnsafeError
from tradetop.ask.postgres import PostgresGuard, Role, refusal

PATIENCE = 30
BINARIES = ("postgres", "initdb", "pg_ctl")


@pytest.mark.parametrize(
    ("role", "said"),
    [
        (Role("r", attributes=("superuser",)), "is superuser"),
        (Role("r", powers=("pg_write_all_data",)), "is a member of pg_write_all_data"),
        (Role("r", powers=("pg_read_server_files",)), "is a member of pg_read_server_files"),
        (Role("r", writable=("public.bot_events",)), "may change public.bot_events"),
        (Role("r", creatable=("schema public",)), "may create in schema public"),
        (Role("r", functions=("pg_catalog.pg_read_file",)), "may call pg_catalog.pg_read_file"),
        (Role("r", writable=tuple("abcde")), "may change a, b, c and 2 more"),
    ],
)
def test_a_role_that_could_do_more_than_read_is_refused(role: Role, said: str) -> None:
    assert said in refusal(role)
    assert "GRANT SELECT" in refusal(role)


def test_a_role_that_only_reads_may_ask() -> None:
    assert refusal(Role("asker")) == ""


def test_the_address_is_never_shown() -> None:
    guard = PostgresGuard("postgresql://u:hunter2@127.0.0.1:9/x")
    with pytest.raises(AskError) as caught:
        guard.run("SELECT 1")
    assert "hunter2" not in f"{guard!r} {caught.value} {caught.value!r}"
    assert "no connection" in str(caught.value)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """host:port of a server that knows roles of several kinds; each one's password is `p`."""
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    if any(shutil.which(name) is None for name in BINARIES):
        pytest.skip("PostgreSQL is not installed here (postgres, initdb, pg_ctl)")
    folder = tmp_path_factory.mktemp("pg")
    user = None
    if os.geteuid() == 0:
        # It does not run as root.
        user = pwd.getpwnam("nobody")
        os.chown(folder, user.pw_uid, user.pw_gid)
        for above in (folder, *folder.parents):
            if above.stat().st_uid == 0 and above != Path("/"):
                above.chmod(above.stat().st_mode | 0o011)
    as_user = {} if user is None else {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    data = folder / "data"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "cwd": folder}
    made = subprocess.run(["initdb", "-D", data, "-U", "boss", "-A", "trust", "-N"], check=False, **quiet, **as_user)
    if made.returncode:
        pytest.skip(f"initdb does not work here: {made.stderr.decode(errors='replace')[:200]}")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={folder}", "-c", "fsync=off"]
    with subprocess.Popen(["postgres", "-D", data, "-p", str(port), *options], **quiet, **as_user) as process:
        try:
            _prepare(f"127.0.0.1:{port}")
            yield f"127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(PATIENCE)


def _prepare(where: str) -> None:
    import psycopg

    end = time.monotonic() + PATIENCE
    while True:
        try:
            link = psycopg.connect(f"postgresql://boss@{where}/postgres", autocommit=True)
            break
        except psycopg.OperationalError:
            assert time.monotonic() < end
            time.sleep(0.1)
    with link:
        for sql in SETUP:
            link.execute(sql)


TABLE = (
    "CREATE TABLE bot_events (id text PRIMARY KEY, bot_id text, event_type text, pair text, strategy text,"
    " timestamp text, metadata text, created_at text)"
)
ROWS_SQL = (
    "INSERT INTO bot_events SELECT 'e' || n, 'defi-' || n % 3, 'error', 'SOL/USDC', 's', '2026-11-29T10:00:00Z', '{}',"
    " '' FROM generate_series(1, 3000) n"
)
SETUP = (
    TABLE,
    ROWS_SQL,
    "CREATE SEQUENCE numbers",
    "CREATE FUNCTION shout() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'",
    "REVOKE EXECUTE ON FUNCTION shout() FROM PUBLIC",
    *(f"CREATE ROLE {name} LOGIN" for name in ("asker", "writer", "updater", "counter", "maker", "filer", "dba")),
    *(f"CREATE ROLE {name} LOGIN" for name in ("heir", "sleeper", "shouter", "loader", "truncater")),
    "ALTER ROLE dba SUPERUSER",
    *(f"GRANT SELECT ON bot_events TO {name}" for name in ("asker", "writer", "updater", "counter", "maker", "filer")),
    "GRANT INSERT ON bot_events TO writer",
    "GRANT UPDATE (pair) ON bot_events TO updater",
    "GRANT TRUNCATE ON bot_events TO truncater",
    "GRANT USAGE ON SEQUENCE numbers TO counter",
    "GRANT CREATE ON SCHEMA public TO maker",
    "GRANT pg_read_server_files TO filer",
    "GRANT writer TO heir",
    "ALTER ROLE sleeper NOINHERIT",
    "GRANT writer TO sleeper",
    "GRANT EXECUTE ON FUNCTION shout() TO shouter",
    "GRANT EXECUTE ON FUNCTION pg_read_file(text) TO loader",
)


def guard(server: str, role: str, limit: int = 2_000) -> PostgresGuard:
    return PostgresGuard(f"postgresql://{role}@{server}/postgres", limit)


def test_a_role_that_reads_gets_rows(server: str) -> None:
    sql = "SELECT bot_id, count(*) AS errors FROM bot_events WHERE pair LIKE '%SOL%' GROUP BY 1 ORDER BY 1"
    answer = guard(server, "asker").run(sql)
    assert answer.columns == ("bot_id", "errors")
    assert answer.rows == (("defi-0", 1_000), ("defi-1", 1_000), ("defi-2", 1_000))
    assert guard(server, "asker").run("SELECT * FROM bot_events WHERE false").rows == ()


@pytest.mark.parametrize(
    ("role", "said"),
    [
        ("boss", "superuser"),
        ("dba", "superuser"),
        ("writer", "may change public.bot_events"),
        ("updater", "may change public.bot_events"),
        ("truncater", "may change public.bot_events"),
        ("counter", "may change public.numbers"),
        ("maker", "may create in schema public"),
        ("filer", "is a member of pg_read_server_files"),
        ("heir", "may change public.bot_events"),
        ("sleeper", "may change public.bot_events"),
        ("shouter", "may call public.shout"),
        ("loader", "may call pg_catalog.pg_read_file"),
    ],
)
def test_every_other_role_is_refused_with_what_it_could_do(server: str, role: str, said: str) -> None:
    with pytest.raises(UnsafeError, match=said):
        guard(server, role).run("SELECT 1")


@pytest.mark.parametrize(
    "sql",
    [
        "DROP TABLE bot_events",
        "SELECT 1; DROP TABLE bot_events",
        "WITH x AS (DELETE FROM bot_events RETURNING id) SELECT * FROM x",
        "SELECT * INTO copy FROM bot_events",
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT set_config('role', 'boss', false)",
        "SELECT nextval('numbers')",
        "SELECT * FROM bot_events FOR UPDATE",
        "COPY bot_events TO '/tmp/x'",
        "SELECT lo_import('/etc/passwd')",
        "SELECT nothing FROM nowhere",
        "SELECT %s",
    ],
)
def test_what_is_not_reading_fails_and_nothing_changes(server: str, sql: str) -> None:
    with pytest.raises(AskError):
        guard(server, "asker").run(sql)
    assert guard(server, "asker").run("SELECT count(*) FROM bot_events").rows == ((3_000,),)


@pytest.mark.parametrize(
    "sql",
    [
        "WITH RECURSIVE x(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM x) SELECT count(*) FROM x",
        "SELECT count(*) FROM bot_events a, bot_events b, bot_events c",
    ],
)
def test_what_takes_too_long_is_stopped(server: str, sql: str) -> None:
    started = time.monotonic()
    with pytest.raises(AskError, match="stopped after"):
        guard(server, "asker", 1_000).run(sql)
    assert time.monotonic() - started < 10


def test_the_command_asks_a_model_in_its_own_words(server: str, tmp_path: Path) -> None:
    sql = "SELECT bot_id, count(*) AS errors FROM bot_events GROUP BY 1 ORDER BY 1 LIMIT 1"
    with endpoint() as fake:
        fake.body = json.dumps({"choices": [{"message": {"content": sql}}]}).encode()
        environment = {"OPENAI_BASE_URL": fake.url, "OPENAI_MODEL": "tiny"}
        for role, code in (("asker", 0), ("writer", 2)):
            address = f"postgresql://{role}:hunter2@{server}/postgres"
            done = run(tmp_path, "ask", "who stumbled?", "--yes", "--db", address, environment=environment)
            assert done.returncode == code
            assert "hunter2" not in done.stdout + done.stderr
            assert ("defi-0    1000" in done.stdout) is (role == "asker")
        assert "PostgreSQL SELECT" in json.dumps(fake.asked)


def test_a_models_sql_is_over_all_bots_there_and_that_is_said(server: str, tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text(
        f"targets:\n  - {{name: one, database: 'postgresql://asker@{server}/postgres', bot_id: defi-1}}\n"
    )
    sql = "SELECT count(*) AS errors FROM bot_events"
    with endpoint() as fake:
        fake.body = json.dumps({"choices": [{"message": {"content": sql}}]}).encode()
        environment = {"OPENAI_BASE_URL": fake.url, "OPENAI_MODEL": "tiny"}
        done = run(tmp_path, "ask", "who stumbled?", "--yes", "-c", "c.yaml", environment=environment)
        assert done.stdout.splitlines() == ["SQL by tiny", "errors", "  3000", "1 row"]
        assert "over all bots of the database, not bot defi-1 alone, unless the SQL names it" in done.stderr
        assert "holds the events of every bot" in json.dumps(fake.asked)
        assert "defi-1" not in json.dumps(fake.asked)
    done = run(tmp_path, "ask", "errors by bot", "-c", "c.yaml")
    assert done.stdout.splitlines() == [
        "errors by bot, all events, bot defi-1",
        "bot     errors",
        "defi-1    1000",
        "1 row",
    ]


@pytest.mark.parametrize("role", ["asker", "writer", "boss"])
def test_a_ready_question_is_our_own_sql_and_asked_as_any_role(server: str, tmp_path: Path, role: str) -> None:
    done = run(tmp_path, "ask", "errors by bot on 2026-11-29", "--db", f"postgresql://{role}@{server}/postgres")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[1:] == ["bot     errors", *(f"defi-{n}    1000" for n in range(3)), "3 rows"]


def test_rows_have_a_cap(server: str) -> None:
    answer = guard(server, "asker").run("SELECT a.id FROM bot_events a, bot_events b")
    assert (len(answer.rows), answer.more) == (ROWS, True)
