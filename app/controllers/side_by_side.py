"""Two images beside each other, or the one that is looked at under two decisions: in force, and a reference."""

from __future__ import annotations

import os

from PySide6.QtCore import QObject, Signal

from app.controllers.profiles import ProfileController
from app.jobs import Job, Jobs, Lane
from app.session import Decision, Session
from inference.data.images import decode_image
from inference.errors import CutlineError
from inference.evaluation.evaluator import image_scores
from inference.types import ImageScores, ImageState, IntArray, RgbArray
from inference.types.gallery import SidePicture

Decoded = RgbArray | str  # or why there is none


class SideBySideController(QObject):
    """While it is open, both sides follow thresholds, annotations and the image that is looked at."""

    openChanged = Signal(bool)
    pairChanged = Signal(object, object)  # SidePicture left, SidePicture right
    sideChanged = Signal(int)  # which side has the image in hand: 0 left, 1 right; -1 where both show it
    said = Signal(str)

    def __init__(
        self, session: Session, jobs: Jobs, profiles: ProfileController, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._jobs, self._profiles = session, jobs, profiles
        self._images: tuple[int, ...] = ()  # two, or the one that is looked at
        self._swapped = False
        self._pictures: dict[int, Decoded] = {}
        self._job: Job | None = None
        session.imageChanged.connect(self._on_image_changed)
        session.datasetChanged.connect(self._on_dataset_changed)
        for changed in (session.thresholdsChanged, session.schemeChanged, session.truthReplaced):
            changed.connect(self._tell)
        session.runGrew.connect(lambda _: self._tell())
        session.statementsChanged.connect(lambda _: self._tell())
        profiles.referenceChanged.connect(self._tell)

    @property
    def is_open(self) -> bool:
        """Whether two pictures are compared."""
        return bool(self._images)

    def toggle(self, images: IntArray) -> None:
        """Compare the first two of these images, or one under two decisions; close where that is shown already."""
        if self.is_open:
            self.close()
        elif len(images):
            self._images = tuple(int(image) for image in images[:2])
            self._swapped = False
            if self._session.image not in self._images:
                self._session.set_image(self._images[0])
            self.openChanged.emit(True)
            self._decode()

    def close(self) -> None:
        """Back to one picture."""
        if self.is_open:
            self._images = ()
            self._drop()
            self._pictures.clear()
            self.openChanged.emit(False)

    def swap(self) -> None:
        """Left becomes right."""
        self._swapped = not self._swapped
        self._tell()

    def choose(self, side: int) -> None:
        """Take the image on a side (0 left, 1 right) in hand."""
        if len(self._images) == 2:
            self._session.set_image(self._images[side ^ self._swapped])

    # -- what happened -----------------------------------------------------------------------------------------------

    def _on_image_changed(self, image: int) -> None:
        if len(self._images) == 1 and image >= 0:
            self._images = (image,)
            self._decode()
        elif len(self._images) == 2 and image >= 0 and image not in self._images:
            self._images = (self._images[0], image)  # the left one stays: so one image is held against many
            self._decode()
        elif self.is_open:
            self._tell_side()

    def _on_dataset_changed(self) -> None:
        self._pictures.clear()
        self.close()

    def _drop(self) -> None:
        if self._job is not None:
            self._job.cancel()
            self._job = None

    def _decode(self) -> None:
        self._drop()
        dataset = self._session.dataset
        assert dataset is not None
        wanted = [image for image in self._images if image not in self._pictures]
        paths = {image: os.path.join(dataset.root, dataset.names[image]) for image in wanted}

        def work(_: Job) -> dict[int, Decoded]:
            return {image: _decoded(path) for image, path in paths.items()}

        def take(found: dict[int, Decoded]) -> None:
            kept = {image: picture for image, picture in self._pictures.items() if image in self._images}
            self._pictures = {**kept, **found}
            self._tell()

        if wanted:
            self._job = self._jobs.run(Lane.PICTURE, work, take, lambda error: self.said.emit(str(error)))
        else:
            self._tell()

    # -- telling -----------------------------------------------------------------------------------------------------

    def _tell(self) -> None:
        if not self.is_open or any(image not in self._pictures for image in self._images):
            return
        now = self._session.decision
        if len(self._images) == 2:
            sides = [self._side(image, now, "") for image in self._images]
        else:
            image = self._images[0]
            words, reference = self._profiles.reference
            sides = [self._side(image, now, "in force"), self._side(image, reference, words)]
        if self._swapped:
            sides.reverse()
        self.pairChanged.emit(*sides)
        self._tell_side()

    def _tell_side(self) -> None:
        side = -1
        if len(self._images) == 2 and self._session.image in self._images:
            side = self._images.index(self._session.image) ^ self._swapped
        self.sideChanged.emit(side)

    def _side(self, image: int, decision: Decision, words: str) -> SidePicture:
        dataset = self._session.dataset
        assert dataset is not None
        picture = self._pictures[image]
        return SidePicture(
            title=words.capitalize() if words else dataset.names[image],
            detail=dataset.names[image] if words else "",
            rgb=None if isinstance(picture, str) else picture,
            message=picture if isinstance(picture, str) else "",
            labels=dataset.labels,
            scores=self._scores(image, decision),
        )

    def _scores(self, image: int, decision: Decision) -> ImageScores | None:
        run, dataset = self._session.run, self._session.dataset
        if run is None or dataset is None or run.state[image] != ImageState.SCORED:
            return None
        return image_scores(
            run.logits[image],
            dataset.y_true[image],
            bool(dataset.annotated[image]),
            decision.thresholds,
            decision.activation,
            decision.rule,
            decision.logit_map,
            decision.k,
        )


def _decoded(path: str) -> Decoded:
    try:
        return decode_image(path).rgb
    except CutlineError as error:
        return str(error)
