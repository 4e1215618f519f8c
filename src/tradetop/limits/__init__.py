"""Limits: every threshold as a distance, the closest first."""

from tradetop.limits.ladder import Ladder

__all__ = ["Ladder"]
