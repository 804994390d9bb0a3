"""Tuning: the thresholds of all labels at once, from goals in words."""
