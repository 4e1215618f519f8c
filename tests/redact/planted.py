"""A frame with a secret in every place that a bot, a config or a person can put one."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from panes.frames import (
    NOW,
    climb,
    framed,
    limits_of,
    panel_of,
    sample_bot,
    sample_detail,
    sample_fleet,
    sample_frame,
    series,
    thresholds,
)
from tradetop.model.alert import Alert, AlertState, Rule
from tradetop.model.bot_event import BotEvent, EventClass, EventSource, Fact
from tradetop.model.clock import SECOND
from tradetop.model.detail_frame import ExplainFrame, StatsFrame
from tradetop.model.explanation import Element, Empty, Gives, Lack, Part
from tradetop.model.feed_frame import ErrorGroup, ErrorTally, FeedFrame, GroupFrame, Incident, Position
from tradetop.model.frame import BotFrame, Frame, RecorderFrame
from tradetop.model.labels import EMPTY, Labels
from tradetop.model.level import Level, Presence
from tradetop.model.mark import Mark
from tradetop.model.panel import PanelKind, PaneName, Query, Side, Threshold
from tradetop.model.panel_frame import PanelFrame, Reading, SeriesFrame, Trend
from tradetop.model.target import Component, Health, HealthState, LineError
from tradetop.model.unit import Kind, Unit
from tradetop.model.view import AlertFocus, View


@dataclass
class Secrets:
    """Gives a new number, id or host each time, and remembers them all."""

    seed: int
    numbers: list[float] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    styles: list[str] = field(default_factory=list)

    def number(self) -> float:
        """Six digits before the point, two behind, none like another."""
        count = len(self.numbers) + 1
        value = 100_000 + (self.seed * 7_919 + count * 104_729) % 899_999 + 0.01 * ((count * 37 + self.seed) % 89 + 10)
        self.numbers.append(round(value, 2))
        return self.numbers[-1]

    def text(self, form: str) -> str:
        """An id or a host in a form such as `ord-{}`."""
        count = len(self.texts) + 1
        digits = f"{(self.seed * 31 + count * 7_907) % 900_000 + 100_000}"
        self.texts.append(form.format(digits))
        return self.texts[-1]

    def amount(self) -> str:
        """An amount as people and programs write one."""
        style = self.styles[len(self.numbers) % len(self.styles)] if self.styles else "{:.2f}"
        return style.format(self.number())

    def host(self) -> str:
        return self.text("box-{}.internal.example.com")

    def sentence(self) -> str:
        """What an error may say."""
        return (
            f"order {self.text('ab{}')} of wallet=w{self.text('{}x')} refused by {self.host()}:8443: "
            f"need {self.amount()} at {self.amount()}, 1.5% over, see https://{self.host()}/v1?key={self.text('k{}')}"
        )


STYLES = ("{:.2f}", "{:,.2f}", "{:.0f}", "${:,.2f}", "{:.2f} USDT", "{:.4f}BTC", "USD{:.2f}", "-{:,.0f} USD", "x{:.1f}")


def money(secrets: Secrets, panel: PanelFrame) -> PanelFrame:
    """The panel with secret values wherever it has any that are money."""
    of = panel.panel

    def one(found: SeriesFrame) -> SeriesFrame:
        if found.reading.unit is not Unit.USD or found.reading.value is None:
            return found
        sign = -1.0 if found.reading.value < 0 else 1.0
        shape = climb(secrets.number() / 2, secrets.number(), 1_000.0)
        values = tuple(sign * shape(i / 119) for i in range(120))
        trend = Trend(found.trend.start, found.trend.step, values)
        return replace(found, reading=replace(found.reading, value=sign * secrets.number()), trend=trend)

    if of.unit is Unit.USD and of.thresholds:
        of = replace(of, thresholds=thresholds(-secrets.number(), -secrets.number() - 900_000, Side.BELOW))
        of = replace(of, minimum=-secrets.number() * 3, maximum=secrets.number())
    if of.unit is Unit.USD:
        runbook = f"Move {secrets.amount()} to {secrets.host()}"
        of = replace(of, title=f"{of.title} of {secrets.number():,.2f} USD", runbook=runbook)
    return replace(panel, panel=of, series=tuple(map(one, panel.series)))


def labelled(secrets: Secrets) -> list[PanelFrame]:
    """Panels without a unit that hold quantities, each series with labels that nobody should see."""
    found: list[PanelFrame] = []
    for pane, kind in (
        (PaneName.STRATEGIES, PanelKind.BARS),
        (PaneName.RATES, PanelKind.BARS),
        (PaneName.ERRORS, PanelKind.BARS),
        (PaneName.CYCLE, PanelKind.BARS),
        (PaneName.LIMITS, PanelKind.GAUGE),
        (PaneName.LIMITS, PanelKind.STAT),
        (PaneName.DASHBOARD, PanelKind.CHART),
    ):
        panel = panel_of(f"size-{pane.value}-{kind.value}", "Position size", pane, kind, Unit.SHORT,
                         f'bot_position_size{{host="{secrets.host()}"}} > {secrets.number():.2f}', label="size",
                         thresholds=thresholds(secrets.number(), secrets.number() + 900_000),
                         row="Quantities")  # fmt: skip
        rows = []
        for _ in range(3):
            wallet = secrets.text("main-{}")
            labels = {"wallet": wallet, "instance": f"{secrets.host()}:8000", "order_id": secrets.text("o{}")}
            value = secrets.number()
            rows.append(series(panel, value, climb(value / 2, value, 10.0), labels, f"{wallet} {labels['order_id']}"))
        found.append(framed(panel, *rows))
    by = replace(
        found[0].panel,
        id="by-wallet",
        kind=PanelKind.TABLE,
        by="wallet",
        queries=(Query("bot_position_size", column="SIZE"), Query("bot_pnl_usd", column="P&L", unit=Unit.USD)),
    )
    grid = []
    for _ in range(3):
        wallet = secrets.text("wal-{}")
        for query in (0, 1):
            value = secrets.number()
            grid.append(series(by, value, climb(0, value, 9.0), {"wallet": wallet}, wallet, query))
    return [framed(by, *grid), *found]


def alerts(secrets: Secrets) -> tuple[Alert, ...]:
    """One on a panel of money, one on nothing but an expression, one on shares."""
    limit = secrets.number()
    labels = Labels({"wallet": secrets.text("main-{}"), "instance": f"{secrets.host()}:8000"})
    loss = Rule("DayLoss", f"(trader_daily_pnl_usd) < -{limit}", 60_000, 0, Level.CRITICAL, condition=f"< -{limit:g}",
                summary=f"Daily loss < -{limit:g}", panel="day_loss")  # fmt: skip
    expr = f'cash_balance{{account="{secrets.text("acct-{}")}"}} < {secrets.number()}'
    other = Rule("LowCash", expr, level=Level.WARNING, condition=f"< {secrets.number():g}",
                 summary=f"less than {secrets.amount()}", source=f"/home/{secrets.host()}/rules.yml:3:5",
                 annotations=Labels({"description": f"{secrets.amount()} left at {secrets.host()}"}))  # fmt: skip
    return (
        Alert(loss, labels, AlertState.FIRING, -secrets.number(), NOW - 190 * SECOND, NOW - 130 * SECOND),
        Alert(loss, Labels({"wallet": secrets.text("m{}-b")}), AlertState.FIRING, -secrets.number(), NOW - 9_000),
        Alert(
            other,
            Labels({"account": secrets.text("acct-{}")}),
            AlertState.PENDING,
            secrets.number(),
            NOW - 5_000,
            annotations=Labels(
                {
                    "summary": f"{secrets.amount()} left at {secrets.host()}",
                    "description": f"see http://{secrets.text('wallet-{}')}.example/cash: ${secrets.number():.2f}",
                }
            ),
        ),
        *sample_frame().alerts,
    )


def happenings(secrets: Secrets) -> tuple[BotEvent, ...]:
    """A feed in which everything may be a secret."""
    found: list[BotEvent] = []
    for index, cls in enumerate([*EventClass, *EventClass]):
        facts = (
            Fact("message", secrets.sentence()),
            Fact("pnl_usd", -secrets.number(), Kind.MONEY, Unit.USD),
            Fact("size", secrets.number(), Kind.QUANTITY),
            Fact("price", secrets.number(), Kind.MONEY),
            Fact("qty", secrets.number(), Kind.COUNT, Unit.SHORT),
            Fact("order_id", secrets.text("{}"), Kind.ID),
            Fact("rpc", secrets.host(), Kind.HOST),
            Fact("value", secrets.number(), Kind.COUNT, Unit.SHORT) if cls is EventClass.ALERT else Fact("side", "buy"),
            Fact("limit", f"> {secrets.number():g}") if cls is EventClass.ALERT else Fact("score", 0.86, Kind.COUNT),
            Fact("slippage", 0.4, Kind.PERCENT, Unit.PERCENT),
        )
        metadata = {
            "size_usd": secrets.number(), "wallet": secrets.text("0xab{}ef"), "note": secrets.sentence(),
            "nested": {"price": secrets.number(), "legs": [{"qty": secrets.number(), "id": secrets.text("leg{}")}]},
            "host": secrets.host(), "rsi": 38.4, "text": json.dumps({"balance": secrets.number()}),
        }  # fmt: skip
        raw = json.dumps({"event_type": "x", "bot_id": secrets.text("bot-{}"), "metadata": metadata})
        found.append(
            BotEvent(f"e{index}", NOW - (40 - index) * SECOND, "247trader-v2", cls.value, cls, EventSource.DATABASE,
                     pair="SOL-USD", strategy="momentum", level=Level.WARNING, facts=facts if index % 2 else facts[1:],
                     written=raw if index % 3 else raw[:-20])
        )  # fmt: skip
    return tuple(found)


def bot(secrets: Secrets, name: str, **more: object) -> BotFrame:
    """A bot that is down, with a reason; its name is an address where none is given."""
    host = secrets.host()
    parts = (Component("exchange", "down", secrets.sentence()),)
    health = Health("live", HealthState.UNHEALTHY, url=f"http://{host}:8000/health", reason=secrets.sentence(),
                    components=parts, issues=(secrets.sentence(),))  # fmt: skip
    return sample_bot(
        name or secrets.text("box-{}:8000"),
        **{
            "url": f"http://{host}:8000/metrics",
            "reason": f"cannot resolve {host}: {secrets.sentence()}",
            "healths": (health,),
            "pnl": Reading(-secrets.number(), Unit.USD, Kind.MONEY, Presence.LIVE, t=NOW),
            "page_errors": (LineError(3, f"equity_usd {secrets.number()}", f"bad value {secrets.amount()}"),),
            "page_error_count": 1,
            **more,
        },
    )


def _group(secrets: Secrets, events: Sequence[BotEvent], count: int) -> ErrorGroup:
    return ErrorGroup(
        "execution", secrets.sentence(), count, NOW - 42 * SECOND, newest=events[-1], fingerprint="ab12",
        type="error", bots=("10.1.2.3:8000",), pairs=("BTC-USD",),
    )  # fmt: skip


def secret_frame(secrets: Secrets) -> Frame:
    """One bot with everything."""
    base = sample_frame()
    panels = (*(money(secrets, p) for p in base.panels), *labelled(secrets))
    limits = limits_of(panels)
    events = happenings(secrets)
    return replace(
        base,
        view=View(span=base.view.span, bot=0, filter=secrets.sentence()),
        bots=(bot(secrets, "", worst=limits[0]),),
        panels=panels,
        limits=limits,
        alerts=alerts(secrets),
        feed=FeedFrame(events, 412, filter=secrets.amount(), problem=secrets.sentence(), reason=secrets.sentence()),
        error_groups=tuple(_group(secrets, events, 3 + i) for i in range(3)),
        errors_by_type=(ErrorTally(("error", "10.1.2.3:8000"), (("execution", 3),), NOW),),
        errors_by_pair=(ErrorTally(("BTC-USD",), (("execution", 3),), NOW),),
        group=GroupFrame(_group(secrets, events, 3), events),
        positions=tuple(
            Position(pair, "grid", "long", secrets.number(), secrets.number(), NOW - 60_000, -secrets.number())
            for pair in ("BTC-USD", "ETH-USD")
        ),
        recorder=RecorderFrame(True, 7, f"/home/{secrets.text('u{}')}/x.db", secrets.sentence(), (secrets.sentence(),)),
        marks=(Mark("m", NOW - 3_600_000, f"raised the limit to {secrets.amount()}"),),
        incidents=(Incident(NOW - 7_200_000, EventClass.ALERT, Level.CRITICAL, f"lost {secrets.amount()}"),),
        notices=(secrets.sentence(), f"/home/{secrets.text('u{}')}/config.yaml is broken"),
        event=events[-1],
    )


def secret_detail(secrets: Secrets) -> Frame:
    """The way down to a series of money."""
    frame = secret_frame(secrets)
    panel = next(p for p in frame.panels if p.panel.id == "day_loss")
    one = panel.series[0]
    labels = f'instance="{secrets.host()}:8000",bot_id="{secrets.text("b{}")}"'
    figures = [secrets.number() for _ in range(5)]
    stats = StatsFrame(*figures, tuple((t, 380_000) for t in panel.panel.thresholds), 2_160)
    detail = sample_detail().detail
    assert detail is not None
    found = replace(
        detail,
        panel=panel.panel,
        series=replace(one, labels=Labels({"wallet": secrets.text("main-{}")}), legend=secrets.text("box-{}:9000")),
        stats=stats,
        expr=f'trader_daily_pnl_usd{{host="{secrets.host()}"}} < -{secrets.number()}',
        raw=(
            f"trader_daily_pnl_usd{{{labels}}} -{secrets.number()}",
            f"trader_daily_pnl_usd {secrets.number():.2e}",
        ),
        help=f"Daily P&L in USD, as of {secrets.number():,.2f} USD",
        rules=tuple(a.rule for a in frame.alerts),
        events=frame.feed.events[:5],
    )
    return replace(frame, detail=found)


def secret_explained(secrets: Secrets) -> Frame:
    """Why an alert about money fires, with secrets in every part of its expression."""
    frame = secret_frame(secrets)
    alert = replace(frame.alerts[0], value=-secrets.number())
    limit = Threshold(-secrets.number(), Level.CRITICAL, Side.BELOW)
    wallet = {"wallet": secrets.text("main-{}"), "instance": f"{secrets.host()}:8000"}
    leaf = Part(
        f'trader_daily_pnl_usd{{host="{secrets.host()}", "wallet.id"="{secrets.text("w{}")}"}}', Gives.VECTOR,
        leaf=True, against=limit,
        elements=tuple(Element(Labels({**wallet, "id": secrets.text("i{}")}), -secrets.number(), NOW) for _ in "abc"),
    )  # fmt: skip
    size = Part("bot_position_size", Gives.RANGE, leaf=True, elements=(Element(EMPTY, secrets.number(), NOW, 3),))
    cut = Part(f'x{{wallet="{secrets.text("z{}")} and mo… (2,000 characters)', Gives.VECTOR, leaf=True)
    reasons = (
        Empty(Lack.LABELS, f'wallet="{secrets.text("y{}")}"', (secrets.text("have-{}"), secrets.text("too-{}"))),
        Empty(Lack.UNMATCHED, f'{{account="{secrets.text("a{}")}"}} beside {{}}'),
    )
    gone = (Part("bot_position_size", Gives.VECTOR, leaf=True, empty=why) for why in reasons)
    failed = Part("a * b", Gives.VECTOR, problem=f'found duplicates for {{wallet="{secrets.text("d{}")}"}}')
    tree = Part(
        f"trader_daily_pnl_usd < {limit.value} or bot_position_size > {secrets.number()}", Gives.VECTOR, "or",
        elements=(Element(Labels(wallet), -secrets.number(), NOW),), limit=-secrets.number(), holds=True,
        parts=(leaf, size, cut, failed, *gone),
    )  # fmt: skip
    shape = climb(-secrets.number(), -secrets.number(), 1_000.0)
    texts = Labels({"description": secrets.sentence(), "runbook": f"Move {secrets.amount()} to {secrets.host()}"})
    rule = replace(alert.rule, annotations=texts, source=f"/home/{secrets.text('s{}')}/rules.yaml:3:4", runbook="")
    of = ExplainFrame(
        rule=rule, alert=alert, asked=NOW, at=NOW, tree=tree, problem=secrets.sentence(),
        judged=Reading(-secrets.number(), Unit.USD, Kind.MONEY, Presence.LIVE, Level.CRITICAL, NOW), limit=limit,
        of=leaf.text, trend=Trend(NOW - 119_000, 1_000, tuple(shape(i / 119) for i in range(120))),
        annotations=texts, events=frame.feed.events[:9], around=NOW - 190 * SECOND,
    )  # fmt: skip
    focus = AlertFocus((rule.name,), rule.panel, alert.labels)
    return replace(frame, explained=of, view=replace(frame.view, alert=focus))


def secret_fleet(secrets: Secrets) -> Frame:
    """Several bots, one of them named by its address."""
    bots = (bot(secrets, "grid"), bot(secrets, ""), bot(secrets, "", up=False, stale=True))
    return replace(secret_frame(secrets), bots=bots, bot=-1, view=replace(sample_fleet().view))
