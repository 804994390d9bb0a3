"""Tuning on screen: proposed thresholds, how far to believe a number, what a change does, saved profiles."""

from widgets.tuning.flip_list import FlipList
from widgets.tuning.honesty import HonestyBadge
from widgets.tuning.panel import TuningPanel
from widgets.tuning.profile_list import ProfileList

__all__ = ["FlipList", "HonestyBadge", "ProfileList", "TuningPanel"]
