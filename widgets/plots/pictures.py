"""Which pictures there are, in the order of their tabs."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Final

from inference.types import MultipleKind
from widgets.plots.frame import PlotFrame
from widgets.plots.histogram_plot import HistogramPlot
from widgets.plots.matrix_page import MatrixPage
from widgets.plots.rates_plot import RatesPlot
from widgets.plots.reliability_plot import ReliabilityPlot
from widgets.plots.risk_plot import RiskPlot
from widgets.plots.roc_plot import RocPlot
from widgets.pr_plot import PRPlot


class Picture(StrEnum):
    """The tabs, in their order."""

    PR = "pr"
    ROC = "roc"
    RATES = "rates"
    HISTOGRAM = "histogram"
    RELIABILITY = "reliability"
    LABELS = "labels"  # the tables of counts between labels
    RISK = "risk"  # only where images can be rejected


TABS: Final = {
    Picture.PR: ("PR", "Precision over recall"),
    Picture.ROC: ("ROC", "True positive rate over false positive rate"),
    Picture.RATES: ("P/R/F", "Precision, recall and F1 against the threshold"),
    Picture.HISTOGRAM: ("Histogram", "Scores of positives and of negatives"),
    Picture.RELIABILITY: ("Reliability", "Whether scores mean what they say"),
    Picture.LABELS: ("Confusion", "Which labels are mixed up, or occur together"),
    Picture.RISK: ("Risk", "How often decided images are wrong, over how many are decided"),
}


PLOTS: Final[dict[Picture, Callable[[], PlotFrame]]] = {
    Picture.PR: PRPlot,
    Picture.ROC: RocPlot,
    Picture.RATES: RatesPlot,
    Picture.HISTOGRAM: HistogramPlot,
    Picture.RELIABILITY: ReliabilityPlot,
    Picture.RISK: RiskPlot,
}

# Pictures of one label, of which there is a small one for each label too.
MULTIPLES: Final = {Picture(kind.value): kind for kind in MultipleKind}


def clear_page(page: PlotFrame | MatrixPage) -> None:
    """Show nothing, until it is asked for again."""
    if isinstance(page, PRPlot):
        page.setCurve(None, "")
    elif isinstance(page, RocPlot):
        page.setRoc(None, "")
    elif isinstance(page, RatesPlot):
        page.setRates(None, "")
    elif isinstance(page, HistogramPlot):
        page.setHistogram(None, "")
    elif isinstance(page, ReliabilityPlot):
        page.setReliability(None, "")
    elif isinstance(page, RiskPlot):
        page.setCurve(None)
    elif isinstance(page, MatrixPage):
        page.setTable(None)
