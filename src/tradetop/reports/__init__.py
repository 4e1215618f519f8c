"""Reports: what the events of any window say of strategies, pairs, latency and errors, each figure with its n."""

from tradetop.reports.ab import ab
from tradetop.reports.asked import Asked, Report
from tradetop.reports.daily import daily
from tradetop.reports.errors import errors
from tradetop.reports.latency import latency
from tradetop.reports.pairs import pairs
from tradetop.reports.signals import signals
from tradetop.reports.strategies import strategies

REPORTS = {report.__name__: report for report in (daily, strategies, pairs, signals, latency, errors, ab)}
"""What can be asked for, by name; each takes the cache and what is asked."""

__all__ = ["REPORTS", "Asked", "Report", "ab", "daily", "errors", "latency", "pairs", "signals", "strategies"]
