"""Questions of the screen: each is answered by a process of its own, so that no key waits and no lock is dropped.

Closing a database drops the locks that this process has on the file, and with them those of the feed's reader; and
reading takes the interpreter's time.
"""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import Process
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import click

from tradetop.ask.answer import LENGTH, Answer, Reply
from tradetop.ask.fault import AskError
from tradetop.ask.guard import checked
from tradetop.ask.history import history_path, load
from tradetop.ask.question import Found
from tradetop.cli.answers import understood
from tradetop.cli.ask import by, by_model, meaning, newest, remembered
from tradetop.cli.configured import Settings
from tradetop.cli.desk import Asking, Desk, desk_of
from tradetop.cli.refusal import Refusal
from tradetop.cli.reports import FAR, progress_text
from tradetop.cli.reportscreen import WORD, reported
from tradetop.cli.whose import Events, only_events, target_events
from tradetop.cli.zone import Zone
from tradetop.config import Config
from tradetop.model.error_category import ErrorCategory
from tradetop.model.target import Auth, Secret, Target
from tradetop.model.text import clean, clean_lines
from tradetop.reports.reading import Progress
from tradetop.store.place import store_directory

PATIENCE = 90.0
"""Longest that an answer, or a word of how far it is, is waited for (seconds)."""
_LIMIT = 64 * 1024 * 1024


class Asker:
    """Asks the databases of the targets that are watched."""

    def __init__(self, targets: Sequence[Target], store: Path) -> None:
        self._targets = [target for target in targets if target.database]
        self._store = store

    def past(self) -> Sequence[str]:
        """What was asked before, oldest first."""
        return [past.question for past in load(history_path(self._store))]

    async def __call__(
        self, bot: str, question: str, sql: str, local: bool, watch: Callable[[str], None] = lambda _: None
    ) -> Reply:
        """The reply to a question about a bot, or to SQL that it was shown; never raises but when it is cancelled.

        `watch` is told, in a few words, how far an answer is that takes long.
        """
        events = self._events(bot)
        if events is None:
            which = f"{bot} has no event database here" if bot else "which bot's events? choose one first"
            return Reply(question, sql=sql, problem=f"{which}; tradetop ask --db names a database")
        asked = {"question": question, "sql": sql[:LENGTH], "local": local}
        errors = _told(events.errors)
        place = {"database": events.address, "auth": _revealed(events.auth), "bot": events.bot, "errors": errors}
        said = json.dumps(place | asked)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tradetop", "ask", "--screen", "--store", str(self._store)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        try:
            async with asyncio.timeout(PATIENCE) as patience:
                page, _ = await asyncio.gather(_spoken(process, said), _heard(process, watch, patience))
                await process.wait()
            reply = _read(question, page)
        except TimeoutError:
            reply = Reply(question, problem=f"no answer within {PATIENCE:g} s")
        finally:
            if process.returncode is None:
                process.kill()
        # Whatever happened to it, what somebody has written is not lost.
        return replace(reply, sql=reply.sql or sql)

    def _events(self, bot: str) -> Events | None:
        """A bot's own, else the only ones there are: several bots may write into one place."""
        own = next((target for target in self._targets if target.name == bot), None)
        return target_events(own) if own is not None else only_events(self._targets)


async def _spoken(process: Process, said: str) -> bytes:
    """Ask, and wait for the answer."""
    if process.stdin is None or process.stdout is None:
        raise LookupError("the process has no pipes")
    with suppress(BrokenPipeError, ConnectionResetError):
        process.stdin.write(said.encode())
        await process.stdin.drain()
        process.stdin.close()
    return await process.stdout.read()


async def _heard(process: Process, watch: Callable[[str], None], patience: asyncio.Timeout) -> None:
    """Hand on how far it is; whoever says so is waited for longer."""
    if process.stderr is None:
        raise LookupError("the process has no pipes")
    # In pieces, not by lines: whatever comes is read, so that it never waits for us.
    while piece := await process.stderr.read(4_096):
        last = piece.decode("utf-8", "replace").strip().rpartition("\n")[2]
        if last.startswith(FAR):
            patience.reschedule(asyncio.get_running_loop().time() + PATIENCE)
            watch(clean(last, 100))


