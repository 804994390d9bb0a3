"""What an annotation file would change in a project, looked at before anything is changed; and a project as a file.

An import merges: a cell about which nobody said anything is filled, one that says the same stays, and one that says
something else is a conflict, of which the user decides. Nothing here is applied; the caller makes one step of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

import numpy as np

from inference.data.formats.base import FileAnnotations, Rest
from inference.data.import_labels import LabelTargets, label_targets
from inference.data.reports import MEANS_NEGATIVE, MEANS_UNKNOWN
from inference.data.sentences import counted, some
from inference.types import NEGATIVE, POSITIVE, UNKNOWN, BoolArray, IntArray, ScoreArray, Task
from inference.types.annotating import UNSAID, Cells, ProjectLabel, StatementArray

KEEP: Final = "keep"  # what the project says stays
TAKE: Final = "take"  # what the file says is taken
MAKE_UNKNOWN: Final = "unknown"  # neither is believed
Conflicts = Literal["keep", "take", "unknown"]

_NO_MAPPING: Final[Mapping[str, str | None]] = MappingProxyType({})
_EXAMPLES: Final = 100


@dataclass(frozen=True)
class LabelImport:
    """What an import does under one label of the project, in cells."""

    name: str
    label: int  # id; one from the plan's ``first_new_id`` on where the project does not have it yet
    sources: tuple[str, ...]  # what the file calls it: several where the user maps several to one
    is_new: bool
    n_new: int
    n_same: int
    n_conflicts: int


@dataclass(frozen=True)
class ImportConflict:
    """One cell of which project and file say different things: each POSITIVE, NEGATIVE or UNKNOWN."""

    image: str
    label: str
    ours: int
    theirs: int


@dataclass(frozen=True, eq=False)
class ImportPlan:
    """What an import would change. ``r`` images that are in both, ``t`` labels that the file speaks of."""

    format: str
    labels: tuple[LabelImport, ...]  # (t,)
    new_labels: tuple[str, ...]  # to be added, in this order, with the ids from ``first_new_id`` on
    first_new_id: int
    guessed: dict[str, str]  # file's name -> project's, alike but for case, spaces or underscores
    left_out_labels: tuple[str, ...]  # of the file
    unmatched: tuple[str, ...]  # images of the file that the project does not have
    n_new: int  # cells
    n_same: int
    n_conflicts: int
    examples: tuple[ImportConflict, ...]  # the first conflicts
    asks_unlisted: bool  # the file lists positives only, and nobody said yet what the rest means: ask first
    warnings: tuple[str, ...]
    images: IntArray  # (r,) ids
    ours: StatementArray  # (r, t)
    theirs: StatementArray  # (r, t)
    task: Task = Task.MULTILABEL

    @property
    def is_empty(self) -> bool:
        """Whether applying it would change nothing, whatever is decided of conflicts."""
        return not (self.n_new or self.n_conflicts or self.new_labels)

    def summary(self) -> str:
        """One line: ``1,204 new annotations, 300 the same, 12 conflicts; 2 new labels``."""
        parts = [
            f"{counted(self.n_new, 'new annotation')}, {self.n_same:,} the same, "
            f"{counted(self.n_conflicts, 'conflict')}"
        ]
        if self.new_labels:
            parts.append(counted(len(self.new_labels), "new label"))
        if self.unmatched:
            parts.append(f"{counted(len(self.unmatched), 'image')} not in the project")
        return "; ".join(parts)


def plan_import(
    current: StatementArray,
    project_labels: Sequence[ProjectLabel],
    names: Sequence[str],
    file: FileAnnotations,
    *,
    unlisted_means: str | None = None,
    label_mapping: Mapping[str, str | None] = _NO_MAPPING,
    task: Task = Task.MULTILABEL,
) -> ImportPlan:
    """Compare a file with a project.

    Args:
        current: int8 (n, p), what the project says.
        project_labels: (p,), by id.
        names: (n,) of the project's images.
        file: as its format read it, with paths under the same root.
        unlisted_means: what a label means that a list of positives leaves out: "negative" or "unknown" (then it stays
            unsaid); None where nobody said so yet. Of no matter to a file that leaves nothing open.
        label_mapping: file's label -> project's label (one that does not exist is added), None to leave it out. Labels
            that are not in it are matched by name, loosely where only one fits, and else added.
        task: of the project. In a multi-class one a positive label says that all others are negative, and an image
            with a conflict is one conflict as a whole.

    Several labels of the file mapped to one are joined: positive where any is, negative where all are. Rows about the
    same image are joined as well; where they contradict each other the cell is unknown.
    """
    targets = label_targets(file.labels, project_labels, label_mapping)
    images, rows, unmatched = _matched(file.images, names)
    asks = file.rest is Rest.ASK
    filled = _filled(file.statements[rows], asks and unlisted_means == MEANS_NEGATIVE)
    theirs, disputed = _one_row_an_image(_joined(filled, targets), images)
    images = np.unique(images)
    warnings = [*file.warnings, *targets.warnings]
    if disputed:
        warnings.append(
            f"{counted(disputed, 'cell')} contradicted by another row about the same image "
            f"{'counts' if disputed == 1 else 'count'} as unknown."
        )
    columns = targets.columns
    if task is Task.MULTICLASS:
        theirs, columns, sentence = _one_each(theirs, targets, project_labels)
        warnings += sentence
    ours = np.full(theirs.shape, UNSAID, dtype=np.int8)
    known = columns < current.shape[1]
    ours[:, known] = current[np.ix_(images, columns[known])]
    return _plan(
        file.format,
        targets,
        columns,
        images,
        ours,
        theirs,
        names=names,
        project_labels=project_labels,
        unmatched=unmatched,
        asks=asks and unlisted_means not in (MEANS_NEGATIVE, MEANS_UNKNOWN),
        warnings=tuple(warnings),
        task=task,
    )


def cells_of(plan: ImportPlan, conflicts: Conflicts = KEEP) -> tuple[tuple[ProjectLabel, ...], Cells]:
    """The labels to add, and the cells whose statement changes, once it is decided what becomes of conflicts.

    "keep" leaves the project's word, "take" takes the file's, "unknown" makes the cells in question unknown.
    """
    conflicting = _conflicting(plan.ours, plan.theirs)
    after = plan.theirs.copy()
    if conflicts == MAKE_UNKNOWN:
        after[conflicting] = UNKNOWN
    changed = (plan.theirs != UNSAID) & (plan.ours != after)
    if conflicts == KEEP:
        changed &= ~conflicting
    if plan.task is Task.MULTICLASS and conflicts != TAKE:
        whole = conflicting.any(axis=1, keepdims=True)  # half of a file's class would make two positives, or none
        changed &= ~whole | (conflicting & (conflicts == MAKE_UNKNOWN))
    rows, positions = np.nonzero(changed)
    ids = np.array([label.label for label in plan.labels], dtype=np.int64)
    cells = Cells(plan.images[rows], ids[positions], after[rows, positions])
    added = tuple(ProjectLabel(plan.first_new_id + index, name) for index, name in enumerate(plan.new_labels))
    return added, cells


def export_of(
    names: Sequence[str],
    labels: Sequence[ProjectLabel],
    statements: StatementArray,
    *,
    task: Task | None = None,
    parts: tuple[str, ...] = (),
    scores: Mapping[int, ScoreArray] | None = None,
    images: IntArray | None = None,
) -> FileAnnotations:
    """A project, or some ``images`` of it, as what every format writes; retired and merged labels stay behind.

    Args:
        names: (n,) of the project's images.
        labels: (p,), by id.
        statements: int8 (n, p).
        task: of the project.
        parts: (n,) of a split, or ().
        scores: label id -> float32 (n,), NaN where there is none; labels that are not in it have none.
        images: (k,) ids to write, in this order; all where it is not given.
    """
    kept = [label for label in labels if not label.retired and label.merged_into < 0]
    chosen = np.arange(len(names)) if images is None else np.asarray(images, dtype=np.int64)
    columns = np.array([label.id for label in kept], dtype=np.int64)
    table = None
    if scores is not None:
        table = np.full((len(chosen), len(kept)), np.nan, dtype=np.float32)
        for position, label in enumerate(kept):
            if label.id in scores:
                table[:, position] = scores[label.id][chosen]
    return FileAnnotations(
        format="",
        images=tuple(names[image] for image in chosen.tolist()),
        statements=statements[np.ix_(chosen, columns)],
        labels=tuple(label.name for label in kept),
        rest=Rest.NONE,
        task=task,
        parts=tuple(parts[image] for image in chosen.tolist()) if parts else (),
        scores=table,
    )


def _matched(images: Sequence[str], names: Sequence[str]) -> tuple[IntArray, IntArray, tuple[str, ...]]:
    """Ids and rows of the file's images that the project has, and the names of the others."""
    ids = {name: index for index, name in enumerate(names)}
    found = np.fromiter((ids.get(name, -1) for name in images), np.int64, len(images))
    rows = np.flatnonzero(found >= 0)
    unmatched = tuple(dict.fromkeys(images[row] for row in np.flatnonzero(found < 0).tolist()))
    return found[rows], rows, unmatched


