"""Scores images: decode ahead, preprocess, forward, logits as float32 on the CPU.

``score`` is a generator that does all its work in the thread that pulls it, beside its own decode pool. torch is
imported when the first batch is pulled.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from inference.errors import DeviceError, ModelError, OutputError
from inference.models.child.faults import Cancelled, RaisedError, cancellable
from inference.models.pool import Decoded, DecodePool, WorkOrder, default_workers, usable_cores
from inference.models.warm import warm_up
from inference.types import IntArray, RgbArray, ScoreArray

if TYPE_CHECKING:
    from inference.models.opening import LoadedModel

__all__ = ["ScoredBatch", "WorkOrder", "score", "warm_up"]

_CPU_BATCH: Final = 16
_GPU_BATCH: Final = 64
_FIRST_BATCH: Final = 2  # the first numbers show quickly, then batches double
_LONGEST_FORWARD: Final = 0.3  # seconds; longer ones make cancelling and looking at another image slow


@dataclass(frozen=True, eq=False)
class ScoredBatch:
    """What became of some images."""

    indices: IntArray  # (b,) into the dataset
    logits: ScoreArray  # (b, c) float32; NaN rows for failures
    failures: dict[int, str] = field(default_factory=dict)  # image index -> why it could not be read
    unusable: tuple[int, ...] = ()  # image indices whose logits hold NaN or infinity
    note: str = ""  # something the user should know


def score(
    model: LoadedModel,
    paths: Sequence[str],
    order: WorkOrder,
    *,
    decode: Callable[[str], RgbArray],
    cancelled: Callable[[], bool],
    batch_size: int | None = None,
) -> Iterator[ScoredBatch]:
    """Score the images of ``order`` (indices into ``paths``) until none waits or ``cancelled()``.

    ``decode`` turns a path into (h, w, 3) uint8 RGB and is called in several threads; what it raises becomes a
    failure of that image. Cancelling is no error: the generator ends. Raises DeviceError when memory is full even for
    one image or the device is lost, LabelCountError and OutputError when the output is not (b, c).
    """
    from inference.models.preprocess import build_resize

    _prepare_torch(model.device)
    forward = _Forward(model, batch_size)
    to_pixels = build_resize(model.card.preprocessing)
    workers = default_workers()
    pool = DecodePool(lambda path: to_pixels(decode(path)), workers)
    try:
        while not cancelled():
            for index in order.take(forward.size + workers - len(pool)):
                pool.submit(index, paths[index])
            ready = pool.take(forward.size, cancelled)
            if not ready:
                return
            with cancellable(model.network, cancelled):
                batch = forward.run(ready, paths)
            yield batch
    except Cancelled:
        return
    finally:
        pool.close()


class _Forward:
    """The model on its device, and how many images it takes at a time."""

    def __init__(self, model: LoadedModel, batch_size: int | None) -> None:
        from inference.models.preprocess import build_normalise

        self._model = model
        self._to_input = build_normalise(model.card.preprocessing, getattr(model.network, "input_device", model.device))
        self._most = max(1, batch_size or (_CPU_BATCH if model.device == "cpu" else _GPU_BATCH))
        self.size = min(_FIRST_BATCH, self._most)
        self._note = ""

    def run(self, images: list[Decoded], paths: Sequence[str]) -> ScoredBatch:
        """Logits of a batch; images of unlike sizes go one group after the other."""
        started = time.perf_counter()
        logits = np.full((len(images), len(self._model.labels)), np.nan, dtype=np.float32)
        failures = {image.index: image.failure for image in images if image.pixels is None}
        for rows in _by_shape(images):
            self._fill(logits, rows, images, paths, failures)
        self._adapt(time.perf_counter() - started, len(images))
        indices = np.array([image.index for image in images], dtype=np.int64)
        finite = np.isfinite(logits).all(axis=1)
        unusable = tuple(int(index) for index in indices[~finite] if int(index) not in failures)
        note, self._note = self._note, ""
        return ScoredBatch(indices, logits, failures, unusable, note)

    def _fill(
        self,
        logits: ScoreArray,
        rows: list[int],
        images: list[Decoded],
        paths: Sequence[str],
        failures: dict[int, str],
    ) -> None:
        """Write the logits of images of one size, in as many pieces as memory asks for."""
        while rows:
            piece = rows[: self.size]
            pixels = [image.pixels for row in piece if (image := images[row]).pixels is not None]
            result = self._attempt(np.stack(pixels))
            if isinstance(result, _Full):
                self._halve(len(piece), result)
            elif isinstance(result, _Failed):
                self._give_up_on(piece, images, paths, failures, result)
                rows = rows[len(piece) :]
            else:
                logits[piece] = result
                rows = rows[len(piece) :]

    def _attempt(self, pixels: RgbArray) -> ScoreArray | _Full | _Failed:
        """(b, h, w, 3) to (b, c). Errors come back as values: while one is being handled, its traceback holds the
        very tensors whose memory must be freed."""
        import torch

        from inference.models.devices import is_lost
        from inference.models.network import logits_of

        try:
            with torch.inference_mode():
                output = self._model.network(self._to_input(pixels))
                found: ScoreArray = logits_of(output, len(self._model.labels)).float().cpu().numpy()
                return found
        except RaisedError as error:
            return _Failed(error.reason, error.detail)
        except (ModelError, Cancelled):
            raise
        except Exception as error:
            text = f"{type(error).__name__}: {error}"
            if is_lost(error):
                raise DeviceError(
                    f"{self._model.device} was lost: restart Cutline to use it again; what was scored is kept.",
                    detail=text,
                ) from None
            return _Full(text) if _is_full(error) else _Failed(text)

    def _halve(self, tried: int, full: _Full) -> None:
        device = self._model.device
        if tried == 1:
            instead = "close other programs" if device == "cpu" else "close what else uses it, or choose the CPU"
            raise DeviceError(
                f"The memory of {device} is full even for one image at a time: {instead}.", detail=full.text
            )
        self._most = self.size = tried // 2
        self._note = f"The memory of {device} was full: {_batches(self.size)} from here on."
        _empty_cache(device)

    def _give_up_on(
        self,
        piece: list[int],
        images: list[Decoded],
        paths: Sequence[str],
        failures: dict[int, str],
        failed: _Failed,
    ) -> None:
        """A model that fails on images of the card's size is broken; where sizes vary, only these images are."""
        first = images[piece[0]]
        preprocessing = self._model.card.preprocessing
        reason = failed.text.splitlines()[0].rstrip(".!")
        if preprocessing.crop is not None or isinstance(preprocessing.resize, tuple):
            raise OutputError(
                f"The model failed while it scored {paths[first.index]}: {reason}.", detail=failed.detail or failed.text
            )
        for row in piece:
            index = images[row].index
            failures[index] = f"The model cannot take {paths[index]}: {reason}. Set a crop in {self._model.path.name}."

    def _adapt(self, seconds: float, n_images: int) -> None:
        """Grow while batches are quick, shrink when they are slow; never past what memory or the caller allows."""
        if n_images < self.size:
            return
        if seconds * 2 < _LONGEST_FORWARD:
            self.size = min(self._most, self.size * 2)
        elif seconds > _LONGEST_FORWARD:
            self.size = max(1, self.size // 2)


@dataclass(frozen=True)
class _Full:
    """The device's memory was full."""

    text: str


@dataclass(frozen=True)
class _Failed:
    """The model raised something else."""

    text: str
    detail: str = ""  # where, of a program in a process of its own


def _by_shape(images: list[Decoded]) -> list[list[int]]:
    """Rows of readable images, grouped by size."""
    groups: dict[tuple[int, ...], list[int]] = {}
    for row, image in enumerate(images):
        if image.pixels is not None:
            groups.setdefault(image.pixels.shape, []).append(row)
    return list(groups.values())


def _is_full(error: BaseException) -> bool:
    import torch

    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    text = str(error).lower()
    return "out of memory" in text or "can't allocate memory" in text or "not enough memory" in text


def _batches(size: int) -> str:
    return "one image at a time" if size == 1 else f"batches of {size}"


def _empty_cache(device: str) -> None:
    import torch

    room: Any = getattr(torch, device.partition(":")[0], None)
    if device != "cpu" and room is not None:
        room.empty_cache()


def _prepare_torch(device: str) -> None:
    """Threads that leave a core for the window, and float32 that means float32."""
    import torch

    # As many threads as cores wait for each other whenever the window or the decoders take a core: on two busy cores a
    # resnet50 was eight times slower with two threads than with one.
    torch.set_num_threads(max(1, usable_cores() - 1))
    if device.startswith("cuda"):
        # TF32 keeps 10 bits of each factor: logits would differ from the CPU's in the third digit.
        torch.backends.cudnn.conv.fp32_precision = "ieee"  # type: ignore[attr-defined]
        torch.backends.cuda.matmul.fp32_precision = "ieee"
