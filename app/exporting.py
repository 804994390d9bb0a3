"""Writing what leaves the program: whole or not at all."""

from __future__ import annotations

import os
import tempfile
from dataclasses import replace
from datetime import date
from pathlib import Path

from app.assembly import Controllers
from inference.errors import CutlineError
from inference.evaluation.whatif import at
from inference.export.thresholds import Decisions, to_json, to_python

KINDS = "JSON with test vectors (*.json);;Python module (*.py)"


def profile_decisions(made: Controllers, key: str) -> Decisions | None:
    """What a profile would put in force, without doing so; None where there is no such thing."""
    decisions, profile, evaluator = decisions_of(made), made.profiles.thresholds_of(key), made.evaluation.evaluator
    if decisions is None or profile is None or evaluator is None:
        return None
    thresholds, goal = profile
    about = {**decisions.about, "tuned_for": goal, "expected_micro_f1": None}
    return replace(decisions, thresholds=thresholds, metrics=at(evaluator, thresholds).label_metrics(), about=about)


def decisions_of(made: Controllers) -> Decisions | None:
    """What is in force, with where it comes from; None before anything is scored."""
    session, evaluator = made.session, made.evaluation.evaluator
    model, report, dataset = session.model, session.report, session.dataset
    if evaluator is None or model is None or report is None or dataset is None:
        return None
    tuned = made.tuning.tuned
    about = {
        "created": date.today().isoformat(),
        "model": model.card.name or model.path.parent.name,
        "model_sha256": model.fingerprint,
        "dataset": os.path.basename(report.dataset.source),
        "n_images": len(evaluator.rows),
        "tuned_for": tuned.goal if tuned is not None and made.tuning.in_force else "set by hand",
        "expected_micro_f1": tuned.expected if tuned is not None and made.tuning.in_force else None,
    }
    decision = session.decision
    return Decisions(
        dataset.labels, decision.activation, decision.rule, decision.thresholds, evaluator.label_metrics(), about
    )


def write_decisions(decisions: Decisions, path: str) -> str:
    """Write JSON, or Python where the name says so; the path written. Raises CutlineError."""
    target = Path(path if Path(path).suffix else f"{path}.json")
    text = to_python(decisions) if target.suffix == ".py" else to_json(decisions)
    write_whole(target, text.encode())
    return str(target)


def write_whole(target: Path, content: bytes) -> None:
    """Replace a file by ``content``; where that fails the old one stays as it was. Raises CutlineError."""
    beside = None
    try:
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as file:
            beside = file.name
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, target)
    except OSError as error:
        if beside is not None:
            Path(beside).unlink(missing_ok=True)
        raise CutlineError(
            f"{target} cannot be written ({error.strerror}): choose another folder.", detail=repr(error)
        ) from error
