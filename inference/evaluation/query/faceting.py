"""The counts beside the filters, live while a threshold moves."""

from __future__ import annotations

import numpy as np

from inference.evaluation.query.data import ReviewData
from inference.evaluation.query.scanning import ENDS_TEXT, quoted
from inference.evaluation.query.writing import label_word
from inference.types import BoolArray, Outcome
from inference.types.querying import ANY, FacetCount, Facets, OutcomeCounts


def facets(data: ReviewData, label: int | None = None, within: BoolArray | None = None) -> Facets:
    """Count the images beside each filter.

    Args:
        data: the images.
        label: the chosen label.
        within: bool (n,); count among these alone, such as those that the query shows.
    """

    def count(mask: BoolArray | None) -> int:
        if mask is None:
            return 0
        return int(np.count_nonzero(mask if within is None else mask & within))

    def count_known(mask: BoolArray | None) -> int | None:
        return None if mask is None else count(mask)

    tallies = data.tallies
    total = len(data) if within is None else int(np.count_nonzero(within))
    if tallies is None:
        anywhere, wrong = OutcomeCounts(unknown=total), 0
    else:
        anywhere = OutcomeCounts(*(count(tallies.of(outcome) > 0) for outcome in _ORDER))
        wrong = count((tallies.of(Outcome.FP) > 0) | (tallies.of(Outcome.FN) > 0))
    annotated = count(data.annotated)
    parts, codes = data.in_parts()
    among = codes if within is None else codes[within]
    per_part = np.bincount(among[among >= 0], minlength=len(parts)).tolist() if parts else []
    return Facets(
        total=total,
        label=None if label is None else _under(data, label, within, total),
        any=anywhere,
        wrong=wrong,
        annotated=annotated,
        unannotated=total - annotated,
        edited=count(data.edited),
        noted=count(data.noted) if data.notes else 0,
        broken=count(data.broken),
        flipped=count_known(data.flipped),
        differs=count_known(data.differs),
        queue=count_known(data.queue),
        vanished=count_known(data.vanished),
        changed=count_known(data.changed),
        unsaved=count_known(data.unsaved),
        parts=tuple(zip(parts, per_part, strict=True)),
        label_name="" if label is None else data.labels[label],
    )


_ORDER = (Outcome.TP, Outcome.FP, Outcome.FN, Outcome.TN, Outcome.UNKNOWN)


def _under(data: ReviewData, label: int, within: BoolArray | None, total: int) -> OutcomeCounts:
    found = data.outcomes(label)
    if found is None:
        return OutcomeCounts(unknown=total)
    if within is not None:
        found = found[within]
    return OutcomeCounts(*(int(np.count_nonzero(found == outcome)) for outcome in _ORDER))


def facet_counts(facets: Facets, *, this: bool = False) -> tuple[FacetCount, ...]:
    """The filters on offer with their words and terms: first the chosen label's outcomes, then those of any label.

    ``this``: the terms name the chosen label ``this`` and follow it when another is chosen, instead of by its name.
    """
    found: list[FacetCount] = []
    if facets.label is not None:
        word = "this" if this else label_word(0, facets.label_name)
        found += _outcomes(facets.label, word, "", "")
    found += _outcomes(facets.any, label_word(ANY), "any_", " under any label")
    found += [
        FacetCount("wrong", "Any mistake", facets.wrong, "wrong:any"),
        FacetCount("annotated", "Annotated", facets.annotated, "annotated"),
        FacetCount("unannotated", "Not annotated", facets.unannotated, "-annotated"),
    ]
    plain = (
        ("edited", "Edited", facets.edited),
        ("unsaved", "Not saved yet", facets.unsaved),
        ("note", "With a note", facets.noted),
        ("queue", "In the queue", facets.queue),
        ("flipped", "Flipped", facets.flipped),
        ("differs", "Decided differently", facets.differs),
        ("broken", "Cannot be read", facets.broken),
        ("vanished", "Vanished", facets.vanished),
        ("changed", "Changed on disk", facets.changed),
    )
    found += [FacetCount(key, text, count, key) for key, text, count in plain if count is not None]
    found += [
        FacetCount(f"part:{part}", part, count, f"part:{quoted(part, ENDS_TEXT)}") for part, count in facets.parts
    ]
    return tuple(found)


def _outcomes(counts: OutcomeCounts, label: str, prefix: str, suffix: str) -> list[FacetCount]:
    plain = (("tp", counts.tp), ("fp", counts.fp), ("fn", counts.fn), ("tn", counts.tn))
    found = [FacetCount(prefix + key, key.upper() + suffix, count, f"{key}:{label}") for key, count in plain]
    unknown = FacetCount(f"{prefix}unknown", f"Unknown{suffix}", counts.unknown, f"outcome:{label}=unknown")
    return [*found, unknown]
