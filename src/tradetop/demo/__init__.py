"""The sample bot: a real exporter, real health endpoints and a real event database, in a process of its own."""

from tradetop.demo.sample_bot import SampleBot, SampleBotError, launch

__all__ = ["SampleBot", "SampleBotError", "launch"]
