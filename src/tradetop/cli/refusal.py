"""What is wrong at the start: one line on standard error, exit code 2."""

from __future__ import annotations

from pathlib import Path

import click

from tradetop.model.text import clean


class Refusal(click.ClickException):
    """Something that the user said cannot be done."""

    exit_code = 2

    def show(self, file: object = None) -> None:  # noqa: ARG002 - click's signature.
        for line in self.message.splitlines():
            click.echo(f"tradetop: {line}", err=True)


def no_file(option: str, path: Path) -> str:
    """Why a path that an option names is no file."""
    why = "is a directory, name a file or a pattern such as 'rules/*.yml'" if path.is_dir() else "no such file"
    return f"{option}: {clean(str(path))}: {why}"
