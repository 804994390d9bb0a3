"""Makes a project of 100,000 scored images, or opens one in the window and times that; prints JSON."""

from __future__ import annotations

import hashlib
import io
import json
import os
import sys
from pathlib import Path
from time import perf_counter

import numpy as np
from PIL import Image
from PySide6.QtCore import QObject, Qt, QTimer

from app.application import Cutline
from app.assembly import Controllers
from app.controllers.known_logits import PIXELS
from app.folders import Folders
from app.launch import Options, run_window
from app.project_files import LAYOUT, project_of
from inference.data.caches import LogitCache
from inference.data.store import ImageTable, Project, StatementChange, Step
from inference.types import ImageState, Task

_N_IMAGES = 100_000
_N_LABELS = 80
_A_FOLDER = 1_000  # images


def make(folder: Path) -> None:
    """Small JPEG files, each another; a model; what was said of them; and their logits."""
    model, images, folders = folder / "model", folder / "images", Folders.inside(folder / "state")
    fingerprint = _make_model(model)
    table = _make_images(images)
    rng = np.random.default_rng(0)
    y_true = (rng.random((_N_IMAGES, _N_LABELS)) < 0.05).astype(np.int8)
    labels = [f"label {index}" for index in range(_N_LABELS)]
    path = project_of(str(images), folders.projects)
    path.parent.mkdir(parents=True)
    project = Project.create(
        path,
        source=str(images),
        root=str(images),
        task=Task.MULTILABEL,
        labels=labels,
        images=table,
        statements=y_true,
        settings={LAYOUT: b"unlabelled"},
        who="bench",
    )
    with project:
        change = StatementChange(np.array([7]), y_true[7:8], 1 - y_true[7:8])
        project.do(Step(1, "annotate", "an edit", statements=change))
    logits = rng.normal(-3, 2, (_N_IMAGES, _N_LABELS)).astype(np.float32) + 5 * y_true
    kept = LogitCache(folders.cache / "logits").table(fingerprint, PIXELS, _N_LABELS)
    kept.put(table.fingerprints, logits.astype(np.float32))
    kept.close()


def _make_model(folder: Path) -> str:
    from safetensors.torch import save_file

    from inference.models.card import ModelCard, Preprocessing, write_card
    from inference.models.compat import import_torchvision
    from inference.models.opening import open_model

    folder.mkdir(parents=True)
    network = import_torchvision().models.squeezenet1_1(weights=None, num_classes=_N_LABELS)
    save_file(network.state_dict(), folder / "weights.safetensors")
    labels = tuple(f"label {index}" for index in range(_N_LABELS))
    card = ModelCard(
        architecture="squeezenet1_1",
        weights="weights.safetensors",
        labels=labels,
        activation="sigmoid",
        preprocessing=Preprocessing(resize=(32, 32), crop=None),
    )
    write_card(card, folder / "model.toml")
    return open_model(folder, device="cpu").fingerprint


def _make_images(folder: Path) -> ImageTable:
    buffer = io.BytesIO()
    Image.fromarray(np.random.default_rng(1).integers(0, 255, (32, 32, 3), dtype=np.uint8)).save(buffer, "JPEG")
    names, sizes, times, fingerprints = [], [], [], []
    for index in range(_N_IMAGES):
        name = f"{index // _A_FOLDER:03d}/{index:06d}.jpg"
        path = folder / name
        if index % _A_FOLDER == 0:
            path.parent.mkdir(parents=True)
        content = buffer.getvalue() + index.to_bytes(4, "little")  # after the end of the picture
        path.write_bytes(content)
        status = os.stat(path)
        names.append(name)
        sizes.append(status.st_size)
        times.append(status.st_mtime_ns)
        fingerprints.append(hashlib.blake2b(content, digest_size=16).digest())
    kept = np.frombuffer(b"".join(fingerprints), dtype=np.uint8).reshape(-1, 16).copy()
    there = np.ones(_N_IMAGES, dtype=np.bool_)
    return ImageTable(tuple(names), np.array(sizes), np.array(times), kept, there)


class Watch(QObject):
    """Opens the model, and when that is there the project; then says how long the latter took."""

    def __init__(self, program: Cutline, folder: Path) -> None:
        super().__init__(program)
        self._folder = folder
        self._began = 0.0
        self._timer = QTimer(self, interval=1, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._look)
        self._stages: dict[str, float] = {}
        program.when_ready(self._begin)

    def _begin(self, made: Controllers) -> None:
        self._made = made
        made.opening.paired.connect(lambda: self._note("paired_ms"))
        made.scoring.started.connect(lambda: self._note("recalling_ms"))
        made.session.runGrew.connect(lambda _: self._note("recalled_ms"))
        self._timer.start()

    def _note(self, stage: str) -> None:
        if self._began:
            self._stages[stage] = 1000 * (perf_counter() - self._began)

    def _look(self) -> None:
        made = self._made
        if made.opening.busy or made.session.model is None or not made.evaluation.settled:
            return
        if not self._began:
            if not made.jobs.busy:
                self._began = perf_counter()
                made.opening.open(folder=str(self._folder / "images"), quiet=True)
            return
        run = made.session.run
        assert run is not None
        if "ms" not in self._stages and (run.state == ImageState.SCORED).all():
            self._note("ms")
        if made.scoring.running:
            return
        self._note("checked_ms")
        assert (run.state == ImageState.SCORED).all()
        assert made.evaluation.evaluator is not None
        print(json.dumps(self._stages), flush=True)
        os._exit(0)


if __name__ == "__main__":
    place = Path(sys.argv[2])
    if sys.argv[1] == "make":
        make(place)
    else:
        options = Options(paths=(str(place / "model"),))
        sys.exit(run_window(options, Folders.inside(place / "state"), lambda program: Watch(program, place)))
