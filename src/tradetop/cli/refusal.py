"""What is wrong at the start: one line on standard error, exit code 2."""

from __future__ import annotations

import os
from pathlib import Path

import click

from tradetop.model.text import clean


class Refusal(click.ClickException):
    """Something that the user said cannot be done."""

    exit_code = 2

    def show(self, file: object = None) -> None:  # noqa: ARG002 - click's signature.
        for line in self.message.splitlines():
            click.echo(f"tradetop: {line}", err=True)


def unusable(option: str, path: Path, *, once: bool = False) -> str:
    """Why a path that an option names cannot be read as a file; "" where it can.

    A pipe will do where it is read `once` and never again.
    """
    if path.is_file() or (once and path.is_fifo()):
        why = "" if os.access(path, os.R_OK) else "cannot be read: Permission denied"
    elif path.is_fifo():
        why = "is a pipe, which can be read only once: name a file"
    else:
        why = "is a directory, name a file in it" if path.is_dir() else "no such file"
    return f"{option}: {clean(str(path))}: {why}" if why else ""
