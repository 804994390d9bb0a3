"""An ONNX graph in the shape of a torch module. Imports torch and onnxruntime: only for models that are open."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import onnxruntime
import torch
from torch import Tensor, nn

from inference.models.pool import usable_cores

FLOATS: Final = {
    "tensor(float)": torch.float32,
    "tensor(float16)": torch.float16,
    "tensor(double)": torch.float64,
}
CUDA: Final = "CUDAExecutionProvider"
_QUIET: Final = 4  # fatal errors only: all others are raised too, and the terminal is the user's


class OnnxNetwork(nn.Module):
    """Runs an InferenceSession on (b, 3, h, w) tensors; gives a (b, c) tensor, or a dict of what several outputs hold.

    Where the batch arrives on a CUDA device and onnxruntime has its CUDA provider, the graph runs there; else on the
    CPU. The session of a device is made when its first batch arrives. A graph with a fixed batch of k gets pieces of
    k images, the last one filled up with copies of its last image. Gradients do not pass.
    """

    def __init__(self, path: Path, batch: int | None, session: onnxruntime.InferenceSession | None = None) -> None:
        super().__init__()
        self._path = path
        self._batch = batch
        self._sessions: dict[str, onnxruntime.InferenceSession] = {} if session is None else {"cpu": session}

    @torch.compiler.disable  # type: ignore[untyped-decorator]
    def forward(self, images: Tensor) -> Tensor | dict[str, Tensor]:
        """Images on any device to logits on the CPU."""
        session = self._session(images.device)
        size = self._batch or max(1, len(images))
        pieces = [self._run(session, piece) for piece in torch.split(images.detach(), size)]
        whole = {name: torch.cat([piece[name] for piece in pieces]) for name in pieces[0]}
        return next(iter(whole.values())) if len(whole) == 1 else whole

    def provider(self, device: torch.device) -> str:
        """The execution provider that a batch on ``device`` runs on."""
        return str(self._session(device).get_providers()[0])

    def __getstate__(self) -> dict[str, Any]:
        """Sessions hold native memory; a copy makes its own."""
        return {**self.__dict__, "_sessions": {}}

    def _session(self, device: torch.device) -> onnxruntime.InferenceSession:
        key = str(device) if device.type == "cuda" and CUDA in available() else "cpu"
        if key not in self._sessions:
            self._sessions[key] = make_session(self._path, device.index or 0 if key != "cpu" else None)
        return self._sessions[key]

    def _run(self, session: onnxruntime.InferenceSession, images: Tensor) -> dict[str, Tensor]:
        given = session.get_inputs()[0]
        n_images = len(images)
        if self._batch is not None and n_images < self._batch:
            images = torch.cat([images, images[-1:].expand(self._batch - n_images, *images.shape[1:])])
        array = images.to("cpu", FLOATS[given.type]).contiguous().numpy()
        names = [output.name for output in session.get_outputs() if output.type in FLOATS]
        try:
            arrays = session.run(names, {given.name: array})
        except Exception as error:  # onnxruntime's own classes all stand right below Exception
            if "allocate memory" in str(error):
                raise MemoryError(str(error)) from None  # what callers know as "try a smaller batch"
            raise
        tensors = (torch.from_numpy(array).float() for array in arrays)
        # One logit an image, written as a plain list, is a column.
        columns = (tensor[:, None] if tensor.dim() == 1 else tensor for tensor in tensors)
        return {name: tensor[:n_images] for name, tensor in zip(names, columns, strict=True) if tensor.dim()}


def available() -> tuple[str, ...]:
    """The execution providers of this onnxruntime."""
    return tuple(onnxruntime.get_available_providers())


def make_session(path: Path, cuda: int | None = None) -> onnxruntime.InferenceSession:
    """A session on CUDA device number ``cuda``, or on the CPU. Raises what onnxruntime raises."""
    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    options.log_severity_level = _QUIET
    # As the engine does for torch: a core stays free for the window, and no thread waits by turning in circles.
    options.intra_op_num_threads = max(1, usable_cores() - 1)
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    providers: list[Any] = ["CPUExecutionProvider"]
    if cuda is not None:
        # TF32 keeps 10 bits of each factor: logits would differ from the CPU's in the third digit.
        providers.insert(0, (CUDA, {"device_id": cuda, "use_tf32": 0}))
    return onnxruntime.InferenceSession(str(path), options, providers=providers)
