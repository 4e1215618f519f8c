"""What is wrong at the start: one line on standard error, exit code 2."""

from __future__ import annotations

import click


class Refusal(click.ClickException):
    """Something that the user said cannot be done."""

    exit_code = 2

    def show(self, file: object = None) -> None:  # noqa: ARG002 - click's signature.
        for line in self.message.splitlines():
            click.echo(f"tradetop: {line}", err=True)
