"""`tradetop review [TARGET]`: lists the errors that a person must look at, or marks them as looked at."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import click

from tradetop.cli.bots import Bots
from tradetop.cli.options import TargetOptions
from tradetop.cli.refusal import Refusal
from tradetop.cli.wiring import Wiring, wire
from tradetop.model.clock import SECOND
from tradetop.model.frame import ErrorGroup
from tradetop.model.review import Review
from tradetop.model.text import clean
from tradetop.model.view import View
from tradetop.panes import cells
from tradetop.store.notebook import NotebookFile
from tradetop.viewer.viewer import Viewer

NONE_LEFT, SOME_LEFT = 0, 1
PATIENCE = 30.0
"""Seconds that reading an event database may take."""
LEAST = 4
"""Characters of an id that must be given."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Errors that are to be reviewed, and whose they are."""

    bot: str
    place: tuple[str, str]
    """Where the notebook has what is written of the bot."""
    group: ErrorGroup


def review(said: TargetOptions, ids: Sequence[str], everything: bool, as_json: bool) -> int:
    """List what is to be reviewed, or mark what `ids` begin; the exit code: 1 where something is left."""
    wiring = wire(said)
    book = wiring.notebook()
    now = wiring.clock.now()
    try:
        book.follow(now)
        found = asyncio.run(_waiting(wiring, book, now))
        if everything or ids:
            chosen = found if everything else [each for name in ids for each in _of(found, name)]
            return _mark(book, chosen, found, now)
    finally:
        book.close()
    if as_json:
        click.echo(json.dumps([_json(each) for each in found], indent=2, ensure_ascii=False))
    else:
        for line in _lines(found):
            click.echo(line)
    return SOME_LEFT if found else NONE_LEFT


async def _waiting(wiring: Wiring, book: NotebookFile, now: int) -> list[Waiting]:
    """The errors to review of every bot, by what was recorded and what their databases say; no bot is asked."""
    watches = replace(wiring, rings=False).watches()
    for watch in watches:
        watch.recall()
        await watch.recall_events(PATIENCE)
        if reason := watch.record.status.database_reason:
            click.echo(f"tradetop: {watch.record.target.name}: {reason}", err=True)
    bots = Bots(watches, book)
    viewer, found = Viewer(bots), []
    for index, bot in enumerate(bots()):
        place = bots.place(bot.name)
        frame = viewer.frame(View(bot=index), now)
        found += [Waiting(bot.name, place, group) for group in frame.error_groups if group.waiting and place]
    return found


def _of(found: Sequence[Waiting], name: str) -> list[Waiting]:
    chosen = [each for each in found if each.group.fingerprint.startswith(name.lower())] if len(name) >= LEAST else []
    if not chosen:
        known = ", ".join(each.group.fingerprint for each in found) or "nothing is"
        raise Refusal(f"{clean(name, 40)!r} is the id of no error that is to be reviewed: {known}")
    return chosen


def _mark(book: NotebookFile, chosen: Sequence[Waiting], found: Sequence[Waiting], now: int) -> int:
    for each in chosen:
        made = Review("", each.group.fingerprint, each.group.last, now, each.group.text)
        if not book.review(each.place[0], [made], bot=each.place[1], now=now):
            raise Refusal(book.notice(now))
        click.echo(f"reviewed {each.group.fingerprint} {each.bot}: {each.group.text}")
    left = len(found) - len({id(each) for each in chosen})
    click.echo(f"{left} left to review" if left else "nothing is left to review")
    return NONE_LEFT


def _lines(found: Sequence[Waiting]) -> list[str]:
    if not found:
        return ["nothing is to be reviewed"]
    wide = max(cells.width(each.bot) for each in found)
    return [
        f"{each.group.fingerprint}  {_time(each.group.last)}  {each.group.waiting:>4}  {cells.fit(each.bot, wide)}  "
        f"{each.group.category}: {each.group.text}{'  (new since deploy)' if each.group.fresh else ''}"
        for each in found
    ]


def _time(t: int) -> str:
    return f"{datetime.fromtimestamp(t / SECOND, UTC):%Y-%m-%d %H:%M:%S} UTC"


def _json(each: Waiting) -> dict[str, object]:
    group = each.group
    return {
        "id": group.fingerprint,
        "bot": each.bot,
        "category": group.category,
        "text": group.text,
        "to_review": group.waiting,
        "first": group.first,
        "last": group.last,
        "pairs": [*group.pairs],
        "new_since_deployment": group.fresh,
    }
