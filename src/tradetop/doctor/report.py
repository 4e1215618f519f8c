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
class Report:
    """What was found; every text in it is clean."""

    subject: str
    """Which bot, or that none was asked."""
    files: tuple[Verdict, ...] = ()
    rules: tuple[Verdict, ...] = ()
    panels: tuple[Verdict, ...] = ()
    problems: tuple[str, ...] = ()
    """What could not be read of rule files and dashboards; each has cost what it names."""
    steps: tuple[Steps, ...] = ()
    down: bool = False
    """Whether a bot was asked and has no metrics."""

    @property
    def clean(self) -> bool:
        """Whether nothing of it is known not to work."""
        return not self.problems and not self.down and all(v.works for v in (*self.files, *self.rules, *self.panels))


def as_text(report: Report) -> str:
    """The report for people: grouped, the worst first."""
    blocks = [[report.subject]]
    if report.problems:
        blocks.append(["Cannot be read", *(line for p in report.problems for line in _wrapped(p, 2))])
    for title, verdicts in (("Files", report.files), ("Rules", report.rules), ("Panels", report.panels)):
        if verdicts:
            blocks.append([f"{title}: {_counts(verdicts)}", "", *_verdicts(verdicts)])
    blocks += [[each.title, *_steps(each)] for each in report.steps]
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
        "steps": [
            {
                "title": each.title,
                "steps": [{"question": s.question, "found": s.found.value, "text": s.text} for s in each.steps],
            }
            for each in report.steps
        ],
    }
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


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
