"""Checks of what was said that take more than a look: presets, thresholds, event databases."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from pathlib import Path

from tradetop.cli.refusal import Refusal
from tradetop.config import Config
from tradetop.dashboards.choose import BUILT_IN, UnknownPresetError, preset
from tradetop.dashboards.file import unknown_overrides
from tradetop.document import DocumentError
from tradetop.events.fault import EventError, LockedError
from tradetop.events.sqlite import EventDatabase
from tradetop.model.clock import SystemClock
from tradetop.model.target import Target


def check_presets(names: Iterable[str]) -> None:
    """Refusal where a preset is unknown, or its file wrong."""
    for name in names:
        try:
            preset(name)
        except (UnknownPresetError, DocumentError) as error:
            raise Refusal(str(error)) from None


def check_config(config: Config, source: Path) -> None:
    """Refusal where the configuration names presets, or panels, that there are not."""
    check_presets(filter(None, (target.preset for target in config.targets)))
    thresholds = {**config.thresholds}
    for target in config.targets:
        thresholds |= target.thresholds
    if thresholds:
        names = (*BUILT_IN, *filter(None, (target.preset for target in config.targets)))
        known = [dashboard for name in names if (dashboard := preset(name)) is not None]
        problems = unknown_overrides(thresholds, str(source), known)
        if problems:
            raise Refusal(str(DocumentError(problems)))


def check_databases(targets: Sequence[Target]) -> None:
    """Refusal where an event database cannot be one: it is missing, or is no SQLite file with events."""
    for target in targets:
        try:
            asyncio.run(EventDatabase(Path(target.database), SystemClock()).check())
        except LockedError:
            # A lock passes; the screen says so while it lasts.
            continue
        except EventError as error:
            raise Refusal(str(error)) from None
