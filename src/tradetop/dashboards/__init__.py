"""Dashboards: panels as files, built-in presets, and their evaluation."""

from tradetop.dashboards.anybot import any_dashboard
from tradetop.dashboards.choose import ANY, UnknownPresetError, choose, complement, preset, preset_names
from tradetop.dashboards.evaluate import Evaluator, Footing, PanelEvaluator
from tradetop.dashboards.file import load, override, parse, unknown_overrides

__all__ = [
    "ANY",
    "Evaluator",
    "Footing",
    "PanelEvaluator",
    "UnknownPresetError",
    "any_dashboard",
    "choose",
    "complement",
    "load",
    "override",
    "parse",
    "preset",
    "preset_names",
    "unknown_overrides",
]
