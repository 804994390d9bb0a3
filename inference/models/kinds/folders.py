"""What the kinds that stand on an optional library share: Hugging Face folders, names of labels, digests, sentences.

No torch here.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from inference.errors import CardError, ModelError, WeightsError

CONFIG: Final = "config.json"
SAFETENSORS: Final = "model.safetensors"
_LONGEST_JSON: Final = 64 * 2**20  # bytes; names of 20,000 labels take one or two million

_OF_A_FOLDER: Final = re.compile(r"config\.json|model(-\d+-of-\d+)?\.safetensors")

_QUIET: Final = {
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "TRANSFORMERS_NO_ADVISORY_WARNINGS": "1",
}


def library(name: str, extra: str, what: str) -> ModuleType:
    """The module ``name``, imported. Raises ModelError naming the extra; ``what``: the subject of the sentence."""
    if extra != "onnx":
        from inference.models.compat import import_torchvision

        os.environ.update({key: value for key, value in _QUIET.items() if key not in os.environ})
        import_torchvision()
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        raise ModelError(
            f"{what} needs {error.name or name}, which is not installed here: pip install 'cutline[{extra}]'.",
            detail=str(error),
        ) from None
    except ImportError as error:
        raise ModelError(
            f"{what} needs {name}, which is here and cannot be imported ({first_line(error)}): "
            f"pip install --force-reinstall 'cutline[{extra}]'.",
            detail=str(error),
        ) from None


def folder_of(path: Path) -> Path:
    """The folder itself, given it or a file in it."""
    return path if path.is_dir() else path.parent


def looks_like(path: Path, *keys: str) -> bool:
    """Whether ``path`` is, or is the config or the weights of, a folder whose config.json has all of ``keys``."""
    if path.is_file() and not _OF_A_FOLDER.fullmatch(path.name):
        return False
    try:
        config = read_json(folder_of(path) / CONFIG)
    except ModelError:
        return False
    return all(key in config for key in keys)


def read_json(path: Path) -> dict[str, Any]:
    """The object in a JSON file. Raises CardError."""
    try:
        if path.stat().st_size > _LONGEST_JSON:
            raise CardError(f"{path} has {path.stat().st_size:,} bytes, too many for settings: choose another folder.")
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CardError(f"There is no {path.name} in {path.parent}: copy it there from where the model is.") from None
    except OSError as error:
        raise CardError(f"{path} cannot be read: {error.strerror or error}.", detail=str(error)) from None
    except (ValueError, RecursionError) as error:
        raise CardError(f"{path} is not valid JSON ({error}): copy it again.", detail=str(error)) from None
    if not isinstance(content, dict):
        raise CardError(f"{path} holds no settings by name (a {type(content).__name__}): copy it again.")
    return content


def weights_of(folder: Path) -> tuple[Path, ...]:
    """``model.safetensors`` of a folder, or its numbered pieces. Raises WeightsError, with the way to convert where
    there is a pickle only."""
    path = folder / SAFETENSORS
    if path.is_file():
        return (path,)
    index = folder / f"{SAFETENSORS}.index.json"
    if index.is_file():
        pieces = read_json(index).get("weight_map")
        names = sorted({str(name) for name in pieces.values()}) if isinstance(pieces, Mapping) else []
        for name in names:
            if Path(name).name != name or not (folder / name).is_file():
                raise WeightsError(f"{index} names the weights {name!r}, which are not in {folder}: copy them there.")
        if names:
            return tuple(folder / name for name in names)
    # What trainers leave beside a model (optimizer.pt, training_args.bin) is not meant.
    names = sorted(file.name for file in folder.iterdir() if file.suffix in (".bin", ".pt", ".pth", ".ckpt"))
    pickles = [name for name in names if "model" in name or name.endswith((".pth", ".ckpt"))]
    if pickles:
        raise WeightsError(
            f"{folder} has its weights in {pickles[0]} only, a pickle, which can run a stranger's code: where you "
            "trust it, save them as data with model.save_pretrained(folder) of a current version of the library."
        )
    raise WeightsError(f"There is no {SAFETENSORS} in {folder}: copy it there from where the model is.")


def digest_of(files: Iterable[Path], shaping: Any = None) -> str:
    """SHA-256, in hex, of the files' bytes in order and of settings that shape the logits. Raises WeightsError."""
    digest = hashlib.sha256()
    for path in files:
        try:
            with path.open("rb") as stream:
                digest.update(hashlib.file_digest(stream, "sha256").digest())
        except OSError as error:
            raise WeightsError(f"{path} cannot be read: {error.strerror or error}.", detail=str(error)) from None
    if shaping is not None:
        digest.update(json.dumps(shaping, sort_keys=True, separators=(",", ":"), default=str).encode())
    return digest.hexdigest()


def names_in_order(said: object, n_outputs: int | None = None) -> tuple[str, ...] | None:
    """Labels from a list of names, names by index, or indices by name; None where it is none of these.

    With gaps between the indices, the missing ones are called "label 5"; ``n_outputs`` says how many there are.
    """
    if isinstance(said, list | tuple):
        pairs = list(enumerate(said))
    elif isinstance(said, Mapping):
        by_index = all(str(key).isdecimal() for key in said)
        pairs = [(index, name) if by_index else (name, index) for index, name in said.items()]
    else:
        return None
    if not all(isinstance(name, str | int | float) and str(index).isdecimal() for index, name in pairs):
        return None
    names = {int(index): str(name) for index, name in pairs}
    count = max(names, default=-1) + 1 if n_outputs is None else n_outputs
    if not names or count > 10 * len(names) + 1000:
        return None
    return told_apart(names.get(index, f"label {index}") for index in range(max(count, max(names) + 1)))


def told_apart(names: Iterable[str], also: Iterable[str] | None = None) -> tuple[str, ...]:
    """The names, each followed by its other name or its number where it stands more than once or is empty."""
    given = [name.strip() for name in names]
    extra = list(also) if also is not None else [str(index) for index in range(len(given))]
    often = {name for name, count in Counter(given).items() if count > 1 or not name}
    return tuple(f"{name} ({extra[index]})".strip() if name in often else name for index, name in enumerate(given))


def first_line(error: BaseException) -> str:
    """The first line of an error, without its full stop."""
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(".!") if lines else type(error).__name__


def differing(missing: Iterable[str], unexpected: Iterable[str], shaped: Iterable[str] = ()) -> str:
    """Keys of a state dict that do not fit, the first few of each sort, as one clause; "" where all fit."""
    return "; ".join(_some(("missing", missing), ("unexpected", unexpected), ("wrong shape", shaped)))


def _some(*sorts: tuple[str, Iterable[str]]) -> Iterator[str]:
    for title, keys in sorts:
        listed = sorted(keys)
        more = f" and {len(listed) - 3} more" if len(listed) > 3 else ""
        if listed:
            yield f"{title}: {', '.join(listed[:3])}{more}"


@contextmanager
def quiet_logs(*names: str) -> Iterator[None]:
    """Keep libraries that chat in the log to errors for the while."""
    import logging

    loggers = [logging.getLogger(name) for name in names]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)
