"""The wiring that every command shares: from what was said to watches and a viewer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tradetop.cli.options import TargetOptions
from tradetop.cli.targets import check_databases, check_preset, credentials_of, targets_of, told
from tradetop.document.thresholds import Levels
from tradetop.model.clock import Clock, SystemClock
from tradetop.model.target import Target
from tradetop.recorder.watch import Watch
from tradetop.store.place import store_directory


@dataclass(frozen=True, slots=True)
class Wiring:
    """What a command runs with."""

    targets: tuple[Target, ...]
    overrides: Mapping[str, Levels]
    directory: Path
    clock: Clock
    notices: tuple[str, ...] = ()

    def watches(self) -> tuple[Watch, ...]:
        """A watch for each target."""
        return tuple(Watch(t, self.overrides, self.directory, self.clock) for t in self.targets)


def wire(said: TargetOptions) -> Wiring:
    """Make the wiring; Refusal where something said is wrong."""
    check_preset(said.preset)
    credentials = credentials_of(said)
    targets = tuple(told(target, said, credentials) for target in targets_of(said))
    check_databases(targets)
    warnings = credentials.warnings if credentials else ()
    return Wiring(targets, {}, store_directory(said.store), SystemClock(), warnings)
