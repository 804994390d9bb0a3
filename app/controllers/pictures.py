"""Decodes what is looked at: the chosen image, and the thumbnails in sight."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from PySide6.QtCore import QObject, Signal

from app.jobs import Job, Jobs, Lane
from app.session import Session
from inference.data.images import DecodedImage, decode_image
from inference.errors import CutlineError
from inference.types import IntArray, RgbArray

THUMBNAIL_SIDE = 256  # pixels; sharp at twice the drawn size


class PictureController(QObject):
    """Late answers for an image that is no longer looked at are dropped."""

    pictureChanged = Signal(object)  # rgb (h, w, 3) or None
    captionChanged = Signal(str)
    messageChanged = Signal(str, str)  # title, detail: in place of a picture
    thumbnailReady = Signal(int, object)
    thumbnailFailed = Signal(int, str)

    def __init__(self, session: Session, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._jobs = jobs
        self._picture: Job | None = None
        self._thumbnails: Job | None = None
        self._caption = ""
        session.imageChanged.connect(self._show)
        session.runGrew.connect(self._on_run_grew)
        session.datasetChanged.connect(self._on_dataset_changed)

    def _on_dataset_changed(self) -> None:
        for job in (self._picture, self._thumbnails):
            if job is not None:
                job.cancel()
        self._show(self._session.image)

    def _path(self, index: int) -> str:
        dataset = self._session.dataset
        assert dataset is not None
        return os.path.join(dataset.root, dataset.names[index])

    def _show(self, index: int) -> None:
        if self._picture is not None:
            self._picture.cancel()
        self._caption = ""
        dataset = self._session.dataset
        if dataset is None or not 0 <= index < len(dataset):
            self.pictureChanged.emit(None)
            self.captionChanged.emit("")
            return
        path, name = self._path(index), dataset.names[index]

        def show(image: DecodedImage) -> None:
            height, width = image.rgb.shape[:2]
            self.pictureChanged.emit(image.rgb)
            self._caption = " · ".join([name, f"{width} x {height}", *image.notes])
            self._tell_caption()

        def refuse(error: Exception) -> None:
            self.captionChanged.emit(name)
            self.messageChanged.emit("This image cannot be shown", str(error))

        self._picture = self._jobs.run(Lane.PICTURE, lambda _: decode_image(path), show, refuse)

    def _on_run_grew(self, indices: IntArray) -> None:
        if self._session.image in indices and self._caption:
            self._tell_caption()

    def _tell_caption(self) -> None:
        """Name, size, and why a picture that can be shown has no score."""
        reason = self._session.failures.get(self._session.image, "")
        self.captionChanged.emit(f"{self._caption} · no score: {reason}" if reason else self._caption)

    def load_thumbnails(self, indices: Sequence[int]) -> None:
        """Decode these, the most wanted first, instead of those asked for before."""
        if self._thumbnails is not None:
            self._thumbnails.cancel()
        if self._session.dataset is None:
            return
        paths = [(index, self._path(index)) for index in indices if 0 <= index < len(self._session.dataset)]
        self._thumbnails = self._jobs.stream(
            Lane.THUMBNAILS,
            lambda job: _decoded(paths, job),
            self._on_thumbnail,
            lambda: None,
            lambda error: self.messageChanged.emit("Thumbnails cannot be shown", str(error)),
        )

    def _on_thumbnail(self, answer: tuple[int, RgbArray | str]) -> None:
        index, picture = answer
        if isinstance(picture, str):
            self.thumbnailFailed.emit(index, picture)
        else:
            self.thumbnailReady.emit(index, picture)


def _decoded(paths: Sequence[tuple[int, str]], job: Job) -> Iterator[tuple[int, RgbArray | str]]:
    for index, path in paths:
        if job.cancelled():
            return
        try:
            yield index, decode_image(path, max_side=THUMBNAIL_SIDE).rgb
        except CutlineError as error:
            yield index, str(error)
