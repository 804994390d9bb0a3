"""Thumbnails: those wanted last come first, none is made twice, and those kept are not decoded again."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pytestqt.qtbot import QtBot

import app.controllers.pictures as pictures
from app.controllers.pictures import THUMBNAIL_SIDE, PictureController
from app.jobs import Jobs
from app.session import Session
from inference.data.caches import ThumbnailCache
from inference.data.datasets import open_dataset
from inference.data.images import DecodedImage, decode_image
from inference.types import RgbArray

N_IMAGES = 12
WAIT_S = 20


class Gate:
    """Decoding that can be held up, and that remembers what it was asked for."""

    def __init__(self) -> None:
        self.decoded: list[str] = []
        self.free = threading.Event()
        self.free.set()
        self.entered = threading.Semaphore(0)

    def __call__(self, path: str, *, max_side: int | None = None) -> DecodedImage:
        self.decoded.append(Path(path).stem)
        self.entered.release()
        assert self.free.wait(WAIT_S)
        return decode_image(path, max_side=max_side)

    def hold(self) -> None:
        self.free.clear()

    def wait_until_entered(self) -> None:
        assert self.entered.acquire(timeout=WAIT_S)


class Desk:
    """A controller on a folder of images, and what it said."""

    def __init__(self, folder: Path, jobs: Jobs, kept: ThumbnailCache | None = None) -> None:
        self.session = Session()
        self.jobs = jobs
        self.controller = PictureController(self.session, jobs, self.session, kept=kept)
        self.ready: list[int] = []
        self.pictures: dict[int, RgbArray] = {}
        self.failed: dict[int, str] = {}
        self.controller.thumbnailReady.connect(self._on_ready)
        self.controller.thumbnailFailed.connect(self.failed.__setitem__)
        self.open(folder)

    def open(self, folder: Path) -> None:
        self.session.dataset = open_dataset(folder).dataset
        self.session.datasetChanged.emit()

    def _on_ready(self, index: int, rgb: RgbArray) -> None:
        self.ready.append(index)
        self.pictures[index] = rgb


@pytest.fixture
def jobs(qtbot: QtBot) -> Iterator[Jobs]:
    made = Jobs()
    yield made
    assert made.close()


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    made = Gate()
    monkeypatch.setattr(pictures, "decode_image", made)
    return made


def write_images(folder: Path, count: int = N_IMAGES) -> Path:
    """Noise, so that the files are large enough to be worth keeping as thumbnails."""
    folder.mkdir(exist_ok=True)
    for number in range(count):
        noise = np.random.default_rng(number).integers(0, 256, (160, 200, 3), dtype=np.uint8)
        Image.fromarray(noise).save(folder / f"{number:02d}.jpg", quality=95)
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_images(tmp_path / "images")


def test_they_come_in_the_order_asked_for(folder: Path, jobs: Jobs, qtbot: QtBot) -> None:
    desk = Desk(folder, jobs)
    desk.controller.load_thumbnails([3, 1, 2, 99, -1])
    qtbot.waitUntil(lambda: not jobs.busy)
    assert desk.ready == [3, 1, 2]
    assert np.array_equal(desk.pictures[3], decode_image(folder / "03.jpg", max_side=THUMBNAIL_SIDE).rgb)


def test_what_is_wanted_now_comes_before_what_was_wanted_before(
    folder: Path, jobs: Jobs, qtbot: QtBot, gate: Gate
) -> None:
    desk = Desk(folder, jobs)
    gate.hold()
    desk.controller.load_thumbnails(range(8))
    gate.wait_until_entered()
    desk.controller.load_thumbnails([10, 9, 1])
    gate.free.set()
    qtbot.waitUntil(lambda: not jobs.busy)
    assert desk.ready == [0, 10, 9, 1]  # the one that was begun is not thrown away
    assert gate.decoded == ["00", "10", "09", "01"]


def test_one_that_is_on_its_way_is_not_made_again(folder: Path, jobs: Jobs, qtbot: QtBot, gate: Gate) -> None:
    desk = Desk(folder, jobs)
    gate.hold()
    desk.controller.load_thumbnails([0, 1, 2])
    gate.wait_until_entered()
    desk.controller.load_thumbnails([0, 2])
    gate.free.set()
    qtbot.waitUntil(lambda: not jobs.busy)
    assert desk.ready == [0, 2]
    assert gate.decoded == ["00", "02"]


def test_one_that_was_let_go_is_made_again(folder: Path, jobs: Jobs, qtbot: QtBot) -> None:
    desk = Desk(folder, jobs)
    for _ in range(2):
        desk.controller.load_thumbnails([4])
        qtbot.waitUntil(lambda: not jobs.busy)
    assert desk.ready == [4, 4]


def test_wishes_at_every_moment_are_all_fulfilled(folder: Path, jobs: Jobs, qtbot: QtBot) -> None:
    desk = Desk(folder, jobs)
    wanted = iter(range(1, N_IMAGES))

    def want_next(_: int, __: object) -> None:
        if (index := next(wanted, None)) is not None:
            desk.controller.load_thumbnails([index])

    desk.controller.thumbnailReady.connect(want_next)
    desk.controller.load_thumbnails([0])
    qtbot.waitUntil(lambda: len(desk.ready) == N_IMAGES)
    assert desk.ready == list(range(N_IMAGES))


def test_another_folder_gets_nothing_of_the_one_before(
    folder: Path, tmp_path: Path, jobs: Jobs, qtbot: QtBot, gate: Gate
) -> None:
    other = write_images(tmp_path / "other", 3)
    desk = Desk(folder, jobs)
    gate.hold()
    desk.controller.load_thumbnails([2, 6, 7])
    gate.wait_until_entered()
    desk.open(other)
    desk.controller.load_thumbnails([2])
    gate.free.set()
    qtbot.waitUntil(lambda: not jobs.busy)
    assert desk.ready == [2]
    assert np.array_equal(desk.pictures[2], decode_image(other / "02.jpg", max_side=THUMBNAIL_SIDE).rgb)


def test_broken_images_are_explained_and_hold_nothing_up(
    folder: Path, tmp_path: Path, jobs: Jobs, qtbot: QtBot
) -> None:
    content = (folder / "01.jpg").read_bytes()
    (folder / "01.jpg").write_bytes(content[: len(content) // 2])
    desk = Desk(folder, jobs, ThumbnailCache(tmp_path / "cache"))
    (folder / "02.jpg").unlink()
    desk.controller.load_thumbnails([1, 2, 3])
    qtbot.waitUntil(lambda: not jobs.busy)
    assert desk.ready == [3]
    assert "damaged" in desk.failed[1]
    assert "no longer there" in desk.failed[2]


def test_what_was_kept_is_not_decoded_again(folder: Path, tmp_path: Path, jobs: Jobs, qtbot: QtBot, gate: Gate) -> None:
    for _ in range(2):  # two starts of the program
        desk = Desk(folder, jobs, ThumbnailCache(tmp_path / "cache"))
        desk.controller.load_thumbnails(range(4))
        qtbot.waitUntil(lambda: not jobs.busy)
        assert desk.ready == [0, 1, 2, 3]
    assert gate.decoded == ["00", "01", "02", "03"]
    for index, rgb in desk.pictures.items():
        exact = decode_image(folder / f"{index:02d}.jpg", max_side=THUMBNAIL_SIDE).rgb
        assert rgb.shape == exact.shape


def test_an_image_that_was_changed_is_decoded_again(
    folder: Path, tmp_path: Path, jobs: Jobs, qtbot: QtBot, gate: Gate
) -> None:
    desk = Desk(folder, jobs, ThumbnailCache(tmp_path / "cache"))
    desk.controller.load_thumbnails([0, 1])
    qtbot.waitUntil(lambda: not jobs.busy)
    os.utime(folder / "00.jpg", ns=(5, 5))
    desk.controller.load_thumbnails([0, 1])
    qtbot.waitUntil(lambda: not jobs.busy)
    assert gate.decoded == ["00", "01", "00"]
    assert desk.ready == [0, 1, 0, 1]


def test_small_files_are_not_kept(tmp_path: Path, jobs: Jobs, qtbot: QtBot) -> None:
    images = tmp_path / "images"
    images.mkdir()
    Image.new("RGB", (32, 32)).save(images / "a.png")
    desk = Desk(images, jobs, ThumbnailCache(tmp_path / "cache"))
    desk.controller.load_thumbnails([0])
    qtbot.waitUntil(lambda: not jobs.busy)
    assert desk.ready == [0]
    assert not (tmp_path / "cache").exists()


def test_a_cache_that_the_disk_refuses_changes_nothing(folder: Path, tmp_path: Path, jobs: Jobs, qtbot: QtBot) -> None:
    (tmp_path / "cache").write_text("in the way")
    kept = ThumbnailCache(tmp_path / "cache")
    desk = Desk(folder, jobs, kept)
    desk.controller.load_thumbnails([0, 1])
    qtbot.waitUntil(lambda: not jobs.busy)
    assert desk.ready == [0, 1]
    assert kept.note != ""


def test_nothing_is_left_open_when_the_program_ends(folder: Path, tmp_path: Path, qtbot: QtBot, gate: Gate) -> None:
    jobs = Jobs()
    kept = ThumbnailCache(tmp_path / "cache")
    desk = Desk(folder, jobs, kept)
    desk.controller.load_thumbnails(range(6))
    gate.wait_until_entered()
    gate.wait_until_entered()
    assert jobs.close()
    assert kept._connection is None
    again = ThumbnailCache(tmp_path / "cache")
    status = os.stat(folder / "00.jpg")
    assert again.get(str(folder / "00.jpg"), status.st_size, status.st_mtime_ns, THUMBNAIL_SIDE) is not None
    again.close()
