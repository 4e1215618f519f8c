"""Bots to be judged: a store that was filled scrape by scrape, and rules over it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from tradetop.doctor import Knowledge, Verdict, judge, known_of
from tradetop.doctor.look import Witness, no_witness
from tradetop.model.alert import Rule
from tradetop.model.labels import Labels
from tradetop.model.ports import Metadata
from tradetop.rules.file import load_file
from tradetop.scrape.exposition import PageParser
from tradetop.store import MemoryStore

START = 1_700_000_000_000
STEP = 10_000
SCRAPES = 180
TARGET = {"job": "bot", "instance": "127.0.0.1:8000"}
FAR = 1 << 62

Shape = Callable[[int], float]


def store_of(values: Mapping[str, Shape | float], scrapes: int = SCRAPES) -> MemoryStore:
    """A store after so many scrapes of a page; a value may depend on the scrape's number."""
    store = MemoryStore()
    series = {_labels(text): value for text, value in {"up": 1.0, **values}.items()}
    for i in range(scrapes):
        samples = {labels: value(i) if callable(value) else float(value) for labels, value in series.items()}
        store.append_scrape("page", START + i * STEP, {k: v for k, v in samples.items() if v == v})
    return store


def bot(
    values: Mapping[str, Shape | float], types: Mapping[str, str] | None = None, scrapes: int = SCRAPES
) -> Knowledge:
    """What is known of a bot with this page after so many scrapes; `types` by family, or "type: help"."""
    return known_from(store_of(values, scrapes), types)


def known_from(store: MemoryStore, types: Mapping[str, str] | None = None) -> Knowledge:
    """What is known of the bot of a store; `types` by family, or "type: help"."""
    declared = {name: Metadata(*said.split(": ", 1)) for name, said in (types or {}).items()}
    return known_of(store.select((), 0, FAR), declared)


def page(text: str) -> Knowledge:
    """What is known of a bot whose page was read once."""
    from tradetop.doctor import with_page

    read = PageParser(TARGET).parse(text)
    up = {Labels({"__name__": "up", **TARGET}): 1.0}
    return with_page(Knowledge(), {**read.samples, **up}, read.metadata, START)


def verdict(expr: str, known: Knowledge, witness: Witness = no_witness, **more: object) -> Verdict:
    """The verdict on one rule."""
    (found,) = judge([Rule("Alert", expr, group="all", **more)], known, witness)  # type: ignore[arg-type]
    return found


def verdicts(path: Path, known: Knowledge) -> dict[str, Verdict]:
    """The verdicts on the rules of a file, by name."""
    return {v.subject: v for v in judge(load_file(path).rules, known)}


def _labels(text: str) -> Labels:
    name, _, rest = text.partition("{")
    pairs = (pair.split("=", 1) for pair in rest.rstrip("}").split(",") if pair)
    return Labels({"__name__": name, **TARGET, **{k: v.strip('"') for k, v in pairs}})
