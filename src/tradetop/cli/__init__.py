"""The command line: arguments become wiring; everything heavy is imported where it is used."""

from __future__ import annotations

import errno
import gc
import os
import sys

YOUNG = 20_000
"""Objects after which garbage is looked for: frames are dropped whole, and hardly anything is left in rings."""


def main() -> None:
    """Run the command that the arguments name."""
    # Importing makes many objects and no garbage: collecting meanwhile costs a sixth of the start. Who runs for long
    # calls `started`.
    gc.disable()
    from tradetop.cli.commands import tradetop

    try:
        tradetop()
    except OSError as error:
        # Of a file its name would be there: this is where the answer was to go.
        if error.errno != errno.ENOSPC or error.filename is not None:
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.stderr.write(f"tradetop: standard output: {error.strerror}\n")
        raise SystemExit(1) from None


def started() -> None:
    """Everything is loaded: collect garbage from here on, and never look again at what the start has made."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 10, 10)
    gc.enable()
