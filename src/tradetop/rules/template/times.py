"""Go's time.Time (in UTC) and time.Duration, as toTime and toDuration give them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from tradetop.rules.template.values import MAX_INT, MIN_INT, Named

SECOND = 10**9
"""In nanoseconds, as everything here."""
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
_ZERO_TIME = -62_135_596_800 * SECOND
"""0001-01-01, Go's zero time."""

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
WEEKDAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")


class Month(Named):
    """time.Month."""

    type_name = "time.Month"

    @property
    def text(self) -> str:
        return MONTHS[self - 1] if 1 <= self <= 12 else f"%!Month({int(self)})"


class Weekday(Named):
    """time.Weekday."""

    type_name = "time.Weekday"

    @property
    def text(self) -> str:
        return WEEKDAYS[self] if 0 <= self <= 6 else f"%!Weekday({int(self)})"


class Duration(Named):
    """time.Duration: nanoseconds."""

    type_name = "time.Duration"

    @property
    def text(self) -> str:
        """As in 1h2m3.5s, 150ms or 0s."""
        if self == 0:
            return "0s"
        sign, rest = ("-", -int(self)) if self < 0 else ("", int(self))
        if rest < SECOND:
            for unit, size in (("ns", 1), ("µs", 1_000), ("ms", 1_000_000)):
                if rest < size * 1_000:
                    return f"{sign}{_fraction(rest, size)}{unit}"
        minutes, seconds = divmod(rest, MINUTE)
        hours, minutes = divmod(minutes, 60)
        shown = f"{_fraction(seconds, SECOND)}s"
        if hours:
            return f"{sign}{hours}h{minutes}m{shown}"
        return f"{sign}{minutes}m{shown}" if minutes else sign + shown

    def rounded(self, unit: int) -> Duration:
        """Halves away from zero."""
        if unit <= 0:
            return self
        whole, rest = divmod(abs(int(self)), unit)
        size = (whole + (rest * 2 >= unit)) * unit
        return Duration(max(MIN_INT, min(MAX_INT, -size if self < 0 else size)))

    def truncated(self, unit: int) -> Duration:
        """Towards zero."""
        if unit <= 0:
            return self
        size = abs(int(self)) // unit * unit
        return Duration(-size if self < 0 else size)


def _fraction(number: int, size: int) -> str:
    whole, rest = divmod(number, size)
    digits = f"{rest:0{len(str(size)) - 1}d}".rstrip("0") if size > 1 else ""
    return f"{whole}.{digits}" if digits else str(whole)


