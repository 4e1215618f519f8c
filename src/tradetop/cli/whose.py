"""Whose events are meant: what a person names, with what opens it, and which of its bots."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from tradetop.cli.configured import Settings
from tradetop.cli.refusal import Refusal
from tradetop.cli.stores import store_of
from tradetop.model.address import is_url, parted, place_of
from tradetop.model.address import shown as address_shown
from tradetop.model.error_category import USUAL, ErrorCategory
from tradetop.model.target import Auth, Target
from tradetop.model.text import clean


@dataclass(frozen=True, slots=True)
class Events:
    """Where events lie, and of which bot they are to be."""

    address: str
    """A path or a URL without secrets."""
    auth: Auth = field(default_factory=Auth)
    bot: str = ""
    """Of this bot alone, as the target's `bot_id` says; "" for all."""
    errors: tuple[ErrorCategory, ...] = USUAL
    """The categories that errors belong to."""

    @property
    def shown(self) -> str:
        """The address for people."""
        return address_shown(self.address)

    @property
    def only(self) -> str:
        """`bot owl`, for people; "" where they are of all bots."""
        return f"bot {clean(self.bot, 60)}" if self.bot else ""


def events_of(named: str, known: Settings) -> Events:
    """What a word names: a target of the configuration, else a place, opened as the configuration says of it.

    Credentials in the word itself go before those. Refusal where some cannot be read, or a target has no events.
    """
    found = known.named(named)
    if found is not None:
        if not found.target.database:
            raise Refusal(f"{clean(named, 60)} has no event database in the configuration: set its database")
        return target_events(found.target)
    try:
        address, auth = store_of(named, os.environ)
    except ValueError as error:
        raise Refusal(str(error)) from None
    own = parted(named.strip())[1]
    if is_url(address) and own.bearer is None and own.password is None:
        target = known.over(Target("", database=address, database_auth=auth)).target
        if own.user in ("", target.database_auth.user):
            auth = target.database_auth
    return Events(address, auth, errors=known.config.errors.made())


def target_events(target: Target) -> Events:
    """The events of a target that has some."""
    return Events(target.database, target.database_auth, target.bot_id, target.errors)


def only_events(targets: Sequence[Target]) -> Events | None:
    """The events of the only place that targets name, of one bot where all of them are about that; else None."""
    found = [target_events(target) for target in targets if target.database]
    if len({place_of(events.address) for events in found}) != 1:
        return None
    bots = {events.bot for events in found}
    return found[0] if len(bots) == 1 else replace(found[0], bot="")
