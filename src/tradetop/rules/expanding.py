"""Templates of alerting rules, expanded for the element that makes an alert."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from tradetop.model.alert import Rule
from tradetop.model.labels import EMPTY, Labels
from tradetop.model.ports import Querier
from tradetop.model.sample import Sample
from tradetop.rules.alerting import ALERTNAME, Dress, annotation, plain


@dataclass(frozen=True, slots=True)
class External:
    """What templates see of the installation: Prometheus' `external_labels` and its URL."""

    labels: Labels = EMPTY
    url: str = ""


NOTHING_EXTERNAL = External()


@lru_cache(maxsize=1_024)
def _shown(annotations: Labels) -> Labels:
    return Labels({name: annotation(text) for name, text in annotations.items()})


def expanding(querier: Querier, t: int, external: External = NOTHING_EXTERNAL) -> Dress:
    """Expands the templates in a rule's labels and annotations at `t` (ms); their queries are asked of `querier`."""

    def dress(rule: Rule, sample: Sample) -> tuple[Labels, Labels]:
        if not any("{{" in text for text in (*rule.labels.values(), *rule.annotations.values())):
            labels, annotations = plain(rule, sample)
            return labels, _shown(annotations)
        # The presets' rules have no templates: whoever has no rule files never loads what expands them.
        from tradetop.rules.template import render

        labels, annotations = render(
            rule,
            sample.labels,
            sample.value,
            t,
            querier,
            external_labels=external.labels,
            external_url=external.url,
        )
        return labels.without(ALERTNAME, *rule.removes), annotations

    return dress
