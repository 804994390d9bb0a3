"""In the parent: a child as a network, so that engine, heat maps and dry run see no difference."""

from __future__ import annotations

import os
import time
import weakref
from collections.abc import Callable
from math import prod
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor, nn

from inference.errors import CardError, CutlineError, DeviceError, OutputError, WeightsError
from inference.models.child.faults import Cancelled, Died, Hung, RaisedError, never
from inference.models.child.outputs import unpack
from inference.models.child.process import ChildProcess, Limits
from inference.models.child.protocol import Done, Failed, Load, Move, ProtocolError, Ready, Reply, Request, Run

__all__ = ["Cancelled", "ChildNetwork", "Limits", "RaisedError"]

_MOST: Final = 1 << 30  # bytes of outputs of one batch
_SENTENCES: Final = {"output": OutputError, "card": CardError, "weights": WeightsError}


class ChildNetwork(nn.Module):
    """A program in a process of its own: (b, 3, h, w) goes in, what the program gives comes back, on the CPU.

    A child that dies or hangs is gone; the next forward starts a fresh one. Set ``cancelled`` to stop waiting: forward
    then raises Cancelled within 100 ms, and the child goes on with what it was given until the next forward.
    """

    input_device = "cpu"  # wherever the child runs: the parent needs nothing of a GPU

    def __init__(self, load: Load, *, limits: Limits | None = None) -> None:
        """Starts nothing yet: `start` does, and so does the first forward."""
        super().__init__()
        self.cancelled: Callable[[], bool] = never
        self.ready = Ready()  # what the program said of itself when it was loaded
        self._load = load
        self._limits = limits or Limits()
        self._name = Path(load.files[0].path).name
        self._device = "cpu"
        self._slowest = 0.0  # seconds of a batch; 0 before the first answer
        self._asked = 0
        self._late: tuple[int, float] | None = None  # the batch whose answer nobody waits for, and when it was asked
        self._closed = False
        self._child: ChildProcess | None = None
        self._end: Callable[[], object] = lambda: None

    @property
    def pid(self) -> int:
        """Of the child; 0 while there is none."""
        return 0 if self._child is None else self._child.pid

    def start(self) -> Ready:
        """Start the child and load the program, unless that is done. Raises ModelErrors that name the file, or
        Cancelled."""
        if self._child is None or not self._child.alive:
            self._drop()
            if self._closed:
                raise OutputError(f"{self._name} was closed: open it again.")
            self._start()
        return self.ready

    def forward(self, images: Tensor) -> Tensor | tuple[Tensor, ...] | dict[str, Tensor]:
        """What the program gives for (b, 3, h, w) images, as float32 on the CPU.

        Raises RaisedError where the program raises, other OutputErrors where it dies, hangs or answers nonsense,
        torch.OutOfMemoryError where its memory is full, and Cancelled.
        """
        values = np.ascontiguousarray(images.detach().to("cpu", torch.float32).numpy())
        self.start()
        self._wait_for_late()
        assert self._child is not None
        _write(self._child.inputs, values)
        self._asked += 1
        self._late = self._asked, time.monotonic()
        done = self._settle(self._ask(Run(self._asked, values.shape), self._patience(), "scored"))
        self._late = None
        return self._taken(done, len(values))

    def to(self, *args: Any, **kwargs: Any) -> ChildNetwork:
        """Send the program to a device; memory formats and types are its own. Raises RuntimeError where it fails."""
        device = kwargs.get("device", args[0] if args else None)
        if isinstance(device, str | torch.device) and str(device) != self._device:
            before, self._device = self._device, str(device)
            if self._child is not None and self._child.alive:
                self._wait_for_late()
                try:
                    self._expect_ready(self._ask(Move(self._device), self._limits.first, f"moved to {device}"))
                except CutlineError as error:
                    self._device = before
                    raise RuntimeError(str(error)) from None
        return self

    def close(self) -> None:
        """End the child for good."""
        self._closed = True
        self._drop()

    # -- the child -------------------------------------------------------------------------------------------------

    def _start(self) -> None:
        self._child = ChildProcess(self._limits.memory)
        self._end = weakref.finalize(self, self._child.end)
        self._asked, self._late = 0, None
        try:
            self._expect_ready(self._answer(self._limits.start, "started"))
            self.ready = self._expect_ready(self._ask(self._load, self._limits.first, "opened"))
            if self._device != "cpu":
                self._expect_ready(self._ask(Move(self._device), self._limits.first, f"moved to {self._device}"))
        except BaseException:
            self._drop()
            raise

    def _drop(self) -> None:
        self._end()
        self._child, self._end, self._late = None, lambda: None, None

    def _patience(self) -> float:
        limits = self._limits
        return max(limits.least, limits.times * self._slowest) if self._slowest else limits.first

    def _wait_for_late(self) -> None:
        """The answer to a batch that nobody waits for any more: the child has one pair of hands."""
        if self._late is not None:
            _, since = self._late
            self._answer(self._patience() - (time.monotonic() - since), "scored")
            self._slowest = max(self._slowest, time.monotonic() - since)
            self._late = None

    def _ask(self, request: Request, seconds: float, what: str) -> Reply:
        assert self._child is not None
        try:
            self._child.send(request)
        except Died as error:
            raise self._died(error, what) from None
        return self._answer(seconds, what)

    def _answer(self, seconds: float, what: str) -> Reply:
        """Wait for it; ``what`` was to be done, as a participle. Raises OutputError when there will be none."""
        assert self._child is not None
        try:
            return self._child.wait(seconds, self.cancelled)
        except Cancelled:
            raise
        except Died as error:
            raise self._died(error, what) from None
        except Hung:
            problem = f"{self._name} did not answer for {max(seconds, 0):,.0f} seconds while it was being {what}"
            raise self._over(f"{problem}, so it was stopped: try again, or open another model.") from None
        except ProtocolError as error:
            raise self._over(f"{self._name} disturbed its own answer ({error}), so it was stopped.") from None

    def _died(self, error: Died, what: str) -> OutputError:
        return self._over(
            f"{self._name} {error.how} while it was being {what}: the last lines that it printed are in the details."
        )

    def _over(self, sentence: str) -> OutputError:
        """The error to raise, once the child is gone."""
        printed = self._child.printed if self._child is not None else ""
        self._drop()
        return OutputError(sentence, detail=printed)

    # -- answers ---------------------------------------------------------------------------------------------------

    def _expect_ready(self, reply: Reply) -> Ready:
        if isinstance(reply, Failed):
            kind = _SENTENCES.get(reply.what)
            if kind is not None:
                raise kind(reply.message, detail=reply.detail)
            if reply.what == "memory":
                raise DeviceError(
                    f"{self._name} does not fit into the memory of {self._device}: close what else uses it.",
                    detail=reply.detail,
                )
            raise OutputError(f"{self._name} failed ({reply.message}).", detail=reply.detail)
        if not isinstance(reply, Ready):
            raise self._over(f"{self._name} disturbed its own answer, so it was stopped.")
        return reply

    def _settle(self, reply: Reply) -> Done:
        """The answer to the batch that was asked for. Raises what the program raised."""
        assert self._late is not None
        number, since = self._late
        self._slowest = max(self._slowest, time.monotonic() - since)
        if isinstance(reply, Ready) or reply.number != number:
            raise self._over(f"{self._name} disturbed its own answer, so it was stopped.")
        if isinstance(reply, Done):
            return reply
        self._late = None
        if reply.what == "memory":
            raise torch.OutOfMemoryError(reply.message)
        if reply.what == "lost":
            raise self._over(
                f"{self._device} failed under {self._name} ({reply.message}): score again, it starts afresh."
            )
        if reply.what in _SENTENCES:
            raise OutputError(reply.message, detail=reply.detail)
        raise RaisedError(f"{self._name} failed ({reply.message}).", reply.message, detail=reply.detail)

    def _taken(self, done: Done, n_images: int) -> Tensor | tuple[Tensor, ...] | dict[str, Tensor]:
        assert self._child is not None
        tensors: dict[str, Tensor] = {}
        place = 0
        try:
            for part in done.parts:
                size = 4 * prod(part.shape)
                if min(part.shape, default=0) < 0 or place + size > _MOST:
                    raise OutputError(
                        f"{self._name} gave {place + size:,} bytes for {n_images:,} images; scores need one row an "
                        "image and one column a label."
                    )
                content = self._child.read(place, size)
                tensors[part.name] = torch.from_numpy(np.frombuffer(content, dtype=np.float32).reshape(part.shape))
                place += size
        except ProtocolError as error:
            raise self._over(f"{self._name} disturbed its own answer ({error}), so it was stopped.") from None
        if not any(tensor.dim() and len(tensor) == n_images for tensor in tensors.values()):
            shapes = ", ".join(str(tuple(tensor.shape)) for tensor in tensors.values())
            raise OutputError(
                f"{self._name} gave {shapes} for {n_images:,} images; scores need one row an image and one column a "
                "label."
            )
        return unpack(done.form, tensors)


def _write(descriptor: int, values: np.ndarray[Any, Any]) -> None:
    rest = memoryview(values.reshape(-1).view(np.uint8).data)
    place = 0
    while rest:
        written = os.pwrite(descriptor, rest, place)
        place += written
        rest = rest[written:]
