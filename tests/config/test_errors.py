"""`errors:` of the config: what it may say, and how it says what is wrong."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tradetop.config import parse
from tradetop.document import DocumentError
from tradetop.model.clock import MINUTE
from tradetop.model.error_category import USUAL, ErrorCategory
from tradetop.model.level import Level


def made(text: str) -> tuple[ErrorCategory, ...]:
    return parse(f"errors: {{categories: {text}}}", "c.yaml").errors.made()


def test_without_it_the_documents_three_hold() -> None:
    assert parse("interval: 5s", "c.yaml").errors.made() == USUAL
    assert [(c.name, c.above, c.within, c.level, c.review) for c in USUAL] == [
        ("connection", 5, 5 * MINUTE, Level.WARNING, False),
        ("execution", 0, 5 * MINUTE, Level.CRITICAL, True),
        ("validation", None, 5 * MINUTE, Level.OK, False),
    ]


def test_what_is_not_said_stays_and_what_is_named_comes_first() -> None:
    found = made("{validation: {above: 3}, odd: {patterns: [a, 'b+']}, execution: {review: no, above: off}}")
    assert found == (
        ErrorCategory("validation", above=3, level=Level.WARNING),
        ErrorCategory("odd", ("a", "b+")),
        ErrorCategory("execution", level=Level.CRITICAL),
        USUAL[0],
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{x: {above: -1}}", "categories.x.above: -1 is less than none: 0 rings with the first error, off never"),
        ("{x: {above: many}}", "categories.x.above: 'many' is not a number"),
        ("{x: {patterns: '('}}", "categories.x.patterns: '(' is no regular expression: missing ): ("),
        ("{x: {within: 1s}}", "categories.x.within: 1s is not between 10s and 24h"),
        ("{x: {severity: loud}}", "categories.x.severity: 'loud' is not known; valid here: warning, critical"),
        ("{x: {abov: 1}}", "categories.x.abov: unknown key; did you mean above?"),
        ("{other: {above: 1}}", "categories: other is what belongs to no category: give it another name"),
        ("{A b: {above: 1}}", "categories: 'A b' is no name: small letters, digits, - and _, at most 30"),
        ('{"x\\"} or up": {above: 1}}', "is no name"),
    ],
)
def test_a_mistake_is_named_with_its_place(text: str, problem: str) -> None:
    with pytest.raises(DocumentError) as caught:
        made(text)
    assert str(caught.value).startswith("c.yaml:1:")
    assert problem in str(caught.value)


def test_there_are_not_too_many() -> None:
    with pytest.raises(DocumentError, match="there are more than 20"):
        made("{" + ", ".join(f"c{n}: {{above: 1}}" for n in range(30)) + "}")


def test_the_example_of_the_documentation_is_right() -> None:
    text = (Path(__file__).parents[2] / "docs" / "errors.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    found = parse(example, "errors.md").errors.made()
    assert [category.name for category in found] == ["liquidation", "connection", "validation", "execution"]
