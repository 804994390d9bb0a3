"""Python files that a factory imports from its own folder: found without running anything, and run from their bytes.

`imported_files` follows the import statements from file to file, so that the user can be told of every file that would
run. In the child `LocalModules` gives the interpreter those and no others: a file beside the factory that was not told
of cannot be imported, however its name is made up.
"""

from __future__ import annotations

import ast
import importlib.machinery
import importlib.util
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib.abc import MetaPathFinder, SourceLoader
from pathlib import Path
from types import ModuleType
from typing import Final

_PACKAGE: Final = "__init__"
_MOST: Final = 500  # files; whoever has more has named the wrong folder


def imported_files(factory: Path) -> tuple[Path, ...]:
    """``factory``, then every Python file in its folder or below that it imports, or one of those does.

    A file that cannot be read or is no Python brings nothing more: running it will say what is wrong.
    """
    root = factory.parent
    found = {factory: None}
    waiting = [factory]
    while waiting and len(found) < _MOST:
        for file in _imports(waiting.pop(), root):
            if file not in found:
                found[file] = None
                waiting.append(file)
    return (factory, *sorted(file for file in found if file != factory))


def _imports(file: Path, root: Path) -> Iterator[Path]:
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return
    here = file.parent.relative_to(root).parts
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _files(root, alias.name.split("."))
        elif isinstance(node, ast.ImportFrom):
            base = [*here[: len(here) - node.level + 1]] if node.level else []
            parts = base + (node.module.split(".") if node.module else [])
            yield from _files(root, parts)
            for alias in node.names:
                yield from _files(root, [*parts, alias.name])


def _files(root: Path, parts: Sequence[str]) -> Iterator[Path]:
    """The files that importing this name runs: those of the packages on the way, and its own."""
    for depth in range(1, len(parts) + 1):
        place = root.joinpath(*parts[:depth])
        files = (place / f"{_PACKAGE}.py", place.with_name(f"{place.name}.py"))  # in Python's own order
        yield from [file for file in files if file.is_file()][:1]


class LocalModules(MetaPathFinder):
    """Finds modules among ``contents`` (the files' bytes by path), named as seen from ``root``."""

    def __init__(self, root: Path, contents: Mapping[Path, bytes]) -> None:
        self._contents = contents
        self._paths: dict[str, Path] = {}
        self._folders: set[str] = set()  # packages without an __init__.py
        for path in contents:
            parts = path.relative_to(root).with_suffix("").parts
            if parts[-1] == _PACKAGE and len(parts) > 1:
                parts = parts[:-1]
            self._paths[".".join(parts)] = path
            self._folders |= {".".join(parts[:depth]) for depth in range(1, len(parts))}

    def name_of(self, path: Path) -> str:
        """The name under which to import a file; one of its own where that of the file is taken."""
        name = next(name for name, one in self._paths.items() if one == path)
        if name in sys.modules or not name.isidentifier():
            self._paths[name := f"_program_{len(self._paths)}"] = path
        return name

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """The module of this name, if it is one of ours."""
        if fullname in self._paths:
            file = self._paths[fullname]
            package = [str(file.parent)] if file.stem == _PACKAGE else None
            return importlib.util.spec_from_file_location(
                fullname, file, loader=_Bytes(str(file), self._contents[file]), submodule_search_locations=package
            )
        if fullname in self._folders:
            return importlib.machinery.ModuleSpec(fullname, None, is_package=True)
        return None


class _Bytes(SourceLoader):
    """Source that is not read from the disk again; no bytecode is read or written."""

    def __init__(self, path: str, content: bytes) -> None:
        self._path, self._content = path, content

    def get_filename(self, fullname: str) -> str:
        return self._path

    def get_data(self, path: str | bytes) -> bytes:
        """The source; anything else (a bytecode file) is not there."""
        if path != self._path:
            raise FileNotFoundError(path)
        return self._content
