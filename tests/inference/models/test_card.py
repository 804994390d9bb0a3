"""The card: what is written is read back, and what is wrong is said with its key and value."""

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.errors import CardError
from inference.models.card import ModelCard, Preprocessing, read_card, write_card

MINIMAL = 'architecture = "resnet18"\nweights = "model.pth"\nlabels = ["a", "b"]\n'

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
names = text.filter(lambda name: bool(name.strip()))
sizes = st.none() | st.integers(1, 16384) | st.tuples(st.integers(1, 16384), st.integers(1, 16384))
numbers = st.floats(0.01, 1000)
triples = st.tuples(numbers, numbers, numbers)


cards = st.builds(
    ModelCard,
    architecture=names,
    weights=names,
    labels=st.lists(names, min_size=1, max_size=5, unique=True).map(tuple),
    activation=st.sampled_from(["sigmoid", "softmax"]),
    preprocessing=st.builds(
        Preprocessing,
        resize=sizes,
        crop=sizes,
        interpolation=st.sampled_from(["nearest", "bilinear", "bicubic"]),
        mean=triples,
        std=triples,
        channels=st.sampled_from(["rgb", "bgr"]),
    ),
    options=st.dictionaries(st.from_regex(r"[a-z_]{1,8}", fullmatch=True), st.booleans() | numbers | names),
    notes=text,
    name=text,
    format=st.just(1),
)


@given(cards)
@settings(max_examples=60, deadline=None)
def test_a_card_reads_back_as_it_was_written(card: ModelCard) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write_card(card, folder)
        assert read_card(folder) == read_card(Path(folder) / "model.toml") == card


def test_a_card_by_hand_may_be_short(tmp_path: Path) -> None:
    (tmp_path / "model.toml").write_text(MINIMAL + '[preprocessing]\nresize = [60, 80]\ncrop = "none"\n')
    card = read_card(tmp_path)
    assert card.activation == "sigmoid"
    assert card.preprocessing.resize == (60, 80)
    assert card.preprocessing.crop is None
    assert card.preprocessing.mean == (0.485, 0.456, 0.406)


def test_small_lists_stay_on_one_line(tmp_path: Path) -> None:
    write_card(ModelCard("resnet18", "a.pth", ("a",), preprocessing=Preprocessing(crop=(30, 40))), tmp_path)
    lines = (tmp_path / "model.toml").read_text().splitlines()
    assert "crop = [30, 40]" in lines
    assert "mean = [0.485, 0.456, 0.406]" in lines


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("architecture = ", "not valid TOML"),
        ("format = 9", "format = 9"),
        ("format = true", "format must be 1, not True"),
        ("labels = ['a', 'a']", "'a' twice"),
        ("labels = []", "labels is empty"),
        ("labels = ['a', ' ']", "label 2 has no name"),
        ("labels = ['a', 3]", "labels[1] = 3"),
        ("activation = 'tanh'", "activation = 'tanh'"),
        ("activatoin = 'sigmoid'", "activatoin"),
        ("weights = ' '", "weights is empty"),
        ("[preprocessing]\nresize = 'big'", "preprocessing.resize = 'big'"),
        ("[preprocessing]\nresize = -3", "resize = -3"),
        ("[preprocessing]\ncrop = [1, 2, 3]", "preprocessing.crop = [1, 2, 3]"),
        ("[preprocessing]\ncrop = [0, 2]", "crop = (0, 2)"),
        ("[preprocessing]\nmean = [1, 2]", "preprocessing.mean = [1, 2]"),
        ("[preprocessing]\nmean = [nan, 0, 0]", "mean = [nan"),
        ("[preprocessing]\nstd = [0, 1, 1]", "std = [0.0"),
        ("[preprocessing]\nsize = 3", "preprocessing.size"),
        ("[options]\ndropout = [1]", "dropout"),
        ("architecture = 'resnet18'", "weights"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "model.toml"
    path.write_text(text)
    with pytest.raises(CardError) as caught:
        read_card(path)
    assert said in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_missing_card_and_other_encodings_are_named(tmp_path: Path) -> None:
    with pytest.raises(CardError, match=r"There is no model\.toml"):
        read_card(tmp_path)
    (tmp_path / "model.toml").write_bytes(b"name = '\xff\xfe'")
    with pytest.raises(CardError, match="not valid TOML"):
        read_card(tmp_path)


def test_a_failed_write_leaves_the_old_card_and_no_litter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    card = ModelCard("resnet18", "a.pth", ("a",))
    write_card(card, tmp_path)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CardError, match="No space left on device"):
        write_card(ModelCard("vgg11", "b.pth", ("b",)), tmp_path)
    assert read_card(tmp_path) == card
    assert [file.name for file in tmp_path.iterdir()] == ["model.toml"]
