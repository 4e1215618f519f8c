"""The outbox: messages on their way and what receivers were told, in a file that survives its process."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tradetop.model.clock import DAY
from tradetop.model.notified import SendFault
from tradetop.notify.fault import Failure, backoff
from tradetop.notify.receiver import Receiver, ReceiverKind
from tradetop.notify.state import Change, Delivery, Episode, Ledger, State
from tradetop.store import schema
from tradetop.store.codec import decode, encode
from tradetop.store.place import move_aside, prepare
from tradetop.store.statements import transaction

VERSION = 1
"""Version of the tables (`PRAGMA user_version`); a file with a higher one is left alone."""
KEPT = 7 * DAY
"""How long a message is tried, and one that is refused for itself a seventh of that (ms)."""

_TABLES = (
    "create table counter(id integer primary key check (id = 1), origin text not null, serial integer not null)",
    "create table episode(fingerprint text primary key, body text not null)",
    "create table ledger(receiver text primary key, body text not null)",
    "create table letter(id text primary key, body text not null)",
    f"pragma user_version = {VERSION}",
)
_WAIT_SECONDS = 0.25


def outbox_path(history: Path) -> Path:
    """The outbox that belongs to a history file; its lock is the history's."""
    return history.with_suffix(".notify")


@dataclass(frozen=True, slots=True)
class Letter:
    """A delivery on its way."""

    delivery: Delivery
    attempts: int = 0
    due: int = 0
    """When to try next (ms)."""
    refused: bool = False
    """The receiver did not take this very message: others may overtake it."""


def ledgers_in(path: Path) -> tuple[Ledger, ...]:
    """What went to receivers lately, as the outbox of another target has it; () where it cannot be read."""
    if not path.exists():
        return ()
    try:
        # For writing: only so can be read what a killed process left in its write-ahead log.
        uri = f"{path.absolute().as_uri()}?mode=rw"
        with contextlib.closing(sqlite3.connect(uri, timeout=0, isolation_level=None, uri=True)) as connection:
            return tuple(decode(Ledger, body) for (body,) in connection.execute("select body from ledger"))
    except (sqlite3.Error, ValueError):
        return ()


@dataclass(frozen=True, slots=True)
class _Trouble:
    """What went wrong with the last attempt at a receiver, and since when."""

    failure: Failure
    since: int


