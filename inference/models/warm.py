"""Imports torch beside a living window without making it stutter.

Measured on two cores while a 5 ms timer ran in the GUI thread: a plain ``import torch, torchvision`` in a worker
thread froze the window for 400 to 1000 ms once and for 200 to 700 ms several times more. The first is the loader, which
Python calls with the GIL held; the others are full garbage collections over a million new objects. With both out of
the way the longest gap was 20 to 45 ms.
"""

from __future__ import annotations

import ctypes
import gc
import importlib.util
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

# In torch's own order; the first one globally, as torch loads it. None of them knows Python.
_LIBRARIES: Final = (("libtorch_global_deps.so", True), ("libtorch_cpu.so", False), ("libtorch.so", False))


def warm_up() -> str:
    """Import torch and torchvision and what they import at first use; one line with versions and the best device."""
    if "torch" not in sys.modules:
        _load_libraries()
    with _without_collections():
        return _import_all()


def _import_all() -> str:
    from inference.models.compat import import_torchvision
    from inference.models.devices import available_devices

    torchvision = import_torchvision()
    import safetensors.torch  # noqa: F401  (imported here so that opening a model need not)
    import torch
    from torchvision.transforms import v2  # noqa: F401  (likewise)

    best = available_devices()[0]
    note = f" ({best.note})" if best.note else ""
    return f"torch {torch.__version__}, torchvision {torchvision.__version__}, {best.name}{note}"


def _load_libraries() -> None:
    """Load torch's libraries through the C library's own ``dlopen``: a foreign call, made without the GIL.

    Only a head start, and only on Linux: where it fails, torch's import does all by itself.
    """
    spec = importlib.util.find_spec("torch") if sys.platform == "linux" else None
    if spec is None or spec.origin is None:
        return
    folder = Path(spec.origin).parent / "lib"
    dlopen = ctypes.CDLL(None).dlopen
    dlopen.argtypes = [ctypes.c_char_p, ctypes.c_int]
    dlopen.restype = ctypes.c_void_p
    for name, everywhere in _LIBRARIES:
        if (folder / name).is_file():
            dlopen(os.fsencode(folder / name), os.RTLD_NOW | (os.RTLD_GLOBAL if everywhere else 0))


@contextmanager
def _without_collections() -> Iterator[None]:
    """No garbage collection inside; where torch came in, what is there afterwards is never looked through again.

    ``gc.freeze`` leaves what exists out of later collections, which would each hold the GIL for as long as those here.
    """
    new = "torchvision" not in sys.modules
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if new:
            gc.freeze()
        if was_on:
            gc.enable()
