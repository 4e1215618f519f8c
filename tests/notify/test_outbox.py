"""The outbox loses nothing and doubles nothing: over restarts, kills, retries and bad files."""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notify.making import HOUR, MINUTE, SECOND, T0, quick, sighting
from tradetop.model.clock import DAY
from tradetop.notify.advance import advance
from tradetop.notify.fault import Failure
from tradetop.notify.outbox import Outbox, outbox_path
from tradetop.notify.receiver import Receiver, ReceiverKind
from tradetop.notify.state import Seen

PHONE = quick()
DOWN = Failure("no connection", "down")
REFUSED = Failure("400", "refused", refused=True)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return outbox_path(tmp_path / "state" / "bot-1a2b3c4d.db")


def see(outbox: Outbox, t: int, *names: str, receivers: tuple[Receiver, ...] = (PHONE,)) -> None:
    seen = Seen(tuple(sighting(name) for name in names), frozenset({"bot"}))
    outbox.keep(*advance(outbox.state, seen, (), receivers, t, stuck=outbox.stuck()))


def names(outbox: Outbox, receiver: str = "phone") -> list[str]:
    return [item.facts.name for letter in outbox.waiting(receiver) for item in letter.delivery.items]


def test_a_message_waits_until_it_has_arrived(path: Path) -> None:
    outbox = Outbox(path, T0)
    see(outbox, T0, "A")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    letters = outbox.due(PHONE, T0)
    assert names(outbox) == ["A"]
    outbox.arrived(letters)
    assert (outbox.due(PHONE, T0 + HOUR), outbox.stuck()) == ((), frozenset())
    see(outbox, T0 + MINUTE, "A")
    assert names(outbox) == []


def test_a_restart_knows_what_was_told_and_what_was_not(path: Path) -> None:
    outbox = Outbox(path, T0)
    see(outbox, T0, "A")
    outbox.arrived(outbox.due(PHONE, T0))
    see(outbox, T0 + 1, "A", "B")
    outbox.failed(outbox.due(PHONE, T0 + 1), DOWN, T0 + 1)
    ids = [letter.delivery.id for letter in outbox.waiting("phone")]
    outbox.close()

    again = Outbox(path, T0 + MINUTE)
    assert again.state == outbox.state
    assert [letter.delivery.id for letter in again.waiting("phone")] == ids
    assert [letter.attempts for letter in again.waiting("phone")] == [1]
    see(again, T0 + MINUTE, "A", "B")
    assert names(again) == ["B"]
    see(again, T0 + MINUTE, "B")
    assert names(again) == ["B", "A"]
    assert again.reason == again.notice == ""


