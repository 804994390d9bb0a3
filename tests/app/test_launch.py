"""From the shell: with no display, with odd arguments, and the demo offscreen."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from app import launch
from app.preflight import MissingLibrary, unknown_platform

NO_DISPLAY = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")}


def cutline(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app", *arguments],
        env=NO_DISPLAY | {"CUTLINE_STATE_DIR": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere there always is a display")
def test_the_demo_without_a_display_prints_the_table_and_the_windows_picture(tmp_path: Path) -> None:
    shot = tmp_path / "demo.png"
    done = cutline("--demo", "digits", "--shot", str(shot), folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr == "No display: the demo runs offscreen.\n"
    lines = done.stdout.splitlines()
    assert lines[0].split()[:3] == ["label", "threshold", "precision"]
    per_label = {line.split()[0]: line.split()[1:] for line in lines[2:12]}
    assert set(per_label) == {"zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"}
    for cells in per_label.values():
        tp, fp, fn, tn, support = (int(cell) for cell in cells[4:])
        assert tp + fn == support == 50
        assert tp + fp + fn + tn == 500
        assert float(cells[1]) == pytest.approx(tp / (tp + fp), abs=5e-4)
    with Image.open(shot) as picture:
        assert picture.width >= 640
        assert len(picture.convert("RGB").getcolors(1 << 24) or ()) > 500  # a window with pictures, not a blank


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere there always is a display")
def test_without_a_display_the_window_is_refused_in_one_line(tmp_path: Path) -> None:
    done = cutline(folder=tmp_path)
    assert done.returncode == launch.NO_DISPLAY
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "display" in done.stderr


def test_an_unknown_demo_is_named_with_the_known_ones(tmp_path: Path) -> None:
    done = cutline("--demo", "sheep", folder=tmp_path)
    assert done.returncode == launch.BAD_ARGUMENT
    assert "sheep" in done.stderr
    assert "sheets" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("arguments", "said"), [(["--version"], launch.VERSION), (["--help"], "--demo")])
def test_version_and_help(tmp_path: Path, arguments: list[str], said: str) -> None:
    done = cutline(*arguments, folder=tmp_path)
    assert done.returncode == 0
    assert said in done.stdout


def test_a_mistyped_option_is_refused(tmp_path: Path) -> None:
    done = cutline("--dmeo", folder=tmp_path)
    assert done.returncode == 2
    assert "--dmeo" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_missing_library_is_named_with_its_package(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(launch, "missing_libraries", lambda _: [MissingLibrary("libEGL.so.1", "libegl1")])
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert launch.launch(launch.Options(demo="sheets")) == launch.NO_LIBRARY
    assert "libegl1" in capsys.readouterr().err


def test_a_qt_platform_that_does_not_exist_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "xbc")
    assert launch.launch(launch.Options()) == launch.BAD_ARGUMENT
    assert "xbc" in capsys.readouterr().err
    for known in ("xcb", "offscreen", "wayland", "minimal:enable_fonts", "wayland-egl"):
        assert unknown_platform({"QT_QPA_PLATFORM": known}) == ""
