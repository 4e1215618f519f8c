"""The commands: `tradetop [TARGET]...` watches; all others are said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tradetop import __version__
from tradetop.cli.options import (
    ACCESS,
    FILE,
    LOCAL,
    PLACE,
    SCREEN,
    TARGET,
    Picture,
    TargetOptions,
    screen_options,
    target_options,
    with_options,
)
from tradetop.cli.units import DURATION, MOMENT, SIZE

FORM = click.Choice(["text", "svg", "png", "json"])
"""What a snapshot can be."""


class Watching(click.Group):
    """A group whose default command is `watch`: `tradetop URL` is all that has to be typed."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] in self.commands:
            return super().resolve_command(ctx, args)
        return "watch", self.commands["watch"], args

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0] not in self.commands and args[0] not in ("--help", "-h", "--version")):
            args = ["watch", *args]
        return super().parse_args(ctx, args)


@click.group(cls=Watching, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="tradetop")
def tradetop() -> None:
    """An htop for trading bots.

    \b
    tradetop http://127.0.0.1:8000             watch a bot's /metrics and health
    tradetop http://127.0.0.1:8000 bots.db     with its event database
    tradetop bots.db                           events alone
    tradetop                                   what the configuration names, else what answers on this machine
    tradetop demo                              a built-in sample bot

    `tradetop watch --help` lists the options of watching.
    """


@tradetop.command(context_settings={"help_option_names": ["-h", "--help"]})
@with_options(*TARGET, *SCREEN)
def watch(**said: Any) -> None:
    """Watch bots on the screen; without a terminal, print one snapshot.

    TARGET is a bot's URL, or where its events lie: an SQLite file, or a URL of docs/events.md.
    """
    from tradetop.cli.watching import watch as run

    raise SystemExit(run(target_options(said), screen_options(said)))


@tradetop.command()
@with_options(*TARGET)
def record(**said: Any) -> None:
    """Record without a screen: history goes on while nobody is logged in."""
    from tradetop.cli.recording import record as run

    raise SystemExit(run(target_options(said)))


@tradetop.command()
@click.argument("text")
@click.argument("target", required=False)
@click.option("--at", type=MOMENT, help="When it happened: 2026-11-20T09:00, or 10m ago as 10m (default now).")
@click.option("--all", "everybody", is_flag=True, help="On the time axis of every bot.")
@with_options(*PLACE)
def mark(
    text: str, target: str | None, at: int | None, everybody: bool, config: Path | None, store: Path | None
) -> None:
    """Mark a bot's time axis; a text that begins with "deploy" restarts T+.

    TARGET is a bot's URL, its database or its name in the configuration; with one bot it need not be said.
    """
    from tradetop.cli.marking import mark as run

    raise SystemExit(run(text, target, at, everybody, config, store))


@tradetop.command()
@with_options(*TARGET)
@click.option("--format", "form", type=FORM, default="text", show_default=True)
@click.option("--size", type=SIZE, default="120x40", show_default=True, help="Columns x rows.")
@click.option("--output", "-o", type=FILE, help="Write to this file instead of standard output.")
@click.option("--theme", metavar="NAME", help="Theme of the SVG or PNG.")
@click.option("--redact", is_flag=True, help="Hide every amount, quantity, id and host.")
@click.option("--wait", type=DURATION, default=None, help="Watch this long before taking it.")
def snapshot(
    form: str,
    size: tuple[int, int],
    output: Path | None,
    theme: str | None,
    redact: bool,
    wait: int | None,
    **said: Any,
) -> None:
    """Print one picture of the overview and end: 0, or 3 when a bot is down."""
    from tradetop.cli.snapshots import snapshot as run

    raise SystemExit(run(target_options(said), Picture(form, size, theme, redact), output, wait))


@tradetop.command()
@with_options(*SCREEN)
@click.option("--seed", type=int, default=7, show_default=True, help="Of the scenario.")
@click.option("--interval", type=DURATION, default="1s", show_default=True, help="Scrape this often.")
@click.option("--store", type=FILE, metavar="DIR", help="Keep the history here instead of a folder that is removed.")
@click.option("--format", "form", type=FORM, help="Print one snapshot instead.")
@click.option("--size", type=SIZE, default="120x40", show_default=True, help="Of the snapshot.")
def demo(seed: int, interval: int, store: Path | None, form: str | None, size: tuple[int, int], **said: Any) -> None:
    """Watch the built-in sample bot: a process of its own, with metrics, health and an event database."""
    from tradetop.cli.demonstration import demo as run

    raise SystemExit(run(screen_options(said), seed, interval, store, form, size))


