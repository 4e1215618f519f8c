"""The doctor: which rules can never fire and which panels can never show anything, and why."""

from tradetop.doctor.knowledge import Cap, Knowledge, known_of, with_page
from tradetop.doctor.rules import dead, judge, names_of
from tradetop.doctor.verdict import Check, Finding, Kind, Verdict, worst_first

__all__ = [
    "Cap",
    "Check",
    "Finding",
    "Kind",
    "Knowledge",
    "Verdict",
    "dead",
    "judge",
    "known_of",
    "names_of",
    "with_page",
    "worst_first",
]
