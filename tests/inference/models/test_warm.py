"""Warming up leaves Python as it was, and the imports out of every later collection."""

import subprocess
import sys


def run(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.strip()


def test_collections_are_on_again_and_have_little_to_look_through() -> None:
    code = (
        "import gc\n"
        "from inference.models.engine import warm_up\n"
        "line = warm_up()\n"
        "import torch\n"
        "assert line.startswith(f'torch {torch.__version__}, torchvision '), line\n"
        "print(gc.isenabled(), gc.get_freeze_count() > 100_000, len(gc.get_objects()) < 10_000)"
    )
    assert run(code) == "True True True"


def test_where_torch_is_imported_already_nothing_is_frozen() -> None:
    code = (
        "import gc\n"
        "gc.disable()\n"
        "from inference.models.compat import import_torchvision\n"
        "import_torchvision()\n"
        "from inference.models.engine import warm_up\n"
        "warm_up()\n"
        "print(gc.isenabled(), gc.get_freeze_count())"
    )
    assert run(code) == "False 0"
