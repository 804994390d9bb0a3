"""Who has a project open. SQLite's own lock decides; the small file beside the project only says whose it is."""

from __future__ import annotations

import getpass
import json
import os
import platform
import time
import uuid
from contextlib import suppress
from pathlib import Path

import msgspec


class Holder(msgspec.Struct):
    """What stands in ``<project>.lock``."""

    pid: int
    host: str
    user: str
    since: float  # s since 1970

    def words(self) -> str:
        """``ann on workstation-3 since 24 Nov 14:05``."""
        where = "this computer" if self.host == platform.node() else self.host
        return f"{self.user or 'somebody'} on {where} since {time.strftime('%d %b %H:%M', time.localtime(self.since))}"

    def is_alive(self) -> bool:
        """Whether the process may still be there; of another computer's nothing is known."""
        if self.host != platform.node():
            return True
        if os.name == "nt":
            return True  # looking would need more than the standard library; SQLite's lock decides anyway
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except (OSError, OverflowError):
            return True
        return True


def lock_path(path: Path) -> Path:
    """Where it stands."""
    return path.with_name(f"{path.name}.lock")


def read_holder(path: Path) -> Holder | None:
    """Who says that the project is open; None where nobody does or it cannot be read."""
    try:
        with open(lock_path(path), "rb") as file:
            holder = msgspec.json.decode(file.read(4096), type=Holder)
        time.localtime(holder.since)
    except (OSError, ValueError, OverflowError, msgspec.MsgspecError):
        return None
    return holder


def write_holder(path: Path, since: float) -> None:
    """Say that this process has the project; what cannot be written is left unsaid."""
    said = {"pid": os.getpid(), "host": platform.node(), "user": _user(), "since": since}
    beside = path.with_name(f".cutline-{uuid.uuid4().hex[:12]}.tmp")
    try:
        beside.write_text(json.dumps(said), encoding="utf-8")
        os.replace(beside, lock_path(path))
    except OSError:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def remove_holder(path: Path) -> None:
    """Say no more that it is open, if this process said so."""
    holder = read_holder(path)
    if holder is not None and (holder.pid, holder.host) == (os.getpid(), platform.node()):
        with suppress(OSError):  # a stale one is told apart
            lock_path(path).unlink(missing_ok=True)


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""
