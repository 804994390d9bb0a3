"""stub"""

from __future__ import annotations

from typing import Any


class Dialogs:
    """stub"""

    def __init__(self, *a: Any) -> None:
        pass

    def __getattr__(self, name: str) -> Any:
        return lambda *a: print(name, a)
