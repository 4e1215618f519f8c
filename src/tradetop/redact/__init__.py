"""Redaction: a frame without amounts, quantities, ids and hosts; shapes, shares, counts and times stay."""

from tradetop.redact.frame import Redactor, redact

__all__ = ["Redactor", "redact"]
