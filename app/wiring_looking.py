"""Connections of what looks inside: the heat map over the image, and the edits of a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.assembly import Controllers
from app.main_window import MainWindow
from app.workbench import Workbench

if TYPE_CHECKING:
    from widgets.looking.edits_dialog import EditsDialog


def wire_looking(window: MainWindow, bench: Workbench, made: Controllers) -> None:
    """Both follow the image, the label and the model; neither disturbs a run."""
    wire_heat_map(window, bench, made)
    wire_edits(window, made)


def wire_heat_map(window: MainWindow, bench: Workbench, made: Controllers) -> None:
    """The layer over the image, and the card under it."""
    looking, view, action = made.looking, bench.image_view, window.actions_by_key["heat_map"]
    made.pictures.pictureChanged.connect(looking.set_picture)
    made.pictures.messageChanged.connect(looking.set_broken)
    view.heatMapWanted.connect(looking.set_wanted)
    view.heatMethodChosen.connect(looking.set_method)
    action.toggled.connect(looking.set_wanted)
    looking.heatChanged.connect(view.setHeatMap)
    looking.stateChanged.connect(view.setHeatState)
    looking.stateChanged.connect(lambda state: action.setChecked(state.wanted))


def wire_edits(window: MainWindow, made: Controllers) -> None:
    """The dialog is made when it is first asked for."""
    trying, session = made.score_edits, made.session
    made.pictures.pictureChanged.connect(trying.set_picture)
    made.pictures.messageChanged.connect(trying.set_broken)
    opened: list[EditsDialog] = []

    def show() -> None:
        if not opened:
            opened.append(_make_dialog(window, made))
        dialog = opened[0]
        dialog.setLabels(session.dataset.labels if session.dataset is not None else ())
        dialog.setCurrentLabel(session.label)
        dialog.show()
        dialog.activateWindow()

    window.actions_by_key["edits"].triggered.connect(lambda: show())


def _make_dialog(window: MainWindow, made: Controllers) -> EditsDialog:
    from widgets.looking.edits_dialog import EditsDialog

    dialog, trying, session = EditsDialog(window), made.score_edits, made.session
    dialog.editsChanged.connect(trying.set_edits)
    dialog.shownChanged.connect(trying.set_wanted)
    trying.pictureChanged.connect(dialog.setPicture)
    trying.scoresChanged.connect(dialog.setScores)
    trying.editsChanged.connect(dialog.setEdits)
    trying.messageChanged.connect(dialog.setMessage)
    trying.imageNamed.connect(dialog.setName)
    session.labelChanged.connect(dialog.setCurrentLabel)
    session.datasetChanged.connect(
        lambda: dialog.setLabels(session.dataset.labels if session.dataset is not None else ())
    )
    for key in ("next_image", "previous_image"):  # the dialog follows the window's image: go on from here too
        dialog.addAction(window.actions_by_key[key])
    return dialog