def _filled(statements: StatementArray, negative: bool) -> StatementArray:
    return np.where(statements == UNSAID, np.int8(NEGATIVE), statements) if negative else statements


def _joined(statements: StatementArray, targets: LabelTargets) -> StatementArray:
    """(r, t) from (r, q): the file's labels brought under the project's."""
    joined = np.full((len(statements), len(targets.columns)), UNSAID, dtype=np.int8)
    for position, sources in enumerate(targets.sources):
        values = statements[:, list(sources)]
        if len(sources) == 1:
            joined[:, position] = values[:, 0]
            continue
        column = joined[:, position]
        column[(values == UNKNOWN).any(axis=1)] = UNKNOWN
        column[(values == NEGATIVE).all(axis=1)] = NEGATIVE
        column[(values == POSITIVE).any(axis=1)] = POSITIVE
    return joined


def _one_row_an_image(theirs: StatementArray, images: IntArray) -> tuple[StatementArray, int]:
    """Rows in the order of their image's id, one for each, and how many cells rows contradict each other about."""
    order = np.argsort(images, kind="stable")
    _, starts = np.unique(images[order], return_index=True)
    if len(starts) == len(images) or not theirs.shape[1]:
        return theirs[order][: len(starts)], 0
    ordered = theirs[order]
    said = [np.bitwise_or.reduceat((ordered == value), starts, axis=0) for value in (UNKNOWN, NEGATIVE, POSITIVE)]
    result = np.full(said[0].shape, UNSAID, dtype=np.int8)
    for value, mask in zip((UNKNOWN, NEGATIVE, POSITIVE), said, strict=True):
        result[mask] = value  # known beats unknown
    disputed = said[1] & said[2]
    result[disputed] = UNKNOWN
    return result, int(np.count_nonzero(disputed))


