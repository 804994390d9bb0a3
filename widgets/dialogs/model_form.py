"""Asks what weights do not say about themselves, starting from sensible guesses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QComboBox,
    QCompleter,
    QDialog,
    QDialogButtonBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from widgets.dialogs.form_row import FormRow, NoteLabel
from widgets.dialogs.form_values import (
    INTERPOLATIONS,
    ModelFormValues,
    architecture_problem,
    labels_problem,
    labels_text,
    read_labels,
    read_size,
    read_triple,
    size_advice,
    size_text,
    triple_text,
)

__all__ = ["ModelForm", "ModelFormValues", "labels_text"]

_ACTIVATIONS: Final = (
    ("sigmoid", "sigmoid: any number of labels an image"),
    ("softmax", "softmax: exactly one label an image"),
)


class ModelForm(QDialog):
    """A small form with live sentences; OK waits until everything fits and says what it waits for."""

    labelsFileRequested = Signal()  # the user wants to pick a text file: answer with setLabels

    def __init__(self, values: ModelFormValues, architectures: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._given = values
        self._architectures = tuple(architectures)
        self._rows: dict[str, FormRow] = {}
        self._readers: dict[str, Callable[[], object]] = {}
        self._architecture = self._architecture_box()
        self._activation = self._choice_box(_ACTIVATIONS)
        self._labels = QPlainTextEdit(self)
        self._labels_file = QPushButton("&Read from a file…", self)
        self._resize = QLineEdit(self)
        self._crop = QLineEdit(self)
        self._interpolation = self._choice_box([(name, name) for name in INTERPOLATIONS])
        self._mean = QLineEdit(self)
        self._std = QLineEdit(self)
        self._reason = NoteLabel(self)
        self._buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel, self
        )
        self._build()
        self._fill(values)
        self._connect()
        self._check()

    def values(self) -> ModelFormValues:
        """What the form holds now. What the user changed has the source "you"; a wrong field keeps what was given."""
        read: dict[str, object] = {}
        for name, reader in self._readers.items():
            try:
                read[name] = reader()
            except ValueError:
                continue
        sources = dict(self._given.sources)
        sources.update({name: "you" for name, value in read.items() if value != getattr(self._given, name)})
        return replace(self._given, **read, sources=sources)  # type: ignore[arg-type]

    def setLabels(self, labels: Sequence[str]) -> None:
        """The labels that were read from a file, in place of what the field holds."""
        self._labels.setPlainText(labels_text(labels))
        self._check()

    def problems(self) -> tuple[str, ...]:
        """What keeps the form from being accepted, from top to bottom, each with the name of its field."""
        return tuple(f"{row.name}: {row.problem}" for row in self._rows.values() if row.problem)

    def _build(self) -> None:
        self.setWindowTitle("What are these weights?")
        self._labels.setTabChangesFocus(True)
        self._labels.setPlaceholderText("cat\ndog\nowl")
        self._labels.setFixedHeight(self.fontMetrics().height() * 7)
        title = QLabel(self._given.file_name, self)
        title.setTextFormat(Qt.TextFormat.PlainText)
        title.setFont(_bold(self.font()))
        lead = QLabel(
            "Weights do not say how they are meant to be used. What you enter here is written to model.toml beside "
            "them, so that you are asked once.",
            self,
        )
        lead.setWordWrap(True)

        form = QWidget()
        form.setLayout(self._form())
        scroll = QScrollArea(self)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(form)

        bottom = QHBoxLayout()
        bottom.addWidget(self._reason, 1)
        bottom.addWidget(self._buttons)
        layout = QVBoxLayout(self)
        layout.setSpacing(10)
        layout.addWidget(title)
        layout.addWidget(lead)
        layout.addWidget(scroll, 1)
        layout.addLayout(bottom)
        self.resize(680, 640)

    def _form(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 6, 0)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        self._add(grid, "architecture", "&Architecture", self._architecture, self._read_architecture)
        self._add(grid, "activation", "A&ctivation", self._activation, lambda: self._activation.currentData())
        self._add(grid, "labels", "&Labels", self._labels, self._read_labels)
        grid.addWidget(self._labels_file, grid.rowCount(), 1, Qt.AlignmentFlag.AlignLeft)
        heading = QLabel("Preprocessing: what is done to a picture before the model sees it", self)
        heading.setFont(_bold(self.font()))
        grid.setRowMinimumHeight(grid.rowCount(), 6)
        grid.addWidget(heading, grid.rowCount(), 0, 1, 3)
        self._add(grid, "resize", "Re&size to", self._resize, lambda: read_size(self._resize.text()))
        self._add(grid, "crop", "C&entre crop", self._crop, lambda: read_size(self._crop.text()))
        self._add(
            grid, "interpolation", "&Interpolation", self._interpolation, lambda: self._interpolation.currentData()
        )
        self._add(grid, "mean", "&Mean (R, G, B)", self._mean, lambda: read_triple(self._mean.text()))
        self._add(grid, "std", "Standard &deviation", self._std, lambda: read_triple(self._std.text(), positive=True))
        grid.setRowStretch(grid.rowCount(), 1)
        return grid

    def _add(self, grid: QGridLayout, name: str, caption: str, control: QWidget, reader: Callable[[], object]) -> None:
        self._rows[name] = FormRow(grid, caption, control, self)
        self._readers[name] = reader

    def _fill(self, values: ModelFormValues) -> None:
        self._architecture.setEditText(values.architecture)
        self._activation.setCurrentIndex(max(self._activation.findData(values.activation), 0))
        self._labels.setPlainText(values.labels)
        self._resize.setText(size_text(values.resize))
        self._crop.setText(size_text(values.crop))
        self._interpolation.setCurrentIndex(self._interpolation.findData(values.interpolation))
        self._mean.setText(triple_text(values.mean))
        self._std.setText(triple_text(values.std))

    def _connect(self) -> None:
        self._architecture.editTextChanged.connect(self._check)
        self._labels.textChanged.connect(self._check)
        for box in (self._activation, self._interpolation):
            box.currentIndexChanged.connect(self._check)
        for line in (self._resize, self._crop, self._mean, self._std):
            line.textChanged.connect(self._check)
        self._labels_file.clicked.connect(self.labelsFileRequested)
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)

    def _check(self) -> None:
        """Read every field, and show sources, sentences and whether OK can be pressed."""
        sources = self.values().sources
        for name, row in self._rows.items():
            problem = ""
            try:
                self._readers[name]()
            except ValueError as error:
                problem = str(error)
            source = sources.get(name, "default")
            row.setSource("you" if problem and self._edited(name) else source)
            row.setNote(problem, self._hint(name, source))
        problems = self.problems()
        ok = self._buttons.button(QDialogButtonBox.StandardButton.Ok)
        ok.setEnabled(not problems)
        ok.setToolTip(problems[0] if problems else "")
        self._reason.setNote(problems[0] if problems else "", False)

    def _edited(self, name: str) -> bool:
        """Whether the field in error holds something other than it was given."""
        if name == "architecture":
            return self._architecture.currentText() != self._given.architecture
        return name != "labels" or self._labels.toPlainText() != self._given.labels

    def _hint(self, name: str, source: str) -> str:
        if name == "labels":
            number = len(read_labels(self._labels.toPlainText()))
            return f"{number} labels, as many as the model has outputs." if self._given.n_outputs else ""
        if name == "crop":
            values = self.values()
            return size_advice(values.resize, values.crop)
        return self._given.reasons.get(name, "") if source != "you" else ""

    def _read_architecture(self) -> str:
        text = self._architecture.currentText().strip()
        if problem := architecture_problem(text, self._architectures):
            raise ValueError(problem)
        return text

    def _read_labels(self) -> str:
        text = self._labels.toPlainText()
        if problem := labels_problem(text, self._given.n_outputs):
            raise ValueError(problem)
        return text

    def _architecture_box(self) -> QComboBox:
        """What fits the file first, then all others; typing searches anywhere in the names."""
        box = QComboBox(self)
        box.setEditable(True)
        box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        first = [name for name in self._given.candidates if name in self._architectures]
        box.addItems([*first, *(name for name in self._architectures if name not in first)])
        if first:
            box.insertSeparator(len(first))
        completer = QCompleter(list(self._architectures), box)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        with QSignalBlocker(box):
            box.setCompleter(completer)
        return box

    def _choice_box(self, choices: Sequence[tuple[str, str]]) -> QComboBox:
        box = QComboBox(self)
        for key, text in choices:
            box.addItem(text, key)
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.setMinimumContentsLength(20)
        return box


def _bold(font: QFont) -> QFont:
    bold = QFont(font)
    bold.setBold(True)
    return bold
