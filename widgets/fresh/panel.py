"""The panel of new images: open a folder, watch it scored, read what would be predicted, save it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from inference.types import DriftReport, FreshCounts, FreshState, Progress
from widgets.elided_label import ElidedLabel
from widgets.fresh.model import FreshModel
from widgets.fresh.view import FreshView
from widgets.numbers import format_count
from widgets.tables.filter_field import FilterField
from widgets.theme import current_theme
from widgets.tuning.flow import FlowRow
from widgets.tuning.status import counted
from widgets.wrapped_label import wrapped_label

_EMPTY: Final = (
    "How often would each label be predicted on images that nobody has annotated, and are they like those of the "
    "validation folder? Open a folder of such images: the open model scores them, and the counts follow the sliders."
)


class FreshPanel(QWidget):
    """Setters never emit."""

    openRequested = Signal()
    againRequested = Signal()
    cancelRequested = Signal()
    exportRequested = Signal()
    closeRequested = Signal()
    labelChosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("New images")
        self._state = FreshState()
        self._model = FreshModel(self)
        self._view = FreshView(self._model, self)
        self._filter = FilterField("Filter labels", self)
        self._folder = ElidedLabel(parent=self, mode=Qt.TextElideMode.ElideMiddle)
        self._facts = wrapped_label(self)
        self._warning = wrapped_label(self)
        self._bar = QProgressBar(self)
        self._cancel = QPushButton("&Cancel", self)
        self._open = QPushButton("&Open unlabelled folder…", self)
        self._again = QPushButton(self)
        self._save = QPushButton("&Save predictions as CSV…", self)
        self._close = QPushButton("C&lose folder", self)
        self._build()
        self._connect()
        self._refresh()

    # Setters

    def setLabels(self, labels: Sequence[str]) -> None:
        """Start over with other labels."""
        self._filter.forget()
        self._view.set_current(-1)
        self._model.set_labels(labels)
        self._refresh()

    def setState(self, state: FreshState) -> None:
        """Which folder is open and how far it has come."""
        self._state = state
        self._refresh()

    def setProgress(self, progress: Progress | None) -> None:
        """While images are scored; None else."""
        if progress is not None:
            self._bar.setRange(0, max(progress.total, 1))
            self._bar.setValue(progress.done)
            speed = progress.images_per_second
            rate = f", {speed:,.0f} images/s" if speed == speed and speed >= 1 else ""
            self._bar.setFormat(f"{format_count(progress.done)} of {format_count(progress.total)}{rate}")

    def setCounts(self, counts: FreshCounts | None) -> None:
        """What each label would be predicted on; None while it is not known."""
        before = self._model.rows.counts
        self._model.set_counts(counts)
        if before is None or counts is None or before.n_images != counts.n_images:
            self._view.fit()
            self._refresh()

    def setDrift(self, report: DriftReport | None, words: Sequence[str], warning: str) -> None:
        """How the scores compare with the validation folder's: words a label, and the warning over all or ""."""
        self._model.set_drift(report, words)
        self._warning.setText(f"⚠ {warning}" if warning else "")
        self._refresh()

    def setCurrentLabel(self, label: int) -> None:
        """Choose a row; -1 chooses none."""
        if label != self._view.current_label():
            self._view.set_current(label)

    def facts(self) -> str:
        """The words about the folder."""
        return self._facts.text()

    def warning(self) -> str:
        """The warning over all labels; "" where there is none."""
        return self._warning.text()

    # Building

    def _build(self) -> None:
        self._bar.setAccessibleName("New images scored")
        self._cancel.setToolTip("Stops scoring the new images; what is scored is kept.")
        self._save.setToolTip("Writes the score and the decision of every new image under every label to a table.")
        self._close.setToolTip("Forgets the folder and its scores.")
        self._facts.setAccessibleName("About the folder")
        self._warning.setAccessibleName("Warning about the new images")
        running = QHBoxLayout()
        running.addWidget(self._bar, 1)
        running.addWidget(self._cancel)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        column.addWidget(self._folder)
        column.addWidget(self._facts)
        column.addLayout(running)
        column.addWidget(self._warning)
        column.addWidget(self._filter)
        column.addWidget(self._view, 1)
        column.addWidget(FlowRow(self, self._open, self._again, self._save, self._close))
        self._ink()

    def _connect(self) -> None:
        self._open.clicked.connect(self.openRequested)
        self._again.clicked.connect(self.againRequested)
        self._cancel.clicked.connect(self.cancelRequested)
        self._save.clicked.connect(self.exportRequested)
        self._close.clicked.connect(self.closeRequested)
        self._view.labelChosen.connect(self.labelChosen)
        self._filter.textChanged.connect(self._filter_changed)
        self._filter.rowsRequested.connect(lambda: self._view.setFocus(Qt.FocusReason.OtherFocusReason))

    def changeEvent(self, event: QEvent) -> None:
        """The warning keeps its colour in every theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_warning"):
            self._ink()

    def _ink(self) -> None:
        wanted = QColor(current_theme().warning)
        palette = self._warning.palette()
        if palette.color(QPalette.ColorRole.WindowText) != wanted:
            palette.setColor(QPalette.ColorRole.WindowText, wanted)
            self._warning.setPalette(palette)

    # Showing

    def _filter_changed(self, text: str) -> None:
        self._model.set_filter(text)
        self._refresh()

    def _refresh(self) -> None:
        state, counted_some = self._state, self._model.rows.counts is not None
        some = bool(state.folder)
        pending = state.n_images - state.scored - state.broken - state.unusable
        self._folder.setText(state.folder)
        self._facts.setText(_facts(state))
        self._folder.setVisible(some)
        self._facts.setVisible(some)
        for part in (self._bar, self._cancel):
            part.setVisible(state.running)
        self._warning.setVisible(bool(self._warning.text()))
        self._filter.setVisible(counted_some)
        self._open.setText("&Open another folder…" if some else "&Open unlabelled folder…")
        self._open.setEnabled(not state.blocked)
        self._open.setToolTip(state.blocked or "A folder of images; annotations in it are not looked at.")
        self._again.setVisible(some and not state.running and not state.blocked and (pending or state.broken) > 0)
        self._again.setText("Score the &rest" if pending else "T&ry unreadable files again")
        self._save.setVisible(some and counted_some)
        self._close.setVisible(some)
        self._view.empty_text = self._empty_text()
        self._view.viewport().update()

    def _empty_text(self) -> str:
        state = self._state
        if self._model.rows.counts is not None:
            return f"No label contains “{self._filter.text()}”. Esc clears the filter."
        if not state.folder:
            return state.blocked or _EMPTY
        if state.running:
            return "The numbers stand here once the images are scored."
        return "Counting …" if state.scored else "No image of the folder is scored."


def _facts(state: FreshState) -> str:
    """Counts of the folder, then why nothing moves."""
    if not state.folder:
        return ""
    parts = [f"{format_count(state.scored)} of {counted(state.n_images, 'image')} scored"]
    if state.broken:
        parts.append(f"{counted(state.broken, 'file')} could not be read")
    if state.unusable:
        parts.append(f"{counted(state.unusable, 'image')} left out, as the model gave no finite scores")
    text = ", ".join(parts) + "."
    return f"{text} {state.note}" if state.note else text
