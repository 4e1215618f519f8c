"""Nothing that is hidden can be read anywhere; what may be seen stays as it was."""

from __future__ import annotations

import json
import math
import re
from dataclasses import fields, replace
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panes.frames import sample_detail, sample_explained, sample_fleet, sample_frame
from redact.planted import STYLES, Secrets, money, secret_detail, secret_explained, secret_fleet, secret_frame
from tradetop.dashboards import Footing, PanelEvaluator, preset
from tradetop.limits import Ladder
from tradetop.model.alert import Alert, DeadRule, Rule
from tradetop.model.bot_event import BotEvent
from tradetop.model.detail_frame import DetailFrame, ExplainFrame, StatsFrame
from tradetop.model.explanation import Element, Empty, Part
from tradetop.model.feed_frame import ErrorGroup, ErrorTally, FeedFrame, GroupFrame, Incident, Position, Story
from tradetop.model.frame import BotFrame, Frame, RecorderFrame
from tradetop.model.hidden import HIDDEN, Hidden, Proportions
from tradetop.model.mark import Mark
from tradetop.model.panel import Panel, PaneName
from tradetop.model.panel_frame import LimitFrame, PanelFrame, Reading, SeriesFrame, Trend
from tradetop.model.target import Health
from tradetop.model.unit import Kind
from tradetop.panes import numbers
from tradetop.panes.draw.digits import big
from tradetop.panes.draw.gauge import gauge
from tradetop.panes.draw.spark import spark
from tradetop.panes.export import as_json, as_svg, as_text
from tradetop.panes.glyphs import marks
from tradetop.panes.layout import Painter, screen
from tradetop.panes.look import Glyphs, Look, Prompt, PromptKind, ScreenName
from tradetop.panes.overview import Kept
from tradetop.panes.row import Span
from tradetop.promql import Engine
from tradetop.redact import Redactor, redact
from tradetop.store import MemoryStore
from tradetop.theme import load

SIZES = [(60, 15), (80, 24), (120, 40), (200, 55)]
MAKERS = {ScreenName.FLEET: secret_fleet, ScreenName.DETAIL: secret_detail, ScreenName.EXPLAIN: secret_explained}
THEME = load()


def forms(value: float) -> set[str]:
    """Every way in which a number may be written that has enough digits to be told from others."""
    found = {f"{value:.0f}", f"{value:.1f}", f"{value:.2f}", f"{int(value)}", f"{value:g}", repr(value), str(value)}
    found |= {f"{value:,.0f}", f"{value:,.2f}", f"{int(value):,}", f"{value:.2e}", f"{value / 1e3:.1f}k"}
    found |= {f"{value / 1e3:.2f}k", numbers.money(value), numbers.count(value), numbers.price(value)}
    return {form for form in found if sum(map(str.isdigit, form)) >= 3}


def told(secrets: Secrets, text: str) -> list[str]:
    """The secrets that can be read in a text."""
    seen = set(re.findall(r"\d[\d,.]*\d(?:e[+-]?\d+)?[kMG]?|\d+", text))
    found = [form for value in secrets.numbers for form in forms(value) if form in seen]
    return found + [secret for secret in secrets.texts if secret in text]


def words_of(svg: str) -> str:
    """What a picture says, line after line."""
    root = ElementTree.fromstring(svg)
    return "\n".join(element.text or "" for element in root.iter() if element.tag.endswith(("text", "title")))


looks = st.builds(
    Look,
    screen=st.sampled_from([*ScreenName]),
    focus=st.sampled_from([None, *PaneName]),
    zoomed=st.booleans(),
    tab=st.sampled_from([PaneName.EVENTS, PaneName.STRATEGIES, PaneName.ERRORS, PaneName.CYCLE]),
    selected=st.integers(0, 30),
    scroll=st.integers(0, 60),
    glyphs=st.sampled_from(Glyphs),
    mono=st.booleans(),
    ticks=st.booleans(),
    redacted=st.just(True),
)


@settings(max_examples=150, deadline=None)
@given(
    look=looks,
    size=st.sampled_from(SIZES),
    seed=st.integers(0, 10_000),
    styles=st.lists(st.sampled_from(STYLES), min_size=1, unique=True),
)
def test_no_secret_can_be_read_on_any_screen(look: Look, size: tuple[int, int], seed: int, styles: list[str]) -> None:
    secrets = Secrets(seed, styles=styles)
    frame = MAKERS.get(look.screen, secret_frame)(secrets)
    hidden = redact(frame)
    boxes = screen(hidden, look, *size)
    text = as_text(boxes, *size)
    assert told(secrets, text) == []
    assert told(secrets, words_of(as_svg(boxes, *size, THEME, "x"))) == []
    rows = [row[1] for value in secrets.numbers if (row := big(numbers.money(value))) is not None]
    assert [row for row in rows if row in text] == []


