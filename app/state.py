"""Reads and writes what the program remembers: one JSON file, replaced whole or not at all.

The values stand in `app.state_values`: plain frozen dataclasses, so that a start with no state file imports neither
msgspec nor platformdirs. msgspec reads and writes them, strictly typed.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

from app.state_values import VERSION as VERSION
from app.state_values import BandNumbers as BandNumbers
from app.state_values import Correction as Correction
from app.state_values import F1Then as F1Then
from app.state_values import MapNumbers as MapNumbers
from app.state_values import OverlayMode as OverlayMode
from app.state_values import Pair as Pair
from app.state_values import PairSettings as PairSettings
from app.state_values import Profile as Profile
from app.state_values import RecentItem as RecentItem
from app.state_values import RecentKind as RecentKind
from app.state_values import State as State
from app.state_values import ThemeChoice as ThemeChoice
from app.state_values import Tuned as Tuned
from inference.errors import CutlineError

FILE_NAME: Final = "state.json"
FOLDER_VARIABLE: Final = "CUTLINE_STATE_DIR"
MAX_RECENTS: Final = 12
MAX_BYTES: Final = 64 << 20  # more than any state; a larger file is not ours

_STALE_SECONDS: Final = 60.0


class StateError(CutlineError):
    """What the program remembers could not be written."""


class Loaded(NamedTuple):
    """What `load` found, and a sentence for the user where it was not what it should be."""

    state: State
    note: str = ""


def state_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Where the state file lives: CUTLINE_STATE_DIR, else the system's folder for such things."""
    if chosen := environ.get(FOLDER_VARIABLE):
        return Path(chosen)
    import platformdirs

    return Path(platformdirs.user_state_path("cutline", appauthor=False))


def load(folder: str | Path) -> Loaded:
    """What is remembered in ``folder``; the defaults where nothing is.

    A damaged file is moved aside, never deleted. A file of a newer Cutline is left as it is, and `save` respects it.
    Never raises.
    """
    path = Path(folder) / FILE_NAME
    _sweep(path)
    try:
        content = _read(path)
    except FileNotFoundError:
        return Loaded(State())
    except IsADirectoryError:
        return Loaded(State(), _moved_aside(path, "it is a folder"))
    except _NotAStateFile as damage:
        return Loaded(State(), _moved_aside(path, str(damage)))
    except OSError as error:
        return Loaded(State(), f"{path} cannot be read ({_reason(error)}), so Cutline starts with its defaults.")
    if (version := _version(content)) > VERSION:
        return Loaded(State(), f"{_newer(path, version)}, so it is left as it is and this session is not remembered.")
    return _decoded(path, content)


def save(state: State, folder: str | Path) -> None:
    """Replace the state file in ``folder`` by ``state``: afterwards it holds all of it, or what it held before.

    Raises:
        StateError: the folder or file cannot be written, or the file belongs to a newer Cutline.
    """
    content = _encoded(replace(state, version=VERSION))
    path = Path(folder) / FILE_NAME
    _refuse_newer(path)
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
        _replace_whole(Path(os.path.realpath(path)), content)
    except OSError as error:
        raise StateError(
            f"Recent files, keys and the layout will not be remembered: {path} cannot be written ({_reason(error)}). "
            f"Make its folder writable, or set {FOLDER_VARIABLE} to another one.",
            detail=repr(error),
        ) from error


def add_recent(state: State, *, model: str = "", folder: str = "", when: float | None = None) -> State:
    """``state`` with what was just opened at the head of its recents: each once, MAX_RECENTS at most.

    A pair takes the place of its model and of its folder alone. Paths are made absolute.
    """
    item = _recent_item(_absolute(model), _absolute(folder), time.time() if when is None else when)
    kept = (old for old in state.recents if not _covers(item, old))
    return replace(state, recents=(item, *kept)[:MAX_RECENTS])


def remove_recent(state: State, key: str) -> State:
    """``state`` without the recent item of this key."""
    return replace(state, recents=tuple(item for item in state.recents if item.key != key))


def is_missing(item: RecentItem) -> bool:
    """Whether something of the item is no longer on disk. Asks the disk, which may be slow on a network mount."""
    return not all(os.path.exists(path) for path in (item.model, item.folder) if path)


