"""Errors that are alike: what they say as any text, whose they are as any name; how many they are stays."""

from __future__ import annotations

from dataclasses import replace

from tradetop.model.feed_frame import ErrorGroup, ErrorTally, GroupFrame
from tradetop.model.hidden import HIDDEN
from tradetop.redact.events import event
from tradetop.redact.words import is_host, named, said


def group(of: ErrorGroup) -> ErrorGroup:
    """One group. Its fingerprint stays, as the key by which keys find it: it is never drawn."""
    return replace(
        of,
        category=named(of.category),
        text=said(of.text),
        newest=None if of.newest is None else event(of.newest, named, lambda _: False),
        type=named(of.type),
        bots=tuple(map(_name, of.bots)),
        pairs=tuple(map(named, of.pairs)),
    )


def tallies(of: tuple[ErrorTally, ...]) -> tuple[ErrorTally, ...]:
    """Counts by type and bot, or by pair."""
    return tuple(
        replace(
            tally,
            names=tuple(map(_name, tally.names)),
            counts=tuple((named(category), count) for category, count in tally.counts),
        )
        for tally in of
    )


def opened(of: GroupFrame | None) -> GroupFrame | None:
    """The errors of one group, one by one."""
    if of is None:
        return None
    return GroupFrame(group(of.group), tuple(event(each, named, lambda _: False) for each in of.events))


def _name(name: str) -> str:
    return HIDDEN if is_host(name) else named(name)
