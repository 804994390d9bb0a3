"""Decisions, curves, metrics: what thresholds do."""
