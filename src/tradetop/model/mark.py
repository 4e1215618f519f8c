"""Marks: what a person wrote onto the time axis, such as a deployment or a change of the config."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mark:
    """A text at a time (ms); it is already clean."""

    id: str
    t: int
    text: str
    everybodys: bool = False
    """It is on the time axis of every bot."""

    @property
    def is_deployment(self) -> bool:
        """Whether T+ counts from it: its text begins with "deploy"."""
        return self.text.lower().startswith("deploy")
