"""Whose turn it is: two threads share one interpreter, and a key must not wait for a query."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

PATIENCE = 0.05
"""Seconds that the engine waits at most for one answer: a screen that stands still must not hold up recording."""


class Turn:
    """The screen says when it answers a key; the engine stands back between two expressions."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._free = threading.Event()
        self._free.set()

    @contextmanager
    def answering(self) -> Iterator[None]:
        """While this lasts the engine stands back."""
        self._free.clear()
        try:
            yield
        finally:
            self._free.set()

    def stand_back(self) -> bool:
        """Wait while the screen answers a key; whether there was anything to wait for."""
        if self._free.is_set():
            return False
        if not self._free.wait(self._patience):
            self._free.set()  # Once is enough: each further expression would wait as long.
        return True
