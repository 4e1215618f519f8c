"""What a command says on standard output, to whoever reads it, as long as they do."""

from __future__ import annotations

import os
import sys

import click


def say(text: str, *, nl: bool = True) -> None:
    """Print a text; who reads no further, as `head` does, has seen enough: the rest goes nowhere."""
    try:
        click.echo(text, nl=nl)
    except BrokenPipeError:
        # What is still waiting to be written would only fail again at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
