"""Says what was found in a dataset and lets the user correct how it is read and which label stands for which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from widgets.dialogs.dataset_values import (
    DELIMITERS,
    LAYOUTS,
    MINUS_ONE,
    NOT_USED,
    SEPARATORS,
    TASKS,
    UNLISTED,
    DatasetCorrections,
    DatasetView,
    LabelRow,
    joined_labels,
    mapping_summary,
)
from widgets.dialogs.form_row import NoteLabel
from widgets.dialogs.mapping_table import MappingTable

__all__ = ["LAYOUTS", "NOT_USED", "DatasetCorrections", "DatasetDialog", "DatasetView", "LabelRow"]

Choices = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class _Question:
    """One reading choice: its name in DatasetView and DatasetCorrections, its caption, and its fixed answers."""

    name: str
    caption: str
    answers: Choices = ()  # empty: the columns of the file, or the layouts of the view
    right: bool = False  # in the right column of the form


_QUESTIONS = (
    _Question("layout", "&Layout"),
    _Question("delimiter", "&Between columns", DELIMITERS),
    _Question("image_column", "&Image column"),
    _Question("label_column", "L&abel column"),
    _Question("split_column", "S&plit column"),
    _Question("separator", "Between la&bels", SEPARATORS, True),
    _Question("minus_one_means", "&-1 means", MINUS_ONE, True),
    _Question("unlisted_means", "Labels not li&sted are", UNLISTED, True),
    _Question("task", "Each image &has", TASKS, True),
)


class DatasetDialog(QDialog):
    """Summary, warnings, how it was read, and the mapping of labels.

    `correctionsChanged` asks for the dataset to be read again as `corrections` say; answer with `setView` or, if it
    cannot be read that way, with `setProblem`. The mapping needs no reading again and does not emit.
    """

    correctionsChanged = Signal()
    imagesFolderRequested = Signal()  # the user wants to pick a folder: answer with setImagesFolder

    def __init__(
        self,
        view: DatasetView,
        corrections: DatasetCorrections | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._view = view
        self._corrections = corrections or DatasetCorrections()
        self._summary = QLabel(self)
        self._source = QLabel(self)
        self._warnings = QListWidget(self)
        self._form, self._left, self._right = QFormLayout(), QFormLayout(), QFormLayout()
        self._boxes: dict[str, QComboBox] = {}
        self._root = QLineEdit(self)
        self._root_row = QWidget(self)
        self._filter = QLineEdit(self)
        self._table = MappingTable(self)
        self._meeting = QLabel(self)
        self._problem = NoteLabel(self)
        self._buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel, self
        )
        self._build()
        self.setView(view)
        self._boxes["layout"].setFocus()

    def setView(self, view: DatasetView) -> None:
        """What was found, at first or after reading again. What the user mapped stays mapped."""
        self._view = view
        self._summary.setText(view.summary)
        self._source.setText(view.source)
        self._warnings.clear()
        self._warnings.addItems(list(view.warnings))
        self._warnings.setFixedHeight((self.fontMetrics().height() + 3) * min(len(view.warnings), 5) + 8)
        self._warnings.setVisible(bool(view.warnings))
        for question in _QUESTIONS:
            self._fill_box(question)
        with QSignalBlocker(self._root):
            self._root.setText(view.images_root or "")
        self._form.setRowVisible(self._root_row, view.images_root is not None)
        self._table.setRows([self._mapped(row) for row in view.labels], view.model_labels)
        self._filter.setVisible(len(view.labels) > 12)
        self._table.setVisible(bool(view.labels))
        self._say_how_labels_meet()
        self.setProblem("")

    def setProblem(self, text: str) -> None:
        """Why the dataset cannot be read as the corrections say; OK waits until it can. Empty: it can."""
        self._problem.setNote(text, True)
        self._buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(not text)

    def setImagesFolder(self, folder: str) -> None:
        """The folder that the user picked; the caller reads again."""
        self._root.setText(folder)
        self._corrections = replace(self._corrections, images_root=folder or None)

    def corrections(self) -> DatasetCorrections:
        """What the user chose, with what was chosen before; the mapping holds only what the user mapped."""
        return self._corrections

    def _build(self) -> None:
        self.setWindowTitle("How this dataset is read")
        font = QFont(self.font())
        font.setBold(True)
        self._summary.setFont(font)
        for label in (self._summary, self._source, self._meeting):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
        self._warnings.setAccessibleName("Warnings")
        self._warnings.setWordWrap(True)
        self._warnings.setSelectionMode(QListWidget.SelectionMode.NoSelection)
        self._warnings.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._build_form()
        self._filter.setPlaceholderText("Filter labels")
        self._filter.setAccessibleName("Filter labels")
        self._filter.setClearButtonEnabled(True)

        layout = QVBoxLayout(self)
        layout.setSpacing(9)
        for widget in (self._summary, self._source, self._warnings):
            layout.addWidget(widget)
        columns = QHBoxLayout()
        columns.setSpacing(18)
        columns.addLayout(self._left, 1)
        columns.addLayout(self._right, 1)
        layout.addLayout(columns)
        layout.addLayout(self._form)
        layout.addWidget(self._filter)
        layout.addWidget(self._table, 1)
        layout.addWidget(self._meeting)
        layout.addStretch(0)
        bottom = QHBoxLayout()
        bottom.addWidget(self._problem, 1)
        bottom.addStretch(0)
        bottom.addWidget(self._buttons)
        layout.addLayout(bottom)
        self.resize(760, 640)
        self._filter.textChanged.connect(self._table.setFilter)
        self._table.mappingEdited.connect(self._map)
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)

    def _build_form(self) -> None:
        for form in (self._form, self._left, self._right):
            form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
            form.setVerticalSpacing(7)
            form.setHorizontalSpacing(10)
        for question in _QUESTIONS:
            box = QComboBox(self)
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(16)
            box.setAccessibleName(question.caption.replace("&", ""))
            box.activated.connect(lambda _index, name=question.name: self._choose(name))
            self._boxes[question.name] = box
            self._form_of(question).addRow(question.caption, box)
        browse = QPushButton("Bro&wse…", self)
        browse.setAccessibleName("Browse for the images folder")
        browse.clicked.connect(self.imagesFolderRequested)
        self._root.setAccessibleName("Images folder")
        self._root.editingFinished.connect(self._choose_root)
        row = QHBoxLayout(self._root_row)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._root, 1)
        row.addWidget(browse)
        caption = QLabel("Images &folder", self)
        caption.setBuddy(self._root)
        self._form.addRow(caption, self._root_row)

    def _form_of(self, question: _Question) -> QFormLayout:
        return self._right if question.right else self._left

    def _fill_box(self, question: _Question) -> None:
        """The answers, the one in force, and only where the question makes sense for the layout."""
        value = getattr(self._view, question.name)
        answers = list(question.answers) or self._own_answers(question.name)
        if value is not None and value not in dict(answers):
            answers.append((value, value))
        box = self._boxes[question.name]
        box.clear()
        for key, text in answers:
            box.addItem(text, key)
        box.setCurrentIndex(box.findData(value))
        self._form_of(question).setRowVisible(box, value is not None)

    def _own_answers(self, name: str) -> list[tuple[str, str]]:
        if name == "layout":
            return list(self._view.layouts)
        columns = [(column, column) for column in self._view.columns]
        return [("", "none"), *columns] if name == "split_column" else columns

    def _choose(self, name: str) -> None:
        value = self._boxes[name].currentData()
        if value == self._in_force(name):
            return
        corrections = DatasetCorrections(mapping=self._corrections.mapping) if name == "layout" else self._corrections
        self._corrections = replace(corrections, **{name: value})
        self.correctionsChanged.emit()

    def _choose_root(self) -> None:
        folder = self._root.text().strip()
        if folder == (self._in_force("images_root") or ""):
            return
        self._corrections = replace(self._corrections, images_root=folder or None)
        self.correctionsChanged.emit()

    def _in_force(self, name: str) -> str | None:
        """The answer that was read with, or that reading was asked for."""
        corrected: str | None = getattr(self._corrections, name)
        found: str | None = getattr(self._view, name)
        return found if corrected is None else corrected

    def _map(self, name: str, model_label: str) -> None:
        self._corrections = replace(self._corrections, mapping={**self._corrections.mapping, name: model_label})
        self._say_how_labels_meet()

    def _mapped(self, row: LabelRow) -> LabelRow:
        wanted = self._corrections.mapping.get(row.name, row.model_label)
        return replace(row, model_label=wanted if wanted in self._view.model_labels else NOT_USED)

    def _say_how_labels_meet(self) -> None:
        rows = self._table.rows()
        parts = (mapping_summary(rows, self._view.model_labels), joined_labels(rows))
        self._meeting.setText(" ".join(part for part in parts if part))
        self._meeting.setVisible(bool(self._meeting.text()))
