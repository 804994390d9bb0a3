"""What is asked of the user for each format, and how the answers reach its reader and writer."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from inference.data.formats import FileAnnotations, Format, ReadOptions, Rest, WriteOptions
from inference.data.reports import MEANS_NEGATIVE, MEANS_UNKNOWN
from widgets.dialogs.dataset_values import DELIMITERS, MINUS_ONE, SEPARATORS, UNLISTED
from widgets.transfer.values import Asking, Question

FOUND: Final = "found"  # the answer "find out"
ALL, LISTED, CHOSEN = "all", "listed", "chosen"  # which images are exported

_FIND_OUT: Final = ("", "find out")
_PREFIXED: Final = frozenset({"coco", "fiftyone", "vertex", "ground_truth", "label_studio", "cvat"})
_BUCKETS: Final = frozenset({"vertex", "ground_truth", "label_studio"})
_WITH_SCORES: Final = frozenset({"own_jsonl", "fiftyone", "label_studio"})
_UNLISTABLE: Final = frozenset({"coco", "fiftyone", "ground_truth", "label_studio", "hf_metadata"})
_CSV: Final = frozenset({"csv_columns", "csv_list"})
_FURTHER_KEYS: Final = (
    ("", "in further keys, which other programs may pass over"),
    ("unlisted", "left out, so that they cannot be told apart"),
)
_UNKNOWN_AS: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "csv_columns": (("", "-1, or ? where there is no 0"), ("-1", "-1"), ("?", "?")),
    "celeba": (("", "not written: such images are left out"), ("0", "0, like what nobody said")),
    "labelme": (("", "no flag, like what nobody said"), ("null", "a flag that is null")),
    "coco": _FURTHER_KEYS,
    "fiftyone": _FURTHER_KEYS,
    "ground_truth": _FURTHER_KEYS,
    "label_studio": _FURTHER_KEYS,
}
_LIST_SEPARATORS: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "csv_list": (("", "as usual: |"), ("|", "|  (bar)"), (";", ";  (semicolon)"), (",", ",  (comma)"), (" ", "space")),
}
_BASE_FOLDERS: Final = frozenset({"labelme", "sidecar_text", "voc"})  # cannot be written over, but continued elsewhere
KEEPING: Final = frozenset(  # formats of single files that can be written over without losing what else is in them
    {"own_jsonl", "csv_columns", "csv_list", "open_images", "celeba", "coco", "hf_metadata", "fiftyone"}
    | {"label_studio", "cvat", "vertex", "ground_truth"}
)


# -- importing ---------------------------------------------------------------------------------------------------------


def read_options(format_key: str, answers: Mapping[str, str], project_labels: tuple[str, ...]) -> ReadOptions:
    """How a file is to be read. What unlisted labels mean is left open, to be settled when the import is planned."""
    separator = answers.get("separator", FOUND)
    return ReadOptions(
        unlisted_means=answers.get("unlisted") if format_key == "folder_per_class" else None,
        minus_one_means=answers.get("minus_one") or None,
        separator=None if separator == FOUND else separator,
        delimiter=answers.get("delimiter") or None,
        image_column=answers.get("image_column") or None,
        label_column=answers.get("label_column") or None,
        class_file=answers.get("class_file") or None,
        images_root=answers.get("images_root") or None,
        labels=project_labels,
    )


def unlisted_means(file: FileAnnotations, answers: Mapping[str, str], remembered: str) -> str | None:
    """What a label means that the file does not list: as just said, else as said of this project before."""
    means = answers.get("unlisted") or remembered
    return means if file.rest is Rest.ASK and means in (MEANS_NEGATIVE, MEANS_UNKNOWN) else None


def import_questions(
    format_key: str, file: FileAnnotations | None, answers: Mapping[str, str], remembered: str
) -> tuple[Question, ...]:
    """What is asked about a file of this format; ``file`` is None where it could not be read."""
    asked: list[Question] = []
    if file is not None and (file.rest is Rest.ASK or format_key == "folder_per_class"):
        asked.append(_unlisted(file, answers, remembered))
    minus_one = answers.get("minus_one") or (str(file.extras.get("minus_one_means") or "") if file else "")
    if minus_one:
        tip = "CheXpert writes -1 where nobody is sure, CelebA where the label is not there"
        asked.append(Question("minus_one", "-&1 means", minus_one, MINUS_ONE, tip=tip))
    if format_key in _CSV:
        delimiter = answers.get("delimiter", "")
        asked.append(Question("delimiter", "&Between columns", delimiter, (_FIND_OUT, *DELIMITERS), half=True))
        asked.append(_column("image_column", "Ima&ge column", answers))
    if format_key == "csv_list":
        asked.append(_column("label_column", "L&abel column", answers))
        separator = answers.get("separator", FOUND)
        asked.append(Question("separator", "Bet&ween labels", separator, ((FOUND, "find out"), *SEPARATORS), half=True))
    if format_key == "open_images":
        tip = "A CSV of codes and names, such as class-descriptions.csv"
        asked.append(_path("class_file", "Names of la&bels", answers, "found beside the file", tip))
    if format_key in _BUCKETS:
        tip = "What stands in the file for the folder of the images, such as gs://bucket/data"
        asked.append(
            Question(
                "images_root", "&Paths start with", answers.get("images_root", ""), (), Asking.TEXT, "find out", tip
            )
        )
    return tuple(asked)


def _unlisted(file: FileAnnotations, answers: Mapping[str, str], remembered: str) -> Question:
    value = answers.get("unlisted") or (remembered if file.rest is Rest.ASK else "")
    if not value and file.rest is not Rest.ASK:
        value = MEANS_NEGATIVE
    tip = "The file names the labels that an image has. Has it none of the others, or did nobody look?"
    return Question("unlisted", "Labels not li&sted are", value, UNLISTED, tip=tip)


def _column(key: str, caption: str, answers: Mapping[str, str]) -> Question:
    tip = "The column's name in the first line"
    return Question(key, caption, answers.get(key, ""), (), Asking.TEXT, "find out", tip, half=True)


def _path(key: str, caption: str, answers: Mapping[str, str], hint: str, tip: str) -> Question:
    return Question(key, caption, answers.get(key, ""), (), Asking.FILE, hint, tip)


# -- exporting ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Offer:
    """What there is to export: how many images under each choice, and whether any is scored."""

    n_all: int
    n_listed: int
    n_chosen: int
    scored: bool
    has_unknown: bool


def images_question(offer: Offer, answers: Mapping[str, str]) -> Question:
    """Which images are written."""
    words = [(ALL, f"all ({offer.n_all:,})")]
    if offer.n_listed != offer.n_all:
        words.append((LISTED, f"those listed now ({offer.n_listed:,})"))
    if offer.n_chosen:
        words.append((CHOSEN, f"those selected ({offer.n_chosen:,})"))
    value = answers.get("images", ALL)
    return Question("images", "&Images", value if value in dict(words) else ALL, tuple(words))


def export_questions(known: Format, offer: Offer, answers: Mapping[str, str]) -> tuple[Question, ...]:
    """What is asked before annotations are written in this format."""
    key = known.key
    asked = [images_question(offer, answers)]
    if key == "hf_metadata":
        kinds = ((".jsonl", "JSON lines"), (".csv", "CSV"))
        asked.append(Question("suffix", "&Written as", answers.get("suffix", ".jsonl"), kinds))
    if key in _UNKNOWN_AS and (offer.has_unknown or key in _UNLISTABLE):
        caption = "&Negative and unknown" if key in _UNLISTABLE else "&Unknown is written as"
        asked.append(Question("unknown_as", caption, answers.get("unknown_as", ""), _UNKNOWN_AS[key]))
    if key in _LIST_SEPARATORS:
        asked.append(Question("separator", "Between la&bels", answers.get("separator", ""), _LIST_SEPARATORS[key]))
    if key in _PREFIXED:
        tip = "Put before each name, such as gs://bucket/data/"
        hint = "nothing, or gs://bucket/data/"
        asked.append(
            Question("path_prefix", "Names &begin with", answers.get("path_prefix", ""), (), Asking.TEXT, hint, tip)
        )
    if key in _BASE_FOLDERS:
        tip = "A folder of this format: what else stands in its files goes into the new folder as well"
        asked.append(Question("base", "&Continue from", answers.get("base", ""), (), Asking.FOLDER, "nothing", tip))
    if key in KEEPING:
        tip = "Other keys and columns, boxes and the order stay as they are in a file that is written over"
        asked.append(
            Question(
                "keep",
                "&Keep what else is in a file that is written over",
                answers.get("keep", "yes"),
                (),
                Asking.YES,
                tip=tip,
            )
        )
    if key == "open_images":
        asked.append(
            Question(
                "class_names",
                "&Write the names of the labels beside it",
                answers.get("class_names", "yes"),
                (),
                Asking.YES,
                tip="class-descriptions.csv, in the same folder",
            )
        )
    if offer.scored and key in _WITH_SCORES:
        asked.append(Question("scores", "With the model's &scores", answers.get("scores", ""), (), Asking.YES))
    return tuple(asked)


def write_options(known: Format, answers: Mapping[str, str], *, path: str, root: str, base: str | None) -> WriteOptions:
    """How annotations are to be written."""
    beside = os.path.join(os.path.dirname(path), "class-descriptions.csv")
    return WriteOptions(
        base=base or answers.get("base") or None,
        unknown_as=answers.get("unknown_as") or None,
        include_scores=bool(answers.get("scores")) and known.key in _WITH_SCORES,
        separator=answers.get("separator") or None,
        class_file=beside if known.key == "open_images" and answers.get("class_names", "yes") else None,
        images_root=root,
        path_prefix=answers.get("path_prefix", ""),
    )
