"""Templates of alerting rules, expanded for the element that makes an alert."""

from __future__ import annotations

from dataclasses import dataclass

from tradetop.model.labels import EMPTY, Labels
from tradetop.model.ports import Querier
from tradetop.rules.alerting import Dress, plain


@dataclass(frozen=True, slots=True)
class External:
    """What templates see of the installation: Prometheus' `external_labels` and its URL."""

    labels: Labels = EMPTY
    url: str = ""


NOTHING_EXTERNAL = External()


def expanding(querier: Querier, t: int, external: External = NOTHING_EXTERNAL) -> Dress:
    """Expands the templates in a rule's labels and annotations at `t` (ms); their queries are asked of `querier`."""
    return plain
