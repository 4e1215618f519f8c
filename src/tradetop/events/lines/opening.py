"""From an address of lines to the store of their events."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tradetop.model.lines import LinesAddress, Source

if TYPE_CHECKING:
    from tradetop.events.store import EventStore
    from tradetop.model.clock import Clock
    from tradetop.model.target import Auth


def open_lines(address: LinesAddress, clock: Clock, auth: Auth) -> EventStore:
    """The store of the events that those lines tell; nothing is opened before it is asked for something."""
    from tradetop.events.lines.interpret import Interpreter

    interpreter = Interpreter(address.form, address.mapping, clock)
    if address.source is Source.JOURNAL:
        from tradetop.events.lines.journal import JournalLog

        return JournalLog(address.place, interpreter)
    if address.source is Source.LOKI:
        from tradetop.events.lines.loki import LokiLog

        return LokiLog(address.place, interpreter, clock, auth)
    path = Path(address.place).expanduser()
    if path.suffix.lower() == ".gz":
        from tradetop.events.lines.packed import PackedLog

        return PackedLog(path, interpreter)
    from tradetop.events.lines.logfile import LogFile

    return LogFile(path, interpreter, clock)
