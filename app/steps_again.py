"""The commands of an undo stack, made again from the steps that a project kept."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from app.annotating import Annotate, ChangeLabels, ChangeNote
from app.commands import ChangeBand, ChangeDecision, ChangeSplit, DeleteProfile, RenameProfile, SaveProfile, Shelf
from app.history import Command, Together
from app.kept_json import decode
from app.kept_steps import BandChange, DecisionChange, PlacedProfile, Renamed, SplitChange, bands_of, side_of, splits_of
from app.session import Decision, Session
from inference.data.store import Step

log = logging.getLogger(__name__)

Kept = tuple[int, Command, bool]  # id, command, whether it is done


def commands_of(steps: Sequence[tuple[Step, bool]], session: Session, shelf: Shelf) -> list[Kept]:
    """The commands of the steps (oldest first, and whether each is done) that mean something for what is open.

    Decisions are kept as differences: from the one in force, those before follow by going back and those after by
    going on.
    """
    model = session.model.fingerprint if session.model else ""
    ours = [(step, done) for step, done in steps if step.model in ("", model)]
    if not model:  # decisions are about the labels that there were then
        ours = [(step, done) for step, done in ours if step.kind not in ("decision", "band", "together")]
    made: dict[int, Command] = {}
    now = session.decision
    for step, done in reversed(ours):
        if done:
            now = _make(step, session, shelf, now, made, forward=False)
    now = session.decision
    for step, done in ours:
        if not done:
            now = _make(step, session, shelf, now, made, forward=True)
    kept = [(step.id, made[step.id], done) for step, done in ours if step.id in made]
    return sorted(kept, key=lambda one: not one[2])  # the done ones first, each kind in its order


def _make(
    step: Step, session: Session, shelf: Shelf, now: Decision, made: dict[int, Command], *, forward: bool
) -> Decision:
    try:
        command, now = _command(step.kind, step, session, shelf, now, forward=forward)
    except (ValueError, KeyError, TypeError, RecursionError):
        log.warning("step %d (%s) of the project cannot be taken back any more", step.id, step.kind, exc_info=True)
        return now
    if command is not None:
        made[step.id] = command
    return now


def _command(
    kind: str, step: Step, session: Session, shelf: Shelf, now: Decision, *, forward: bool
) -> tuple[Command | None, Decision]:
    labels = session.dataset.labels if session.dataset else ()
    if kind in ("annotate", "import") and step.statements is not None:
        return Annotate.again(session, step.statements, step.text, kind, step.source), now
    if kind == "labels":
        return ChangeLabels.again(session, step.labels, step.statements, step.text, step.source), now
    if kind == "note" and step.notes:
        one = step.notes[0]
        return ChangeNote(session, one.image, one.before, one.after, step.text), now
    if kind == "decision":
        change = decode(step.payload, DecisionChange)
        other = side_of(now, change.after if forward else change.before, labels)
        before, after = (now, other) if forward else (other, now)
        label = labels.index(change.label) if change.label in labels else -1
        return ChangeDecision(session, after, step.text, label=label, before=before), other
    if kind == "band":
        bands = bands_of(decode(step.payload, BandChange), labels, now.thresholds)
        return ChangeBand(session, bands[1], step.text, edit=-1, before=(bands[0],)), now
    if kind == "split":
        splits = splits_of(decode(step.payload, SplitChange), session)
        return ChangeSplit(session, splits[1], (splits[0],)), now
    if kind == "rename_profile":
        named = decode(step.payload, Renamed)
        return RenameProfile(shelf, named.key, named.before, named.after), now
    if kind in ("save_profile", "delete_profile"):
        placed = decode(step.payload, PlacedProfile)
        if kind == "save_profile":
            return SaveProfile(shelf, placed.place, placed.profile), now
        return DeleteProfile(shelf, placed.profile, placed.place), now
    if kind == "together":
        return _together(step, session, shelf, now, forward=forward)
    return None, now


def _together(
    step: Step, session: Session, shelf: Shelf, now: Decision, *, forward: bool
) -> tuple[Command | None, Decision]:
    parts = decode(step.payload, list[tuple[str, bytes]])
    commands = []
    for kind, payload in parts if forward else reversed(parts):
        part = Step(id=step.id, kind=kind, text=step.text, payload=payload)
        command, now = _command(kind, part, session, shelf, now, forward=forward)
        if command is None:
            return None, now
        commands.append(command)
    return Together(commands if forward else commands[::-1], step.text), now
