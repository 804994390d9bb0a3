"""``cutline`` and ``python -m app``."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program; the exit code. Without arguments no command line parser is even imported."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments:
        from app.cli import parse

        options = parse(arguments)
    else:
        from app.launch import Options

        options = Options()
    from app.launch import launch

    return launch(options)


if __name__ == "__main__":
    sys.exit(main())
