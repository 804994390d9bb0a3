"""The real window on made-up logits: labels said by keys and filters changed, each to its painted frame."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator

from PySide6.QtCore import Qt

from app.application import Cutline
from app.assembly import Controllers
from app.folders import Folders
from app.launch import Options, run_window
from inference.choices import SortKey
from tests.benchmarks.frames_window import Frame, Paints, frames_for, open_scored, summary, timed
from tests.benchmarks.review import CASES

_PRESSES = 300
_BETWEEN = 0.09  # seconds between two keys
_IMAGE_EVERY, _PAUSE_EVERY = 5, 60  # keys
_PAUSE = 1.2  # seconds: what waits for the user to pause comes in it
_FILTER_ROUNDS = 6
_FILTER_PAUSE = 0.25  # seconds, in which the counts follow


class _Labeling:
    """Everything that an edit changes is in sight: panel, table, averages, curve and gallery."""

    def __init__(self, program: Cutline, made: Controllers) -> None:
        bench = program.window.workbench
        assert bench is not None
        self._bench, self._window, self._made = bench, program.window, made
        program.window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, bench.annotate_dock)
        bench.annotate_dock.show()
        frames_for(1.0)
        for widget in (bench.annotate, bench.labels, bench.averages, bench.plots, bench.gallery):
            assert not widget.visibleRegion().isEmpty(), f"{type(widget).__name__} is not in sight"

    def press(self) -> tuple[list[Frame], list[Frame], list[Frame]]:
        """Frames of keys, of going on to another image, and what happens between them."""
        bench, truth = self._bench, self._made.session.truth
        assert truth is not None
        paints = [Paints(one) for one in (bench.annotate, bench.labels, bench.plots)]
        keys, steps, between = [], [], []
        for press in range(_PRESSES):
            action = self._window.actions_by_key[f"{'deny' if press % 3 == 2 else 'say'}_{(4, 4, 4, 1, 8)[press % 5]}"]
            version, before = truth.version, [one.count for one in paints]
            keys.append(timed(action.trigger))
            assert truth.version > version, "the key said nothing"
            assert all(one.count > old for one, old in zip(paints, before, strict=True)), "the key painted nothing"
            between += frames_for(_BETWEEN)
            if press % _IMAGE_EVERY == _IMAGE_EVERY - 1:
                steps.append(timed(bench.gallery.nextImage))
                between += frames_for(_BETWEEN)
            if press % _PAUSE_EVERY == _PAUSE_EVERY - 1:
                between += frames_for(_PAUSE)
        return keys, steps, between

    def filters(self) -> Iterator[tuple[str, list[Frame]]]:
        """Frames of each query and order, most of which list other images than the one before."""
        review, gallery = self._made.review, self._bench.gallery
        paints = Paints(gallery.view().viewport())
        found: dict[str, list[Frame]] = {name: [] for name, *_ in CASES}
        for turn in range(_FILTER_ROUNDS):
            for name, text, key, _ in CASES:
                query = text.replace("NN", f"{turn:02}").replace("part:test ", "").replace("folder:folder_1 ", "")

                def change(query: str = query, key: SortKey = key, turn: int = turn) -> None:
                    review._sort, review._descending = key, turn % 2 == 0
                    gallery.setQuery(query)
                    gallery.queryChanged.emit(query)

                before = paints.count
                found[name].append(timed(change))
                assert paints.count > before, "another filter painted nothing"
                frames_for(_FILTER_PAUSE)
        yield from found.items()


def _measure(program: Cutline, made: Controllers) -> None:
    labeling = _Labeling(program, made)
    keys, steps, between = labeling.press()
    found = {"key": summary(keys), "step": summary(steps), "between": summary(between)}
    for name, frames in labeling.filters():
        found[f"filter {name}"] = summary(frames)
    print(json.dumps(found))


def _watch(program: Cutline) -> None:
    program.window.resize(1600, 1000)
    program.unattended = True

    def begin(made: Controllers) -> None:
        open_scored(program, made, int(sys.argv[2]), int(sys.argv[3]), lambda: _measure(program, made), project=True)

    program.when_ready(begin)


if __name__ == "__main__":
    sys.exit(run_window(Options(), Folders.inside(sys.argv[1]), _watch))