@pytest.mark.parametrize("maker", [secret_frame, secret_detail, secret_fleet])
def test_no_secret_is_in_the_json(maker: object) -> None:
    secrets = Secrets(3, styles=list(STYLES))
    text = as_json(redact(maker(secrets)))  # type: ignore[operator]
    assert told(secrets, text) == []
    assert json.loads(text)["redacted"] is True


def test_the_planted_secrets_can_be_read_without_redaction() -> None:
    secrets = Secrets(3, styles=["{:.2f}"])
    frame = secret_frame(secrets)
    assert len(told(secrets, as_json(frame))) > 100
    assert told(secrets, as_text(screen(frame, Look(), 200, 55), 200, 55))


@pytest.mark.parametrize("name", [n for n in ScreenName if n is not ScreenName.HELP])
@pytest.mark.parametrize("size", SIZES)
def test_no_amount_in_dollars_is_left(name: ScreenName, size: tuple[int, int]) -> None:
    """Not even a number that stands for one only in proportion."""
    makers = {ScreenName.FLEET: sample_fleet, ScreenName.DETAIL: sample_detail, ScreenName.EXPLAIN: sample_explained}
    made = makers.get(name, sample_frame)()
    text = as_text(screen(redact(made), Look(screen=name), *size), *size)
    assert not re.search(r"\d ?(USD|\$)|[$] ?\d", text)
    assert not re.search(r"[+-]\d+\.\d\d(?!\d|%)", text)


def test_percentages_counts_and_times_stay() -> None:
    before = as_text(screen(sample_frame(), Look(), 200, 55), 200, 55)
    after = as_text(screen(redact(sample_frame()), Look(), 200, 55), 200, 55)
    assert "dd -0.20%" in before
    for kind in (r"[+-]?\d+\.\d+%", r"\d\d:\d\d:\d\d", r"\d+m\d\ds", r"\d+\.\d+s", r"\d+/h", r"rsi \d+\.\d"):
        assert re.findall(kind, before) == re.findall(kind, after)
    assert HIDDEN in after


def test_order_and_closeness_stay() -> None:
    frame = sample_frame()
    hidden = redact(frame)
    assert [x.closeness for x in hidden.limits] == [x.closeness for x in frame.limits]
    assert [x.eta for x in hidden.limits] == [x.eta for x in frame.limits]
    assert [p.level for p in hidden.panels] == [p.level for p in frame.panels]
    strategies = re.compile(r"momentum|breakout|mean-revert|arb-cex|sniper-sol|grid-btc")
    look = Look(focus=PaneName.STRATEGIES, zoomed=True)
    before, after = (as_text(screen(f, look, 120, 40), 120, 40) for f in (frame, hidden))
    assert strategies.findall(after) == strategies.findall(before)


def test_curves_keep_their_shape_and_their_zero() -> None:
    for before, after in zip(sample_frame().panels, redact(sample_frame()).panels, strict=True):
        for one, other in zip(before.series, after.series, strict=True):
            found, values = [*other.trend.values], [*one.trend.values]
            factor = next(b / a for a, b in zip(values, found, strict=True) if a) if any(values) else 1.0
            assert factor > 0
            assert found == pytest.approx([v * factor for v in values])


def dots(row: list[Span]) -> list[int]:
    """How many dots each cell of a sparkline has."""
    return [(ord(char) - 0x2800).bit_count() if char != " " else 0 for span in row for char in span.text]


def test_sparklines_are_drawn_alike() -> None:
    """But for a dot in a column: the ends of a scale are round numbers, and which are round is not to be told."""
    for before, after in zip(sample_frame().panels, redact(sample_frame()).panels, strict=True):
        for one, other in zip(before.series, after.series, strict=True):
            drawn = [dots(spark(of.trend, 24, Glyphs.BRAILLE)) for of in (one, other)]
            assert max(abs(a - b) for a, b in zip(*drawn, strict=True)) <= 2, before.panel.id


@pytest.mark.parametrize("glyphs", Glyphs)
def test_gauges_are_drawn_alike(glyphs: Glyphs) -> None:
    frame = sample_frame()
    for row, other_row in zip(frame.limits, redact(frame).limits, strict=True):
        assert bar(row, glyphs) == bar(other_row, glyphs)


def bar(row: LimitFrame, glyphs: Glyphs) -> list[Span]:
    found = row.panel.thresholds
    return gauge(row.reading.value, row.scale_min, row.scale_max, found, 17, marks(glyphs))


