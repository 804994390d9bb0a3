"""The chooser as its user meets it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from inference.types import CALIBRATION_NAMES, CalibrationEvidence, CalibrationMethod, CarriedDecisions
from tests.widgets.calibration.cases import of_classes, of_good_scores, of_labels
from widgets.calibration import CalibrationPanel
from widgets.theme import DARK, apply_theme

NONE, PLATT, ISOTONIC = CalibrationMethod.NONE, CalibrationMethod.PLATT, CalibrationMethod.ISOTONIC
BIAS_CORRECTED, TEMPERATURE = CalibrationMethod.BIAS_CORRECTED, CalibrationMethod.TEMPERATURE

Make = Callable[..., CalibrationPanel]


@pytest.fixture
def make(qtbot: QtBot) -> Make:
    def build(evidence: CalibrationEvidence | None, width: int = 520) -> CalibrationPanel:
        panel = CalibrationPanel()
        qtbot.addWidget(panel)
        if evidence is not None:
            panel.setLabels([f"label {index}" for index in range(len(evidence.before.brier))])
            panel.setEvidence(evidence)
        panel.resize(width, 420)
        with qtbot.waitExposed(panel):
            panel.show()
        return panel

    return build


def chosen(panel: CalibrationPanel) -> list[CalibrationMethod]:
    found: list[CalibrationMethod] = []
    panel.methodChosen.connect(found.append)
    return found


def test_the_recommendation_stands_first_with_its_numbers(make: Make) -> None:
    evidence = of_labels()
    report = evidence.report(PLATT)
    assert report is not None
    before, after = evidence.before.overall.log_loss, report.after.overall.log_loss
    first = make(evidence).text().split("\n")[0]
    assert first == f"Platt: log loss {before:.3f} → {after:.3f} out of fold."


def test_good_scores_are_left_as_they_are(make: Make) -> None:
    assert make(of_good_scores()).text().startswith("Leave the scores as they are")


def test_every_method_has_its_errors_and_its_labels(make: Make) -> None:
    evidence = of_labels(4, n_rare=1)
    panel = make(evidence)
    for report in evidence.reports:
        overall = report.after.overall
        for column in ("log_loss", "brier", "ece"):
            assert panel.grid.text(report.method, column) == f"{getattr(overall, column):.3f}"
    assert panel.grid.text(NONE, "ece") == f"{evidence.before.overall.ece:.3f}"
    assert panel.grid.text(PLATT, "labels") == "3 of 4"
    assert panel.grid.text(TEMPERATURE, "labels") == "4 of 4"


def test_a_click_asks_for_a_method_and_a_setter_does_not(make: Make, qtbot: QtBot) -> None:
    panel = make(of_labels())
    found = chosen(panel)
    for method in (PLATT, BIAS_CORRECTED, NONE):
        panel.setMethod(method)
    assert found == []
    qtbot.mouseClick(
        panel.grid.radio(ISOTONIC), Qt.MouseButton.LeftButton, pos=panel.grid.radio(ISOTONIC).rect().center()
    )
    assert found == [ISOTONIC]
    panel.setMethod(ISOTONIC)
    qtbot.keyClick(panel.grid.radio(ISOTONIC), Qt.Key.Key_Up)
    assert found == [ISOTONIC, PLATT]


def test_the_method_in_force_is_marked(make: Make) -> None:
    panel = make(of_labels())
    for method in (PLATT, NONE, ISOTONIC):
        panel.setMethod(method)
        marked = [own for own in CalibrationMethod if own is not BIAS_CORRECTED and panel.grid.radio(own).isChecked()]
        assert marked == [method]
    panel.setMethod(BIAS_CORRECTED)  # fitted to another model
    assert not any(panel.grid.radio(own).isChecked() for own in CalibrationMethod if own is not BIAS_CORRECTED)


def test_the_same_evidence_again_keeps_the_focus(make: Make, qtbot: QtBot) -> None:
    panel = make(of_labels())
    radio = panel.grid.radio(PLATT)
    panel.setEvidence(of_labels())
    assert panel.grid.radio(PLATT) is radio


def test_labels_left_alone_are_listed_with_their_reasons(make: Make, qtbot: QtBot) -> None:
    panel = make(of_labels(4, n_rare=2))
    panel.setMethod(PLATT)
    assert panel.notes.texts() == [f"label {label}: only 5 positives, 10 are needed" for label in (2, 3)]
    assert "2 labels left as they are by Platt:" in panel.text()
    picked: list[int] = []
    panel.labelChosen.connect(picked.append)
    index = panel.notes.model().index(1, 0)
    qtbot.mouseClick(panel.notes.viewport(), Qt.MouseButton.LeftButton, pos=panel.notes.visualRect(index).center())
    assert picked == [3]
    panel.setMethod(TEMPERATURE)
    assert not panel.notes.isVisible()


def test_isotonic_says_where_positives_are_few(make: Make) -> None:
    panel = make(of_labels(3, n_rare=1))
    panel.setMethod(ISOTONIC)
    assert "1 label left as it is by isotonic; 2 more with a caveat:" in panel.text()
    assert panel.notes.texts()[0] == "label 2: only 5 positives, 10 are needed"
    assert panel.notes.texts()[1].endswith("isotonic is recommended from 200 on")


def test_it_says_what_changes_and_what_does_not(make: Make) -> None:
    panel = make(of_labels())
    assert "Percentages change. Thresholds move with them, so that every image is decided as before." in panel.text()
    panel.setMethod(PLATT)
    panel.setCarried(CarriedDecisions(PLATT, 0, 400))
    assert "every image is decided as before." in panel.text()
    panel.setCarried(CarriedDecisions(PLATT, 3, 1400))
    assert "3 of 1,400 images are decided otherwise." in panel.text()
    panel.setMethod(ISOTONIC)  # of which that was not said
    assert "otherwise" not in panel.text()
    assert "single images may be decided otherwise" in make(of_classes()).text()


def test_the_chosen_label_has_a_line_of_its_own(make: Make) -> None:
    evidence = of_labels()
    report = evidence.report(PLATT)
    assert report is not None
    panel = make(evidence)
    panel.setLabel(1)
    before, after = evidence.before.log_loss[1], report.after.log_loss[1]
    assert f"label 1, Platt: log loss {before:.3f} → {after:.3f} · Brier " in panel.text()
    panel.setLabel(-1)
    assert "label 1" not in panel.text()


def test_a_map_fitted_elsewhere_can_be_fitted_here(make: Make, qtbot: QtBot) -> None:
    panel = make(of_labels())
    panel.setMethod(PLATT)
    assert not panel.refitButton().isVisible()
    panel.setStale(True)
    assert "(Platt) is not the one that fits these images" in panel.text()
    found = chosen(panel)
    qtbot.mouseClick(panel.refitButton(), Qt.MouseButton.LeftButton)
    assert found == [PLATT]
    panel.setMethod(NONE)
    assert not panel.refitButton().isVisible()


def test_a_method_that_helps_no_label_cannot_be_chosen(make: Make) -> None:
    panel = make(of_labels(2, n_rare=2))
    assert not panel.grid.radio(PLATT).isEnabled()
    assert "only 5 positives" in panel.grid.radio(PLATT).toolTip()
    assert panel.grid.radio(NONE).isEnabled()


def test_it_says_what_to_do_and_what_is_under_way(make: Make) -> None:
    panel = make(None)
    assert panel.text().startswith("Open a model")
    panel.setBusy("Fitting …")
    assert panel.text() == "Fitting …"
    panel.setBusy("")
    panel.setMessage("No truth.")
    assert panel.text() == "No truth."
    panel.setMessage("")
    panel.setLabels(["label 0", "label 1", "label 2"])
    panel.setEvidence(of_labels())
    panel.setBusy("Carrying …")
    assert panel.text().startswith("Carrying …")
    assert not panel.grid.isEnabled()


def test_where_room_is_short_differences_go_and_numbers_stay(make: Make, qtbot: QtBot) -> None:
    panel = make(of_labels())
    numbers = visible_texts(panel.grid)
    assert any(text.startswith("−") for text in numbers)
    panel.resize(panel.grid.minimumSizeHint().width() + 20, 420)
    short = visible_texts(panel.grid)
    assert not any(text.startswith(("−", "+")) for text in short)
    assert panel.grid.text(PLATT, "ece") in short


def visible_texts(widget: QWidget) -> set[str]:
    return {label.text() for label in widget.findChildren(QLabel) if label.isVisible() and label.text()}


def test_every_control_has_a_name(make: Make) -> None:
    panel = make(of_classes())
    assert panel.grid.radio(BIAS_CORRECTED).accessibleName() == "Bias-corrected temperature, recommended"
    for method in (NONE, TEMPERATURE):
        assert panel.grid.radio(method).accessibleName() == CALIBRATION_NAMES[method]
        assert panel.grid.radio(method).toolTip()


def test_it_follows_the_theme(make: Make, qapp: QApplication) -> None:
    panel = make(of_labels())

    def inks() -> set[str]:
        labels = [label for label in panel.grid.findChildren(QLabel) if label.text().startswith("−")]
        return {label.palette().windowText().color().name() for label in labels}

    light = inks()
    apply_theme(qapp, DARK)
    assert inks().isdisjoint(light)
