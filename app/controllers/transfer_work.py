"""The work of importing and exporting annotations, done in the lane of the files: reading, planning, writing."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from app.controllers.transfer_questions import KEEPING, read_options, unlisted_means, write_options
from inference.data.formats import FORMATS, FileAnnotations, Format, detect, format_of
from inference.data.formats.base import nameable
from inference.data.formats.lists import list_form, lost_in_lists, not_held
from inference.data.formats.prediction_values import LOGITS, PROBABILITIES
from inference.data.formats.predictions import write_predictions
from inference.data.image_index import ImageIndex
from inference.data.importing import ImportPlan, export_of, plan_import
from inference.data.sentences import counted, some
from inference.errors import CutlineError, LabelFileError
from inference.evaluation.activations import scores_from_logits
from inference.evaluation.logit_maps import mapped
from inference.types import (
    POSITIVE,
    UNKNOWN,
    Activation,
    ImageState,
    IntArray,
    LogitMap,
    ProjectLabel,
    Run,
    ScoreArray,
    StatementArray,
    Task,
)
from widgets.transfer.values import LEFT_OUT, ExportAsked, ImportAsked

_PER_IMAGE: Final = frozenset({"folder_per_class", "labelme", "sidecar_text"})  # a file an image: not to be rehearsed
PREDICTIONS: Final = "predictions"  # how the keys of tables of predictions begin
TABLES: Final[Mapping[str, tuple[str, str]]] = {
    f"{PREDICTIONS}.csv": ("Predictions, CSV", ".csv"),
    f"{PREDICTIONS}.parquet": ("Predictions, Parquet", ".parquet"),
    f"{PREDICTIONS}.npz": ("Predictions, NumPy", ".npz"),
}


# -- importing ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class ImportTarget:
    """What a file is compared with: the project as it stands."""

    root: str
    names: tuple[str, ...]
    labels: tuple[ProjectLabel, ...]
    statements: StatementArray  # a copy
    task: Task
    columns: tuple[str, ...]  # the labels on the screen: the model's, where there is one
    version: int  # of the statements
    unlisted: str  # what the user said before of unlisted labels; "" where nothing


@dataclass(frozen=True, eq=False)
class ImportLook:
    """A file as it was read, and what importing it would do."""

    asked: ImportAsked
    target: ImportTarget
    formats: tuple[tuple[Format, bool], ...]  # all that it may be, the recognised ones first
    format: str  # key; "" where none was recognised
    file: FileAnnotations | None
    plan: ImportPlan | None
    problem: str = ""  # why there is no plan


class ImportReader:
    """Reads files for imports, and keeps the last one while only the mapping changes. The files' lane alone uses it."""

    def __init__(self, root: str, names: tuple[str, ...]) -> None:
        self.names = names
        self._index = ImageIndex(root, names)
        self._key: object = None
        self._file: FileAnnotations | None = None

    def look(self, asked: ImportAsked, target: ImportTarget) -> ImportLook:
        """Read the file and plan its import; what prevents that stands in the result."""
        try:
            formats = candidates(asked.path)
        except (OSError, ValueError, CutlineError) as error:
            return ImportLook(asked, target, (), "", None, None, _sentence(asked.path, error))
        key = asked.format or next((known.key for known, recognised in formats if recognised), "")
        if not key:
            problem = (
                f"{os.path.basename(asked.path)} is in none of the formats that are known: choose the one it is in."
            )
            return ImportLook(asked, target, formats, "", None, None, problem)
        try:
            file = self._read(asked, key, target)
        except CutlineError as error:
            return ImportLook(asked, target, formats, key, None, None, str(error))
        mapping = {name: None if label == LEFT_OUT else label for name, label in asked.mapping.items()}
        plan = plan_import(
            target.statements,
            target.labels,
            target.names,
            file,
            unlisted_means=unlisted_means(file, asked.answers, target.unlisted),
            label_mapping=mapping,
            task=target.task,
        )
        return ImportLook(asked, target, formats, key, file, plan)

    def _read(self, asked: ImportAsked, key: str, target: ImportTarget) -> FileAnnotations:
        options = read_options(key, asked.answers, tuple(label.name for label in target.labels if not label.retired))
        wanted = (asked.path, key, options, _stamp(asked.path))
        if self._file is None or wanted != self._key:
            self._file = format_of(key).read(asked.path, self._index, options)
            self._key = wanted
        return self._file