def test_without_a_kind_a_number_is_judged_by_its_metrics() -> None:
    secrets = Secrets(1)
    frame = redact(secret_frame(secrets))
    sizes = [p for p in frame.panels if p.panel.row == "Quantities"]
    assert sizes
    assert all(isinstance(s.reading.value, Hidden) for p in sizes for s in p.series if s.reading.kind is Kind.COUNT)


def test_the_bots_own_name_stays_unless_it_is_an_address() -> None:
    assert redact(sample_frame()).bots[0].name == "247trader-v2"
    secrets = Secrets(5)
    name = redact(secret_frame(secrets)).bots[0].name
    assert name.startswith(HIDDEN)


def test_what_is_redacted_is_left_as_it_is() -> None:
    once = redact(sample_frame())
    assert once.redacted
    assert redact(once) is once


def test_parts_that_are_the_same_stay_the_same_objects() -> None:
    redactor = Redactor()
    frame = sample_frame()
    first = redactor.redact(frame)
    later = redactor.redact(replace(frame, now=frame.now + 1_000))
    for part in ("panels", "limits", "alerts", "feed", "error_groups", "positions", "marks"):
        assert getattr(later, part) is getattr(first, part), part
    fed = replace(frame.feed, events=frame.feed.events[1:])
    again = redactor.redact(replace(frame, feed=fed))
    assert again.panels is first.panels
    assert again.feed.events[0] is first.feed.events[1]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from([0, 1, 2, 3]), min_size=2, max_size=6))
def test_a_redactor_that_goes_on_gives_what_a_new_one_would(sequence: list[int]) -> None:
    frames = [sample_frame(), sample_frame(dead=True), sample_detail(), sample_frame(never_set=True)]
    redactor, painter, forgetful = Redactor(), Painter(), Kept()
    for index in sequence:
        kept = redactor.redact(frames[index])
        assert kept == redact(frames[index])
        forgetful.panes.clear()
        assert painter.screen(kept, Look(), 120, 40) == screen(kept, Look(), 120, 40, forgetful)


def test_secret_labels_match_across_the_parts_of_a_frame() -> None:
    """A row of the ladder still leads to its series, and tables keep all their rows."""
    frame = secret_frame(Secrets(9))
    hidden = redact(frame)
    labels = {s.labels for p in hidden.panels for s in p.series}
    assert all(limit.labels in labels for limit in hidden.limits if limit.labels)
    table = next(p for p in hidden.panels if p.panel.id == "by-wallet")
    assert len({s.labels["wallet"] for s in table.series}) == 3


@pytest.mark.parametrize("spec", ["", ".2f", ",.0f", ">12", "g", "+.1e"])
def test_a_hidden_number_never_says_itself(spec: str) -> None:
    number = Hidden(1_284.2)
    for value in (number, -number, abs(number), number * 2, 2 * number, number + 1, 1 - number, round(number, 1)):
        assert format(value, spec) == str(value) == repr(value) == HIDDEN
    assert sum([number, 2.0], 0.0).__class__ is Hidden
    assert isinstance(Proportions.of([1.0, 2.0], 3.0)[1], Hidden)


def test_two_hidden_numbers_have_a_proportion() -> None:
    assert format((Hidden(90.0) - Hidden(100.0)) / Hidden(100.0) * 100, ".1f") == "-10.0"
    assert math.isclose(Hidden(3.0), 3.0)


def recorded_frame(store: MemoryStore, at: int) -> Frame:
    """The recorded bot at a time (ms)."""
    dashboard = preset("247trader")
    assert dashboard is not None
    footing = Footing(data_at=at)
    panels = PanelEvaluator().frames(
        Engine(store), dashboard.panels, at=at, span=6 * 3_600_000, points=120, footing=footing
    )
    return replace(sample_frame(), at=at, now=at, panels=panels, limits=Ladder().rows(panels, at))


@pytest.mark.parametrize("at", [1_763_385_787_455, 1_763_433_189_039])
def test_the_recorded_bot_tells_no_amount(recorded_store: MemoryStore, at: int) -> None:
    """Its account was never worth anything: the amounts are planted, all else is as it was."""
    secrets = Secrets(2)
    frame = recorded_frame(recorded_store, at)
    panels = tuple(money(secrets, panel) for panel in frame.panels)
    frame = replace(frame, panels=panels, limits=Ladder().rows(panels, at))
    assert told(secrets, as_json(frame))
    for name in (ScreenName.OVERVIEW, ScreenName.DASHBOARD):
        for size in SIZES:
            text = as_text(screen(redact(frame), Look(screen=name), *size), *size)
            assert told(secrets, text) == []
    assert told(secrets, as_json(redact(frame))) == []
    hidden = redact(frame)
    for before, after in zip(frame.panels, hidden.panels, strict=True):
        for one, other in zip(before.series, after.series, strict=True):
            assert one.reading == other.reading or one.reading.kind is Kind.MONEY, before.panel.id


