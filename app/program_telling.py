"""Puts models that are programs into words: the question before one runs."""

from __future__ import annotations

import os

from PySide6.QtCore import QObject, Qt

from app.assembly import Controllers
from app.main_window import MainWindow
from inference.models.values import NeedsConsent
from widgets.dialogs.consent_dialog import ConsentDialog, ConsentFile, ConsentView


class ProgramPresenter(QObject):
    """Opens its dialog beside the window, never over a running event loop of its own."""

    def __init__(self, window: MainWindow, made: Controllers) -> None:
        super().__init__(window)
        self._window, self._made = window, made

    def ask_for_consent(self, needed: NeedsConsent) -> None:
        """What would run; without an answer nothing does, and what was open stays."""
        for old in self._window.findChildren(ConsentDialog):
            old.blockSignals(True)  # another wish has come meanwhile
            old.close()
        dialog = ConsentDialog(consent_view(needed), self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(lambda: self._made.opening.answer_consent(needed, dialog.remember()))
        dialog.open()


def consent_view(needed: NeedsConsent) -> ConsentView:
    """The question as the dialog shows it."""
    files = tuple(ConsentFile(file.path, file.size, file.sha256) for file in needed.files)
    return ConsentView(os.path.basename(needed.path), needed.kind, files)
