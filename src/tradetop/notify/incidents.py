"""Services that keep incidents, such as PagerDuty: each alert opens its own, under a key that closes it again."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import replace
from hashlib import sha256

from tradetop.notify.state import Change, Delivery, Item

MOST = 30
"""Most incidents of one message: what is over it has none. Services take some two a second."""
_KEYS = ("dedup", "entity_id")
"""How apprise calls an incident's key in the URL of a service that has any."""


def key_of(url: str, parameters: Collection[str]) -> str | None:
    """The parameter for an incident's key in a URL of a service with these; None where there is none, or it is set."""
    if "action" not in parameters or re.search(r"[?&](action|dedup|entity_id|external_id|tid|thirdparty)=", url):
        return None
    return next((key for key in _KEYS if key in parameters), None)


def incidents(url: str, key: str, delivery: Delivery) -> Iterator[tuple[str, Delivery]]:
    """What a message is made of for such a service: for each alert its URL, and what is told there.

    An incident that somebody acknowledged would not ring again: the one of an alert that does is closed first.
    Of a storm the worst alerts have incidents, the same ones when they fire as when they are over.
    """
    for item in sorted(delivery.items, key=lambda item: (-item.facts.level, item.fingerprint))[:MOST]:
        name = sha256(f"{'drill ' * delivery.drill}{item.fingerprint}".encode()).hexdigest()[:32]
        its = f"{url}{'&' if '?' in url else '?'}action=map&overflow=truncate&{key}=tradetop-{name}"
        for step in _steps(item, delivery.made):
            yield its, replace(delivery, items=(step,), held=False)


def _steps(item: Item, t: int) -> tuple[Item, ...]:
    match item.change:
        case Change.AGAIN:
            return replace(item, over=t), item
        case Change.PASSED:
            return replace(item, over=None), item
        case _:
            return (item,)
