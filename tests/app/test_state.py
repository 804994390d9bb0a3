"""What is remembered comes back exactly, and no fault loses what was there."""

from __future__ import annotations

import errno
import json
import math
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import state as remembered
from app.state import (
    FILE_NAME,
    MAX_RECENTS,
    VERSION,
    BandNumbers,
    F1Then,
    MapNumbers,
    Pair,
    PairSettings,
    Profile,
    State,
    StateError,
    Tuned,
    add_recent,
    is_missing,
    load,
    remove_recent,
    save,
    settings_of,
    state_folder,
)
from inference.types import Activation, CalibrationMethod, DecisionRule, ZeroDivision


def remember(state: State, model: str, folder: str, settings: PairSettings) -> State:
    """The state as a Cutline that had no projects left it."""
    return replace(state, pairs=(Pair(os.path.abspath(model), os.path.abspath(folder), settings), *state.pairs))


FULL = remember(
    add_recent(
        State(
            last_model="/models/a/model.toml",
            last_folder="/data/val",
            geometry=bytes(range(256)),
            window_state=b"\x00\xff",
            theme="dark",
            device="cuda:0",
            dismissed_advices=("sigmoid on one label",),
        ),
        model="/models/a/model.toml",
        folder="/data/val",
        when=5.0,
    ),
    "/models/a/model.toml",
    "/data/val",
    PairSettings(
        activation=Activation.SOFTMAX,
        rule=DecisionRule.ARGMAX_REJECT,
        thresholds={"cat": 0.7, "Hund, größer": 1e-7},
        zero_division=ZeroDivision.LEAVE_OUT,
        overlay_mode="predicted",
        overlay_k=3,
        corrections={"layout": "csv_list", "separator": "|", "images_root": None, "empty_words": ("none",)},
        mapping={"Cat ": "cat"},
        k=3,
        calibration=MapNumbers(
            CalibrationMethod.ISOTONIC, {"cat": 1.0}, {"cat": 0.1 + 0.2}, {"cat": ((-1.0, 1 / 3), (-2.0, 5e-324))}
        ),
        biases=MapNumbers(CalibrationMethod.NONE, {"cat": 1.0}, {"cat": -1e300}),
        band=BandNumbers({"cat": 0.1}, {"cat": 0.7}),
        tuned=Tuned("a goal", {"cat": 0.7}, expected=0.5, macro=0.25, method="smoothed", n_folds=5),
        profiles=(
            Profile(
                key="k1",
                name="cautious",
                goal="a goal",
                saved="2026-07-01T10:00:00",
                thresholds={"cat": 0.7},
                micro_f1=0.1,
                macro_f1=None,
                model="m",
                data="d",
                activation=Activation.SIGMOID,
                rule=DecisionRule.PER_IMAGE,
                k=2,
                calibration=MapNumbers(CalibrationMethod.PLATT, {"cat": 1 / 3}, {"cat": -0.1}),
                method="exact",
                split="30 % held out",
                n_images=12,
                n_positives=7,
                interval="redrawn",
                micro=F1Then(0.1, 0.05, 1 / 7),
                seed=4,
                versions={"numpy": "2.1"},
            ),
        ),
    ),
)


def test_everything_comes_back(tmp_path: Path) -> None:
    save(FULL, tmp_path)
    assert load(tmp_path) == (FULL, "")


def test_a_profile_of_version_1_keeps_what_it_had_and_says_that_it_holds_thresholds_alone(tmp_path: Path) -> None:
    old = {
        "version": 1,
        "pairs": [
            {
                "model": "/m",
                "folder": "/d",
                "settings": {
                    "rule": "argmax_reject",
                    "thresholds": {"cat": 0.25},
                    "tuned": {"goal": "g", "thresholds": {"cat": 0.25}, "expected": 0.5, "low": None, "high": None},
                    "profiles": [
                        {
                            "key": "k",
                            "name": "strict",
                            "goal": "set by hand",
                            "saved": "2026-07-01T10:00:00",
                            "thresholds": {"cat": 0.25},
                            "micro_f1": 0.5,
                            "macro_f1": None,
                            "model": "m",
                            "data": "d",
                        }
                    ],
                },
            }
        ],
    }
    (tmp_path / FILE_NAME).write_text(json.dumps(old))
    state, note = load(tmp_path)
    assert note == ""
    kept = settings_of(state, "/m", "/d")
    profile = kept.profiles[0]
    assert (profile.name, profile.thresholds, profile.micro_f1) == ("strict", {"cat": 0.25}, 0.5)
    assert (profile.activation, profile.rule, profile.calibration, profile.interval) == (None, None, None, "")
    assert (kept.rule, kept.k, kept.calibration, kept.band) == (DecisionRule.ARGMAX_REJECT, 1, None, None)
    assert kept.tuned is not None
    assert kept.tuned.expected == 0.5


