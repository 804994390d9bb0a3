"""Every change of a threshold, the activation or the rule enters here, so that no two of them can differ."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtGui import QUndoStack

from app.commands import ChangeBand, ChangeDecision
from app.history import Together
from app.session import Decision, Session
from inference.evaluation.calibration.carrying import through
from inference.types import (
    CALIBRATION_NAMES,
    Activation,
    Advice,
    DecisionRule,
    LogitMap,
    ReviewBand,
    Thresholds,
    format_float32,
)

ACTIVATION_NAMES = {Activation.SIGMOID: "sigmoid", Activation.SOFTMAX: "softmax"}
RULE_NAMES = {
    DecisionRule.THRESHOLDS: "a threshold per label",
    DecisionRule.ARGMAX: "argmax",
    DecisionRule.ARGMAX_REJECT: "argmax that may reject",
    DecisionRule.TOP_K: "the highest labels of each image",
    DecisionRule.PER_IMAGE: "the best set of labels per image",
}


def scheme_words(decision: Decision) -> str:
    """What logits go through before the activation; "" where it is nothing."""
    words = []
    if decision.calibration is not None:
        words.append(f"calibrated: {CALIBRATION_NAMES[decision.calibration.method]}")
    if decision.biases is not None:
        words.append("class biases")
    return ", ".join(words)


class DecisionController:
    """Turns wishes into undoable changes of the session's decision."""

    def __init__(self, session: Session, stack: QUndoStack) -> None:
        self._session = session
        self._stack = stack
        self._edit = 0

    def set_threshold(self, label: int, value: float) -> None:
        """One label's threshold; changes until `finish_edit` are one step of undo."""
        session = self._session
        if session.dataset is None or not 0 <= label < len(session.decision.thresholds):
            return
        thresholds = session.decision.thresholds.replace(label, value)
        name = session.dataset.labels[label]
        self._push(
            replace(session.decision, thresholds=thresholds),
            f"threshold of {name} to {format_float32(value)}",
            label=label,
            edit=self._edit,
        )

    def set_all_thresholds(self, value: float) -> None:
        """The same threshold for every label."""
        decision = self._session.decision
        self._push(
            replace(decision, thresholds=Thresholds.uniform(len(decision.thresholds), value)),
            f"all thresholds to {format_float32(value)}",
            edit=self._edit,
        )

    def set_thresholds(self, thresholds: Thresholds, text: str) -> None:
        """Many at once, as one step that ``text`` names."""
        self.apply(replace(self._session.decision, thresholds=thresholds), text)

    def finish_edit(self) -> None:
        """The drag or the typing is over: what follows is another step of undo."""
        self._edit += 1

    def set_activation(self, activation: Activation) -> None:
        """Read the logits otherwise; they are kept, so nothing is scored again."""
        self._push(replace(self._session.decision, activation=activation), ACTIVATION_NAMES[activation])

    def set_rule(self, rule: DecisionRule) -> None:
        """Decide otherwise; the k highest labels begin with as many as an image has on average."""
        decision = self._session.decision
        starts = rule is DecisionRule.TOP_K and decision.rule is not rule and decision.k == 1
        k = self._session.sizes.usual if starts else decision.k
        self._push(replace(decision, rule=rule, k=k), RULE_NAMES[rule])

    def set_k(self, k: int) -> None:
        """How many labels an image is given at most."""
        self.apply(replace(self._session.decision, k=k), f"{k} labels an image")

    def set_calibration(self, calibration: LogitMap | None, thresholds: Thresholds, text: str) -> None:
        """Calibrate otherwise or not at all, with the thresholds carried over, as one step that ``text`` names."""
        self.apply(replace(self._session.decision, calibration=calibration, thresholds=thresholds), text)

    def apply(self, decision: Decision, text: str) -> None:
        """All of a decision at once, as one step that ``text`` names; a review band goes along with the calibration."""
        self.finish_edit()
        before, band = self._session.decision, self._session.band
        if band is None or decision.activation is not Activation.SIGMOID or decision.calibration == before.calibration:
            self._push(decision, text)
            return
        low, high = (
            Thresholds(through(end.values, before.logit_map, decision.logit_map)) for end in (band.low, band.high)
        )
        parts = (
            ChangeDecision(self._session, decision, text),
            ChangeBand(self._session, ReviewBand(low, high), text, edit=-1),
        )
        self._stack.push(Together(parts, text))
        self.finish_edit()

    def set_band(self, band: ReviewBand | None, text: str) -> None:
        """Between which scores a person looks; changes until `finish_edit` are one step of undo."""
        if band != self._session.band:
            self._stack.push(ChangeBand(self._session, band, text, edit=self._edit))

    def take_advice(self, advice: Advice) -> None:
        """The remedy on offer, as one step."""
        decision = replace(self._session.decision, activation=advice.activation, rule=advice.rule)
        self._push(decision, f"{ACTIVATION_NAMES[advice.activation]} with {RULE_NAMES[advice.rule]}")

    def _push(self, decision: Decision, text: str, *, label: int = -1, edit: int = -1) -> None:
        if decision != self._session.decision:
            self._stack.push(ChangeDecision(self._session, decision, text, label=label, edit=edit))
