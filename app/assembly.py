"""The session and those who change it, made and connected to one another."""

from __future__ import annotations

from dataclasses import dataclass

from app.controllers.annotating import AnnotatingController
from app.controllers.calibration import CalibrationController
from app.controllers.comparison import ComparisonController
from app.controllers.decisions import DecisionController
from app.controllers.devices import DeviceController
from app.controllers.elsewhere import Elsewhere
from app.controllers.evaluation import EvaluationController
from app.controllers.folder_watch import FolderWatch
from app.controllers.fresh import FreshController
from app.controllers.known_logits import KnownLogits
from app.controllers.looking import LookingController
from app.controllers.opening import OpeningController
from app.controllers.pictures import PictureController
from app.controllers.plots import PlotController
from app.controllers.profiles import ProfileController
from app.controllers.quality import QualityController
from app.controllers.queues import QueueController
from app.controllers.review import ReviewController
from app.controllers.review_band import ReviewBandController
from app.controllers.score_edits import EditsController
from app.controllers.scoring import ScoringController
from app.controllers.side_by_side import SideBySideController
from app.controllers.split import SplitController
from app.controllers.tuning import TuningController
from app.file_facts import FileFacts
from app.folders import Folders
from app.history import History
from app.jobs import Jobs
from app.memory import Memory
from app.session import Session
from inference.data.caches import LogitCache, ThumbnailCache


@dataclass(frozen=True)
class Controllers:
    """All of them, as the wiring needs them."""

    session: Session
    stack: History
    jobs: Jobs
    memory: Memory
    decisions: DecisionController
    evaluation: EvaluationController
    facts: FileFacts
    watch: FolderWatch
    elsewhere: Elsewhere
    scoring: ScoringController
    pictures: PictureController
    opening: OpeningController
    devices: DeviceController
    tuning: TuningController
    plots: PlotController
    profiles: ProfileController
    split: SplitController
    comparison: ComparisonController
    calibration: CalibrationController
    quality: QualityController
    review_band: ReviewBandController
    fresh: FreshController
    annotating: AnnotatingController
    queues: QueueController
    review: ReviewController
    side_by_side: SideBySideController
    looking: LookingController
    score_edits: EditsController


def make_controllers(jobs: Jobs, memory: Memory, folders: Folders) -> Controllers:
    """The session and those who change it, connected to one another but to no widget."""
    session = Session(jobs)
    stack = History(jobs)
    evaluation = EvaluationController(session, jobs, jobs)
    facts = FileFacts(jobs)
    scoring = ScoringController(session, jobs, facts, KnownLogits(LogitCache(folders.cache / "logits")), jobs)
    decisions = DecisionController(session, stack)
    scoring.ended.connect(evaluation.flush)
    scoring.recalled.connect(evaluation.flush)
    opening = OpeningController(session, jobs, memory, scoring, stack, folders.projects, jobs)
    facts.learned.connect(lambda seen: opening.projects.write(seen.write, counts=False))
    opening.projects.imagesKnown.connect(facts.begin)
    opening.projects.settling.connect(facts.settle)
    tuning = TuningController(session, jobs, evaluation, scoring, decisions, jobs)
    profiles = ProfileController(session, opening.kept, opening.shelf, evaluation, decisions, tuning, stack, jobs, jobs)
    queues = QueueController(session, jobs, evaluation, jobs)
    return Controllers(
        session=session,
        stack=stack,
        jobs=jobs,
        memory=memory,
        decisions=decisions,
        evaluation=evaluation,
        facts=facts,
        watch=FolderWatch(session, facts, opening, jobs, jobs),
        elsewhere=Elsewhere(jobs),
        scoring=scoring,
        pictures=PictureController(session, jobs, jobs, kept=ThumbnailCache(folders.cache / "thumbnails")),
        opening=opening,
        devices=DeviceController(session, jobs, memory, scoring, jobs),
        plots=PlotController(session, jobs, evaluation, jobs),
        tuning=tuning,
        split=SplitController(session, jobs, stack, jobs),
        profiles=profiles,
        comparison=ComparisonController(session, jobs, evaluation, profiles, jobs),
        calibration=CalibrationController(session, jobs, evaluation, decisions, jobs),
        quality=QualityController(session, jobs, evaluation, jobs),
        review_band=ReviewBandController(session, jobs, evaluation, decisions, jobs),
        fresh=FreshController(session, jobs, evaluation, scoring, jobs),
        annotating=AnnotatingController(session, stack, evaluation.predicted_of, jobs),
        queues=queues,
        review=ReviewController(session, jobs, evaluation, queues, jobs),
        side_by_side=SideBySideController(session, jobs, profiles, jobs),
        looking=LookingController(session, jobs, jobs),
        score_edits=EditsController(session, jobs, jobs),
    )
