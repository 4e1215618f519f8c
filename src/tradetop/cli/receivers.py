"""The receivers of one run, read again when the user asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tradetop.cli.configured import Settings, own_settings
from tradetop.cli.refusal import Refusal
from tradetop.config import default_path

if TYPE_CHECKING:
    from tradetop.cli.wiring import Wiring
    from tradetop.recorder.notifying import Ringing
    from tradetop.recorder.watch import Watch


class Receivers:
    """Whom the watches of one run tell of alerts: as the configuration says whenever it is read."""

    def __init__(self, wiring: Wiring, path: Path | None, watches: Sequence[Watch]) -> None:
        """`path` is that of the configuration, None for the usual one."""
        self._wiring = wiring
        self._path = path
        self._watches = watches
        self._ringing = watches[0].ringing if watches else None

    def reload(self) -> tuple[str, ...]:
        """Read the configuration again; lines for people say what came of it. One that is wrong changes nothing."""
        before = self._names
        try:
            known = self._read()
            ringing = self._made(known)
        except Refusal as refusal:
            said = f"receivers stay as they were ({before or 'none'}): the configuration cannot be used"
            for watch in self._watches:
                watch.complain(f"notify: {said}: {str(refusal).splitlines()[0]}")
            return (*str(refusal).splitlines(), said)
        if ringing is None:
            return ()
        self._ringing = ringing
        for watch in self._watches:
            watch.ring(ringing)
        if not before and not self._names:
            return ()
        return (
            *known.warnings,
            f"receivers were read again: {self._names or 'none, nobody is told of alerts any more'}",
        )

    @property
    def _names(self) -> str:
        return ", ".join(receiver.name for receiver in self._ringing.receivers) if self._ringing is not None else ""

    def _read(self) -> Settings:
        if self._path is None and self._names and not default_path().is_file():
            raise Refusal(f"{default_path()}: no such file")
        return own_settings(self._path)

    def _made(self, known: Settings) -> Ringing | None:
        """Whom the configuration names now, with what else rings as it is; None where it never named anybody."""
        fresh = replace(self._wiring, settings=known).ringing()
        if self._ringing is None:
            return fresh
        return replace(self._ringing, receivers=() if fresh is None else fresh.receivers)
