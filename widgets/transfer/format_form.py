"""The top of the dialogs for importing and exporting: the list of formats and a line on the one chosen."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QComboBox, QFormLayout, QWidget

from widgets.elided_label import ElidedLabel
from widgets.transfer.question_form import QuestionForm
from widgets.transfer.values import FormatRow


class FormatForm(QFormLayout):
    """Holds the list ``format``, whose data are the formats' keys; rows may be added above it before `addFormat`."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__()
        self.format = QComboBox(parent)
        self.format.setAccessibleName("Format")
        self.format.setMaxVisibleItems(24)
        self._detail = ElidedLabel("", parent, role=QPalette.ColorRole.PlaceholderText)
        self.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.setVerticalSpacing(7)
        self.setHorizontalSpacing(10)

    def addFormat(self) -> None:
        """Put the list, and the line on the format chosen, below the rows that there are."""
        self.addRow("&Format", self.format)
        self.addRow("", self._detail)

    def setFormats(self, formats: Sequence[FormatRow], chosen: str) -> None:
        """The formats, of which the one with the key ``chosen`` is shown; the list is filled anew only for others."""
        box = self.format
        entries = [(one.key, f"{one.name}  (recognised)" if one.recognised else one.name) for one in formats]
        if [(box.itemData(i), box.itemText(i)) for i in range(box.count())] != entries:
            box.clear()
            for key, words in entries:
                box.addItem(words, key)
        box.setCurrentIndex(box.findData(chosen))
        self._detail.setText(next((one.detail for one in formats if one.key == chosen), ""))
        self._detail.setVisible(bool(self._detail.text()))

    def lineUp(self, questions: QuestionForm) -> None:
        """Give the captions of both forms one width, and let Tab go from the formats to the questions."""
        items = [self.itemAt(row, QFormLayout.ItemRole.LabelRole) for row in range(self.rowCount())]
        captions = [found for item in items if item is not None and (found := item.widget()) is not None]
        width = max((questions.captionWidth(), *(caption.sizeHint().width() for caption in captions)))
        for caption in captions:
            caption.setMinimumWidth(width)
        questions.setCaptionWidth(width)
        questions.placeAfter(self.format)
