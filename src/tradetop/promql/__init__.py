"""PromQL: queries over a store's series."""

from tradetop.promql.engine import Engine
from tradetop.promql.error import PromQLError

__all__ = ["Engine", "PromQLError"]
