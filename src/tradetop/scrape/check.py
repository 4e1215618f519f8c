"""The container check as a pure function: from one answer to the next state of a health endpoint."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from tradetop.model.clock import SECOND
from tradetop.model.target import HealthCheck, HealthState


class Verdict(Enum):
    """What one answer of a health endpoint means."""

    PASSED = "passed"
    DEGRADED = "degraded"
    """It works, but says that not all is well."""
    FAILED = "failed"
    NONE = "none"
    """No health endpoint answered, which says nothing of the bot's health."""


@dataclass(frozen=True, slots=True)
class CheckState:
    """A health endpoint between two checks; times in milliseconds."""

    state: HealthState
    since: int
    started: int
    """When the start period began."""
    failures: int = 0
    """Failures in a row that count."""
    passed: bool = False
    """Whether it has passed since it started."""


def step(before: CheckState | None, verdict: Verdict, t: int, check: HealthCheck, started: int) -> CheckState:
    """The state after a check at `t` of a bot that started at `started`, as a container runtime keeps it.

    Starting until the first success; failures in the start period do not count; unhealthy after `retries` failures in
    a row; well again with the first success. A later `started` is a restart, and begins anew; an earlier one is better
    knowledge of the same start.
    """
    if before is None or started > before.started + SECOND:
        before = CheckState(HealthState.STARTING, t, started)
    elif started < before.started:
        before = replace(before, started=started)
    match verdict:
        case Verdict.NONE:
            return _moved(replace(before, failures=0), HealthState.UNKNOWN, t)
        case Verdict.PASSED | Verdict.DEGRADED:
            state = HealthState.HEALTHY if verdict is Verdict.PASSED else HealthState.DEGRADED
            return _moved(replace(before, failures=0, passed=True), state, t)
    if not before.passed and t - before.started < check.start_period:
        return _moved(before, HealthState.STARTING, t)
    failed = replace(before, failures=before.failures + 1)
    if failed.failures >= check.retries:
        return _moved(failed, HealthState.UNHEALTHY, t)
    return _moved(failed, HealthState.STARTING, t) if failed.state is HealthState.UNKNOWN else failed


def _moved(state: CheckState, to: HealthState, t: int) -> CheckState:
    return state if state.state is to else replace(state, state=to, since=t)
