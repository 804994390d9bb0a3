"""All pictures in tabs. Only the one in sight is asked for, so that hidden ones cost nothing."""

from __future__ import annotations

import math
from typing import TypeGuard

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from inference.types import (
    CountTable,
    OperatingPoint,
    PRCurve,
    RatesByThreshold,
    Reliability,
    RiskCoverage,
    RocCurve,
    ScoreHistogram,
    TableKind,
)
from widgets.plots.frame import PlotFrame
from widgets.plots.histogram_plot import HistogramPlot
from widgets.plots.matrix_page import MatrixPage
from widgets.plots.multiples_page import MultiplesPage
from widgets.plots.multiples_tabs import HELP, ONLY_ONE, MultiplesTabs
from widgets.plots.pictures import MULTIPLES, PLOTS, clear_page
from widgets.plots.pictures import TABS as TABS
from widgets.plots.pictures import Picture as Picture
from widgets.plots.rates_plot import RatesPlot
from widgets.plots.reliability_plot import ReliabilityPlot
from widgets.plots.risk_plot import RiskPlot
from widgets.plots.roc_plot import RocPlot
from widgets.plots.threshold_plot import ThresholdPlot
from widgets.pr_plot import PRPlot


def _is_of_label(page: QWidget) -> TypeGuard[ThresholdPlot]:
    """Whether the picture moves with the chosen label's threshold."""
    return isinstance(page, ThresholdPlot) and not isinstance(page, RiskPlot)


