"""The threads of inference: the order of work, shared with the window, and the pool that decodes ahead.

Pillow releases the GIL while it decodes, so threads are enough. Nothing else in inference may start one.
"""

from __future__ import annotations

import os
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from threading import Lock
from typing import Final

from inference.errors import CutlineError
from inference.types import RgbArray

_MOST_WORKERS: Final = 8
_LOOK_UP_SECONDS: Final = 0.05  # how often a wait looks whether it was cancelled


def usable_cores() -> int:
    """The cores that this process may use, at least 1."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0)) or 1
    return os.cpu_count() or 1


def default_workers() -> int:
    """Decode threads: a core less than there are, and no fewer than two.

    Measured on two cores: two decode twice as fast as one, and the window's longest gap stays under 40 ms.
    """
    return min(_MOST_WORKERS, max(2, usable_cores() - 1))


class WorkOrder:
    """Which images are still to be scored, in which order. Safe to use from several threads."""

    def __init__(self, indices: Sequence[int]) -> None:
        self._waiting: OrderedDict[int, None] = OrderedDict.fromkeys(int(index) for index in indices)
        self._lock = Lock()

    def take(self, n: int) -> list[int]:
        """The next ``n`` images, fewer at the end; they are no longer waiting."""
        with self._lock:
            return [self._waiting.popitem(last=False)[0] for _ in range(min(n, len(self._waiting)))]

    def prioritise(self, index: int) -> None:
        """Put an image first; nothing happens if it is not waiting (taken already, or never asked for)."""
        with self._lock:
            if index in self._waiting:
                self._waiting.move_to_end(index, last=False)

    @property
    def remaining(self) -> int:
        """How many images are waiting."""
        with self._lock:
            return len(self._waiting)


@dataclass(frozen=True, eq=False)
class Decoded:
    """One image ready for the model, or the sentence that says why it is not."""

    index: int
    pixels: RgbArray | None  # (h, w, 3)
    failure: str = ""


class DecodePool:
    """Decodes ahead, in order, never more at once than was submitted."""

    def __init__(self, prepare: Callable[[str], RgbArray], workers: int) -> None:
        self._prepare = prepare
        self._executor = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="decode")
        self._flying: deque[Future[Decoded]] = deque()

    def __len__(self) -> int:
        return len(self._flying)

    def submit(self, index: int, path: str) -> None:
        """Queue one image."""
        self._flying.append(self._executor.submit(self._decode, index, path))

    def take(self, most: int, cancelled: Callable[[], bool]) -> list[Decoded]:
        """Up to ``most`` images in the order of submission: waits for the first, then takes those that follow on.

        Empty when cancelled. A slow file holds up what comes after it, not what came before.
        """
        taken: list[Decoded] = []
        while self._flying and len(taken) < most:
            future = self._flying[0]
            while not future.done():
                if cancelled():
                    return []
                wait([future], timeout=_LOOK_UP_SECONDS)
            taken.append(self._flying.popleft().result())
        return taken

    def close(self) -> None:
        """Forget what is queued. Does not wait: a decode under way ends by itself and its result is dropped."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    def _decode(self, index: int, path: str) -> Decoded:
        try:
            return Decoded(index, self._prepare(path))
        except CutlineError as error:
            return Decoded(index, None, str(error))
        except OSError as error:
            return Decoded(index, None, f"{path} cannot be read: {error.strerror or error}.")
        except MemoryError:
            return Decoded(index, None, f"{path} does not fit into memory.")
        except Exception as error:  # one bad file must not end the run, whatever a codec raises
            return Decoded(index, None, f"{path} cannot be prepared: {type(error).__name__}: {error}.")
