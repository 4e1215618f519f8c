"""Label sets: the identity of a series."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

NAME = "__name__"


class Labels(Mapping[str, str]):
    """An immutable, hashable label set; an empty value means the label is absent."""

    __slots__ = ("_by_name", "_hash")

    def __init__(self, labels: Mapping[str, str] | None = None) -> None:
        pairs = {name: value for name, value in sorted((labels or {}).items()) if value != ""}
        self._by_name: dict[str, str] = pairs
        self._hash = hash(tuple(pairs.items()))

    def __getitem__(self, name: str) -> str:
        return self._by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Labels):
            return self._hash == other._hash and self._by_name == other._by_name
        return isinstance(other, Mapping) and self._by_name == dict(other.items())

    @property
    def name(self) -> str:
        """The metric name, or "" where an operation dropped it."""
        return self._by_name.get(NAME, "")

    def without(self, *names: str) -> Labels:
        """The label set less the named labels."""
        return Labels({k: v for k, v in self._by_name.items() if k not in names})

    def keeping(self, *names: str) -> Labels:
        """Only the named labels."""
        return Labels({k: v for k, v in self._by_name.items() if k in names})

    def merged(self, other: Mapping[str, str]) -> Labels:
        """The label set with `other`'s labels put over it."""
        return Labels({**self._by_name, **other})

    def __str__(self) -> str:
        pairs = ",".join(f'{k}="{quote(v)}"' for k, v in self._by_name.items() if k != NAME)
        return self.name + (f"{{{pairs}}}" if pairs or not self.name else "")

    def __repr__(self) -> str:
        return f"Labels({self})"


def quote(value: str) -> str:
    """Escape a label value as the text exposition format does."""
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


EMPTY = Labels()
