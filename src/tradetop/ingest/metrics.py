"""The server's own metrics."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

RESULTS = ("stored", "duplicate", "refused")


class Metrics:
    """Counts events, requests and writes; a registry of its own, so that nothing else is told."""

    content_type = CONTENT_TYPE_LATEST

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.events = Counter(
            "tradetop_ingest_events_total",
            "Events that came, by what became of them.",
            ["result"],
            registry=self._registry,
        )
        for result in RESULTS:
            self.events.labels(result)
        self.requests = Counter(
            "tradetop_ingest_requests_total",
            "Answers, by path and status.",
            ["path", "status"],
            registry=self._registry,
        )
        self.body_bytes = Counter("tradetop_ingest_body_bytes_total", "Bytes of events.", registry=self._registry)
        self.write_faults = Counter(
            "tradetop_ingest_write_faults_total", "Batches that could not be written.", registry=self._registry
        )
        self.write_seconds = Histogram(
            "tradetop_ingest_write_seconds",
            "From a batch to its commit.",
            buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0),
            registry=self._registry,
        )
        self.last_write = Gauge(
            "tradetop_ingest_last_write_timestamp_seconds", "When the last batch was stored.", registry=self._registry
        )

    def page(self) -> bytes:
        """What a scrape reads."""
        return generate_latest(self._registry)
