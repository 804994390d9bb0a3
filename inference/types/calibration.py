"""What calibration does to scores: errors before and after, out of fold, and the labels that it leaves alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from inference.choices import CalibrationMethod as CalibrationMethod
from inference.types.base import FloatArray

CALIBRATION_NAMES: Final = {
    CalibrationMethod.NONE: "Off",
    CalibrationMethod.TEMPERATURE: "Temperature",
    CalibrationMethod.PLATT: "Platt",
    CalibrationMethod.ISOTONIC: "Isotonic",
    CalibrationMethod.BIAS_CORRECTED: "Bias-corrected temperature",
}


@dataclass(frozen=True)
class ScoreErrors:
    """How far scores are from probabilities: 0 is best for all three. NaN where undefined."""

    log_loss: float
    brier: float
    ece: float  # expected calibration error


@dataclass(frozen=True, eq=False)
class CalibrationErrors:
    """The errors of each label as one question of yes or no, each (c,), and of all together. NaN where undefined.

    ``overall`` is the mean of the labels under sigmoid. Under softmax it looks at whole images: log loss of the true
    class, Brier's sum over classes, and the ECE of the winner's score.
    """

    log_loss: FloatArray
    brier: FloatArray
    ece: FloatArray
    overall: ScoreErrors

    def of(self, label: int) -> ScoreErrors:
        """One label's errors."""
        return ScoreErrors(float(self.log_loss[label]), float(self.brier[label]), float(self.ece[label]))


@dataclass(frozen=True, eq=False)
class CalibrationReport:
    """One method, judged on images that its maps were not fitted on."""

    method: CalibrationMethod
    after: CalibrationErrors
    gain: float  # by which the overall log loss falls; below 0 it rises
    gain_error: float  # its standard error, over images
    left: tuple[str, ...]  # (c,); why a label's scores stay as they are, "" where they do not
    caveats: tuple[str, ...]  # (c,); what to know of a label that is calibrated, "" for nothing
    setting: str = ""  # of a map with one number for all: "T = 1.83"

    @property
    def n_calibrated(self) -> int:
        """Labels whose scores are mapped."""
        return sum(not reason for reason in self.left)


@dataclass(frozen=True, eq=False)
class CalibrationEvidence:
    """All methods beside none at all."""

    before: CalibrationErrors
    reports: tuple[CalibrationReport, ...]
    recommended: CalibrationMethod  # NONE: no method is better than none
    n_images: int  # judged on
    n_folds: int

    def report(self, method: CalibrationMethod) -> CalibrationReport | None:
        """What is known of one method; None of one that was not judged, as of NONE."""
        return next((report for report in self.reports if report.method is method), None)

    def errors(self, method: CalibrationMethod) -> CalibrationErrors | None:
        """The errors with a method, or with none at all."""
        report = self.report(method)
        if report is not None:
            return report.after
        return self.before if method is CalibrationMethod.NONE else None


@dataclass(frozen=True)
class CarriedDecisions:
    """What became of decisions when thresholds were carried to other scores."""

    method: CalibrationMethod  # of the scores they were carried to
    n_flipped: int  # images decided otherwise than before
    n_images: int
