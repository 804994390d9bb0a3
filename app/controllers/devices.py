"""Where the model runs."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from app.controllers.scoring import ScoringController
from app.jobs import Job, Jobs, Lane
from app.memory import Memory
from app.session import Session
from inference.models.opening import LoadedModel


class DeviceController(QObject):
    """Moves the model to the device that was asked for last; scoring waits meanwhile."""

    busyChanged = Signal(str)
    failed = Signal(Exception)

    def __init__(
        self, session: Session, jobs: Jobs, memory: Memory, scoring: ScoringController, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._jobs, self._memory, self._scoring = session, jobs, memory, scoring
        self._asked = ""  # not yet granted
        self._job: Job | None = None
        session.modelChanged.connect(self._move)

    def set_device(self, key: str) -> None:
        """Score there from now on."""
        self._memory.update(lambda state: replace(state, device=key))
        self._asked = key
        self._move()

    def _move(self) -> None:
        model, asked = self._session.model, self._asked
        if self._job is not None or not isinstance(model, LoadedModel) or not asked:
            return
        if model.device == asked:
            self._asked = ""
            return
        self._scoring.hold()
        self.busyChanged.emit(f"Moving the model to {asked} …")
        self._job = self._jobs.run(Lane.DEVICE, lambda _: model.to(asked), self._on_moved, self._on_refused)

    def _on_moved(self, model: LoadedModel) -> None:
        self._end()
        if self._session.model is model:
            self._session.set_model(model)
        self._move()  # another wish may have come meanwhile

    def _on_refused(self, error: Exception) -> None:
        self._asked = ""
        self._end()
        self.failed.emit(error)
        self._session.set_model(self._session.model)  # so that the choice shown is the device in use

    def _end(self) -> None:
        self._job = None
        self.busyChanged.emit("")
        self._scoring.release()
