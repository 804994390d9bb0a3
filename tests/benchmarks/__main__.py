"""``make bench``: prints one line a figure and nothing else; names as arguments choose among the benchmarks."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable

from tests.benchmarks import engine, frames, gallery, honesty, reopen, responsive, review, startup, store, tuning
from tests.benchmarks.figures import Figure

BENCHMARKS: dict[str, Callable[[], Iterable[Figure]]] = {
    "startup": startup.figures,
    "responsive": responsive.figures,
    "frames": frames.figures,
    "gallery": gallery.figures,
    "engine": engine.figures,
    "tuning": tuning.figures,
    "honesty": honesty.figures,
    "store": store.figures,
    "reopen": reopen.figures,
    "review": review.figures,
}


def main(names: list[str]) -> int:
    """Run the named benchmarks, all by default."""
    unknown = set(names) - set(BENCHMARKS)
    if unknown:
        print(
            f"no benchmark is called {', '.join(sorted(unknown))}: there are {', '.join(BENCHMARKS)}", file=sys.stderr
        )
        return 2
    for name in names or BENCHMARKS:
        for figure in BENCHMARKS[name]():
            print(figure.line(), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
