"""Selectors: which series they find, or why they find none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace

from tradetop.doctor.bases import base, is_base
from tradetop.doctor.interval import ANYTHING, Interval, between
from tradetop.doctor.knowledge import MADE, Knowledge, Seen, Unread
from tradetop.doctor.label_values import no_value
from tradetop.doctor.look import Look
from tradetop.doctor.names import closest, is_foreign, missing
from tradetop.doctor.outcome import Outcome, Track
from tradetop.doctor.units import unit_of
from tradetop.doctor.verdict import Check, Finding
from tradetop.model.labels import NAME, Labels
from tradetop.model.matcher import Matcher, MatchOp
from tradetop.promql.nodes import Selector
from tradetop.store.matching import label_test, metric_name, value_test

MANY = 500
"""Series of one selector that are looked at one by one, of each target."""
_COUNTS = ("_total", "_bucket", "_count")
_TIMES = ("_timestamp", "_timestamp_seconds", "_time_seconds", "_created")
_EPOCH = (1e9, 5e9)
"""Seconds since 1970 of any time that a bot writes."""
SHOWN = 4
"""Values that a reason names at most."""
_OF_THE_READ = (Check.NAME, Check.TOTAL, Check.BASE, Check.LABEL, Check.VALUE)
"""What is worth knowing of the pages that were read, where others were not."""
THERE = Finding(Check.TRUE, "nothing is compared: it has a value whenever the bot answers")


def select(node: Selector, look: Look) -> Outcome:
    """What a selector finds, and what it may find on pages that nobody has read."""
    found, unread = _found(node, look), look.unread(node)
    if not unread:
        return found
    there = tuple(t for t in found.tracks if t.doubt is None or t.doubt.check is not Check.VALUE)
    doubted = next((t.doubt for t in found.tracks), None) if not there else None
    return Outcome((*there, *(_hidden(node, target, found.never or doubted) for target in unread)))


def _found(node: Selector, look: Look) -> Outcome:
    known = look.known
    name = metric_name(node.matchers)
    if name is None:
        every = [seen for family in known.series.values() for seen in family]
        found = _matching(every, node.matchers)
        doubt = Finding(Check.VALUE if known.asked else Check.UNASKED, "no series seen so far is selected by it")
        return Outcome(tuple(_track(seen, node, known) for seen in found) or (_ghost(node, known, "", doubt),))
    if name in look.recorded:
        return _recorded(look.recorded[name], node)
    family = known.series.get(name, ())
    if not family:
        return _absent(node, name, look)
    found = _matching(family, node.matchers)
    if found:
        return Outcome(tuple(_track(seen, node, known) for seen in found))
    return _refused(node, name, family, known)


def type_of(name: str, known: Knowledge) -> str:
    """counter, gauge or another type; by the page, else by the name; "" where neither tells."""
    said = known.samples.get(name)
    if said in ("counter", "gauge"):
        return said
    family = known.family(name)
    if family is not None and family.type == "histogram":
        return "" if name.endswith("_sum") else "counter"
    if family is not None and family.type not in ("", "unknown", "summary"):
        return family.type
    return "counter" if name.endswith(_COUNTS) else ""


def _absent(node: Selector, name: str, look: Look) -> Outcome:
    """What a selector gives whose name has no series."""
    known = look.known
    refused = _identity(node, known)
    if refused is not None:
        return Outcome(never=refused)
    if not known.asked or is_foreign(name):
        text = "no bot was asked: name a TARGET" if not known.asked else f"{name} belongs to another exporter"
        return Outcome((_ghost(node, known, name, Finding(Check.UNASKED, text)),))
    if name in MADE:
        return Outcome((_ghost(node, known, name, None),))
    if look.built_in and name not in known.names:
        text = f"this bot has no metric called {name}"
        return Outcome((_ghost(node, known, name, Finding(Check.UNBORN, text)),))
    if is_base(name, known):
        return Outcome(never=base(node, name, known))
    if name in known.names:
        text = f"{name} is declared, but has no series yet"
        return Outcome((_ghost(node, known, name, Finding(Check.UNBORN, text)),))
    return Outcome(never=missing(node, name, known))


def _refused(node: Selector, name: str, family: Sequence[Seen], known: Knowledge) -> Outcome:
    """What a selector gives whose matchers fit none of the metric's series."""
    refused = _identity(node, known)
    if refused is not None:
        return Outcome(never=refused)
    for matcher in node.matchers:
        test = value_test(matcher)
        values = {seen.labels.get(matcher.name, "") for seen in family}
        if not any(map(test, values)):
            never, doubt = no_value(node, matcher, name, values, family)
            return Outcome(never=never) if never else Outcome((_ghost(node, known, name, doubt),))
    doubt = Finding(Check.VALUE, f"no series of {name} has all of these labels at once")
    return Outcome((_ghost(node, known, name, doubt),))


