"""Two pictures beside each other, zoomed as one, with what was decided differently."""

from widgets.side_by_side.view import SideBySideView as SideBySideView
