"""Choosing a calibration by its evidence."""

from widgets.calibration.panel import CalibrationPanel

__all__ = ["CalibrationPanel"]
