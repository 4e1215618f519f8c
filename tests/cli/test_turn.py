"""While the screen answers a key the engine stands back, but never for long."""

from __future__ import annotations

import threading

from tradetop.cli.turn import Turn


def test_the_engine_goes_on_when_the_screen_has_answered() -> None:
    turn, done = Turn(patience=60), []

    def engine() -> None:
        turn.stand_back()
        done.append("evaluated")

    with turn.answering():
        thread = threading.Thread(target=engine)
        thread.start()
        done.append("answered")
    thread.join()
    assert done == ["answered", "evaluated"]


def test_it_goes_on_without_the_screen_when_that_stands_still() -> None:
    turn = Turn(patience=0.01)
    with turn.answering():
        assert turn.stand_back(), "it waits, and ends though nobody says that the key is answered"
        assert not turn.stand_back(), "but only once"


def test_it_does_not_wait_where_no_key_is_being_answered() -> None:
    turn = Turn(patience=60)
    with turn.answering():
        pass
    assert not turn.stand_back()
