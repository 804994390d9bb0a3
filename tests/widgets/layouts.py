"""How often a window is asked to lay itself out: what a slider's move must not do."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QWidget


class _Requests(QObject):
    count = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.LayoutRequest and isinstance(watched, QWidget)
        return False


def layouts_asked_for(widget: QWidget, act: Callable[[], None]) -> int:
    """Layouts that anything in the widget's window asks for while ``act`` runs and its events are handled.

    What was asked for before is done first.
    """
    app = QApplication.instance()
    assert app is not None
    assert widget.isVisible()
    for _ in range(3):
        QApplication.processEvents()
    requests = _Requests()
    app.installEventFilter(requests)
    try:
        act()
        for _ in range(3):
            QApplication.processEvents()
    finally:
        app.removeEventFilter(requests)
    return requests.count
