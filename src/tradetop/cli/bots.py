"""Where left and right meet: what the watches record becomes the bots that a viewer reads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache

from tradetop.events.log import Log, untold
from tradetop.model.labels import Labels
from tradetop.model.mark import Mark
from tradetop.model.ports import Queryable
from tradetop.recorder.record import Part, Record
from tradetop.recorder.recorder import remembered
from tradetop.recorder.watch import Watch
from tradetop.store.notebook import NotebookFile
from tradetop.store.place import subject
from tradetop.viewer.bot import Bot, Whole


class Bots:
    """The bots of several watches; one that a database begins to name joins them."""

    def __init__(self, watches: Sequence[Watch], notebook: NotebookFile | None = None) -> None:
        self._watches = watches
        self._notebook = notebook
        self._wholes = _wholes(watches)
        self._known: dict[tuple[int, Part], Bot] = {}
        self._places: dict[str, tuple[str, str]] = {}

    def __call__(self) -> tuple[Bot, ...]:
        found, places = [], []
        for i, watch in enumerate(self._watches):
            for part in watch.record.parts():
                key = (i, part)
                if key not in self._known:
                    self._known[key] = _bot(watch, part, self._notebook, self._wholes[i])
                found.append(self._known[key])
                places.append(place_of(watch, part))
        bots = _told_apart(found)
        self._places = {bot.name: place for bot, place in zip(bots, places, strict=True)}
        return bots

    def place(self, name: str) -> tuple[str, str] | None:
        """Where the notebook has what is written of the bot of this name; None where there is none."""
        return self._places.get(name)


def _wholes(watches: Sequence[Watch]) -> Sequence[Whole | None]:
    """What rules of files see on each bot; None where there is one target, or none of them has such rules."""
    if len(watches) < 2 or not any(watch.shares for watch in watches):
        return [None] * len(watches)
    from tradetop.recorder.exposed import exposed
    from tradetop.recorder.home import Homes
    from tradetop.store.union import Union

    records = [watch.record for watch in watches]
    series, homes = exposed(records), Homes(records)

    @lru_cache(maxsize=1)
    def joined(*pasts: Queryable) -> Queryable:
        return Union(pasts)

    def owned(record: Record) -> Callable[[Labels], bool]:
        return lambda labels: homes.of(labels) is record

    return [
        Whole(
            series,
            lambda: joined(*(watch.past.series() for watch in watches)),
            lambda: {name: said for each in records for name, said in each.store.families.items()},
            owned(record),
        )
        for record in records
    ]


def _bot(watch: Watch, part: Part, notebook: NotebookFile | None, whole: Whole | None) -> Bot:
    record = watch.record
    of = lru_cache(maxsize=1)(part.of)

    def owns(labels: Labels) -> bool:
        """Whether it is about this bot of the target."""
        return whole is not None and whole.owns(labels) and part.bot_id in (None, labels.get("bot_id", part.bot_id))

    def marks() -> tuple[Mark, ...]:
        return () if notebook is None else notebook.marks(*place_of(watch, part))

    return Bot(
        name=part.name,
        target=record.target,
        series=record.series(part),
        past=lambda: of(watch.past.series()),
        memory=lambda: remembered(record),
        status=lambda: record.status,
        log=_Listening(record, part).log,
        marks=marks,
        silences=lambda: () if notebook is None else notebook.silences(*place_of(watch, part)),
        reviews=lambda: () if notebook is None else notebook.reviews(*place_of(watch, part)),
        drills=lambda: () if notebook is None else notebook.drills(*place_of(watch, part)),
        rules=watch.rules,
        filed=watch.filed,
        families=lambda: record.store.families,
        external=watch.external_labels,
        whole=whole and replace(whole, owns=owns),
        dashboard=watch.dashboard,
        metadata=record.store.metadata,
        page=lambda: record.page,
        recorder=watch.frame,
        revision=lambda: record.revision,
        remarks=lambda: record.remarks,
        heard=lambda: record.heard,
        kin=record.kin.of,
        rewritten=lambda: record.rewritten,
        foreign=lambda: record.foreign or (),
    )


class _Listening:
    """One bot's log, which hears what its record has heard since it was last asked for."""

    def __init__(self, record: Record, part: Part) -> None:
        self._record = record
        self._part = part
        self._own = record.parts()[0] == part
        """Whether what is worked out from the page is told of this bot."""
        self._log = Log()
        self._said = self._derived = self._begun = self._past = 0

    def log(self) -> Log:
        record, bot = self._record, self._part.bot_id
        if record.events.begun != self._begun:
            self._log, self._begun, self._said, self._derived, self._past = Log(), record.events.begun, 0, 0, 0
        before, self._past = record.past_errors.since(self._past)
        self._log.add_errors(event for event in before if bot is None or event.bot == bot)
        heard = self._said
        said, self._said = record.events.since(heard)
        # Of whose events those were that came and went between two looks nobody knows any more.
        self._log.dropped += max(0, self._said - heard - len(said)) if self._own else 0
        self._log.add(event for event in said if bot is None or event.bot == bot)
        if self._own:
            derived, self._derived = record.derived.since(self._derived)
            self._log.add(untold(derived) if record.target.database else derived)
        return self._log


def place_of(watch: Watch, part: Part) -> tuple[str, str]:
    """Where the notebook has what is written of a bot: its target's subject, and its name among several."""
    return subject(watch.path), part.noted


def _told_apart(bots: Sequence[Bot]) -> tuple[Bot, ...]:
    """Two bots of one name get their place behind it."""
    names = [bot.name for bot in bots]
    if len(set(names)) == len(names):
        return tuple(bots)
    return tuple(
        bot if names.count(bot.name) == 1 else replace(bot, name=f"{bot.name} ({bot.target.instance or i + 1})")
        for i, bot in enumerate(bots)
    )
