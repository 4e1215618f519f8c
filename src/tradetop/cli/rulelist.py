"""`tradetop rules list`: every rule that a bot is judged by, what it corrects, and what to do when it fires."""

from __future__ import annotations

import asyncio
import json
import shutil
import textwrap
from collections.abc import Iterator, Mapping, Sequence

import click

from tradetop.cli.checks import check_presets
from tradetop.cli.configured import settings
from tradetop.cli.options import TargetOptions
from tradetop.cli.refusal import Refusal
from tradetop.cli.wiring import Wiring, rule_files, wire
from tradetop.dashboards.choose import BUILT_IN, preset
from tradetop.model.alert import Rule
from tradetop.panes.numbers import short
from tradetop.rules.thresholds import rules_of

FINE, FOUND = 0, 1
_WIDTH, _MOST = 80, 120
_INDENT = 12

Listed = Mapping[str, Sequence[Rule]]
"""Rules by whose they are: a preset's or a bot's."""


def list_rules(said: TargetOptions, *, as_json: bool) -> int:
    """Print the rules of the targets; without one those of files and of the preset that are named, or of every preset.

    The exit code: 0, or 1 where rules of files are broken and so not among them.
    """
    if said.targets or (said.config is not None and settings(said.config, said.prometheus_config).targets()):
        wiring = wire(said, once=True)
        found, broken = _of_targets(wiring), bool(wiring.rule_problems())
    else:
        found, broken = _of_files(said)
        if said.preset or not found:
            found = {**_of_presets([said.preset] if said.preset else BUILT_IN), **found}
    if as_json:
        click.echo(json.dumps([_object(whose, rule) for whose, rules in found.items() for rule in rules], indent=2))
    else:
        width = min(_MOST, max(_WIDTH, shutil.get_terminal_size((_WIDTH, 24)).columns))
        click.echo("\n".join(lines(found, width)))
    return FOUND if broken else FINE


def _of_files(said: TargetOptions) -> tuple[Listed, bool]:
    """The alerting rules of files that are named without a bot, and whether something of them is broken."""
    known = settings(said.config, said.prometheus_config)
    files = rule_files(said, known, once=True)
    if files is None:
        return {}, False
    remarks = known.prometheus.warnings if known.prometheus is not None else ()
    for line in (*remarks, *files.book.problems):
        click.echo(f"tradetop: {line}", err=True)
    found: dict[str, list[Rule]] = {}
    for group in files.book.groups:
        found.setdefault(group.file, []).extend(rule for rule in group.rules if isinstance(rule, Rule))
    return found or {"files": []}, bool(files.book.problems)


def _of_presets(names: Sequence[str]) -> Listed:
    check_presets(names)
    found = {}
    for name in names:
        dashboard = preset(name)
        if dashboard is None:
            raise Refusal(
                f"the rules of {name} are made from a bot's page: name the bot, such as http://127.0.0.1:8000"
            )
        found[name] = rules_of(dashboard)
    return found


def _of_targets(wiring: Wiring) -> Listed:
    """The rules by which these bots are judged, once each has answered or failed to."""
    from tradetop.cli.live import run
    from tradetop.cli.snapshots import answered

    watches = wiring.watches()
    for line in (*wiring.notices, *wiring.remarks, *wiring.rule_problems()):
        click.echo(f"tradetop: {line}", err=True)
    asyncio.run(run(watches, lambda: answered(watches)))
    for watch in watches:
        if watch.record.status.reason:
            click.echo(f"tradetop: {watch.record.target.name}: {watch.record.status.reason}", err=True)
    return {f"{w.record.target.name} ({w.dashboard().name})": tuple(w.rules()) for w in watches}


def lines(found: Listed, width: int) -> Iterator[str]:
    """The listing for people, no line longer than `width`."""
    for index, (whose, rules) in enumerate(found.items()):
        if index:
            yield ""
        yield f"{whose}: {len(rules)} rule{'s' * (len(rules) != 1)}"
        for rule in rules:
            yield ""
            yield from _entry(rule, width)


def _entry(rule: Rule, width: int) -> Iterator[str]:
    held = f"for {short(rule.hold)}" if rule.hold else "at once"
    kept = f", kept for {short(rule.keep_firing)}" if rule.keep_firing else ""
    severity = rule.labels.get("severity", "-")
    yield f"{severity:<{_INDENT - 2}}{rule.name}  {held}{kept}"
    yield from _wrapped("", rule.expr, width)
    if rule.corrects:
        yield from _wrapped("corrects", ", ".join(rule.corrects), width)
    if rule.runbook:
        yield from _wrapped("do", rule.runbook, width)
    if rule.source:
        yield from _wrapped("in", rule.source, width)


def _wrapped(word: str, text: str, width: int) -> list[str]:
    return textwrap.wrap(
        " ".join(text.split()),
        width,
        initial_indent=f"  {word:<{_INDENT - 2}}",
        subsequent_indent=" " * _INDENT,
        break_on_hyphens=False,
    )


def _object(whose: str, rule: Rule) -> dict[str, object]:
    return {
        "of": whose,
        "name": rule.name,
        "severity": rule.labels.get("severity", ""),
        "for": rule.hold / 1_000,
        "keep_firing_for": rule.keep_firing / 1_000,
        "expr": " ".join(rule.expr.split()),
        "labels": dict(rule.labels),
        "corrects": list(rule.corrects),
        "summary": rule.summary,
        "runbook": rule.runbook,
        "panel": rule.panel,
        "source": rule.source,
    }
