"""Every widget test starts in the light theme and leaves no top-level widget behind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

from widgets.theme import LIGHT, apply_theme

# Qt keeps the one tool tip; a menu without a parent lives as long as the fixture value that holds it.
_NO_WINDOWS = ("QTipLabel", "QMenu")


@pytest.fixture(autouse=True)
def light_theme(qapp: QApplication) -> Iterator[None]:
    apply_theme(qapp, LIGHT)
    before = set(qapp.topLevelWidgets())
    yield
    # By now qtbot has closed the widgets it was given; what it asked to be deleted is deleted here.
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    now = [widget for widget in qapp.topLevelWidgets() if widget not in before]
    survivors = [widget for widget in now if widget.metaObject().className() not in _NO_WINDOWS]
    assert not survivors, f"top-level widgets outlive the test: {survivors}"
