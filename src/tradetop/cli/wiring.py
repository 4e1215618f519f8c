"""The wiring that every command shares: from what was said to watches."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tradetop.cli.configured import Configured, Settings, settings
from tradetop.cli.options import ScreenOptions, TargetOptions
from tradetop.cli.refusal import Refusal, unusable
from tradetop.cli.targets import credentials_of, targets_of, told
from tradetop.cli.zone import Zone
from tradetop.model.address import is_server
from tradetop.model.clock import Clock, SystemClock
from tradetop.model.labels import Labels
from tradetop.model.target import Target
from tradetop.model.text import clean
from tradetop.scrape.locate import is_address
from tradetop.store.keeping import KEEPING, Keeping
from tradetop.store.place import history_of, lock_path, notebook_path, store_directory

if TYPE_CHECKING:
    from tradetop.cli.rule_files import RuleFiles
    from tradetop.cli.scouting import Met, Scout
    from tradetop.model.silence import Silence
    from tradetop.recorder.notifying import Ringing
    from tradetop.recorder.watch import Watch
    from tradetop.scrape.scrape import Scraper
    from tradetop.store.notebook import NotebookFile


@dataclass(frozen=True, slots=True)
class Wiring:
    """What a command runs with."""

    targets: tuple[Configured, ...]
    directory: Path
    clock: Clock
    settings: Settings
    notices: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    """What is worth a line on standard error, but none on the screen."""
    rules: RuleFiles | None = None
    """Where the user has named any."""
    keeping: Keeping = KEEPING
    """How much history is kept."""
    rings: bool = True
    """Whether alerts may go out: not those of a demonstration, and not for a picture."""
    met: tuple[Met, ...] = ()
    """Servers that may get more bots."""

    def scout(self) -> Scout | None:
        """Who looks for new bots of servers; None where there are no servers."""
        if not self.met:
            return None
        from tradetop.cli.scouting import Scout

        return Scout(self.met)

    def scrapers(self) -> tuple[Scraper | None, ...]:
        """What may ask each target; None where there is no page, or another process asks for it."""
        from tradetop.scrape.scrape import Scraper
        from tradetop.store.lock import holder

        targets, locks = [c.target for c in self.targets], map(lock_path, self._histories)
        return tuple(
            Scraper(target) if target.url and not is_server(target.url) and holder(lock) is None else None
            for target, lock in zip(targets, locks, strict=True)
        )

    def watches(self, offset: int | None = None) -> tuple[Watch, ...]:
        """A watch for each target; `offset` is that of the zone that is shown, in minutes east of UTC, None of the
        configured one."""
        from tradetop.recorder.watch import Watch

        if offset is None:
            offset, _ = Zone(self.settings.config.local_time).at(self.clock.now())
        ringing = self.ringing()
        watches = tuple(
            Watch(
                c.target, c.overrides, self.directory, self.clock, ringing=ringing, offset=offset, keeping=self.keeping
            )
            for c in self.targets
        )
        if self.rules is not None:
            if len(watches) > 1 and not alike([c.target for c in self.targets]):
                from tradetop.recorder.court import Court

                court = Court([watch.record for watch in watches])
                for watch in watches:
                    watch.share(court)
            for watch in watches:
                watch.judge_by(self.rules.book)
        return watches

    def rule_problems(self) -> tuple[str, ...]:
        """Everything that is wrong with the rule files, as lines for people."""
        return tuple(map(str, self.rules.book.problems)) if self.rules is not None else ()

    def ringing(self) -> Ringing | None:
        """Who is told of alerts; None for nobody."""
        config = self.settings.config.notify
        if not self.rings or not config.receivers:
            return None
        from tradetop.cli.notify import receivers_of
        from tradetop.notify.outbox import outbox_path
        from tradetop.notify.traffic import Exchange
        from tradetop.recorder.notifying import Ringing

        notebook = self.notebook()

        def silences(subject: str) -> tuple[Silence, ...]:
            notebook.follow(self.clock.now())
            return notebook.all_silences(subject)

        return Ringing(receivers_of(config, os.environ), silences, exchange=Exchange(map(outbox_path, self._histories)))

    @property
    def _histories(self) -> list[Path]:
        """The history file of each target."""
        targets = (c.target for c in self.targets)
        return [history_of(self.directory, target.url, target.database) for target in targets]

    def notebook(self) -> NotebookFile:
        """What people wrote down about the bots whose histories lie in the same directory."""
        from tradetop.store.notebook import NotebookFile

        return NotebookFile(notebook_path(self.directory))

    def screen(self, said: ScreenOptions) -> ScreenOptions:
        """What the configuration says of the screen, with what the options say over it."""
        config = self.settings.config
        glyphs = None if config.glyphs == "auto" else config.glyphs
        return replace(
            said,
            theme=said.theme or config.theme or None,
            glyphs=said.glyphs or glyphs,
            color=said.color or config.color,
            mouse=said.mouse and config.mouse,
            local=said.local or config.local_time,
        )


def wire(said: TargetOptions, *, once: bool = False) -> Wiring:
    """Make the wiring; Refusal where something said is wrong, or nothing is found.

    Rule files may be pipes where they are read `once`, and not again while it runs.
    """
    known = settings(said.config, said.prometheus_config)
    credentials = credentials_of(said)
    chosen = _named(said, known) if said.targets else known.targets() or _discovered(known)
    chosen = tuple(replace(c, target=told(c.target, said, credentials)) for c in chosen)
    directory = store_directory(said.store or (Path(known.config.store) if known.config.store else None))
    served: tuple[str, ...] = ()
    met: tuple[Met, ...] = ()
    if any(is_server(c.target.url) for c in chosen):
        from tradetop.cli.servers import expanded

        found = expanded(chosen, directory)
        chosen, served, met = found.targets, found.lines, found.met
    if said.name and len(chosen) > 1:
        raise Refusal("--name is for one target; name several in a configuration file")
    databases = [c.target for c in chosen if c.target.database]
    # Only where there is something to check: it loads the presets, and the database readers.
    if said.preset:
        from tradetop.cli.checks import check_presets

        check_presets([said.preset])
    if databases:
        from tradetop.cli.databases import check_databases

        check_databases(databases)
    warned = (*known.warnings, *served, *(credentials.warnings if credentials else ()))
    remarks = known.prometheus.warnings if known.prometheus is not None else ()
    rules = rule_files(said, known, once=once)
    if rules is not None and len(chosen) > 1:
        warned = (*warned, *filter(None, [alike([c.target for c in chosen])]))
    return Wiring(chosen, directory, SystemClock(), known, warned, remarks, rules, _keeping(said, known), met=met)


def _keeping(said: TargetOptions, known: Settings) -> Keeping:
    """How much history is kept, as the options say, else the configuration."""
    retention = said.retention or known.config.retention or KEEPING.retention
    return Keeping(retention, said.history_size or known.config.history_size or KEEPING.size)


def _named(said: TargetOptions, known: Settings) -> tuple[Configured, ...]:
    """What the words name: targets by their names, then those at addresses, as the configuration knows them."""
    found = {word: known.named(word) for word in said.targets if not is_address(word)}
    by_name = tuple(each for each in found.values() if each is not None)
    rest = tuple(word for word in said.targets if found.get(word) is None)
    return by_name + tuple(known.over(target) for target in (targets_of(replace(said, targets=rest)) if rest else ()))


def alike(targets: Sequence[Target]) -> str:
    """Which targets no rule could tell apart, as a line for people; "" where there are none."""
    from tradetop.scrape.scrape import target_labels

    taken: dict[Labels, Target] = {}
    for target in targets:
        first = taken.setdefault(Labels(target_labels(target)), target)
        if first is not target:
            return (
                f"{clean(first.name)} and {clean(target.name)} have the same job and instance: rules of files see each"
                " bot alone; a job or a name of its own in the configuration tells it apart"
            )
    return ""


def rule_files(said: TargetOptions, known: Settings, *, once: bool = False) -> RuleFiles | None:
    """The rule files that were named, None where none is; Refusal where one that was typed cannot be read.

    They may be pipes where they are read `once`.
    """
    patterns = (*(str(Path.cwd() / Path(file).expanduser()) for file in said.rules), *known.config.rule_files)
    if not patterns and known.prometheus is None:
        return None
    from glob import has_magic

    typed = (Path(file).expanduser() for file in said.rules if not has_magic(file))
    if problems := [problem for path in typed if (problem := unusable("--rules", path, once=once))]:
        raise Refusal("\n".join(problems))
    from tradetop.cli.rule_files import RuleFiles, Sources

    return RuleFiles(Sources(patterns, known.prometheus.path if known.prometheus is not None else None))


def _discovered(known: Settings) -> tuple[Configured, ...]:
    """The bots that answer on this machine; what was tried is printed."""
    from tradetop.scrape.discover import discover

    found = asyncio.run(discover(known.config.discover.all_ports))
    for line in found.tried:
        click.echo(f"tradetop: {line}", err=True)
    server = os.environ.get("PROMETHEUS_URL", "").strip()
    if not found.found and server:
        named = server if is_server(server) else f"prometheus+{server}"
        click.echo("tradetop: PROMETHEUS_URL names a server: its bots are shown", err=True)
        return tuple(known.over(target) for target in targets_of(TargetOptions((named,))))
    if not found.found:
        raise Refusal(
            "no bot answers on this machine: name one, such as tradetop http://127.0.0.1:8000, or try tradetop demo"
        )
    return tuple(known.over(target) for target in targets_of(TargetOptions(found.found)))
