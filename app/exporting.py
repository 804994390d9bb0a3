"""Writing what leaves the program: whole or not at all."""

from __future__ import annotations

import os
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

from app.assembly import Controllers
from app.session import Decision
from app.state import F1Then, Profile
from inference.errors import CutlineError
from inference.evaluation.comparing import decided_metrics
from inference.export.thresholds import Decisions, to_json, to_python
from inference.types import LabelMetrics, ReviewBand, ZeroDivision

KINDS = "JSON with test vectors (*.json);;Python module (*.py)"
_MEASURED = "measured on these images"
_SOURCES = {
    "out_of_fold": "expected on new images, from pooled out-of-fold counts",
    "redrawn": f"{_MEASURED}; interval from redrawing images",
}


def profile_decisions(made: Controllers, key: str) -> Decisions | None:
    """What a profile would put in force, without doing so; None where there is no such thing.

    Its counts are those on the images that are open; what it gave when it was saved stands beside them.
    """
    session, decision, profile = made.session, made.profiles.decision_of(key), made.profiles.profile_of(key)
    run, dataset, evaluator = session.run, session.dataset, made.evaluation.evaluator
    if decision is None or profile is None or run is None or dataset is None or evaluator is None:
        return None
    measured = None if session.split is None else session.split.measured
    metrics = decided_metrics(
        run,
        dataset.y_true,
        decision.activation,
        decision.rule,
        decision.thresholds,
        logit_map=decision.logit_map,
        k=decision.k,
        measured=measured,
    )
    return _decisions(made, decision, metrics, _about_profile(profile), band=None)


def decisions_of(made: Controllers) -> Decisions | None:
    """What is in force, with where it comes from; None before anything is scored."""
    session, evaluator = made.session, made.evaluation.evaluator
    if evaluator is None:
        return None
    tuned = made.tuning.tuned if made.tuning.in_force else None
    averages = evaluator.averages(ZeroDivision.ZERO)
    micro = {"value": _number(averages.micro.f1), "source": _MEASURED}
    about = {"tuned_for": "set by hand" if tuned is None else tuned.goal, "micro_f1": micro}
    if tuned is not None:
        about["method"] = tuned.method
        expected = F1Then(tuned.expected, tuned.low, tuned.high)
        about["expected_micro_f1"] = _f1(expected, tuned.confidence, _SOURCES["out_of_fold"])
    return _decisions(made, session.decision, evaluator.label_metrics(), about, band=session.band)


def _decisions(
    made: Controllers, decision: Decision, metrics: LabelMetrics, about: dict[str, Any], band: ReviewBand | None
) -> Decisions | None:
    session, evaluator = made.session, made.evaluation.evaluator
    model, report, dataset = session.model, session.report, session.dataset
    if evaluator is None or model is None or report is None or dataset is None:
        return None
    source = {
        "created": date.today().isoformat(),
        "model": model.card.name or model.path.parent.name,
        "model_sha256": model.fingerprint,
        "dataset": os.path.basename(report.dataset.source),
        "data_digest": session.digest,
        "n_images": len(evaluator.rows),
        "measured_on": "all images" if session.split is None else session.split.words,
    }
    return Decisions(
        dataset.labels,
        decision.activation,
        decision.rule,
        decision.thresholds,
        metrics,
        {**source, **about},
        k=decision.k,
        calibration=decision.calibration,
        biases=decision.biases,
        band=band,
    )


def _about_profile(profile: Profile) -> dict[str, Any]:
    """Where a profile comes from, and what it gave when it was saved."""
    about: dict[str, Any] = {
        "profile": profile.name,
        "tuned_for": profile.goal,
        "method": profile.method,
        "saved": profile.saved,
        "saved_with_model_sha256": profile.model,
        "saved_with_data_digest": profile.data,
        "measured_then_on": profile.split or "all images",
        "n_images_then": profile.n_images,
    }
    for name, value, then in (("micro", profile.micro_f1, profile.micro), ("macro", profile.macro_f1, profile.macro)):
        about[f"{name}_f1_then"] = {"value": value, "source": _MEASURED}
        if profile.interval:
            key = f"expected_{name}_f1" if profile.interval == "out_of_fold" else f"{name}_f1_then"
            about[key] = _f1(then, profile.confidence, _SOURCES[profile.interval])
    return about


def _f1(then: F1Then, confidence: float, source: str) -> dict[str, Any]:
    return {"value": then.value, "interval": [then.low, then.high], "confidence": confidence, "source": source}


def _number(value: float) -> float | None:
    return value if value == value else None


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