def _far(progress: Progress) -> None:
    click.echo(progress_text(progress), err=True)


def answer_screen(asking: Asking) -> int:
    """Answer what comes on standard input, as JSON on standard output. The exit code: 0."""
    try:
        told = json.loads(sys.stdin.read(_LIMIT))
        question, sql = str(told["question"]), str(told["sql"])
        events = Events(
            str(told["database"]), _hidden(told["auth"]), str(told["bot"]), errors=_heard_of(told["errors"])
        )
        found = replace(asking, question=question, events=events, local=bool(told["local"]))
        reply = _reply(found, sql)
    except (AskError, Refusal) as error:
        reply = Reply("", problem=str(error).replace("\n", "; "))
    except (ValueError, LookupError, TypeError):
        raise Refusal("--screen takes what the screen asks, on standard input") from None
    answer = reply.answer
    told = {"says": reply.says, "sql": reply.sql, "problem": reply.problem}
    if answer is not None:
        told |= {"columns": answer.columns, "rows": answer.rows, "more": answer.more, "note": answer.note}
    click.echo(json.dumps(told))
    return 0


def _reply(asking: Asking, sql: str) -> Reply:
    # Which database, and whose days, the screen has said: no configuration is needed, be it broken or not.
    words, events = asking.question.split(), asking.events
    if words[:1] == [WORD] and not sql and events is not None:
        return reported(words[1:], events, store_directory(asking.store), Zone(asking.local), _far)
    desk = desk_of(asking, Settings(Config()))
    if sql:
        return _ran(desk, sql)
    found = meaning(desk)
    if isinstance(found, Found):
        answer = remembered(desk, found.sql, found.name, found)
        says = [understood(found, desk.zone, desk.events.only), *([] if answer.rows else [newest(desk)])]
        return Reply("", "; ".join(says), answer)
    written, endpoint = by_model(desk, found)
    # What cannot be seen is made visible: what is shown is what runs.
    shown, problem = clean_lines(written.expandtabs(4), LENGTH), ""
    try:
        shown = checked(written)
    except AskError as error:
        problem = str(error)
    return Reply("", by(desk, f"SQL by {clean(endpoint.model, 60)}"), sql=shown, problem=problem)


def _ran(desk: Desk, sql: str) -> Reply:
    """What came of SQL that was shown; it can be changed in either case."""
    says = by(desk, "the SQL that was shown")
    try:
        return Reply("", says, remembered(desk, sql, "model"), sql)
    except AskError as error:
        return Reply("", says, sql=sql, problem=str(error).replace("\n", "; "))


def _told(errors: Sequence[ErrorCategory]) -> list[list[str]]:
    """The categories as far as they say where an error belongs: a name and patterns each."""
    return [[category.name, *category.patterns] for category in errors]


def _heard_of(told: Sequence[Sequence[str]]) -> tuple[ErrorCategory, ...]:
    """The same on the other side."""
    return tuple(ErrorCategory(str(name), tuple(map(str, patterns))) for name, *patterns in told)


def _revealed(auth: Auth) -> list[str]:
    """Credentials for our own process, over its standard input, which nobody else reads."""
    return [secret.reveal() if secret is not None else "" for secret in (auth.bearer, auth.password)] + [auth.user]


def _hidden(told: Sequence[object]) -> Auth:
    bearer, password, user = map(str, told)
    return Auth(Secret(bearer) if bearer else None, user, Secret(password) if password else None)


def _read(question: str, page: bytes) -> Reply:
    """The reply of that process."""
    try:
        told = json.loads(page)
        answer = None
        if "columns" in told:
            answer = Answer(tuple(told["columns"]), tuple(map(tuple, told["rows"])), bool(told["more"]), told["note"])
        return Reply(question, told["says"], answer, told["sql"], told["problem"])
    except (ValueError, LookupError, TypeError):
        return Reply(question, problem="the process that was to answer has failed: try tradetop ask")
