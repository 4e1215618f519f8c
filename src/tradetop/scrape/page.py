"""Pages: what one scrape of a metrics endpoint said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tradetop.model.labels import Labels
from tradetop.model.ports import Metadata
from tradetop.model.target import LineError


@dataclass(frozen=True, slots=True)
class Page:
    """A metrics page as far as it could be read; every text in it is clean."""

    samples: Mapping[Labels, float]
    """With the target's labels; the first of duplicates."""
    metadata: Mapping[str, Metadata]
    """By family name, as the page writes it."""
    errors: tuple[LineError, ...] = ()
    """The first bad lines."""
    error_count: int = 0
    duplicates: int = 0
    """Samples whose label set the page had already given."""
    refused_by_prometheus: bool = False
    """Prometheus would take nothing of this page."""
    comment: str = ""
    """The page's own words where it has no samples."""
    html: bool = False
    problem: str = ""
    """Why nothing of the page may be used: over a limit, or cut; one line for people."""
