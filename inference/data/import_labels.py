"""Which label of a project each label of a file is: as the user says, else by name, else a new one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from inference.data.matching import match_labels
from inference.data.sentences import some
from inference.types import IntArray
from inference.types.annotating import ProjectLabel


@dataclass(frozen=True, eq=False)
class LabelTargets:
    """The ``t`` labels of a project that a file speaks of, and what the file calls each."""

    columns: IntArray  # (t,) ids, rising; those from the project's number of labels on are new
    sources: tuple[tuple[int, ...], ...]  # (t,) columns of the file
    file_labels: tuple[str, ...]
    new_labels: tuple[str, ...]
    guessed: dict[str, str]  # file's name -> project's
    left_out: tuple[str, ...]  # file's names
    warnings: tuple[str, ...]

    def names(self, position: int) -> tuple[str, ...]:
        """What the file calls the label at a position of ``columns``."""
        return tuple(self.file_labels[source] for source in self.sources[position])


def label_targets(
    file_labels: Sequence[str], project_labels: Sequence[ProjectLabel], mapping: Mapping[str, str | None]
) -> LabelTargets:
    """Find a label of the project for each of the file.

    ``mapping`` is the user's: file's name to project's name, or to None to leave the label out. A name of a merged
    label means the label that took its statements over. A retired label is not brought back by an import: what a file
    says under it is left out, and said.
    """
    ids = _ids_by_name(project_labels)
    wanted = _wanted(file_labels, project_labels, mapping)
    titles = [label.name for label in project_labels]
    sources: dict[int, list[int]] = {}
    left_out, asleep = [], []
    for column, label in enumerate(file_labels):
        name = wanted.names[label]
        if name is None or not name.strip():
            left_out.append(label)
            continue
        if name not in ids:
            ids[name] = len(titles)
            titles.append(name)
        target = ids[name]
        if target < len(project_labels) and project_labels[target].retired:
            asleep.append(label)
            continue
        sources.setdefault(target, []).append(column)
    warnings = []
    if asleep:
        warnings.append(
            f"What the file says under {some([repr(label) for label in asleep])} is left out, for "
            f"{'that label is' if len(asleep) == 1 else 'those labels are'} retired: bring back what you want to have."
        )
    columns = sorted(sources)
    return LabelTargets(
        columns=np.array(columns, dtype=np.int64),
        sources=tuple(tuple(sources[column]) for column in columns),
        file_labels=tuple(file_labels),
        new_labels=tuple(titles[len(project_labels) :]),
        guessed=wanted.guessed,
        left_out=tuple(left_out + asleep),
        warnings=tuple(warnings),
    )


@dataclass(frozen=True)
class _Wanted:
    names: dict[str, str | None]  # file's name -> project's, of all the file's labels
    guessed: dict[str, str]


def _wanted(
    file_labels: Sequence[str], project_labels: Sequence[ProjectLabel], mapping: Mapping[str, str | None]
) -> _Wanted:
    free = [label for label in file_labels if label not in mapping]
    match = match_labels([label.name for label in project_labels], free)
    names = {label: mapping[label] if label in mapping else match.mapping.get(label, label) for label in file_labels}
    return _Wanted(names, {label: match.mapping[label] for label in match.guessed})


def _ids_by_name(project_labels: Sequence[ProjectLabel]) -> dict[str, int]:
    """Where a name leads: of several labels with one name to the one in use, and through mergers to their end."""
    ids: dict[str, int] = {}
    for label in sorted(project_labels, key=lambda label: (not label.retired and label.merged_into < 0, -label.id)):
        target, seen = label, {label.id}
        while 0 <= target.merged_into < len(project_labels) and target.merged_into not in seen:
            target = project_labels[target.merged_into]
            seen.add(target.id)
        ids[label.name] = target.id
    return ids
