"""Services that apprise knows: Telegram, Slack, e-mail, PagerDuty, webhooks... Imported at the first message."""

from __future__ import annotations

import asyncio
import logging
import re
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tradetop.model.clock import SECOND
from tradetop.model.level import Level
from tradetop.model.text import clean
from tradetop.notify.fault import Failure, status_failure
from tradetop.notify.incidents import incidents, key_of
from tradetop.notify.message import body, is_over, title, worst
from tradetop.notify.receiver import Receiver
from tradetop.notify.state import Delivery

if TYPE_CHECKING:
    import apprise

DEADLINE = 30 * SECOND
"""How long one attempt is waited for (ms)."""
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*(?=://)")
_STATUS = re.compile(r"\berror[=:] ?(\d{3})\b", re.IGNORECASE)
_RETRY = re.compile(r"retry_after['\"]?\s*[:=]\s*([0-9]+(?:\.[0-9]+)?)", re.IGNORECASE)
_MARKUP = re.compile(r"([\\*_~`|<>\[\]#])")
_LOADING = threading.Lock()
"""Held while apprise loads its plugins, which two first messages must not do at once."""
_LOGGERS = ("apprise", "urllib3", "requests", "requests_oauthlib", "oauthlib")
"""What they log holds URLs, and with them secrets."""


async def push(receiver: Receiver, delivery: Delivery) -> Failure | None:
    """Send a message through its service; None where it arrived. It may arrive all the same after a timeout."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[Failure | None] = loop.create_future()

    def work() -> None:
        try:
            found = notify(receiver, delivery)
        except Exception as error:  # noqa: BLE001 - a plugin may raise anything; its text may hold secrets.
            found = Failure("failed", f"{receiver.name}: its apprise plugin failed ({type(error).__name__})")
        try:
            loop.call_soon_threadsafe(_settle, answer, found)
        except RuntimeError:
            return  # The loop has ended: nobody wants to know.

    # A thread that nobody waits for at the end: what cannot be cut short must not keep the program from ending.
    threading.Thread(target=work, name=f"notify {receiver.name}", daemon=True).start()
    try:
        async with asyncio.timeout(DEADLINE / SECOND):
            return await answer
    except TimeoutError:
        return Failure("timeout", f"{scheme(receiver)} did not take the message within {DEADLINE // SECOND} s")


def notify(receiver: Receiver, delivery: Delivery) -> Failure | None:
    """Send a message and wait for it, in any thread; None where it arrived."""
    url, name = receiver.url.reveal(), scheme(receiver)
    try:
        service = _instance(url)
    except ImportError:
        return Failure("no apprise", "apprise is not installed: pip install 'tradetop[notify]'")
    key = key_of(url, service.template_args) if service is not None else None
    if key is None:
        return _told(service, name, delivery)
    parts = (_told(_instance(its), name, part) for its, part in incidents(url, key, delivery))
    return next(filter(None, parts), None)


def scheme(receiver: Receiver) -> str:
    """The service's name for people: of an apprise URL no more than its scheme is without secrets."""
    found = _SCHEME.match(receiver.url.reveal())
    return f"{clean(found.group(), 40)}://***" if found else "***"


def _told(service: apprise.NotifyBase | None, name: str, delivery: Delivery) -> Failure | None:
    if service is None:
        return Failure("bad URL", f"{name}: not a URL that apprise knows: see appriseit.com")
    import apprise

    sender = apprise.Apprise(asset=service.asset)
    sender.add(service)
    plain = _discord if name.startswith("discord") else str
    done = sender.notify(
        title=plain(title(delivery)),
        body=plain(body(delivery)),
        body_format="text",
        notify_type=_type(delivery),
        interpret_escapes=False,
        log_level=logging.DEBUG,
    )
    return None if done else _failure(name, [(entry.level, entry.message) for entry in done.logs()])


def _instance(url: str) -> apprise.NotifyBase | None:
    """The service of a URL, which neither follows redirects nor writes files; None where the URL is none."""
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        logger.propagate = False
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())
    import apprise

    # What a plugin was answered is in its log alone, and there only when it talks.
    logging.getLogger("apprise").setLevel(logging.DEBUG)
    asset = apprise.AppriseAsset(
        app_id="tradetop",
        app_desc="tradetop",
        app_url="",
        storage_mode=apprise.PersistentStoreMode.MEMORY,
        service_timeout=0,  # It would send from threads of its own, which the program waits for at its end.
        http_redirects=False,
        allow_templates=False,
        async_mode=False,
    )
    with _LOADING:
        return apprise.Apprise.instantiate(url, asset=asset)


def _discord(text: str) -> str:
    """Text that Discord, which knows no plain text, shows as it is: `@everyone` in a label wakes a server."""
    return _MARKUP.sub(r"\\\1", text).replace("@", "@\u200b")


def _type(delivery: Delivery) -> apprise.NotifyType:
    import apprise

    if is_over(delivery):
        return apprise.NotifyType.SUCCESS
    return apprise.NotifyType.FAILURE if worst(delivery) is Level.CRITICAL else apprise.NotifyType.WARNING


def _failure(where: str, entries: Sequence[tuple[str, str]]) -> Failure:
    """The failure behind what a plugin logged: only numbers are taken from it, for it may hold anything."""
    log = " ".join(message for _, message in entries)
    warned = " ".join(message for level, message in entries if level in ("WARNING", "ERROR"))
    status = _STATUS.search(warned)
    if status is not None:
        # Our own message is in the log too: only what was answered counts.
        retry = _RETRY.search(" ".join(message for _, message in entries if message.startswith("Response")))
        return status_failure(int(status[1]), where, round(float(retry[1][:9]) * SECOND) or None if retry else None)
    if "timed out" in log:
        return Failure("timeout", f"no answer from {where}: is it reachable from here?")
    if "onnection" in warned:
        return Failure("no connection", f"no connection to {where}: is it reachable from here?")
    return Failure("failed", f"{where} did not take the message: check its URL, with `tradetop notify test`")


def _settle(answer: asyncio.Future[Failure | None], found: Failure | None) -> None:
    if not answer.done():
        answer.set_result(found)
