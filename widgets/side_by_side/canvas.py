"""A picture whose zoom and place can be read and set, so that two of them move as one."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF

from widgets.zoom_canvas import ZoomCanvas


@dataclass(frozen=True)
class Place:
    """What part of a picture is seen, in terms that hold for a picture of any size."""

    x: float  # of the middle of the view, as a share of the picture's width
    y: float
    zoom: float  # 1 where the picture just fits
    fits: bool  # the picture follows the size of the view


class LinkedCanvas(ZoomCanvas):
    """A ZoomCanvas that can be told where to look."""

    def place(self) -> Place:
        """What is seen; in the middle at fit without a picture."""
        if self._pyramid is None or not self.hasImage():
            return Place(0.5, 0.5, 1.0, True)
        share_x, share_y = self._centre.x() / self._pyramid.width, self._centre.y() / self._pyramid.height
        return Place(share_x, share_y, self.scale() / self.fitScale(), self.isAtFit())

    def setPlace(self, place: Place) -> None:
        """Look at the same part as somebody else does."""
        if self._pyramid is None or not self.hasImage():
            return
        if place.fits:
            self.fit()
            return
        self._centre = QPointF(place.x * self._pyramid.width, place.y * self._pyramid.height)
        self.zoomTo(place.zoom * self.fitScale())
