"""Functions of one value at a time: arithmetic, trigonometry, clamps."""

from __future__ import annotations

import math
from collections.abc import Callable

from tradetop.promql.functions.signature import Function
from tradetop.promql.nodes import Call
from tradetop.promql.numbers import divide
from tradetop.promql.run import Curve, Result, Run

Unary = Callable[[float], float]


def _map(curves: list[Curve], change: Unary) -> list[Curve]:
    return [Curve(c.labels, [None if v is None else change(v) for v in c.values], True) for c in curves]


def _each(change: Unary) -> Function:
    return lambda call, run: _map(run.vector(call.args[0]), change)


def _safe(change: Unary, overflow: float = math.inf) -> Unary:
    """Give NaN outside a function's domain and infinity past its range, as Go does, where Python raises."""

    def safe(value: float) -> float:
        try:
            return change(value)
        except ValueError:
            return math.nan
        except OverflowError:
            return math.copysign(overflow, value) if change in _ODD else overflow

    return safe


_ODD = (math.sinh,)


def _logarithm(log: Unary) -> Unary:
    return lambda v: -math.inf if v == 0 else math.nan if v < 0 else log(v)


def _rounded(round_: Callable[[float], int]) -> Unary:
    """Keep the sign of zero, and what has no integer."""
    return lambda v: math.copysign(float(round_(v)), v) if math.isfinite(v) else v


def _sign(value: float) -> float:
    return 1.0 if value > 0 else -1.0 if value < 0 else value


def _atanh(value: float) -> float:
    return math.copysign(math.inf, value) if abs(value) == 1 else math.atanh(value)


def _clamp(call: Call, run: Run) -> Result:
    lows, highs = run.scalar(call.args[1]), run.scalar(call.args[2])
    out = []
    for curve in run.vector(call.args[0]):
        values = [
            None if v is None or high < low else _clamped(v, low, high)
            for v, low, high in zip(curve.values, lows, highs, strict=True)
        ]
        out.append(Curve(curve.labels, values, True))
    return out


def _clamped(value: float, low: float, high: float) -> float:
    return math.nan if low != low or high != high else _larger(low, _smaller(high, value))


def _limited(limit: Callable[[float, float], float]) -> Function:
    def limited(call: Call, run: Run) -> Result:
        bounds = run.scalar(call.args[1])
        return [
            Curve(c.labels, [None if v is None else limit(b, v) for v, b in zip(c.values, bounds, strict=True)], True)
            for c in run.vector(call.args[0])
        ]

    return limited


def _larger(x: float, y: float) -> float:
    """Go's math.Max: nothing is larger than infinity, not even what is no number."""
    if math.inf in (x, y):
        return math.inf
    return math.nan if x != x or y != y else max(x, y)


def _smaller(x: float, y: float) -> float:
    """Go's math.Min."""
    if -math.inf in (x, y):
        return -math.inf
    return math.nan if x != x or y != y else min(x, y)


def _round(call: Call, run: Run) -> Result:
    """To the nearest multiple, ties upwards (functions.go, funcRound)."""
    if len(call.args) == 1:
        return _map(run.vector(call.args[0]), lambda v: _nearest(v, 1.0))
    units = run.scalar(call.args[1])
    return [
        Curve(c.labels, [None if v is None else _nearest(v, u) for v, u in zip(c.values, units, strict=True)], True)
        for c in run.vector(call.args[0])
    ]


def _nearest(value: float, unit: float) -> float:
    inverse = divide(1.0, unit)
    scaled = value * inverse + 0.5
    return divide(math.floor(scaled) if math.isfinite(scaled) else scaled, inverse)


def _two_scalars(choose: Callable[[float, float], float]) -> Function:
    return lambda call, run: [
        choose(x, y) for x, y in zip(run.scalar(call.args[0]), run.scalar(call.args[1]), strict=True)
    ]


FUNCTIONS: dict[str, Function] = {
    "abs": _each(abs),
    "acos": _each(_safe(math.acos)),
    "acosh": _each(_safe(math.acosh)),
    "asin": _each(_safe(math.asin)),
    "asinh": _each(math.asinh),
    "atan": _each(math.atan),
    "atanh": _each(_safe(_atanh)),
    "ceil": _each(_rounded(math.ceil)),
    "clamp": _clamp,
    "clamp_max": _limited(_smaller),
    "clamp_min": _limited(_larger),
    "cos": _each(_safe(math.cos)),
    "cosh": _each(_safe(math.cosh)),
    "deg": _each(lambda v: v * 180 / math.pi),
    "exp": _each(_safe(math.exp)),
    "floor": _each(_rounded(math.floor)),
    "ln": _each(_logarithm(math.log)),
    "log10": _each(_logarithm(math.log10)),
    "log2": _each(_logarithm(math.log2)),
    "max_of": _two_scalars(_larger),
    "min_of": _two_scalars(_smaller),
    "rad": _each(lambda v: v * math.pi / 180),
    "round": _round,
    "sgn": _each(_sign),
    "sin": _each(_safe(math.sin)),
    "sinh": _each(_safe(math.sinh)),
    "sqrt": _each(_safe(math.sqrt)),
    "tan": _each(_safe(math.tan)),
    "tanh": _each(math.tanh),
}
