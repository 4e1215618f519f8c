"""Check: names that no series has, and the name that was probably meant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from difflib import SequenceMatcher
from functools import lru_cache

from tradetop.doctor.knowledge import Knowledge
from tradetop.doctor.verdict import Check, Finding
from tradetop.model.labels import NAME
from tradetop.promql.nodes import Selector

UNITS = frozenset(
    ("total", "usd", "usdt", "usdc", "pct", "percent", "ratio", "seconds", "bytes", "count", "sum", "bucket")
)
"""Words of a name that say how it counts, and not what."""
FOREIGN = ("node_", "container_", "kube_", "windows_", "mysql_", "pg_", "redis_", "prometheus_", "alertmanager_")
"""How the names of other exporters begin, which no bot's page has."""
LEAST = 0.6
"""How much of what a name says another must say too."""
UNKNOWN = 0.5
"""Weight of a word that is in no name; one that is in a single name weighs 1, in n of them 1/n."""
SLIP = 0.85
"""How alike two names are that differ by a slip of the pen."""
_PARTS = ("_bucket", "_sum", "_count")


def missing(node: Selector, name: str, known: Knowledge) -> Finding:
    """Why there is no series of this name and never will be."""
    if known.empty:
        said = f'; it says "{known.comment}"' if known.comment else ""
        return Finding(Check.EMPTY, f"the endpoint answers, but has no metrics{said}")
    for other in (f"{name}_total", name.removesuffix("_total")):
        if other != name and other in known.names:
            text = f"no metric is called {name}: it is {other}"
            return Finding(Check.TOTAL, text, node, renamed(node, other))
    near = nearest(name, known.own_names)
    if not near:
        stem = next((name.removesuffix(part) for part in _PARTS if name.endswith(part)), "")
        near = nearest(stem, frozenset(known.declared)) if stem else ""
        alike = f"did you mean {near}, a {known.declared[near].type}?" if near else "none is called alike"
        return Finding(Check.NAME, f"no metric is called {name}: {alike}")
    return Finding(Check.NAME, f"no metric is called {name}: did you mean {near}?", node, renamed(node, near))


def is_foreign(name: str) -> bool:
    """Whether a name is one of another, well-known exporter."""
    return name.startswith(FOREIGN)


def renamed(node: Selector, name: str) -> Selector:
    """The selector with another metric name."""
    return replace(node, matchers=tuple(replace(m, value=name) if m.name == NAME else m for m in node.matchers))


@lru_cache(maxsize=256)
def nearest(name: str, names: frozenset[str]) -> str:
    """The name that this one was probably meant to be: the same rare words, or a slip of the pen; "" where none is."""
    part = next((part for part in _PARTS if name.endswith(part)), "")
    among = [n for n in names if (n.endswith(part) if part else not n.endswith((*_PARTS, "_created")))]
    counts = Counter(word for each in among for word in _words(each))
    asked = _words(name)
    rare = {word for word in asked if counts[word] * 2 <= len(among)}
    weight = sum(1 / counts[word] if counts[word] else UNKNOWN for word in asked)

    def likeness(other: str) -> tuple[float, bool, int, int, str]:
        found = _words(other)
        shared = {word for word in asked if any(_akin(word, each) for each in found)}
        recall = sum(1 / counts[word] if counts[word] else UNKNOWN for word in shared) / weight if shared & rare else 0
        pair = SequenceMatcher(None, name, other, autojunk=False)
        close = pair.real_quick_ratio() >= SLIP and pair.quick_ratio() >= SLIP
        slip = pair.ratio() if close else 0.0
        score = max(recall, slip if slip >= SLIP else 0.0)
        same = other.endswith("_total") == name.endswith("_total")
        return round(score, 2), same and recall < 1, _common(name, other), -len(other), other

    best = max(map(likeness, among), default=(0.0, False, 0, 0, ""))
    return best[-1] if best[0] >= LEAST else ""


def closest(word: str, words: Iterable[str], least: float = LEAST) -> str:
    """The word most like this one; "" where none is."""
    found = max(((SequenceMatcher(None, word, other).ratio(), other) for other in words), default=(0.0, ""))
    return found[1] if found[0] >= least else ""


def _akin(one: str, other: str) -> bool:
    """Whether two words are the same, or one is the beginning of the other: limit and limiter."""
    return one == other or (min(len(one), len(other)) >= 4 and (one.startswith(other) or other.startswith(one)))


def _common(one: str, other: str) -> int:
    """How many characters two names begin with together."""
    return next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _words(name: str) -> frozenset[str]:
    return frozenset(name.split("_")) - UNITS
