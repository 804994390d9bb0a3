"""The review panel: a goal, the work that the band makes, and a band for every label."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from inference.types import BandProposal, ReviewBand, ReviewCounts, ReviewLoad, Thresholds
from widgets.numbers import format_count
from widgets.review.columns import End
from widgets.review.goal_form import BandGoalForm
from widgets.review.model import ReviewModel
from widgets.review.rows import percent
from widgets.review.view import ReviewView
from widgets.tables.filter_field import FilterField
from widgets.tuning.flow import FlowRow
from widgets.tuning.status import counted
from widgets.wrapped_label import wrapped_label

_NO_BAND: Final = (
    "No review band yet. Scores below a band are rejected, above it accepted, and a person looks at the images in "
    "between. Propose one for a precision that you want, or begin at the thresholds and drag."
)
_NO_LABELS: Final = "Open a model and a validation folder and score its images: then a band can be set here."


class ReviewBandPanel(QWidget):
    """Setters never emit; what the user does is shown at once and told."""

    lowChanged = Signal(int, float)  # label, exact float32
    highChanged = Signal(int, float)
    editFinished = Signal()
    beginRequested = Signal()
    clearRequested = Signal()
    proposeRequested = Signal(object)  # BandGoal
    cancelRequested = Signal()
    imagesRequested = Signal(int, str)  # label or -1 for all, "review", "accepted" or "lost"
    labelChosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Review band")
        self._load: ReviewLoad | None = None
        self._measured = ""
        self._model = ReviewModel(self)
        self._view = ReviewView(self._model, self)
        self._form = BandGoalForm(self)
        self._sentence = wrapped_label(self)
        self._obstacle = wrapped_label(self)
        self._filter = FilterField("Filter labels", self)
        self._begin = QPushButton("&Begin at the thresholds", self)
        self._clear = QPushButton("&Remove band", self)
        self._show_all = QPushButton("&Show them", self)
        self._pages = QStackedWidget(self)
        self._build()
        self._connect()
        self._refresh()

    # Setters

    def setLabels(self, labels: Sequence[str]) -> None:
        """Start over with other labels."""
        self._view.drop_gesture()
        self._filter.forget()
        self._load = None
        self._view.set_current(-1)
        self._model.set_labels(labels)
        self._refresh()

    def setThresholds(self, thresholds: Thresholds) -> None:
        """Those in force, drawn as a line in each band."""
        self._model.set_thresholds(thresholds)

    def setMeasured(self, words: str) -> None:
        """Which part of the images precision and losses are measured on; "" for all of them."""
        self._measured = words
        self._refresh()

    def setBand(self, band: ReviewBand | None) -> None:
        """The band in force; None where there is none."""
        if band is None:
            self._view.drop_gesture()
        notes = self._model.rows.has_notes()
        self._model.set_band(band)
        if self._model.rows.has_notes() is not notes:
            self._view.fit()
        self._refresh()

    def setCounts(self, counts: ReviewCounts | None) -> None:
        """What the band makes of every label's images; None while it is not known."""
        before = self._model.rows.counts
        self._model.set_counts(counts)
        if (before is None or counts is None) or before.n_images != counts.n_images:
            self._view.fit()

    def setLoad(self, load: ReviewLoad | None) -> None:
        """The work over all labels; None while it is not known."""
        self._load = load
        self._refresh()

    def setProposal(self, proposal: BandProposal | None) -> None:
        """What was said of the labels when the band was proposed."""
        self._model.set_proposal(proposal)
        self._view.fit()

    def setObstacle(self, reason: str) -> None:
        """Why there can be no band now; "" where there can."""
        self._obstacle.setText(reason)
        self._pages.setCurrentIndex(0 if reason else 1)

    def setBusy(self, busy: bool) -> None:
        """Whether a band is being proposed."""
        self._form.setBusy(busy)

    def setCurrentLabel(self, label: int) -> None:
        """Choose a row; -1 chooses none."""
        if label != self._view.current_label():
            self._view.set_current(label)

    def sentence(self) -> str:
        """The words about the work."""
        return self._sentence.text()

    # Building

    def _build(self) -> None:
        self._obstacle.setMargin(16)
        self._obstacle.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._sentence.setAccessibleName("Work that the band makes")
        self._show_all.setToolTip("Shows the images with at least one label in review.")
        self._clear.setToolTip("Every image is decided without a person again. It can be undone.")
        self._begin.setToolTip("A band without width at each threshold, to be widened by hand.")
        page = QWidget(self)
        column = QVBoxLayout(page)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        column.addWidget(self._form)
        row = QHBoxLayout()
        row.addWidget(self._sentence, 1)
        row.addWidget(self._show_all, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(row)
        column.addWidget(self._filter)
        column.addWidget(self._view, 1)
        column.addWidget(FlowRow(page, self._begin, self._clear))
        self._pages.addWidget(self._obstacle)
        self._pages.addWidget(page)
        self._pages.setCurrentIndex(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._pages)

    def _connect(self) -> None:
        self._view.endChanged.connect(self._end_changed)
        self._view.editFinished.connect(self.editFinished)
        self._view.imagesRequested.connect(self.imagesRequested)
        self._view.labelChosen.connect(self.labelChosen)
        self._form.proposeRequested.connect(self.proposeRequested)
        self._form.cancelRequested.connect(self.cancelRequested)
        self._begin.clicked.connect(self.beginRequested)
        self._clear.clicked.connect(self.clearRequested)
        self._show_all.clicked.connect(lambda: self.imagesRequested.emit(-1, "review"))
        self._filter.textChanged.connect(self._filter_changed)
        self._filter.rowsRequested.connect(lambda: self._view.setFocus(Qt.FocusReason.OtherFocusReason))

    # What the parts tell

    def _end_changed(self, label: int, end: int, value: float) -> None:
        (self.lowChanged if End(end) is End.LOW else self.highChanged).emit(label, value)

    def _filter_changed(self, text: str) -> None:
        self._view.drop_gesture()
        self._model.set_filter(text)
        self._refresh()

    # Showing

    def _refresh(self) -> None:
        some, labels = self._model.rows.band is not None, bool(self._model.rows.labels)
        for part in (self._filter, self._clear, self._sentence):
            part.setVisible(some)
        self._begin.setVisible(not some)
        self._begin.setEnabled(labels)
        self._form.setEnabled(labels)
        self._show_all.setVisible(some and self._load is not None and self._load.images > 0)
        self._sentence.setText(self._words())
        if not labels:
            self._view.empty_text = _NO_LABELS
        elif not some:
            self._view.empty_text = _NO_BAND
        else:
            self._view.empty_text = f"No label contains “{self._filter.text()}”. Esc clears the filter."
        self._view.viewport().update()

    def _words(self) -> str:
        load = self._load
        if load is None:
            return "Counting the images to review …"
        if not load.images:
            return f"Nothing to review: all {counted(load.n_images, 'image')} are decided without a person."
        share = percent(load.images / load.n_images)
        verb = "has" if load.images == 1 else "have"
        return (
            f"{format_count(load.images)} of {counted(load.n_images, 'image')} ({share}) {verb} a label to review: "
            f"{counted(load.decisions, 'decision')}.{self._where()}"
        )

    def _where(self) -> str:
        if not self._measured:
            return ""
        return (
            f" Precision and losses are measured on a part alone ({self._measured}) that a proposal does not see: "
            "they may miss its goal."
        )
