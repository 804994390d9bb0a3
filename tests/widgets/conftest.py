"""Every widget test starts in the light theme and leaves no top-level widget behind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

from widgets.theme import LIGHT, apply_theme


@pytest.fixture(autouse=True)
def light_theme(qapp: QApplication) -> Iterator[None]:
    apply_theme(qapp, LIGHT)
    yield
    # Not torn down before qtbot closes its widgets: autouse fixtures are set up first and end last.
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    survivors = [widget for widget in qapp.topLevelWidgets() if not widget.isHidden()]
    assert not survivors, f"top-level widgets outlive the test: {survivors}"
