"""Dashboards: panels as files, built-in presets, and their evaluation."""

from tradetop.dashboards.evaluate import Evaluator, Footing, PanelEvaluator
from tradetop.dashboards.file import load, override, parse, unknown_overrides

__all__ = ["Evaluator", "Footing", "PanelEvaluator", "load", "override", "parse", "unknown_overrides"]
