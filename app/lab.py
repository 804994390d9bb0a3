"""The threshold lab's share of the presenter: exact stops, intervals, and which images are measured."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu

from app.assembly import Controllers
from app.main_window import MainWindow
from app.workbench import Workbench


class LabPresenter(QObject):
    """Reads the controllers of the lab, writes its widgets. Decides nothing."""

    def __init__(self, window: MainWindow, bench: Workbench, made: Controllers) -> None:
        super().__init__(window)
        self._window, self._bench, self._made = window, bench, made
        self._measure = QMenu("&Measure on", window)
        self._measure.setToolTipsVisible(True)
        self._group: QActionGroup | None = None
        edit = window.menus["Edit"]
        edit.insertMenu(window.actions_by_key["find_label"], self._measure)
        made.split.tell()

    # -- exact stops -----------------------------------------------------------------------------------------------

    def move_to_stop(self, label: int, up: bool) -> None:
        """A label's threshold to the next score at which a decision changes; nowhere where none does."""
        evaluator = self._made.evaluation.evaluator
        if evaluator is None or not 0 <= label < evaluator.n_labels:
            return
        value = evaluator.next_stop(label, up=up)
        if value is not None:
            self._made.decisions.set_threshold(label, value)

    def move_chosen_to_stop(self, up: bool) -> None:
        """The same for the label that the plots show."""
        self.move_to_stop(self._made.session.label, up)

    # -- which images are measured -----------------------------------------------------------------------------------

    def show_splits(self, choices: list[tuple[str, str]], chosen: str) -> None:
        """What there is to measure on, as a menu."""
        self._measure.clear()
        self._group = QActionGroup(self._measure)
        for key, words in choices:
            action = self._measure.addAction(words.replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(key == chosen)
            self._group.addAction(action)
            action.triggered.connect(lambda _checked=False, key=key: self._made.split.measure_on(key))
        self._measure.setEnabled(len(choices) > 1)
