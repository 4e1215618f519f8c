"""Whether a bot was up at a moment is read back from its series."""

from __future__ import annotations

from tradetop.viewer.past import status_at
from viewer.stage import STEP, Stage, T


def test_the_status_of_a_moment_knows_nothing_of_what_came_later() -> None:
    stage = Stage()
    for i, up in enumerate((True, True, False, True)):
        stage.scrape(i, up=up)
    store, now = stage.record.store, stage.record.status

    def then(t: int) -> tuple[bool | None, int | None, str]:
        status = status_at(now, store, t)
        return status.up, status.scraped_at, status.reason

    assert then(T - 1) == (None, None, "")
    assert then(T) == (True, T, "")
    assert then(T + STEP + 5) == (True, T + STEP, "")
    assert then(T + 2 * STEP) == (False, T + STEP, "")
    assert then(T + 9 * STEP) == (True, T + 3 * STEP, "")