KNOWN = {
    Frame: "view at now bots bot panels limits alerts dead rules_ok feed error_groups positions recorder detail event"
    " errors_by_type errors_by_pair group story alike explained marks incidents redacted notices connecting",
    BotFrame: "name mode url up reason age stale interval healths deployed_at hours restarts preset version pnl worst"
    " firing pending critical errors quiet to_review page_errors page_error_count series first_seen bell",
    Panel: "id title queries pane kind unit label thresholds minimum maximum decimals signed by states needs runbook"
    " row alert",
    SeriesFrame: "query legend labels reading trend",
    PanelFrame: "panel series level error",
    LimitFrame: "panel label legend labels reading limit scale_min scale_max closeness eta aside query slope rung",
    Reading: "value unit kind presence level t unmoved_since",
    Trend: "start step values",
    ExplainFrame: "rule alert asked at tree problem judged limit eta of trend annotations notes others events around",
    Part: "text gives op leaf elements more parts cut empty holds limit problem unit kind against",
    Element: "labels value t count",
    Empty: "lack said have t",
    DetailFrame: "panel query series stats expr raw help type used_by rules events around reached notes",
    StatsFrame: "now minimum average p95 maximum above samples step gaps missing",
    ErrorGroup: "category text count last level newest fingerprint type first bots pairs trend fresh waiting reviewed",
    ErrorTally: "names counts last",
    GroupFrame: "group events",
    Position: "pair strategy side size entry opened_at pnl",
    FeedFrame: "events per_hour derived stale reason filter problem hidden total dropped",
    Story: "signal risk opened close paired since",
    RecorderFrame: "attached pid path reason notices",
    BotEvent: "id t bot type cls source pair strategy category level facts written guessed_time sequence flaws repeats",
    DeadRule: "rule reason suggestion",
    Alert: "rule labels state value active_at fired_at resolved_at last_seen kept_since annotations panels"
    " silence is_worse is_drill server",
    Rule: "name expr hold keep_firing level labels summary runbook condition panel annotations group source"
    " corrects removes",
    Health: "role state url latency checked_at since reason mode components issues",
    Mark: "id t text everybodys",
    Incident: "t cls level label",
}
"""What redaction has been thought through for."""


@pytest.mark.parametrize("of", KNOWN, ids=lambda of: of.__name__)
def test_a_new_field_has_to_be_thought_of(of: type) -> None:
    """Hide it in tradetop.redact where it may tell an amount, an id or a host; then add it here."""
    assert {f.name for f in fields(of)} == set(KNOWN[of].split())


def test_what_an_explanation_says_of_shares_and_states_stays() -> None:
    of, hidden = sample_explained().explained, redact(sample_explained()).explained
    assert of is not None
    assert hidden is not None
    assert (hidden.tree, hidden.judged, hidden.limit, hidden.trend) == (of.tree, of.judged, of.limit, of.trend)
    assert (hidden.events[0].t, hidden.around) == (of.events[0].t, of.around)
    assert hidden.alert is not None
    assert of.alert is not None
    # Where the rule stands is a path on somebody's machine; all else of the alert is a share.
    assert replace(hidden.alert, rule=replace(hidden.alert.rule, source=of.alert.rule.source)) == of.alert


def test_an_explanation_of_money_keeps_its_proportions() -> None:
    secrets = Secrets(4)
    frame = secret_explained(secrets)
    of, hidden = frame.explained, redact(frame).explained
    assert of is not None
    assert hidden is not None
    assert of.judged is not None
    assert of.limit is not None
    assert hidden.judged is not None
    assert hidden.limit is not None
    assert hidden.trend is not None
    assert of.trend is not None
    whole = float.__truediv__(of.judged.value or 0.0, of.limit.value)
    assert float(hidden.judged.value or 0.0) / float(hidden.limit.value) == pytest.approx(whole)
    assert isinstance(hidden.trend.values, Proportions)
    assert f"{hidden.judged.value}" == f"{hidden.limit.value}" == HIDDEN


def test_a_prompt_does_not_undo_it() -> None:
    look = Look(redacted=True, prompt=Prompt(PromptKind.FILTER, "x"))
    assert "1,284.20" not in as_text(screen(redact(sample_frame()), look, 80, 24), 80, 24)
