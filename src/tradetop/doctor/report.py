"""The report: everything that the doctor found, as text of 80 columns and as JSON."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tradetop.doctor.case import Found, Steps
from tradetop.doctor.verdict import Kind, Verdict, worst_first

WIDTH = 80
_KIND = 10
"""Columns of the kind, and of the indentation below it."""
_MARKS = {Found.GOOD: "ok", Found.WRONG: "wrong", Found.OPEN: "open"}


@dataclass(frozen=True, slots=True)
class OfBot:
    """What belongs to one of several bots; every text in it is clean."""

    name: str
    subject: str
    """Where it is, and whether it answers."""
    rules: tuple[Verdict, ...] = ()
    """Those of its preset, where no files are judged."""
    panels: tuple[Verdict, ...] = ()
    steps: tuple[Steps, ...] = ()
    down: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """What was found; every text in it is clean."""

    subject: str
    """Which bot, that none was asked, or how many were."""
    files: tuple[Verdict, ...] = ()
    rules: tuple[Verdict, ...] = ()
    panels: tuple[Verdict, ...] = ()
    problems: tuple[str, ...] = ()
    """What could not be read of rule files and dashboards; each has cost what it names."""
    steps: tuple[Steps, ...] = ()
    down: bool = False
    """Whether a bot was asked and has no metrics."""
    bots: tuple[OfBot, ...] = ()
    """Where there are several; all else is then about all of them together."""

    @property
    def clean(self) -> bool:
        """Whether nothing of it is known not to work."""
        verdicts = [*self.files, *self.rules, *self.panels]
        verdicts += [v for bot in self.bots for v in (*bot.rules, *bot.panels)]
        down = self.down or any(bot.down for bot in self.bots)
        return not self.problems and not down and all(v.works for v in verdicts)


def as_text(report: Report) -> str:
    """The report for people: grouped, the worst first."""
    blocks = [[report.subject, *(line for bot in report.bots for line in _wrapped(bot.subject, 2))]]
    if report.problems:
        blocks.append(["Cannot be read", *(line for p in report.problems for line in _wrapped(p, 2))])
    blocks += _judged(("Files", report.files), ("Rules", report.rules), ("Panels", report.panels))
    for bot in report.bots:
        blocks += _judged((f"Rules of {bot.name}", bot.rules), (f"Panels of {bot.name}", bot.panels))
    blocks += [[each.title, *_steps(each)] for each in report.steps]
    for bot in report.bots:
        blocks += [[f"{each.title}: {bot.name}", *_steps(each)] for each in bot.steps if each.wrong]
    well = [bot.name for bot in report.bots if bot.steps and not any(each.wrong for each in bot.steps)]
    blocks += [_wrapped(f"Nothing is wrong in the other lists of {', '.join(well)}.", 0)] if well else []
    return "\n\n".join("\n".join(line.rstrip() for line in block) for block in blocks) + "\n"


def as_json(report: Report) -> str:
    """The report for programs; keys and words stay as they are."""
    found = {
        "subject": report.subject,
        "clean": report.clean,
        "problems": report.problems,
        "files": [_verdict(v) for v in report.files],
        "rules": [_verdict(v) for v in report.rules],
        "panels": [_verdict(v) for v in report.panels],
        "steps": [_list(each) for each in report.steps],
    }
    if report.bots:
        found["bots"] = [
            {
                "name": bot.name,
                "subject": bot.subject,
                "down": bot.down,
                "rules": [_verdict(v) for v in bot.rules],
                "panels": [_verdict(v) for v in bot.panels],
                "steps": [_list(each) for each in bot.steps],
            }
            for bot in report.bots
        ]
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


def _list(steps: Steps) -> dict[str, object]:
    found = [{"question": s.question, "found": s.found.value, "text": s.text} for s in steps.steps]
    return {"title": steps.title, "steps": found}


def _verdict(verdict: Verdict) -> dict[str, object]:
    notes = [{"check": n.check.value, "text": n.text, "fault": n.fault} for n in verdict.notes]
    return {
        "subject": verdict.subject,
        "kind": verdict.kind.value,
        "check": verdict.check.value if verdict.check else None,
        "reason": verdict.reason,
        "suggestion": verdict.suggestion,
        "place": verdict.place,
        "works": verdict.works,
        "notes": notes,
    }


def _judged(*groups: tuple[str, Sequence[Verdict]]) -> list[list[str]]:
    """A block for each group of verdicts that is not empty."""
    return [[f"{title}: {_counts(group)}", "", *_verdicts(group)] for title, group in groups if group]


def _counts(verdicts: Sequence[Verdict]) -> str:
    counts = {kind: sum(v.kind is kind for v in verdicts) for kind in Kind}
    return ", ".join(f"{count} {kind.value}" for kind, count in counts.items() if count)


def _verdicts(verdicts: Sequence[Verdict]) -> Iterator[str]:
    for verdict in worst_first(verdicts):
        head = f"{verdict.kind.value:<{_KIND}}{verdict.subject}"
        place = _place(verdict)
        if place and len(head) + len(place) + 2 <= WIDTH:
            head += place.rjust(WIDTH - len(head))
        yield from _wrapped(head, 0) if len(head) > WIDTH else [head]
        yield from _wrapped(verdict.reason, _KIND)
        if verdict.suggestion:
            yield from _wrapped(verdict.suggestion, _KIND, "try   ")
        for note in verdict.notes:
            yield from _wrapped(note.text, _KIND, "wrong " if note.fault else "note  ")


def _place(verdict: Verdict) -> str:
    """The end of where it stands: file:line, without the folders."""
    if not verdict.place or verdict.place.startswith(verdict.subject):
        return ""
    return verdict.place.rpartition("/")[2]


def _steps(steps: Steps) -> Iterator[str]:
    for number, step in enumerate(steps.steps, 1):
        yield from _wrapped(f"{_MARKS[step.found]:<6}{number}. {step.question}", 2)
        yield from _wrapped(step.text, 11)


def _wrapped(text: str, indent: int, word: str = "") -> list[str]:
    """A text within the width; a `word` before its first line."""
    first = " " * indent + word
    return textwrap.wrap(text, WIDTH, initial_indent=first, subsequent_indent=" " * len(first)) or [first]
