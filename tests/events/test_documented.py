"""docs/events.md says of addresses and of secrets what the program does."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from tradetop.cli.stores import CLOUDFLARE, TOKEN
from tradetop.events.d1 import PACE as D1_PACE
from tradetop.events.opening import check_address
from tradetop.events.row import FLAWS
from tradetop.events.tail import MOST_PAST, PAST
from tradetop.events.webfeed import PACE as FEED_PACE
from tradetop.events.wire import ANSWER_LIMIT
from tradetop.model.address import D1, FEEDS, POSTGRES, SQLITE, is_feed, is_page, name_of, scheme_of
from tradetop.model.clock import DAY

PAGE = (Path(__file__).parents[2] / "docs" / "events.md").read_text()


def test_every_example_is_an_address_of_a_store() -> None:
    examples = [shlex.split(text)[0] for text in re.findall(r"\| `tradetop ([^`]+)` \|", PAGE)]
    assert len(examples) == 6
    for address in examples:
        check_address(address)
        assert not is_page(address)
        assert name_of(address)
    kinds = {scheme_of(address) for address in examples}
    assert kinds & D1
    assert kinds & POSTGRES
    assert kinds & FEEDS
    assert any(is_feed(address) and scheme_of(address) == "https" for address in examples)


def test_every_scheme_and_every_variable_is_documented() -> None:
    for scheme in SQLITE | D1 | FEEDS | (POSTGRES - {"postgres"}):
        assert f"{scheme}:" in PAGE or scheme == "feed+http", scheme
    for name in (CLOUDFLARE, TOKEN):
        assert f"`{name}`" in PAGE
        assert f"`{name}_FILE`" in PAGE


def test_its_figures_are_right() -> None:
    assert f"each {D1_PACE // 1_000} seconds" in PAGE
    assert f"each {FEED_PACE // 1_000} seconds" in PAGE
    assert f"larger than {ANSWER_LIMIT >> 20} MiB" in PAGE
    assert f"{MOST_PAST:,} events at most" in PAGE
    assert PAST == 7 * DAY
    assert ", ".join(f"`{flaw}`" for flaw in FLAWS) in PAGE
