"""Dead alerts: the rules of files that can never fire against a bot, found while it is watched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from tradetop.model.alert import DeadRule, RecordingRule, Rule
from tradetop.model.clock import MINUTE
from tradetop.model.panel import Dashboard
from tradetop.viewer.bot import Bot

if TYPE_CHECKING:
    from tradetop.doctor import Knowledge

EVER = 1 << 62
_NAMES = ("job", "instance")
"""Labels by which targets differ."""
ANEW = 10 * MINUTE
"""How long values may change what was found before it is looked for again (ms)."""


class DeadRules:
    """Looks for them when rules or series are others than before: it takes some hundredths of a second."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._key: tuple[object, ...] = ()
        self._found: tuple[DeadRule, ...] = ()

    def of(self, dashboard: Dashboard, at: int) -> tuple[DeadRule, ...]:
        """The dead rules by what is known at `at` (ms); none before the bot has answered once."""
        bot, rules = self._bot, self._bot.filed()
        if not rules or bot.status().scraped_at is None:
            return ()
        # Whoever has no rule files never loads the doctor.
        from tradetop.doctor import known_of, names_of
        from tradetop.doctor.caps import of_preset
        from tradetop.doctor.knowledge import common

        whole = bot.whole
        columns = (bot if whole is None else whole).series.select((), 0, EVER)
        families = bot.families() if whole is None else whole.families()
        key = (id(rules), len(columns), len(families), at // ANEW)
        if key != self._key:
            self._key = key
            known = known_of(columns, families, names_of(rules))
            targets = [column.labels for column in columns if column.labels.name == "up"]
            if whole is not None:
                names = {name: frozenset(labels.get(name, "") for labels in targets) for name in _NAMES}
                known = replace(known, target=names)
            known = replace(
                known,
                identity=common(targets),
                caps=of_preset(dashboard),
                set_in_work=dashboard.set_in_work,
                born_counters=bot.target.born_counters,
            )
            self._found = _dead(rules, known)
        return self._found


def _dead(rules: Sequence[Rule | RecordingRule], known: Knowledge) -> tuple[DeadRule, ...]:
    from tradetop.doctor import dead

    found = {(verdict.subject, verdict.place): verdict for verdict in dead(rules, known)}
    alerting = (rule for rule in rules if isinstance(rule, Rule))
    pairs = ((rule, found.get((rule.name, rule.source))) for rule in alerting)
    return tuple(DeadRule(rule, verdict.reason, verdict.suggestion) for rule, verdict in pairs if verdict is not None)
