"""What a function of PromQL looks like to the evaluator."""

from __future__ import annotations

from collections.abc import Callable

from tradetop.promql.nodes import Call
from tradetop.promql.run import Result, Run

Function = Callable[[Call, Run], Result]
"""Evaluates a call over the run's grid; it evaluates its arguments itself."""
