"""What is said before Qt starts, and that the tables hold what Qt's files ask for."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from app.preflight import (
    MissingLibrary,
    display_available,
    missing_libraries,
    platform_for,
    sentence,
    x_server_answers,
)

LINUX = "linux"


def lacking(*sonames: str) -> Callable[[str], object]:
    def load(soname: str) -> object:
        if soname in sonames:
            raise OSError(f"{soname}: cannot open shared object file: No such file or directory")
        return object()

    return load


@pytest.mark.parametrize(
    ("environ", "system", "expected"),
    [
        ({}, "linux", False),
        ({"DISPLAY": ""}, "linux", False),
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({"QT_QPA_PLATFORM": "offscreen"}, "linux", True),
        ({}, "darwin", True),
        ({}, "win32", True),
    ],
)
def test_a_display_is_found_where_the_environment_or_the_system_has_one(
    environ: dict[str, str], system: str, expected: bool
) -> None:
    assert display_available(environ, system) is expected


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, "offscreen"),
        ({"DISPLAY": ":0"}, "xcb"),
        ({"DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0"}, "xcb"),
        ({"DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0", "XDG_SESSION_TYPE": "wayland"}, "wayland"),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "wayland"),
        ({"QT_QPA_PLATFORM": "xcb;wayland"}, "xcb"),
        ({"QT_QPA_PLATFORM": "wayland-egl", "DISPLAY": ":0"}, "wayland"),
        ({"QT_QPA_PLATFORM": "offscreen:configfile=x.json", "DISPLAY": ":0"}, "offscreen"),
    ],
)
def test_the_platform_is_the_one_that_qt_tries_first(environ: dict[str, str], expected: str) -> None:
    assert platform_for(environ) == expected


def test_a_missing_library_is_named_with_its_package() -> None:
    found = missing_libraries("xcb", load=lacking("libxcb-cursor.so.0"), system=LINUX)
    assert found == [MissingLibrary("libxcb-cursor.so.0", "libxcb-cursor0")]
    assert sentence(found, apt=True) == (
        "Qt needs libxcb-cursor.so.0, which is not installed: sudo apt install libxcb-cursor0"
    )


def test_several_are_named_together_and_a_package_once() -> None:
    load = lacking("libEGL.so.1", "libglib-2.0.so.0", "libgthread-2.0.so.0")
    found = missing_libraries("offscreen", load=load, system=LINUX)
    assert sentence(found, apt=True) == (
        "Qt needs libglib-2.0.so.0, libgthread-2.0.so.0 and libEGL.so.1, which are not installed: "
        "sudo apt install libglib2.0-0 libegl1"
    )
    assert "apt install" not in sentence(found, apt=False)
    assert "libglib2.0-0 and libegl1" in sentence(found, apt=False)


def test_nothing_missing_says_nothing() -> None:
    assert missing_libraries("xcb", load=lacking(), system=LINUX) == []
    assert sentence([]) == ""


def test_offscreen_needs_no_screen_libraries_and_other_systems_none_at_all() -> None:
    assert missing_libraries("offscreen", load=lacking("libxcb-cursor.so.0"), system=LINUX) == []
    assert missing_libraries("xcb", load=lacking("libEGL.so.1"), system="darwin") == []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux loads Qt from system libraries")
def test_the_systems_own_loader_is_asked() -> None:
    assert missing_libraries("offscreen") == [], "this test session runs Qt offscreen, so nothing can be missing"
    assert x_server_answers(load=lacking("libxcb.so.1")) is True


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has X11 by default")
def test_a_display_without_a_server_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    if missing_libraries("xcb"):
        pytest.skip("libxcb is not installed")
    monkeypatch.setenv("DISPLAY", ":98765")
    assert x_server_answers() is False


@pytest.mark.skipif(sys.platform != "linux" or not shutil.which("readelf"), reason="reads ELF files of Linux")
@pytest.mark.parametrize("platform", ["xcb", "wayland", "offscreen"])
def test_the_tables_hold_every_library_that_qts_files_need(platform: str) -> None:
    """readelf is the oracle: all NEEDED entries of the plugin and, through them, of Qt's own libraries."""
    spec = find_spec("PySide6")
    assert spec is not None
    assert spec.origin is not None
    qt = Path(spec.origin).parent / "Qt"
    plugin = qt / "plugins" / "platforms" / f"libq{platform}.so"
    if not plugin.exists():
        pytest.skip(f"this PySide6 has no {plugin.name}")
    needed = _needed_outside(plugin, qt / "lib")
    needed |= _needed_outside(qt / "lib" / "libQt6Widgets.so.6", qt / "lib")
    asked: list[str] = []
    missing_libraries(platform, load=asked.append, system=LINUX)  # type: ignore[arg-type]
    pythons_own = {"libc.so.6", "libm.so.6", "libstdc++.so.6", "libgcc_s.so.1", "libdl.so.2", "libpthread.so.0"}
    needed = {name for name in needed - pythons_own if not name.startswith("ld-linux")}
    assert set(asked) == needed


def _needed_outside(library: Path, bundled: Path) -> set[str]:
    outside: set[str] = set()
    queue, seen = [library], set()
    while queue:
        file = queue.pop()
        if file in seen:
            continue
        seen.add(file)
        text = subprocess.run(["readelf", "-d", str(file)], check=True, capture_output=True, text=True).stdout
        for name in re.findall(r"\(NEEDED\).*\[(.+)\]", text):
            if (bundled / name).exists():
                queue.append(bundled / name)
            else:
                outside.add(name)
    return outside


def test_it_imports_the_standard_library_alone() -> None:
    code = (
        "import sys, app.preflight\n"
        "print([m for m in sys.modules if m.split('.')[0] in ('PySide6', 'numpy', 'torch', 'msgspec', 'inference')])"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"
