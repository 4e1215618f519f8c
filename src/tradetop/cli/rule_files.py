"""The user's rule files: which they are, and what they say whenever they are read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from tradetop.config.prometheus import read_prometheus
from tradetop.document import DocumentError, Problem
from tradetop.model.labels import EMPTY, Labels
from tradetop.recorder.rulebook import Rulebook

SHOWN = 3
"""Problems that are told one by one where there is little room."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Where rules are to be found."""

    patterns: tuple[str, ...] = ()
    """Files, or patterns such as `rules/*.yml`, as whole paths."""
    prometheus: Path | None = None
    """A prometheus.yml that names more of them."""

    def read(self) -> Rulebook:
        """What the files say now; whatever is wrong with them is among the book's problems."""
        patterns, problems = self.patterns, tuple[Problem, ...]()
        interval, external = None, EMPTY
        if self.prometheus is not None:
            try:
                config = read_prometheus(self.prometheus)
                patterns = (*patterns, *config.rule_files)
                interval, external = config.evaluation_interval, Labels(dict(config.external_labels))
            except DocumentError as error:
                problems = error.problems
        if not patterns:
            return Rulebook((), problems, interval, external)
        from tradetop.rules.file import load_rules

        found = load_rules(patterns, Path.cwd())
        return Rulebook(found.groups, (*problems, *found.problems), interval, external)


class RuleFiles:
    """The rule files of one run: read when they are first needed, and again when the user asks for it."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._book: Rulebook | None = None

    @property
    def book(self) -> Rulebook:
        """The rules as they were read last."""
        if self._book is None:
            self._book = self._sources.read()
        return self._book

    def reload(self) -> str:
        """Read the files again; one line for people says what came of it."""
        before = self.book
        fresh = self._sources.read()
        if self._sources.prometheus is not None and _unreadable(fresh, self._sources.prometheus):
            # Its rule files are not known any more.
            fresh = replace(before, problems=fresh.problems)
        self._book = fresh.over(before)
        return told(self._book, kept=self._book.groups != fresh.groups or fresh.groups is before.groups)

    def notices(self) -> tuple[str, ...]:
        """What is wrong with them, in a few lines."""
        lines = [*map(str, self.book.problems)]
        more = f"{len(lines) - SHOWN:,} more problems with rules: tradetop rules check FILE names them"
        return (*lines[:SHOWN], *([more] if len(lines) > SHOWN else ()))


def told(book: Rulebook, kept: bool = False) -> str:
    """How many rules there are, and how much is wrong with them."""
    rules, groups, wrong = book.count, len(book.groups), len(book.problems)
    said = f"{_many(rules, 'rule')} in {_many(groups, 'group')}" + (f", {_many(wrong, 'problem')}" if wrong else "")
    return said + (": what cannot be read keeps the rules that it had" if kept else "")


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'s' * (count != 1)}"


def _unreadable(book: Rulebook, path: Path) -> bool:
    return any(problem.source == str(path) for problem in book.problems)
