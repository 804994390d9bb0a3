"""Where the program keeps what is not the user's own files: what it remembers, projects, and caches."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.state import FOLDER_VARIABLE, state_folder

_APP: Final = "cutline"


@dataclass(frozen=True)
class Folders:
    """Each may be missing until something is written there."""

    state: Path  # small: recent files, the window's place, logs
    projects: Path  # people's work: must be backed up
    cache: Path  # may be deleted at any time

    @classmethod
    def inside(cls, folder: str | Path) -> Folders:
        """All of them in one folder."""
        folder = Path(folder)
        return cls(folder, folder / "projects", folder / "cache")


def usual_folders(environ: Mapping[str, str] = os.environ) -> Folders:
    """The system's folders for such things; all in CUTLINE_STATE_DIR where that is set."""
    state = state_folder(environ)
    if environ.get(FOLDER_VARIABLE):
        return Folders.inside(state)
    import platformdirs

    data = Path(platformdirs.user_data_path(_APP, appauthor=False))
    return Folders(state, data / "projects", Path(platformdirs.user_cache_path(_APP, appauthor=False)))
