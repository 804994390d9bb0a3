"""Maps of logits with which scores mean what they say, and the evidence for and against each."""

from inference.evaluation.calibration.fitting import Fitted, fit, fitted, methods_for

__all__ = ["Fitted", "fit", "fitted", "methods_for"]
