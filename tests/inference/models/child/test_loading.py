"""What the child makes of the files it is given, and its sentences where it makes nothing of them."""

from __future__ import annotations

import json
import sys
import warnings
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from torch import nn

from inference.errors import CardError, WeightsError
from inference.models.child.loading import Program, load
from inference.models.child.local_modules import imported_files
from inference.models.child.protocol import Load, Source
from inference.models.child.serving import _in_batches as in_batches
from tests.inference.models.child.files import source

WHOLE = """
import torch
from parts.layers import Twice
import helper


def build(n=2):
    return torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(12, n), Twice(helper.FACTOR))


def nothing():
    return "a net"


def raises():
    raise KeyError("depth")


def leaves():
    raise SystemExit("no")


def more():
    pass
"""


class Small(nn.Module):
    """(b, 3, h, w) to (b, 2)."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(3, 2)
        self.drop = nn.Dropout(0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = self.drop(self.linear(x.mean((2, 3))))
        return found


@pytest.fixture(autouse=True)
def clean_imports() -> Iterator[None]:
    """What a factory brings is forgotten."""
    finders, modules = list(sys.meta_path), set(sys.modules)
    yield
    sys.meta_path[:] = finders
    for name in set(sys.modules) - modules:
        if getattr(sys.modules[name], "__file__", None) is None or "pytest" in str(sys.modules[name].__file__):
            del sys.modules[name]


@pytest.fixture
def factory(tmp_path: Path) -> Path:
    """A factory that imports from its folder, and a file that it does not."""
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "layers.py").write_text(
        "import torch\nfrom . import more\n\n\nclass Twice(torch.nn.Module):\n    def __init__(self, factor):\n"
        "        super().__init__()\n        self.factor = factor * more.ONE\n\n    def forward(self, x):\n"
        "        return x * self.factor\n"
    )
    (tmp_path / "parts" / "more.py").write_text("ONE = 1.0\n")
    (tmp_path / "helper.py").write_text("import helper\nFACTOR = 2.0\n")
    (tmp_path / "stranger.py").write_text("raise RuntimeError\n")
    (tmp_path / "net.py").write_text(WHOLE)
    weights = {"module.1.weight": torch.ones(2, 12), "module.1.bias": torch.tensor([0.0, 1.0])}
    torch.save({"state_dict": weights}, tmp_path / "weights.pt")
    return tmp_path / "net.py"


def from_factory(path: Path, function: str = "build", weights: str = "weights.pt", **options: int) -> Program:
    files = tuple(map(source, imported_files(path)))
    return load(Load("factory", files, function=function, options=dict(options), weights=str(path.with_name(weights))))


def test_a_factory_builds_what_its_weights_go_into(factory: Path) -> None:
    program = from_factory(factory)
    assert program.network(torch.ones(1, 3, 2, 2)).tolist() == [[24.0, 26.0]]
    assert (program.batch, program.height, program.width) == (0, 0, 0)


def test_every_file_that_would_run_is_told_and_no_other(factory: Path) -> None:
    names = [path.relative_to(factory.parent).as_posix() for path in imported_files(factory)]
    assert names == ["net.py", "helper.py", "parts/layers.py", "parts/more.py"]


def test_a_file_that_was_not_told_cannot_be_imported(factory: Path) -> None:
    factory.write_text("__import__('stran' + 'ger')\n" + WHOLE)
    with pytest.raises(CardError, match=r"net\.py cannot be run: ModuleNotFoundError: No module named 'stranger'\.$"):
        from_factory(factory)


def test_a_file_that_changed_meanwhile_is_not_run(factory: Path) -> None:
    agreed = tuple(map(source, imported_files(factory)))
    marker = factory.with_name("marker")
    (factory.parent / "helper.py").write_text(f"open({str(marker)!r}, 'w')\nFACTOR = 2.0\n")
    with pytest.raises(WeightsError, match=r"helper\.py was changed since you agreed to open it: open it again\.$"):
        load(Load("factory", agreed, function="build", weights=str(factory.with_name("weights.pt"))))
    assert not marker.exists()


@pytest.mark.parametrize(
    ("function", "said"),
    [
        ("make", r"net\.py has no function called make \(it has build, nothing, raises and 2 more\): change factory"),
        ("nothing", r"net\.py: nothing\(\) returned a str, not a torch\.nn\.Module"),
        ("raises", r"net\.py: raises\(\) failed: KeyError: 'depth'\.$"),
        ("leaves", r"net\.py: leaves\(\) failed: it called sys\.exit\('no'\)\.$"),
    ],
)
def test_a_function_that_builds_nothing_is_said(factory: Path, function: str, said: str) -> None:
    with pytest.raises(CardError, match=said):
        from_factory(factory, function)


def test_an_option_that_the_function_does_not_take_is_said(factory: Path) -> None:
    with pytest.raises(CardError, match=r"build\(\) got an unexpected keyword argument 'depth'"):
        from_factory(factory, depth=3)


@pytest.mark.parametrize(
    ("text", "said"), [("import nowhere\n", "No module named 'nowhere'"), ("def build(:\n", "Synt")]
)
def test_a_python_file_that_does_not_run_is_said(factory: Path, text: str, said: str) -> None:
    factory.write_text(text)
    with pytest.raises(CardError, match=rf"net\.py cannot be run: .*{said}"):
        from_factory(factory)


def test_weights_that_do_not_fit_list_their_keys(factory: Path) -> None:
    with pytest.raises(WeightsError, match=r"does not fit .* wrong shape: 1\.weight is 2 x 12, not 5 x 12, 1\.bias is"):
        from_factory(factory, n=5)
    torch.save({"head.weight": torch.ones(1)}, factory.with_name("others.pt"))
    with pytest.raises(WeightsError, match=r"missing: 1\.weight, 1\.bias; unexpected: head\.weight\.$"):
        from_factory(factory, weights="others.pt")


def test_weights_beside_a_factory_are_data(factory: Path) -> None:
    torch.save(Small(), factory.with_name("whole.pt"))
    with pytest.raises(WeightsError, match="asks to run code while it is read, which Cutline never does"):
        from_factory(factory, weights="whole.pt")


# -- TorchScript and exported programs -------------------------------------------------------------------------------


def scripted(path: Path) -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch.jit is deprecated; its files are there
        torch.jit.script(Small()).save(str(path))
    return path


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Callable[[bool], Path]:
    folder = tmp_path_factory.mktemp("exported")

    def make(any_batch: bool) -> Path:
        path = folder / f"{'any' if any_batch else 'two'}.pt2"
        if not path.exists():
            sizes = ({0: torch.export.Dim("n", min=1, max=64)},) if any_batch else None
            program = torch.export.export(Small().eval(), (torch.rand(2, 3, 6, 5),), dynamic_shapes=sizes)
            torch.export.save(program, path)
        return path

    return make


def opened(kind: str, path: Path) -> Program:
    return load(Load(kind, (source(path),)))


def test_torchscript_opens_in_eval_mode_on_the_cpu(tmp_path: Path) -> None:
    batch = torch.rand(3, 3, 4, 4)
    network = opened("torchscript", scripted(tmp_path / "small.pt")).network
    assert torch.equal(network(batch), network(batch))  # dropout is off
    assert network(batch).device.type == "cpu"


def test_an_exported_program_tells_its_sizes(exported: Callable[[bool], Path]) -> None:
    program = opened("export", exported(True))
    assert (program.batch, program.height, program.width) == (0, 6, 5)
    program = opened("export", exported(False))
    assert (program.batch, program.height, program.width) == (2, 6, 5)


@pytest.mark.parametrize("n", [1, 2, 5])
def test_a_program_for_one_batch_size_takes_others_in_pieces(exported: Callable[[bool], Path], n: int) -> None:
    batch = torch.rand(n, 3, 6, 5)
    fixed, free = opened("export", exported(False)), opened("export", exported(True))
    output = in_batches(fixed.network, batch, fixed.batch)
    assert (output if n == 2 else output[""]).shape == (n, 2)
    state = {}
    for path in (exported(False), exported(True)):
        state[path] = torch.export.load(path).module().state_dict()
    found = nn.functional.linear(batch.mean((2, 3)), *state[exported(False)].values())
    assert torch.allclose(output if n == 2 else output[""], found, atol=1e-6)
    found = nn.functional.linear(batch.mean((2, 3)), *state[exported(True)].values())
    assert torch.allclose(free.network(batch), found, atol=1e-6)


def rewritten(path: Path, target: Path, entry: str, change: Callable[[bytes], bytes]) -> Path:
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w") as new:
        for info in old.infolist():
            content = old.read(info)
            new.writestr(info.filename, change(content) if info.filename.endswith(entry) else content)
    return target


def test_a_program_of_a_newer_torch_is_said(exported: Callable[[bool], Path], tmp_path: Path) -> None:
    def newer(content: bytes) -> bytes:
        document = json.loads(content)
        document["schema_version"] = {"major": 99, "minor": 0}
        document["torch_version"] = "9.1.0"
        return json.dumps(document).encode()

    path = rewritten(exported(True), tmp_path / "newer.pt2", "models/model.json", newer)
    with pytest.raises(WeightsError, match=r"newer\.pt2 was exported by torch 9\.1\.0, and torch 2.* is here: update"):
        opened("export", path)


@pytest.mark.filterwarnings("ignore:.*torch.jit.load:DeprecationWarning")
def test_torchscript_saved_from_a_gpu_opens_on_the_cpu(tmp_path: Path) -> None:
    def on_gpu(content: bytes) -> bytes:
        assert b"X\x03\x00\x00\x00cpu" in content  # a string of three letters in a pickle
        return content.replace(b"X\x03\x00\x00\x00cpu", b"X\x06\x00\x00\x00cuda:0")

    path = rewritten(scripted(tmp_path / "small.pt"), tmp_path / "gpu.pt", "small/data.pkl", on_gpu)
    if not torch.cuda.is_available():
        with pytest.raises(RuntimeError, match="CUDA"):
            torch.jit.load(str(path), map_location=None)
    assert opened("torchscript", path).network(torch.rand(1, 3, 4, 4)).device.type == "cpu"


@pytest.mark.parametrize("kind", ["torchscript", "export"])
def test_a_corrupted_archive_is_said(kind: str, exported: Callable[[bool], Path], tmp_path: Path) -> None:
    whole = scripted(tmp_path / "small.pt") if kind == "torchscript" else exported(True)
    content = bytearray(whole.read_bytes())
    content[len(content) // 3 : len(content) // 2] = bytes(len(content) // 2 - len(content) // 3)
    path = tmp_path / f"half{whole.suffix}"
    path.write_bytes(content)
    with pytest.raises(WeightsError, match=rf"half{whole.suffix} cannot be loaded by torch .*: copy it again"):
        opened(kind, path)


def test_a_program_with_two_inputs_or_other_images_is_said(tmp_path: Path) -> None:
    class Two(nn.Module):
        def forward(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
            return x + y

    class Grey(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x.mean((2, 3))

    one = torch.rand(1, 1, 4, 4)
    cases = ((Two(), (one, one), "takes 2 inputs"), (Grey(), (one,), "takes images of 1 channels, and Cutline gives 3"))
    for number, (network, inputs, said) in enumerate(cases):
        path = tmp_path / f"{number}.pt2"
        torch.export.save(torch.export.export(network, inputs), path)
        with pytest.raises(WeightsError, match=said):
            opened("export", path)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"none\.pt cannot be read: No such file"):
        load(Load("torchscript", (Source(str(tmp_path / "none.pt"), "00"),)))
