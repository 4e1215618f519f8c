"""Failed texts: the error alone, by the words that really stand in their place."""

from __future__ import annotations

import pytest

from tradetop.model.alert import Rule
from tradetop.model.failed_text import failed_texts
from tradetop.model.labels import EMPTY, Labels
from tradetop.model.sample import Sample
from tradetop.promql import Engine
from tradetop.rules.expanding import expanding
from tradetop.store import MemoryStore

T0 = 1_700_000_000_000


@pytest.mark.parametrize("name", ["A", "two words: 1", "Überlast 🚨"])
@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("{{ $labels.x | humanize }}", 'error calling humanize: strconv.ParseFloat: parsing "": invalid syntax'),
        (
            '{{ query "sum(" }}',
            'error calling query: cannot read "sum(": 1:5: unexpected end of the query, expected an expression',
        ),
        ('{{ define "a" }}{{ template "a" . }}{{ end }}{{ template "a" . }}', "exceeded maximum template depth (40)"),
        ('{{ range query "up" }}{{ range query "up" }}{{ query "up" }}{{ end }}{{ end }}', "stopped after more than"),
        ("{{ nofunc }}", 'function "nofunc" not defined'),
    ],
)
def test_the_error_is_told_without_the_way_there(name: str, template: str, why: str) -> None:
    store = MemoryStore()
    page = {Labels({"__name__": "up", "n": str(i)}): 1.0 for i in range(20)}
    store.append_scrape("scrape", T0, page)
    rule = Rule(name, "up", labels=Labels({"team": template}), annotations=Labels({"a": "well", "summary": template}))
    labels, annotations = expanding(Engine(store), T0)(rule, Sample(EMPTY, T0, 1.0))
    found = [*failed_texts(rule, labels, annotations)]
    assert [(text.name, text.template) for text in found] == [("summary", template), ("team", template)]
    for text in found:
        assert text.why.startswith(why)