def candidates(path: str) -> tuple[tuple[Format, bool], ...]:
    """Every format that a file or folder may be in, and whether it was recognised; the surest first."""
    if not os.path.exists(path):
        raise LabelFileError(f"{path} is not there: check the name and whether its drive is connected.")
    recognised = [known for known, _ in detect(path)]
    is_folder = os.path.isdir(path)
    others = [known for known in FORMATS if known.is_folder == is_folder and known not in recognised]
    return (*((known, True) for known in recognised), *((known, False) for known in others))


def _stamp(path: str) -> tuple[int, int]:
    """Changes when the file does; nothing to go by in a folder, whose files may change without it."""
    found = os.stat(path)
    return found.st_mtime_ns, found.st_size


def _sentence(path: str, error: Exception) -> str:
    if isinstance(error, CutlineError):
        return str(error)
    reason = getattr(error, "strerror", None) or str(error)
    return f"{path} cannot be read ({reason}): check the name and your permission."


# -- exporting ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class ExportSource:
    """What is exported: the project as it stands, and the scores that there are."""

    root: str
    names: tuple[str, ...]
    labels: tuple[ProjectLabel, ...]
    statements: StatementArray  # a copy
    task: Task
    parts: tuple[str, ...]
    images: IntArray | None  # None: all
    columns: tuple[str, ...] = ()  # labels of the run
    sources: tuple[tuple[int, ...], ...] = ()  # ids of the project's labels behind each column
    run: Run | None = None
    activation: Activation = Activation.SIGMOID
    logit_map: LogitMap | None = None

    @property
    def chosen(self) -> IntArray:
        """The images to write."""
        return np.arange(len(self.names)) if self.images is None else self.images


@dataclass(frozen=True)
class Exported:
    """What was written."""

    path: str
    n_images: int
    name: str  # of the format
    notes: tuple[str, ...]


def annotations_of(source: ExportSource, *, scores: bool) -> FileAnnotations:
    """The annotations as every format writes them."""
    table = {}
    if scores and source.run is not None:
        values = _values(source, np.arange(len(source.names)), PROBABILITIES)
        for column, ids in enumerate(source.sources):
            table.update(dict.fromkeys(ids, values[:, column]))
    return export_of(
        source.names,
        source.labels,
        source.statements,
        task=source.task,
        parts=source.parts,
        scores=table if scores else None,
        images=source.images,
    )


def rehearse(asked: ExportAsked, source: ExportSource) -> tuple[str, ...]:
    """What would be lost, as the writer itself says: it writes where nobody looks, and that is thrown away.

    Formats with a file for each image are not written out; what their lists cannot hold is counted.
    """
    if asked.format in TABLES:
        return _prediction_notes(asked, source)
    annotations = annotations_of(source, scores=bool(asked.answers.get("scores")))
    if asked.format in _PER_IMAGE:
        return _counted_notes(asked, annotations)
    known = format_of(asked.format)
    folder = tempfile.mkdtemp(prefix="cutline-")
    try:
        path = os.path.join(folder, "rehearsal" + suffix_of(asked))
        options = write_options(known, asked.answers, path=path, root=source.root, base=None)
        return known.write(path, annotations, options).notes
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def export(asked: ExportAsked, source: ExportSource, path: str) -> Exported:
    """Write to ``path``, whole or not at all. Raises CutlineError."""
    if asked.format in TABLES:
        return _export_predictions(asked, source, path)
    known = format_of(asked.format)
    base = _kept(known, asked, path)
    annotations = annotations_of(source, scores=bool(asked.answers.get("scores")))
    options = write_options(known, asked.answers, path=path, root=source.root, base=base)
    report = known.write(path, annotations, options)
    kept = () if base is None else (f"What else stood in {os.path.basename(path)} was kept.",)
    return Exported(path, len(annotations), known.name, (*kept, *report.notes))