def _identity(node: Selector, known: Knowledge) -> Finding | None:
    """Why the target's own labels, which are the same for all of its series, rule a selector out."""
    for matcher in node.matchers:
        here = set(known.target.get(matcher.name, ()))
        if matcher.name in known.identity:
            here.add(known.identity[matcher.name])
        if not here or any(map(value_test(matcher), here)):
            continue
        value = known.identity.get(matcher.name) or (min(here) if len(here) == 1 else closest(matcher.value, here))
        new = replace(matcher, op=MatchOp.EQUAL, value=value)
        fixed = replace(node, matchers=tuple(new if m is matcher else m for m in node.matchers))
        either = _either({value} if matcher.name in known.identity else here)
        text = f"{matcher} selects nothing: the {matcher.name} is {either}"
        return Finding(Check.JOB, text, node if value else None, fixed if value else None)
    return None


def _either(values: Collection[str]) -> str:
    """Some values, for people: "a" or "b"."""
    shown = [f'"{value}"' for value in sorted(values)]
    return " or ".join(shown) if len(shown) <= SHOWN else f"one of {len(shown)} others"


def _matching(family: Sequence[Seen], matchers: Sequence[Matcher]) -> list[Seen]:
    """The series that are selected, of each target no more than are looked at."""
    test, counts = label_test(matchers), Counter[str]()
    found = []
    for seen in family:
        place = seen.labels.get("instance", "")
        if counts[place] < MANY and test(seen.labels):
            counts[place] += 1
            found.append(seen)
    return found


def _ghost(node: Selector, known: Knowledge, name: str, doubt: Finding | None) -> Track:
    """A series that nobody has seen yet."""
    pins = {m.name: m.value for m in node.matchers if m.op is MatchOp.EQUAL and m.name != NAME}
    labels = Labels({**known.identity, **pins, NAME: name})
    track = Track(labels, None, frozenset(pins), doubt=doubt, metric=name, certain=THERE, own=name in MADE)
    return _typed(track, name, known)


def _hidden(node: Selector, target: Unread, said: Finding | None) -> Track:
    """A series that a page may have which nobody has read; `said` is why no other has it."""
    name = metric_name(node.matchers) or ""
    pins = {m.name: m.value for m in node.matchers if m.op is MatchOp.EQUAL and m.name != NAME}
    doubt = Finding(Check.UNASKED, target.reason)
    if said is not None and said.check in _OF_THE_READ and not {m.name for m in node.matchers} & {*target.labels}:
        sure = said.check in (Check.TOTAL, Check.BASE)
        text = f"{target.reason}; where others are read: {said.text}"
        doubt = Finding(Check.UNASKED, text, *((said.old, said.new) if sure else ()))
    labels = Labels({**pins, **target.labels, **({NAME: name} if name else {})})
    possible = _possible(name, Knowledge()) if name in MADE else ANYTHING
    return Track(
        labels, None, frozenset(pins), possible, metric=name, clock=name.endswith(_TIMES), own=name in MADE, doubt=doubt
    )


def _track(seen: Seen, node: Selector, known: Knowledge) -> Track:
    stat, name = seen.stat, seen.labels.name
    pins = frozenset(m.name for m in node.matchers if m.op is MatchOp.EQUAL and m.name != NAME)
    track = Track(seen.labels, pinned=pins, metric=name, certain=THERE, own=name in MADE)
    if stat is not None:
        values, zero = Interval(stat.low, stat.high), stat.low == stat.high == 0
        track = replace(track, stat=stat, seen=values, mean=stat.mean, still=stat.still, zero=zero)
        if stat.count > 1 and _EPOCH[0] < stat.low and stat.high < _EPOCH[1]:
            track = replace(track, clock=True)
    return _typed(track, name, known)


def _typed(track: Track, name: str, known: Knowledge) -> Track:
    unit, declared = unit_of(name, known.family(name))
    return replace(
        track,
        possible=_possible(name, known),
        unit=unit,
        declared_unit=declared,
        clock=track.clock or name.endswith(_TIMES),
    )


def _possible(name: str, known: Knowledge) -> Interval:
    if name in ("up", "probe_success"):
        return between(0.0, 1.0, Finding(Check.COMPARISON, f"{name} is 0 or 1"))
    if name == "ALERTS":
        return between(1.0, 1.0, Finding(Check.COMPARISON, "ALERTS is 1 wherever it is there"))
    if type_of(name, known) == "counter":
        return Interval(low=0.0, low_why=Finding(Check.COMPARISON, f"{name} is a counter, which is never negative"))
    return ANYTHING


def _recorded(outcome: Outcome, node: Selector) -> Outcome:
    """What a recording rule wrote, as far as the matchers let it through."""
    found = []
    for track in outcome.tracks:
        wanted = [m for m in node.matchers if m.name in track.labels or not track.may_have(m.name)]
        if label_test(wanted)(track.labels):
            found.append(track)
    if found or outcome.never:
        return Outcome(tuple(found), None if found else outcome.never)
    return Outcome(never=Finding(Check.LABEL, "the recording rule of this name writes no series with these labels"))
