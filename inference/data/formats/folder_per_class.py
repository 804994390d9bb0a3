"""One folder a class; the same image in several folders has several labels.

Copies are known by their content. A folder of copies elsewhere (X-AnyLabeling's ``classified/<label>/``) is matched to
the images by file name. Where every image lies in one folder only, the format says multi-class, and what an image is
not is negative; else the user is asked what the rest means. Writing copies the images: nothing is ever moved.
"""

from __future__ import annotations

import os
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Final

import numpy as np

from inference.data.files import open_regular
from inference.data.folders import has_class_folders, read_folders
from inference.data.formats.base import (
    MEANS_NEGATIVE,
    NO_READ_OPTIONS,
    NO_WRITE_OPTIONS,
    FileAnnotations,
    ImageIndex,
    ReadOptions,
    Rest,
    WriteOptions,
    WriteReport,
    filled,
    nameable,
)
from inference.data.formats.beside import folder_in_root
from inference.data.formats.gathering import Gathering
from inference.data.formats.lists import list_form, lost_in_lists, not_held, positives
from inference.data.formats.writing import Copied, write_folder
from inference.data.listing import list_images
from inference.data.sentences import counted, some
from inference.errors import DataError, DatasetError, LabelFileError
from inference.types import POSITIVE, Task

_FORBIDDEN: Final = re.compile(r'[\x00-\x1f<>:"/\\|?*]')
_NUMBERED: Final = frozenset(f"{kind}{i}" for kind in ("com", "lpt") for i in range(1, 10))
_DEVICES: Final = frozenset({"con", "prn", "aux", "nul"}) | _NUMBERED


@dataclass(frozen=True)
class FolderPerClass:
    """Reads and writes folders of images that are called like classes."""

    key: str = "folder_per_class"
    name: str = "Folder per class"
    detail: str = "Each class has a folder of its images; holds positives only; writing copies the images"
    suffixes: tuple[str, ...] = ()
    is_folder: bool = True
    is_written: bool = True

    def recognises(self, path: str, head: bytes) -> float:
        """By folders with images in them, two or more."""
        try:
            listing = list_images(path)
        except DatasetError:
            return 0.0
        return 0.5 if listing.names and has_class_folders(listing.names) else 0.0

    def read(self, path: str, index: ImageIndex, options: ReadOptions = NO_READ_OPTIONS) -> FileAnnotations:
        """The class folders below ``path``. Raises LabelFileError."""
        try:
            listing = list_images(path)
        except DatasetError as error:
            raise LabelFileError(str(error), detail=error.detail) from error
        classes = read_folders(listing.names)
        if not classes.labels:
            raise LabelFileError(f"{path} holds no folders of images: choose a folder with one folder for each class.")
        place = folder_in_root(path, index)
        known = {name: row for row, name in enumerate(index.names)}
        columns = np.argmax(classes.y_true == POSITIVE, axis=1)
        labels = {
            name: classes.labels[column]
            for name, column, is_said in zip(listing.names, columns.tolist(), classes.annotated.tolist(), strict=True)
            if is_said
        }
        own = {name: place + name for name in labels if place + name in known}
        twins = _same_content(path, list(own)) if own else {}
        found = Gathering(os.path.basename(os.path.abspath(path)), index, what="file", labels=classes.labels)
        for number, (name, label) in enumerate(labels.items(), 1):
            key = own.get(name) or _plain_key(name, label)
            column = found.label(label)
            for image in (found.image(key, number), *(found.image(own[twin], number) for twin in twins.get(name, ()))):
                if image is not None and column is not None:
                    found.say(image, column, POSITIVE, number)
        remarks = [text for text in classes.warnings if not (twins and "more than one folder" in text)]
        result = found.finish(self.key, NO_READ_OPTIONS, rest=Rest.ASK, warnings=(*listing.warnings, *remarks))
        return _settled(result, options)

    def write(self, path: str, annotations: FileAnnotations, options: WriteOptions = NO_WRITE_OPTIONS) -> WriteReport:
        """A new folder of copies of the images in ``images_root``, each in the folder of every positive label.

        Dropped and noted: images without a positive, labels without a positive, negative and unknown. Characters that
        a folder cannot have become ``_``. Raises DataError; then nothing is left behind.
        """
        annotations, notes = nameable(annotations)
        if not options.images_root:
            raise DataError("Folders per class hold copies of the images: say which folder the images are in.")
        folders, renamed = _folder_names(annotations.labels)
        lists = [positives(annotations, row) for row in range(len(annotations))]
        left_out = [name for name, labels in zip(annotations.images, lists, strict=True) if not labels]
        if left_out:
            notes += (f"{counted(len(left_out), 'image')} without a positive label left out: {some(left_out)}.",)
        unused = [label for label in annotations.labels if not any(label in labels for labels in lists)]
        if unused:
            notes += (f"{counted(len(unused), 'label')} without a positive get no folder: {some(unused)}.",)
        form = list_form(annotations, self.name)
        if not form.is_plain:
            notes += lost_in_lists(annotations, self.name)
        notes += not_held(annotations, options, self.name) + renamed
        write_folder(path, _copies(annotations.images, lists, folders, options.images_root))
        return WriteReport((path,), notes)


