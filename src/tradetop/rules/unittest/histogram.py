"""Native histograms as test files write them: `{{schema:1 count:3 sum:4.5 buckets:[1 2]}}`."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

_FIELD = re.compile(r"(\w+):(\[[^\]]*\]|[^\s\[\]{}]+)")
_FORM = re.compile(rf"\{{\{{\s*(?:{_FIELD.pattern}\s*)*\}}\}}")
_NUMBERS = {"schema", "sum", "count", "z_bucket", "z_bucket_w"}
_OFFSETS = {"offset", "n_offset"}
_FARTHEST = 300_000
"""More than the largest index of a bucket at the finest schema."""
_LISTS = {"buckets", "n_buckets", "custom_values"}
_HINTS = {"unknown": "", "reset": "reset", "not_reset": "not_reset", "gauge": "gauge"}


@dataclass(frozen=True, slots=True)
class Histogram:
    """One native histogram."""

    schema: float = 0
    count: float = 0
    sum: float = 0
    zero: float = 0
    zero_width: float = 0
    positive: tuple[tuple[int, float], ...] = ()
    negative: tuple[tuple[int, float], ...] = ()
    bounds: tuple[float, ...] = ()
    hint: str = ""
    """What is known of a reset before it: "", reset, not_reset or gauge."""

    def plus(self, other: Histogram, sign: float = 1) -> Histogram:
        """The sum, or the difference; ValueError where their buckets differ in size."""
        if (self.schema, self.zero_width, self.bounds) != (other.schema, other.zero_width, other.bounds):
            raise ValueError("histograms of different schemas, zero buckets or custom values cannot be added here")
        return replace(
            self,
            count=self.count + sign * other.count,
            sum=self.sum + sign * other.sum,
            zero=self.zero + sign * other.zero,
            positive=_added(self.positive, other.positive, sign),
            negative=_added(self.negative, other.negative, sign),
        )

    def after(self, before: Histogram) -> Histogram:
        """The same with its hint, when it is stored after another: a counter that went down was reset."""
        if self.hint:
            return self
        pairs = [(dict(self.positive), before.positive), (dict(self.negative), before.negative)]
        fell = self.count < before.count or self.zero < before.zero or self.schema != before.schema
        fell = fell or any(own.get(i, 0) < value for own, earlier in pairs for i, value in earlier)
        return replace(self, hint="reset" if fell else "not_reset")

    def __str__(self) -> str:
        said = [("schema", self.schema), ("count", self.count), ("sum", self.sum)]
        said += [("z_bucket", self.zero), ("z_bucket_w", self.zero_width)]
        parts = [f"{name}:{value!r}" for name, value in said if value]
        parts += [f"counter_reset_hint:{self.hint}"] if self.hint else []
        parts += [f"custom_values:[{_list(self.bounds)}]"] if self.bounds else []
        for before, buckets in (("", self.positive), ("n_", self.negative)):
            if buckets:
                first, last = buckets[0][0], buckets[-1][0]
                counts = [dict(buckets).get(i, 0.0) for i in range(first, last + 1)]
                parts += [f"{before}offset:{first}"] if first else []
                parts.append(f"{before}buckets:[{_list(counts)}]")
        return "{{" + " ".join(parts) + "}}"


def histogram(text: str) -> Histogram:
    """Read one; ValueError where it is none."""
    if _FORM.fullmatch(text) is None:
        raise ValueError(f"{text!r} is no histogram; write {{{{schema:0 count:2 sum:3 buckets:[1 1]}}}}")
    numbers: dict[str, float] = {}
    offsets: dict[str, int] = {}
    lists: dict[str, list[float]] = {}
    hint = ""
    for name, value in _FIELD.findall(text):
        if name in _NUMBERS:
            numbers[name] = _number(value)
        elif name in _OFFSETS:
            offsets[name] = _offset(value)
        elif name in _LISTS and value.startswith("["):
            lists[name] = [_number(each) for each in value[1:-1].split()]
        elif name == "counter_reset_hint" and value in _HINTS:
            hint = _HINTS[value]
        else:
            raise ValueError(f"{text!r}: {name}:{value} is not known")
    return Histogram(
        numbers.get("schema", 0),
        numbers.get("count", 0),
        numbers.get("sum", 0),
        numbers.get("z_bucket", 0),
        numbers.get("z_bucket_w", 0),
        _buckets(lists.get("buckets", []), offsets.get("offset", 0)),
        _buckets(lists.get("n_buckets", []), offsets.get("n_offset", 0)),
        tuple(lists.get("custom_values", [])),
        hint,
    )


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a number") from None


def _offset(text: str) -> int:
    if not text.lstrip("+-").isdecimal() or len(text) > 7 or abs(int(text)) > _FARTHEST:
        raise ValueError(f"{text!r} is no index of a bucket")
    return int(text)


def _buckets(counts: list[float], offset: int) -> tuple[tuple[int, float], ...]:
    return tuple((i, value) for i, value in enumerate(counts, offset) if value)


def _added(
    a: tuple[tuple[int, float], ...], b: tuple[tuple[int, float], ...], sign: float
) -> tuple[tuple[int, float], ...]:
    counts = dict(a)
    for i, value in b:
        counts[i] = counts.get(i, 0.0) + sign * value
    return tuple(sorted((i, value) for i, value in counts.items() if value))


def _list(values: list[float] | tuple[float, ...]) -> str:
    return " ".join(repr(value) for value in values)
