"""In the child: takes requests, runs the program, gives answers. Everything that goes wrong becomes a `Failed`."""

from __future__ import annotations

import mmap
import os
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from inference.errors import CardError, CutlineError, OutputError
from inference.models.child import protocol
from inference.models.child.loading import Program, load
from inference.models.child.outputs import pack
from inference.models.child.protocol import Done, Failed, Load, Move, Ready, Run
from inference.models.child.telling import first_line, traceback_of
from inference.models.compat import declare_missing_operators
from inference.models.devices import is_lost


def serve(requests: int, replies: int, inputs: int, outputs: int) -> None:
    """Answer until the parent closes its end of ``requests``."""
    server = _Server(inputs, outputs)
    protocol.write_all(replies, protocol.packed(Ready()))
    me = os.getpid()
    while (request := protocol.receive_request(requests)) is not None:
        reply = server.answer(request)
        if os.getpid() != me:
            os._exit(0)  # the program forked, and this is the other one
        protocol.write_all(replies, protocol.packed(reply))


class _Server:
    """The one program that was loaded."""

    def __init__(self, inputs: int, outputs: int) -> None:
        self._inputs, self._outputs = inputs, outputs
        self._program: Program | None = None
        self._device = "cpu"
        self._mapped: mmap.mmap | None = None

    def answer(self, request: protocol.Request) -> protocol.Reply:
        """Do what is asked. Never raises."""
        number = request.number if isinstance(request, Run) else 0
        try:
            if isinstance(request, Load):
                return self._load(request)
            assert self._program is not None
            if isinstance(request, Move):
                return self._move(self._program, request.device)
            return self._run(self._program, request)
        except BaseException as error:  # sys.exit() in a program is no reason to end
            failed = _failed(error, number)
        if failed.what == "memory" and self._device != "cpu":
            torch.cuda.empty_cache()  # now that no traceback holds the tensors
        return failed

    def _load(self, request: Load) -> Ready:
        _prepare(request.threads)
        program = self._program = load(request)
        return Ready(program.batch, program.height, program.width)

    def _move(self, program: Program, device: str) -> Ready:
        program.move(device)
        self._device = device
        return Ready(program.batch, program.height, program.width)

    def _run(self, program: Program, request: Run) -> Done:
        images = self._read(request.shape).to(self._device)
        with torch.inference_mode():
            form, named = pack(_in_batches(program.network, images, program.batch))
            tensors = {name: tensor.float().cpu().contiguous() for name, tensor in named.items()}
        self._write(list(tensors.values()))
        parts = tuple(protocol.Part(name, tuple(tensor.shape)) for name, tensor in tensors.items())
        return Done(request.number, form, parts)

    def _read(self, shape: tuple[int, ...]) -> torch.Tensor:
        """The batch as it lies in the file: (b, 3, h, w) float32. The program may write into it."""
        n_values = int(np.prod(shape))
        if self._mapped is None or len(self._mapped) < 4 * n_values:
            self._mapped = mmap.mmap(self._inputs, 4 * n_values)  # kept: its pages are in place by the second batch
        return torch.from_numpy(np.frombuffer(self._mapped, dtype=np.float32, count=n_values).reshape(shape))

    def _write(self, tensors: list[torch.Tensor]) -> None:
        os.lseek(self._outputs, 0, os.SEEK_SET)
        for tensor in tensors:
            protocol.write_all(self._outputs, tensor.numpy().tobytes())


def _in_batches(network: Callable[[torch.Tensor], Any], images: torch.Tensor, batch: int) -> Any:
    """The outputs, in pieces of the only size that the program takes; 0 takes any. The last piece is filled up."""
    if batch in (0, len(images)):
        return network(images)
    outputs = []
    for start in range(0, len(images), batch):
        piece = images[start : start + batch]
        filled = (
            torch.cat([piece, piece.new_zeros(batch - len(piece), *piece.shape[1:])]) if len(piece) < batch else piece
        )
        _, named = pack(network(filled))
        outputs.append({name: tensor[: len(piece)] for name, tensor in named.items()})
    return {name: torch.cat([one[name] for one in outputs]) for name in outputs[0]}


def _prepare(threads: int) -> None:
    """As many threads as the window leaves, and float32 that means float32 (see engine.py)."""
    declare_missing_operators()  # the program may import torchvision
    torch.set_num_threads(threads)
    torch.backends.cudnn.conv.fp32_precision = "ieee"  # type: ignore[attr-defined]
    torch.backends.cuda.matmul.fp32_precision = "ieee"


def _failed(error: BaseException, number: int) -> Failed:
    if isinstance(error, OutputError):
        return Failed("output", str(error), error.detail, number)
    if isinstance(error, CutlineError):
        return Failed("card" if isinstance(error, CardError) else "weights", str(error), error.detail, number)
    what = "lost" if is_lost(error) else "memory" if _is_full(error) else "raised"
    return Failed(what, first_line(error), traceback_of(error), number)


def _is_full(error: BaseException) -> bool:
    text = str(error).lower()
    phrases = ("out of memory", "can't allocate memory", "not enough memory")
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or any(phrase in text for phrase in phrases)
