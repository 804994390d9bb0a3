"""Tuning on screen: the panel that proposes thresholds, the badge that says how far to believe a number."""

from widgets.tuning.honesty import HonestyBadge
from widgets.tuning.panel import TuningPanel

__all__ = ["HonestyBadge", "TuningPanel"]
