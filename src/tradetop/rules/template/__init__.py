"""Go text/template as Prometheus' alerts use it."""

from tradetop.rules.template.error import TemplateError
from tradetop.rules.template.expand import Expansion, check, expand, expand_data, render

__all__ = ["Expansion", "TemplateError", "check", "expand", "expand_data", "render"]