@tradetop.command()
@click.argument("alert")
@with_options(*TARGET)
@click.option("--value", type=float, required=True, help="What the alert's series shall be.")
@click.option("--notify", is_flag=True, help="Tell the receivers, marked DRILL, and then that it is over.")
@click.option("--fast", is_flag=True, help="Do not wait for the alert's `for`.")
@with_options(LOCAL)
def drill(alert: str, value: float, notify: bool, fast: bool, local: bool, **said: Any) -> None:
    """Pretend that ALERT's series has a value: pending, firing, delivered, with times; history stays as it is.

    Ends with 0, or 1 where the value would not fire or a message did not arrive.
    """
    from tradetop.cli.drill import drill as run

    raise SystemExit(run(target_options(said), alert, value, notify, fast, local))


@tradetop.group()
def notify() -> None:
    """Notifications of alerts, as the configuration's `notify` says."""


@notify.command()
@click.argument("receivers", nargs=-1, metavar="[RECEIVER]...")
@click.option("--config", "-c", type=FILE, help="Read this configuration file (YAML) instead of the usual one.")
def test(receivers: tuple[str, ...], config: Path | None) -> None:
    """Send a test message to every receiver, or to those named: 0, or 1 when one did not arrive."""
    from tradetop.cli.notify import test as run

    raise SystemExit(run(receivers, config))


