"""Connections of the panes that labeling and reviewing are done in: the other half of the program's shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.assembly import Controllers
from app.controllers.transfer import TransferController
from app.file_telling import FilePresenter
from app.labeling import LabelingPresenter
from app.main_window import MainWindow
from app.presenter import Presenter
from app.workbench import Workbench
from inference.types import UNKNOWN, Severity

if TYPE_CHECKING:
    from app.transfer_dialogs import TransferDialogs


def wire_labeling(window: MainWindow, bench: Workbench, made: Controllers, presenter: Presenter) -> None:
    """What is said of images, what is listed, and whether it is saved."""
    labeling = LabelingPresenter(window, bench, made, presenter)
    wire_annotating(window, bench, made, presenter, labeling)
    wire_review(bench, made, presenter, labeling)
    wire_side_by_side(window, bench, made, presenter)
    wire_keys(window, bench, made, labeling)
    wire_transfer(window, bench, made, presenter)
    wire_files(window, made, presenter, labeling)


def wire_annotating(
    window: MainWindow, bench: Workbench, made: Controllers, presenter: Presenter, labeling: LabelingPresenter
) -> None:
    """The annotating panel and the project behind it."""
    session, annotating, panel = made.session, made.annotating, bench.annotate
    panel.statementRequested.connect(annotating.say)
    panel.noneRequested.connect(annotating.say_none)
    panel.asPredictedRequested.connect(annotating.as_predicted)
    panel.clearRequested.connect(annotating.clear)
    panel.confirmRequested.connect(annotating.confirm)
    panel.noteEdited.connect(annotating.set_note)
    panel.labelAddRequested.connect(annotating.add_label)
    panel.labelRenameRequested.connect(annotating.rename_label)
    panel.labelMergeRequested.connect(annotating.merge_label)
    panel.labelRetireRequested.connect(annotating.retire_label)
    panel.labelKeyRequested.connect(annotating.set_letter)
    panel.labelChosen.connect(labeling.choose_label)
    panel.autoAdvanceToggled.connect(annotating.set_auto_advance)
    panel.nextRequested.connect(bench.gallery.nextImage)
    panel.previousRequested.connect(bench.gallery.previousImage)
    panel.nextUnannotatedRequested.connect(labeling.next_unannotated)
    panel.nextInQueueRequested.connect(made.queues.go_on)
    panel.retrySaveRequested.connect(made.opening.projects.retry)
    panel.historyWanted.connect(labeling.want_history)
    annotating.rowsChanged.connect(panel.setLabels)
    annotating.usesChanged.connect(panel.setLabelUse)
    annotating.selectionChanged.connect(panel.setSelection)
    annotating.statementsChanged.connect(panel.setStatements)
    annotating.scoresChanged.connect(panel.setScores)
    annotating.noteChanged.connect(panel.setNote)
    annotating.autoAdvanceChanged.connect(panel.setAutoAdvance)
    annotating.keysChanged.connect(labeling.show_letters)
    annotating.goOnRequested.connect(labeling.go_on)
    made.stack.indexChanged.connect(labeling.forget_many)  # before the next such message is told
    annotating.saidOfMany.connect(labeling.say_of_many)
    window.message_bar.actionRequested.connect(labeling.on_message_action)
    annotating.said.connect(presenter.say)
    made.evaluation.imageScoresChanged.connect(labeling.show_image_scores)
    session.datasetChanged.connect(labeling.show_dataset)
    session.statementsChanged.connect(labeling.show_annotated)
    session.noteChanged.connect(lambda _: labeling.show_marks())
    session.imageChanged.connect(lambda _: labeling.ask_history())
    session.imageLeaving.connect(panel.commitNote)
    session.labelChanged.connect(labeling.show_label)
    projects = made.opening.projects
    projects.saveStateChanged.connect(labeling.show_save_state)
    projects.failed.connect(presenter.show_error)
    projects.opened.connect(annotating.restore)
    made.opening.paired.connect(projects.note_model)
    made.scoring.ended.connect(projects.note_run)
    annotating.letterChosen.connect(projects.keep_letters)


def wire_review(bench: Workbench, made: Controllers, presenter: Presenter, labeling: LabelingPresenter) -> None:
    """Which images are listed, and in what order."""
    review, gallery = made.review, bench.gallery
    gallery.setSortKeys(review.sort_keys)
    gallery.setQueues(made.queues.choices)
    gallery.queryChanged.connect(review.ask)
    gallery.completionsRequested.connect(review.complete)
    gallery.facetToggled.connect(review.toggle)
    gallery.sortChanged.connect(review.sort)
    gallery.queueChosen.connect(made.queues.choose)
    gallery.nextInQueueRequested.connect(made.queues.go_on)
    gallery.selectionChanged.connect(made.annotating.select)
    review.orderChanged.connect(gallery.setOrder)
    review.orderChanged.connect(lambda _: labeling.show_selection())  # what is not listed any more is not in hand
    made.session.imageChanged.connect(lambda _: labeling.show_selection())  # after the gallery was told
    gallery.menuRequested.connect(labeling.open_gallery_menu)
    review.queryChanged.connect(gallery.setQuery)
    review.queryErrorChanged.connect(gallery.setQueryError)
    review.completionsChanged.connect(gallery.setCompletions)
    review.facetsChanged.connect(gallery.setFacets)
    made.queues.queueChanged.connect(labeling.show_queue)
    made.queues.queueKeyChanged.connect(gallery.setQueue)
    review.sortSet.connect(gallery.setSort)
    review.flipsWanted.connect(presenter.watch_query)
    made.queues.failed.connect(presenter.show_error)
    review.failed.connect(presenter.show_error)
    made.profiles.flipsChanged.connect(review.set_flips)
    review.comparisonWanted.connect(lambda wanted: made.comparison.set_wanted(wanted, "query"))
    made.comparison.comparisonChanged.connect(review.set_comparison)


def wire_side_by_side(window: MainWindow, bench: Workbench, made: Controllers, presenter: Presenter) -> None:
    """Two pictures in place of one."""
    two, view = made.side_by_side, bench.side_by_side
    view.closed.connect(two.close)
    view.swapRequested.connect(two.swap)
    view.sideChosen.connect(two.choose)
    two.openChanged.connect(window.show_side_by_side)
    two.openChanged.connect(made.annotating.hold_one)  # two are compared, one of them is in hand
    two.sideChanged.connect(view.setCurrentSide)
    two.pairChanged.connect(view.setPair)
    two.said.connect(lambda sentence: presenter.say(sentence, Severity.WARNING))


def wire_keys(window: MainWindow, bench: Workbench, made: Controllers, labeling: LabelingPresenter) -> None:
    """Menus and keys of labeling."""
    annotating = made.annotating
    handlers = {
        "next_unannotated": labeling.next_unannotated,
        "next_in_queue": made.queues.go_on,
        "find_to_annotate": labeling.find_to_annotate,
        "none_of_them": annotating.say_none,
        "as_predicted": annotating.as_predicted,
        "clear_labels": annotating.clear,
        "chosen_unknown": lambda: annotating.say_chosen(UNKNOWN),
        "note": labeling.write_note,
        "confirm": annotating.confirm,
        "filter_images": bench.gallery.focusQuery,
        "grid": bench.gallery.view().setFocus,
        "side_by_side": lambda: made.side_by_side.toggle(made.annotating.images),
        "layout_tune": bench.reset_layout,
        "layout_review": bench.review_layout,
        "layout_label": bench.label_layout,
        "save_state": labeling.say_saved,
        "keys": labeling.show_keys,
        "edit_keys": labeling.edit_keys,
    }
    for key, handler in handlers.items():
        window.actions_by_key[key].triggered.connect(lambda _checked=False, act=handler: act())
    for place, digit in enumerate("1234567890", start=1):
        say, deny = window.actions_by_key[f"say_{place}"], window.actions_by_key[f"deny_{place}"]
        say.triggered.connect(lambda _checked=False, key=digit: annotating.press_key(key))
        deny.triggered.connect(lambda _checked=False, key=digit: annotating.press_key(key, negative=True))
    auto = window.actions_by_key["auto_advance"]
    auto.toggled.connect(annotating.set_auto_advance)
    annotating.autoAdvanceChanged.connect(auto.setChecked)
    panes = {
        "images": (bench.gallery.view(), bench.image_view, *bench.side_by_side.canvases()),
        "labeling": (bench.gallery.view(), bench.image_view, bench.side_by_side, bench.annotate),
    }
    for where, widgets in panes.items():
        for action in window.actions_of(where):
            for widget in widgets:
                widget.addAction(action)


def wire_transfer(window: MainWindow, bench: Workbench, made: Controllers, presenter: Presenter) -> None:
    """Annotations in and out. The formats are loaded when one is first asked for."""
    transfer = TransferController(made.session, made.stack, made.opening.projects, made.jobs, made.jobs)
    transfer.said.connect(presenter.say)
    transfer.failed.connect(presenter.show_error)
    loaded: list[TransferDialogs] = []

    def dialogs() -> TransferDialogs:
        from app.transfer_dialogs import TransferDialogs

        if not loaded:
            loaded.append(TransferDialogs(window, bench, made, presenter, transfer))
        return loaded[0]

    actions = window.actions_by_key
    actions["import_annotations"].triggered.connect(lambda: dialogs().import_annotations())
    actions["export_annotations"].triggered.connect(lambda: dialogs().export_annotations())


def wire_files(window: MainWindow, made: Controllers, presenter: Presenter, labeling: LabelingPresenter) -> None:
    """The image folder and the project's file: what changed, what is missing, damaged or open elsewhere."""
    telling = FilePresenter(window, made, presenter)
    watch, elsewhere, projects = made.watch, made.elsewhere, made.opening.projects
    watch.found.connect(telling.say_changes)
    watch.missing.connect(telling.say_missing)
    watch.marksChanged.connect(labeling.show_marks)
    watch.failed.connect(presenter.show_error)
    made.opening.refused.connect(telling.on_refused)
    projects.opened.connect(lambda _: elsewhere.answer_for(projects.file))
    elsewhere.forwardRequested.connect(telling.come_forward)
    elsewhere.answered.connect(telling.on_answered)
    window.closing.connect(elsewhere.close)
    window.message_bar.actionRequested.connect(telling.on_message_action)
    handlers = {
        "open_project": telling.open_project,
        "save_project_as": telling.save_project_as,
        "locate_images": telling.locate_images,
    }
    for key, handler in handlers.items():
        window.actions_by_key[key].triggered.connect(lambda _checked=False, act=handler: act())
