"""Decodes what is looked at: the chosen image, and the thumbnails in sight."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal

from app.jobs import Job, Jobs, Lane
from app.session import Session
from inference.data.images import DecodedImage, decode_image
from inference.errors import CutlineError
from inference.types import IntArray, RgbArray

if TYPE_CHECKING:
    from inference.data.caches import ThumbnailCache

THUMBNAIL_SIDE: Final = 256  # pixels; sharp at twice the drawn size

_WORTH_KEEPING: Final = 16 << 10  # bytes of an image file; smaller ones are decoded as fast as they are looked up


class PictureController(QObject):
    """Late answers for an image that is no longer looked at are dropped."""

    pictureChanged = Signal(object)  # rgb (h, w, 3) or None
    captionChanged = Signal(str)
    messageChanged = Signal(str, str)  # title, detail: in place of a picture
    thumbnailReady = Signal(int, object)
    thumbnailFailed = Signal(int, str)

    def __init__(
        self, session: Session, jobs: Jobs, parent: QObject | None = None, *, kept: ThumbnailCache | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._jobs = jobs
        self._kept = kept  # used by the thumbnails' lane alone
        self._picture: Job | None = None
        self._thumbnails: Job | None = None
        self._wishes = _Wishes()
        self._caption = ""
        session.imageChanged.connect(self._show)
        session.runGrew.connect(self._on_run_grew)
        session.datasetChanged.connect(self._on_dataset_changed)

    def _on_dataset_changed(self) -> None:
        for job in (self._picture, self._thumbnails):
            if job is not None:
                job.cancel()
        self._thumbnails, self._wishes = None, _Wishes()
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
        """Make these, the most wanted first, instead of those asked for before that are not begun."""
        dataset = self._session.dataset
        if dataset is None:
            return
        self._wishes.replace([(index, self._path(index)) for index in indices if 0 <= index < len(dataset)])
        if self._thumbnails is None:
            self._make_thumbnails()

    def _make_thumbnails(self) -> None:
        self._thumbnails = None
        if not self._wishes:
            return
        wishes, kept = self._wishes, self._kept
        self._thumbnails = self._jobs.stream(
            Lane.THUMBNAILS,
            lambda job: _made(wishes, kept, job),
            self._on_thumbnail,
            self._make_thumbnails,  # what was asked for while the last one was made
            self._on_thumbnails_failed,
        )

    def _on_thumbnail(self, answer: tuple[int, RgbArray | str]) -> None:
        index, picture = answer
        self._wishes.delivered(index)
        if isinstance(picture, str):
            self.thumbnailFailed.emit(index, picture)
        else:
            self.thumbnailReady.emit(index, picture)

    def _on_thumbnails_failed(self, error: Exception) -> None:
        self._thumbnails, self._wishes = None, _Wishes()
        self.messageChanged.emit("Thumbnails cannot be shown", str(error))


class _Wishes:
    """Which thumbnails are wanted: replaced by one thread, taken by another, each in one step that needs no lock."""

    def __init__(self) -> None:
        self._wanted: deque[tuple[int, str]] = deque()
        self._made: set[int] = set()  # on their way to the first thread

    def __bool__(self) -> bool:
        return bool(self._wanted)

    def replace(self, wishes: Sequence[tuple[int, str]]) -> None:
        """Want these images (index, path) and no others; those that are on their way arrive anyway."""
        self._wanted = deque(wish for wish in wishes if wish[0] not in self._made)

    def take(self) -> tuple[int, str] | None:
        """The most wanted image that is not made yet, which by this counts as made; None when there is none."""
        while True:
            try:
                wish = self._wanted.popleft()
            except IndexError:
                return None
            if wish[0] not in self._made:
                self._made.add(wish[0])
                return wish

    def delivered(self, index: int) -> None:
        """It arrived: when it is wanted again, it was let go meanwhile."""
        self._made.discard(index)


def _made(wishes: _Wishes, kept: ThumbnailCache | None, job: Job) -> Iterator[tuple[int, RgbArray | str]]:
    """Make what is wanted most at the moment, until nothing is. In the thumbnails' lane."""
    try:
        while not job.cancelled() and (wish := wishes.take()) is not None:
            index, path = wish
            try:
                yield index, _thumbnail(path, kept)
            except CutlineError as error:
                yield index, str(error)
    finally:
        if kept is not None:
            kept.close()


def _thumbnail(path: str, kept: ThumbnailCache | None) -> RgbArray:
    """As kept of this very file, or decoded. Raises ImageError."""
    size, time = _size_and_time(path)
    if kept is None or size < _WORTH_KEEPING:
        return decode_image(path, max_side=THUMBNAIL_SIDE).rgb
    rgb = kept.get(path, size, time, THUMBNAIL_SIDE)
    if rgb is None:
        rgb = decode_image(path, max_side=THUMBNAIL_SIDE).rgb
        kept.put(path, size, time, THUMBNAIL_SIDE, rgb)
    return rgb


def _size_and_time(path: str) -> tuple[int, int]:
    """Bytes and time of the last change (ns since 1970); zeros where decoding it will say what is wrong."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return 0, 0
    return status.st_size, status.st_mtime_ns
