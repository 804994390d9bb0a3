"""Asks before a file that is a program is run: what it is, what that means, and exactly which files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontDatabase, QGuiApplication, QShowEvent, QTextOption
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

_PIXELS: Final = 620  # wide
_LINES: Final = 9  # of files at most; more are scrolled to
_MARGINS: Final = 24  # pixels above and below the lines of files, frames included

_RIGHTS: Final = (
    "Opening it runs what somebody wrote, on this computer and with your rights: it can read, change, delete and send "
    "your files. Open it only if you trust where it comes from."
)
_APART: Final = (
    "It runs in a process of its own. A crash there does not end Cutline, but your files are not protected from it."
)


@dataclass(frozen=True)
class ConsentFile:
    """A file that would be run."""

    path: str
    size: int  # bytes
    sha256: str


@dataclass(frozen=True)
class ConsentView:
    """What would be run."""

    name: str  # of the file that was opened
    kind: str  # "a TorchScript model"
    files: tuple[ConsentFile, ...]


class ConsentDialog(QDialog):
    """`accepted` says that the program may run, `remember` whether for good. Cancel is what Enter and Esc do."""

    def __init__(self, view: ConsentView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view = view
        self.setWindowTitle("Run this program?")
        self.setMinimumWidth(_PIXELS)
        many = len(view.files) > 1
        layout = QVBoxLayout(self)
        layout.setSpacing(8)
        layout.setContentsMargins(20, 20, 20, 16)
        title = _words(f"{view.name} is a program", self)
        title.setFont(_bold(self.font()))
        layout.addWidget(title)
        layout.addWidget(_words(f"It is {view.kind}. {_RIGHTS}", self))
        layout.addWidget(_words(_APART, self))
        layout.addSpacing(4)
        heading = QLabel(f"These {len(view.files):,} &files would run" if many else "This &file would run", self)
        heading.setFont(_bold(self.font()))
        row = QHBoxLayout()
        row.addWidget(heading, 1)
        row.addWidget(self._copy_button(many))
        layout.addLayout(row)
        self._files = _file_list(view, self)
        heading.setBuddy(self._files)
        layout.addWidget(self._files)
        self._remember = QCheckBox(f"&Do not ask again for exactly {'these files' if many else 'this file'}", self)
        self._remember.setToolTip("A file that is changed in any way has another SHA-256, and you are asked again")
        layout.addWidget(self._remember)
        layout.addSpacing(4)
        layout.addWidget(self._buttons())
        self.resize(_PIXELS, layout.totalHeightForWidth(_PIXELS))  # wrapped sentences ask for more than they need

    def remember(self) -> bool:
        """Whether not to ask again for exactly these files."""
        return self._remember.isChecked()

    def showEvent(self, event: QShowEvent) -> None:
        """Cancel has the focus: nobody runs a program with the Enter that opened the file."""
        super().showEvent(event)
        self._cancel.setFocus()

    def _buttons(self) -> QDialogButtonBox:
        box = QDialogButtonBox(self)
        self._cancel = box.addButton(QDialogButtonBox.StandardButton.Cancel)
        run = box.addButton("&Run and open", QDialogButtonBox.ButtonRole.AcceptRole)
        run.setAutoDefault(False)
        self._cancel.setDefault(True)
        box.accepted.connect(self.accept)
        box.rejected.connect(self.reject)
        return box

    def _copy_button(self, many: bool) -> QPushButton:
        button = QPushButton("&Copy every SHA-256" if many else "&Copy SHA-256", self)
        button.setToolTip("To compare it with what the author published")
        button.setAutoDefault(False)
        button.clicked.connect(self._copy)
        return button

    def _copy(self) -> None:
        """As ``sha256sum`` writes them; of a single file the hash alone."""
        files = self._view.files
        lines = [f"{file.sha256}  {file.path}" for file in files] if len(files) > 1 else [files[0].sha256]
        QGuiApplication.clipboard().setText("\n".join(lines))


def _file_list(view: ConsentView, parent: QWidget) -> QPlainTextEdit:
    """Path, size and hash of each file, to be read and copied."""
    entries = (f"{file.path}\n{file.size:,} bytes, SHA-256:\n{file.sha256}" for file in view.files)
    field = QPlainTextEdit("\n\n".join(entries), parent)
    field.setReadOnly(True)
    field.setTabChangesFocus(True)
    field.setWordWrapMode(QTextOption.WrapMode.WrapAnywhere)
    field.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    field.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
    field.setAccessibleName("Files that would run, each with its size and SHA-256")
    n_lines = sum(3 + len(file.path) // 70 for file in view.files) + len(view.files) - 1
    field.setFixedHeight(min(n_lines, _LINES) * field.fontMetrics().lineSpacing() + _MARGINS)
    return field


def _words(text: str, parent: QWidget) -> QLabel:
    label = QLabel(text, parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    return label


def _bold(font: QFont) -> QFont:
    font = QFont(font)
    font.setBold(True)
    return font
