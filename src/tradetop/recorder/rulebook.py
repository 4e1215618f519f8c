"""The rulebook: the rules of the user's files, as they were read last."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tradetop.document import Problem
from tradetop.model.alert import RuleGroup
from tradetop.model.labels import EMPTY, Labels


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Rule groups, and what was wrong with the files that they came from."""

    groups: tuple[RuleGroup, ...] = ()
    problems: tuple[Problem, ...] = ()
    """Rules that are off, and files that cannot be read."""
    interval: int | None = None
    """How often groups that do not say it are evaluated (ms); None for every scrape."""
    external_labels: Labels = EMPTY

    @property
    def count(self) -> int:
        """How many rules it has."""
        return sum(len(group.rules) for group in self.groups)

    @property
    def notice(self) -> str:
        """What is wrong with the files, in one line for people; "" where nothing is."""
        if not self.problems:
            return ""
        many = len(self.problems)
        more = f"; and {many - 1:,} more" if many > 1 else ""
        return f"{many:,} problem{'s' * (many > 1)} with rule files: {self.problems[0]}{more}"

    def over(self, before: Rulebook) -> Rulebook:
        """The book after it was read again: a file that gives no rules any more, but problems, keeps those it had."""
        broken = {problem.source for problem in self.problems} - {group.file for group in self.groups}
        kept = tuple(group for group in before.groups if group.file in broken)
        keeping = {group.file for group in kept}
        problems = tuple(_kept(problem) if problem.source in keeping else problem for problem in self.problems)
        return replace(self, groups=(*self.groups, *kept), problems=problems)


def _kept(problem: Problem) -> Problem:
    return replace(problem, text=f"{problem.text}: the file keeps the rules that it had")
