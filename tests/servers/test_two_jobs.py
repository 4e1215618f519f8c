"""Two jobs and a prometheus.yml: alerts change their states as in the real server that reads the same file.

Both scrape the same two bots once a second. What is compared is which states each alert went through, in their order,
as both have written them into `ALERTS`; when exactly a scrape falls is nobody's business.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from cli.commands import PATIENCE, started
from servers.prometheus import prometheus
from tradetop.model.labels import NAME, Labels
from tradetop.model.matcher import Matcher, MatchOp
from tradetop.model.sample import is_stale
from tradetop.store import MemoryStore
from tradetop.store.file import HistoryReader
from watched_bot import WatchedBot

pytestmark = pytest.mark.servers

GAP = 2_500
"""A state that was not written for so long (ms) has ended."""
RULES = """\
groups:
- name: first
  rules:
  - {record: 'job:exposure:sum', expr: sum by (job) (exposure_pct)}
  - {alert: Total, expr: 'sum(job:exposure:sum) > 40', for: 2s}
  - {alert: Over, expr: exposure_pct > on() group_left() limit_pct, for: 2s, labels: {severity: critical}}
- name: second
  rules:
  - {alert: Down, expr: up == 0, for: 3s, labels: {of: '{{ $labels.job }}'}}
  - {alert: SomeDown, expr: count(up == 0) > 0}
  - {alert: NoThird, expr: 'absent(up{job="third"})', for: 2s}
  - {alert: NoSecond, expr: 'absent(up{job="b"})'}
  - {alert: Half, expr: sum(up) / count(up) == 0.5}
  - {alert: Pair, expr: 'up{job="a"} == on() up{job="b"}'}
"""
States = Mapping[Labels, list[str]]


@pytest.fixture
def bots() -> Iterator[tuple[WatchedBot, WatchedBot]]:
    with WatchedBot("exposure_pct 10\n") as a, WatchedBot("exposure_pct 15\nlimit_pct 20\n") as b:
        yield a, b


def settings(bots: tuple[WatchedBot, WatchedBot]) -> str:
    jobs = "".join(
        f"- {{job_name: {job}, static_configs: [{{targets: ['{bot.instance}']}}]}}\n"
        for job, bot in zip("ab", bots, strict=True)
    )
    return (
        "global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}\n"
        f"rule_files: [rules.yml]\nscrape_configs:\n{jobs}"
    )


def written(folder: Path) -> dict[Labels, list[int]]:
    """When the samples of each series of `ALERTS` were written, by our histories."""
    found: dict[Labels, list[int]] = {}
    for path in folder.glob("127*.db"):
        store, reader = MemoryStore(), HistoryReader.open(path)
        reader.load(store, 0)
        reader.close()
        for column in store.select([Matcher(NAME, MatchOp.EQUAL, "ALERTS")], 0, 1 << 62):
            if f"alert: {column.labels['alertname']}," in RULES:
                times = column.times[column.first :]
                there = [t for t, value in zip(times, column.values, strict=False) if not is_stale(value)]
                assert column.labels not in found, "an alert is of two bots"
                found[column.labels] = there
    return found


def states(samples: Mapping[Labels, list[int]], start: int, end: int) -> States:
    """The states that each alert went through, in their order; "" where there was none for a while."""
    moments: dict[Labels, list[tuple[int, str]]] = {}
    for labels, times in samples.items():
        key = labels.without(NAME, "alertstate")
        moments.setdefault(key, []).extend((t, labels["alertstate"]) for t in times if start <= t <= end)
    found = {}
    for key, seen in moments.items():
        before, course = start, list[str]()
        for t, state in sorted(seen):
            if course and t - before > GAP:
                course.append("")
            if not course or course[-1] != state:
                course.append(state)
            before = t
        if course:
            found[key] = course if end - before <= GAP else [*course, ""]
    return found


def now(samples: Mapping[Labels, list[int]]) -> set[tuple[str, str, str]]:
    """What there is at the end: (alert, job, state)."""
    last = max((times[-1] for times in samples.values() if times), default=0)
    return {
        (labels["alertname"], labels.get("job", ""), labels["alertstate"])
        for labels, times in samples.items()
        if times and times[-1] > last - GAP / 2
    }


def until(condition: Callable[[], bool], said: Callable[[], object]) -> None:
    """Servers can only be asked again and again."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, said()
        time.sleep(0.2)


def test_states_change_as_in_the_server_that_has_both_jobs(bots: tuple[WatchedBot, WatchedBot], tmp_path: Path) -> None:
    a, b = bots
    (tmp_path / "rules.yml").write_text(RULES)
    store = tmp_path / "store"

    def millis() -> int:
        return time.time_ns() // 1_000_000

    with prometheus(tmp_path, settings(bots)) as server:
        recording = ("record", "--prometheus-config", tmp_path / "prometheus.yml", "--store", store)
        with started(tmp_path, recording):
            begun = millis()

            def theirs() -> dict[Labels, list[int]]:
                return server.written("ALERTS", begun - 1_000, millis())

            def settled(*expected: tuple[str, str, str]) -> None:
                """Both say this, and go on saying it for a while."""
                wanted = {("NoThird", "third", "firing"), *expected}
                until(
                    lambda: now(theirs()) == now(written(store)) == wanted,
                    lambda: (wanted, now(theirs()), now(written(store))),
                )
                time.sleep(GAP / 1_000)

            both = ("Pair", "", "firing")
            settled(both)
            start = millis()
            b.page = "exposure_pct 35\nlimit_pct 20\n"
            settled(both, ("Over", "b", "firing"), ("Total", "", "firing"))
            b.stop()
            settled(("Down", "b", "firing"), ("SomeDown", "", "firing"), ("Half", "", "firing"))
            b.start()
            settled(both, ("Over", "b", "firing"), ("Total", "", "firing"))
            a.page = "exposure_pct 21\n"
            b.page = "exposure_pct 15\nlimit_pct 20\n"
            settled(both, ("Over", "a", "firing"))
            end = millis() - 500
            ours, the_servers = states(written(store), start, end), states(theirs(), start, end)
    assert ours == the_servers
    assert len(the_servers) == 8
    assert sum(map(len, the_servers.values())) > 20
