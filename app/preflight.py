"""What is looked at before Qt starts: is there a screen, and are Qt's system libraries there.

Qt ends the process where its platform plugin cannot load, so the question is put to the loader first.
Standard library only, a few milliseconds: it runs at every start.

The tables were read from the NEEDED entries (``readelf -d``) of PySide6-Essentials 6.11: its QtCore, QtGui, QtWidgets,
QtDBus and QtXcbQpa libraries and the xcb, wayland and offscreen platform plugins, less what the wheel brings along
(Qt itself, ICU) and less libc and libstdc++, without which Python would not run. Packages have their Debian names.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Platform = Literal["xcb", "wayland", "offscreen"]
Loader = Callable[[str], object]  # raises OSError where the library cannot be loaded

_BASE: tuple[tuple[str, str], ...] = (
    ("libglib-2.0.so.0", "libglib2.0-0"),
    ("libgthread-2.0.so.0", "libglib2.0-0"),
    ("libzstd.so.1", "libzstd1"),
    ("libz.so.1", "zlib1g"),
    ("libdbus-1.so.3", "libdbus-1-3"),
    ("libEGL.so.1", "libegl1"),
    ("libGL.so.1", "libgl1"),
    ("libfontconfig.so.1", "libfontconfig1"),
    ("libfreetype.so.6", "libfreetype6"),
    ("libX11.so.6", "libx11-6"),
    ("libxkbcommon.so.0", "libxkbcommon0"),
)
_XCB: tuple[tuple[str, str], ...] = (
    ("libX11-xcb.so.1", "libx11-xcb1"),
    ("libxcb.so.1", "libxcb1"),
    ("libxcb-cursor.so.0", "libxcb-cursor0"),
    ("libxcb-icccm.so.4", "libxcb-icccm4"),
    ("libxcb-image.so.0", "libxcb-image0"),
    ("libxcb-keysyms.so.1", "libxcb-keysyms1"),
    ("libxcb-randr.so.0", "libxcb-randr0"),
    ("libxcb-render.so.0", "libxcb-render0"),
    ("libxcb-render-util.so.0", "libxcb-render-util0"),
    ("libxcb-shape.so.0", "libxcb-shape0"),
    ("libxcb-shm.so.0", "libxcb-shm0"),
    ("libxcb-sync.so.1", "libxcb-sync1"),
    ("libxcb-util.so.1", "libxcb-util1"),
    ("libxcb-xfixes.so.0", "libxcb-xfixes0"),
    ("libxcb-xkb.so.1", "libxcb-xkb1"),
    ("libxkbcommon-x11.so.0", "libxkbcommon-x11-0"),
)
_WAYLAND: tuple[tuple[str, str], ...] = (
    ("libwayland-client.so.0", "libwayland-client0"),
    ("libwayland-cursor.so.0", "libwayland-cursor0"),
)
_OWN: dict[str, tuple[tuple[str, str], ...]] = {"xcb": _XCB, "wayland": _WAYLAND, "offscreen": ()}


@dataclass(frozen=True)
class MissingLibrary:
    """A library that Qt needs and the system's loader does not find."""

    soname: str
    package: str  # Debian's name of what brings it


def display_available(environ: Mapping[str, str], system: str = sys.platform) -> bool:
    """Whether a window can be asked for: a display or Qt platform is named, or the system always has one."""
    if not _needs_display(system):
        return True
    return any(environ.get(name) for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"))


def platform_for(environ: Mapping[str, str]) -> Platform:
    """The platform plugin that Qt tries first on Linux in this environment; offscreen where there is no display."""
    chosen = environ.get("QT_QPA_PLATFORM", "").partition(";")[0].partition(":")[0]
    if chosen:
        return "xcb" if chosen == "xcb" else "wayland" if chosen.startswith("wayland") else "offscreen"
    if environ.get("WAYLAND_DISPLAY") and (environ.get("XDG_SESSION_TYPE") == "wayland" or not environ.get("DISPLAY")):
        return "wayland"
    return "xcb" if environ.get("DISPLAY") else "offscreen"


def unknown_platform(environ: Mapping[str, str]) -> str:
    """The platform that QT_QPA_PLATFORM names, if Qt brings no plugin for it; empty where all is well.

    Qt ends the process over a name that it does not know.
    """
    from importlib.util import find_spec

    chosen = environ.get("QT_QPA_PLATFORM", "").partition(";")[0].partition(":")[0]
    found = find_spec("PySide6") if chosen else None
    places = list(found.submodule_search_locations or ()) if found else []
    folders = [Path(place) / inner for place in places for inner in ("Qt/plugins/platforms", "plugins/platforms")]
    plugins = [path for folder in folders for path in folder.glob("*")]
    known = {path.stem.removeprefix("lib").removeprefix("q") for path in plugins}
    if not chosen or not known or chosen in known or chosen.partition("-")[0] in known:
        return ""
    return chosen


def missing_libraries(
    platform: Platform, *, load: Loader | None = None, system: str = sys.platform
) -> list[MissingLibrary]:
    """The libraries that Qt needs on ``platform`` and that do not load, in the order in which Qt would ask for them.

    Only Linux needs system packages; elsewhere the list is empty. ``load`` stands in for the system's loader in tests.
    """
    if not system.startswith("linux"):
        return []
    load = load or _system_loader()
    return [MissingLibrary(soname, package) for soname, package in _BASE + _OWN[platform] if not _loads(load, soname)]


def x_server_answers(*, load: Loader | None = None) -> bool:
    """Whether the X server named by DISPLAY takes a connection; Qt ends the process where it does not.

    Asked of libxcb, as Qt does, so that sockets, hosts and authority files are treated alike.
    True where libxcb cannot be loaded: that is for `missing_libraries` to say.
    """
    import ctypes

    try:
        xcb = (load or _system_loader())("libxcb.so.1")
    except OSError:
        return True
    if not isinstance(xcb, ctypes.CDLL):
        return True
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
    xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(None, None)
    answers = not xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    return answers


def sentence(missing: Sequence[MissingLibrary], *, apt: bool | None = None) -> str:
    """What is missing and what to do about it, in one line; empty where nothing is missing.

    ``apt`` says whether the system has apt; None looks.
    """
    if not missing:
        return ""
    sonames = _listed([library.soname for library in missing])
    packages = list(dict.fromkeys(library.package for library in missing))
    verb = "is" if len(missing) == 1 else "are"
    if _has_apt() if apt is None else apt:
        remedy = f"sudo apt install {' '.join(packages)}"
    else:
        remedy = f"install what Debian and Ubuntu call {_listed(packages)}"
    return f"Qt needs {sonames}, which {verb} not installed: {remedy}"


def _needs_display(system: str) -> bool:
    return system.startswith(("linux", "freebsd"))


def _system_loader() -> Loader:
    import ctypes

    return ctypes.CDLL


def _loads(load: Loader, soname: str) -> bool:
    try:
        load(soname)
    except OSError:
        return False
    return True


def _has_apt() -> bool:
    from shutil import which

    return which("apt") is not None


def _listed(words: Sequence[str]) -> str:
    if len(words) == 1:
        return words[0]
    return f"{', '.join(words[:-1])} and {words[-1]}"