@dataclass(frozen=True, slots=True, order=True)
class Time:
    """A moment in UTC: nanoseconds since the epoch."""

    type_name: ClassVar[str] = "time.Time"
    ns: int

    @property
    def wall(self) -> int:
        """What Go's struct holds first: the nanoseconds in the second."""
        return self.ns % SECOND

    @property
    def ext(self) -> int:
        """What Go's struct holds next: the seconds since the year 1."""
        return (self.ns - _ZERO_TIME) // SECOND

    @property
    def days(self) -> int:
        """Days since the epoch."""
        return self.ns // DAY

    @property
    def date(self) -> tuple[int, int, int]:
        """Year, month and day, in the Gregorian calendar of all times."""
        days = self.days + 719_468
        era, day_of_era = divmod(days, 146_097)
        year = (day_of_era - day_of_era // 1_460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
        day = day_of_era - (365 * year + year // 4 - year // 100)
        shifted = (5 * day + 2) // 153
        month = shifted + 3 if shifted < 10 else shifted - 9
        return era * 400 + year + (month <= 2), month, day - (153 * shifted + 2) // 5 + 1

    @property
    def clock(self) -> tuple[int, int, int]:
        """Hour, minute and second."""
        seconds = self.ns % DAY // SECOND
        return seconds // 3_600, seconds // 60 % 60, seconds % 60

    @property
    def year_day(self) -> int:
        """From 1."""
        return self.days - days_of(self.date[0], 1, 1) + 1

    @property
    def weekday(self) -> Weekday:
        """The day of the week."""
        return Weekday((self.days + 4) % 7)

    @property
    def text(self) -> str:
        """What String gives."""
        return self.formatted("2006-01-02 15:04:05.999999999 -0700 MST")

    def plus_date(self, years: int, months: int, days: int) -> Time:
        """AddDate: months and days beyond the calendar go on into the next."""
        year, month, day = self.date
        year, month = year + years + (month - 1 + months) // 12, (month - 1 + months) % 12 + 1
        return Time((days_of(year, month, 1) + day - 1 + days) * DAY + self.ns % DAY)

    def truncated(self, unit: int) -> Time:
        """Down to a multiple of `unit` since the year 1."""
        return self if unit <= 0 else Time(self.ns - (self.ns - _ZERO_TIME) % unit)

    def rounded(self, unit: int) -> Time:
        """To the nearest multiple of `unit` since the year 1, halves up."""
        if unit <= 0:
            return self
        rest = (self.ns - _ZERO_TIME) % unit
        return Time(self.ns - rest + (unit if rest * 2 >= unit else 0))

    @property
    def is_zero(self) -> bool:
        """Whether it is Go's zero time."""
        return self.ns == _ZERO_TIME

    @property
    def go_syntax(self) -> str:
        """What GoString gives."""
        year, month, day = self.date
        hour, minute, second = self.clock
        return f"time.Date({year}, time.{MONTHS[month - 1]}, {day}, {hour}, {minute}, {second}, {self.wall}, time.UTC)"

    def formatted(self, layout: str) -> str:
        """Format: a layout that shows Monday 2006-01-02 15:04:05."""
        return _LAYOUT.sub(lambda match: self._piece(match[0]), layout)

    def _piece(self, piece: str) -> str:
        if piece[0] in ".," and len(piece) > 1:
            digits = f"{self.wall:09d}".ljust(len(piece) - 1, "0")[: len(piece) - 1]
            if piece[1] == "0":
                return piece[0] + digits
            digits = digits.rstrip("0")
            return piece[0] + digits if digits else ""
        if piece[0] in "-Z":
            return "Z" if piece[0] == "Z" else "+" + piece[1:].replace("7", "0")
        return self._date_piece(piece) or self._clock_piece(piece) or piece

    def _date_piece(self, piece: str) -> str:
        year, month, day = self.date
        pieces = {
            "January": MONTHS[month - 1],
            "Jan": MONTHS[month - 1][:3],
            "1": str(month),
            "01": f"{month:02d}",
            "Monday": self.weekday.text,
            "Mon": self.weekday.text[:3],
            "2": str(day),
            "_2": f"{day:2d}",
            "02": f"{day:02d}",
            "002": f"{self.year_day:03d}",
            "__2": f"{self.year_day:3d}",
            "2006": f"{year:04d}" if year >= 0 else f"-{-year:04d}",
            "_2006": f"_{year:04d}",
            "06": f"{year % 100:02d}",
        }
        return pieces.get(piece, "")

    def _clock_piece(self, piece: str) -> str:
        hour, minute, second = self.clock
        twelve = hour % 12 or 12
        pieces = {
            "15": f"{hour:02d}",
            "3": str(twelve),
            "03": f"{twelve:02d}",
            "4": str(minute),
            "04": f"{minute:02d}",
            "5": str(second),
            "05": f"{second:02d}",
            "PM": "PM" if hour >= 12 else "AM",
            "pm": "pm" if hour >= 12 else "am",
            "MST": "UTC",
        }
        return pieces.get(piece, "")


def days_of(year: int, month: int, day: int) -> int:
    """Days since the epoch of a date."""
    year -= month <= 2
    era, year_of_era = divmod(year, 400)
    day_of_year = (153 * (month - 3 if month > 2 else month + 9) + 2) // 5 + day - 1
    return era * 146_097 + year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year - 719_468


def moved(at: Time, by: int) -> Time:
    """Add: a duration (ns) later."""
    return Time(at.ns + by)


def between(later: Time, earlier: Time) -> Duration:
    """Sub: what lies between two moments, as far as a duration can hold it."""
    return Duration(max(MIN_INT, min(MAX_INT, later.ns - earlier.ns)))


_LAYOUT = re.compile(
    r"January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|002|0[1-6]|15|1|2006|2|_2006|__2|_2|3|4|5|PM|pm"
    r"|[-Z](?:07:00:00|070000|07:00|0700|07)|[.,](?:0+|9+)(?![0-9])"
)
