"""A Python process that imports numpy and nothing of ours, in which exported modules decide."""

from __future__ import annotations

import json
import subprocess
import sys
from types import TracebackType
from typing import Any

import numpy as np

from inference.types import ScoreArray

_LOOP = """
import json, sys
for line in sys.stdin:
    asked = json.loads(line)
    import numpy as np
    module = {}
    exec(asked["source"], module)
    logits = np.array(asked["logits"], dtype=np.uint32).view(np.float32).reshape(asked["shape"])
    answer = {name: module[name](logits) for name in asked["calls"]}
    answer = {name: one if isinstance(one, list) else one.tolist() for name, one in answer.items()}
    strange = {"inference", "app", "widgets", "torch", "scipy", "sklearn"} & set(sys.modules)
    print(json.dumps({"answer": answer, "labels": module["LABELS"], "strange": sorted(strange)}), flush=True)
"""


class NumpyAlone:
    """One process for many modules: starting Python for each would take longer than all the rest."""

    def __enter__(self) -> NumpyAlone:
        command = [sys.executable, "-I", "-W", "error", "-c", _LOOP]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()

    def run(self, source: str, logits: ScoreArray, *calls: str) -> dict[str, Any]:
        """What these functions of the module answer to the logits, bit by bit the same float32."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        bits = np.ascontiguousarray(logits, dtype=np.float32).view(np.uint32).ravel().tolist()
        asked = {"source": source, "logits": bits, "shape": list(logits.shape), "calls": list(calls)}
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        told: dict[str, Any] = json.loads(self._process.stdout.readline())
        assert told["strange"] == []
        return {**told["answer"], "labels": told["labels"]}
