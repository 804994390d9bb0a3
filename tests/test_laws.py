"""The laws of the house that no single room can check: who imports whom, and where a score meets a threshold.

Each law is also broken on purpose once, so that it is known to bite.
"""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[1]
ROOMS: Final = ("app", "widgets", "inference")
THREAD_DOORS: Final = {"app/jobs.py", "inference/models/pool.py"}
PYQTGRAPH_DOORS: Final = {"widgets.plotting", "widgets.pr_plot"}  # importing it takes half a second

# Imports each module in turn and prints the first after which a banned package is loaded.
IMPORT_EACH: Final = """
import importlib, json, sys
names, banned = json.loads(sys.argv[1])
for name in names:
    importlib.import_module(name)
    loaded = sorted(set(banned) & set(sys.modules))
    if loaded:
        sys.exit(f"importing {name} brings {', '.join(loaded)}")
"""

PRINT_THIRD_PARTIES: Final = """
import importlib, json, sys
before = set(sys.modules)
importlib.import_module(sys.argv[1])
tops = {name.split(".")[0] for name in set(sys.modules) - before}
print(json.dumps(sorted(tops - sys.stdlib_module_names)))
"""


def run(*command: str, cwd: Path = ROOT, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """A fresh Python, started in a folder whose packages it sees first."""
    return subprocess.run(
        [sys.executable, *command], cwd=cwd, input=stdin, capture_output=True, text=True, check=False, timeout=300
    )


def sources(*rooms: str) -> Iterator[tuple[str, Path]]:
    """Path relative to the root, and the file, of each module."""
    for room in rooms:
        for path in sorted((ROOT / room).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), path


def modules(room: str) -> list[str]:
    names = (relative.removesuffix(".py").replace("/", ".") for relative, _ in sources(room))
    return [name.removesuffix(".__init__") for name in names]


def import_each(names: list[str], banned: list[str], cwd: Path = ROOT) -> str:
    """ "", or which module brings what it must not."""
    done = run("-c", IMPORT_EACH, json.dumps([names, banned]), cwd=cwd)
    return "" if done.returncode == 0 else done.stderr.strip().splitlines()[-1]


# Who imports what


def test_inference_works_without_qt() -> None:
    assert import_each(modules("inference"), ["PySide6", "pyqtgraph", "app", "widgets"]) == ""


def test_command_line_starts_without_qt_and_without_torch() -> None:
    assert import_each(["app.cli", "app.__main__"], ["PySide6", "pyqtgraph", "torch", "torchvision"]) == ""


def test_widgets_work_without_torch() -> None:
    assert import_each(modules("widgets"), ["torch", "torchvision", "polars", "PIL", "app"]) == ""


def test_plots_alone_bring_pyqtgraph() -> None:
    names = [name for name in modules("widgets") if name not in PYQTGRAPH_DOORS and ".plots." not in name]
    assert import_each(names, ["pyqtgraph"]) == ""


@pytest.mark.parametrize("name", ["inference.types", "inference.errors"])
def test_types_import_numpy_alone(name: str) -> None:
    done = run("-c", PRINT_THIRD_PARTIES, name)
    assert done.returncode == 0, done.stderr
    assert set(json.loads(done.stdout)) <= {"inference", "numpy"}


def test_an_import_that_is_not_allowed_is_seen(tmp_path: Path) -> None:
    (tmp_path / "innocent.py").write_text("import json\n")
    (tmp_path / "guilty.py").write_text("import sqlite3\n")
    said = import_each(["innocent", "guilty"], ["sqlite3"], cwd=tmp_path)
    assert said == "importing guilty brings sqlite3"


# Import contracts

BREACHES: Final = {
    "app stands on widgets, widgets on inference": ("inference/data/breach_layers.py", "import widgets\n"),
    "widgets know small values only": ("widgets/breach_small.py", "import inference.errors\n"),
    "evaluation needs neither models nor data": ("inference/evaluation/breach.py", "import inference.data\n"),
    "types import nothing of ours": ("inference/errors.py", "import inference.models\n"),
}


def contracts(cwd: Path) -> dict[str, bool]:
    """Whether each contract is kept, as import-linter says."""
    done = run("-c", "from importlinter.cli import lint_imports_command as go; go(['--no-cache'])", cwd=cwd)
    verdicts = dict(re.findall(r"(?m)^(.+) (KEPT|BROKEN)$", done.stdout))
    assert verdicts, done.stdout + done.stderr
    return {name: verdict == "KEPT" for name, verdict in verdicts.items()}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The rooms and their rules, to be broken."""
    for room in ROOMS:
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def declared_contracts() -> set[str]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    return {contract["name"] for contract in settings["tool"]["importlinter"]["contracts"]}


def test_every_contract_has_a_breach_below() -> None:
    assert declared_contracts() == set(BREACHES), "give each contract a module that breaks it"


def test_contracts_are_kept_and_each_can_be_broken(copy: Path) -> None:
    assert contracts(copy) == dict.fromkeys(BREACHES, True)
    for relative, text in BREACHES.values():
        with (copy / relative).open("a", encoding="utf-8") as file:
            file.write(text)
    assert contracts(copy) == dict.fromkeys(BREACHES, False)


# Threads

FORBIDDEN_LINES: Final = (
    "import threading",
    "from concurrent.futures import ThreadPoolExecutor",
    "import concurrent.futures",
    "import multiprocessing",
    "from PySide6.QtCore import QThread",
    "from PySide6.QtCore import QThreadPool",
    "from PySide6.QtCore import QRunnable",
)


def banned(line: str, path: str) -> bool:
    done = run(
        "-m", "ruff", "check", "--select", "TID251", "--no-cache", "--stdin-filename", path, "-", stdin=f"{line}\n"
    )
    return "TID251" in done.stdout


@pytest.mark.parametrize("line", FORBIDDEN_LINES)
def test_threads_have_their_doors(line: str) -> None:
    assert banned(line, "widgets/anything.py")
    assert not any(banned(line, door) for door in THREAD_DOORS)


def test_no_module_lets_itself_off() -> None:
    excused = {relative for relative, path in sources(*ROOMS) if "noqa: TID" in path.read_text("utf-8")}
    assert excused == set()
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["ruff"]["lint"]
    doors = {path for path, rules in settings["per-file-ignores"].items() if "TID251" in rules}
    assert doors == THREAD_DOORS | {"tests/**"}


def uses_process_events(text: str) -> bool:
    """Also where it is called on an object, which an import rule cannot see."""
    return any(isinstance(node, ast.Attribute) and node.attr == "processEvents" for node in ast.walk(ast.parse(text)))


def test_nothing_spins_the_event_loop_by_hand() -> None:
    assert uses_process_events("def f(app):\n    app.processEvents()\n")
    assert [relative for relative, path in sources(*ROOMS) if uses_process_events(path.read_text("utf-8"))] == []


# One comparison

THE_COMPARISON: Final = "inference/evaluation/decisions.py: passes"
NOT_DECISIONS: Final = {
    "widgets/numbers.py: format_score",  # keeps rounded digits on the side that was decided
}
ORDER: Final = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
ORDER_FUNCTIONS: Final = {"greater", "greater_equal", "less", "less_equal", "ge", "gt", "le", "lt"}


def words(node: ast.AST) -> str:
    """All names in an expression."""
    found = [each.id for each in ast.walk(node) if isinstance(each, ast.Name)]
    found += [each.attr for each in ast.walk(node) if isinstance(each, ast.Attribute)]
    return " ".join(found).lower()


def sides(node: ast.AST) -> list[ast.expr]:
    """What an expression compares by order; nothing where it does not."""
    if isinstance(node, ast.Compare) and any(isinstance(op, ORDER) for op in node.ops):
        return [node.left, *node.comparators]
    if isinstance(node, ast.Call) and len(node.args) > 1:
        function = node.func
        name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        return node.args if name in ORDER_FUNCTIONS else []
    return []


def comparisons(text: str) -> set[str]:
    """Functions in which a score is compared with a threshold, whichever way round."""
    found = set()

    def visit(node: ast.AST, function: str) -> None:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            function = node.name
        named = [words(side) for side in sides(node)]
        scores = [index for index, side in enumerate(named) if "score" in side and "threshold" not in side]
        thresholds = [index for index, side in enumerate(named) if "threshold" in side and "score" not in side]
        if scores and thresholds:
            found.add(function)
        for child in ast.iter_child_nodes(node):
            visit(child, function)

    visit(ast.parse(text), "module")
    return found


@pytest.mark.parametrize(
    "line",
    [
        "score >= threshold",
        "y_score[:, label] >= self.thresholds.values[label]",
        "threshold <= np.asarray(scores, dtype=np.float32)",
        "not y_score < thresholds",
        "0 < threshold <= score",
        "np.greater_equal(scores, thresholds)",
    ],
)
def test_a_second_comparison_would_be_seen(line: str) -> None:
    assert comparisons(f"def somewhere():\n    return {line}\n") == {"somewhere"}


@pytest.mark.parametrize(
    "line", ["score >= best", "threshold >= lowest", "n_scores + n_thresholds > 3", "score == threshold"]
)
def test_other_comparisons_are_free(line: str) -> None:
    assert comparisons(f"def somewhere():\n    return {line}\n") == set()


def test_a_score_meets_its_threshold_in_one_function() -> None:
    found = {
        f"{relative}: {function}"
        for relative, path in sources(*ROOMS)
        for function in comparisons(path.read_text("utf-8"))
    }
    assert found - NOT_DECISIONS == {THE_COMPARISON}
