"""`tradetop doctor`: which rules and panels can do their work against this bot, and why the others cannot."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from glob import has_magic
from pathlib import Path

import click

from tradetop.cli.configured import Settings, settings
from tradetop.cli.options import TargetOptions
from tradetop.cli.refusal import Refusal, unusable
from tradetop.cli.targets import credentials_of, targets_of, told
from tradetop.dashboards.choose import ANY, choose, preset
from tradetop.dashboards.file import load
from tradetop.dashboards.grafana import load_grafana
from tradetop.doctor import caps
from tradetop.doctor.bot_folder import caps as settings_caps
from tradetop.doctor.bot_folder import is_folder
from tradetop.doctor.case import Case
from tradetop.doctor.knowledge import Knowledge, known_of, with_page
from tradetop.doctor.panels import Shown, judge_panels, shown
from tradetop.doctor.prometheus import Setup, judge_setup, read_setup
from tradetop.doctor.report import Report, as_json, as_text
from tradetop.doctor.rules import judge
from tradetop.doctor.steps import lists
from tradetop.doctor.witness import trouble_of, witness_of
from tradetop.document import DocumentError
from tradetop.model.clock import DAY, SystemClock
from tradetop.model.panel import Dashboard
from tradetop.model.target import HealthState, Target
from tradetop.model.text import clean
from tradetop.rules.file import load_rules
from tradetop.rules.thresholds import rules_of
from tradetop.scrape.discover import discover
from tradetop.scrape.locate import masked
from tradetop.scrape.probe import Prober
from tradetop.scrape.scrape import Scrape, Scraper, samples
from tradetop.store import MemoryStore
from tradetop.store.file import HistoryReader
from tradetop.store.place import history_path, identity, store_directory

FINE, FOUND = 0, 1
PAST = 7 * DAY
"""How far back the history is read (ms)."""
FAR = 1 << 62


@dataclass(frozen=True, slots=True)
class Asked:
    """What was said to the doctor, beside the target."""

    dashboards: tuple[Path, ...] = ()
    folder: Path | None = None
    offline: bool = False
    """Ask no bot."""
    json: bool = False


@dataclass(frozen=True, slots=True)
class _Bot:
    """One bot, as it was found."""

    target: Target
    store: MemoryStore
    history: str
    scrape: Scrape
    health: tuple[tuple[str, bool | None, str], ...] = ()


def doctor(said: TargetOptions, asked: Asked) -> int:
    """Look at everything that was named and print what was found. The exit code: 0, or 1 where something is dead."""
    _check_files(said, asked)
    known = _settings(said)
    setup = None if said.prometheus_config is None else read_setup(said.prometheus_config)
    target = None if asked.offline else _target(said, known)
    bot = None if target is None else asyncio.run(_ask(target, said, known))
    report = _report(bot, setup, said, known, asked)
    click.echo(as_json(report) if asked.json else as_text(report), nl=False)
    return FINE if report.clean else FOUND


def _settings(said: TargetOptions) -> Settings:
    """The configuration, with prometheus.yml where that can be used: what is wrong with it is said in the report."""
    try:
        return settings(said.config, said.prometheus_config)
    except Refusal:
        if said.prometheus_config is None:
            raise
        return settings(said.config)


def _check_files(said: TargetOptions, asked: Asked) -> None:
    """Refusal where something named is not there."""
    rules = [(Path(p).expanduser(), "--rules") for p in said.rules if not has_magic(p)]
    files = [*rules, *((p, "--dashboard") for p in asked.dashboards), (said.prometheus_config, "--prometheus-config")]
    for path, option in files:
        if path is not None and (problem := unusable(option, path, once=option == "--rules")):
            raise Refusal(problem)
    if asked.folder is not None and not is_folder(asked.folder):
        raise Refusal(f"--bot-dir: {clean(str(asked.folder))}: no such folder, or it cannot be read")
    if len(said.targets) > 1:
        raise Refusal("doctor looks at one bot: name one TARGET")


def _target(said: TargetOptions, known: Settings) -> Target | None:
    """The bot that is meant: the one named, configured, or answering on this machine; None where there is none."""
    if said.targets:
        chosen = [known.over(t) for t in targets_of(said)]
    else:
        chosen = [c for c in known.targets() if c.target.url]
        if not chosen:
            found = asyncio.run(discover(known.config.discover.all_ports)).found
            chosen = [known.over(t) for t in targets_of(TargetOptions(found[:1]))]
    if not chosen:
        click.echo("tradetop: no bot answers on this machine: only what needs none is looked at", err=True)
        return None
    if not chosen[0].target.url:
        raise Refusal("doctor needs a bot's URL, such as http://127.0.0.1:8000")
    return told(chosen[0].target, said, credentials_of(said))


async def _ask(target: Target, said: TargetOptions, known: Settings) -> _Bot:
    """Read the history, then ask the bot once for its page and its health."""
    now = SystemClock().now()
    directory = store_directory(said.store or (Path(known.config.store) if known.config.store else None))
    path = history_path(directory, identity(target.url, target.database))
    store = MemoryStore()
    count = 0
    if path.is_file():
        reader = HistoryReader.open(path)
        for name, metadata in reader.metadata().items():
            store.set_metadata(name, metadata)
        count = reader.load(store, now - PAST)
        reader.close()
    scrape = await Scraper(target).scrape(now)
    health = await _health(target, now, scrape)
    return _Bot(target, store, clean(str(path)) if count else "", scrape, health)


async def _health(target: Target, now: int, scrape: Scrape) -> tuple[tuple[str, bool | None, str], ...]:
    prober = Prober(target)
    if scrape.page is not None:
        dashboard = _preset(choose({labels.name for labels in scrape.page.samples}))
        prober.suggest(dashboard.health if dashboard is not None else ())
    states = {HealthState.HEALTHY: True, HealthState.UNHEALTHY: False, HealthState.DEGRADED: False}
    found = (await prober.probe(now)).healths
    return tuple(
        (h.role, states.get(h.state, _told_of(h.reason)), f"{h.url}: {h.reason or h.state.value}") for h in found
    )


def _told_of(reason: str) -> bool | None:
    # One answer makes nothing unhealthy yet, but what it says is said.
    return False if reason and "no health endpoint" not in reason else None


def _report(bot: _Bot | None, setup: Setup | None, said: TargetOptions, settings_: Settings, asked: Asked) -> Report:
    known = _known(bot)
    dashboard = _chosen(known, said)
    known = _told(known, dashboard, setup, asked.folder)
    known = replace(known, born_counters=settings_.config.born_counters)
    store = bot.store if bot is not None else None
    witness, in_grafana = witness_of(store, known), witness_of(store, known, born=False)
    patterns = (*said.rules, *(() if said.rules else _loaded(setup, settings_)))
    book = load_rules(patterns, Path.cwd())
    own = dashboard is not None and not patterns
    judged = rules_of(dashboard) if own and dashboard is not None else book.rules
    rules = judge(judged, known, witness, trouble=trouble_of(_now(bot), known))
    found = [_panels(path) for path in asked.dashboards]
    panels = judge_panels([panel for each, _ in found for panel in each], known, in_grafana)
    problems = (*map(str, book.problems), *(problem for _, lines in found for problem in lines))
    files = () if setup is None else judge_setup(setup, book.files)
    case = _case(bot, known, setup, asked)
    named = tuple(clean(path.name) for path in book.files)
    case = replace(case, rules=rules, panels=panels, rule_files=named, broken=len(book.problems))
    down = bot is not None and not (bot.scrape.up and case.samples)
    return Report(_subject(bot, dashboard), files, rules, panels, problems, lists(case), down)


def _now(bot: _Bot | None) -> MemoryStore | None:
    """The bot's page as it was just read; None where it was not."""
    if bot is None or bot.scrape.page is None:
        return None
    store = MemoryStore()
    store.append_scrape("scrape", bot.scrape.t, samples(bot.scrape, bot.target))
    return store


