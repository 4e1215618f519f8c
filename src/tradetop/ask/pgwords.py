"""The words of a PostgreSQL statement outside literals and comments, as the server itself would split it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tradetop.ask.fault import UnsafeError

NAME = 63
"""Bytes of a name that count; the server cuts longer ones."""
_SIGNS = frozenset("+-*/<>=~!@#%^&|`?")
_PIECE = re.compile(
    r"""(?P<blank>[ \t\n\r\f\v]+|--[^\n\r]*)
    |(?P<comment>/\*)
    |(?P<refused>[uU]&(?=['"])|[eE](?=')|\$)
    |(?P<text>'(?:[^']|'')*')
    |"(?P<quoted>(?:[^"]|"")*)"
    |(?P<word>[A-Za-z_\u0080-\U0010ffff][A-Za-z0-9_\u0080-\U0010ffff]*)
    |(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_COMMENT = re.compile(r"/\*|\*/")


@dataclass(frozen=True, slots=True)
class Words:
    """What a statement names."""

    names: frozenset[str]
    """Every word as the server looks it up: folded, or as it stands in quotes."""
    signs: str
    """The signs that operators are made of, with a blank where anything else stood."""


def words_of(sql: str, *, deparsed: bool = False) -> Words:
    """The words of a statement, where backslashes in texts mean themselves (standard_conforming_strings).

    UnsafeError where it is written so that what it names would have to be worked out, with escapes or dollars, unless
    the server wrote it (`deparsed`), which doubles every quote. What is not closed swallows nothing: it is no
    statement, and the server says so.
    """
    names: set[str] = set()
    signs: list[str] = []
    for kind, text in _pieces(sql):
        if kind == "refused" and not deparsed:
            said = "a $" if text == "$" else f"texts or names that begin with {text.upper()}"
            raise UnsafeError(f"the SQL is not run: it holds {said}, in which names can hide: write them plainly")
        if kind == "word":
            # A server of one byte a letter folds every letter, others only ASCII's.
            names |= {_cut(_folded(text)), _cut(text.lower())}
        elif kind == "quoted":
            names.add(_cut(text.replace('""', '"')))
        signs.append(text if kind == "other" and text in _SIGNS else " ")
    return Words(frozenset(names), "".join(signs))


def _pieces(sql: str) -> Iterator[tuple[str, str]]:
    """The pieces of a statement in order, each with its kind."""
    at = 0
    while (found := _PIECE.match(sql, at)) is not None:
        kind = found.lastgroup or ""
        at = _after_comment(sql, found.end()) if kind == "comment" else found.end()
        yield kind, found[kind]


def _after_comment(sql: str, at: int) -> int:
    """Where a comment ends, others within it too."""
    depth = 1
    while depth and (found := _COMMENT.search(sql, at)) is not None:
        depth += 1 if found[0] == "/*" else -1
        at = found.end()
    return at if not depth else len(sql)


def _folded(word: str) -> str:
    return "".join(letter.lower() if letter.isascii() else letter for letter in word)


def _cut(name: str) -> str:
    return name.encode("utf-8", "replace")[:NAME].decode("utf-8", "ignore")
