"""What the doctor is asked to judge, and what it says of a bot whatever is judged."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tradetop.cli.examined import Examined, dashboard_of
from tradetop.cli.options import TargetOptions
from tradetop.config import Config
from tradetop.dashboards.choose import choose
from tradetop.dashboards.file import load
from tradetop.dashboards.grafana import load_grafana
from tradetop.doctor import caps
from tradetop.doctor.bot_folder import caps as settings_caps
from tradetop.doctor.case import Case
from tradetop.doctor.knowledge import Knowledge
from tradetop.doctor.panels import Shown, shown
from tradetop.doctor.prometheus import Setup, judge_setup
from tradetop.doctor.verdict import Verdict
from tradetop.document import DocumentError
from tradetop.model.panel import Dashboard
from tradetop.model.text import clean
from tradetop.rules.file import RuleFile, load_rules
from tradetop.scrape.discover import discover


@dataclass(frozen=True, slots=True)
class Asked:
    """What was said to the doctor, beside the target."""

    dashboards: tuple[Path, ...] = ()
    folder: Path | None = None
    offline: bool = False
    """Ask no bot."""
    json: bool = False


@dataclass(frozen=True, slots=True)
class Board:
    """The panels of one dashboard file."""

    panels: tuple[Shown, ...]
    own: bool
    """It is one of our own, which is one bot's; Grafana's see all that a server has."""


@dataclass(frozen=True, slots=True)
class Files:
    """The files that are judged."""

    book: RuleFile
    named: bool
    """Whether there are rule files; else each bot is judged by its preset."""
    boards: tuple[Board, ...]
    problems: tuple[str, ...]
    preset: str
    folder: Path | None
    born_counters: bool

    def judged(self, setup: Setup | None) -> tuple[Verdict, ...]:
        """Whether Prometheus takes and loads them."""
        return () if setup is None else judge_setup(setup, self.book.files)


def read_files(said: TargetOptions, asked: Asked, setup: Setup | None, config: Config) -> Files:
    """Read all that was named; what is wrong with it is among the problems."""
    patterns = said.rules or (*config.rule_files, *(setup.config.rule_files if setup is not None else ()))
    book = load_rules(patterns, Path.cwd())
    read = [_board(path) for path in asked.dashboards]
    problems = (*map(str, book.problems), *(problem for _, lines in read for problem in lines))
    boards = tuple(board for board, _ in read)
    return Files(book, bool(patterns), boards, problems, said.preset or "", asked.folder, config.born_counters)


def _board(path: Path) -> tuple[Board, tuple[str, ...]]:
    """The panels of a Grafana file, or of one of our own, and what of it cannot be read."""
    if path.suffix.lower() not in (".yaml", ".yml"):
        found = load_grafana(path)
        return Board(shown(found.panels, clean(path.name)), own=False), found.problems
    try:
        own = load(path)
    except DocumentError as error:
        return Board((), own=True), tuple(map(str, error.problems))
    panels = tuple(
        Shown(
            p.title, tuple(q.expr for q in p.queries), tuple(q.legend for q in p.queries), place=f"{path.name}: {p.id}"
        )
        for p in own.panels
    )
    return Board(panels, own=True), ()


def chosen(known: Knowledge, name: str) -> Dashboard | None:
    """The preset of this name, else the one that fits; None where none does."""
    return dashboard_of(name or choose(set(known.names))) if known.asked or name else None


def with_limits(known: Knowledge, dashboard: Dashboard | None, setup: Setup | None, files: Files) -> Knowledge:
    """With the limits that the bot keeps by itself, and what prometheus.yml calls it."""
    found = caps.of_preset(dashboard) if dashboard is not None else {}
    if files.folder is not None:
        found |= caps.of_settings(settings_caps(files.folder), known.names)
    return replace(
        known,
        caps=found,
        set_in_work=dashboard.set_in_work if dashboard is not None else frozenset[str](),
        target=setup.target() if setup is not None else {},
        born_counters=files.born_counters,
    )


def elsewhere_than(bots: Iterable[Examined]) -> tuple[str, ...]:
    """Where else on this machine metrics answer, if a bot does not that should be here."""
    every = tuple(bots)
    if not any(bot.scrape is not None and not bot.up and not bot.is_server and _is_here(bot) for bot in every):
        return ()
    known = {bot.target.url for bot in every if bot.up}
    return tuple(url for url in asyncio.run(discover()).found if url not in known)


def _is_here(bot: Examined) -> bool:
    return any(host in bot.target.url for host in ("//127.", "//localhost", "//[::1]"))


def case_of(
    bot: Examined | None, known: Knowledge, setup: Setup | None, files: Files, elsewhere: Sequence[str] = ()
) -> Case:
    """What the lists go by, but for the verdicts; `elsewhere` are places where metrics answer that are no bot's."""
    case = Case(
        known,
        rule_files=tuple(clean(path.name) for path in files.book.files),
        broken=len(files.book.problems),
        setup=setup,
        folder=files.folder,
    )
    if bot is None or bot.scrape is None:
        return case
    return replace(
        case,
        place=bot.place,
        url=bot.target.url,
        up=bot.up,
        reason=bot.scrape.reason,
        samples=bot.count,
        health=bot.health,
        elsewhere=tuple(elsewhere) if not bot.up and _is_here(bot) else (),
        history=bot.history,
    )


def subject_of(bot: Examined | None, dashboard: Dashboard | None, name: str = "") -> str:
    """Where a bot is, and whether it answers."""
    if bot is None:
        return "no bot was asked"
    fits = f", preset {dashboard.name}" if dashboard is not None else ""
    if bot.scrape is None:
        return f"{name or clean(bot.target.name)}: no page, only a database, which is not read here{fits}"
    state = "answers" if bot.up else f"does not answer ({bot.scrape.reason})"
    place = bot.place
    return f"{name.removesuffix(f' at {place}') or clean(bot.target.name)} at {place} {state}{fits}"
