"""The door to PromQL's text: a query read once, then remembered."""

from __future__ import annotations

from functools import lru_cache

from tradetop.promql.caps import NESTING, check_text, quoted
from tradetop.promql.error import PromQLError
from tradetop.promql.fault import FaultError, where
from tradetop.promql.nodes import Node
from tradetop.promql.parse import Parser

QUERIES = 16_384
"""How many queries are remembered: as many as the rules of a large installation."""


@lru_cache(maxsize=QUERIES)
def parse(text: str) -> Node:
    """Read a query, checking its types; PromQLError with line and column where it cannot be read."""
    check_text(text)
    try:
        return Parser(text).query()
    except FaultError as fault:
        raise PromQLError(f"cannot read {quoted(text)}: {where(text, fault.at)}: {fault}") from None
    except RecursionError:
        # The limits keep far from it, unless whoever asks stands on a deep stack already.
        raise PromQLError(f"cannot read {quoted(text)}: it is nested too deep; at most {NESTING} are read") from None
