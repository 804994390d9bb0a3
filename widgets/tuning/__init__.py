"""Tuning on screen: proposed thresholds, how far to believe a number, what a change does, saved profiles."""

from widgets.tuning.compare_view import CompareView
from widgets.tuning.flip_list import FlipList
from widgets.tuning.honesty import HonestyBadge
from widgets.tuning.panel import TuningPanel
from widgets.tuning.profile_list import ProfileList
from widgets.tuning.profile_pane import ProfilePane

__all__ = ["CompareView", "FlipList", "HonestyBadge", "ProfileList", "ProfilePane", "TuningPanel"]
