"""What edits of the image being looked at do to its scores: tried at once, written nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from app.jobs import Job, Jobs, Lane
from app.predicted import PredictedModel
from app.session import Session
from inference.evaluation.evaluator import image_scores
from inference.models.opening import LoadedModel
from inference.models.score_edits import apply_edits, score_picture
from inference.types import ImageScores, RgbArray, ScoreArray
from inference.types.looking import NO_EDITS, Edits

_DEBOUNCE_MS: Final = 30
_NO_MODEL = "Open a model first: it is asked again for each edit."
_NO_IMAGE = "Choose an image in the gallery."
_UNUSABLE = "The model gives NaN or infinity for this picture, so that there are no scores."


@dataclass(frozen=True, eq=False)
class _Tried:
    """What became of one request."""

    edits: Edits
    rgb: RgbArray
    before: ScoreArray  # logits (c,) of the picture as it is
    after: ScoreArray


class EditsController(QObject):
    """While it is wanted, the newest edits are tried on the image being looked at, between the batches of a run."""

    pictureChanged = Signal(object)  # rgb (h, w, 3) as edited, None where there is none
    scoresChanged = Signal(object, object)  # ImageScores before and after; None, None while there are none
    editsChanged = Signal(object)  # Edits, changed by another than the user
    messageChanged = Signal(str)  # why there are no scores; "" where there are
    imageNamed = Signal(str)  # the file

    def __init__(self, session: Session, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._jobs = session, jobs
        self._wanted = False
        self._edits = NO_EDITS
        self._rgb: RgbArray | None = None
        self._broken = ""
        self._before: ScoreArray | None = None  # logits of the picture as it is
        self._tried: _Tried | None = None
        self._job: Job | None = None
        self._again = False  # newer edits wait for the job under way
        self._soon = QTimer(self, singleShot=True, interval=_DEBOUNCE_MS)
        self._soon.timeout.connect(self._try)
        session.imageChanged.connect(self._on_image_changed)
        session.datasetChanged.connect(self._on_dataset_changed)
        session.modelChanged.connect(self._start_over)
        for changed in (session.thresholdsChanged, session.schemeChanged, session.truthReplaced):
            changed.connect(self._tell_scores)
        session.statementsChanged.connect(lambda _: self._tell_scores())

    @property
    def edits(self) -> Edits:
        """What is done to the picture."""
        return self._edits

    # -- what the user asks for ------------------------------------------------------------------------------------

    def set_wanted(self, wanted: bool) -> None:
        """Try edits, or no more; nothing of them is kept."""
        if wanted != self._wanted:
            self._wanted = wanted
            if not wanted:
                self._set_edits(NO_EDITS)
            self._start_over()

    def set_edits(self, edits: Edits) -> None:
        """Try these, soon: only the newest count."""
        self._edits = edits
        if self._job is not None:
            self._again = True
        elif self._wanted and not self._soon.isActive():
            self._soon.start()

    # -- what happened -----------------------------------------------------------------------------------------------

    def set_picture(self, rgb: RgbArray | None) -> None:
        """The image being looked at was decoded, (h, w, 3) uint8; None where there is none."""
        self._rgb, self._broken = rgb, ""
        self._start_over()

    def set_broken(self, _title: str, reason: str) -> None:
        """The image being looked at cannot be shown."""
        self._rgb, self._broken = None, reason
        self._start_over()

    def _on_dataset_changed(self) -> None:
        """The picture of before is of no image any more; that of now comes later."""
        self._rgb, self._broken = None, ""
        self._start_over()

    def _on_image_changed(self, image: int) -> None:
        """Its picture comes later. What covers a part of this one makes no sense over that one."""
        self._rgb, self._broken = None, ""
        self._set_edits(replace(self._edits, boxes=()))
        self._start_over()

    def _set_edits(self, edits: Edits) -> None:
        if edits != self._edits:
            self._edits = edits
            self.editsChanged.emit(edits)

    # -- trying --------------------------------------------------------------------------------------------------------

    def _start_over(self) -> None:
        """Another picture or model: nothing known of it holds any more."""
        if self._job is not None:
            self._job.cancel()
            self._job = None
        self._soon.stop()
        self._again = False
        self._before = self._tried = None
        if not self._wanted:
            return
        dataset, image = self._session.dataset, self._session.image
        self.imageNamed.emit(dataset.names[image] if dataset is not None and 0 <= image < len(dataset) else "")
        self.messageChanged.emit(self._obstacle())
        self.pictureChanged.emit(self._rgb)
        self._tell_scores()
        self._try()

    def _try(self) -> None:
        """The newest edits."""
        model, rgb, edits, before = self._session.model, self._rgb, self._edits, self._before
        if not self._wanted or rgb is None or not isinstance(model, LoadedModel):
            return
        self._again = False

        def work(job: Job) -> Iterator[_Tried]:
            edited = apply_edits(rgb, edits)
            plain = before if before is not None else score_picture(model, rgb, job.cancelled)
            yield _Tried(edits, edited, plain, plain if edits.none else score_picture(model, edited, job.cancelled))

        self._job = self._jobs.between(Lane.DEVICE, work, self._on_tried, self._on_done, self._on_failed)

    def _on_tried(self, tried: _Tried) -> None:
        self._tried, self._before = tried, tried.before
        self.pictureChanged.emit(tried.rgb)
        usable = bool(np.isfinite(tried.before).all() and np.isfinite(tried.after).all())
        self.messageChanged.emit("" if usable else _UNUSABLE)
        self._tell_scores()

    def _on_done(self) -> None:
        self._job = None
        if self._again:
            self._try()

    def _on_failed(self, error: Exception) -> None:
        self._job = None
        self._tried = None
        self.messageChanged.emit(str(error))
        self._tell_scores()
        if self._again:
            self._try()

    def _tell_scores(self) -> None:
        """Before and after under the decision in force."""
        if not self._wanted:
            return
        tried = self._tried
        if tried is None or not np.isfinite(tried.before).all() or not np.isfinite(tried.after).all():
            self.scoresChanged.emit(None, None)
        else:
            self.scoresChanged.emit(self._scores(tried.before), self._scores(tried.after))

    def _scores(self, logits: ScoreArray) -> ImageScores | None:
        session = self._session
        dataset, decision, image = session.dataset, session.decision, session.image
        if dataset is None or len(logits) != len(dataset.labels) or not 0 <= image < len(dataset):
            return None
        return image_scores(
            logits,
            dataset.y_true[image],
            bool(dataset.annotated[image]),
            decision.thresholds,
            decision.activation,
            decision.rule,
            decision.logit_map,
            decision.k,
        )

    def _obstacle(self) -> str:
        """Why there can be no scores; "" where there can."""
        model = self._session.model
        if isinstance(model, PredictedModel):
            return model.why_not("score an edited picture")
        if model is None:
            return _NO_MODEL
        if self._session.image < 0:
            return _NO_IMAGE
        return self._broken
