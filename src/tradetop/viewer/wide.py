"""Rules of files where several targets are watched: over the series of all, what belongs to one bot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tradetop.dashboards.evaluate import Footing, PanelEvaluator
from tradetop.limits import rule_panels
from tradetop.model.alert import Rule
from tradetop.model.clock import DAY
from tradetop.model.labels import EMPTY, NAME
from tradetop.model.matcher import Matcher, MatchOp
from tradetop.model.panel import Panel
from tradetop.model.panel_frame import PanelFrame
from tradetop.model.view import View
from tradetop.promql import Engine
from tradetop.viewer.bot import Bot, Whole
from tradetop.viewer.detail import Details
from tradetop.viewer.spanned import Spanned

_UP = (Matcher(NAME, MatchOp.EQUAL, "up"),)


class Wide:
    """The series of all targets, for one bot; the limits of rules are evaluated over them."""

    def __init__(self, bot: Bot, whole: Whole, stand_back: Callable[[], object]) -> None:
        born = bot.target.born_counters
        self.whole = whole
        self.engine = Engine(whole.series, born_counters=born)
        self.spanned = Spanned(self.engine, whole.past, born, stand_back)
        self.details = Details(bot, self.spanned)
        self._evaluator = PanelEvaluator()
        self._rewritten = 0
        self._rules: tuple[Rule, ...] = ()
        self._known: tuple[Panel, ...] = ()
        self._panels: tuple[Panel, ...] = ()

    def has(self, panel: str) -> bool:
        """Whether a panel, by its id, is the limit of such a rule."""
        return any(each.id == panel for each in self._panels)

    def frames(
        self, rules: tuple[Rule, ...], known: tuple[Panel, ...], view: View, at: int, footing: Footing, rewritten: int
    ) -> tuple[PanelFrame, ...]:
        """The limits of rules with the series that belong to the bot; `known` are the panels that say the same."""
        if (rules, known) != (self._rules, self._known):
            self._rules, self._known, self._panels = rules, known, rule_panels(rules, known)
        if rewritten != self._rewritten:
            self._rewritten, self._evaluator = rewritten, PanelEvaluator()
        footing = replace(footing, settled=self.spanned.settled(self._landed(at), at))
        found = self._evaluator.frames(
            self.spanned, self._panels, at=at, span=view.span, points=view.points, footing=footing
        )
        return tuple(frame for frame in map(self._own, found) if frame is not None)

    def _own(self, frame: PanelFrame) -> PanelFrame | None:
        series = tuple(each for each in frame.series if self.whole.owns(each.labels))
        if not series and (frame.series or not self.whole.owns(EMPTY)):
            return None
        return replace(frame, series=series)

    def _landed(self, at: int) -> int | None:
        """The time (ms) up to which the samples of every target are there."""
        return min((column.times[-1] for column in self.whole.series.select(_UP, at - DAY, at)), default=None)
