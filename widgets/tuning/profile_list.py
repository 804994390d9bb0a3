"""Saved profiles: apply, save, rename, delete, compare, export. All but the last two can be undone in the Edit menu."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, Qt, Signal, SignalInstance
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from inference.types import ProfileRow
from widgets.elided_label import ElidedLabel
from widgets.theme import current_theme
from widgets.tuning.flow import FlowRow
from widgets.tuning.profile_model import ProfileDelegate, ProfileModel, described, problem_with

_EMPTY = "No profile is saved yet. Save as… keeps the thresholds in force under a name, with their goal and numbers."


class ProfileList(QWidget):
    """Tells wishes and changes nothing itself: whoever stores profiles answers with ``setProfiles``."""

    applyRequested = Signal(str)  # key
    saveRequested = Signal(str)  # name
    renameRequested = Signal(str, str)  # key, name
    deleteRequested = Signal(str)  # key
    compareRequested = Signal(str)  # key
    exportRequested = Signal(str)  # key
    profileChosen = Signal(str)  # key

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Profiles")
        self._suggested = ""
        self._blocked = ""
        self._model = ProfileModel(self)
        self._view = _ProfileView(self._model, self)
        self._detail = QLabel(self)
        self._notice = ElidedLabel(parent=self)
        self._name = QLineEdit(self)
        self._keep = QPushButton("Save", self)
        self._save = QPushButton("&Save as…", self)
        self._apply = QPushButton("&Apply", self)
        self._rename = QPushButton("Re&name", self)
        self._delete = QPushButton("&Delete", self)
        self._compare = QPushButton("&Compare…", self)
        self._export = QPushButton("&Export…", self)
        self._prepare()
        self._build()
        self._connect()
        self._refresh()

    # Setters

    def setProfiles(self, profiles: Sequence[ProfileRow]) -> None:
        """The saved profiles, in the order to show; the chosen one stays chosen while it is there."""
        chosen = self.chosen()
        self._view.silent = True
        self._model.set_rows(profiles)
        place = self._model.row_of(chosen)
        if place >= 0:
            self._view.setCurrentIndex(self._model.index(place, 0))
        self._view.silent = False
        self._refresh()

    def setSuggestedName(self, name: str) -> None:
        """What Save as… starts with."""
        self._suggested = name

    def setSaveBlocked(self, reason: str) -> None:
        """Why nothing can be saved now, a sentence; "" where it can."""
        self._blocked = reason
        self._refresh()

    def chosen(self) -> str:
        """The key of the chosen profile, "" where none is."""
        index = self._view.currentIndex()
        return self._model.rows[index.row()].key if index.isValid() else ""

    # Building

    def _prepare(self) -> None:
        self._detail.setTextFormat(Qt.TextFormat.PlainText)
        self._detail.setWordWrap(True)
        self._detail.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._detail.setAccessibleName("About the chosen profile")
        self._name.setPlaceholderText("Name of the profile")
        self._name.setAccessibleName("Name of the new profile")
        self._name.setMaxLength(80)
        self._name.installEventFilter(self)
        self._keep.setAccessibleName("Save under this name")
        self._apply.setToolTip("Puts the profile in force: thresholds, rule, calibration. It can be undone.")
        self._delete.setToolTip("Deletes the profile. Edit, Undo brings it back.")
        self._compare.setToolTip("Shows the profile beside what is in force, label by label.")
        self._export.setToolTip(
            "Writes all that decides, with test vectors, to a JSON file, or to a Python module that decides alike."
        )

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        column.addWidget(self._view, 1)
        column.addWidget(self._detail)
        column.addWidget(self._notice)
        row = QHBoxLayout()
        row.addWidget(self._name, 1)
        row.addWidget(self._keep)
        column.addLayout(row)
        column.addWidget(
            FlowRow(self, self._apply, self._save, self._rename, self._delete, self._compare, self._export)
        )

    def _connect(self) -> None:
        self._apply.clicked.connect(lambda: self._wish(self.applyRequested))
        self._export.clicked.connect(lambda: self._wish(self.exportRequested))
        self._compare.clicked.connect(lambda: self._wish(self.compareRequested))
        self._delete.clicked.connect(self._delete_chosen)
        self._rename.clicked.connect(lambda: self._view.edit(self._view.currentIndex()))
        self._save.clicked.connect(self._ask_name)
        self._keep.clicked.connect(self._save_named)
        self._name.returnPressed.connect(self._save_named)
        self._name.textEdited.connect(lambda: self._say(""))
        self._model.renamed.connect(self._renamed)
        self._model.refused.connect(self._say)
        self._view.activatedProfile.connect(lambda: self._wish(self.applyRequested))
        self._view.deletePressed.connect(self._delete_chosen)
        self._view.selectionModel().currentChanged.connect(self._row_changed)

    # Acting

    def _wish(self, wish: SignalInstance) -> None:
        if self.chosen():
            wish.emit(self.chosen())

    def _row_changed(self, current: QModelIndex, _previous: QModelIndex) -> None:
        if self._view.silent:
            return
        self._refresh()
        if current.isValid():
            self.profileChosen.emit(self.chosen())

    def _renamed(self, key: str, name: str) -> None:
        self._say("")
        self.renameRequested.emit(key, name)

    def _delete_chosen(self) -> None:
        self._wish(self.deleteRequested)

    def _ask_name(self) -> None:
        self._name.setText(self._suggested)
        self._refresh(naming=True)
        self._name.setFocus(Qt.FocusReason.OtherFocusReason)
        self._name.selectAll()

    def _save_named(self) -> None:
        name = self._name.text().strip()
        problem = problem_with(name, self._model.names())
        if problem:
            self._say(problem)
            return
        self._refresh()
        self._save.setFocus(Qt.FocusReason.OtherFocusReason)
        self.saveRequested.emit(name)

    # Showing

    def _refresh(self, *, naming: bool = False) -> None:
        self._name.setVisible(naming)
        self._keep.setVisible(naming)
        self._say("")
        some = self._model.row_of(self.chosen()) >= 0
        for button in (self._apply, self._rename, self._delete, self._compare, self._export):
            button.setEnabled(some)
        self._save.setEnabled(not self._blocked and not naming)
        self._save.setToolTip(self._blocked or "Keeps what decides now under a name: thresholds, rule, calibration.")
        self._detail.setText(described(self._model.rows[self._model.row_of(self.chosen())]) if some else "")
        self._detail.setVisible(some)

    def _say(self, text: str) -> None:
        self._notice.setText(text)
        self._notice.setVisible(bool(text))

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        """Escape leaves the name without saving."""
        if watched is self._name and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:
                self._refresh()
                self._save.setFocus(Qt.FocusReason.OtherFocusReason)
                return True
        return super().eventFilter(watched, event)  # type: ignore[arg-type]


class _ProfileView(QListView):
    """Enter and a double click apply, F2 renames, Delete deletes."""

    activatedProfile = Signal()
    deletePressed = Signal()

    def __init__(self, model: ProfileModel, parent: QWidget) -> None:
        super().__init__(parent)
        self.silent = False  # the current row changes, and the user did not do it
        self.setModel(model)
        self.setItemDelegate(ProfileDelegate(self))
        self.setAccessibleName("Saved profiles")
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMinimumHeight(4 * self.fontMetrics().height())
        self.doubleClicked.connect(lambda _index: self.activatedProfile.emit())

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Qt makes the first row the current one where there is none; the user chose nothing."""
        none = not self.currentIndex().isValid()
        self.silent = True
        super().focusInEvent(event)
        if none:
            self.selectionModel().clear()
        self.silent = False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys of the list; letters are not ours, nor are keys that a name being edited lets through."""
        if self.state() == QListView.State.EditingState:
            super().keyPressEvent(event)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.activatedProfile.emit()
        elif event.key() == Qt.Key.Key_Delete:
            self.deletePressed.emit()
        elif event.text().isprintable() and event.text():
            event.ignore()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The profiles, or how to make one."""
        super().paintEvent(event)
        if self.model().rowCount() == 0:
            painter = QPainter(self.viewport())
            painter.setPen(QColor(current_theme().muted))
            room = self.viewport().rect().adjusted(24, 12, -24, -12)
            painter.drawText(room, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), _EMPTY)
            painter.end()
