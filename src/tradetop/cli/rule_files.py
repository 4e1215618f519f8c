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
            fresh = replace(fresh, interval=before.interval, external_labels=before.external_labels)
            fresh = replace(fresh, groups=fresh.groups or before.groups)
        self._book = fresh.over(before)
        return told(self._book)

    def notices(self) -> tuple[str, ...]:
        """What is wrong with them, in a few lines."""
        problems = self.book.problems
        lines = tuple(map(str, problems[:SHOWN]))
        more = len(problems) - SHOWN
        return (*lines, f"{more} more problems with rules: tradetop doctor names them") if more > 0 else lines


def told(book: Rulebook) -> str:
    """How many rules there are, and how many are off."""
    if not book.groups and not book.problems:
        return "no rule files were named: --rules FILE names them"
    said = f"{book.count} rules in {len(book.groups)} groups"
    return said + (f", {len(book.problems)} problems" if book.problems else "")


def _unreadable(book: Rulebook, path: Path) -> bool:
    return any(problem.source == str(path) for problem in book.problems)
