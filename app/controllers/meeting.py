"""Lets the dataset on the screen follow when labels of the project are added, renamed, merged or retired."""

from __future__ import annotations

from app.controllers.pair_memory import PairMemory
from app.session import Session
from inference.data.datasets import match_labels
from inference.evaluation.advice import AnnotationSizes


def meet_anew(session: Session, kept: PairMemory) -> bool:
    """Match the project's labels with the model's again; whether other labels stand on the screen now."""
    truth, report, dataset = session.truth, session.report, session.dataset
    if truth is None or report is None or dataset is None:
        return False
    names = tuple(label.name for label in truth.offered)
    if session.model is not None:
        truth.meet(session.model.labels, match_labels(session.model.labels, names, kept.mapping).mapping)
        session.replace_truth(truth.dataset(dataset))
        return False
    truth.meet(names, {name: name for name in names})
    label = names[session.label] if 0 <= session.label < len(names) else ""
    session.set_dataset(report, truth.dataset(dataset), AnnotationSizes.of(truth.y_true, truth.annotated))
    kept.restore(kept.settings(), None, kept.mapping)
    session.set_label(names.index(label) if label in names else -1)
    return True