def test_retries_back_off_and_keep_their_order(path: Path) -> None:
    outbox = Outbox(path, T0)
    see(outbox, T0, "A")
    see(outbox, T0 + 1, "A", "B")
    t, tried = T0 + 1, []
    for _ in range(5):
        while not (letters := outbox.due(PHONE, t)):
            t += SECOND
        tried.append((t - T0) // SECOND)
        outbox.failed(letters, DOWN, t)
        assert [letter.delivery.items[0].facts.name for letter in letters] == ["A"]
    assert tried == [0, 5, 15, 35, 75]
    (fault,) = outbox.faults()
    assert (fault.receiver, fault.word, fault.since, fault.waiting) == ("phone", "no connection", T0 + 1, 2)
    t += 10 * MINUTE
    outbox.arrived(outbox.due(PHONE, t))
    assert names(outbox) == ["B"]
    assert outbox.faults() == ()
    assert outbox.due(PHONE, t)


def test_a_message_that_is_refused_for_itself_is_overtaken_and_given_up_after_a_day(path: Path) -> None:
    outbox = Outbox(path, T0)
    see(outbox, T0, "A")
    see(outbox, T0 + 1, "A", "B")
    outbox.failed(outbox.due(PHONE, T0 + 1), REFUSED, T0 + 1)
    (letter,) = outbox.due(PHONE, T0 + 2)
    assert letter.delivery.items[0].facts.name == "B"
    outbox.arrived([letter])
    t = T0 + DAY + MINUTE
    outbox.failed(outbox.due(PHONE, t), REFUSED, t)
    assert outbox.waiting("phone") == ()


def test_others_are_given_up_after_a_week(path: Path) -> None:
    outbox = Outbox(path, T0)
    see(outbox, T0, "A")
    outbox.failed(outbox.due(PHONE, T0 + 6 * DAY), DOWN, T0 + 6 * DAY)
    assert names(outbox) == ["A"]
    outbox.failed(outbox.due(PHONE, T0 + 8 * DAY), DOWN, T0 + 8 * DAY)
    assert names(outbox) == []


def test_alertmanager_gets_all_that_waits_at_once(path: Path) -> None:
    am = quick("am", kind=ReceiverKind.ALERTMANAGER)
    outbox = Outbox(path, T0)
    see(outbox, T0, "A", receivers=(am,))
    outbox.failed(outbox.due(am, T0), DOWN, T0)
    see(outbox, T0 + 1, "A", "B", receivers=(am,))
    assert outbox.due(am, T0 + 1) == ()
    assert len(outbox.due(am, T0 + 5 * SECOND)) == 2


def test_messages_to_receivers_that_are_no_more_are_dropped(path: Path) -> None:
    outbox = Outbox(path, T0)
    see(outbox, T0, "A", receivers=(PHONE, quick("old")))
    outbox.drop([PHONE])
    assert (names(outbox), names(outbox, "old")) == (["A"], [])


def test_a_damaged_file_is_moved_aside_and_said(path: Path) -> None:
    outbox = Outbox(path, T0)
    see(outbox, T0, "A")
    outbox.close()
    path.write_bytes(b"not a database" * 500)
    again = Outbox(path, T0 + 1)
    assert "moved to bot-1a2b3c4d.notify.aside-" in again.notice
    see(again, T0 + 1, "A")
    assert names(again) == ["A"]
    again.close()
    assert names(Outbox(path, T0 + 2)) == ["A"]


@pytest.mark.parametrize("table", ["episode", "ledger", "letter"])
def test_rows_that_cannot_be_read_are_damage(path: Path, table: str) -> None:
    outbox = Outbox(path, T0)
    see(outbox, T0, "A")
    outbox.close()
    with sqlite3.connect(path) as connection:
        connection.execute(f"update {table} set body = '[1]'")
    connection.close()
    again = Outbox(path, T0 + 1)
    assert "was damaged" in again.notice
    see(again, T0 + 1, "A")
    assert names(again) == ["A"]


def test_a_newer_file_is_left_alone_and_messages_go_out(path: Path) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as connection:
        connection.execute("pragma user_version = 99")
    connection.close()
    outbox = Outbox(path, T0)
    see(outbox, T0, "A")
    assert "newer tradetop" in outbox.reason
    assert names(outbox) == ["A"]
    outbox.close()
    assert path.exists()


def test_a_folder_that_cannot_be_written_costs_durability_alone(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file, not a folder")
    outbox = Outbox(tmp_path / "state" / "bot.notify", T0)
    see(outbox, T0, "A")
    assert "a restart may repeat or lose some" in outbox.reason
    assert names(outbox) == ["A"]
    (tmp_path / "state").unlink()
    see(outbox, T0 + 1, "A", "B")
    assert outbox.reason == ""
    outbox.close()
    assert names(Outbox(tmp_path / "state" / "bot.notify", T0 + 2)) == ["A", "B"]


def test_a_file_that_is_removed_meanwhile_is_written_anew(path: Path) -> None:
    outbox = Outbox(path, T0)
    see(outbox, T0, "A")
    shutil.rmtree(path.parent)
    see(outbox, T0 + 1, "A", "B")
    outbox.close()
    assert names(Outbox(path, T0 + 2)) == ["A", "B"]


@given(st.lists(st.tuples(st.frozensets(st.sampled_from("ABC")), st.booleans(), st.booleans()), max_size=12))
@settings(max_examples=25, deadline=None)
def test_a_restart_at_any_time_makes_no_difference(story: list[tuple[frozenset[str], bool, bool]]) -> None:
    """The same story with restarts in between, and without."""

    def told(restarts: bool) -> list[tuple[str, str]]:
        found = []
        outbox = Outbox(path, T0)
        for i, (alerts, fails, restart) in enumerate(story):
            t = T0 + i * HOUR
            see(outbox, t, *sorted(alerts))
            while letters := outbox.due(PHONE, t):
                if fails:
                    outbox.failed(letters, DOWN, t)
                else:
                    outbox.arrived(letters)
                    found += [(item.facts.name, item.change.value) for item in letters[0].delivery.items]
            if restart and restarts:
                outbox.close()
                outbox = Outbox(path, t)
        outbox.close()
        path.unlink(missing_ok=True)
        return found

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.notify"
        assert told(restarts=True) == told(restarts=False)


KILLED = """
import os, sys, json
from pathlib import Path
from notify.making import T0, quick, sighting
from tradetop.notify.advance import advance
from tradetop.notify.outbox import Outbox
from tradetop.notify.state import Seen
path, sink = Path(sys.argv[1]), open(sys.argv[2], "a")
phone = quick()
outbox = Outbox(path, T0 + os.getpid())
known = outbox.state.serial
for i in range(known, 10**6):
    # An alert that fires at every step, and one that ends.
    seen = Seen((sighting(f"A{i}"),), frozenset({"bot"}))
    outbox.keep(*advance(outbox.state, seen, (), (phone,), T0 + i))
    for letter in outbox.due(phone, T0 + i):
        told = [[item.facts.name, item.change.value] for item in letter.delivery.items]
        sink.write(json.dumps([letter.delivery.id, told]) + "\\n")
        sink.flush()
        outbox.arrived([letter])
    print(i, flush=True)
"""


def test_kills_at_any_moment_lose_nothing_and_double_nothing_but_what_was_under_way(path: Path) -> None:
    took = path.parent.parent / "took.jsonl"
    command = [sys.executable, "-c", KILLED, str(path), str(took)]
    dice, kills = random.Random(7), 12
    for _ in range(kills):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, env={"PYTHONPATH": ":".join(sys.path)})
        assert process.stdout is not None
        for _ in range(dice.randrange(1, 60)):
            process.stdout.readline()
        process.kill()
        process.wait()
        process.stdout.close()
    # A last process sends what the killed ones left.
    outbox = Outbox(path, T0)
    waiting = [letter.delivery for letter in outbox.waiting("phone")]
    left = [[d.id, [[item.facts.name, item.change.value] for item in d.items]] for d in waiting]
    assert (outbox.reason, outbox.notice) == ("", "")
    messages = [json.loads(line) for line in took.read_text().splitlines()] + left
    counts = Counter(identity for identity, _ in messages)
    doubled = {identity for identity, count in counts.items() if count > 1}
    assert len(doubled) <= kills
    assert max(counts.values()) <= 2
    # The ids tell which are the same: without the doubles every beginning and every end is there exactly once.
    once = dict(messages)
    told = Counter((name, change) for items in once.values() for name, change in items)
    fired = {name for name, change in told if change == "firing"}
    assert set(told.values()) == {1}
    assert len(fired) == outbox.state.serial
    assert fired - {name for name, change in told if change == "resolved"} == {f"A{outbox.state.serial - 1}"}


def test_a_message_whose_receiver_was_taken_away_on_its_way_does_not_come_back(path: Path) -> None:
    outbox = Outbox(path, T0)
    see(outbox, T0, "A")
    letters = outbox.due(PHONE, T0)
    outbox.drop([quick("mail")])
    outbox.failed(letters, DOWN, T0 + SECOND)
    assert (names(outbox), outbox.faults()) == ([], ())
    outbox.close()
    again = Outbox(path, T0 + MINUTE)
    assert names(again) == []
    again.close()


def test_what_is_to_be_reached_in_another_way_is_tried_at_once_and_a_restart_knows(path: Path) -> None:
    outbox = Outbox(path, T0)
    see(outbox, T0, "A")
    outbox.failed(outbox.due(PHONE, T0), REFUSED, T0)
    assert outbox.due(PHONE, T0 + SECOND) == ()
    outbox.hurry(["phone"], T0 + SECOND)
    outbox.close()
    again = Outbox(path, T0 + SECOND)
    (letter,) = again.due(PHONE, T0 + SECOND)
    assert (letter.attempts, letter.refused) == (0, False)
    again.close()


def test_a_receiver_that_comes_back_is_told_of_what_it_has_not_been_told(path: Path) -> None:
    outbox = Outbox(path, T0)
    see(outbox, T0, "A")
    outbox.arrived(outbox.due(PHONE, T0))
    see(outbox, T0 + 1, "A", "B")
    assert names(outbox) == ["B"]
    outbox.drop([])
    see(outbox, T0 + SECOND, "A", "B", receivers=())
    outbox.close()
    again = Outbox(path, T0 + MINUTE)
    assert names(again) == []
    see(again, T0 + MINUTE, "A", "B")
    assert names(again) == ["B"]
    again.close()
