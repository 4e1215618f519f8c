"""One command for every figure of the screen, beside an empty Textual app, htop and btop: `./dev bench`.

A quick look: `./dev bench --rounds 1 --seconds 10`, or a part: `--only start`, `--only screen`, `--only link`.
All that is watched is watched at the same time, and start-ups take turns: a busy machine slows all alike.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence

from bots import stage
from link import over_a_slow_link
from screen import during_a_cold_query, watch, watchings
from start import start, startings

PARTS = ("start", "screen", "link")

Columns = tuple[tuple[str, str, str], ...]
"""A figure's name, its heading, and how it is written."""

START: Columns = (
    ("first", "first byte s", ".3f"),
    ("useful", "useful s", ".3f"),
    ("useful times", "x empty", ".2f"),
    ("live", "live values s", ".3f"),
    ("live times", "x empty", ".2f"),
    ("pss", "PSS MiB", ".1f"),
    ("spent", "CPU s in 12 s", ".2f"),
    ("quit", "quit s", ".3f"),
)
SCREEN: Columns = (
    ("bytes", "bytes/s", ",.0f"),
    ("least", "least", ",.0f"),
    ("times", "x least", ".2f"),
    ("paints", "paints/s", ".1f"),
    ("cpu", "CPU %", ".2f"),
    ("key", "key ms", ".1f"),
    ("worst", "worst", ".1f"),
    ("move", "move bytes", ",.0f"),
    ("quit", "quit s", ".3f"),
)
LINK: Columns = (
    ("lag", "clock lag s", ".2f"),
    ("lag worst", "worst", ".2f"),
    ("key", "key s", ".2f"),
    ("key worst", "worst", ".2f"),
    ("whole", "whole answer s", ".2f"),
    ("whole worst", "worst", ".2f"),
    ("bytes", "bytes/s", ",.0f"),
)
FEED_RATIO = 1.2
"""How many times the CPU of 10 events/s 100 may take."""


def main() -> int:
    """Measure and print tables; 1 where a figure is over its limit."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=PARTS, action="append", help="this part alone; may be repeated")
    parser.add_argument("--rounds", type=int, default=7, help="start-ups of each program")
    parser.add_argument("--seconds", type=float, default=60.0, help="length of the steady window")
    parser.add_argument("--presses", type=int, default=40, help="keys pressed in each program")
    parser.add_argument("--show", action="store_true", help="print the screens as they were measured")
    options = parser.parse_args()
    parts = options.only or PARTS
    over = 0
    with stage() as stood:
        if "start" in parts:
            starts = startings(stood)
            start(starts, options.rounds)
            over += _report("start", START, [(s.name, s.figures, s.limits) for s in starts])
        if "screen" in parts:
            watched = watchings(stood)
            screens = watch(watched, options.seconds, options.presses)
            watched.append(during_a_cold_query(stood))
            if options.show:
                print(*(f"--- {name}\n{screen}" for name, screen in screens.items()), sep="\n")
            over += _report("screen", SCREEN, [(w.name, w.figures, w.limits) for w in watched])
            over += _feeds({w.name.strip(): w.figures for w in watched})
        if "link" in parts:
            links = over_a_slow_link(stood, options.seconds)
            over += _report("slow link", LINK, [(line.name, line.figures, line.limits) for line in links])
    return 1 if over else 0


def _report(title: str, columns: Columns, rows: Sequence[tuple[str, Mapping[str, float], Mapping[str, float]]]) -> int:
    """Print a table, a figure over its limit with a star; how many there are."""
    widths = [max(len(heading) + 2, 10) for _, heading, _ in columns]
    print(f"\n{title:24}" + "".join(f"{heading:>{w}}" for (_, heading, _), w in zip(columns, widths, strict=True)))
    over: list[str] = []
    for name, figures, limits in rows:
        cells = []
        for figure, heading, form in columns:
            value, limit = figures.get(figure), limits.get(figure)
            bad = limit is not None and (value is None or value > limit)
            if bad:
                said = "not measured" if value is None else f"{value:{form}}"
                over.append(f"OVER {name.strip()}: {heading} {said}, limit {limit:g}")
            cells.append("-" if value is None else f"{value:{form}}{'*' if bad else ' '}")
        print(f"{name:24}" + "".join(f"{cell:>{w}}" for cell, w in zip(cells, widths, strict=True)))
    kept = sum(len(limits) for _, _, limits in rows) - len(over)
    print(*over, f"ok   {kept} of {kept + len(over)} limits of this table kept", sep="\n", flush=True)
    return len(over)


def _feeds(figures: Mapping[str, Mapping[str, float]]) -> int:
    """What a hundred events a second cost beside ten, watched at the same time."""
    few, many = (figures.get(f"{rate} events/s", {}).get("cpu") for rate in (10, 100))
    if not few or not many:
        return 0
    good = many / few <= FEED_RATIO
    print(f"{'ok  ' if good else 'OVER'} 100 events/s: {many / few:.2f} times the CPU of 10, limit {FEED_RATIO:g}")
    return not good


if __name__ == "__main__":
    sys.exit(main())
