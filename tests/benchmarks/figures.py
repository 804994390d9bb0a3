"""What a benchmark says: one line a figure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """A measured value beside its target."""

    name: str
    value: str
    target: str
    ok: bool

    def line(self) -> str:
        """``name | figure | target | ok or SHORT``."""
        return f"{self.name} | {self.value} | {self.target} | {'ok' if self.ok else 'SHORT'}"
