"""A log file that is followed: nothing lost, nothing twice, whatever rotation does to it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from events.hands import NOW, HandClock
from events.lines.making import all_new, interpreter, messages, whole_past
from tradetop.events.fault import EventError
from tradetop.events.lines.line import LINE_LIMIT
from tradetop.events.lines.logfile import LogFile
from tradetop.events.lines.rotated import LINGER
from tradetop.model.clock import SECOND
from tradetop.model.lines import Form


def followed(path: Path, form: Form = Form.TEXT, clock: HandClock | None = None) -> LogFile:
    clock = clock or HandClock()
    return LogFile(path, interpreter(form, clock=clock), clock)


def write(path: Path, *texts: str) -> None:
    with path.open("a") as file:
        file.writelines(f"{text}\n" for text in texts)


async def test_the_past_backwards_then_each_new_line_once(tmp_path: Path) -> None:
    path = tmp_path / "bot.log"
    write(path, *(f"line {i}" for i in range(1_700)))
    log = followed(path)
    assert messages(await log.newest()) == [f"line {i}" for i in range(1_200, 1_700)]
    assert await log.read_new() == ()
    write(path, "new 1", "new 2")
    assert messages(await all_new(log)) == ["new 1", "new 2"]
    assert [len(await log.older()) for _ in range(4)] == [500, 500, 200, 0]
    assert await log.read_new() == ()
    await log.close()


async def test_events_have_numbers_in_the_order_of_the_lines(tmp_path: Path) -> None:
    path = tmp_path / "bot.log"
    write(path, *(f"line {i}" for i in range(1_200)))
    log = followed(path)
    past = await whole_past(log)
    write(path, "new")
    events = [*past, *await all_new(log)]
    assert [event.sequence for event in events] == sorted({event.sequence for event in events})
    assert len({event.id for event in events}) == 1_201
    await log.close()


async def test_lines_that_never_say_when_are_as_old_as_their_file(tmp_path: Path) -> None:
    path = tmp_path / "bot.log"
    write(path, "long ago")
    os.utime(path, (1_700_000_000, 1_700_000_000))
    log = followed(path)
    (event,) = await log.newest()
    assert (event.t, event.guessed_time) == (1_700_000_000_000, True)
    write(path, "now")
    (event,) = await log.read_new()
    assert (event.t, event.guessed_time) == (NOW, True)
    await log.close()


async def test_a_line_without_its_end_waits(tmp_path: Path) -> None:
    path = tmp_path / "bot.log"
    path.write_text("whole\nha")
    log = followed(path)
    assert messages(await log.newest()) == ["whole"]
    assert await log.read_new() == ()
    with path.open("a") as file:
        file.write("lf\n")
    assert messages(await all_new(log)) == ["half"]
    await log.close()


async def test_an_object_without_its_end_of_line_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    path.write_text('{"msg": "a"}\n{"msg": "b", "c": {"d": 1}')
    log = followed(path, Form.JSON)
    assert messages(await log.newest()) == ["a"]
    assert await log.read_new() == ()
    with path.open("a") as file:
        file.write("}")
    assert messages(await all_new(log)) == ["b"]
    with path.open("a") as file:
        file.write('\n{"msg": "c"}\n')
    assert messages(await all_new(log)) == ["c"]
    assert log.take_notice() == ""
    await log.close()


async def test_renamed_and_created_anew_while_the_bot_still_writes_to_the_old_one(tmp_path: Path) -> None:
    path, clock = tmp_path / "bot.log", HandClock()
    write(path, "1")
    log = followed(path, clock=clock)
    await log.newest()
    with path.open("a") as still:
        print("2", file=still)
        path.rename(tmp_path / "bot.log.1")
        write(path, "4")
        print("3", file=still, flush=True)
        assert messages(await all_new(log)) == ["2", "3", "4"]
        assert "replaced, as log rotation does" in log.take_notice()
        clock.forward(10 * SECOND)
        print("5", file=still, end="", flush=True)
        write(path, "6")
        assert messages(await all_new(log)) == ["6"]
    clock.forward(LINGER)
    assert messages(await all_new(log)) == ["5"]
    assert log.take_notice() == ""
    assert await log.read_new() == ()
    await log.close()


async def test_rotated_twice_between_two_looks(tmp_path: Path) -> None:
    path = tmp_path / "bot.log"
    write(tmp_path / "bot.log.1", "long ago")
    write(path, "1")
    log = followed(path)
    await log.newest()
    shutil.copyfile(path, tmp_path / "bot.log.bak")
    write(path, "2")
    (tmp_path / "bot.log.1").rename(tmp_path / "bot.log.3")
    path.rename(tmp_path / "bot.log.2")
    write(path, "3")
    path.rename(tmp_path / "bot.log.1")
    write(path, "4")
    assert messages(await all_new(log)) == ["2", "3", "4"]
    await log.close()


async def test_copied_and_emptied_loses_nothing_that_is_in_the_copy(tmp_path: Path) -> None:
    path = tmp_path / "bot.log"
    write(path, "1")
    log = followed(path)
    await log.newest()
    write(path, "2", "3")
    shutil.copyfile(path, tmp_path / "bot.log.1")
    os.truncate(path, 0)
    write(path, "4")
    assert messages(await all_new(log)) == ["2", "3", "4"]
    assert "came from its copy" in log.take_notice()
    await log.close()


async def test_copied_and_emptied_twice_between_two_looks(tmp_path: Path) -> None:
    path = tmp_path / "bot.log"
    write(tmp_path / "bot.log.1", "long ago")
    write(path, "1")
    log = followed(path)
    await log.newest()
    write(path, "2")
    for number in ("2", "3"):
        shutil.copyfile(path, tmp_path / f"bot.log.1-{number}")
        os.truncate(path, 0)
        write(path, f"after {number}")
    (tmp_path / "bot.log.4").touch()
    assert messages(await all_new(log)) == ["2", "after 2", "after 3"]
    shutil.copyfile(path, tmp_path / "bot.log.4")
    write(path, "5")
    assert messages(await all_new(log)) == ["5"]
    os.truncate(path, 0)
    assert await log.read_new() == ()
    await log.close()


async def test_emptied_before_anything_of_it_was_read(tmp_path: Path) -> None:
    path = tmp_path / "bot.log"
    path.touch()
    log = followed(path)
    await log.newest()
    write(path, "1")
    shutil.copyfile(path, tmp_path / "bot.log.1")
    os.truncate(path, 0)
    write(path, "2")
    assert messages(await all_new(log)) == ["1", "2"]
    await log.close()


async def test_emptied_and_grown_beyond_where_it_was(tmp_path: Path) -> None:
    path = tmp_path / "bot.log"
    write(path, "1")
    log = followed(path)
    await log.newest()
    path.write_text("".join(f"after {i}\n" for i in range(50)))
    assert messages(await all_new(log)) == [f"after {i}" for i in range(50)]
    assert "may be missing" in log.take_notice()
    await log.close()


async def test_a_writer_that_kept_its_place_leaves_a_hole(tmp_path: Path) -> None:
    path = tmp_path / "bot.log"
    with path.open("wb") as bot:
        bot.write(b"x" * (LINE_LIMIT * 3) + b"\n")
        bot.flush()
        log = followed(path)
        await log.newest()
        log.take_notice()
        os.truncate(path, 0)
        bot.write(b"after\n")
        bot.flush()
        assert messages(await all_new(log)) == ["after"]
    await log.close()


async def test_removed_and_back_again(tmp_path: Path) -> None:
    path, clock = tmp_path / "bot.log", HandClock()
    write(path, "1")
    log = followed(path, clock=clock)
    await log.newest()
    write(path, "2")
    path.unlink()
    assert messages(await all_new(log)) == ["2"]
    clock.forward(5 * SECOND)
    with pytest.raises(EventError, match="no such file"):
        await log.read_new()
    write(path, "3")
    assert messages(await all_new(log)) == ["3"]
    await log.close()


async def test_a_new_file_that_may_not_be_read_is_read_from_its_start_when_it_may(tmp_path: Path) -> None:
    path = tmp_path / "bot.log"
    write(path, "1")
    log = followed(path)
    await log.newest()
    path.rename(tmp_path / "bot.log.1")
    path.mkdir()
    with pytest.raises(EventError, match="not a plain file"):
        await log.read_new()
    path.rmdir()
    write(path, "2", "3")
    assert messages(await all_new(log)) == ["2", "3"]
    await log.close()


async def test_a_line_that_is_too_long_is_counted_and_those_around_it_are_read(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    long = json.dumps({"msg": "x" * (40 << 20)})
    write(path, '{"msg": "a"}', long, '{"msg": "b"}')
    log = followed(path, Form.JSON)
    assert [event.id for event in await whole_past(log)] == ["byte 0", f"byte {14 + len(long)}"]
    write(path, '{"msg": "c"}', long, '{"msg": "d"}')
    assert messages(await all_new(log)) == ["c", "d"]
    assert "2 lines could not be read" in log.take_notice()
    await log.close()


async def test_a_huge_file_is_not_read_at_start(tmp_path: Path) -> None:
    path = tmp_path / "bot.log"
    with path.open("wb") as file:
        file.seek(10 << 30)  # A hole: 10 GiB that take no room.
        file.write(b"\nlast\n")
    log = followed(path)
    assert messages(await whole_past(log)) == ["last"]
    await log.older()
    assert "nothing before it is read" in log.take_notice()
    await log.close()


async def test_every_bad_line_is_said_and_costs_no_other(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    path.write_bytes(b'{"msg": "a"}\nnot json\n{"msg": \n\xff\xfe\n[1]\n{"msg": "b"}\n')
    log = followed(path, Form.JSON)
    assert messages(await log.newest()) == ["a", "b"]
    assert log.take_notice() == f"{path}: 4 lines could not be read, the last at byte 34: not a JSON object"
    assert log.take_notice() == ""
    await log.close()


async def test_a_missing_file_is_followed_once_it_is_there(tmp_path: Path) -> None:
    log = followed(tmp_path / "bot.log")
    for ask in (log.check, log.newest):
        with pytest.raises(EventError, match="no such file"):
            await ask()
    write(tmp_path / "bot.log", "1")
    await log.check()
    assert messages(await log.newest()) == ["1"]
    await log.close()


WRITER = """
import os, sys
path, count = sys.argv[1], int(sys.argv[2])
for i in range(count):
    if i % 97 == 50:
        os.rename(path, f"{path}.{i}")
    with open(path, "a") as file:
        file.write(f"line {i}\\n")
print("done")
"""


async def test_against_a_real_writer_that_rotates_all_the_time(tmp_path: Path) -> None:
    path = tmp_path / "bot.log"
    path.touch()
    log = followed(path)
    await log.newest()
    found: list[str] = []
    with subprocess.Popen([sys.executable, "-c", WRITER, str(path), "250"], stdout=subprocess.PIPE) as writer:
        while writer.poll() is None:
            found += messages(await all_new(log))
    found += messages(await all_new(log))
    assert sorted(found, key=lambda text: int(text.split()[1])) == [f"line {i}" for i in range(250)]
    await log.close()
