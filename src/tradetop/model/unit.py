"""Units and kinds: what a number means, and whether it may be shown to others."""

from __future__ import annotations

from enum import Enum


class Unit(Enum):
    """Grafana's unit ids, as far as the field uses them."""

    NONE = "none"
    SHORT = "short"
    USD = "currencyUSD"
    PERCENT = "percent"
    """0 to 100."""
    RATIO = "percentunit"
    """0 to 1, shown as a percentage."""
    SECONDS = "s"
    MILLISECONDS = "ms"
    BYTES = "bytes"
    PER_SECOND = "ops"
    PER_MINUTE = "opm"
    PER_HOUR = "oph"
    TIME = "dateTimeAsIso"
    """Seconds since the epoch."""
    BOOL = "bool"


class Kind(Enum):
    """What redaction needs to know of a value; percentages, counts and durations stay visible."""

    MONEY = "money"
    QUANTITY = "quantity"
    PERCENT = "percent"
    COUNT = "count"
    DURATION = "duration"
    ID = "id"
    HOST = "host"
    TEXT = "text"


def kind_of(unit: Unit) -> Kind:
    """The kind of a number with this unit."""
    match unit:
        case Unit.USD:
            return Kind.MONEY
        case Unit.PERCENT | Unit.RATIO:
            return Kind.PERCENT
        case Unit.SECONDS | Unit.MILLISECONDS:
            return Kind.DURATION
        case _:
            return Kind.COUNT
