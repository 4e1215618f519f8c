from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradetop.model.target import HealthCheck, HealthState
from tradetop.scrape.check import CheckState, Verdict, step

CHECK = HealthCheck()  # 30 s, 10 s, 3, 60 s
VERDICTS = {"+": Verdict.PASSED, "~": Verdict.DEGRADED, "-": Verdict.FAILED, "?": Verdict.NONE}
STATES = {
    "S": HealthState.STARTING,
    "H": HealthState.HEALTHY,
    "D": HealthState.DEGRADED,
    "U": HealthState.UNHEALTHY,
    "?": HealthState.UNKNOWN,
}


def run(verdicts: str, check: HealthCheck = CHECK, started: int = 0) -> tuple[str, CheckState | None]:
    """The states after each verdict, one check every interval from t = 0 on."""
    state: CheckState | None = None
    letters = {value: key for key, value in STATES.items()}
    seen = ""
    for number, mark in enumerate(verdicts):
        state = step(state, VERDICTS[mark], number * check.interval, check, started)
        seen += letters[state.state]
    return seen, state


@pytest.mark.parametrize(
    ("verdicts", "states"),
    [
        ("+", "H"),
        ("-+", "SH"),
        # Failures at 0 and 30 s lie in the start period of 60 s; the third that counts comes at 120 s.
        ("-----", "SSSSU"),
        # The first success ends the start period: failures after it count at once.
        ("+---", "HHHU"),
        ("+--+--", "HHHHHH"),
        ("+---+", "HHHUH"),
        ("+----", "HHHUU"),
        ("~", "D"),
        ("+~+", "HDH"),
        ("~---", "DDDU"),
        ("-----+", "SSSSUH"),
        ("?", "?"),
        ("???", "???"),
        ("?-", "?S"),
        ("+?+", "H?H"),
        # No endpoint says nothing of the bot: it breaks a row of failures, and is never red.
        ("+--?--", "HHH?SS"),
        ("+---?", "HHHU?"),
    ],
)
def test_as_a_container_runtime_does(verdicts: str, states: str) -> None:
    assert run(verdicts)[0] == states


def test_a_bot_that_has_run_for_long_has_no_start_period() -> None:
    assert run("---", started=-3_600_000)[0] == "SSU"


@pytest.mark.parametrize(("retries", "states"), [(1, "HU"), (2, "HHU"), (5, "HHHHHU")])
def test_retries_are_configurable(retries: int, states: str) -> None:
    assert run("+" + "-" * (len(states) - 1), HealthCheck(retries=retries))[0] == states


def test_the_start_period_is_configurable() -> None:
    assert run("---", HealthCheck(start_period=0))[0] == "SSU"
    assert run("-" * 13, HealthCheck(start_period=300_000))[0] == "S" * 12 + "U"


def test_a_restart_begins_a_new_start_period() -> None:
    _, state = run("+---")
    assert state is not None
    again = step(state, Verdict.FAILED, 120_000, CHECK, 110_000)
    assert (again.state, again.failures, again.since) == (HealthState.STARTING, 0, 120_000)


def test_learning_that_the_bot_has_run_for_long_is_no_restart() -> None:
    _, state = run("-")
    failed = step(state, Verdict.FAILED, 30_000, CHECK, -3_600_000)
    assert (failed.state, failed.failures, failed.started) == (HealthState.STARTING, 1, -3_600_000)


def test_since_tells_when_the_state_began() -> None:
    _, state = run("++--+++")
    assert state is not None
    assert (state.state, state.since) == (HealthState.HEALTHY, 0)
    _, state = run("+----")
    assert state is not None
    assert (state.state, state.since) == (HealthState.UNHEALTHY, 90_000)


@given(st.text("+~-?", max_size=40), st.integers(1, 5))
def test_unhealthy_only_after_so_many_failures_in_a_row(verdicts: str, retries: int) -> None:
    states, _ = run(verdicts, HealthCheck(retries=retries))
    for at, letter in enumerate(states):
        assert (letter == "U") <= (verdicts[max(0, at - retries + 1) : at + 1] == "-" * retries)
        assert verdicts[at] == "-" or letter == {"+": "H", "~": "D", "?": "?"}[verdicts[at]]
