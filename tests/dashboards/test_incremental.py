"""A refresh that evaluates only what is new never shows anything else than one that evaluates all."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from tradetop.dashboards import Footing, PanelEvaluator
from tradetop.model.labels import Labels
from tradetop.model.panel import Panel, Query
from tradetop.model.panel_frame import PanelFrame
from tradetop.promql import Engine
from tradetop.store import MemoryStore

START = 1_700_000_000_000
SCRAPE = 10_000
MINUTE = 60_000
HOUR = 60 * MINUTE
KEYS = ("a", "b", "c")
BOUNDS = ("0.1", "1.0", "+Inf")

EXPRESSIONS = (
    "m",
    "sum(m)",
    "m offset 30s",
    "m - m offset 1h",
    "rate(done_total[1m])",
    "increase(done_total[5m]) > 0",
    "irate(done_total[2m])",
    "delta(m[5m])",
    "sum by (k) (increase(done_total[1h]))",
    "done_total * on (k) group_left (version) build_info",
    "m and on (k) done_total",
    "m unless on (k) build_info",
    "m or on (k) done_total",
    "topk(1, m)",
    "topk(2, {__name__=~'m|done_total'})",
    "bottomk(2, done_total)",
    "limitk(1, m)",
    "quantile(0.5, m)",
    "count_values('v', m)",
    "histogram_quantile(0.9, rate(h_bucket[1m]))",
    "histogram_quantile(0.5, sum by (le) (h_bucket))",
    "histogram_fraction(0, 0.5, increase(h_bucket[10m]))",
    "sum_over_time((m > bool 0)[5m:30s])",
    "max_over_time(rate(done_total[1m])[1h:1m])",
    "max_over_time(m[2m:10s])",
    "min_over_time(sum(m)[10m:7s] offset 20s)",
    "sum_over_time(m[10m])",
    "stddev_over_time(m[10m])",
    "quantile_over_time(0.8, m[10m])",
    "mad_over_time(m[10m])",
    "deriv(m[5m])",
    "predict_linear(m[5m], 600)",
    "avg_over_time(m[1d])",
    "max_over_time(m[26h])",
    "changes(m[10m]) + resets(m[10m])",
    "last_over_time(m[1h])",
    "absent(m{k='b'})",
    "absent_over_time(done_total[10m])",
    "time() - timestamp(m)",
    "scalar(m{k='a'}) + 1",
    "label_replace(m, 'n', '$1-', 'k', '(.*)')",
    "m @ end()",
    "m offset -1m",
)


@dataclass
class Story:
    """A bot whose counters start again, whose series come and go, and whose pages arrive late or not at all."""

    store: MemoryStore = field(default_factory=MemoryStore)
    t: int = START
    turn: int = 0
    alive: set[str] = field(default_factory=lambda: {"a"})
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(KEYS, 0))
    born: dict[str, int] = field(default_factory=dict)
    held: list[tuple[int, dict[Labels, float] | None]] = field(default_factory=list)

    def scrape(self, *, works: bool, lands: bool) -> None:
        """One more page; it lands at once, or when the next one does."""
        self.t += SCRAPE
        self.turn += 1
        self.held.append((self.t, self._page() if works else None))
        if lands:
            self.land()

    def land(self) -> None:
        for t, page in self.held:
            if page:
                self.store.append_scrape("page", t, page)
            else:
                self.store.append_failed("page", t)
        self.held.clear()

    @property
    def landed(self) -> int:
        return self.held[0][0] - SCRAPE if self.held else self.t

    def change(self, what: str, key: str) -> None:
        match what:
            case "born" | "gone":
                (self.alive.add if what == "born" else self.alive.discard)(key)
            case "reset":
                self.counts[key] = 0
                self.born[key] = self.t
            case "count":
                self.counts[key] += 1 + self.turn % 3
            case "hours":
                self.t += HOUR * (1 + self.turn % 7)

    def _page(self) -> dict[Labels, float]:
        page: dict[Labels, float] = {}
        for i, k in enumerate(KEYS):
            if k not in self.alive:
                continue
            count, moment = self.counts[k], self.turn * (i + 2) % 7
            page[Labels({"__name__": "done_total", "k": k})] = float(count)
            page[Labels({"__name__": "m", "k": k})] = float("nan") if moment == 6 else moment / 2 - 1
            page[Labels({"__name__": "build_info", "k": k, "version": str(1 + count // 4)})] = 1.0
            for n, le in enumerate(BOUNDS):
                page[Labels({"__name__": "h_bucket", "k": k, "le": le})] = float(count * (n + 1) // 2)
            if k in self.born:
                page[Labels({"__name__": "done_created", "k": k})] = self.born[k] / 1_000
        return page


CHANGES = st.tuples(st.sampled_from(["born", "gone", "reset", "count", "count", "hours"]), st.sampled_from(KEYS))
PAGES = st.tuples(st.integers(1, 40), st.booleans() | st.just(True), st.booleans() | st.just(True))
LOOKS = st.integers(0, 45_000)
STEPS = st.lists(CHANGES | PAGES | LOOKS, min_size=4, max_size=40)
SPANS = st.sampled_from([(15 * MINUTE, 15), (15 * MINUTE, 60), (6 * HOUR, 120), (26 * HOUR, 100), (30 * HOUR, 13)])


@settings(max_examples=600, deadline=None)
@given(STEPS, SPANS, st.sets(st.sampled_from(EXPRESSIONS), min_size=6, max_size=14))
def test_what_is_kept_is_what_would_be_evaluated_anew(
    steps: list[int | tuple[str, str] | tuple[int, bool, bool]], looking: tuple[int, int], exprs: set[str]
) -> None:
    story, kept = Story(), PanelEvaluator()
    engine = Engine(story.store)
    panels = [Panel(expr, expr, (Query(expr),)) for expr in sorted(exprs)]
    at = START
    for step in (*steps, 0):
        match step:
            case str() as what, key:
                story.change(what, key)  # type: ignore[arg-type]
            case int() as pages, works, lands:
                for _ in range(pages):
                    story.scrape(works=bool(works), lands=bool(lands))
            case int(wait):
                at = max(at, story.t) + wait
                given = {"at": at, "span": looking[0], "points": looking[1]}
                footing = Footing(data_at=story.landed, settled=story.landed)
                found = kept.frames(engine, panels, footing=footing, **given)  # type: ignore[arg-type]
                fresh = Engine(story.store)
                anew = PanelEvaluator().frames(fresh, panels, footing=footing, **given)  # type: ignore[arg-type]
                assert trends(found) == trends(anew)
                story.land()


def trends(frames: tuple[PanelFrame, ...]) -> list[object]:
    """Every series with its numbers; those that have none in the window are no difference."""
    return [
        (frame.panel.id, frame.error, str(s.labels), s.trend.start, s.trend.step, [repr(v) for v in s.trend.values])
        for frame in frames
        for s in frame.series
        if any(v == v for v in s.trend.values)
    ]
