"""Every connection between a widget and a controller: the program's shape on one page."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut

from app.assembly import Controllers
from app.lab import LabPresenter
from app.main_window import MainWindow
from app.prediction_telling import PredictionsPresenter
from app.presenter import Presenter
from app.program_telling import ProgramPresenter
from app.wiring_looking import wire_looking
from app.workbench import Workbench


def wire(window: MainWindow, bench: Workbench, made: Controllers, presenter: Presenter, lab: LabPresenter) -> None:
    """Connect wishes to controllers and facts to widgets. Facts come back by the presenter where words are needed."""
    session, decisions, evaluation = made.session, made.decisions, made.evaluation
    scoring, pictures, opening = made.scoring, made.pictures, made.opening

    # a threshold moves, wherever it is moved
    bench.labels.thresholdChanged.connect(decisions.set_threshold)
    bench.labels.allThresholdsChanged.connect(decisions.set_all_thresholds)
    bench.labels.thresholdEditFinished.connect(decisions.finish_edit)
    bench.labels.stopRequested.connect(lab.move_to_stop)
    bench.plots.thresholdChanged.connect(presenter.set_chosen_threshold)
    bench.plots.thresholdEditFinished.connect(decisions.finish_edit)
    bench.plots.stopRequested.connect(lab.move_chosen_to_stop)
    bench.plots.labelThresholdChanged.connect(decisions.set_threshold)
    bench.plots.riskThresholdChanged.connect(decisions.set_all_thresholds)
    session.thresholdsChanged.connect(presenter.show_thresholds)
    session.thresholdsChanged.connect(lab.show_risk_threshold)

    # the activation and the rule
    bench.rule_bar.activationChosen.connect(decisions.set_activation)
    bench.rule_bar.ruleChosen.connect(decisions.set_rule)
    bench.rule_bar.kChosen.connect(decisions.set_k)
    bench.rule_bar.calibrationRequested.connect(lab.show_calibration)
    bench.rule_bar.adviceAccepted.connect(decisions.take_advice)
    bench.rule_bar.adviceDismissed.connect(presenter.dismiss_advice)
    session.schemeChanged.connect(presenter.show_scheme)
    evaluation.adviceChanged.connect(presenter.show_advice)

    # numbers
    evaluation.metricsChanged.connect(bench.labels.setMetrics)
    evaluation.averagesChanged.connect(bench.averages.setAverages)
    evaluation.curveChanged.connect(presenter.show_curve)
    evaluation.pointChanged.connect(bench.plots.setOperatingPoint)
    evaluation.outcomesChanged.connect(bench.gallery.setOutcomes)
    evaluation.imageScoresChanged.connect(bench.labels.setImageScores)
    evaluation.imageScoresChanged.connect(bench.image_view.setImageScores)
    evaluation.imageScoresChanged.connect(bench.rule_bar.setImageScores)
    evaluation.failed.connect(presenter.show_error)
    bench.averages.zeroDivisionChosen.connect(session.set_zero_division)
    session.zeroDivisionChanged.connect(presenter.show_zero_division)

    # which image, which label
    bench.gallery.imageChosen.connect(session.set_image)
    bench.labels.labelChosen.connect(session.set_label)
    bench.image_view.labelChosen.connect(session.set_label)
    session.imageChanged.connect(bench.gallery.setCurrent)
    session.labelChanged.connect(bench.labels.setCurrentLabel)
    session.labelChanged.connect(bench.image_view.setCurrentLabel)

    # pictures
    bench.gallery.thumbnailsRequested.connect(pictures.load_thumbnails)
    pictures.thumbnailReady.connect(bench.gallery.setThumbnail)
    pictures.thumbnailFailed.connect(bench.gallery.setThumbnailFailed)
    pictures.pictureChanged.connect(bench.image_view.setImage)
    pictures.captionChanged.connect(bench.image_view.setCaption)
    pictures.messageChanged.connect(bench.image_view.setMessage)
    bench.image_view.overlayModeChanged.connect(presenter.remember_overlay)

    # scoring
    scoring.progressChanged.connect(window.run_bar.setProgress)
    scoring.started.connect(presenter.show_run)
    scoring.ended.connect(presenter.show_run)
    scoring.said.connect(presenter.say)
    scoring.failed.connect(presenter.show_error)
    session.runGrew.connect(presenter.show_states)
    session.runReset.connect(presenter.show_states)
    session.runReset.connect(presenter.show_run)
    window.run_bar.cancelRequested.connect(presenter.cancel)
    window.run_bar.scoreRequested.connect(scoring.again)
    window.run_bar.deviceChosen.connect(made.devices.set_device)
    made.devices.busyChanged.connect(window.run_bar.setBusy)
    made.devices.failed.connect(presenter.show_error)

    # opening
    session.modelChanged.connect(presenter.show_model)
    session.datasetChanged.connect(presenter.show_dataset)
    opening.began.connect(window.message_bar.clear)  # what was said of the last attempt is over
    opening.busyChanged.connect(window.run_bar.setBusy)
    opening.busyChanged.connect(window.start_page.setBusy)
    opening.said.connect(presenter.say)
    opening.reportReady.connect(presenter.say_report)
    opening.failed.connect(presenter.show_error)
    opening.paired.connect(presenter.show_pair)
    opening.cardNeeded.connect(presenter.ask_for_card)
    opening.consentNeeded.connect(ProgramPresenter(window, made).ask_for_consent)
    opening.imagesMissing.connect(presenter.offer_images_folder)
    opening.reviewWanted.connect(presenter.review_dataset)
    window.pathsDropped.connect(opening.open_paths)
    window.start_page.pathsDropped.connect(opening.open_paths)
    window.message_bar.actionRequested.connect(presenter.on_message_action)

    wire_quality(bench, made, presenter, lab)
    wire_plots(bench, made, presenter)
    wire_tuning(window, bench, made, presenter)
    wire_lab(bench, made, presenter, lab)
    wire_new_images(bench, made, presenter, lab)
    wire_predictions(window, made)
    wire_looking(window, bench, made)
    wire_actions(window, bench, made, presenter, lab)


def wire_quality(bench: Workbench, made: Controllers, presenter: Presenter, lab: LabPresenter) -> None:
    """Numbers beside the counts: intervals, plateaus, and what no threshold changes."""
    quality, labels, averages = made.quality, bench.labels, bench.averages
    labels.ratesWanted.connect(quality.set_rates_wanted)
    labels.qualityWanted.connect(quality.set_quality_wanted)
    labels.trackScaleChanged.connect(lab.remember_track_scale)
    averages.moreWanted.connect(quality.set_more_wanted)
    averages.moreWanted.connect(lab.remember_more)
    quality.intervalsChanged.connect(labels.setIntervals)
    quality.plateauChanged.connect(labels.setPlateau)
    quality.ratesChanged.connect(labels.setRates)
    quality.qualityChanged.connect(labels.setQuality)
    quality.qualityChanged.connect(averages.setQuality)
    quality.rankingChanged.connect(averages.setRanking)
    quality.multiclassChanged.connect(averages.setMulticlass)
    quality.failed.connect(presenter.show_error)
    made.tuning.thresholdIntervalsChanged.connect(labels.setThresholdIntervals)
    bench.tuning.goalChanged.connect(lambda goal: quality.set_beta(goal.beta))  # F-beta is that of the goal


def wire_lab(bench: Workbench, made: Controllers, presenter: Presenter, lab: LabPresenter) -> None:
    """Which images are measured, calibration, and the review band."""
    made.split.choicesChanged.connect(lab.show_splits)
    made.split.failed.connect(presenter.show_error)

    calibration, chooser = made.calibration, bench.calibration
    chooser.methodChosen.connect(calibration.choose)
    chooser.labelChosen.connect(made.session.set_label)
    made.session.labelChanged.connect(chooser.setLabel)
    calibration.evidenceChanged.connect(chooser.setEvidence)
    calibration.methodChanged.connect(chooser.setMethod)
    calibration.staleChanged.connect(chooser.setStale)
    calibration.carriedChanged.connect(chooser.setCarried)
    calibration.busyChanged.connect(chooser.setBusy)
    calibration.messageChanged.connect(chooser.setMessage)
    calibration.beforeChanged.connect(bench.plots.setBefore)
    calibration.failed.connect(presenter.show_error)
    bench.calibration_dock.visibilityChanged.connect(calibration.set_wanted)

    band, review = made.review_band, bench.review
    made.session.splitChanged.connect(lab.show_measured)
    review.lowChanged.connect(band.set_low)
    review.highChanged.connect(band.set_high)
    review.editFinished.connect(band.finish_edit)
    review.beginRequested.connect(band.begin)
    review.clearRequested.connect(band.clear)
    review.proposeRequested.connect(band.propose)
    review.cancelRequested.connect(band.cancel)
    review.imagesRequested.connect(band.choose_images)
    review.labelChosen.connect(made.session.set_label)
    made.session.labelChanged.connect(review.setCurrentLabel)
    band.bandChanged.connect(review.setBand)
    band.countsChanged.connect(review.setCounts)
    band.loadChanged.connect(review.setLoad)
    band.proposalChanged.connect(review.setProposal)
    band.obstacleChanged.connect(review.setObstacle)
    band.busyChanged.connect(review.setBusy)
    band.imagesChosen.connect(presenter.show_only)
    band.failed.connect(presenter.show_error)
    bench.review_dock.visibilityChanged.connect(band.set_wanted)


def wire_new_images(bench: Workbench, made: Controllers, presenter: Presenter, lab: LabPresenter) -> None:
    """A folder that nobody annotated."""
    fresh, panel = made.fresh, bench.fresh
    panel.openRequested.connect(lab.choose_new_images)
    panel.exportRequested.connect(lab.save_predictions)
    panel.againRequested.connect(fresh.again)
    panel.cancelRequested.connect(fresh.cancel)
    panel.closeRequested.connect(fresh.close)
    panel.labelChosen.connect(made.session.set_label)
    made.session.labelChanged.connect(panel.setCurrentLabel)
    fresh.stateChanged.connect(panel.setState)
    fresh.progressChanged.connect(panel.setProgress)
    fresh.countsChanged.connect(panel.setCounts)
    fresh.driftChanged.connect(panel.setDrift)
    fresh.said.connect(presenter.say)
    fresh.failed.connect(presenter.show_error)
    made.opening.busyChanged.connect(lab.on_opening_busy)
    made.devices.busyChanged.connect(lab.on_device_busy)
    fresh.close()  # tells that there is none yet


def wire_predictions(window: MainWindow, made: Controllers) -> None:
    """A file of predictions in the place of a model."""
    telling, opening = PredictionsPresenter(window, made), made.opening
    opening.meaningNeeded.connect(telling.ask_meaning)
    opening.dropped.doubted.connect(telling.ask_kind)
    opening.reportReady.connect(telling.say_placed)
    window.message_bar.actionRequested.connect(telling.on_message_action)
    window.actions_by_key["predictions_meaning"].triggered.connect(lambda: telling.change_meaning())


def wire_plots(bench: Workbench, made: Controllers, presenter: Presenter) -> None:
    """The pictures of the chosen label, and the images behind them."""
    plots, tabs = made.plots, bench.plots
    tabs.pictureRequested.connect(plots.show)
    plots.forgotten.connect(tabs.forgetPictures)
    plots.rocChanged.connect(tabs.setRoc)
    plots.ratesChanged.connect(tabs.setRates)
    plots.histogramChanged.connect(tabs.setHistogram)
    plots.reliabilityChanged.connect(tabs.setReliability)
    plots.reliabilityChanged.connect(made.calibration.tell_before)  # after the diagram that it stands behind
    plots.riskChanged.connect(tabs.setRisk)
    plots.riskShownChanged.connect(tabs.setRiskShown)
    plots.tableChanged.connect(tabs.setTable)
    plots.tableKindsChanged.connect(tabs.setTableKinds)
    plots.failed.connect(presenter.show_error)
    tabs.scoreRangeChosen.connect(plots.choose_scores)
    tabs.cellChosen.connect(plots.choose_cell)
    tabs.saveRequested.connect(presenter.save_picture)
    plots.imagesChosen.connect(presenter.show_only)

    many = plots.multiples
    tabs.multiplesRequested.connect(many.show)
    tabs.multipleNumbersRequested.connect(many.find_numbers)
    many.multiplesChanged.connect(tabs.setMultiples)
    many.numbersChanged.connect(tabs.setMultipleNumbers)
    many.forgotten.connect(tabs.forgetMultiples)
    many.failed.connect(presenter.show_error)
    tabs.labelChosen.connect(made.session.set_label)
    made.session.labelChanged.connect(tabs.setCurrentLabel)
    made.evaluation.metricsChanged.connect(tabs.setMetrics)


def wire_tuning(window: MainWindow, bench: Workbench, made: Controllers, presenter: Presenter) -> None:
    """The tuning panel, and how far to believe a number."""
    tuning, panel = made.tuning, bench.tuning
    panel.goalChanged.connect(tuning.set_goal)
    panel.proposeRequested.connect(tuning.set_goal)
    panel.applyRequested.connect(tuning.apply)
    panel.estimateRequested.connect(tuning.estimate)
    panel.cancelRequested.connect(tuning.cancel)
    panel.labelLocked.connect(tuning.set_locked)
    panel.labelChosen.connect(made.session.set_label)
    made.session.labelChanged.connect(panel.setCurrentLabel)
    tuning.proposalChanged.connect(panel.setProposal)
    tuning.nowChanged.connect(panel.setNow)
    tuning.halfChanged.connect(panel.setAtHalf)
    tuning.flipsChanged.connect(panel.setFlips)
    tuning.estimateChanged.connect(panel.setEstimate)
    tuning.thresholdIntervalsChanged.connect(panel.setThresholdIntervals)
    panel.labelGoalChanged.connect(tuning.set_label_goal)
    tuning.labelGoalsChanged.connect(panel.setLabelGoals)
    tuning.goalChanged.connect(panel.setGoal)
    tuning.taskChanged.connect(panel.setTask)
    tuning.splitChanged.connect(panel.setSplit)
    tuning.prevalencesChanged.connect(panel.setPrevalences)
    panel.holdOutRequested.connect(made.split.hold_out)
    panel.holdOutDropped.connect(made.split.drop)
    tuning.busyChanged.connect(panel.setBusy)
    tuning.obstacleChanged.connect(bench.show_tuning)
    tuning.honestyChanged.connect(bench.honesty.setState)
    tuning.tunedChanged.connect(presenter.remember_tuned)
    tuning.failed.connect(presenter.show_error)
    bench.honesty.detailsRequested.connect(presenter.show_tuning_dock)
    wire_profiles(bench, made, presenter)
    bench.tuning_dock.visibilityChanged.connect(tuning.set_wanted)


def wire_profiles(bench: Workbench, made: Controllers, presenter: Presenter) -> None:
    """Saved thresholds, and what differs from them."""
    profiles, listed, flips = made.profiles, bench.profiles, bench.flips
    listed.saveRequested.connect(profiles.save)
    listed.applyRequested.connect(profiles.apply)
    listed.renameRequested.connect(profiles.rename)
    listed.deleteRequested.connect(profiles.delete)
    listed.exportRequested.connect(presenter.export_profile)
    listed.profileChosen.connect(profiles.set_reference)
    profiles.failed.connect(presenter.show_error)
    profiles.profilesChanged.connect(listed.setProfiles)
    profiles.saveBlocked.connect(listed.setSaveBlocked)
    profiles.referencesChanged.connect(flips.setReferences)
    profiles.flipsChanged.connect(flips.setFlips)
    flips.referenceChosen.connect(profiles.set_reference)
    flips.imagesChosen.connect(presenter.show_only)
    bench.profiles_dock.visibilityChanged.connect(presenter.watch_profiles)
    comparison, compare = made.comparison, bench.compare
    listed.compareRequested.connect(comparison.add)
    compare.choicesChanged.connect(comparison.choose)
    compare.wantedChanged.connect(comparison.set_wanted)
    compare.labelChosen.connect(made.session.set_label)
    compare.imagesChosen.connect(presenter.show_only)
    made.session.labelChanged.connect(compare.setCurrentLabel)
    comparison.choicesChanged.connect(compare.setChoices)
    comparison.comparisonChanged.connect(compare.setComparison)
    comparison.busyChanged.connect(compare.setBusy)
    comparison.failed.connect(presenter.show_error)
    bench.changes_dock.visibilityChanged.connect(presenter.watch_changes)


def wire_actions(
    window: MainWindow, bench: Workbench, made: Controllers, presenter: Presenter, lab: LabPresenter
) -> None:
    """Menus and keys."""
    handlers = {
        "review_dataset": presenter.review_dataset,
        "advice_again": presenter.recall_advice,
        "export_thresholds": presenter.export_thresholds,
        "tune": presenter.show_tuning_dock,
        "calibrate": lab.show_calibration,
        "review_band": lab.show_review_band,
        "new_images": lab.show_new_images,
        "undo": made.stack.undo,
        "redo": made.stack.redo,
        "find_label": bench.labels.focusFilter,
        "next_image": bench.gallery.nextImage,
        "previous_image": bench.gallery.previousImage,
        "first_image": bench.gallery.firstImage,
        "last_image": bench.gallery.lastImage,
        "score": made.scoring.again,
        "cancel": presenter.cancel,
        "overlay": bench.image_view.toggleOverlay,
        "fit": lambda: window.picture().fit(),
        "toggle_fit": lambda: window.picture().toggleFit(),
        "actual_size": lambda: window.picture().actualSize(),
        "zoom_in": lambda: window.picture().zoomIn(),
        "zoom_out": lambda: window.picture().zoomOut(),
        "reset_layout": bench.reset_layout,
    }
    for key, handler in handlers.items():
        window.actions_by_key[key].triggered.connect(lambda _checked=False, act=handler: act())
    for empty in bench.without_model:
        empty.actionRequested.connect(window.actions_by_key["open_model"].trigger)
    for arrow, step in (("Right", bench.gallery.nextImage), ("Left", bench.gallery.previousImage)):
        # in the image only: in the table and the plot the arrows move a threshold
        for pane in (bench.image_view, *bench.side_by_side.canvases()):
            QShortcut(QKeySequence(arrow), pane, step, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
    made.stack.canUndoChanged.connect(window.actions_by_key["undo"].setEnabled)
    made.stack.canRedoChanged.connect(window.actions_by_key["redo"].setEnabled)
    made.stack.undoTextChanged.connect(presenter.show_undo_text)
    made.stack.redoTextChanged.connect(presenter.show_redo_text)
    window.actions_by_key["undo"].setEnabled(False)
    window.actions_by_key["redo"].setEnabled(False)
