"""Stamps never go back, whatever the machine's clock does."""

from __future__ import annotations

from dataclasses import dataclass

from tradetop.recorder.clock import SteadyClock

HOUR = 3_600_000


@dataclass
class Machine:
    """A clock that a test sets."""

    wall: int = 1_000 * HOUR
    up: int = 0

    def now(self) -> int:
        return self.wall

    def monotonic(self) -> int:
        return self.up

    def pass_by(self, ms: int) -> None:
        self.wall += ms
        self.up += ms


def test_time_goes_on_at_its_own_pace_while_the_wall_clock_is_an_hour_behind() -> None:
    machine = Machine()
    clock = SteadyClock(machine)
    start = clock.now()
    machine.wall -= HOUR
    machine.pass_by(10_000)
    assert start + 9_900 <= clock.now() <= start + 10_000


def test_a_clock_that_was_set_back_is_caught_up_with() -> None:
    machine = Machine()
    clock = SteadyClock(machine)
    clock.now()
    machine.wall -= 5_000
    before = clock.now()
    for _ in range(6_000):
        machine.pass_by(100)
        now = clock.now()
        assert before + 90 <= now <= before + 100
        before = now
    assert clock.now() == machine.wall
    assert clock.ahead() == 0


def test_the_wall_clock_is_followed_again_once_it_has_caught_up() -> None:
    machine = Machine()
    clock = SteadyClock(machine)
    start = clock.now()
    machine.wall -= 5_000
    machine.pass_by(1_000)
    clock.now()
    machine.wall += 60_000
    assert clock.now() == machine.wall > start


def test_no_stamp_lies_before_the_history_that_was_loaded() -> None:
    machine = Machine()
    clock = SteadyClock(machine)
    clock.raise_to(machine.wall + HOUR)
    machine.pass_by(10_000)
    assert machine.wall + HOUR - 100 <= clock.now() <= machine.wall + HOUR


def test_not_even_a_monotonic_clock_that_is_set_back_takes_stamps_with_it() -> None:
    machine = Machine()
    clock = SteadyClock(machine)
    start = clock.now()
    machine.pass_by(-HOUR)
    assert clock.now() == start
    machine.pass_by(7_000)
    assert start + 6_900 <= clock.now() <= start + 7_000
