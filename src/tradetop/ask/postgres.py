"""PostgreSQL: a role that could write, or reach files, is refused; others read in a transaction that cannot write."""

# ruff: noqa: S608 - only our own words are put together.

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from itertools import chain
from threading import Timer
from typing import TYPE_CHECKING, cast

from tradetop.ask.answer import Answer, answer_of
from tradetop.ask.fault import AskError, UnsafeError
from tradetop.ask.guard import checked
from tradetop.ask.pgcalls import refuse_effects
from tradetop.events.pgtable import INSTALL, installed
from tradetop.model.clock import SECOND
from tradetop.model.target import Auth
from tradetop.model.text import clean

if TYPE_CHECKING:
    import psycopg

TIME = 20 * SECOND
"""Longest time that one question may take (ms)."""
_CONNECTING = 5
"""Longest wait for a connection (seconds)."""
_NAMED = 3
_NO_AUTH = Auth()
POWERS = (
    *("pg_write_all_data", "pg_read_server_files", "pg_write_server_files", "pg_execute_server_program"),
    *("pg_signal_backend", "pg_maintain", "pg_create_subscription", "pg_checkpoint", "pg_database_owner"),
)
"""Roles of the server's own that may write, reach files or disturb others."""

# A role may become every role that it is a member of, whether it inherits or not: set_config('role', ...) is a SELECT.
_ROLES = """SELECT oid, rolname, rolsuper, rolcreatedb, rolcreaterole, rolreplication
    FROM pg_roles WHERE pg_has_role(oid, 'MEMBER')"""
_OURS = "nspname <> 'information_schema' AND nspname !~ '^pg_'"
_FACTS = {
    "attributes": f"""
        SELECT DISTINCT unnest(ARRAY[
            CASE WHEN rolsuper THEN 'superuser' END, CASE WHEN rolcreatedb THEN 'CREATEDB' END,
            CASE WHEN rolcreaterole THEN 'CREATEROLE' END, CASE WHEN rolreplication THEN 'REPLICATION' END])
        FROM ({_ROLES}) r""",
    "powers": f"SELECT rolname FROM ({_ROLES}) r WHERE rolname = ANY (%(powers)s)",
    "writable": f"""
        SELECT DISTINCT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace,
            ({_ROLES}) r
        WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND {_OURS} AND (
            has_table_privilege(r.oid, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
            OR has_any_column_privilege(r.oid, c.oid, 'INSERT, UPDATE'))
        UNION SELECT DISTINCT n.nspname || '.' || c.relname FROM pg_class c
            JOIN pg_namespace n ON n.oid = c.relnamespace, ({_ROLES}) r
        WHERE c.relkind = 'S' AND {_OURS} AND has_sequence_privilege(r.oid, c.oid, 'USAGE, UPDATE')
        LIMIT 20""",
    "creatable": f"""
        SELECT DISTINCT 'schema ' || n.nspname FROM pg_namespace n, ({_ROLES}) r
        WHERE n.nspname !~ '^pg_(toast_)?temp_' AND has_schema_privilege(r.oid, n.oid, 'CREATE')
        UNION SELECT 'database ' || current_database() FROM ({_ROLES}) r
        WHERE has_database_privilege(r.oid, current_database(), 'CREATE')""",
    "functions": f"""
        SELECT DISTINCT n.nspname || '.' || p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
            JOIN pg_language l ON l.oid = p.prolang, ({_ROLES}) r
        WHERE has_function_privilege(r.oid, p.oid, 'EXECUTE') AND (
            (n.nspname = 'pg_catalog' AND p.proname = ANY (%(files)s))
            OR ({_OURS} AND (p.prosecdef OR p.proname ~ '^dblink'
                OR (NOT l.lanpltrusted AND l.lanname NOT IN ('c', 'internal')))))
        LIMIT 20""",
}
"""What a role may do, by the field of `Role`."""
_FILES = (
    *("pg_read_file", "pg_read_binary_file", "pg_ls_dir", "pg_stat_file", "lo_import", "lo_export"),
    *("pg_reload_conf", "pg_rotate_logfile", "pg_promote", "pg_switch_wal", "pg_create_restore_point"),
)


@dataclass(frozen=True, slots=True)
class Role:
    """What a role could do beyond reading, also as one of the roles that it may become; names are clean."""

    name: str
    attributes: tuple[str, ...] = ()
    """superuser, CREATEDB, CREATEROLE, REPLICATION."""
    powers: tuple[str, ...] = ()
    """Roles of the server's own that it is a member of."""
    writable: tuple[str, ...] = ()
    """Tables, views and sequences that it may change."""
    creatable: tuple[str, ...] = ()
    """Schemas and databases that it may create things in."""
    functions: tuple[str, ...] = ()
    """Functions that reach files, or run with the rights of others."""


def refusal(role: Role) -> str:
    """Why questions are not asked as this role, and what to do; "" where they may be."""
    reasons: tuple[tuple[tuple[str, ...], str], ...] = (
        (role.attributes, "is"),
        (role.powers, "is a member of"),
        (role.writable, "may change"),
        (role.creatable, "may create in"),
        (role.functions, "may call"),
    )
    if "superuser" in role.attributes:
        # It may do everything; what, need not be listed.
        reasons = ((("superuser",), "is"),)
    why = [f"{verb} {_listed(found)}" for found, verb in reasons if found]
    if not why:
        return ""
    return (
        f"role {role.name} {'; '.join(why)}: questions are asked only as a role that can do nothing but read. "
        "Create one: CREATE ROLE asker LOGIN; GRANT SELECT ON bot_events TO asker"
    )


