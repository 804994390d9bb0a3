"""Collecting what a file says, row by row, into one matrix: paths are resolved, repeats merged, doubts said."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from inference.data.formats.base import FileAnnotations, ReadOptions, Rest, filled
from inference.data.image_index import AMBIGUOUS, MISSING, OUTSIDE, ImageIndex
from inference.data.sentences import counted, shortened, some
from inference.errors import LabelFileError
from inference.types import NEGATIVE, POSITIVE, UNKNOWN, IntArray, ScoreArray, StateArray, Task
from inference.types.annotating import UNSAID, StatementArray

_SAYS: Final = {POSITIVE: 1, NEGATIVE: 2, UNKNOWN: 4, UNSAID: 0}
_BOTH: Final = 3
_MOST_CELLS: Final = 1 << 31
_SHOWN: Final = 5


class Gathering:
    """What one file says. ``what`` is the word for a place in it: line, entry, file."""

    def __init__(self, path_name: str, index: ImageIndex, *, what: str = "line", labels: Sequence[str] = ()) -> None:
        self.name = path_name
        self.index = index
        self.images: list[str] = []
        self.labels: list[str] = []
        self.refused: list[str] = []
        self.notes: list[str] = []  # further sentences, of the reader
        self._what = what
        self._row_of: dict[str, int] = {}
        self._known: dict[str, int | None] = {}
        self._column_of: dict[str, int] = {}
        self._missing: dict[str, str] = {}
        self._ambiguous: dict[str, str] = {}
        self._unnamed: list[str] = []
        self._odd_scores: list[str] = []
        self._rows, self._columns, self._places = array("q"), array("q"), array("q")
        self._bits = array("B")
        self._blocks: list[tuple[IntArray, IntArray, StateArray, IntArray]] = []
        self._scores: dict[tuple[int, int], float] = {}
        for label in labels:
            self.label(label)

    def place(self, number: int) -> str:
        """``line 17``."""
        return f"{self._what} {number:,}"

    def image(self, key: str, number: int) -> int | None:
        """The row of the image that ``key`` names; None where it leads out of the root or is empty.

        One that is not there, or that fits several images, keeps the name as written.
        """
        if key in self._known:
            row = self._known[key]
            if row is None:
                self._refuse(key, number)
            return row
        found = self.index.find(key) if "\0" not in key else MISSING
        name = key.strip()
        if found >= 0:
            name = self.index.names[found]
        elif found == OUTSIDE or not name:
            self._refuse(key, number)
            self._known[key] = None
            return None
        elif found == AMBIGUOUS:
            self._ambiguous.setdefault(name, self.place(number))
        else:
            self._missing.setdefault(name, self.place(number))
        row = self._row_of.setdefault(name, len(self.images))
        if row == len(self.images):
            self.images.append(name)
        self._known[key] = row
        return row

    def label(self, name: object, number: int = 0) -> int | None:
        """The column of a label, made where it is new; None for a name that is empty or no text, which is said."""
        if isinstance(name, str) and (column := self._column_of.get(name)) is not None:
            return column
        text = name.strip() if isinstance(name, str) else ""
        if not text:
            self._unnamed.append(f"{shortened(repr(name), 30)} in {self.place(number)}")
            return None
        column = self._column_of.setdefault(text, len(self.labels))
        if column == len(self.labels):
            self.labels.append(text)
        return column

    def say(self, row: int, column: int, value: int, number: int) -> None:
        """Add one statement, made in place ``number`` of the file."""
        self._rows.append(row)
        self._columns.append(column)
        self._bits.append(_SAYS[value])
        self._places.append(number)

    def say_block(self, rows: IntArray, columns: IntArray, statements: StatementArray, numbers: IntArray) -> None:
        """Add many statements (r, c): those of line ``i``, at ``numbers[i]``, are about image ``rows[i]``."""
        self._blocks.append((rows, columns, bits_of(statements), numbers))

    def score(self, row: int, column: int, value: object, number: int) -> None:
        """Add the score that a model gave; what is no number from 0 to 1 is left out, which is said."""
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1:
            self._scores[row, column] = float(value)
        else:
            self._odd_scores.append(f"{shortened(repr(value), 30)} in {self.place(number)}")

    def finish(
        self,
        format_key: str,
        options: ReadOptions,
        *,
        rest: Rest = Rest.NONE,
        task: Task | None = None,
        parts: Mapping[int, str] | None = None,
        extras: Mapping[str, Any] | None = None,
        warnings: Sequence[str] = (),
    ) -> FileAnnotations:
        """Everything that was said. A known cell beats "unknown"; cells that contradict each other become unknown.

        ``parts``: part of a split by row. Raises LabelFileError where there are far too many labels.
        """
        statements, disputes = self._merged()
        found = FileAnnotations(
            format=format_key,
            images=tuple(self.images),
            statements=statements,
            labels=tuple(self.labels),
            rest=rest,
            task=task,
            parts=tuple((parts or {}).get(row, "") for row in range(len(self.images))) if parts else (),
            scores=self._score_matrix(),
            missing=tuple(self._missing),
            refused=tuple(self.refused),
            warnings=(*warnings, *self.notes, *self._sentences(), *disputes),
            extras=dict(extras or {}),
        )
        return filled(found, options.unlisted_means)

    def _score_matrix(self) -> ScoreArray | None:
        if not self._scores:
            return None
        scores = np.full((len(self.images), len(self.labels)), np.nan, dtype=np.float32)
        for (row, column), value in self._scores.items():
            scores[row, column] = value
        return scores

    def _refuse(self, key: str, number: int) -> None:
        self.refused.append(f"{shortened(key)!r} in {self.place(number)}")

    def _merged(self) -> tuple[StatementArray, list[str]]:
        shape = (len(self.images), len(self.labels))
        if shape[0] * shape[1] > _MOST_CELLS:
            raise LabelFileError(
                f"{self.name} has {shape[1]:,} different labels for {shape[0]:,} images, which cannot be right: "
                "choose another column or separator."
            )
        bits = np.zeros(shape, dtype=np.uint8)
        np.bitwise_or.at(bits, (_ints(self._rows), _ints(self._columns)), np.frombuffer(self._bits, dtype=np.uint8))
        for rows, columns, said, _ in self._blocks:
            np.bitwise_or.at(bits, (rows[:, None], columns[None, :]), said)
        return statements_of(bits), self._disputes(bits)

    def _disputes(self, bits: StateArray) -> list[str]:
        disputed = (bits & _BOTH) == _BOTH
        cells = np.argwhere(disputed)
        if not len(cells):
            return []
        examples = []
        for row, column in cells[:_SHOWN].tolist():
            where = some([self.place(number) for number in dict.fromkeys(self._places_of(row, column))], 3)
            examples.append(f"{shortened(self.images[row])} ({shortened(self.labels[column], 30)}; {where})")
        more = f" and {len(cells) - _SHOWN:,} more" if len(cells) > _SHOWN else ""
        return [
            f"{self.name} contradicts itself about {counted(len(cells), 'label')} of "
            f"{counted(int(disputed.any(axis=1).sum()), 'image')}, which makes them unknown: "
            f"{'; '.join(examples)}{more}."
        ]

    def _places_of(self, row: int, column: int) -> list[int]:
        here = (_ints(self._rows) == row) & (_ints(self._columns) == column)
        found: list[int] = _ints(self._places)[here].tolist()
        for rows, columns, said, numbers in self._blocks:
            for position in np.flatnonzero(columns == column).tolist():
                found += numbers[(rows == row) & (said[:, position] & _BOTH > 0)].tolist()
        return found

    def _sentences(self) -> list[str]:
        texts = []
        if self.refused:
            texts.append(
                f"{self.name}: {counted(len(self.refused), 'path')} refused, leading out of {self.index.root}: "
                f"{some(self.refused)}."
            )
        for found, words in (
            (self._ambiguous, "fitting several images; write more of the path"),
            (self._missing, "not there"),
        ):
            if found:
                shown = [f"{shortened(name)!r} in {place}" for name, place in found.items()]
                texts.append(f"{self.name}: {counted(len(found), 'image')} named but {words}: {some(shown)}.")
        if self._unnamed:
            texts.append(
                f"{self.name}: {counted(len(self._unnamed), 'label')} left out, empty or no text: "
                f"{some(self._unnamed)}."
            )
        if self._odd_scores:
            texts.append(
                f"{self.name}: {counted(len(self._odd_scores), 'score')} left out, no number from 0 to 1: "
                f"{some(self._odd_scores)}."
            )
        return texts


def statements_of(bits: StateArray) -> StatementArray:
    """Statements from bits (1 positive, 2 negative, 4 unknown) of any shape; a contradiction is unknown."""
    table = np.array([UNSAID, POSITIVE, NEGATIVE, UNKNOWN, UNKNOWN, POSITIVE, NEGATIVE, UNKNOWN], dtype=np.int8)
    return table[bits]


def bits_of(statements: StatementArray) -> StateArray:
    """The bits of statements: 1 positive, 2 negative, 4 unknown, 0 unsaid."""
    table = np.zeros(4, dtype=np.uint8)
    for value, bit in _SAYS.items():
        table[value] = bit  # UNKNOWN and UNSAID count from the end
    return table[statements]


def _ints(numbers: array[int]) -> IntArray:
    return np.frombuffer(numbers, dtype=np.int64) if len(numbers) else np.empty(0, dtype=np.int64)
