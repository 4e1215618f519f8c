"""Lines on their way into a record, as every event store's are."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from events.hands import NOW, HandClock
from events.test_tail import EndedError
from tradetop.events.opening import open_store
from tradetop.events.tail import tail
from tradetop.model.bot_event import EventClass
from tradetop.model.clock import DAY, MINUTE
from tradetop.model.labels import Labels
from tradetop.model.target import Target
from tradetop.recorder.feed import Feed
from tradetop.recorder.record import Record


def line(second: int, kind: str) -> str:
    return f'{{"timestamp": {NOW - MINUTE + second * 1_000}, "event_type": "{kind}", "bot_id": "b1"}}\n'


def append(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


async def test_a_bad_line_is_a_notice_and_a_missing_file_a_fault(tmp_path: Path) -> None:
    path, clock = tmp_path / "bot.jsonl", HandClock()
    path.write_text(line(1, "signal") + "bad\n")
    told: list[object] = []
    script = [
        lambda: append(path, line(2, "trade_open")),
        lambda: (tmp_path / "bot.jsonl").rename(tmp_path / "gone"),
        lambda: clock.forward(MINUTE),
        lambda: shutil.copyfile(tmp_path / "gone", path),
        lambda: clock.forward(MINUTE),
    ]

    async def wait(milliseconds: int) -> None:
        clock.forward(milliseconds)
        if not script:
            raise EndedError
        script.pop(0)()

    store = open_store(str(path), clock)
    with pytest.raises(EndedError):
        await tail(
            store,
            clock,
            lambda events: told.append([event.type for event in events]),
            lambda fault: told.append(f"fault: {fault}"),
            wait,
            on_notice=lambda notice: told.append(f"notice: {notice}"),
        )
    await store.close()
    assert told == [
        ["signal"],
        f"notice: {path}: 1 line could not be read, the last at byte {len(line(1, 'signal'))}: not a JSON object",
        ["trade_open"],
        f"fault: {path}: no such file; check the path, or start the bot that writes it",
        (
            f"notice: {path}: replaced, as log rotation does; the new file is read from its start; "
            f"2 lines could not be read, the last at byte {len(line(1, 'signal'))} of file 2: not a JSON object"
        ),
        "fault: ",
        ["signal", "trade_open"],
        "notice: ",
    ]


async def test_lines_become_series_and_a_feed(tmp_path: Path) -> None:
    path, clock = tmp_path / "bot.jsonl", HandClock()
    path.write_text(line(1, "signal") + line(2, "signal") + line(3, "config_changed"))
    record = Record(Target("b1", database=str(path)))

    async def wait(_: float) -> None:
        clock.forward(MINUTE)
        if record.events and record.events[-1].type == "trade_open":
            raise EndedError
        append(path, line(90, "trade_open"))

    with pytest.raises(EndedError):
        await Feed(record, clock, wait).run()
    labels = {"bot_id": "b1", "event_type": "signal", "category": "", "strategy": "", "pair": ""}
    sample = record.store.latest(Labels({"__name__": "bot_events_total", **labels}))
    assert sample is not None
    assert sample.value == 2
    assert [event.cls for event in record.events][-2:] == [EventClass.MARK, EventClass.OPEN]
    assert clock.now() < NOW + DAY
