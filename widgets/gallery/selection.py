"""Which images are selected, as people expect it of a list of files. No Qt here.

The image that is looked at (the current one) is always part of the selection, so that what an edit will change can be
seen. An image that a filter hides leaves the selection, unless it is the current one: no edit reaches what nobody sees.
"""

from __future__ import annotations

import numpy as np

from inference.types import BoolArray, IntArray


class ImageSelection:
    """The current image, the anchor of ranges, and a flag an image. Images are indices in the dataset.

    Every method that chooses gives back whether the selection changed; the current image is read afterwards.
    """

    def __init__(self) -> None:
        self.current = -1
        self._anchor = -1
        self._selected: BoolArray = np.zeros(0, dtype=bool)
        self._count = 0

    @property
    def many(self) -> bool:
        """Whether more than one image is selected."""
        return self._count > 1

    def __len__(self) -> int:
        return self._count

    def __contains__(self, index: object) -> bool:
        return isinstance(index, int) and 0 <= index < len(self._selected) and bool(self._selected[index])

    def in_order(self, rows: IntArray) -> IntArray:
        """The selected images as they are listed in ``rows``; last the current one where it is not listed."""
        listed = rows[self._selected[rows]]
        if len(listed) < self._count:
            return np.append(listed, np.int64(self.current))
        return listed

    def reset(self, count: int) -> None:
        """Nothing is selected of ``count`` images."""
        self.current = self._anchor = -1
        self._selected = np.zeros(count, dtype=bool)
        self._count = 0

    def choose(self, index: int) -> bool:
        """Only this image; -1 for none."""
        wanted = np.zeros(len(self._selected), dtype=bool)
        if 0 <= index < len(wanted):
            wanted[index] = True
        else:
            index = -1
        self.current = self._anchor = index
        return self._take(wanted)

    def look_at(self, index: int) -> bool:
        """The image is looked at: within the selection that stays as it is, elsewhere only it is selected."""
        if index == self.current:  # told again by whoever heard it: a range that is growing keeps its anchor
            return False
        if index not in self:
            return self.choose(index)
        self.current = self._anchor = index
        return False

    def toggle(self, index: int, rows: IntArray) -> bool:
        """Add the image and look at it, or take it out; the last one stays."""
        if index in self:
            if self._count == 1:
                return False
            wanted = self._selected.copy()
            wanted[index] = False
            if index == self.current:
                self.current = _nearest(index, wanted, rows)
        else:
            wanted = self._listed(rows)
            wanted[index] = True
            self.current = index
        self._anchor = index
        return self._take(wanted)

    def extend(self, index: int, rows: IntArray, row_of: IntArray, *, add: bool = False) -> bool:
        """All from the anchor to the image in the order of ``rows``, beside what was selected (``add``) or instead."""
        start = int(row_of[self._anchor]) if self._anchor >= 0 else -1
        end = int(row_of[index])
        if start < 0:
            return self.choose(index)
        wanted = self._listed(rows) if add else np.zeros(len(self._selected), dtype=bool)
        wanted[rows[min(start, end) : max(start, end) + 1]] = True
        self.current = index
        return self._take(wanted)

    def select(self, indices: IntArray, rows: IntArray) -> bool:
        """These, as far as they are listed; the current one stays where it is among them, else the first is looked at.

        The one that is looked at is selected in any case.
        """
        wanted = np.zeros(len(self._selected), dtype=bool)
        wanted[indices] = True
        if not len(indices):
            self.current = self._anchor = -1
        elif self.current < 0 or not wanted[self.current]:
            self.current = self._anchor = int(indices[0])
        listed = np.zeros(len(self._selected), dtype=bool)
        listed[rows] = wanted[rows]
        if self.current >= 0:
            listed[self.current] = True
        return self._take(listed)

    def keep_listed(self, rows: IntArray) -> bool:
        """What is not listed any more leaves the selection, but for the current image."""
        if self._count < 2:
            return False
        wanted = self._listed(rows)
        wanted[self.current] = True
        return self._take(wanted)

    def _listed(self, rows: IntArray) -> BoolArray:
        """What is selected and listed: where one looks at another image, a hidden one goes."""
        wanted = np.zeros(len(self._selected), dtype=bool)
        wanted[rows] = self._selected[rows]
        return wanted

    def _take(self, wanted: BoolArray) -> bool:
        changed = not np.array_equal(wanted, self._selected)
        self._selected = wanted
        self._count = int(np.count_nonzero(wanted))
        return changed


def _nearest(index: int, wanted: BoolArray, rows: IntArray) -> int:
    """The wanted image that is listed nearest to ``index``, which is listed itself as all wanted ones are."""
    places = np.flatnonzero(wanted[rows])
    here = np.flatnonzero(rows == index)[0]
    return int(rows[places[np.argmin(np.abs(places - here))]])
