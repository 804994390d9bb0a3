"""The labels table: one row a label with its threshold, the current image's score and the numbers they give."""

from widgets.labels_table.columns import Column
from widgets.labels_table.panel import LabelsPanel

__all__ = ["Column", "LabelsPanel"]
