"""Counting what a reader leaves out, so that one sentence speaks of many cases."""

from __future__ import annotations

from inference.data.sentences import counted, some

_SHOWN = 5


class Doubts:
    """Cases of what is wrong in one file, by kind: a noun, and what became of it and why."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._cases: dict[tuple[str, str], list[str]] = {}
        self._counts: dict[tuple[str, str], int] = {}

    def add(self, noun: str, why: str, example: object = "") -> None:
        """One more case: ``add("image", "left out, without a name", "image 4")``."""
        kind = (noun, why)
        self._counts[kind] = self._counts.get(kind, 0) + 1
        examples = self._cases.setdefault(kind, [])
        if len(examples) < _SHOWN and str(example):
            examples.append(str(example))

    def sentences(self) -> list[str]:
        """One for each kind: how many, and the first few."""
        return [
            f"{self.name}: {counted(number, noun)} {why}{self._examples((noun, why))}."
            for (noun, why), number in self._counts.items()
        ]

    def _examples(self, kind: tuple[str, str]) -> str:
        examples, number = self._cases[kind], self._counts[kind]
        if not examples:
            return ""
        more = f" and {number - len(examples):,} more" if number > len(examples) else ""
        return f": {some(examples)}{more}"
