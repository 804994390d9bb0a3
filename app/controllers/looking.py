"""Heat maps of the image being looked at: where it raises the score of the chosen label."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from app.jobs import Job, Jobs, Lane
from app.predicted import PredictedModel
from app.session import Session
from inference.models.heatmaps import heat_maps
from inference.models.opening import LoadedModel
from inference.types import RgbArray
from inference.types.looking import HeatMap, HeatMethod, HeatState

_NO_MODEL = "Open a model first: a heat map asks it where the image raises a score."
_NO_IMAGE = "Choose an image in the gallery."
_NO_LABEL = "Choose a label in the table: the heat map is of one label."
_NO_OUTPUT = "The model has no output for this label, so that there is nothing to look for."


class LookingController(QObject):
    """While it is wanted, a map follows image, label, method and model. Late answers are dropped.

    The work goes between the batches of a run, which it neither stops nor waits for.
    """

    heatChanged = Signal(object)  # HeatMap, or None while there is none
    stateChanged = Signal(object)  # HeatState

    def __init__(self, session: Session, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._jobs = session, jobs
        self._state = HeatState()
        self._rgb: RgbArray | None = None  # of the image being looked at, once it is decoded
        self._broken = ""  # why there is no picture
        self._job: Job | None = None
        session.imageChanged.connect(self._on_image_changed)
        session.datasetChanged.connect(self._on_dataset_changed)
        session.labelChanged.connect(lambda _: self._begin())
        session.modelChanged.connect(self._begin)

    @property
    def wanted(self) -> bool:
        """Whether a heat map is to be shown."""
        return self._state.wanted

    # -- what the user asks for ------------------------------------------------------------------------------------

    def set_wanted(self, wanted: bool) -> None:
        """Show heat maps, or no more."""
        if wanted != self._state.wanted:
            self._state = replace(self._state, wanted=wanted)
            self._begin()

    def set_method(self, method: HeatMethod) -> None:
        """How maps are made from now on."""
        if method is not self._state.method:
            self._state = replace(self._state, method=method)
            self._begin()

    # -- what happened -----------------------------------------------------------------------------------------------

    def set_picture(self, rgb: RgbArray | None) -> None:
        """The image being looked at was decoded, (h, w, 3) uint8; None where there is none."""
        self._rgb, self._broken = rgb, ""
        self._begin()

    def set_broken(self, _title: str, reason: str) -> None:
        """The image being looked at cannot be shown."""
        self._rgb, self._broken = None, reason
        self._begin()

    def _on_dataset_changed(self) -> None:
        """The picture of before is of no image any more; that of now comes later."""
        self._rgb, self._broken = None, ""
        self._begin()

    def _on_image_changed(self, image: int) -> None:
        """Its picture comes later."""
        self._rgb, self._broken = None, ""
        self._begin()

    # -- maps ----------------------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        """Forget the map that is shown or under way, and make the one that is wanted now."""
        if self._job is not None:
            self._job.cancel()
            self._job = None
        label = self._label()
        self._state = HeatState(self._state.wanted, label, self._state.method, message=self._obstacle())
        self.heatChanged.emit(None)
        if self._state.wanted and not self._state.message:
            self._state = replace(self._state, total=1)
            if self._rgb is not None:
                self._make(self._rgb)
        self.stateChanged.emit(self._state)

    def _make(self, rgb: RgbArray) -> None:
        model, label, method = self._session.model, self._session.label, self._state.method
        assert isinstance(model, LoadedModel)

        def work(job: Job) -> Iterator[HeatMap]:
            return heat_maps(model, rgb, label, method, job.cancelled)

        self._job = self._jobs.between(Lane.DEVICE, work, self._on_map, self._on_done, self._on_failed)

    def _on_map(self, heat: HeatMap) -> None:
        self._state = replace(
            self._state, used=heat.method, sentence=heat.sentence, note=heat.note, done=heat.done, total=heat.total
        )
        self.heatChanged.emit(heat)
        self.stateChanged.emit(self._state)

    def _on_done(self) -> None:
        self._job = None

    def _on_failed(self, error: Exception) -> None:
        self._job = None
        self._state = HeatState(True, self._state.label, self._state.method, message=f"There is no heat map: {error}")
        self.heatChanged.emit(None)
        self.stateChanged.emit(self._state)

    def _label(self) -> str:
        dataset, label = self._session.dataset, self._session.label
        return dataset.labels[label] if dataset is not None and 0 <= label < len(dataset.labels) else ""

    def _obstacle(self) -> str:
        """Why there can be no map; "" where there can, or will once the picture is decoded."""
        if not self._state.wanted:
            return ""
        session, model = self._session, self._session.model
        if isinstance(model, PredictedModel):
            return model.why_not("show where it looked")
        if model is None:
            return _NO_MODEL
        if session.image < 0:
            return _NO_IMAGE
        if self._broken:
            return f"There is nothing to look into: {self._broken}"
        if session.label < 0:
            return _NO_LABEL
        return "" if session.label < len(model.labels) else _NO_OUTPUT
