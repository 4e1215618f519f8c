"""Traffic: what one recorder sends of all its targets, so that a receiver's cap holds over them together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tradetop.notify.outbox import ledgers_in
from tradetop.notify.state import Ledger, State, is_urgent


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What goes to one receiver of other targets; times in milliseconds."""

    sent: tuple[int, ...] = ()
    """When, within the last hour or the last time before."""
    held: tuple[int, ...] = ()
    """Of each target that the cap holds: since when its oldest alert waits."""
    urgent: tuple[int, ...] = ()
    """And its oldest new critical one, where it has any."""


Traffic = Mapping[str, Elsewhere]
"""By receiver."""


class Exchange:
    """Where the targets of one recorder learn of each other; for one thread.

    What a target has sent lies in its own outbox, in one transaction with the messages: a process that is killed has
    forgotten none of it, and the next one finds it there before it has taken all the locks.
    """

    def __init__(self, paths: Iterable[Path] = ()) -> None:
        """`paths` are the outboxes of all targets, whether anything is in them or not."""
        self._paths = tuple(paths)
        self._states: dict[Path, Callable[[], State]] = {}
        self._found: dict[Path, State] = {}

    def join(self, path: Path, state: Callable[[], State]) -> None:
        """From now on this is what is known of the target with this outbox."""
        self._states[path] = state

    def leave(self, path: Path) -> None:
        """Its outbox is closed: what it has sent still counts."""
        self._found[path] = State(ledgers=self._states.pop(path)().ledgers)

    def beside(self, path: Path) -> Traffic:
        """What goes out of all targets but the one with this outbox."""
        states = [self._state(other) for other in {*self._paths, *self._states} if other != path]
        names = {name for state in states for name in state.ledgers}
        return {name: _together(name, states) for name in names}

    def _state(self, path: Path) -> State:
        if path in self._states:
            return self._states[path]()
        if path not in self._found:
            self._found[path] = State(ledgers={ledger.receiver: ledger for ledger in ledgers_in(path)})
        return self._found[path]


def _together(receiver: str, states: Iterable[State]) -> Elsewhere:
    known = [(state, state.ledgers.get(receiver, Ledger(receiver))) for state in states]
    sent = tuple(t for _, ledger in known for t in ledger.sent)
    queues = [_queue(receiver, state) for state, ledger in known if ledger.held]
    urgent = [[since for since, presses in queue if presses] for queue in queues]
    return Elsewhere(
        sent, tuple(min(queue)[0] for queue in queues if queue), tuple(min(queue) for queue in urgent if queue)
    )


def _queue(receiver: str, state: State) -> list[tuple[int, bool]]:
    """Since when alerts wait for a receiver, and which are new critical ones."""
    every = ((waiting, episode) for episode in state.episodes.values() for waiting in episode.waiting)
    return [(waiting.since, is_urgent(waiting, episode)) for waiting, episode in every if waiting.receiver == receiver]
