"""PromQL: queries over a store's series."""

from tradetop.promql.engine import Engine, check
from tradetop.promql.error import PromQLError

__all__ = ["Engine", "PromQLError", "check"]
