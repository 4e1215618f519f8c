"""What is wrong with a query's text, and where."""

from __future__ import annotations


class FaultError(Exception):
    """Something in a query that cannot be read; `at` is the character it begins with, counted from 0."""

    def __init__(self, said: str, at: int) -> None:
        super().__init__(said)
        self.at = at


def where(text: str, at: int) -> str:
    """A character's place as people count: line and column from 1, such as `1:15`."""
    before = text[:at]
    return f"{before.count(chr(10)) + 1}:{at - before.rfind(chr(10))}"


SHOWN = 40
"""Characters of a word that an error quotes."""


def shown(said: str) -> str:
    """A word as an error quotes it, cut where it is long."""
    return said if len(said) <= SHOWN else said[: SHOWN - 1] + "…"
