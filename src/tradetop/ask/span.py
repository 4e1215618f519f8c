"""Times in plain words: yesterday, the last 6 hours, on 2026-11-03."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from tradetop.ask.fault import AskError
from tradetop.model.clock import DAY, HOUR, MINUTE, SECOND

NUMBERS = dict(
    zip(
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"],
        range(13),
        strict=True,
    )
)
NUMBER = rf"\d{{1,9}}|{'|'.join(NUMBERS)}"
_DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_MONTHS = [
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
]
_MONTH = "|".join(f"{name[:3]}(?:{name[3:]})?" if len(name) > 3 else name for name in _MONTHS)
_UNITS = {"s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY, "w": 7 * DAY}
_UNIT = r"(?:seconds?|secs?|minutes?|mins?|m|hours?|hrs?|h|days?|d|weeks?|w)"
_DAY = (
    r"\d{4}-\d{1,2}-\d{1,2}|(?:the )?day before yesterday|yesterday|today|midnight"
    rf"|(?:last )?(?:{'|'.join(_DAYS)})"
    rf"|(?:{_MONTH})\.? \d{{1,2}}(?:st|nd|rd|th)?(?:,? \d{{4}})?"
    rf"|\d{{1,2}}(?:st|nd|rd|th)? (?:of )?(?:{_MONTH})\.?(?: \d{{4}})?"
    rf"|(?:{NUMBER}) days? ago"
)
_BEFORE = r"(?:(?:on|in|during|for|of|over|within|from|the|at) )*"


@dataclass(frozen=True, slots=True)
class Span:
    """From `since` up to, and not with, `until` (ms); None where there is no bound."""

    since: int | None = None
    until: int | None = None


ALWAYS = Span()


@dataclass(frozen=True, slots=True)
class Calendar:
    """Now, and the zone whose days are meant; None is the machine's own."""

    now: int
    zone: tzinfo | None

    def day(self, t: int) -> date:
        """The day of a time (ms)."""
        return datetime.fromtimestamp(t / SECOND, self.zone).date()

    def midnight(self, day: date) -> int:
        """When a day begins (ms)."""
        return round(datetime(day.year, day.month, day.day, tzinfo=self.zone).timestamp() * SECOND)

    def whole(self, day: date, last: date | None = None) -> Span:
        """A day, or all of them up to the last."""
        return Span(self.midnight(day), self.midnight((last or day) + timedelta(days=1)))

    @property
    def today(self) -> date:
        """The day that it is."""
        return self.day(self.now)


def taken(text: str, calendar: Calendar) -> tuple[Span, str]:
    """The time that a question is about, and the question without it; AskError for a day that there is not."""
    for pattern, meaning in _FORMS:
        found = pattern.search(text)
        if found is not None:
            try:
                span = meaning(found, calendar)
            except (ValueError, OverflowError):
                raise AskError(f"there is no such time as {found.group().strip()!r}") from None
            return span, f"{text[: found.start()]} {text[found.end() :]}"
    return ALWAYS, text


def number(word: str) -> int:
    """What a number says, in digits or as a word."""
    lower = word.lower()
    return NUMBERS[lower] if lower in NUMBERS else int(word)


def _between(found: re.Match[str], calendar: Calendar) -> Span:
    first, last = _day(found[1], calendar), _day(found[2], calendar)
    return calendar.whole(min(first, last), max(first, last))


def _last(found: re.Match[str], calendar: Calendar) -> Span:
    size = number(found[1] or "one") * _UNITS[found[2][0].lower()]
    if size <= 0:
        raise ValueError
    return Span(calendar.now - size, calendar.now + 1)


def _month_back(found: re.Match[str], calendar: Calendar) -> Span:
    return Span(calendar.now - 30 * DAY * number(found[1] or "one"), calendar.now + 1)


def _this(found: re.Match[str], calendar: Calendar) -> Span:
    today = calendar.today
    first = today.replace(day=1) if found[1].lower() == "month" else today - timedelta(days=today.weekday())
    return Span(calendar.midnight(first), calendar.now + 1)


def _since(found: re.Match[str], calendar: Calendar) -> Span:
    return Span(calendar.midnight(_day(found[1], calendar)), calendar.now + 1)


def _day(words: str, calendar: Calendar) -> date:
    """The day that is meant; of days without a year, or of a week, the last one."""
    text = words.lower().replace(",", " ").replace(".", " ")
    today = calendar.today
    if text in ("today", "midnight"):
        return today
    if text.endswith("day before yesterday"):
        return today - timedelta(days=2)
    if text == "yesterday":
        return today - timedelta(days=1)
    if text.endswith(" ago"):
        return today - timedelta(days=number(text.split()[0]))
    if text.split()[-1] in _DAYS:
        back = (today.weekday() - _DAYS.index(text.split()[-1]) - 1) % 7 + 1
        return today - timedelta(days=back)
    if text[:4].isdigit() and text[4:5] == "-":
        year, month, day = map(int, text.split("-"))
        return date(year, month, day)
    return _of_month(text, today)


def _of_month(text: str, today: date) -> date:
    """3 november, november 3rd 2026."""
    month = next(i for i, name in enumerate(_MONTHS, 1) if re.search(rf"\b{name[:3]}", text))
    numbers = [int(digits) for digits in re.findall(r"\d+", text)]
    if len(numbers) > 1:
        return date(numbers[1], month, numbers[0])
    found = date(today.year, month, numbers[0])
    return found if found <= today else found.replace(year=today.year - 1)


def _month(found: re.Match[str], calendar: Calendar) -> Span:
    """A whole month, without a year the last one that has begun."""
    month = next(i for i, name in enumerate(_MONTHS, 1) if found[1].lower().startswith(name[:3]))
    today = calendar.today
    year = int(found[2]) if found[2] else today.year - (month > today.month)
    return Span(calendar.midnight(date(year, month, 1)), calendar.midnight(date(year + month // 12, month % 12 + 1, 1)))


def _form(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w/-]){_BEFORE}{pattern}(?![\w/-])", re.IGNORECASE)


_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], Calendar], Span]], ...] = (
    (_form(rf"(?:between )?({_DAY}) (?:and|to|till|until|through) ({_DAY})"), _between),
    (_form(rf"since ({_DAY})"), _since),
    (_form(rf"(?:last|past|previous) (?:({NUMBER}) ?)?({_UNIT})"), _last),
    (_form(rf"(?:last|past|previous) (?:({NUMBER}) )?months?"), _month_back),
    (_form(r"this (week|month)(?: so far)?"), _this),
    (_form(rf"({_DAY})"), lambda found, calendar: calendar.whole(_day(found[1], calendar))),
    (_form(rf"(?:in|during|of|for) ({_MONTH})(?: (\d{{4}}))?"), _month),
)