class PlotTabs(MultiplesTabs):
    """One label's pictures, small ones of all labels, and the tables between labels.

    ``pictureRequested`` carries the name of the picture that came into sight, whenever one does: "pr", "roc",
    "rates", "histogram", "reliability", "risk", or a TableKind: "confusion", "missed", "together". Whoever hears it
    calls the setter of that picture. It carries "" when small pictures of all labels came into sight, which ask for
    themselves. Setters emit nothing; one whose picture was never in sight makes its plot.
    """

    pictureRequested = Signal(str)
    thresholdChanged = Signal(float)
    thresholdEditFinished = Signal()
    riskThresholdChanged = Signal(float)  # of every class: the score under which an image is rejected
    scoreRangeChosen = Signal(float, float)  # lowest and highest score, both included
    cellChosen = Signal(str, int, int)  # kind of the table, its row and column
    stopRequested = Signal(bool)  # the next score that changes a decision of the chosen label; True: upwards
    saveRequested = Signal(str)  # "svg" or "png" of the picture in sight

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._point: OperatingPoint | None = None
        self._message = ""
        self._risk_threshold = math.nan
        self._active, self._reason = True, ""
        self._kinds: tuple[TableKind, ...] = (TableKind.MISSED, TableKind.TOGETHER)
        self._pages: dict[Picture, PlotFrame | MatrixPage] = {}
        self._bar = QTabBar()
        self._bar.setAccessibleName("Pictures")
        self._bar.setDrawBase(False)
        self._bar.setExpanding(False)
        self._bar.setUsesScrollButtons(True)
        for text, help_text in TABS.values():
            self._bar.setTabToolTip(self._bar.addTab(text), help_text)
        self.setRiskShown(False)
        self._stack = QStackedWidget()
        top = QHBoxLayout()
        top.setContentsMargins(0, 0, 3, 0)
        top.addWidget(self._bar, 1)
        top.addWidget(self._all_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(top)
        column.addWidget(self._stack, 1)
        self._stack.setCurrentWidget(self._page(Picture.PR))
        self._bar.currentChanged.connect(self._on_tab)

    # Setters of pictures

    def setCurve(self, curve: PRCurve | None, label: str) -> None:
        """The precision-recall curve."""
        self.prPlot().setCurve(curve, label)

    def setRoc(self, roc: RocCurve | None, label: str) -> None:
        """The ROC curve."""
        page = self._page(Picture.ROC)
        assert isinstance(page, RocPlot)
        page.setRoc(roc, label)

    def setRates(self, rates: RatesByThreshold | None, label: str) -> None:
        """Precision, recall and F1 by threshold."""
        page = self._page(Picture.RATES)
        assert isinstance(page, RatesPlot)
        page.setRates(rates, label)

    def setHistogram(self, histogram: ScoreHistogram | None, label: str) -> None:
        """The score histogram."""
        page = self._page(Picture.HISTOGRAM)
        assert isinstance(page, HistogramPlot)
        page.setHistogram(histogram, label)

    def setReliability(self, reliability: Reliability | None, label: str) -> None:
        """The reliability diagram."""
        page = self._page(Picture.RELIABILITY)
        assert isinstance(page, ReliabilityPlot)
        page.setReliability(reliability, label)

    def setBefore(self, reliability: Reliability | None) -> None:
        """The reliability diagram without calibration, behind the one that is shown."""
        page = self._page(Picture.RELIABILITY)
        assert isinstance(page, ReliabilityPlot)
        page.setBefore(reliability)

    def setRisk(self, risk: RiskCoverage | None) -> None:
        """The risk-coverage curve."""
        page = self._page(Picture.RISK)
        assert isinstance(page, RiskPlot)
        page.setCurve(risk)

    def setRiskThreshold(self, threshold: float) -> None:
        """The score under which an image is rejected; NaN where the classes differ in it."""
        self._risk_threshold = threshold
        page = self._pages.get(Picture.RISK)
        if isinstance(page, RiskPlot):
            page.setThreshold(threshold)

    def setRiskShown(self, shown: bool) -> None:
        """Whether images can be rejected, so that there is a risk-coverage curve."""
        index = list(TABS).index(Picture.RISK)
        if not shown and self._bar.currentIndex() == index:
            self._bar.setCurrentIndex(0)
        self._bar.setTabVisible(index, shown)

    def setTable(self, table: CountTable | None) -> None:
        """A table of counts between labels; its kind becomes the one in sight in its tab."""
        page = self._matrix_page()
        if table is not None:
            page.setKind(table.kind)
        page.setTable(table)

    def forgetPictures(self) -> None:
        """The pictures that are not in sight are out of date: they are empty until they are asked for again."""
        for page in self._pages.values():
            if page is not self._front():
                clear_page(page)

    # Setters of what they share

    def setTableKinds(self, kinds: tuple[TableKind, ...]) -> None:
        """Which tables there are: that of a multi-class folder, or those of a multi-label one."""
        self._kinds = kinds
        page = self._pages.get(Picture.LABELS)
        if isinstance(page, MatrixPage):
            page.setKinds(kinds)

    def setOperatingPoint(self, point: OperatingPoint | None) -> None:
        """Where the label's threshold stands."""
        self._point = point
        page = self._front()
        if _is_of_label(page):
            page.setOperatingPoint(point)

    def setMessage(self, text: str) -> None:
        """A sentence instead of the pictures, until it is "" or a picture comes that can be drawn."""
        self._message = text
        for page in self._pages.values():
            page.setMessage(text)

    def setActive(self, active: bool, reason: str = "") -> None:
        """Whether thresholds matter now; if not, pictures are dimmed and the reason shown."""
        self._active, self._reason = active, reason
        for page in self._pages.values():
            if isinstance(page, PlotFrame):
                page.setActive(active, reason)
        if self._grid is not None:
            self._grid.setActive(active, reason)

    def setCurrentPicture(self, picture: Picture) -> None:
        """Bring a tab to the front; nothing is emitted, so whoever calls sets its picture too."""
        self._bar.blockSignals(True)
        self._bar.setCurrentIndex(list(TABS).index(picture))
        self._bar.blockSignals(False)
        self._show_front()

    def clearChoice(self) -> None:
        """No bar and no point is chosen any more."""
        for page in self._pages.values():
            if isinstance(page, HistogramPlot | ReliabilityPlot):
                page.clearChoice()

    # Reading

    def currentPicture(self) -> Picture:
        """The tab in front."""
        return list(TABS)[self._bar.currentIndex()]

    def wantedPicture(self) -> str:
        """What ``pictureRequested`` would say now."""
        picture = self.currentPicture()
        if self._shows_grid():
            return ""
        return self._matrix_page().kind().value if picture is Picture.LABELS else picture.value

    def prPlot(self) -> PRPlot:
        """The precision-recall plot."""
        page = self._page(Picture.PR)
        assert isinstance(page, PRPlot)
        return page

    def svg(self) -> bytes:
        """The picture in sight as an SVG document."""
        return self._front().svg()

    def png(self) -> bytes:
        """The picture in sight as a PNG."""
        return self._front().png()

    def data_text(self) -> str:
        """The numbers behind the picture in sight, cells apart by tabs."""
        return self._front().data_text()

    def text(self) -> str:
        """What the picture in sight says in words."""
        return self._front().text()

    def sizeHint(self) -> QSize:
        """Room for a picture and the tabs."""
        return QSize(420, 340 + self._bar.sizeHint().height())

    # Acting

    def _page(self, picture: Picture) -> PlotFrame | MatrixPage:
        """The picture's plot, made when it is first needed: each costs some milliseconds."""
        if picture not in self._pages:
            page = self._make(picture)
            page.saveRequested.connect(self.saveRequested)
            page.setMessage(self._message)
            if not isinstance(page, MatrixPage):
                page.setActive(self._active, self._reason)
            self._pages[picture] = page
            self._stack.addWidget(page)
        return self._pages[picture]

    def _make(self, picture: Picture) -> PlotFrame | MatrixPage:
        if picture is Picture.LABELS:
            return self._make_matrix_page()
        page = PLOTS[picture]()
        if isinstance(page, RiskPlot):
            page.setThreshold(self._risk_threshold)
            page.thresholdChanged.connect(self.riskThresholdChanged)
            page.thresholdEditFinished.connect(self.thresholdEditFinished)
        elif isinstance(page, ThresholdPlot):
            page.thresholdChanged.connect(self._on_threshold)
            page.thresholdEditFinished.connect(self.thresholdEditFinished)
            page.stopRequested.connect(self.stopRequested)
        if _is_of_label(page) or isinstance(page, ReliabilityPlot):
            page.scoreRangeChosen.connect(self.scoreRangeChosen)
        return page

    def _make_matrix_page(self) -> MatrixPage:
        page = MatrixPage()
        page.setKinds(self._kinds)
        page.cellChosen.connect(self.cellChosen)
        page.kindChosen.connect(self.pictureRequested)
        return page

    def _matrix_page(self) -> MatrixPage:
        page = self._page(Picture.LABELS)
        assert isinstance(page, MatrixPage)
        return page

    def _front(self) -> PlotFrame | MatrixPage:
        """The page in sight."""
        page = self._stack.currentWidget()
        assert isinstance(page, PlotFrame | MatrixPage)
        return page

    def _shows_grid(self) -> bool:
        return self.allLabels() and self.currentPicture() in MULTIPLES

    def _show_front(self) -> None:
        """The tab's picture, or its small ones of all labels."""
        picture = self.currentPicture()
        self._all_button.setEnabled(picture in MULTIPLES)
        self._all_button.setToolTip(HELP if picture in MULTIPLES else ONLY_ONE)
        page = self._whole_grid() if self._shows_grid() else self._page(picture)
        if _is_of_label(page):
            page.setOperatingPoint(self._point)
        self._stack.setCurrentWidget(page)

    def _whole_grid(self) -> MultiplesPage:
        is_new = self._grid is None
        grid = self._grid_page(MULTIPLES[self.currentPicture()])
        if is_new:
            grid.setActive(self._active, self._reason)
            grid.thresholdEditFinished.connect(self.thresholdEditFinished)
            grid.saveRequested.connect(self.saveRequested)
            self._stack.addWidget(grid)
        return grid

    def _on_tab(self) -> None:
        self._show_front()
        if self.isVisible():
            self.pictureRequested.emit(self.wantedPicture())

    def _on_all_labels(self) -> None:
        super()._on_all_labels()
        self.pictureRequested.emit(self.wantedPicture())

    def _on_threshold(self, threshold: float) -> None:
        page = self.sender()
        if isinstance(page, ThresholdPlot):
            self._point = page.operatingPoint()
        self.thresholdChanged.emit(threshold)

    # Qt's events

    def showEvent(self, event: QShowEvent) -> None:
        """A picture has come into sight."""
        super().showEvent(event)
        if not event.spontaneous():
            self.pictureRequested.emit(self.wantedPicture())
