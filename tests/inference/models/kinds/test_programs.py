"""Models that are programs: nothing of them runs before its exact bytes are trusted, and then they are models."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import shutil
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
import torch
from torch import nn

from inference.errors import CardError, LabelCountError, ModelError, WeightsError
from inference.models.card import CardTable, ModelCard, read_card, write_card
from inference.models.child.faults import Cancelled
from inference.models.child.network import ChildNetwork
from inference.models.child.protocol import Ready
from inference.models.kinds import exported_models, factory_models, programs, torchscript_models
from inference.models.opening import open_model
from inference.models.values import NeedsConsent
from tests.inference.models.child import moods

CARD: Final = ModelCard("", "", ("a", "b"))


def never(sha256: str) -> bool:
    return False


def always(sha256: str) -> bool:
    return True


class Marking(nn.Module):
    """Makes a file while it is loaded: this is what TorchScript can do."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path, self.factor = path, 1

    @torch.jit.export
    def __getstate__(self) -> tuple[str, bool]:
        return self.path, self.training

    @torch.jit.export
    def __setstate__(self, state: tuple[str, bool]) -> None:
        self.path, self.training = state
        self.factor = int(torch.from_file(self.path, True, 1).numel())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.mean((2, 3)) * self.factor


class Opens:
    """Makes a file while it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return open, (str(self.path), "w")


class Means(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.mean((2, 3))


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    """What is there once a program ran."""
    return tmp_path / "marker"


def torchscript(folder: Path, marker: Path) -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch.jit is deprecated; its files are there
        torch.jit.script(Marking(str(marker))).save(str(folder / "model.pt"))
    return folder / "model.pt"


def exported(folder: Path, marker: Path | None = None) -> Path:
    plain, path = folder / "plain.pt2", folder / "model.pt2"
    torch.export.save(torch.export.export(Means(), (torch.rand(1, 3, 32, 24),)), plain)
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(path, "w") as new:
        for info in old.infolist():
            content = old.read(info)
            if marker is not None and info.filename.endswith("sample_inputs/model.pt"):
                pickled = io.BytesIO()
                torch.save(Opens(marker), pickled)
                content = pickled.getvalue()
            new.writestr(info.filename, content)
    return path


def factory(folder: Path, marker: Path | None = None) -> Path:
    """The weights; the factory is beside them."""
    shutil.copy(Path(moods.__file__), folder / "moods.py")
    if marker is not None:
        with (folder / "moods.py").open("a") as file:
            file.write(f"\nopen({str(marker)!r}, 'w').close()\n")
    torch.save({"weight": torch.zeros(2)}, folder / "weights.pt")
    return folder / "weights.pt"


def table(text: str = "moods.py:build", **said: Any) -> CardTable:
    return CardTable(factory=text, **said)


Read = Callable[[Path, Callable[[str], bool]], Any]
PROGRAMS: Final[dict[str, tuple[Callable[[Path, Path], Path], Read]]] = {
    "torchscript": (torchscript, lambda path, trusted: torchscript_models.read(path, None, trusted)),
    "export": (exported, lambda path, trusted: exported_models.read(path, None, trusted)),
    "factory": (factory, lambda path, trusted: factory_models.read(path, table(), trusted)),
}


@pytest.mark.parametrize("kind", PROGRAMS)
def test_nothing_runs_before_it_is_trusted(kind: str, tmp_path: Path, marker: Path) -> None:
    make, read = PROGRAMS[kind]
    path = make(tmp_path, marker)
    marker.unlink(missing_ok=True)
    with pytest.raises(NeedsConsent) as asked:
        read(path, never)
    assert not marker.exists()
    ran = tmp_path / "moods.py" if kind == "factory" else path
    assert (asked.value.path, asked.value.size, asked.value.n_files) == (str(ran), ran.stat().st_size, 1)
    assert asked.value.files[0].sha256 == hashlib.sha256(ran.read_bytes()).hexdigest()
    with contextlib.suppress(ModelError):  # this .pt2 does its mischief and then fails
        read(path, lambda sha256: sha256 == asked.value.sha256)
    assert marker.exists()  # so that its absence above means something


def test_the_hash_that_is_trusted_is_that_of_sha256sum_for_a_single_file(tmp_path: Path, marker: Path) -> None:
    path = torchscript(tmp_path, marker)
    with pytest.raises(NeedsConsent) as asked:
        torchscript_models.read(path, None, never)
    assert asked.value.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_changed_helper_or_another_function_asks_again_and_other_weights_do_not(tmp_path: Path) -> None:
    weights = factory(tmp_path)
    (tmp_path / "moods.py").write_text("import helper\n\n\ndef build():\n    pass\n\n\ndef other():\n    pass\n")
    (tmp_path / "helper.py").write_text("A = 1\n")

    def asked(function: str = "build") -> str:
        with pytest.raises(NeedsConsent) as caught:
            factory_models.read(weights, table(f"moods.py:{function}"), never)
        assert [os.path.basename(file.path) for file in caught.value.files] == ["moods.py", "helper.py"]
        return caught.value.sha256

    first = asked()
    torch.save({"weight": torch.ones(2)}, weights)
    assert asked() == first
    assert asked("other") != first
    (tmp_path / "helper.py").write_text("A = 2\n")
    assert asked() != first


def test_an_exported_program_says_its_size_and_scores(tmp_path: Path) -> None:
    parts = exported_models.read(exported(tmp_path), None, always)
    assert (parts.told["resize"], parts.told["crop"], parts.n_outputs) == ((32, 24), None, 3)
    assert parts.reasons["crop"] == "The program takes images of 24 x 32 pixels and no others."
    assert not parts.differentiable
    network = parts.build(CARD)
    assert isinstance(network, ChildNetwork)
    batch = torch.rand(3, 3, 32, 24)
    assert torch.allclose(network(batch)[""], batch.mean((2, 3)))
    network.close()


class Still(nn.Module):
    """In the place of a child that nothing is asked of."""

    def start(self) -> Ready:
        return Ready()


def test_a_factory_is_a_model_whose_digest_knows_weights_and_options(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = factory(tmp_path)
    parts = factory_models.read(weights, table(), always)
    assert parts.n_outputs == 2
    first, second = parts.build(CARD), parts.build(CARD)
    assert first is not second
    batch = torch.rand(1, 3, 8, 8)
    batch[0, 0, 0, 0] = 0
    assert torch.equal(first(batch), second(batch))
    for network in (first, second):
        assert isinstance(network, ChildNetwork)
        network.close()
    monkeypatch.setattr(programs, "_child", lambda program: Still())
    other = factory_models.read(weights, table(labels=("a", "b"), options={"bias": 1.0}), always)
    torch.save({"weight": torch.ones(2)}, weights)
    third = factory_models.read(weights, table(labels=("a", "b")), always)
    assert len({parts.digest, other.digest, third.digest}) == 3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("moods:build", 'factory = "moods:build" does not name a function: write the Python file, a colon'),
        ("moods.py", "does not name a function"),
        ("none.py:build", "names a file that is not there"),
        ("/tmp/moods.py:build", "must be relative to the card"),
    ],
)
def test_a_card_that_names_no_function_is_said(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(CardError, match=said):
        factory_models.read(factory(tmp_path), table(text), always)


@pytest.fixture
def card(tmp_path: Path) -> Path:
    """Of a factory, complete."""
    weights = factory(tmp_path)
    said = f'weights = "{weights.name}"\nlabels = ["a", "b"]\nfactory = "moods.py:build"\n'
    preprocessing = "[preprocessing]\nresize = 8\ncrop = 8\nmean = [0, 0, 0]\nstd = [1, 1, 1]\n"
    (path := tmp_path / "model.toml").write_text(said + preprocessing)
    return path


def changed(card: Path, old: str, new: str) -> Path:
    text = card.read_text()
    assert old in text
    card.write_text(text.replace(old, new))
    return card


def test_a_card_with_a_factory_opens_as_a_model_and_closes(card: Path) -> None:
    model = open_model(card, trusted=always, device="cpu")
    assert (model.card.kind, model.card.factory, model.labels) == ("factory", "moods.py:build", ("a", "b"))
    assert not model.differentiable
    write_card(model.card, card)
    assert read_card(card) == model.card
    network = model.network
    assert isinstance(network, ChildNetwork)
    assert network.pid
    model.close()
    assert not network.pid
    model.close()


def test_a_card_that_does_not_fit_its_program_is_said(card: Path) -> None:
    changed(card, '"b"]', '"b", "c"]')
    with pytest.raises(LabelCountError, match="2 outputs an image and the card names 3 labels"):
        open_model(card, trusted=always)
    changed(card, ', "c"]', "]")
    with (card.parent / "moods.py").open("a") as file:
        file.write("\n\ndef big():\n    return torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(12, 2))\n")
    torch.save({"1.weight": torch.ones(2, 12), "1.bias": torch.ones(2)}, card.parent / "weights.pt")
    changed(card, ":build", ":big")
    sentence = r"moods\.py:big cannot take images of 8 x 8 pixels \(RuntimeError: mat1 and mat2 .*\): change resize and"
    with pytest.raises(CardError, match=sentence):
        open_model(card, trusted=always)


def test_opening_can_be_cancelled(card: Path) -> None:
    with pytest.raises(Cancelled):
        open_model(card, trusted=always, cancelled=always_cancelled)


def always_cancelled() -> bool:
    return True


def test_a_kind_that_does_not_exist_is_said(card: Path) -> None:
    changed(card, 'factory = "moods.py:build"', 'kind = "keras"')
    with pytest.raises(CardError, match=r'kind = "keras" .* is none of torchvision, .*torchscript'):
        open_model(card, trusted=always)


def test_each_kind_knows_its_files(tmp_path: Path, marker: Path) -> None:
    script, program, weights = torchscript(tmp_path, marker), exported(tmp_path), factory(tmp_path)
    (damaged := tmp_path / "damaged.pt2").write_bytes(program.read_bytes()[:1000])
    known = [
        [kind.recognises(path) for kind in (torchscript_models, exported_models, factory_models)]
        for path in (script, program, weights, damaged, tmp_path, tmp_path / "none.pt2")
    ]
    assert known == [
        [True, False, False],
        [False, True, False],
        [False, False, False],
        [False, True, False],
        [False, False, False],
        [False, False, False],
    ]


def test_an_archive_that_is_no_exported_program_is_said(tmp_path: Path) -> None:
    (path := tmp_path / "model.pt2").write_bytes(exported(tmp_path).read_bytes()[:1000])
    with pytest.raises(WeightsError, match=r"model\.pt2 is truncated or damaged, or no exported program"):
        exported_models.read(path, None, always)
    for entry, said in (("m/other", "is an archive, but no exported"), ("m/data/aotinductor/x.so", "machine code")):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(entry, "x")
            if "inductor" in entry:
                archive.writestr("m/archive_format", "pt2")
        with pytest.raises(WeightsError, match=said):
            exported_models.read(path, None, always)
