"""Cells of CSV files that no spreadsheet takes for a formula, and the text that they stand for.

A cell whose text starts with ``=``, ``+``, ``-``, ``@``, a tab or a carriage return (after quotes and spaces, and in
full width too) gets a ``'`` in front; reading takes exactly one back, so that every text survives (CWE-1236).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

_FORMULA: Final = re.compile("['\\s]*[\t\r\0=+\\-@＝＋－＠]")


def safe_cell(text: str) -> str:
    """The text as it may stand in a cell."""
    return f"'{text}" if _FORMULA.match(text) else text


def plain_cell(cell: str) -> str:
    """The text that a cell stands for: what ``safe_cell`` was given."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell[1:]) else cell


def csv_line(cells: Iterable[str], delimiter: str = ",", newline: str = "\n") -> str:
    """One line of a CSV file, quoted as RFC 4180 has it; the cells are made safe by the caller."""
    return delimiter.join(quoted(cell, delimiter) for cell in cells) + newline


def quoted(cell: str, delimiter: str = ",") -> str:
    """The cell in quotation marks where it needs them, edges of spaces included."""
    special = delimiter in cell or '"' in cell or "\n" in cell or "\r" in cell or cell != cell.strip()
    return '"' + cell.replace('"', '""') + '"' if special else cell
