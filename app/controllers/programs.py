"""Models that are programs: which of them the user agreed to run, and the end of their processes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject

from app.jobs import Jobs, Lane
from app.memory import Memory
from app.predicted import OpenModel
from app.session import Session
from inference.models.opening import LoadedModel


class ProgramController(QObject):
    """Consent is to exact bytes: it is kept by hash, until Cutline ends or for good."""

    def __init__(self, session: Session, jobs: Jobs, memory: Memory, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._jobs, self._memory = session, jobs, memory
        self._agreed: frozenset[str] = frozenset()  # until Cutline ends
        self._model: OpenModel | None = None
        session.modelChanged.connect(self._end_former)

    def agree(self, sha256: str, remember: bool) -> None:
        """The user wants the program with this hash to run."""
        self._agreed |= {sha256}
        if remember and sha256 not in self._memory.state.trusted_programs:
            self._memory.update(lambda state: replace(state, trusted_programs=(*state.trusted_programs, sha256)))

    def trusted(self) -> Callable[[str], bool]:
        """Whether a hash was agreed to, as of now: for a worker."""
        return (self._agreed | frozenset(self._memory.state.trusted_programs)).__contains__

    def close(self) -> None:
        """At the end of the program: no child stays."""
        if isinstance(self._model, LoadedModel):
            self._model.close()

    def _end_former(self) -> None:
        """A model that is not open any more, as soon as the device's thread is done with it."""
        former, self._model = self._model, self._session.model
        if isinstance(former, LoadedModel) and former is not self._model:
            self._jobs.run(Lane.DEVICE, lambda _: former.close(), lambda _: None, lambda _: None)