def suffix_of(asked: ExportAsked) -> str:
    """What the file's name ends in; "" for a folder."""
    if asked.format in TABLES:
        return TABLES[asked.format][1]
    known = format_of(asked.format)
    if known.is_folder:
        return ""
    return asked.answers.get("suffix") or known.suffixes[0]


def completed(path: str, asked: ExportAsked) -> str:
    """``path``, with the suffix of the format where the user typed none of its own."""
    suffix = suffix_of(asked)
    known = (suffix,) if asked.format in TABLES else format_of(asked.format).suffixes
    return path if not suffix or os.path.splitext(path)[1].lower() in known else path + suffix


def _kept(known: Format, asked: ExportAsked, path: str) -> str | None:
    """The file that is written over, where what else stands in it is to stay and it is of this format."""
    if known.key not in KEEPING or not asked.answers.get("keep", "yes") or not os.path.isfile(path):
        return None
    found = detect(path)
    return path if found and found[0][0].key == known.key else None


def _counted_notes(asked: ExportAsked, annotations: FileAnnotations) -> tuple[str, ...]:
    known = format_of(asked.format)
    annotations, notes = nameable(annotations)
    if known.key == "labelme":
        unknown = int(np.count_nonzero(annotations.statements == UNKNOWN))
        if unknown and asked.answers.get("unknown_as") != "null":
            notes += (f"{counted(unknown, 'statement')} of unknown left out: flags are true or false.",)
    else:
        form = list_form(annotations, known.name)
        notes += form.notes if known.key == "sidecar_text" else ()
        notes += () if form.is_plain else lost_in_lists(annotations, known.name)
    if known.key == "folder_per_class":
        empty = np.flatnonzero(~(annotations.statements == POSITIVE).any(axis=1)).tolist()
        if empty:
            listed = some([annotations.images[row] for row in empty])
            notes += (f"{counted(len(empty), 'image')} without a positive label left out: {listed}.",)
        notes += ("Images are copied, once for each of their labels.",)
    return notes + not_held(annotations, write_options(known, asked.answers, path="", root="", base=None), known.name)


# -- predictions -------------------------------------------------------------------------------------------------------


def _values(source: ExportSource, images: IntArray, kind: str) -> ScoreArray:
    """Logits as the model gave them, or scores as they are shown, float32 (k, c); NaN where there are none."""
    run = source.run
    assert run is not None
    scored = run.state[images] == ImageState.SCORED
    values = np.full((len(images), run.logits.shape[1]), np.nan, dtype=np.float32)
    logits = run.logits[images[scored]]
    if kind == PROBABILITIES:
        logits = scores_from_logits(mapped(logits, source.logit_map), source.activation)
    values[scored] = logits
    return values


def kind_of(asked: ExportAsked) -> str:
    """Whether scores or logits are written."""
    return LOGITS if asked.answers.get("kind") == LOGITS else PROBABILITIES


def _prediction_notes(asked: ExportAsked, source: ExportSource) -> tuple[str, ...]:
    if source.run is None:
        return ("Nothing is scored yet: open a model first.",)
    missing = int(np.count_nonzero(source.run.state[source.chosen] != ImageState.SCORED))
    notes = [f"{counted(missing, 'image')} without scores get empty cells."] if missing else []
    notes.append("Predictions only: what people said of the images, and the thresholds, are not in this file.")
    if asked.format.endswith(".csv"):
        notes.append(f"CSV has no place to say that these are {kind_of(asked)}: say so where it is read.")
    if kind_of(asked) == LOGITS and source.logit_map is not None:
        notes.append("Logits are those of the model, before calibration.")
    return tuple(notes)


def _export_predictions(asked: ExportAsked, source: ExportSource, path: str) -> Exported:
    if source.run is None:
        raise CutlineError("Nothing is scored yet: open a model first.")
    kind, images = kind_of(asked), source.chosen
    names = [source.names[image] for image in images.tolist()]
    values = _values(source, images, kind)
    write_predictions(path, names, source.columns, values, kind=kind, activation=source.activation)
    return Exported(path, len(names), TABLES[asked.format][0], _prediction_notes(asked, source))
