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
from tradetop.cli.said import say
from tradetop.cli.wiring import Wiring, wire
from tradetop.events.fault import in_short
from tradetop.model.clock import SECOND
from tradetop.model.feed_frame import ErrorGroup
from tradetop.model.review import Review
from tradetop.model.text import clean
from tradetop.model.view import View
from tradetop.panes import cells
from tradetop.store.notebook import NotebookFile
from tradetop.viewer.viewer import Viewer

NONE_LEFT, SOME_LEFT, UNREAD = 0, 1, 2
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


@dataclass(frozen=True, slots=True)
class Reading:
    """What could be read, and what could not."""

    waiting: Sequence[Waiting]
    bots: Sequence[str]
    unread: Sequence[str] = ()
    """Which bots' events could not be read, and why, as lines for people."""

    @property
    def bounds(self) -> str:
        """Behind a sentence: of how much that is known."""
        return " in what could be read" if self.unread else ""

    def code(self, left: int) -> int:
        """The exit code where so much is left: nobody may take what is unread for reviewed."""
        return UNREAD if self.unread else SOME_LEFT if left else NONE_LEFT


def review(said: TargetOptions, ids: Sequence[str], everything: bool, as_json: bool, bot: str = "") -> int:
    """List what is to be reviewed, or mark what `ids` begin, of one `bot` or of all.

    The exit code: 1 where something is left, 2 where something could not be read.
    """
    wiring = wire(said)
    book = wiring.notebook()
    now = wiring.clock.now()
    try:
        book.follow(now)
        found = _of_bot(asyncio.run(_read(wiring, book, now)), bot)
        if everything or ids:
            chosen = found.waiting if everything else [each for name in ids for each in _of(found.waiting, name)]
            return _mark(book, chosen, found, now)
    finally:
        book.close()
    if as_json:
        say(json.dumps([_json(each) for each in found.waiting], indent=2, ensure_ascii=False))
    else:
        for line in _lines(found):
            say(line)
    return found.code(len(found.waiting))


async def _read(wiring: Wiring, book: NotebookFile, now: int) -> Reading:
    """The errors to review of every bot, by what was recorded and what their databases say; no bot is asked."""
    watches, unread = replace(wiring, rings=False).watches(), []
    for watch in watches:
        watch.recall()
        await watch.recall_events(PATIENCE)
        if watch.record.target.database and not watch.record.told:
            why = in_short(watch.record.status.database_reason) or f"not read within {PATIENCE:g} s"
            name = clean(watch.record.target.name)
            unread.append(why if why.startswith(f"{name}:") else f"{name}: {why}")
            click.echo(f"tradetop: {unread[-1]}", err=True)
    bots = Bots(watches, book)
    viewer, found = Viewer(bots), []
    for index, bot in enumerate(bots()):
        place = bots.place(bot.name)
        frame = viewer.frame(View(bot=index), now)
        found += [Waiting(bot.name, place, group) for group in frame.error_groups if group.waiting and place]
    return Reading(found, [bot.name for bot in bots()], unread)


def _of_bot(found: Reading, bot: str) -> Reading:
    """The same of one bot; Refusal where there is none of this name."""
    if not bot:
        return found
    if bot not in found.bots:
        raise Refusal(f'there is no bot "{clean(bot, 60)}"{found.bounds}: there are {", ".join(found.bots)}')
    return replace(found, waiting=[each for each in found.waiting if each.bot == bot])


def _of(found: Sequence[Waiting], name: str) -> list[Waiting]:
    """The errors that are meant; Refusal where they are none, or of several bots, which have ids in common."""
    chosen = [each for each in found if each.group.fingerprint.startswith(name.lower())] if len(name) >= LEAST else []
    if not chosen:
        known = ", ".join(each.group.fingerprint for each in found) or "nothing is"
        raise Refusal(f"{clean(name, 40)!r} is the id of no error that is to be reviewed: {known}")
    bots = dict.fromkeys(each.bot for each in chosen)
    if len(bots) > 1:
        raise Refusal(
            f"{clean(name, 40)} is of several bots: {', '.join(bots)}; --bot NAME says which, --all marks all"
        )
    if len(chosen) > 1:
        several = ", ".join(each.group.fingerprint for each in chosen)
        raise Refusal(f"{clean(name, 40)} begins several ids: {several}; give more of it")
    return chosen


def _mark(book: NotebookFile, chosen: Sequence[Waiting], found: Reading, now: int) -> int:
    for each in chosen:
        made = Review("", each.group.fingerprint, each.group.last, now, each.group.text)
        if not book.review(each.place[0], [made], bot=each.place[1], now=now):
            raise Refusal(book.notice(now))
        say(f"reviewed {each.group.fingerprint} {each.bot}: {each.group.text}")
    left = len(found.waiting) - len({id(each) for each in chosen})
    say(f"{left or 'nothing is'} left to review{found.bounds}")
    return UNREAD if found.unread else NONE_LEFT


def _lines(reading: Reading) -> list[str]:
    found = reading.waiting
    if not found:
        # Where something is unread, that has been said, and this would sound as if all were well.
        return [] if reading.unread else ["nothing is to be reviewed"]
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