def _loaded(setup: Setup | None, settings_: Settings) -> tuple[str, ...]:
    return (*settings_.config.rule_files, *(setup.config.rule_files if setup is not None else ()))


def _known(bot: _Bot | None) -> Knowledge:
    """What the history and the page tell; nothing where there is neither."""
    if bot is None:
        return Knowledge()
    known = known_of(bot.store.select((), 0, FAR), dict(bot.store.families))
    if bot.scrape.page is None:
        return known
    page = bot.scrape.page
    return replace(
        with_page(known, samples(bot.scrape, bot.target), page.metadata, bot.scrape.t),
        comment=page.comment,
    )


def _chosen(known: Knowledge, said: TargetOptions) -> Dashboard | None:
    """The preset that fits; None where none does."""
    return _preset(said.preset or choose(set(known.names))) if known.asked or said.preset else None


def _preset(name: str) -> Dashboard | None:
    if name == ANY:
        return None
    try:
        return preset(name)
    except (ValueError, DocumentError) as error:
        raise Refusal(str(error)) from None


def _told(known: Knowledge, dashboard: Dashboard | None, setup: Setup | None, folder: Path | None) -> Knowledge:
    """With the limits that the bot keeps by itself, and what prometheus.yml calls it."""
    found = caps.of_preset(dashboard) if dashboard is not None else {}
    if folder is not None:
        found |= caps.of_settings(settings_caps(folder), known.names)
    work = dashboard.set_in_work if dashboard is not None else frozenset[str]()
    return replace(known, caps=found, set_in_work=work, target=setup.target() if setup is not None else {})


def _panels(path: Path) -> tuple[tuple[Shown, ...], tuple[str, ...]]:
    """The panels of a Grafana file, or of one of our own, and what of it cannot be read."""
    if path.suffix.lower() not in (".yaml", ".yml"):
        found = load_grafana(path)
        return shown(found.panels, clean(path.name)), found.problems
    try:
        own = load(path)
    except DocumentError as error:
        return (), tuple(map(str, error.problems))
    return tuple(
        Shown(
            p.title, tuple(q.expr for q in p.queries), tuple(q.legend for q in p.queries), place=f"{path.name}: {p.id}"
        )
        for p in own.panels
    ), ()


def _case(bot: _Bot | None, known: Knowledge, setup: Setup | None, asked: Asked) -> Case:
    if bot is None:
        return Case(known, setup=setup, folder=asked.folder)
    page = bot.scrape.page
    elsewhere: Sequence[str] = ()
    if not bot.scrape.up and any(host in bot.target.url for host in ("//127.", "//localhost", "//[::1]")):
        elsewhere = asyncio.run(discover()).found
    return Case(
        known,
        masked(bot.target.url),
        bot.target.url,
        bot.scrape.up,
        bot.scrape.reason,
        len(page.samples) if page is not None else 0,
        bot.health,
        tuple(elsewhere),
        bot.history,
        setup=setup,
        folder=asked.folder,
    )


def _subject(bot: _Bot | None, dashboard: Dashboard | None) -> str:
    if bot is None:
        return "no bot was asked"
    state = "answers" if bot.scrape.up else f"does not answer ({bot.scrape.reason})"
    fits = f", preset {dashboard.name}" if dashboard is not None else ""
    return f"{clean(bot.target.name)} at {masked(bot.target.url)} {state}{fits}"
