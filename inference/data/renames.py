"""Which lost images are found under other names, by their content; never by a guess."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from inference.data.fingerprints import NO_FINGERPRINT

__all__ = ["Content", "Known", "find_renames"]


class Known(NamedTuple):
    """An image as it was."""

    name: str  # relative POSIX path
    fingerprint: bytes  # NO_FINGERPRINT where it was never read


class Content(NamedTuple):
    """A file as it is now."""

    name: str  # relative POSIX path
    size: int  # bytes
    time: int  # of the last change, ns since 1970
    fingerprint: bytes  # NO_FINGERPRINT where it was not read


def find_renames(
    lost: Mapping[int, Known], replaced: Mapping[int, tuple[Known, Content]], new: Iterable[Content]
) -> dict[int, Content]:
    """The new place of each lost image whose content stands in exactly one.

    Several equal files are told apart by the last part of their names, where that is the same before and after; or
    left alone.

    Args:
        lost: the images that are under their names no more, by id.
        replaced: the images under whose names another content is now, and that content. Such an image is followed only
            among names that were images' before, as when files are numbered anew: otherwise a picture that was edited
            beside a copy of the original would lose its annotation to the copy.
        new: the files under names that no image has.
    """
    before = {**lost, **{image: known for image, (known, _) in replaced.items()}}
    places = [*new, *(content for _, content in replaced.values())]
    found: dict[int, Content] = {}
    images_of: defaultdict[bytes, list[int]] = defaultdict(list)
    for image, known in before.items():
        images_of[known.fingerprint].append(image)
    places_of: defaultdict[bytes, list[Content]] = defaultdict(list)
    for content in places:
        places_of[content.fingerprint].append(content)
    for fingerprint in (images_of.keys() & places_of.keys()) - {NO_FINGERPRINT}:
        images = {image: before[image].name for image in images_of[fingerprint]}
        found.update(_paired(images, places_of[fingerprint]))
    return _closed(found, {known.name: image for image, (known, _) in replaced.items()})


def _paired(images: Mapping[int, str], places: list[Content]) -> dict[int, Content]:
    """Images and places of one content: the only ones, or those whose last part of the name is theirs alone."""
    if len(images) == len(places) == 1:
        return {next(iter(images)): places[0]}
    ours = _alone({image: posixpath.basename(name) for image, name in images.items()})
    theirs = _alone({index: posixpath.basename(content.name) for index, content in enumerate(places)})
    return {ours[name]: places[theirs[name]] for name in ours.keys() & theirs.keys()}


def _alone(names: Mapping[int, str]) -> dict[str, int]:
    """Who has a name, for the names that only one has."""
    owners: defaultdict[str, list[int]] = defaultdict(list)
    for owner, name in names.items():
        owners[name].append(owner)
    return {name: those[0] for name, those in owners.items() if len(those) == 1}


def _closed(found: dict[int, Content], owners: Mapping[str, int]) -> dict[int, Content]:
    """Without those whose new name is still another image's, and those replaced that no exchange of names explains."""
    names = {image: name for name, image in owners.items()}
    while True:
        taken = {content.name for content in found.values()}
        kept = {}
        for image, content in found.items():
            free = content.name not in owners or owners[content.name] in found
            explained = image not in names or names[image] in taken or content.name in owners
            if free and explained:
                kept[image] = content
        if len(kept) == len(found):
            return kept
        found = kept
