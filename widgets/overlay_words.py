"""What the overlay explains in its tool tips."""

from __future__ import annotations

from typing import Final

from inference.types import DecisionRule, ImageScores, Outcome, format_float32
from widgets.glyphs import OUTCOME_TEXT, TRUTH_TEXT
from widgets.overlay_rows import outcome_of, shows_threshold

HEADER_TIP: Final = (
    "Drag to another corner, click to fold.\n"
    "A bar is a score, the line across it the label's threshold; bold: predicted.\n"
    "At the right, what the annotation says: + positive, \N{MINUS SIGN} negative, ? unknown."
)

_RULE_TIPS: Final = {
    DecisionRule.TOP_K: "only the labels with the highest scores of the image can be predicted",
    DecisionRule.PER_IMAGE: "predicted is the set with the highest expected F1; thresholds are not used",
}


def tool_tip(image: ImageScores, label: int, name: str) -> str:
    """All that is known of a label of the image, and what its marks mean."""
    parts = [f"score {format_float32(image.scores[label])}"]
    if shows_threshold(image, label):
        parts.append(f"threshold {format_float32(image.thresholds[label])}")
    lines = [name, ", ".join(parts)]
    if image.rule in _RULE_TIPS:
        lines.append(_RULE_TIPS[image.rule])
    if not image.annotated:
        return "\n".join([*lines, f"{'predicted' if image.predicted[label] else 'not predicted'}, not annotated"])
    outcome = outcome_of(image, label)
    if outcome is not Outcome.UNKNOWN:
        lines.append(OUTCOME_TEXT[outcome])
    return "\n".join([*lines, TRUTH_TEXT[int(image.truth[label])]])
