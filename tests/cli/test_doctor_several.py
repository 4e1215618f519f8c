"""`tradetop doctor` about several bots: rules of files see all of them, and what is one bot's is said of that one."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from cli.commands import run
from tradetop.model.clock import SystemClock
from tradetop.model.labels import Labels
from tradetop.store.file import HistoryWriter
from tradetop.store.place import history_path
from watched_bot import WatchedBot

PAGE_A = "# TYPE a_total counter\na_total 5\n# TYPE a_gauge gauge\na_gauge 3\n"
PAGE_B = "# TYPE b_total counter\nb_total 7\n# TYPE b_gauge gauge\nb_gauge 1\n"
GOOD = """groups:
  - name: g
    rules:
      - {alert: A, expr: a_gauge > 2}
      - {alert: B, expr: b_gauge > 2}
      - {alert: Both, expr: a_gauge + on() b_gauge > 100}
      - {alert: Gone, expr: 'absent(up{job="b"})'}
      - {alert: Down, expr: 'up{job="b"} == 0'}
"""
RULES = GOOD + "      - {alert: Never, expr: quite_another_name > 2}\n"


@pytest.fixture(scope="module")
def bots() -> Iterator[tuple[WatchedBot, WatchedBot]]:
    with WatchedBot(PAGE_A) as a, WatchedBot(PAGE_B, {"/health/live": (200, {"status": "alive"})}) as b:
        yield a, b


def written(home: Path, places: Sequence[str], rules: str = RULES, extra: str = "") -> Path:
    """A prometheus.yml with jobs a, b, ... at these places, and its rules."""
    jobs = "".join(
        f'  - {{job_name: {job}, scrape_timeout: 4s, static_configs: [{{targets: ["{place}"]}}]}}\n'
        for job, place in zip("abc", places, strict=False)
    )
    (home / "rules.yml").write_text(rules)
    path = home / "prometheus.yml"
    path.write_text(
        "global: {scrape_interval: 5s}\nrule_files: [rules.yml]\n"
        'alerting: {alertmanagers: [{static_configs: [{targets: ["127.0.0.1:9093"]}]}]}\n'
        f"scrape_configs:\n{jobs}{extra}"
    )
    return path


def kinds(text: str) -> dict[str, str]:
    """Kind by the name of each rule, from the report for people."""
    lines = [line.split() for line in text.splitlines() if line.endswith(":9") and not line.startswith(" ")]
    return {words[1]: words[0] for words in lines}


def test_rules_of_files_are_judged_on_all_targets(bots: tuple[WatchedBot, WatchedBot], tmp_path: Path) -> None:
    a, b = bots
    path = written(tmp_path, [a.instance, b.instance])
    done = run(tmp_path, "doctor", "--prometheus-config", path)
    assert (done.returncode, done.stderr) == (1, "")
    assert kinds(done.stdout) == {**dict.fromkeys(["A", "B", "Both", "Gone", "Down"], "CAN"), "Never": "NEVER"}
    lines = done.stdout.splitlines()
    assert lines[:3] == [
        "2 targets; rules of files are judged on the series of all of them",
        f"  a at {a.url} answers",
        f"  b at {b.url} answers",
    ]
    assert max(map(len, lines)) <= 80
    assert lines[-1] == "Nothing is wrong in the other lists of a, b."
    assert "Metrics not showing" not in done.stdout
    (tmp_path / "rules.yml").write_text(GOOD)
    assert run(tmp_path, "doctor", "--prometheus-config", path).returncode == 0


def test_json_says_what_is_about_all_and_what_about_each(bots: tuple[WatchedBot, WatchedBot], tmp_path: Path) -> None:
    a, b = bots
    path = written(tmp_path, [a.instance, b.instance])
    found = json.loads(run(tmp_path, "doctor", "--json", "--prometheus-config", path).stdout)
    assert found.keys() == {"subject", "clean", "problems", "files", "rules", "panels", "steps", "bots"}
    assert [rule["kind"] for rule in found["rules"]] == ["CAN"] * 5 + ["NEVER"]
    assert [steps["title"] for steps in found["steps"]] == ["Alerts not firing"]
    assert [(bot["name"], bot["down"], bot["rules"]) for bot in found["bots"]] == [("a", False, []), ("b", False, [])]
    assert found["bots"][0].keys() == {"name", "subject", "down", "rules", "panels", "steps"}
    titles = [steps["title"] for steps in found["bots"][1]["steps"]]
    assert titles == ["Metrics not showing", "No data", "Rate-limit warnings persist"]


def test_a_target_that_does_not_answer_is_told_and_makes_no_rule_dead(
    bots: tuple[WatchedBot, WatchedBot], tmp_path: Path
) -> None:
    with WatchedBot() as gone:
        place = gone.instance
    with socket.create_server(("127.0.0.1", 0)) as mute:
        said = (
            f"{{url: 'http://127.0.0.1:{mute.getsockname()[1]}', name: c, timeout: 1s, health_check: {{timeout: 1s}}}}"
        )
        (tmp_path / "c.yaml").write_text(f"targets: [{said}]\n")
        path = written(tmp_path, [bots[0].instance, place])
        done = run(tmp_path, "doctor", "--config", "c.yaml", "--prometheus-config", path)
    assert (done.returncode, done.stderr) == (1, "")
    assert kinds(done.stdout) == {
        **dict.fromkeys(["A", "Gone", "Down"], "CAN"),
        **dict.fromkeys(["B", "Both", "Never"], "UNPROVEN"),
    }
    said = " ".join(done.stdout.split())
    assert f"b at http://{place}/metrics does not answer (connection refused" in said
    assert "; where others are read: no metric is called b_gauge" in said
    assert "Metrics not showing: b wrong 1. Is the bot running?" in said
    assert "Metrics not showing: c wrong 1. Is the bot running?" in said
    assert "Metrics not showing: a" not in said
    assert "no answer" in said  # of the one that takes connections and says nothing


def test_a_server_that_scrapes_itself_and_is_not_there_is_no_fault(
    bots: tuple[WatchedBot, WatchedBot], tmp_path: Path
) -> None:
    own = '  - {job_name: prometheus, static_configs: [{targets: ["127.9.9.9:9090"]}]}\n'
    path = written(tmp_path, [bots[0].instance], RULES, own)
    done = run(tmp_path, "doctor", "--prometheus-config", path)
    assert kinds(done.stdout)["Never"] == "NEVER"
    (tmp_path / "rules.yml").write_text("groups: [{name: g, rules: [{alert: A, expr: a_gauge > 2}]}]\n")
    done = run(tmp_path, "doctor", "--prometheus-config", path)
    assert done.returncode == 0, done.stdout
    assert "prometheus at http://127.9.9.9:9090/metrics does not answer" in done.stdout


def test_with_a_target_what_another_job_may_have_is_left_open(
    bots: tuple[WatchedBot, WatchedBot], tmp_path: Path
) -> None:
    a, b = bots
    path = written(tmp_path, [a.instance, b.instance])
    before = b.asked()
    done = run(tmp_path, "doctor", a.base, "--prometheus-config", path)
    assert (done.returncode, done.stderr, b.asked()) == (0, "", before)
    assert kinds(done.stdout) == {
        **dict.fromkeys(["A", "Gone"], "CAN"),
        **dict.fromkeys(["B", "Both", "Down", "Never"], "UNPROVEN"),
    }
    said = " ".join(done.stdout.split())
    assert "job b is scraped too, but was not asked: without TARGET all are" in said
    assert " try " not in said


def test_one_bot_is_told_of_as_ever(bots: tuple[WatchedBot, WatchedBot], tmp_path: Path) -> None:
    a, _ = bots
    path = written(tmp_path, [a.instance])
    done = run(tmp_path, "doctor", "--prometheus-config", path)
    assert done.stdout.splitlines()[0] == f"a at {a.url} answers"
    assert kinds(done.stdout) == {
        "A": "CAN",
        "Gone": "ALWAYS",
        **dict.fromkeys(["B", "Both", "Never", "Down"], "NEVER"),
    }
    titles = ("Metrics not showing", "No data", "Alerts not firing", "Rate-limit warnings persist")
    assert [line for line in done.stdout.splitlines() if line in titles] == list(titles)
    found = json.loads(run(tmp_path, "doctor", "--json", "--prometheus-config", path).stdout)
    assert found.keys() == {"subject", "clean", "problems", "files", "rules", "panels", "steps"}
    # Under the name that it has outside of its container it is the same bot.
    path = written(tmp_path, ["bot-in-a-container:8000"])
    done = run(tmp_path, "doctor", a.base, "--prometheus-config", path)
    assert kinds(done.stdout)["Never"] == "NEVER"


def test_what_was_recorded_of_each_counts(bots: tuple[WatchedBot, WatchedBot], tmp_path: Path) -> None:
    a, b = bots
    now = SystemClock().now()
    (tmp_path / "store").mkdir()
    for bot, name, value in ((a, "a_gauge", 3.0), (b, "b_gauge", 90.0)):
        job = name[0]
        history = HistoryWriter.open(history_path(tmp_path / "store", bot.url), now=now)
        series = Labels({"__name__": name, "job": job, "instance": bot.instance})
        for i in range(60):
            history.append_scrape("page", now - 700_000 + 10_000 * i, {series: value + i % 2})
        history.close()
    rules = "groups: [{name: g, rules: [{alert: Sum, expr: a_gauge + on() b_gauge > 94}]}]\n"
    path = written(tmp_path, [a.instance, b.instance], rules)
    found = json.loads(
        run(tmp_path, "doctor", "--json", "--prometheus-config", path, "--store", tmp_path / "store").stdout
    )
    assert found["rules"][0]["kind"] == "CAN"
    stored = [step for bot in found["bots"] for step in bot["steps"][0]["steps"] if "history" in step["question"]]
    assert ["nothing is recorded" in step["text"] for step in stored] == [False, False]


def test_presets_and_dashboards_of_our_own_stay_with_their_bot(
    bots: tuple[WatchedBot, WatchedBot], tmp_path: Path
) -> None:
    a, b = bots
    (tmp_path / "c.yaml").write_text(
        f"targets:\n  - {{url: '{a.base}', name: alpha, preset: 247trader}}\n  - {{url: '{b.base}', name: beta}}\n"
    )
    panel = "panels:\n  - {id: b, title: B, kind: stat, pane: rates, expr: b_gauge}\n"
    (tmp_path / "own.yaml").write_text("name: own\ntitle: Own\n" + panel)
    (tmp_path / "grafana.json").write_text(
        json.dumps({"panels": [{"id": 1, "title": "Sum", "targets": [{"expr": "a_gauge + on() b_gauge"}]}]})
    )
    done = run(
        tmp_path, *("doctor", "--json", "--config", "c.yaml", "--dashboard", "own.yaml", "--dashboard", "grafana.json")
    )
    found = json.loads(done.stdout)
    assert found["problems"] == [], done.stderr
    alpha, beta = found["bots"]
    assert found["rules"] == []
    assert found["subject"] == "2 targets"
    assert alpha["rules"]
    assert not any(rule["kind"] == "NEVER" for rule in alpha["rules"])
    assert "preset 247trader" in alpha["subject"]
    assert beta["rules"] == []
    assert [(p["subject"], p["kind"]) for p in found["panels"]] == [("Sum", "CAN")]
    assert (alpha["panels"], [p["kind"] for p in beta["panels"]]) == ([], ["CAN"])
    assert "Alerts not firing" in [steps["title"] for steps in alpha["steps"]]


def test_all_are_asked_at_once(tmp_path: Path) -> None:
    met = threading.Barrier(2, timeout=3.9)

    class Meeting(WatchedBot):
        def answer(self, path: str) -> tuple[int, str, str]:
            if path == "/metrics":
                met.wait()
            return super().answer(path)

    with Meeting(PAGE_A) as a, Meeting(PAGE_B) as b:
        done = run(tmp_path, "doctor", "--prometheus-config", written(tmp_path, [a.instance, b.instance], GOOD))
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_folder_of_one_bot_needs_its_target(bots: tuple[WatchedBot, WatchedBot], tmp_path: Path) -> None:
    path = written(tmp_path, [bot.instance for bot in bots])
    done = run(tmp_path, "doctor", "--prometheus-config", path, "--bot-dir", tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "--bot-dir is the folder of one bot: name its TARGET" in done.stderr


def test_targets_that_no_rule_could_tell_apart_are_named(bots: tuple[WatchedBot, WatchedBot], tmp_path: Path) -> None:
    a, _ = bots
    (tmp_path / "c.yaml").write_text(
        f"targets:\n  - {{url: '{a.url}', name: x}}\n  - {{url: '{a.url}?again', name: y, job: x}}\n"
    )
    (tmp_path / "rules.yml").write_text(RULES)
    done = run(tmp_path, "doctor", "--config", "c.yaml", "--rules", "rules.yml")
    assert done.returncode == 1
    assert done.stderr.startswith("tradetop: x and y have the same job and instance")
    assert "Traceback" not in done.stderr
    assert kinds(done.stdout)["A"] == "CAN"


def test_a_bot_that_has_only_a_database_is_left_open(bots: tuple[WatchedBot, WatchedBot], tmp_path: Path) -> None:
    a, _ = bots
    (tmp_path / "c.yaml").write_text(
        f"targets:\n  - {{url: '{a.url}', name: x}}\n  - {{database: '{tmp_path}/none.db', name: d}}\n"
    )
    (tmp_path / "rules.yml").write_text(
        "groups:\n  - name: g\n    rules:\n      - {alert: Events, expr: 'rate(bot_events_total[5m]) > 2'}\n"
        "      - {alert: A, expr: a_gauge > 2}\n"
    )
    done = run(tmp_path, "doctor", "--config", "c.yaml", "--rules", "rules.yml")
    assert (done.returncode, done.stderr) == (0, "")
    assert kinds(done.stdout) == {"Events": "UNPROVEN", "A": "CAN"}
    assert "  d: no page, only a database, which is not read here" in done.stdout
