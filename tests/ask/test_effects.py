"""A model's SQL on PostgreSQL that would do more than read is refused, however it is written; the rest is answered."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from events.postgres_server import PASSWORD, USER, postgres_server
from tradetop.ask.fault import AskError, UnsafeError
from tradetop.ask.pgwords import words_of
from tradetop.ask.postgres import PostgresGuard

SETUP = (
    "CREATE TABLE bot_events (id text, bot_id text, event_type text, pair text, timestamp text, metadata text)",
    "INSERT INTO bot_events VALUES ('e', 'defi-1', 'error', 'SOL/USDC', '2026-11-29T10:00:00Z', '{}')",
    # What people keep beside their events, and may have left open to everyone.
    "CREATE FUNCTION shout(said text) RETURNS text LANGUAGE sql AS $$ SELECT pg_notify('heard', said)::text $$",
    'CREATE FUNCTION "Shout Loud"(said text) RETURNS text LANGUAGE sql AS $$ SELECT shout(said) $$',
    "CREATE FUNCTION ran(said text) RETURNS text STABLE LANGUAGE plpgsql AS $$ BEGIN EXECUTE said; RETURN ''; END $$",
    "CREATE FUNCTION of_row(one bot_events) RETURNS text LANGUAGE sql AS $$ SELECT shout(one.id) $$",
    "CREATE FUNCTION plain(n int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT n + 1'",
    "CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$",
    "CREATE SCHEMA aside",
    "CREATE FUNCTION aside.lower(said text) RETURNS text LANGUAGE sql AS $$ SELECT public.shout(said) $$",
    "CREATE FUNCTION heard(text, text) RETURNS text LANGUAGE sql AS $$ SELECT shout($2) $$",
    "CREATE OPERATOR <#!> (leftarg = text, rightarg = text, function = heard)",
    "CREATE AGGREGATE chorus(text) (sfunc = heard, stype = text)",
    "CREATE VIEW loud AS SELECT shout(id) AS said FROM bot_events",
    "CREATE VIEW louder AS SELECT * FROM loud WHERE said <> E'\\\\'''",
    "CREATE VIEW quiet AS SELECT bot_id, upper(pair) AS pair FROM bot_events WHERE pair <> E'\\\\'''",
    "CREATE DOMAIN spoken AS text CHECK (shout(VALUE) <> 'x')",
    "CREATE DOMAIN spoken_too AS spoken",
    "CREATE TYPE talk AS (said spoken_too)",
    "CREATE TABLE guarded (id text)",
    "ALTER TABLE guarded ENABLE ROW LEVEL SECURITY",
    "CREATE POLICY overheard ON guarded FOR SELECT USING (shout(id) <> 'x')",
    "CREATE SEQUENCE numbers",
    f"CREATE ROLE asker LOGIN PASSWORD '{PASSWORD}'",
    "GRANT SELECT ON bot_events, loud, louder, quiet, guarded TO asker",
    "GRANT USAGE ON SCHEMA aside TO asker",
    "ALTER ROLE asker SET standard_conforming_strings = off",
    "ALTER ROLE asker SET search_path = aside, public",
)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    import psycopg

    with postgres_server() as server:
        with psycopg.connect(**server.kwargs, autocommit=True) as link:
            for sql in SETUP:
                link.execute(sql.encode())
        yield f"postgresql://127.0.0.1:{server.port}/postgres"


def ask(address: str, sql: str) -> object:
    from tradetop.model.target import Auth, Secret

    return PostgresGuard(address, 2_000, Auth(user="asker", password=Secret(PASSWORD))).run(sql).rows


KILL = "pid) FROM pg_stat_activity WHERE usename = current_user AND pid <> pg_backend_pid()"


@pytest.mark.parametrize(
    ("sql", "name"),
    [
        (f"SELECT pg_terminate_backend({KILL}", "pg_terminate_backend"),
        (f"SELECT pg_cancel_backend({KILL}", "pg_cancel_backend"),
        ("SELECT pg_notify('a', 'b')", "pg_notify"),
        ("SELECT PG_Notify('a', 'b')", "pg_notify"),
        ("SELECT pg_advisory_lock(1)", "pg_advisory_lock"),
        ("SELECT set_config('role', 'trader', false)", "set_config"),
        ("SELECT set_config('search_path', 'aside', false), lower('x')", "lower"),
        ("SELECT pg_reload_conf()", "pg_reload_conf"),
        ("SELECT nextval('numbers')", "nextval"),
        ("SELECT lo_creat(-1)", "lo_creat"),
        ("SELECT pg_sleep(60)", "pg_sleep"),
        ("SELECT txid_current()", "txid_current"),
        ("SELECT query_to_xml('SELECT pg_notify(''a'', '''')', true, true, '')", "query_to_xml"),
        ("SELECT table_to_xml('loud'::regclass, true, true, '')", "table_to_xml"),
        ("SELECT * FROM ts_stat('SELECT pg_notify(''a'', '''')::text::tsvector')", "ts_stat"),
        ("SELECT pg_notify--\n('a', 'b')", "pg_notify"),
        ("SELECT pg_notify /* a /* b */ ( */ ('a', 'b')", "pg_notify"),
        ("SELECT /* ' */ pg_notify('a', 'b') /* ' */", "pg_notify"),
        ("SELECT '--', pg_notify('a', 'b') --'", "pg_notify"),
        ("SELECT '/*', pg_notify('a', 'b'), '*/'", "pg_notify"),
        ("SELECT 'it''s', pg_notify('a', 'b'), ''''", "pg_notify"),
        ("SELECT '\\', pg_notify('a', 'b'), '\\'", "pg_notify"),
        ("SELECT \"'\", pg_notify('a', 'b') FROM (SELECT 1 AS \"'\") x", "pg_notify"),
        ("SELECT 1 +/* */ 1, pg_notify('a', 'b')", "pg_notify"),
        ("SELECT 1--1\n, pg_notify('a', 'b')", "pg_notify"),
        ("SELECT pg_catalog . pg_notify('a', 'b')", "pg_notify"),
        ("SELECT \"pg_catalog\".\"pg_notify\"('a', 'b')", "pg_notify"),
        ("SELECT * FROM ROWS FROM (pg_notify('a', 'b')) x", "pg_notify"),
        ("WITH x AS MATERIALIZED (SELECT pg_notify('a', 'b')) SELECT 1 FROM x", "pg_notify"),
        ("SELECT 1 ORDER BY (SELECT pg_notify('a', 'b')::text)", "pg_notify"),
        ("VALUES (pg_notify('a', 'b'))", "pg_notify"),
        ("SELECT shout('a')", "shout"),
        ("SELECT \"Shout Loud\"('a')", "Shout Loud"),
        ("SELECT b.of_row FROM bot_events b", "of_row"),
        ("SELECT ran('SELECT pg_notify(''a'', '''')')", "ran"),
        ("SELECT aside.lower('a')", "lower"),
        ("SELECT 'a' <#!> 'b'", "<#!>"),
        ("SELECT 'a' OPERATOR(public.<#!>) 'b'", "<#!>"),
        ("SELECT chorus(id) FROM bot_events", "chorus"),
        ("SELECT * FROM loud", "shout"),
        ("SELECT * FROM (TABLE loud) x", "shout"),
        ("SELECT * FROM pg_notify(channel => 'a', payload => 'b')", "pg_notify"),
        ("SELECT 1 WHERE EXISTS (SELECT FROM pg_notify('a', 'b'))", "pg_notify"),
        ("SELECT pg_notify\t\n('a', 'b')", "pg_notify"),
        ("SELECT * FROM louder", "shout"),
        ("SELECT 'a'::spoken", "shout"),
        ("SELECT CAST('a' AS spoken_too)", "shout"),
        ("SELECT '{a}'::spoken_too[]", "shout"),
        ("SELECT '{a}'::_spoken_too", "shout"),
        ("SELECT '(a)'::talk", "shout"),
        ("SELECT * FROM json_to_record('{\"a\": 1}') AS x(a spoken)", "shout"),
        ("SELECT * FROM guarded", "shout"),
    ],
)
def test_what_would_do_more_than_read_is_refused_by_its_name(address: str, sql: str, name: str) -> None:
    with pytest.raises(UnsafeError, match="not run") as caught:
        ask(address, sql)
    assert f" {name} is a" in str(caught.value) or name == "lower"


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT U&\"pg\\005Fnotify\"('a', 'b')",
        "SELECT u&\"pg!005Fnotify\" UESCAPE '!' ('a', 'b')",
        "SELECT E'a'\n'\\'', pg_notify('a', 'b'), '",
        "SELECT e'\\'', pg_notify('a', 'b') --'",
        "SELECT 1e'\\'', pg_notify('a', 'b') --'",
        "SELECT $$ ' $$, pg_notify('a', 'b'), $$ ' $$",
        "SELECT $a$ ' $a$, pg_notify('a', 'b'), $a$ ' $a$",
    ],
)
def test_what_hides_names_is_refused(address: str, sql: str) -> None:
    with pytest.raises(UnsafeError, match="not run"):
        ask(address, sql)


@pytest.mark.parametrize(
    "sql",
    [
        "DO $$ BEGIN PERFORM pg_notify('a', 'b'); END $$",
        "EXECUTE made",
        "PREPARE made AS SELECT pg_notify('a', 'b')",
        "COPY (SELECT pg_notify('a', 'b')) TO STDOUT",
        "CALL shout('a')",
        "EXPLAIN ANALYZE SELECT pg_notify('a', 'b')",
        "SELECT 1; SELECT pg_notify('a', 'b')",
        "SELECT pg_notify",
        "SELECT '\\'', pg_notify('a', 'b') --'",
        "SELECT 'open, pg_notify(''a'', ''b'')",
        'SELECT "open',
        "SELECT /* open",
    ],
)
def test_other_ways_are_no_select_or_no_sql(address: str, sql: str) -> None:
    with pytest.raises(AskError):
        ask(address, sql)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT bot_id, count(*) FROM bot_events GROUP BY 1",
        "SELECT count(*) FROM bot_events WHERE metadata LIKE '%pg_notify(%' -- not pg_notify()",
        "SELECT 'it''s pg_sleep(1)', 'a' /* pg_sleep(/* 1 */) */",
        "SELECT timestamp::timestamptz::date, round((metadata::json->>'pnl_usd')::numeric, 2) FROM bot_events",
        "SELECT date_trunc('day', timestamp::date), mode() WITHIN GROUP (ORDER BY pair) FROM bot_events GROUP BY 1",
        "SELECT random() < 2, clock_timestamp() IS NOT NULL, now(), pg_relation_size('bot_events') > 0",
        "SELECT lag(id) OVER w, row_number() OVER w FROM bot_events WINDOW w AS (ORDER BY id)",
        "SELECT string_agg(bot_id, ', ') FILTER (WHERE pair ~* 'sol') FROM bot_events b TABLESAMPLE SYSTEM (100)",
        "SELECT regexp_replace(pair, '\\W', '-'), pair ILIKE '%sol%', 'a' || 'b', 5 % 2, 2 ^ 3 FROM bot_events",
        "SELECT plain(1), 1 AS noted, 2 AS system",
        "SELECT * FROM quiet",
        "SELECT count(*) FROM information_schema.tables",
        "SELECT count(*) FROM pg_stat_activity",
    ],
)
def test_what_only_reads_is_answered(address: str, sql: str) -> None:
    # What `lower` calls elsewhere is nothing that these name.
    assert ask(address, sql)


def test_names_are_what_the_server_would_look_up() -> None:
    long = "x" * 70
    said = words_of(f'SELECT Aa, "Bb""c", ÄÖ, {long} /* no */ FROM t -- no\nWHERE \'no\' <> "d e"')
    assert said.names >= {"aa", 'Bb"c', "äö", "ÄÖ", "x" * 63, "d e", "t"}
    assert not said.names & {"no", "Aa", long}
    assert said.signs.split() == ["<>"]


def test_a_database_whose_casts_do_more_is_not_asked_by_a_model(address: str) -> None:
    import psycopg

    made = (
        "CREATE TYPE mood AS ENUM ('calm')",
        "CREATE FUNCTION mood_said(mood) RETURNS text LANGUAGE sql AS $$ SELECT shout('') $$",
        "CREATE CAST (mood AS text) WITH FUNCTION mood_said(mood) AS IMPLICIT",
    )
    with psycopg.connect(address, user=USER, password=PASSWORD, autocommit=True) as link:
        for sql in made:
            link.execute(sql.encode())
        try:
            with pytest.raises(UnsafeError, match="mood to text is a cast that may"):
                ask(address, "SELECT 1")
        finally:
            link.execute("DROP TYPE mood CASCADE")
