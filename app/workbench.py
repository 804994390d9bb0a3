"""The panes of the main window. Made after the start page is on the screen: plots take a moment to import."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QDockWidget, QLabel, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from widgets.annotate import AnnotatePanel
from widgets.averages import AveragesPanel
from widgets.calibration import CalibrationPanel
from widgets.empty_pane import EmptyPane
from widgets.fresh import FreshPanel
from widgets.gallery import Gallery
from widgets.image_view import ImageView
from widgets.labels_table import LabelsPanel
from widgets.plots.tabs import PlotTabs
from widgets.review import ReviewBandPanel
from widgets.rule_bar import RuleBar
from widgets.side_by_side import SideBySideView
from widgets.tuning import FlipList, HonestyBadge, ProfilePane, TuningPanel


class Workbench:
    """Every pane, by name, and the docks that hold them."""

    def __init__(self, window: QMainWindow) -> None:
        self.rule_bar = RuleBar()
        self.gallery = Gallery()
        self.image_view = ImageView()
        self.labels = LabelsPanel()
        self.averages = AveragesPanel()
        self.plots = PlotTabs()
        self.honesty = HonestyBadge()
        self.tuning = TuningPanel()
        self.profile_pane = ProfilePane()
        self.profiles, self.compare = self.profile_pane.saved, self.profile_pane.compare
        self.flips = FlipList()
        self.calibration = CalibrationPanel()
        self.review = ReviewBandPanel()
        self.fresh = FreshPanel()
        self.annotate = AnnotatePanel()
        self.side_by_side = SideBySideView()
        self.tuning_obstacle = QLabel()
        self.tuning_obstacle.setWordWrap(True)
        self.tuning_obstacle.setMargin(16)
        self.tuning_obstacle.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.rule_strip = QWidget()
        strip = QVBoxLayout(self.rule_strip)
        strip.setContentsMargins(10, 5, 10, 4)
        strip.addWidget(self.rule_bar)
        self._window = window
        side = Qt.DockWidgetArea
        numbers = QWidget()
        column = QVBoxLayout(numbers)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.labels, 1)
        column.addWidget(self.averages)
        column.addWidget(self.honesty)
        self.without_model = (
            EmptyPane(
                "No model is open",
                "With a model, each label has its threshold here, and its precision and recall. "
                "Labeling goes on without one, under Annotate.",
                "Open a &model…",
            ),
            EmptyPane("No model is open", "With a model, this is the place of its curves.", "&Open a model…"),
        )
        self._need_model = (_either(numbers, self.without_model[0]), _either(self.plots, self.without_model[1]))
        self._places = {
            _dock("Images", "images", self.gallery, window): side.LeftDockWidgetArea,
            _dock("Labels", "labels", self._need_model[0], window): side.RightDockWidgetArea,
            _dock("Annotate", "annotate", self.annotate, window): side.RightDockWidgetArea,
            _dock("Tuning", "tuning", self._tuning_pane(), window): side.RightDockWidgetArea,
            _dock("Profiles", "profiles", self.profile_pane, window): side.RightDockWidgetArea,
            _dock("Changes", "changes", self.flips, window): side.RightDockWidgetArea,
            _dock("Calibration", "calibration", self.calibration, window): side.RightDockWidgetArea,
            _dock("Review band", "review_band", self.review, window): side.RightDockWidgetArea,
            _dock("New images", "new_images", self.fresh, window): side.RightDockWidgetArea,
            _dock("Plots", "plots", self._need_model[1], window): side.BottomDockWidgetArea,
        }
        self.docks = tuple(self._places)
        self.images_dock, self.labels_dock, self.annotate_dock = self.docks[:3]
        self.tuning_dock, self.profiles_dock, self.changes_dock = self.docks[3:6]
        self.calibration_dock, self.review_dock, self.fresh_dock = self.docks[6:9]
        self.plots_dock = self.docks[9]
        self._on_demand = self.docks[6:9]  # nine tabs would crowd the window
        for corner in (Qt.Corner.TopLeftCorner, Qt.Corner.BottomLeftCorner):
            window.setCorner(corner, side.LeftDockWidgetArea)
        for corner in (Qt.Corner.TopRightCorner, Qt.Corner.BottomRightCorner):
            window.setCorner(corner, side.RightDockWidgetArea)
        for dock, area in self._places.items():
            window.addDockWidget(area, dock)

    def _tuning_pane(self) -> QWidget:
        pane = QStackedWidget()
        pane.addWidget(self.tuning_obstacle)
        pane.addWidget(self.tuning)
        return pane

    def show_model(self, model: bool) -> None:
        """Thresholds, numbers, curves and the decision rule; or, without a model, what they would take."""
        for pane in self._need_model:
            pane.setCurrentIndex(0 if model else 1)
        self.rule_strip.setVisible(model)
        if not model:
            self.annotate_dock.raise_()

    def show_tuning(self, obstacle: str) -> None:
        """The tuning panel, or why nothing can be tuned."""
        pane = self.tuning.parentWidget()
        assert isinstance(pane, QStackedWidget)
        self.tuning_obstacle.setText(obstacle)
        pane.setCurrentWidget(self.tuning_obstacle if obstacle else self.tuning)

    def reset_layout(self) -> None:
        """Every dock in its first place, with room for what it shows: the layout to tune in."""
        self._lay_out(self.labels_dock, (14, 51, 42))

    def review_layout(self) -> None:
        """Room for the gallery; the labels and the changes beside it."""
        self._lay_out(self.labels_dock, (40, 34, 30), hidden=(self.tuning_dock,))

    def label_layout(self) -> None:
        """The image and what is said of it; no plots."""
        hidden = (self.tuning_dock, self.profiles_dock, self.changes_dock, self.plots_dock)
        self._lay_out(self.annotate_dock, (20, 27, 0), hidden=hidden)

    def _lay_out(self, front: QDockWidget, shares: tuple[int, int, int], hidden: tuple[QDockWidget, ...] = ()) -> None:
        """Docks in their places; ``shares`` of the window in percent for the sides left, right and below."""
        self.hide_docks()  # stacked above one another they would stretch the window
        for dock, area in self._places.items():
            dock.setFloating(False)
            self._window.addDockWidget(area, dock)
        _, labels, *others, _ = self.docks
        for dock in others:
            self._window.tabifyDockWidget(labels, dock)
        for dock in self.docks:
            dock.setVisible(dock not in self._on_demand and dock not in hidden)
        front.raise_()
        QTimer.singleShot(0, self._window, lambda: self._share_room(shares))  # once the docks are where they belong

    def _share_room(self, shares: tuple[int, int, int]) -> None:
        width, height = self._window.width(), self._window.height()
        left, right, below = shares
        sides = [max(160, width * left // 100), max(360 if right < 40 else 480, width * right // 100)]
        self._window.resizeDocks([self.images_dock, self.labels_dock], sides, Qt.Orientation.Horizontal)
        if below:
            self._window.resizeDocks([self.plots_dock], [max(220, height * below // 100)], Qt.Orientation.Vertical)

    def hide_docks(self) -> None:
        """All docks at once: the start page has none."""
        for dock in self.docks:
            dock.hide()

    def bring_forward(self, dock: QDockWidget) -> None:
        """A dock where the user sees it."""
        dock.show()
        dock.raise_()


def _either(filled: QWidget, empty: EmptyPane) -> QStackedWidget:
    pane = QStackedWidget()
    pane.addWidget(filled)
    pane.addWidget(empty)
    return pane


def _dock(title: str, name: str, widget: QWidget, window: QMainWindow) -> QDockWidget:
    dock = QDockWidget(title, window)
    dock.setObjectName(name)
    dock.setWidget(widget)
    return dock
