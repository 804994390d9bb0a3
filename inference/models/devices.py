"""Which devices can score, best first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from inference.errors import DeviceError

CPU: Final = "cpu"

# What torch says when a device cannot be used again in this process; memory being full is not among them.
_LOST: Final = (
    "illegal memory access",
    "device-side assert",
    "misaligned address",
    "unspecified launch failure",
    "cuda error: unknown error",
    "cuda unknown error",
    "device is lost",
    "uncorrectable ecc",
    "illegal instruction",
    "hardware stack error",
    "ur_result_error_device_lost",
)


@dataclass(frozen=True)
class Device:
    """A place to score: torch's name for it, a name for people, and why it is or is not the best."""

    key: str  # "cuda:0", "mps", "xpu:0" or "cpu"
    name: str
    note: str = ""


def available_devices() -> tuple[Device, ...]:
    """CUDA, then MPS, then XPU, then the CPU, which is always there. Imports torch."""
    return (*_cuda(), *_mps(), *_xpu(), _cpu())


def choose_device(key: str | None) -> str:
    """``key`` if that device is here, the best one for None. Raises DeviceError."""
    devices = available_devices()
    if key is None:
        return devices[0].key
    if key in ("cuda", "xpu"):
        key += ":0"
    if key not in {device.key for device in devices}:
        here = ", ".join(device.key for device in devices)
        raise DeviceError(f"The device {key} is not here; choose one of {here}.")
    return key


def is_lost(error: BaseException) -> bool:
    """Whether the error is one after which the device cannot be used in this process."""
    text = str(error).lower()
    return any(phrase in text for phrase in _LOST)


def _cuda() -> Iterator[Device]:
    import torch

    if not torch.cuda.is_available():
        return
    for index in range(torch.cuda.device_count()):
        properties = torch.cuda.get_device_properties(index)
        gigabytes = properties.total_memory / 1e9
        yield Device(f"cuda:{index}", f"{properties.name} ({gigabytes:.0f} GB)")


def _mps() -> Iterator[Device]:
    import torch

    if torch.backends.mps.is_available():
        yield Device("mps", "Apple GPU")


def _xpu() -> Iterator[Device]:
    import torch

    if torch.xpu.is_available():
        for index in range(torch.xpu.device_count()):
            yield Device(f"xpu:{index}", torch.xpu.get_device_name(index))


def _cpu() -> Device:
    import os

    return Device(CPU, f"CPU ({os.cpu_count() or 1} cores)", _why_no_gpu())


def _why_no_gpu() -> str:
    """One line where torch could use a GPU and finds none; empty where there is one or torch has no say."""
    import os

    import torch

    if torch.cuda.is_available() or torch.backends.mps.is_available() or torch.xpu.is_available():
        return ""
    if torch.version.cuda is None:
        return "this torch is built without CUDA"
    if os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1"):
        return "CUDA_VISIBLE_DEVICES hides every GPU"
    return "no NVIDIA GPU with a working driver was found"
