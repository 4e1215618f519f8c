"""The functions of PromQL, by name."""

from tradetop.promql.functions import clock, elementwise, histogram, over_time, rate, relabel, shape
from tradetop.promql.functions.signature import Function

FUNCTIONS: dict[str, Function] = {
    **clock.FUNCTIONS,
    **elementwise.FUNCTIONS,
    **histogram.FUNCTIONS,
    **over_time.FUNCTIONS,
    **rate.FUNCTIONS,
    **relabel.FUNCTIONS,
    **shape.FUNCTIONS,
}

__all__ = ["FUNCTIONS", "Function"]
