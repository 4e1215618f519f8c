"""Stores: where series live in memory."""

from tradetop.store.memory import MemoryStore

__all__ = ["MemoryStore"]