@pytest.mark.parametrize("bad", [math.inf, math.nan])
def test_a_map_that_could_not_be_read_again_is_never_made(bad: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        MapNumbers(CalibrationMethod.PLATT, {"a": 1.0}, {"a": bad})
    with pytest.raises(ValueError, match="finite"):
        MapNumbers(CalibrationMethod.ISOTONIC, {"a": 1.0}, {"a": 0.0}, {"a": ((0.0, bad), (0.0, 1.0))})


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_shift_comes_back_as_the_same_float64(value: float) -> None:
    import msgspec

    numbers = MapNumbers(CalibrationMethod.PLATT, {"a": 1.0}, {"a": value})
    assert msgspec.json.decode(msgspec.json.encode(numbers), type=MapNumbers).shift["a"].hex() == value.hex()


def test_nothing_remembered_gives_the_defaults_silently(tmp_path: Path) -> None:
    assert load(tmp_path / "not there") == (State(), "")


def test_saving_makes_the_folder_and_leaves_one_private_file(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    save(State(), folder)
    save(FULL, folder)
    assert [file.name for file in folder.iterdir()] == [FILE_NAME]
    if os.name == "posix":
        assert (folder / FILE_NAME).stat().st_mode & 0o077 == 0


@given(st.dictionaries(st.text(max_size=20), st.floats(width=32, allow_nan=False, allow_infinity=False)))
def test_thresholds_come_back_as_the_same_float32(thresholds: dict[str, float]) -> None:
    import msgspec

    settings = PairSettings(thresholds=thresholds)
    back = msgspec.json.decode(msgspec.json.encode(settings), type=PairSettings)
    for label, value in thresholds.items():
        assert np.float32(back.thresholds[label]).tobytes() == np.float32(value).tobytes()


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_double_is_rounded_as_numpy_rounds_it(value: float) -> None:
    held = np.clip(value, -float(np.finfo(np.float32).max), float(np.finfo(np.float32).max))
    assert PairSettings(thresholds={"a": value}).thresholds["a"] == float(np.float32(held))


def test_thresholds_without_end_decide_alike_and_nan_is_dropped(tmp_path: Path) -> None:
    settings = PairSettings(thresholds={"never": math.inf, "always": -math.inf, "nothing": math.nan})
    save(remember(State(), "m", "d", settings), tmp_path)
    back = settings_of(load(tmp_path).state, "m", "d").thresholds
    assert set(back) == {"never", "always"}
    assert back["never"] > 1.0
    assert back["always"] < 0.0


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"\x00\xff\xfe",
        b"[" * 100_000,
        b'{"version":1,"a":' + b"[" * 100_000,
        b'{"version":1,"theme":"blue"}',
        b'{"version":1,"recents":[{"kind":"film"}]}',
        b'{"version":"one"}',
        b'{"version":1,"geometry":"not base64!"}',
        b'{"version":1,"pairs":[{"model":"m","folder":"d","settings":{"thresholds":{"a":"x"}}}]}',
    ],
)
def test_a_damaged_file_is_kept_aside_and_the_defaults_are_used(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE_NAME).write_bytes(content)
    (tmp_path / f"{FILE_NAME}.damaged-1").write_bytes(b"an older one")
    found, note = load(tmp_path)
    assert found == State()
    assert str(tmp_path / FILE_NAME) in note
    assert f"{FILE_NAME}.damaged-2" in note
    assert (tmp_path / f"{FILE_NAME}.damaged-2").read_bytes() == content
    assert (tmp_path / f"{FILE_NAME}.damaged-1").read_bytes() == b"an older one"
    save(FULL, tmp_path)
    assert load(tmp_path) == (FULL, "")


def test_a_file_of_no_sensible_size_is_not_read(tmp_path: Path) -> None:
    with open(tmp_path / FILE_NAME, "wb") as file:
        file.truncate(remembered.MAX_BYTES + 1)
    found, note = load(tmp_path)
    assert found == State()
    assert "damaged-1" in note


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_or_a_folder_in_its_place_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / FILE_NAME)
    assert load(tmp_path).state == State()
    assert (tmp_path / f"{FILE_NAME}.damaged-1").exists()
    (tmp_path / FILE_NAME).mkdir()
    assert "damaged-2" in load(tmp_path).note


def test_a_newer_file_is_left_as_it_is(tmp_path: Path) -> None:
    content = json.dumps({"version": VERSION + 1, "theme": {"hue": 3}}).encode()
    (tmp_path / FILE_NAME).write_bytes(content)
    found, note = load(tmp_path)
    assert found == State()
    assert "newer Cutline" in note
    with pytest.raises(StateError, match="newer Cutline"):
        save(FULL, tmp_path)
    assert (tmp_path / FILE_NAME).read_bytes() == content
    assert len(list(tmp_path.iterdir())) == 1


def test_what_this_version_does_not_know_is_ignored(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b'{"version":1,"theme":"light","future":[1,2]}')
    assert load(tmp_path) == (State(theme="light"), "")


