"""`tradetop doctor`: which rules and panels can do their work against these bots, and why the others cannot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from glob import has_magic
from pathlib import Path

import click

from tradetop.cli.configured import Settings, settings
from tradetop.cli.diagnosis import Asked, Files, case_of, chosen, elsewhere_than, read_files, subject_of, with_limits
from tradetop.cli.examined import Examined, examine, meant, not_asked, now
from tradetop.cli.options import TargetOptions
from tradetop.cli.refusal import Refusal, unusable
from tradetop.cli.wiring import alike
from tradetop.doctor.bot_folder import is_folder
from tradetop.doctor.case import Steps
from tradetop.doctor.knowledge import Knowledge, Unread, joined, of_targets
from tradetop.doctor.panels import Shown, judge_panels
from tradetop.doctor.prometheus import Setup, read_setup
from tradetop.doctor.report import OfBot, Report, as_json, as_text
from tradetop.doctor.rules import judge
from tradetop.doctor.steps import alert_list, bot_lists, lists
from tradetop.doctor.verdict import Kind, Verdict
from tradetop.doctor.witness import trouble_of, witness_of
from tradetop.model.address import is_page, shown
from tradetop.model.target import Target
from tradetop.model.text import clean
from tradetop.rules.thresholds import rules_of
from tradetop.scrape.locate import masked
from tradetop.store.union import Union

FINE, FOUND = 0, 1


def doctor(said: TargetOptions, asked: Asked) -> int:
    """Look at everything that was named and print what was found. The exit code: 0, or 1 where something is dead."""
    _check_files(said, asked)
    known = _settings(said)
    setup = None if said.prometheus_config is None else read_setup(said.prometheus_config)
    targets = () if asked.offline else meant(said, known)
    if len(targets) > 1:
        _check_several(asked, targets)
    bots, files = examine(targets, said, known), read_files(said, asked, setup, known.config)
    if len(bots) > 1:
        report = _of_several(bots, setup, files)
    else:
        unread = not_asked(targets[0], known) if said.targets and targets else ()
        report = _of_one(bots[0] if bots else None, setup, files, unread)
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
        raise Refusal("doctor takes one TARGET; without one it asks all that are configured")


def _check_several(asked: Asked, targets: Sequence[Target]) -> None:
    if asked.folder is not None:
        raise Refusal("--bot-dir is the folder of one bot: name its TARGET")
    if warning := alike(targets):
        click.echo(f"tradetop: {warning}", err=True)


def _of_one(bot: Examined | None, setup: Setup | None, files: Files, unread: tuple[Unread, ...]) -> Report:
    """The report on one bot, or on none; `unread` are others whose series rules of files would see as well."""
    known = bot.known() if bot is not None else Knowledge()
    dashboard = chosen(known, files.preset)
    known = with_limits(known, dashboard, setup, files)
    shared = replace(known, unread=unread)
    store = bot.store if bot is not None else None
    witness, in_grafana = witness_of(store, known), witness_of(store, known, born=False)
    trouble = trouble_of(now(bot) if bot is not None and bot.answered else None, known)
    own = dashboard is not None and not files.named
    judged = rules_of(dashboard) if own and dashboard is not None else files.book.rules
    rules = judge(judged, known if own else shared, witness, trouble=trouble)
    panels = tuple(
        verdict
        for board in files.boards
        for verdict in judge_panels(board.panels, known if board.own else shared, in_grafana)
    )
    elsewhere = elsewhere_than([bot] if bot is not None else [])
    case = replace(case_of(bot, known, setup, files, elsewhere), rules=rules, panels=panels)
    down = bot is not None and not (bot.up and bot.count)
    return Report(subject_of(bot, dashboard), files.judged(setup), rules, panels, files.problems, lists(case), down)


def _of_several(bots: Sequence[Examined], setup: Setup | None, files: Files) -> Report:
    """The report on several bots: rules of files and Grafana's panels see the series of all of them."""
    read = [bot.known() for bot in bots]
    dashboards = [chosen(known, bot.target.preset) for bot, known in zip(bots, read, strict=True)]
    knowns = [with_limits(known, board, None, files) for known, board in zip(read, dashboards, strict=True)]
    whole = _whole(bots, knowns, setup)
    every = Union([bot.series for bot in bots])
    rules = judge(files.book.rules, whole, witness_of(every, whole), trouble=trouble_of(now(*bots), whole))
    in_grafana = [panel for board in files.boards if not board.own for panel in board.panels]
    panels = judge_panels(in_grafana, whole, witness_of(every, whole, born=False))
    own: dict[int, tuple[Verdict, ...]] = {}
    for board in files.boards:
        if board.own:
            owner, verdicts = _fitting(board.panels, bots, knowns)
            own[owner] = (*own.get(owner, ()), *verdicts)
    elsewhere, found = elsewhere_than(bots), []
    for i, (bot, name) in enumerate(zip(bots, _names(bots), strict=True)):
        case = replace(case_of(bot, knowns[i], setup, files, elsewhere), panels=(*panels, *own.get(i, ())))
        dashboard = dashboards[i]
        if dashboard is not None and not files.named:
            trouble = trouble_of(now(bot) if bot.answered else None, knowns[i])
            case = replace(
                case, rules=judge(rules_of(dashboard), knowns[i], witness_of(bot.series, knowns[i]), trouble=trouble)
            )
        steps = () if bot.is_server or bot.scrape is None else bot_lists(case) if files.named else lists(case)
        found.append(OfBot(name, subject_of(bot, dashboard, name), case.rules, own.get(i, ()), steps, bot.down))
    subject = f"{len(bots)} targets"
    of_run: tuple[Steps, ...] = ()
    if files.named:
        subject += "; rules of files are judged on the series of all of them"
        of_run = (alert_list(replace(case_of(None, whole, setup, files), rules=rules)),)
    return Report(subject, files.judged(setup), rules, panels, files.problems, of_run, bots=tuple(found))


def _whole(bots: Sequence[Examined], knowns: Sequence[Knowledge], setup: Setup | None) -> Knowledge:
    """What is known of all bots together, and which of it nobody has read."""
    every = joined([bot.with_scrape(known) for bot, known in zip(bots, knowns, strict=True)])
    known = of_targets(every, [bot.labels for bot in bots])
    named = setup.target() if setup is not None else {}
    target = {name: values | named.get(name, frozenset()) for name, values in known.target.items()}
    unread = tuple(unread for bot in bots for unread in bot.unread())
    return replace(known, target=target, unread=unread, born_counters=knowns[0].born_counters)


def _fitting(
    panels: Sequence[Shown], bots: Sequence[Examined], knowns: Sequence[Knowledge]
) -> tuple[int, tuple[Verdict, ...]]:
    """Which of the bots a dashboard of our own is for: the one for which fewest of its panels are dead."""
    every = [
        judge_panels(panels, known, witness_of(bot.series, known, born=False))
        for bot, known in zip(bots, knowns, strict=True)
    ]
    return min(enumerate(every), key=lambda pair: sum(verdict.kind is Kind.NEVER for verdict in pair[1]))


def _names(bots: Sequence[Examined]) -> tuple[str, ...]:
    """A name for each bot that no other has."""
    names = [clean(bot.target.name) for bot in bots]
    counts = Counter(names)
    places = [
        masked(bot.target.url) if is_page(bot.target.url) else shown(bot.target.url or bot.target.database)
        for bot in bots
    ]
    return tuple(n if counts[n] == 1 else f"{n} at {place}" for n, place in zip(names, places, strict=True))
