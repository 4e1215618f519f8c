"""The options that commands share, and what the user said with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

import click

from tradetop.cli.units import BYTES, DURATION, MOMENT, RETENTION

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class TargetOptions:
    """What was said about the targets; None and () mean that nothing was."""

    targets: tuple[str, ...] = ()
    config: Path | None = None
    interval: int | None = None
    health: tuple[str, ...] = ()
    store: Path | None = None
    retention: int | None = None
    history_size: int | None = None
    preset: str | None = None
    name: str | None = None
    mode: str | None = None
    since: int | None = None
    token_file: Path | None = None
    token_env: str | None = None
    user: str | None = None
    password_file: Path | None = None
    password_env: str | None = None
    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None
    insecure: bool = False
    rules: tuple[str, ...] = ()
    prometheus_config: Path | None = None


@dataclass(frozen=True, slots=True)
class ScreenOptions:
    """What was said about the screen."""

    theme: str | None = None
    glyphs: str | None = None
    color: str | None = None
    mouse: bool = True
    local: bool = False
    redact: bool = False
    slow: bool = False
    driver: str = "diff"


@dataclass(frozen=True, slots=True)
class Picture:
    """What kind of picture was asked for."""

    form: str = "text"
    """text, svg, png or json."""
    size: tuple[int, int] = (120, 40)
    theme: str | None = None
    redact: bool = False
    local: bool = False
    """Times in the machine's own zone, not in UTC."""


FILE = click.Path(path_type=Path)

ACCESS = (
    click.option("--token-file", type=FILE, help="Bearer token for the target, from this file."),
    click.option("--token-env", metavar="NAME", help="Bearer token, from this environment variable."),
    click.option("--user", metavar="NAME", help="User for basic authentication."),
    click.option("--password-file", type=FILE, help="Its password, from this file."),
    click.option("--password-env", metavar="NAME", help="Its password, from this environment variable."),
    click.option("--ca-file", type=FILE, help="Trust the certificates of this authority."),
    click.option("--cert-file", type=FILE, help="Show the target this certificate."),
    click.option("--key-file", type=FILE, help="The certificate's key."),
    click.option("--insecure", is_flag=True, help="Do not check the target's certificate."),
)

TARGET = (
    click.argument("targets", nargs=-1, metavar="[TARGET]..."),
    click.option("--config", "-c", type=FILE, help="Read this configuration file (YAML) instead of the usual one."),
    click.option("--interval", type=DURATION, help="Scrape this often, such as 5s (default 10s)."),
    click.option("--health", multiple=True, metavar="URL", help="Where health is answered, if not beside /metrics."),
    click.option("--store", type=FILE, metavar="DIR", help="Keep the history here instead of the state directory."),
    click.option("--retention", type=RETENTION, help="Keep history this long, such as 90d (default 30d)."),
    click.option("--history-size", type=BYTES, help="And no more of it for each target than this (default 1GiB)."),
    click.option("--preset", metavar="NAME", help="Use this dashboard instead of choosing by what the page holds."),
    click.option("--name", metavar="BOT", help="What to call the bot."),
    click.option("--mode", type=click.Choice(["live", "paper"], case_sensitive=False), help="Say which it is."),
    click.option("--since", type=MOMENT, help="When it was deployed: 2026-11-20T09:00, or 3h ago as 3h."),
    *ACCESS,
    click.option("--rules", multiple=True, metavar="FILE", help="Judge by this Prometheus rule file too, or pattern."),
    click.option("--prometheus-config", type=FILE, help="Take targets and rule files from this prometheus.yml."),
)

PLACE = (
    click.option("--config", "-c", type=FILE, help="Read this configuration file (YAML) instead of the usual one."),
    click.option("--store", type=FILE, metavar="DIR", help="Where histories are, if not in the state directory."),
)
"""Of commands that watch nothing: they look at what was recorded."""

LOCAL = click.option("--local", is_flag=True, help="Show times in the local zone instead of UTC.")

SCREEN = (
    click.option("--theme", metavar="NAME", help="midnight, paper, signal, terminal, one of yours, or a file."),
    click.option("--glyphs", type=click.Choice(["braille", "block", "ascii"]), help="Characters to draw with."),
    click.option("--color", type=click.Choice(["auto", "truecolor", "256", "16", "none"]), help="Colour depth."),
    click.option("--mouse/--no-mouse", default=True, help="Whether the mouse works (without: select text natively)."),
    LOCAL,
    click.option("--redact", is_flag=True, help="Hide every amount, quantity, id and host."),
    click.option("--slow", is_flag=True, help="For a slow link: drawn every 5 s, and ages stand still in between."),
    click.option(
        "--driver",
        type=click.Choice(["diff", "stock"]),
        default="diff",
        help="Send cells that changed, or (stock) whole lines: for a terminal that shows a wrong picture.",
    ),
)


def with_options(*options: Callable[[F], F]) -> Callable[[F], F]:
    """Put several options on a command, in this order."""

    def put(command: F) -> F:
        for option in reversed(options):
            command = option(command)
        return command

    return put


def target_options(said: dict[str, Any]) -> TargetOptions:
    """Take what belongs to the targets out of a command's arguments."""
    return TargetOptions(**{f.name: said.pop(f.name) for f in fields(TargetOptions)})


def screen_options(said: dict[str, Any]) -> ScreenOptions:
    """Take what belongs to the screen out of a command's arguments."""
    return ScreenOptions(**{f.name: said.pop(f.name) for f in fields(ScreenOptions)})
