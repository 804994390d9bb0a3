"""The pane of profiles: those that are saved, and several of them beside each other."""

from __future__ import annotations

from PySide6.QtWidgets import QTabWidget, QWidget

from widgets.tuning.compare_view import CompareView
from widgets.tuning.profile_list import ProfileList


class ProfilePane(QTabWidget):
    """Two pages; wanting to compare a profile shows the second."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.saved = ProfileList()
        self.compare = CompareView()
        self.setDocumentMode(True)
        self.setAccessibleName("Profiles")
        self.addTab(self.saved, "Saved")
        self.addTab(self.compare, "Compare")
        self.setTabToolTip(0, "Named profiles: apply, save, rename, delete, export.")
        self.setTabToolTip(1, "Profiles, 0.5 and what is in force, beside each other.")
        self.saved.compareRequested.connect(lambda _key: self.setCurrentWidget(self.compare))