@tradetop.command()
@with_options(*TARGET)
@click.option("--mark", "ids", multiple=True, metavar="ID", help="Mark these errors as reviewed; may be repeated.")
@click.option("--all", "everything", is_flag=True, help="Mark all of them.")
@click.option("--bot", default="", metavar="NAME", help="Of this bot alone: several bots may have an id in common.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
def review(ids: tuple[str, ...], everything: bool, bot: str, as_json: bool, **said: Any) -> None:
    """List the errors that a person must look at, such as every execution error, or mark them as reviewed.

    No bot is asked: the history and the event databases are read. 0 where nothing is left, 1 where something is,
    2 where events could not be read.
    """
    from tradetop.cli.review import review as run

    raise SystemExit(run(target_options(said), ids, everything, as_json, bot))


@tradetop.command()
def themes() -> None:
    """List the themes, where their files are, and what is wrong in them."""
    from tradetop.cli.themes import list_themes

    raise SystemExit(list_themes())


@tradetop.command()
@click.argument("targets", nargs=-1, metavar="[TARGET]...")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for scripts.")
@with_options(*PLACE, LOCAL)
def status(targets: tuple[str, ...], as_json: bool, config: Path | None, store: Path | None, local: bool) -> None:
    """Say of each bot whether it is recorded and how it is; nothing is asked, only the history is read.

    Ends with 0, or 3 where recording has stopped or a bot is down.
    """
    from tradetop.cli.status import status as run

    raise SystemExit(run(targets, config, store, as_json, local))


@tradetop.command()
@click.argument("words", nargs=-1, metavar="[QUESTION]")
@click.option("--db", "database", metavar="DB", help="The events: a file, a URL, or a target of the configuration.")
@click.option("--sql", "only_sql", is_flag=True, help="Print the SQL and run nothing.")
@click.option("--yes", is_flag=True, help="Run a model's SQL without asking.")
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
@click.option("--model", metavar="NAME", default="", help="The model, if not the one in OPENAI_MODEL.")
@with_options(*PLACE)
@click.option("--screen", is_flag=True, hidden=True)
@with_options(LOCAL)
def ask(words: tuple[str, ...], screen: bool, **said: Any) -> None:
    """Answer a QUESTION about events in plain words; without one, list what can be asked and what was.

    Ready questions need no model. For others, OPENAI_BASE_URL, OPENAI_API_KEY and OPENAI_MODEL name one; its SQL is
    shown before it is run, and can only read.
    """
    from tradetop.cli.ask import ask as run
    from tradetop.cli.desk import Asking

    if screen:
        from tradetop.cli.asker import answer_screen

        raise SystemExit(answer_screen(Asking("", **said)))
    raise SystemExit(run(Asking(" ".join(words), **said)))


@tradetop.command()
@click.argument("target", required=False)
@click.option("--openmetrics", is_flag=True, help="As OpenMetrics text: promtool makes a Prometheus' blocks of it.")
@click.option("--start", type=MOMENT, help="From when: 2026-11-20T09:00, or 30d ago as 30d (default all).")
@click.option("--end", type=MOMENT, help="Until when (default now).")
@click.option("--output", "-o", type=FILE, help="Write to this file instead of standard output.")
@with_options(*PLACE)
def export(**said: Any) -> None:
    """Write a bot's history as text, every sample of every series.

    TARGET is a bot's URL, its database or its name in the configuration; with one bot it need not be said.
    """
    from tradetop.cli.exporting import Export
    from tradetop.cli.exporting import export as run

    raise SystemExit(run(Export(**said)))


@tradetop.command("import")
@click.argument("file", type=FILE)
@click.option("--name", metavar="BOT", help="Into the history of this bot, or of this name.")
@with_options(*PLACE)
def import_(file: Path, name: str | None, config: Path | None, store: Path | None) -> None:
    """Read samples into a history: what `promtool tsdb dump` wrote, or OpenMetrics text with timestamps.

    FILE may end in .gz; - is standard input. To import the same twice changes nothing. 0, or 1 where lines were bad.
    """
    from tradetop.cli.importing import import_ as run

    raise SystemExit(run(file, name, config, store))


@tradetop.group(context_settings={"help_option_names": ["-h", "--help"]})
def history() -> None:
    """Histories: what is recorded, one file for each target."""


@history.command("check")
@click.argument("files", nargs=-1, type=FILE, metavar="[FILE]...")
@click.option(
    "--repair", is_flag=True, help="Save what can be read of a damaged one; that one stays, under another name."
)
@with_options(*PLACE)
def check_histories(files: tuple[Path, ...], repair: bool, config: Path | None, store: Path | None) -> None:
    """Read everything in history files, or in all of a store, and say whether it can be read; nothing is written.

    0, or 1 where one is damaged.
    """
    from tradetop.cli.integrity import check_histories as run

    raise SystemExit(run(files, config, store, repair))


@tradetop.group(context_settings={"help_option_names": ["-h", "--help"]})
def rules() -> None:
    """Rules: what they are, whether they are right, what they would do."""


@rules.command("list")
@with_options(*TARGET)
@click.option("--json", "as_json", is_flag=True, help="As JSON, one object for each rule.")
def list_rules(*, as_json: bool, **said: Any) -> None:
    """Print every rule that a bot is judged by, what it corrects, and what to do when it fires.

    Without a TARGET, those of the files named by --rules and of the preset named by --preset, or of all presets.
    0, or 1 where a rule file is broken.
    """
    from tradetop.cli.rulelist import list_rules as run

    raise SystemExit(run(target_options(said), as_json=as_json))


@rules.command("test")
@click.argument("files", nargs=-1, required=True, type=FILE, metavar="FILE...")
@click.option("--run", "names", multiple=True, metavar="REGEX", help="Only tests whose names match; may be repeated.")
def test_rules(files: tuple[Path, ...], names: tuple[str, ...]) -> None:
    """Run promtool's unit tests of rules: 0 when all pass, 1 when one fails, 2 when a file cannot be opened."""
    from tradetop.cli.rules import test

    raise SystemExit(test(files, names))


@rules.command("check")
@click.argument("files", nargs=-1, required=True, type=FILE, metavar="FILE...")
def check_rules(files: tuple[Path, ...]) -> None:
    """Say how many rules the files have and what is broken in them: 0, or 1 when something is."""
    from tradetop.cli.rules import check

    raise SystemExit(check(files))


@tradetop.command()
@with_options(*TARGET)
@click.option("--dashboard", "dashboards", multiple=True, type=FILE, help="Judge the panels of this Grafana JSON file.")
@click.option(
    "--bot-dir", "folder", type=FILE, metavar="DIR", help="Look into the bot's settings and logs, reading only."
)
@click.option("--offline", is_flag=True, help="Ask no bot: only what needs none is looked at.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def doctor(dashboards: tuple[Path, ...], folder: Path | None, offline: bool, as_json: bool, **said: Any) -> None:
    """Say which rules can never fire and which panels can never show anything, and why.

    0 when nothing is known not to work, 1 when something cannot work, 2 for a file that cannot be opened.
    """
    from tradetop.cli.diagnosis import Asked
    from tradetop.cli.doctor import doctor as run

    raise SystemExit(run(target_options(said), Asked(dashboards, folder, offline, as_json)))


@tradetop.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Listen on this address.")
@click.option("--port", type=click.IntRange(0, 65_535), default=8790, show_default=True, help="0 takes a free one.")
@click.option("--token-file", type=FILE, help="The bearer token that bots send; needed.")
@click.option("--db", type=FILE, default="bots.db", show_default=True, help="The event database; made if missing.")
@click.option("--type", "types", multiple=True, metavar="NAME", help="Take events of this type too; may be repeated.")
@click.option("--rate", type=click.FloatRange(0), default=200, show_default=True, help="Requests/s a client; 0: any.")
def serve(host: str, port: int, token_file: Path | None, db: Path, types: tuple[str, ...], rate: float) -> None:
    """Take bots' events over HTTP into a database: POST /events; `tradetop.emit` is a client for bots."""
    from tradetop.cli.serving import serve as run

    raise SystemExit(run(host, port, token_file, db, types, rate))


@tradetop.command()
@click.argument("name", required=False)
@click.argument("database", required=False)
@click.option("--since", type=MOMENT, help="From when: 2026-11-20T09:00, or 30d ago as 30d (default 7d).")
@click.option("--until", type=MOMENT, help="Until when (default now).")
@click.option("--bot", default="", metavar="BOT", help="Of this bot alone.")
@click.option("--strategy", "strategies", multiple=True, metavar="NAME", help="Of this one; two stand side by side.")
@click.option("--tag", default="", metavar="NAME", help="For ab: the metadata tag that tells the groups apart.")
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
@with_options(*PLACE)
@click.option("--rebuild", is_flag=True, help="Forget the sums that are kept, and read everything again.")
@with_options(LOCAL)
def report(name: str | None, database: str | None, **said: Any) -> None:
    """Report on an event database: daily, strategies, pairs, signals, latency, errors, ab; alone it lists them.

    DATABASE is the bot's SQLite file, d1:// or postgresql://; where the configuration names only one, it need not be
    said.
    """
    from tradetop.cli.reports import ReportOptions, list_reports
    from tradetop.cli.reports import report as run

    raise SystemExit(list_reports() if name is None else run(name, database, ReportOptions(**said)))


class Expressed(click.Command):
    """A command whose first word may be an expression that begins with a minus."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0][:1] == "-" and args[0][1:2] not in ("", "-", "c", "h"):
            args = [f" {args[0]}", *args[1:]]
        return super().parse_args(ctx, args)


@tradetop.command(cls=Expressed)
@click.argument("expr")
@click.argument("target", required=False)
@click.option("--server", metavar="URL", help="Ask this Prometheus-compatible server instead: http://host:9090.")
@click.option("--at", metavar="TIME", help="Evaluate at this time: RFC 3339, Unix seconds, now-1h (default now).")
@click.option("--start", metavar="TIME", help="Evaluate at many times: from this one on.")
@click.option("--end", metavar="TIME", help="The last of them (default now).")
@click.option("--step", metavar="DURATION", help="The time between two of them: 30s, 5m (default a 250th).")
@click.option("--json", "as_json", is_flag=True, help="As Prometheus' HTTP API answers.")
@with_options(*PLACE, *ACCESS)
def query(expr: str, target: str | None, as_json: bool, **said: Any) -> None:
    """Evaluate EXPR, in PromQL, over the history of a bot, its page, or a server.

    TARGET is a bot that has a history, or a URL whose page is read once; with one history it need not be said.
    Ends with 0, or 1 where the expression is wrong or nobody answers.
    """
    from tradetop.cli.query import query as run

    asked = {name: said.pop(name) for name in ("server", "at", "start", "end", "step")}
    options = TargetOptions(() if target is None else (target,), **said)
    raise SystemExit(run(expr.removeprefix(" "), options, **asked, as_json_=as_json))
