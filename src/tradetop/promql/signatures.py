"""What each function takes and gives."""

from __future__ import annotations

from dataclasses import dataclass

from tradetop.promql.fault import FaultError
from tradetop.promql.nodes import Kind, Node, Range, Reach

_KINDS = {"v": Kind.VECTOR, "m": Kind.MATRIX, "s": Kind.SCALAR, "t": Kind.STRING}
_ARTICLE = {Kind.VECTOR: "an", Kind.MATRIX: "a", Kind.SCALAR: "a", Kind.STRING: "a"}
_WHOLE = {
    "v": "abs absent acos acosh asin asinh atan atanh ceil cos cosh deg exp floor histogram_avg histogram_count"
    " histogram_stddev histogram_stdvar histogram_sum ln log10 log2 rad scalar sgn sin sinh sort sort_desc sqrt tan"
    " tanh timestamp start_timestamp",
    "m": "absent_over_time avg_over_time changes count_over_time delta deriv first_over_time idelta increase irate"
    " last_over_time mad_over_time max_over_time min_over_time present_over_time rate resets stddev_over_time"
    " stdvar_over_time sum_over_time ts_of_first_over_time ts_of_last_over_time ts_of_max_over_time"
    " ts_of_min_over_time",
    "s": "vector",
    "": "end pi range start step time",
    "v?": "day_of_month day_of_week day_of_year days_in_month hour minute month year",
    "vs": "clamp_max clamp_min",
    "vss": "clamp",
    "vs?": "round",
    "ms": "predict_linear",
    "mss": "double_exponential_smoothing",
    "sm": "quantile_over_time",
    "sv": "histogram_quantile",
    "ssv": "histogram_fraction",
    "ss": "max_of min_of",
    "vv?": "info",
    "vtttt": "label_replace",
    "vttt*": "label_join",
    "vt*": "sort_by_label sort_by_label_desc",
    "vts*********": "histogram_quantiles",
}
"""The functions by their arguments: v an instant vector, m a range vector, s a scalar, t a text.

A `?` says that the argument before it may be left out, a `*` at the end that as many more like it may follow as there
are stars; one alone says that it may be left out, or come as often as anybody likes.
"""
_SCALARS = frozenset(["end", "max_of", "min_of", "pi", "range", "scalar", "start", "step", "time"])
_RENAMED = {"holt_winters": "double_exponential_smoothing"}
_REACHES = {
    Reach.ANCHORED: frozenset(["changes", "delta", "increase", "rate", "resets"]),
    Reach.SMOOTHED: frozenset(["delta", "increase", "rate"]),
}
"""What can look beyond its window."""


@dataclass(frozen=True, slots=True)
class Signature:
    """The arguments of a function, and what it gives."""

    takes: tuple[Kind, ...]
    """The last one counts for all that follow."""
    least: int
    most: int | None
    gives: Kind


def _signature(name: str, form: str) -> Signature:
    takes = tuple(_KINDS[each] for each in form if each in _KINDS)
    stars = form.count("*")
    optional = "?" in form or stars == 1
    return Signature(
        takes,
        len(takes) - optional,
        None if stars == 1 else len(takes) + stars,
        Kind.SCALAR if name in _SCALARS else Kind.VECTOR,
    )


SIGNATURES = {name: _signature(name, form) for form, names in _WHOLE.items() for name in names.split()}


def signature(name: str, at: int) -> Signature:
    """The function's signature; FaultError where there is no such function, with the nearest that there is."""
    found = SIGNATURES.get(name)
    if found is not None:
        return found
    from difflib import get_close_matches  # A millisecond that only a mistake needs.

    near = _RENAMED.get(name) or next(iter(get_close_matches(name, SIGNATURES, 1)), None)
    hint = f"; Prometheus 3 calls it {near}" if name in _RENAMED else f"; did you mean {near}?" if near else ""
    raise FaultError(f"there is no function {name}(){hint}", at)


def check_arguments(name: str, of: Signature, args: list[Node], places: list[int], at: int) -> None:
    """FaultError where a function gets too few or too many arguments, or one of another kind; `places` are theirs."""
    count = len(args)
    if count < of.least or (of.most is not None and count > of.most):
        raise FaultError(f"{name}() takes {_counted(of)}, got {count}", at)
    for i, arg in enumerate(args):
        takes, got = of.takes[min(i, len(of.takes) - 1)], arg.kind
        if got is not takes:
            raise FaultError(f"{name}() takes {said(takes)}{_hint(takes, got)} here, not {said(got)}", places[i])
        if isinstance(arg, Range) and (reach := arg.selector.reach) is not Reach.WINDOW:
            able = _REACHES[reach]
            if name not in able:
                raise FaultError(f"only {', '.join(sorted(able))} take a window that is {reach.value}", places[i])


def said(kind: Kind) -> str:
    """`an instant vector`."""
    return f"{_ARTICLE[kind]} {kind.value}"


def _hint(takes: Kind, got: Kind) -> str:
    return " such as x[5m]" if takes is Kind.MATRIX and got is Kind.VECTOR else ""


def _counted(of: Signature) -> str:
    if of.most == 0:
        return "no arguments"
    if of.most is None:
        return f"at least {of.least} argument{'s' * (of.least != 1)}"
    if of.least == of.most:
        return f"{of.most} argument{'s' * (of.most != 1)}"
    return f"{of.least} to {of.most} arguments"