def _settled(found: FileAnnotations, options: ReadOptions) -> FileAnnotations:
    """Multi-class where every image lies in one folder, unless the user wants unlisted labels to be unknown."""
    counts = np.count_nonzero(found.statements == POSITIVE, axis=1)
    if len(found.labels) > 1 and (counts == 1).all():
        return replace(filled(found, options.unlisted_means or MEANS_NEGATIVE), task=Task.MULTICLASS)
    return filled(found, options.unlisted_means)


def _plain_key(name: str, label: str) -> str:
    """What an image in a folder of copies is called elsewhere: its path below the class folder."""
    _, found, below = f"/{name}".partition(f"/{label}/")
    return below if found else name


def _same_content(path: str, names: Sequence[str]) -> dict[str, list[str]]:
    """The other files with the same content, by name. Only files of equal size are looked into."""
    sizes: dict[int, list[str]] = defaultdict(list)
    for name in names:
        try:
            sizes[os.path.getsize(os.path.join(path, name))].append(name)
        except OSError:
            continue
    contents: dict[tuple[int, bytes], list[str]] = defaultdict(list)
    for size, alike in sizes.items():
        for name in alike if len(alike) > 1 and size else ():
            contents[size, _digest(os.path.join(path, name))].append(name)
    return {name: [twin for twin in alike if twin != name] for alike in contents.values() for name in alike}


def _digest(path: str) -> bytes:
    state = blake2b(digest_size=16)
    try:
        with open_regular(path) as file:
            while block := file.read(1 << 20):
                state.update(block)
    except OSError:
        return os.fsencode(path)  # like no other
    return state.digest()


def _folder_names(labels: Sequence[str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """A folder for each label, no two alike even without regard to case, and a note on those called differently."""
    folders: dict[str, str] = {}
    taken: set[str] = set()
    for label in labels:
        safe = _FORBIDDEN.sub("_", label).rstrip(". ")[:100]
        safe = f"_{safe}" if not safe or safe.startswith(".") or safe.lower() in _DEVICES else safe
        name, number = safe, 2
        while name.casefold() in taken:
            name, number = f"{safe}_{number}", number + 1
        taken.add(name.casefold())
        folders[label] = name
    changed = [f"{label!r} is {name!r}" for label, name in folders.items() if label != name]
    return folders, (f"{counted(len(changed), 'folder')} called differently: {some(changed)}.",) if changed else ()


def _copies(
    images: Sequence[str], lists: Sequence[list[str]], folders: Mapping[str, str], root: str
) -> Iterator[tuple[str, Copied]]:
    shorts = Counter(name.rsplit("/", 1)[-1].casefold() for name in images)
    real_root = os.path.realpath(root)
    for name, labels in zip(images, lists, strict=True):
        source = os.path.join(root, *name.split("/"))
        if labels and not os.path.realpath(source).startswith(os.path.join(real_root, "")):
            raise DataError(f"{name} leads out of {root}: leave it out.")
        short = name.rsplit("/", 1)[-1]
        target = short if shorts[short.casefold()] == 1 else name
        for label in labels:
            yield f"{folders[label]}/{target}", Copied(source)


FORMAT: Final = FolderPerClass()