class Outbox:
    """The state and the letters of one target; for one thread of the process that holds the history's lock.

    What is in memory is the truth, the file its mirror. No method raises for what is wrong with the file: `reason` says
    it, messages go out all the same, and every change tries to write all of it anew.
    """

    def __init__(self, path: Path, now: int) -> None:
        """`now` (ms) dates the ids of its messages, and the name that a damaged file is moved to."""
        self.path = path
        self.reason = ""
        """Why a restart would lose or double messages; "" while all is well."""
        self.notice = ""
        """That what was known of earlier messages is lost."""
        self._began = now
        digest = hashlib.sha256(f"{path.name} {now}".encode()).hexdigest()[:8]
        self.state = State(origin=digest)
        self._letters: dict[str, Letter] = {}
        self._troubles: dict[str, _Trouble] = {}
        self._connection: sqlite3.Connection | None = None
        self._mirrored = False
        self._load()

    def keep(self, state: State, deliveries: Sequence[Delivery]) -> None:
        """Take a new state, and the deliveries that it believes are on their way, in one transaction."""
        before, self.state = self.state, state
        letters = [Letter(delivery, due=delivery.made) for delivery in deliveries]
        self._letters.update({letter.delivery.id: letter for letter in letters})
        if state is before or (state == before and not letters):
            return
        self._write(lambda c: _put_state(c, before, state, letters))

    def waiting(self, receiver: str) -> tuple[Letter, ...]:
        """The letters to a receiver, oldest first."""
        return tuple(letter for letter in self._letters.values() if letter.delivery.receiver == receiver)

    def stuck(self) -> frozenset[str]:
        """The receivers that letters are waiting for."""
        return frozenset(letter.delivery.receiver for letter in self._letters.values())

    def due(self, receiver: Receiver, t: int) -> tuple[Letter, ...]:
        """What to send to a receiver at `t` (ms), in order: one message, or to Alertmanager all of them at once.

        A message waits for those before it, unless they are refused for themselves.
        """
        letters = self.waiting(receiver.name)
        if receiver.kind is ReceiverKind.ALERTMANAGER:
            waits = any(letter.due > t and not letter.refused for letter in letters)
            return () if waits else tuple(letter for letter in letters if letter.due <= t)
        for letter in letters:
            if letter.due <= t:
                return (letter,)
            if not letter.refused:
                break
        return ()

    def arrived(self, letters: Sequence[Letter]) -> None:
        """Forget letters that have arrived."""
        for letter in letters:
            self._letters.pop(letter.delivery.id, None)
            self._troubles.pop(letter.delivery.receiver, None)
        self._write(lambda c: _forget(c, letters))

    def failed(self, letters: Sequence[Letter], failure: Failure, t: int) -> None:
        """Put letters that did not arrive back, to be tried again; those that are too old are given up."""
        gone: list[Letter] = []
        later: list[Letter] = []
        for letter in letters:
            if letter.delivery.id not in self._letters:
                continue  # Its receiver has gone meanwhile.
            attempts = letter.attempts + 1
            due = t + backoff(attempts, failure)
            tried = replace(letter, attempts=attempts, due=due, refused=failure.refused)
            age = t - letter.delivery.made
            (gone if age > (KEPT // 7 if failure.refused else KEPT) else later).append(tried)
            receiver = letter.delivery.receiver
            known = self._troubles.get(receiver)
            self._troubles[receiver] = _Trouble(failure, t if known is None else known.since)
        for letter in gone:
            self._letters.pop(letter.delivery.id, None)
        self._letters.update({letter.delivery.id: letter for letter in later})

        def work(connection: sqlite3.Connection) -> None:
            _forget(connection, gone)
            _put_letters(connection, later)

        self._write(work)

    def faults(self) -> tuple[SendFault, ...]:
        """The receivers that cannot be reached."""
        return tuple(
            SendFault(name, t.failure.word, t.failure.text, t.since, len(self.waiting(name)))
            for name, t in sorted(self._troubles.items())
        )

    def drop(self, receivers: Sequence[Receiver]) -> None:
        """Forget what waits for receivers that there are no more; one that comes back is told of what fires still."""
        names = {receiver.name for receiver in receivers}
        gone = [letter for letter in self._letters.values() if letter.delivery.receiver not in names]
        if gone:
            untold = {
                (item.fingerprint, letter.delivery.receiver)
                for letter in gone
                for item in letter.delivery.items
                if item.change is Change.FIRING
            }
            before = self.state
            self.state = replace(before, episodes={k: _untold(k, e, untold) for k, e in before.episodes.items()})
            for letter in gone:
                del self._letters[letter.delivery.id]

            def work(connection: sqlite3.Connection) -> None:
                _put_state(connection, before, self.state, ())
                _forget(connection, gone)

            self._write(work)
        for name in self._troubles.keys() - names:
            del self._troubles[name]

    def hurry(self, receivers: Collection[str], t: int) -> None:
        """Try at `t` (ms) what waits for these receivers, since they are to be reached in another way now."""
        sooner = [
            replace(letter, attempts=0, due=min(letter.due, t), refused=False)
            for letter in self._letters.values()
            if letter.delivery.receiver in receivers
        ]
        if sooner:
            self._letters.update({letter.delivery.id: letter for letter in sooner})
            self._write(lambda c: _put_letters(c, sooner))

    def close(self) -> None:
        """Close the file."""
        if self._connection is not None:
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()
        self._connection, self._mirrored = None, False

    def _load(self) -> None:
        try:
            self._read(self._connected())
            self._mirrored = True
        except ValueError:
            self._set_aside()
        except (sqlite3.Error, OSError) as error:
            self._give_up(error)

    def _read(self, connection: sqlite3.Connection) -> None:
        counter = connection.execute("select origin, serial from counter").fetchone()
        if counter is None:
            return
        episodes = connection.execute("select fingerprint, body from episode").fetchall()
        ledgers = connection.execute("select receiver, body from ledger").fetchall()
        letters = [decode(Letter, body) for (body,) in connection.execute("select body from letter order by rowid")]
        self.state = State(
            counter[0],
            counter[1],
            {key: decode(Episode, body) for key, body in episodes},
            {name: decode(Ledger, body) for name, body in ledgers},
        )
        self._letters = {letter.delivery.id: letter for letter in letters}

    def _give_up(self, error: sqlite3.Error | OSError) -> None:
        """Say what is wrong with the file; one that is damaged makes room for a new one at the next change."""
        self.close()
        if schema.is_damage(error):
            self._set_aside()
        else:
            why = schema.explain(error, self.path)
            self.reason = f"notifications: {why}: they go out, but a restart may repeat or lose some"

    def _set_aside(self) -> None:
        self.close()
        try:
            aside = move_aside(self.path, str(self._began))
        except OSError as error:
            self.reason = f"notifications: {self.path} is damaged and cannot be moved aside: {error.strerror}"
        else:
            self.notice = f"notifications: {self.path} was damaged; it was moved to {aside.name} and a new one started"

    def _write(self, work: Callable[[sqlite3.Connection], object]) -> None:
        """One transaction; all of the state and the letters where the file does not have what was before."""
        try:
            connection = self._connected()
            with transaction(connection):
                if self._mirrored:
                    work(connection)
                else:
                    _put_all(connection, self.state, tuple(self._letters.values()))
        except (sqlite3.Error, OSError) as error:
            self._give_up(error)
        else:
            self._mirrored, self.reason = True, ""

    def _connected(self) -> sqlite3.Connection:
        if self._connection is None or not self.path.exists():
            self.close()
            prepare(self.path.parent)
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
            connection = sqlite3.connect(self.path, timeout=_WAIT_SECONDS, isolation_level=None)
            try:
                # A killed process loses nothing so, and a disk is not made to wait for every message.
                connection.execute("pragma journal_mode = wal").fetchall()
                connection.execute("pragma synchronous = normal")
                _prepare_tables(connection)
            except sqlite3.Error:
                connection.close()
                raise
            self._connection = connection
        return self._connection


def _prepare_tables(connection: sqlite3.Connection) -> None:
    version = int(connection.execute("pragma user_version").fetchone()[0])
    if version > VERSION:
        raise schema.NewerVersionError(
            f"it was written by a newer tradetop (format {version}, this one knows {VERSION})"
        )
    if version == 0:
        with transaction(connection):
            for statement in _TABLES:
                connection.execute(statement)


def _untold(fingerprint: str, episode: Episode, untold: Collection[tuple[str, str]]) -> Episode:
    """The episode without those who were never told of it."""
    told = tuple(told for told in episode.told if (fingerprint, told.receiver) not in untold)
    return episode if told == episode.told else replace(episode, told=told)


def _put_state(connection: sqlite3.Connection, before: State, after: State, letters: Sequence[Letter]) -> None:
    """Write what is new of a state: episodes that have not changed are the same objects."""
    connection.execute("replace into counter values (1, ?, ?)", (after.origin, after.serial))
    _put_changed(connection, "episode", before.episodes, after.episodes)
    _put_changed(connection, "ledger", before.ledgers, after.ledgers)
    _put_letters(connection, letters)


def _put_changed(
    connection: sqlite3.Connection, table: str, before: Mapping[str, object], after: Mapping[str, object]
) -> None:
    changed = [(key, encode(value)) for key, value in after.items() if before.get(key) is not value]
    connection.executemany(f"replace into {table} values (?, ?)", changed)  # noqa: S608 - the tables are ours.
    column = "fingerprint" if table == "episode" else "receiver"
    gone = [(key,) for key in before.keys() - after.keys()]
    connection.executemany(f"delete from {table} where {column} = ?", gone)  # noqa: S608


def _put_letters(connection: sqlite3.Connection, letters: Sequence[Letter]) -> None:
    # An update keeps the row's place in the order; a replacement would not.
    connection.executemany(
        "insert into letter values (?, ?) on conflict(id) do update set body = excluded.body",
        [(letter.delivery.id, encode(letter)) for letter in letters],
    )


def _forget(connection: sqlite3.Connection, letters: Sequence[Letter]) -> None:
    connection.executemany("delete from letter where id = ?", [(letter.delivery.id,) for letter in letters])


def _put_all(connection: sqlite3.Connection, state: State, letters: Sequence[Letter]) -> None:
    for table in ("counter", "episode", "ledger", "letter"):
        connection.execute(f"delete from {table}")  # noqa: S608 - the tables are ours.
    _put_state(connection, State(), state, letters)