def _one_each(
    theirs: StatementArray, targets: LabelTargets, project_labels: Sequence[ProjectLabel]
) -> tuple[StatementArray, IntArray, list[str]]:
    """Rows (r, u) under every label of a multi-class project; those without exactly one positive say nothing."""
    offered = [label.id for label in project_labels if not label.retired and label.merged_into < 0]
    columns = np.union1d(np.array(offered, dtype=np.int64), targets.columns)
    positives = theirs == POSITIVE
    n_positives = np.count_nonzero(positives, axis=1)
    complete = np.full((len(theirs), len(columns)), UNSAID, dtype=np.int8)
    one = n_positives == 1
    complete[one] = NEGATIVE
    rows, positions = np.nonzero(positives & one[:, None])
    complete[rows, np.searchsorted(columns, targets.columns)[positions]] = POSITIVE
    odd = int(np.count_nonzero((n_positives > 1) | ((n_positives == 0) & (theirs != UNSAID).any(axis=1))))
    if not odd:
        return complete, columns, []
    return complete, columns, [f"{counted(odd, 'image')} left out, for the file gives not exactly one label."]


def _conflicting(ours: StatementArray, theirs: StatementArray) -> BoolArray:
    conflicting: BoolArray = (ours != UNSAID) & (theirs != UNSAID) & (ours != theirs)
    return conflicting


def _plan(
    key: str,
    targets: LabelTargets,
    columns: IntArray,
    images: IntArray,
    ours: StatementArray,
    theirs: StatementArray,
    *,
    names: Sequence[str],
    project_labels: Sequence[ProjectLabel],
    unmatched: tuple[str, ...],
    asks: bool,
    warnings: tuple[str, ...],
    task: Task,
) -> ImportPlan:
    """Count what would change."""
    first_new = len(project_labels)
    conflicting = _conflicting(ours, theirs)
    fresh = ((ours == UNSAID) & (theirs != UNSAID)).sum(axis=0)
    same = ((ours != UNSAID) & (ours == theirs)).sum(axis=0)
    clashes = conflicting.sum(axis=0)
    titles = [label.name for label in project_labels] + list(targets.new_labels)
    sources = {column: targets.names(position) for position, column in enumerate(targets.columns.tolist())}
    labels = tuple(
        LabelImport(
            name=titles[column],
            label=column,
            sources=sources.get(column, ()),
            is_new=column >= first_new,
            n_new=int(fresh[position]),
            n_same=int(same[position]),
            n_conflicts=int(clashes[position]),
        )
        for position, column in enumerate(columns.tolist())
    )
    rows, positions = (part[:_EXAMPLES] for part in np.nonzero(conflicting))
    examples = tuple(
        ImportConflict(names[images[row]], labels[j].name, int(ours[row, j]), int(theirs[row, j]))
        for row, j in zip(rows.tolist(), positions.tolist(), strict=True)
    )
    if unmatched:
        warnings += (f"{counted(len(unmatched), 'image')} of the file not in the project: {some(unmatched)}.",)
    return ImportPlan(
        format=key,
        labels=labels,
        new_labels=targets.new_labels,
        first_new_id=first_new,
        guessed=targets.guessed,
        left_out_labels=targets.left_out,
        unmatched=unmatched,
        n_new=int(fresh.sum()),
        n_same=int(same.sum()),
        n_conflicts=int(clashes.sum()),
        examples=examples,
        asks_unlisted=asks,
        warnings=warnings,
        images=images,
        ours=ours,
        theirs=theirs,
        task=task,
    )
