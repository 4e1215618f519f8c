"""Stores: series in memory, their history in a file, and the notebook."""

from tradetop.store.memory import MemoryStore

__all__ = ["MemoryStore"]
