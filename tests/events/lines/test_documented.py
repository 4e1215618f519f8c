"""docs/tails.md says what there is."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

from events.lines.making import interpreter, lines
from tradetop.events.lines.mapping import BUILT_IN, Condition, EventRule, LineMapping
from tradetop.model.lines import Form, lines_at

DOCUMENT = (Path(__file__).parents[3] / "docs" / "tails.md").read_text()


def test_its_mapping_does_what_it_says(tmp_path: Path) -> None:
    (text,) = re.findall(r"```yaml\n(.*?)```", DOCUMENT, re.DOTALL)
    (tmp_path / "own.yaml").write_text(text)
    line = re.search(r"A line such as (.*)", text)
    assert line is not None
    other = '{"at": "2026-01-02T03:04:05Z", "kind": "reject", "reason": "too small", "cfg": "a2"}'
    found = interpreter(Form.JSON, str(tmp_path / "own.yaml")).forward(lines(line[1], other, '{"cfg": "a2"}'))
    assert [event.type for event in found] == ["order_filled", "order_failed", "config_changed", "log"]
    assert found[0].pair == "SOL"


def test_every_key_and_every_mapping_is_there() -> None:
    for cls in (Condition, EventRule, LineMapping):
        for field in fields(cls):
            assert f"`{field.metadata.get('key', field.name)}`" in DOCUMENT
    assert all(f"| `{name}` |" in DOCUMENT for name in BUILT_IN)


def test_its_addresses_are_some() -> None:
    shown = re.findall(r"^    tradetop (?:http\S+ )?'?([^' ]+(?:\{[^']*)?)'?", DOCUMENT, re.MULTILINE)
    assert len(shown) == 6
    assert all(lines_at(address) for address in shown)