@pytest.mark.parametrize("call", ["fsync", "replace", "open"])
def test_a_fault_at_any_step_of_writing_leaves_the_old_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    save(FULL, tmp_path)
    before = (tmp_path / FILE_NAME).read_bytes()

    def full(*_args: object, **_options: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, call, full)
        with pytest.raises(StateError, match="no space left") as caught:
            save(replace(FULL, theme="light"), tmp_path)
    assert str(tmp_path / FILE_NAME) in str(caught.value)
    assert (tmp_path / FILE_NAME).read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == [FILE_NAME]


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StateError, match="CUTLINE_STATE_DIR"):
        save(State(), tmp_path / "file" / "state")
    found, note = load(tmp_path / "file" / "state")
    assert found == State()
    assert note


def test_a_link_to_the_file_stays_a_link(tmp_path: Path) -> None:
    real = tmp_path / "elsewhere.json"
    (tmp_path / "state").mkdir()
    try:
        (tmp_path / "state" / FILE_NAME).symlink_to(real)
    except OSError:
        pytest.skip("links are not allowed here")
    save(FULL, tmp_path / "state")
    assert (tmp_path / "state" / FILE_NAME).is_symlink()
    assert load(tmp_path / "state").state == FULL


def test_what_a_killed_save_left_is_swept(tmp_path: Path) -> None:
    old, young = tmp_path / f"{FILE_NAME}.11.tmp", tmp_path / f"{FILE_NAME}.12.tmp"
    old.write_bytes(b"{")
    young.write_bytes(b"{")
    os.utime(old, (1.0, 1.0))
    load(tmp_path)
    assert not old.exists()
    assert young.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="file names that are no text")
def test_a_file_name_that_is_no_text_does_not_stop_the_rest_from_being_saved(tmp_path: Path) -> None:
    odd = os.fsdecode(b"/data/\xff")
    state = replace(add_recent(FULL, folder=odd), last_folder=odd)
    save(remember(state, "/m", odd, PairSettings()), tmp_path)
    back = load(tmp_path).state
    assert back.recents == FULL.recents
    assert back.pairs == FULL.pairs
    assert (back.last_folder, back.last_model, back.theme) == ("", FULL.last_model, "dark")


def test_recents_hold_each_once_newest_first_and_no_more_than_fit() -> None:
    state = State()
    for number in range(MAX_RECENTS + 3):
        state = add_recent(state, folder=f"/data/{number}", when=float(number))
    assert len(state.recents) == MAX_RECENTS
    state = add_recent(state, folder="/data/9", when=99.0)
    assert [item.folder for item in state.recents].count("/data/9") == 1
    assert state.recents[0].folder == "/data/9"
    assert state.recents[0].kind == "folder"
    assert len(state.recents) == MAX_RECENTS
    assert remove_recent(state, state.recents[0].key).recents == state.recents[1:]


def test_a_pair_takes_the_place_of_its_parts() -> None:
    state = add_recent(add_recent(add_recent(State(), model="/m"), folder="/d"), folder="/other")
    state = add_recent(state, model="/m", folder="/d")
    assert [(item.kind, item.model, item.folder) for item in state.recents] == [
        ("pair", "/m", "/d"),
        ("folder", "", "/other"),
    ]
    with pytest.raises(ValueError, match="model or a folder"):
        add_recent(state)


def test_paths_are_made_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    state = remember(add_recent(State(), model="m.toml"), "m.toml", "d", PairSettings(overlay_k=2))
    assert state.recents[0].model == str(tmp_path / "m.toml")
    assert settings_of(state, str(tmp_path / "m.toml"), str(tmp_path / "d")).overlay_k == 2


def test_missing_is_said_of_a_pair_that_lacks_one_part(tmp_path: Path) -> None:
    state = add_recent(State(), model=str(tmp_path), folder=str(tmp_path / "gone"))
    assert is_missing(state.recents[0])
    (tmp_path / "gone").mkdir()
    assert not is_missing(state.recents[0])


def test_settings_belong_to_the_pair() -> None:
    state = remember(State(), "/m", "/d7", PairSettings(overlay_k=77))
    assert settings_of(state, "/m", "/d7").overlay_k == 77
    assert settings_of(state, "/m", "/d0") == PairSettings()
    assert settings_of(state, "/other", "/d7") == PairSettings()


def test_the_folder_is_the_users_choice_or_the_systems(tmp_path: Path) -> None:
    assert state_folder({"CUTLINE_STATE_DIR": str(tmp_path)}) == tmp_path
    assert "cutline" in str(state_folder({})).lower()


def test_a_first_start_imports_neither_msgspec_nor_platformdirs(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom app.state import load, state_folder\n"
        "load(state_folder())\n"
        "print(sorted({'msgspec', 'platformdirs', 'PySide6', 'torch'} & set(sys.modules)))"
    )
    environ = {**os.environ, "CUTLINE_STATE_DIR": str(tmp_path / "none")}
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, env=environ)
    assert done.stdout.strip() == "[]"
