"""The list "Rate-limit warnings persist": how close the limits are, and whether the bot's cache is on and hits."""

from __future__ import annotations

from tradetop.doctor.bot_folder import log_lines, settings_lines
from tradetop.doctor.case import Case, Found, Step
from tradetop.doctor.knowledge import Knowledge

_RATE_LIMIT = ("rate_limiter_utilization", "rate_limit_utilization")


def rate_limits(case: Case) -> tuple[Step, ...]:
    """The steps of the list."""
    steps = [_usage(case.known)]
    if case.folder is None:
        steps.append(Step("Is the products cache on?", Found.OPEN, "--bot-dir DIR lets its settings and logs be read"))
        return tuple(steps)
    settings = settings_lines(case.folder, "products_cache_minutes")
    hits = log_lines(case.folder, "Products cache HIT")
    set_ = next((line for line in settings.lines if not line.text.startswith("#")), None)
    minutes = _number(set_.text) if set_ is not None else None
    if set_ is None or minutes is None:
        text = (
            f"products_cache_minutes is in none of {settings.files} settings files: set it to 5 in config/universe.yaml"
        )
        steps.append(Step("Is the products cache on?", Found.WRONG, text))
    else:
        found = Found.GOOD if minutes > 0 else Found.WRONG
        steps.append(Step("Is the products cache on?", found, f"{set_.place}: {set_.text}"))
    if hits.count:
        text = f'{hits.count:,} lines "Products cache HIT", the last in {hits.lines[-1].file}'
        steps.append(Step("Does it hit?", Found.GOOD, text))
    else:
        where = f"in {hits.files} logs" if hits.files else ": there are no logs"
        steps.append(Step("Does it hit?", Found.WRONG, f'"Products cache HIT" is nowhere {where}'.replace(" :", ":")))
    if minutes is not None and minutes < 15:
        steps.append(
            Step("Can it last longer?", Found.OPEN, f"products_cache_minutes: 15 instead of {minutes:g}, if safe")
        )
    return tuple(steps)


def _usage(known: Knowledge) -> Step:
    question = "Is a rate limit close?"
    for name, family in known.series.items():
        if any(word in name for word in _RATE_LIMIT):
            found = [(seen.stat.high, seen) for seen in family if seen.stat is not None]
            if found:
                high, seen = max(found, key=lambda pair: pair[0])
                percent = high if "pct" in name else 100 * high
                where = next((v for k, v in seen.labels.items() if k in ("endpoint", "channel")), name)
                return Step(question, Found.WRONG if percent > 80 else Found.GOOD, f"at most {percent:.0f}% ({where})")
    declared = next((n for n in known.names if any(word in n for word in _RATE_LIMIT)), "")
    return Step(question, Found.OPEN, f"{declared} has no series yet" if declared else "no metric says so")


def _number(text: str) -> float | None:
    try:
        return float(text.partition("#")[0].rpartition(":")[2].strip().strip("\"',"))
    except ValueError:
        return None
