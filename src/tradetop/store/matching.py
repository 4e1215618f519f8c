"""Matching label sets: RE2 regular expressions over the whole value, as Prometheus has them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

from tradetop.model.labels import NAME, Labels
from tradetop.model.matcher import Matcher, MatchOp
from tradetop.regex import RegexError, compiled

Test = Callable[[str], bool]
"""Whether a label's value matches."""


@lru_cache(maxsize=1_024)
def value_test(matcher: Matcher) -> Test:
    """The test that a matcher makes of a label's value ("" where it is absent); ValueError for a bad regex."""
    wanted = matcher.value
    match matcher.op:
        case MatchOp.EQUAL:
            return wanted.__eq__
        case MatchOp.NOT_EQUAL:
            return wanted.__ne__
        case MatchOp.REGEX:
            return _regex(wanted)
        case MatchOp.NOT_REGEX:
            accepts = _regex(wanted)
            return lambda value: not accepts(value)


def label_test(matchers: Sequence[Matcher]) -> Callable[[Labels], bool]:
    """The test that all these matchers make of a label set; ValueError for a bad regex."""
    tests = [(m.name, value_test(m)) for m in matchers]
    return lambda labels: all(test(labels.get(name, "")) for name, test in tests)


def metric_name(matchers: Sequence[Matcher]) -> str | None:
    """The one metric name that these matchers can select, or None where it is not fixed."""
    return next((m.value for m in matchers if m.name == NAME and m.op is MatchOp.EQUAL), None)


def _regex(text: str) -> Test:
    try:
        pattern = compiled(text)
    except RegexError as error:
        raise ValueError(f'"{text}" is no RE2 regular expression: {error}') from None

    @lru_cache(maxsize=4_096)
    def accepts(value: str) -> bool:
        return pattern.fullmatch(value) is not None

    return accepts
