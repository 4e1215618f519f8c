"""What goes wrong in a template."""

from __future__ import annotations


class TemplateError(ValueError):
    """A template that cannot be parsed or executed; the text is Go's, with template:line:column."""


class CallError(Exception):
    """A function of a template refuses its arguments; the executor says where."""
