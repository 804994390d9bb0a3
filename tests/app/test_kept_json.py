"""What a project keeps as JSON comes back, whatever file names are in it."""

from __future__ import annotations

import os

import pytest

from app.kept_json import decode, encode
from app.state_values import KeptSplit, PairSettings


@pytest.mark.parametrize("name", ["a/b.jpg", "größer 🦆", os.fsdecode(b"caf\xe9.jpg")])
def test_settings_come_back(name: str) -> None:
    settings = PairSettings(image=name, thresholds={name: 0.5}, mapping={name: "x"}, split=KeptSplit(held=b"\x00\xff"))
    assert decode(encode(settings), PairSettings) == settings


@pytest.mark.parametrize("content", [b"", b"{", b'{"image": 3}', b"[" * 100_000, b"\xff\xfe"])
def test_anything_else_is_a_value_error(content: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each with words of its own
        decode(content, PairSettings)
