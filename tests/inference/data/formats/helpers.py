"""Statements as plain dictionaries, and hypothesis strategies for annotations."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import strategies as st

from inference.data.formats.base import FileAnnotations, Format, ReadOptions
from inference.data.image_index import ImageIndex
from inference.errors import DataError, LabelFileError
from inference.types.annotating import UNSAID

P, N, U = 1, 0, -1
Said = dict[str, dict[str, int]]


def index(*names: str, root: str = "/data") -> ImageIndex:
    return ImageIndex(root, names)


def said(annotations: FileAnnotations) -> Said:
    """What is said of each image, by label."""
    return {
        name: {label: value for label, value in zip(annotations.labels, row, strict=True) if value != UNSAID}
        for name, row in zip(annotations.images, annotations.statements.tolist(), strict=True)
    }


def annotations_of(told: Said, labels: Sequence[str] | None = None, **further: object) -> FileAnnotations:
    found = list(dict.fromkeys(label for row in told.values() for label in row)) if labels is None else list(labels)
    statements = np.full((len(told), len(found)), UNSAID, dtype=np.int8)
    for i, row in enumerate(told.values()):
        for label, value in row.items():
            statements[i, found.index(label)] = value
    return FileAnnotations("", tuple(told), statements, tuple(found), **further)  # type: ignore[arg-type]


def warned(annotations: FileAnnotations, *words: str) -> bool:
    """Whether one warning holds all the words."""
    return any(all(word in warning for word in words) for warning in annotations.warnings)


def refusal(known: Format, path: str, found: ImageIndex, options: ReadOptions | None = None) -> str:
    with pytest.raises(LabelFileError) as caught:
        known.read(path, found, options or ReadOptions())
    text = str(caught.value)
    assert text.endswith(".")
    return text


def read_or_refused(known: Format, path: str, found: ImageIndex) -> FileAnnotations | None:
    """What a file says, or None where it was refused by a sentence."""
    try:
        return known.read(path, found, ReadOptions())
    except LabelFileError as error:
        text = str(error)
    assert text.endswith(".")
    return None


def write_refusal(known: Format, path: str, annotations: FileAnnotations) -> str:
    with pytest.raises(DataError) as caught:
        known.write(path, annotations)
    return str(caught.value)


# Characters that formats stumble over, and some beyond the first 65,536.
LABEL_TEXT = st.text(
    st.sampled_from(list("abAB é=+-@',;|\"\\{}[]:/<>&#0123456789_.~\u00a0\u200d漢\U0001f600")), min_size=1, max_size=8
).filter(lambda text: text == text.strip())
STEMS = st.text(st.sampled_from(list("abcXYZ é=+-@',;|{}#0123456789_~漢\U0001f600")), min_size=1, max_size=6).filter(
    lambda text: text == text.strip()
)


@st.composite
def annotation_sets(
    draw: st.DrawFn,
    labels: st.SearchStrategy[str] = LABEL_TEXT,
    values: Sequence[int] = (P, N, U, UNSAID),
    folders: Sequence[str] = ("", "one/", "two/deep/"),
    min_images: int = 0,
) -> FileAnnotations:
    """Annotations of images whose names differ by more than case."""
    stems = draw(st.lists(STEMS, min_size=min_images, max_size=5, unique_by=str.casefold))
    names = tuple(draw(st.sampled_from(folders)) + f"{stem}.jpg" for stem in stems)
    columns = draw(st.lists(labels, max_size=4, unique=True))
    cells = draw(
        st.lists(
            st.lists(st.sampled_from(list(values)), min_size=len(columns), max_size=len(columns)),
            min_size=len(names),
            max_size=len(names),
        )
    )
    statements = np.array(cells, dtype=np.int8).reshape(len(names), len(columns))
    return FileAnnotations("", names, statements, tuple(columns))
