"""Our PromQL parser beside promql-parser's, which makes no nodes of Python's: `python benchmarks/parsing.py`."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from importlib.resources import files

import promql_parser
import yaml

from tradetop.promql.parse import Parser

ROUNDS = 15


def expressions(value: object, key: str = "") -> Iterator[str]:
    """Every expression in a file of rules or panels."""
    if isinstance(value, str) and key in ("expr", "query", "queries"):
        yield value
    for name, inner in value.items() if isinstance(value, dict) else ():
        yield from expressions(inner, name)
    for inner in value if isinstance(value, list) else ():
        yield from expressions(inner, key)


def presets() -> list[str]:
    """The expressions of all presets."""
    found: list[str] = []
    for folder in files("tradetop.presets").iterdir():
        for file in folder.iterdir() if folder.is_dir() else (folder,):
            if file.name.endswith((".yml", ".yaml")):
                found += expressions(yaml.safe_load(file.read_text(encoding="utf-8")))
    return found


def timed(read: Callable[[str], object], queries: list[str]) -> float:
    """Median milliseconds to read all of them."""
    taken = []
    for _ in range(ROUNDS):
        began = time.process_time()
        for query in queries:
            read(query)
        taken.append(time.process_time() - began)
    return 1_000 * statistics.median(taken)


def main() -> None:
    """Print a table."""
    kinds = {
        "the presets": presets(),
        "a long sum": [" + ".join(["a"] * 1_000)],
        "100 brackets": ["abs(" * 99 + "a" + ")" * 99],
        "600 matchers": ['a{x="y"' + ',x="y"' * 599 + "}"],
    }
    print(f"{'':14} {'queries':>8} {'ours ms':>9} {'promql-parser ms':>17}")
    for name, queries in kinds.items():
        ours = timed(lambda query: Parser(query).query(), queries)
        theirs = timed(promql_parser.parse, queries)
        print(f"{name:14} {len(queries):8} {ours:9.2f} {theirs:17.2f}")


if __name__ == "__main__":
    main()
