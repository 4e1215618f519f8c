"""What a statement might do on PostgreSQL beside reading: the server says which of its words do more than that."""

# ruff: noqa: S608 - only our own words are put together.

from __future__ import annotations

from typing import TYPE_CHECKING, LiteralString

from tradetop.ask.fault import UnsafeError
from tradetop.ask.pgwords import Words, words_of
from tradetop.model.text import clean

if TYPE_CHECKING:
    import psycopg

HARMLESS = (
    *("random", "random_normal", "clock_timestamp", "timeofday", "gen_random_uuid", "uuidv4", "uuidv7"),
    *("pg_relation_size", "pg_table_size", "pg_indexes_size", "pg_total_relation_size", "pg_database_size"),
)
"""The server's own that give another value each time, and change nothing."""
INDIRECT = (
    *("table_to_xml", "table_to_xmlschema", "table_to_xml_and_xmlschema", "schema_to_xml", "schema_to_xmlschema"),
    *("schema_to_xml_and_xmlschema", "database_to_xml", "database_to_xmlschema", "database_to_xml_and_xmlschema"),
    *("pg_input_is_valid", "pg_input_error_info", "txid_current", "pg_current_xact_id"),
)
"""The server's own that are called stable and run what a text says, or begin a transaction that writes."""
_NESTED = 20
"""Views within views that are looked into."""
# Whoever writes a function says whether it only reads; VOLATILE is what it is where nothing is said. What is STABLE
# and not the server's own may run what a text says (crosstab), and so anything. An aggregate is what its parts are.
_VOLATILE: LiteralString = "p.provolatile = 'v' AND NOT (n.nspname = 'pg_catalog' AND p.proname = ANY (%(harmless)s))"
_DOES_MORE: LiteralString = f"""({_VOLATILE}
    OR p.provolatile = 's' AND n.nspname NOT IN ('pg_catalog', 'information_schema')
    OR n.nspname = 'pg_catalog' AND p.proname = ANY (%(indirect)s))"""
_FUNCTIONS: LiteralString = f"""SELECT DISTINCT f.proname::text
    FROM pg_catalog.pg_proc f LEFT JOIN pg_catalog.pg_aggregate a ON a.aggfnoid = f.oid
        JOIN pg_catalog.pg_proc p ON p.oid IN (f.oid, a.aggtransfn, a.aggfinalfn, a.aggcombinefn, a.aggserialfn,
            a.aggdeserialfn, a.aggmtransfn, a.aggminvtransfn, a.aggmfinalfn)
        JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
    WHERE f.proname = ANY (%(names)s) AND {_DOES_MORE}
        -- Those that triggers and the server itself call cannot be called by a statement.
        AND f.prorettype::regtype::text NOT IN ('trigger', 'event_trigger')
        AND NOT 'pg_catalog.internal'::regtype = ANY (f.proargtypes) ORDER BY 1"""
_OPERATORS: LiteralString = f"""SELECT DISTINCT o.oprname::text
    FROM pg_catalog.pg_operator o JOIN pg_catalog.pg_proc p ON p.oid = o.oprcode
        JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
    WHERE strpos(%(signs)s, o.oprname::text) > 0 AND {_VOLATILE} ORDER BY 1"""
_CASTS: LiteralString = f"""SELECT c.castsource::regtype::text || ' to ' || c.casttarget::regtype::text
    FROM pg_catalog.pg_cast c JOIN pg_catalog.pg_proc p ON p.oid = c.castfunc
        JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
    WHERE {_VOLATILE} ORDER BY 1"""
# What runs although a statement does not name it: what views, policies and domains are made of.
_WITHIN: LiteralString = """WITH named AS (
        SELECT c.oid, c.relkind FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relname = ANY (%(names)s) AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast'))
    SELECT pg_catalog.pg_get_viewdef(oid) FROM named WHERE relkind = 'v'
    UNION SELECT pg_catalog.pg_get_expr(p.polqual, p.polrelid) FROM pg_catalog.pg_policy p
        JOIN named ON named.oid = p.polrelid WHERE p.polqual IS NOT NULL
    UNION SELECT pg_catalog.format_type(a.atttypid, NULL) FROM pg_catalog.pg_attribute a
        JOIN named ON named.oid = a.attrelid WHERE a.attnum > 0 AND NOT a.attisdropped
    UNION SELECT pg_catalog.pg_get_constraintdef(k.oid) FROM pg_catalog.pg_constraint k
        JOIN pg_catalog.pg_type t ON t.oid = k.contypid WHERE t.typname = ANY (%(names)s)
    UNION SELECT pg_catalog.format_type(within, NULL) FROM pg_catalog.pg_type t,
        unnest(ARRAY[t.typbasetype, t.typelem]) within WHERE t.typname = ANY (%(names)s) AND within <> 0"""


def refuse_effects(link: psycopg.Connection[tuple[object, ...]], sql: str) -> None:
    """UnsafeError where a statement names what may do more than read, by itself or within a view, policy or domain.

    psycopg.Error where the server does not say.
    """
    if link.info.parameter_status("standard_conforming_strings") != "on":
        # A pooler between may have dropped what was asked for.
        raise UnsafeError(
            "the SQL is not run: the server takes backslashes in texts for escapes, in which names can hide"
        )
    said = _all(link, words_of(sql))
    values = {"names": [*said.names], "signs": said.signs, "harmless": [*HARMLESS], "indirect": [*INDIRECT]}
    for kind, query in (("function", _FUNCTIONS), ("operator", _OPERATORS), ("cast", _CASTS)):
        found = [clean(str(row[0]), 80) for row in link.execute(query, values)]
        if found:
            raise UnsafeError(
                f"the SQL is not run: {found[0]} is a {kind} that may change or disturb something"
                + (" (a column or alias of that name needs another)" if kind == "function" else "")
            )


def _all(link: psycopg.Connection[tuple[object, ...]], said: Words) -> Words:
    """The words of a statement and of all that it names."""
    names, signs = said.names, said.signs
    fresh = names
    for _ in range(_NESTED):
        within = [words_of(str(row[0]), deparsed=True) for row in link.execute(_WITHIN, {"names": [*fresh]})]
        fresh = frozenset().union(*(one.names for one in within)) - names
        names |= fresh
        signs = " ".join([signs, *(one.signs for one in within)])
        if not fresh:
            return Words(names, signs)
    raise UnsafeError(f"the SQL is not run: it names views within views, more than {_NESTED} deep")
