"""Rule files as Prometheus reads them; what is broken in one is left out by itself, and said.

Prometheus refuses a whole file for one mistake, and a new configuration for one file: here a broken rule costs itself,
a broken head of a group its rules, and only a text that is no YAML the file.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from glob import glob, has_magic
from pathlib import Path

from tradetop.document import Document, DocumentError, Limits, Part, Place, Problem, Span, read_text
from tradetop.model.alert import RecordingRule, Rule, RuleGroup
from tradetop.model.text import clean
from tradetop.rules.entry import Home, LabelTexts, Present, read_rule, texts

LIMITS = Limits(size=8_000_000, nodes=600_000)
"""What a rule file may be: some ten thousand rules."""


@dataclass(frozen=True, slots=True)
class RuleFile:
    """The rules of one or more files."""

    groups: tuple[RuleGroup, ...] = ()
    problems: tuple[Problem, ...] = ()
    """What could not be used, and why; each says what is disabled by it."""
    files: tuple[Path, ...] = ()
    """The files that were there, in the order that they were read."""
    notices: tuple[Problem, ...] = ()
    """What is odd and costs nothing: a rule that stands there twice."""

    @property
    def rules(self) -> tuple[Rule | RecordingRule, ...]:
        """Every rule, in the order of the files."""
        return tuple(rule for group in self.groups for rule in group.rules)


@dataclass(frozen=True, slots=True)
class _Group:
    """A group as a file has it; its rules are read one by one."""

    place: Place
    name: Present
    interval: Span | None = None
    query_offset: Span | None = None
    limit: int | None = None
    labels: LabelTexts | None = None
    rules: tuple[Part, ...] | None = None


def read_rules(text: str, source: str) -> RuleFile:
    """The rules in a text; `source` names it. Never raises: what is wrong is a problem, and left out."""
    collecting = gc.isenabled()
    gc.disable()  # Reading makes many objects and no garbage: to collect meanwhile takes longer than to read.
    try:
        return _Reading(source).file(text)
    finally:
        if collecting:
            gc.enable()


def load_rules(patterns: Iterable[str], folder: Path) -> RuleFile:
    """The rules of all files that the patterns name, relative to `folder`; a file is read once.

    A pattern is a path, which may hold `*`, `?` and `[...]`. Never raises: a file that is not there, or a pattern that
    no file matches, is a problem.
    """
    found = RuleFile()
    for pattern in patterns:
        path = os.path.join(folder, os.path.expanduser(pattern))  # noqa: PTH111, PTH118 - a pattern is no path yet.
        paths = [Path(name) for name in sorted(glob(path))] if has_magic(path) else [Path(path)]  # noqa: PTH207
        if not paths:
            problem = Problem(clean(path), Place(), "", "no file matches this pattern: no rule comes from it")
            found = replace(found, problems=(*found.problems, problem))
        for each in paths:
            if each not in found.files:
                one = load_file(each)
                found = RuleFile(
                    found.groups + one.groups,
                    found.problems + one.problems,
                    (*found.files, each),
                    found.notices + one.notices,
                )
    return found


def load_file(path: Path) -> RuleFile:
    """The rules of one file. Never raises, as `read_rules`."""
    try:
        text = read_text(path, LIMITS.size)
    except DocumentError as error:
        return RuleFile((), _told(error, "none of its rules is used"))
    return replace(read_rules(text, str(path)), files=(path,))


class _Reading:
    """One reading of one file."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._groups: dict[str, RuleGroup] = {}
        self._problems: list[Problem] = []
        self._notices: list[Problem] = []

    def file(self, text: str) -> RuleFile:
        """All that can be used of a text."""
        with self._costing(lambda: "no rule of this file is used"):
            document = Document(text, self._source, limits=LIMITS)
            top = document.read(document.root, dict[str, Part | None])
            for key, part in top.items():
                if key != "groups":
                    place = part.place if part else Place()
                    self._problems.append(self._problem(place, key, "unknown key; a rule file has groups: alone"))
            groups = top.get("groups")
            for part in document.read(groups, tuple[Part, ...]) if groups else ():
                with self._costing(partial(_group_loss, part)):
                    self._group(document, part)
        return RuleFile(tuple(self._groups.values()), tuple(self._problems), notices=tuple(self._notices))

    def _group(self, document: Document, part: Part) -> None:
        entry = document.read(part, _Group)
        name = clean(entry.name)
        if name in self._groups:
            raise DocumentError([self._problem(entry.place, part.key, f"the file has a group {name} already")])
        home = Home(name, self._source, texts(entry.labels))
        rules: dict[Rule | RecordingRule, Rule | RecordingRule] = {}
        for item in entry.rules or ():
            with self._costing(partial(_rule_loss, item)):
                rule = read_rule(document, item, home)
                first = rules.setdefault(replace(rule, source=""), rule)
                if first is not rule:
                    text = f"the same rule as in {first.source}; this one is left out"
                    self._notices.append(self._problem(item.place, item.key, text))
        self._groups[name] = RuleGroup(
            name,
            tuple(rules.values()),
            self._source,
            entry.interval or None,
            max(0, entry.limit or 0),
            entry.query_offset or 0,
        )

    @contextmanager
    def _costing(self, loss: Callable[[], str]) -> Iterator[None]:
        """Take the problems of what is read here, each with what it costs."""
        try:
            yield
        except DocumentError as error:
            self._problems += _told(error, loss())

    def _problem(self, place: Place, key: str, text: str) -> Problem:
        return Problem(clean(self._source), place, clean(key, 200), text)


def _told(error: DocumentError, loss: str) -> tuple[Problem, ...]:
    """The problems, each with what it costs."""
    return tuple(replace(problem, text=f"{problem.text}; {loss}") for problem in error.problems)


def _group_loss(part: Part) -> str:
    """What a group costs that cannot be used."""
    given = part.parts()
    rules = len(given["rules"].items()) if "rules" in given else 0
    return f"group {_said(given, 'name')} is disabled with {rules} rule{'s' * (rules != 1)}"


def _rule_loss(part: Part) -> str:
    return f"rule {_said(part.parts(), 'alert', 'record')} is disabled"


def _said(given: dict[str, Part], *keys: str) -> str:
    """The text of the first of these keys that has one."""
    return next((clean(text, 100) for key in keys if key in given and (text := given[key].text)), "without a name")
