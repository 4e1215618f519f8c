"""`tradetop rules test` and `tradetop rules check`: rule files and their unit tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from glob import glob, has_magic
from pathlib import Path

import click

from tradetop.cli.refusal import Refusal
from tradetop.document import DocumentError, read_text
from tradetop.model.alert import Rule
from tradetop.model.text import clean
from tradetop.regex import RegexError, finder
from tradetop.rules.file import LIMITS as RULE_LIMITS
from tradetop.rules.file import read_rules
from tradetop.rules.unittest.file import LIMITS, read_cases
from tradetop.rules.unittest.result import CaseResult, FileResult
from tradetop.rules.unittest.run import run_cases


def test(files: Sequence[Path], names: Sequence[str]) -> int:
    """Run the tests in these files and print what came of them. The exit code: 0, or 1 where one failed.

    Refusal where a file cannot be opened; the others are run before that.
    """
    selected = _selected(names)
    unreadable: list[str] = []
    passed, ran = True, 0
    for path, text in _texts(files, LIMITS.size, unreadable):
        try:
            result = run_cases(read_cases(text, str(path)), selected, _folder(path))
        except DocumentError as error:
            is_rule_file = any(problem.key == "groups" for problem in error.problems)
            hint = ("it holds rules and no tests: tradetop rules check reads it",) if is_rule_file else ()
            result = FileResult(str(path), problems=error.problems, warnings=hint)
        _print(result)
        passed, ran = passed and result.passed, ran + len(result.cases)
    if unreadable:
        raise Refusal("\n".join(unreadable))
    if names and passed and not ran:
        raise Refusal(f"no test is called {' or '.join(clean(name, 100) for name in names)}")
    return 0 if passed else 1


def check(files: Sequence[Path]) -> int:
    """Print how many rules each file has, and what is broken in it. The exit code: 0, or 1 where something is."""
    unreadable: list[str] = []
    fine = True
    for path, text in _texts(files, RULE_LIMITS.size, unreadable):
        found = read_rules(text, str(path))
        alerting = sum(isinstance(rule, Rule) for rule in found.rules)
        recording = len(found.rules) - alerting
        wrong = (*found.problems, *found.notices)
        click.echo(
            f"{clean(str(path))}: {_count(alerting, 'alerting rule')} and {_count(recording, 'recording rule')} "
            f"in {_count(len(found.groups), 'group')}" + (f", {_count(len(wrong), 'problem')}" if wrong else "")
        )
        for problem in wrong:
            click.echo(f"  {problem}")
        fine = fine and not wrong
    if unreadable:
        raise Refusal("\n".join(unreadable))
    return 0 if fine else 1


def _texts(files: Sequence[Path], size: int, unreadable: list[str]) -> Iterator[tuple[Path, str]]:
    """Each file with its text, read once, for a pipe can be read only once.

    What cannot be opened, and a pattern that no file matches, is noted.
    """
    for path in dict.fromkeys(each for said in files for each in _matching(said, unreadable)):
        try:
            yield path, read_text(path, size)
        except DocumentError as error:
            unreadable.append(str(error))


def _matching(said: Path, unreadable: list[str]) -> Sequence[Path]:
    """The file of this name, or those that match it as a pattern."""
    path = said.expanduser()
    if not has_magic(str(path)) or path.exists():
        return (path,)
    found = [Path(name) for name in sorted(glob(str(path)))]  # noqa: PTH207 - as `--rules` does.
    if not found:
        unreadable.append(f"{clean(str(said))}: no file matches this pattern")
    return found


def _folder(path: Path) -> Path:
    """Where the rule files of a test file are looked for: beside it, or here where it comes through a pipe."""
    return path.parent if path.is_file() else Path.cwd()


def _selected(names: Sequence[str]) -> Callable[[str], bool]:
    """Whether a test is to be run: promtool's regular expressions find their match anywhere in the name."""
    if not names:
        return lambda _name: True
    try:
        return finder("|".join(names), ignore_case=False)
    except RegexError as error:
        raise Refusal(f"--run: {clean(str(error))}") from None


def _print(result: FileResult) -> None:
    name, count = clean(result.source), _count(len(result.cases), "test")
    if result.passed:
        click.echo(f"{name}: {count} passed" if result.cases else f"{name}: no test was run")
    elif result.failed:
        click.echo(f"{name}: FAILED, {result.failed} of {count}")
    else:
        click.echo(f"{name}: FAILED")
    for warning in result.warnings:
        click.echo(f"  warning: {warning}")
    for problem in result.problems:
        click.echo(f"  {problem}")
    for i, case in enumerate(result.cases):
        if case.failures:
            _print_case(case, name, i)


def _print_case(case: CaseResult, file: str, i: int) -> None:
    click.echo(f"  {case.name or f'unnamed test #{i + 1}'} ({file}:{case.place.line}:{case.place.column})")
    for failure in case.failures:
        click.echo(f"    {file}:{failure.place.line}:{failure.place.column}: {failure.what}")
        if failure.expected or failure.got:
            _print_side("expected", failure.expected)
            _print_side("got", failure.got)
        if failure.note:
            click.echo(f"      {failure.note}")


def _print_side(what: str, texts: Sequence[str]) -> None:
    """One side of a comparison, each entry on a line of its own, its further lines below it."""
    for text in texts or ("nothing",):
        first, *rest = text.split("\n")
        click.echo(f"      {what:<9}{first}")
        for line in rest:
            click.echo(f"      {'':<9}{line}")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"