def settings_of(state: State, model: str, folder: str) -> PairSettings:
    """What a Cutline without projects remembered of this model on this dataset; nothing chosen where it is new."""
    wanted = (_absolute(model), _absolute(folder))
    return next((pair.settings for pair in state.pairs if (pair.model, pair.folder) == wanted), PairSettings())


class _NotAStateFile(Exception):
    """What stands under the state file's name cannot be one."""


def _read(path: Path) -> bytes:
    """The file's bytes, without waiting at a pipe or filling the memory."""
    with open(path, "rb", opener=_open_without_waiting) as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise _NotAStateFile("it is not a regular file")
        if status.st_size > MAX_BYTES:
            raise _NotAStateFile(f"it has {status.st_size:,} bytes")
        return file.read(MAX_BYTES)


def _open_without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _version(content: bytes) -> int:
    """The file's version, 0 where it has none that can be read."""
    import msgspec

    try:
        head = msgspec.json.decode(content, type=dict[str, msgspec.Raw])
        return msgspec.json.decode(head.get("version", b"0"), type=int)
    except (ValueError, RecursionError):
        return 0


def _decoded(path: Path, content: bytes) -> Loaded:
    import msgspec

    try:
        state = msgspec.json.decode(content, type=State)
    except (ValueError, RecursionError) as error:  # msgspec's errors are ValueErrors
        return Loaded(State(), _moved_aside(path, str(error)))
    return Loaded(replace(state, version=VERSION))


def _encoded(state: State) -> bytes:
    import msgspec

    try:
        return msgspec.json.format(msgspec.json.encode(state), indent=1)
    except UnicodeEncodeError:
        return msgspec.json.format(msgspec.json.encode(_without_foreign_names(state)), indent=1)


def _without_foreign_names(state: State) -> State:
    """``state`` less what JSON cannot hold: file names on Linux may be bytes that are no text."""

    def fits(value: object) -> bool:
        import msgspec

        try:
            msgspec.json.encode(value)
        except UnicodeEncodeError:
            return False
        return True

    return replace(
        state,
        recents=tuple(item for item in state.recents if fits(item)),
        pairs=tuple(pair for pair in state.pairs if fits(pair)),
        last_model=state.last_model if fits(state.last_model) else "",
        last_folder=state.last_folder if fits(state.last_folder) else "",
    )


def _moved_aside(path: Path, damage: str) -> str:
    """Give the damaged file another name, and say so."""
    number = 1
    while os.path.lexists(aside := path.with_name(f"{path.name}.damaged-{number}")):
        number += 1
    damage = damage.rstrip(".")
    try:
        os.rename(path, aside)
    except OSError as error:
        return f"{path} is damaged ({damage}) and cannot be moved ({_reason(error)}): Cutline starts with its defaults."
    return f"{path} was damaged ({damage}): it is kept as {aside.name} and Cutline starts with its defaults."


def _newer(path: Path, version: int) -> str:
    return f"{path} was written by a newer Cutline (version {version}, this one knows {VERSION})"


def _refuse_newer(path: Path) -> None:
    try:
        version = _version(_read(path))
    except (OSError, _NotAStateFile):
        return
    if version > VERSION:
        raise StateError(f"{_newer(path, version)}, so it was not overwritten: update Cutline to have it remember.")


def _replace_whole(path: Path, content: bytes) -> None:
    """Write a file beside ``path``, bring it to the disk, and let it take the name in one step."""
    from inference.data.files import sync_folder  # nothing of it is needed at start

    beside = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        with open(beside, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def _sweep(path: Path) -> None:
    """Remove what an interrupted `save` left; a young file may be another Cutline's that is saving now."""
    try:
        for left in path.parent.glob(f"{path.name}.*.tmp"):
            if time.time() - left.stat().st_mtime > _STALE_SECONDS:
                left.unlink()
    except OSError:
        return  # what cannot be removed does no harm


def _reason(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()


def _absolute(path: str) -> str:
    return os.path.abspath(path) if path else ""


def _recent_item(model: str, folder: str, when: float) -> RecentItem:
    if not model and not folder:
        raise ValueError("a recent item needs a model or a folder")
    kind: RecentKind = "pair" if model and folder else "model" if model else "folder"
    return RecentItem(kind, model, folder, when)


def _covers(new: RecentItem, old: RecentItem) -> bool:
    """Whether opening ``new`` opens all that ``old`` opens."""
    return old.model in ("", new.model) and old.folder in ("", new.folder)
