"""torchvision imports whatever torch stands beside it."""

import subprocess
import sys


def run(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.strip()


def test_torchvision_imports_and_its_models_run() -> None:
    code = (
        "from inference.models.compat import import_torchvision\n"
        "import_torchvision(); import_torchvision()\n"
        "import torch, torchvision\n"
        "from torchvision.transforms import v2\n"
        "with torch.inference_mode():\n"
        "    print(tuple(torchvision.models.squeezenet1_1(num_classes=4).eval()(torch.zeros(1, 3, 64, 64)).shape))"
    )
    assert run(code) == "(1, 4)"


def test_nothing_is_declared_where_the_operators_are_there_already() -> None:
    code = (
        "import torch\n"
        "library = torch.library.Library('torchvision', 'DEF')\n"
        "library.define('nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor')\n"
        "from inference.models.compat import declare_missing_operators\n"
        "import inference.models.compat as compat\n"
        "print(declare_missing_operators(), compat._kept)"
    )
    assert run(code) == "False []"


def test_the_modules_that_the_window_imports_at_start_bring_neither_torch_nor_qt() -> None:
    code = (
        "import sys\n"
        "import inference.models.card, inference.models.opening, inference.models.engine, inference.models.values\n"
        "import inference.models.devices, inference.models.weights, inference.models.preprocess\n"
        "import inference.models.pool, inference.models.network, inference.models.architectures\n"
        "print(sorted({name.partition('.')[0] for name in sys.modules} & {'torch', 'torchvision', 'PySide6', 'PIL'}))"
    )
    assert run(code) == "[]"