class PostgresGuard:
    """Answers SQL from one PostgreSQL database; its address, which may hold a password, is never shown."""

    def __init__(self, address: str, limit: int = TIME, auth: Auth = _NO_AUTH) -> None:
        self._address, self._auth = address, auth
        self._limit = limit

    def __repr__(self) -> str:
        return "PostgresGuard(***)"

    def run(self, sql: str) -> Answer:
        """The rows of one statement; AskError says why there are none, UnsafeError that it was not run."""
        text = checked(sql)
        if not installed():
            raise AskError(INSTALL)
        import psycopg

        try:
            with opened(self._address, self._auth, self._limit) as link:
                reason = refusal(read_role(link))
                if reason:
                    raise UnsafeError(reason)
                refuse_effects(link, text)
                return self._rows(link, text)
        except psycopg.Error as error:
            raise explained(error, self._limit) from None
        except (ValueError, UnicodeError, OSError):
            raise AskError("PostgreSQL: the address cannot be used: write postgresql://user@host/database") from None

    def _rows(self, link: psycopg.Connection[tuple[object, ...]], text: str) -> Answer:
        with link.cursor() as cursor:
            # A stream keeps one row at a time, and the protocol that it needs takes one statement.
            stream = cast("Generator[tuple[object, ...]]", cursor.stream(text.encode()))
            first = next(stream, None)
            names = [column.name for column in cursor.description or ()]
            found = answer_of(names, () if first is None else chain((first,), stream))
            stream.close()
        return found


@contextmanager
def opened(address: str, auth: Auth, limit: int, *settings: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """A connection that cannot write, each statement for `limit` at most (ms); psycopg.Error where there is none.

    It is over soon after `limit`, though the server say nothing at all. `settings` are the server's, NAME=VALUE.
    """
    with closing(_connected(address, auth, limit, *settings)) as link:
        watch = Timer(limit / SECOND + _CONNECTING, _hang_up, (link.fileno(),))
        watch.daemon = True
        watch.start()
        try:
            yield link
        finally:
            watch.cancel()


def _hang_up(descriptor: int) -> None:
    """End a connection on which nothing comes any more: who waits on it is told."""
    with suppress(OSError), socket.socket(fileno=os.dup(descriptor)) as one:
        one.shutdown(socket.SHUT_RDWR)


def _connected(address: str, auth: Auth, limit: int, *settings: str) -> psycopg.Connection[tuple[object, ...]]:
    import psycopg

    # What it logs of a lost connection goes to a terminal that others draw on.
    logging.getLogger("psycopg").setLevel(logging.CRITICAL)
    # The limits hold from the first statement on; a server that has died is noticed by the socket. Texts are read as
    # `pgwords` reads them, whatever the role or the database is set to.
    limits = (
        "default_transaction_read_only=on",
        "standard_conforming_strings=on",
        f"statement_timeout={limit}",
        "lock_timeout=1000",
    )
    link = psycopg.connect(
        address,
        user=auth.user or None,
        password=auth.password.reveal() if auth.password else None,
        connect_timeout=_CONNECTING,
        tcp_user_timeout=limit + _CONNECTING * SECOND,
        application_name="tradetop ask",
        options=" ".join(f"-c {one}" for one in (*limits, f"idle_in_transaction_session_timeout={limit}", *settings)),
    )
    link.read_only = True
    return link


def read_role(link: psycopg.Connection[tuple[object, ...]]) -> Role:
    """What the connection's role may do; psycopg.Error where the server does not say."""
    with link.cursor() as cursor:
        cursor.execute("SELECT session_user, current_user")
        names = dict.fromkeys(clean(str(name), 60) for name in cursor.fetchone() or ())
        facts: dict[str, tuple[str, ...]] = {}
        for field, sql in _FACTS.items():
            wanted = {"powers": list(POWERS), "files": list(_FILES)}
            cursor.execute(sql.encode(), wanted if "%(" in sql else None)
            facts[field] = tuple(sorted(clean(str(row[0]), 80) for row in cursor.fetchall() if row[0] is not None))
    return Role(" as ".join(names), **facts)


def _listed(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def explained(error: psycopg.Error, limit: int) -> AskError:
    """PostgreSQL's error as one of ours, `limit` being the longest time (ms).

    Of a failed connection nothing is repeated, for it may hold the address.
    """
    state, text = error.sqlstate, clean(" ".join(str(error.diag.message_primary or "").split()), 200)
    if state is None:
        return AskError(
            "PostgreSQL: no connection, or it broke: check the address, and that the server runs and lets this role in"
        )
    if state == "57014":
        return AskError(f"stopped after {limit // SECOND} s: ask for a shorter time, or fewer bots")
    if state == "25006":
        return UnsafeError(f"the SQL is not run: it would change the database ({text})")
    if state == "42601" and "multiple commands" in text:
        return UnsafeError("the SQL is not run: it holds more than one statement")
    return AskError(f"PostgreSQL does not run the SQL: {text}")
