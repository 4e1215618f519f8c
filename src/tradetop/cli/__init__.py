"""The command line: arguments become wiring; everything heavy is imported where it is used."""

from __future__ import annotations


def main() -> None:
    """Run the command that the arguments name."""
    from tradetop.cli.commands import tradetop

    tradetop()
