"""The functions of PromQL, by name."""

from tradetop.promql.functions import clock, elementwise, histogram, info, over_time, rate, relabel, shape
from tradetop.promql.functions.extended import extended
from tradetop.promql.functions.signature import Function

_PLAIN: dict[str, Function] = {
    **clock.FUNCTIONS,
    **elementwise.FUNCTIONS,
    **histogram.FUNCTIONS,
    **info.FUNCTIONS,
    **over_time.FUNCTIONS,
    **rate.FUNCTIONS,
    **relabel.FUNCTIONS,
    **shape.FUNCTIONS,
}
FUNCTIONS: dict[str, Function] = {**_PLAIN, **extended(_PLAIN)}

__all__ = ["FUNCTIONS", "Function"]
