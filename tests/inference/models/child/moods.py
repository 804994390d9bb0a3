"""A network that does what its first pixel says: run in the child, and in the test to compare."""

import ctypes
import os
import sys
import threading
import time

import torch

MOODS = (
    "scores",
    "raises",
    "exits",
    "prints",
    "tuple",
    "dict",
    "features",
    "nan",
    "text",
    "forks",
    "rows",
    "tells",
    "dies",
    "crashes",
    "hangs",
    "eats",
    "is_killed",
)


class Moods(torch.nn.Module):
    """(b, 3, h, w) to (b, 2): the means of the first two channels plus a bias, unless it is in another mood."""

    def __init__(self, bias: float = 0.0, width: int = 2) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(width))
        self.bias = bias

    def forward(self, x: torch.Tensor) -> object:
        mood = MOODS[round(x[0, 0, 0, 0].item())]
        scores = x.mean((2, 3))[:, :2] + self.weight + self.bias
        return scores if mood == "scores" else getattr(self, mood)(x, scores)

    def raises(self, x, scores):  # type: ignore[no-untyped-def]
        raise ValueError("no such mood\nand a second line")

    def exits(self, x, scores):  # type: ignore[no-untyped-def]
        sys.exit(3)

    def prints(self, x, scores):  # type: ignore[no-untyped-def]
        for number in range(20_000):
            print(f"line {number} " + 100 * "x")
        os.write(1, b"\xff\xff\xff\xff straight into stdout\n")
        return scores

    def tuple(self, x, scores):  # type: ignore[no-untyped-def]
        return None, scores, x.mean(3)

    def dict(self, x, scores):  # type: ignore[no-untyped-def]
        return {"features": x, "logits": scores.double(), "loss": None}

    def features(self, x, scores):  # type: ignore[no-untyped-def]
        return x[:, :, ::2, ::2]

    def nan(self, x, scores):  # type: ignore[no-untyped-def]
        return scores * float("nan")

    def text(self, x, scores):  # type: ignore[no-untyped-def]
        return "a zebra"

    def forks(self, x, scores):  # type: ignore[no-untyped-def]
        first = os.fork()  # this one goes on with the forward and returns from it, as its parent does
        second = os.fork() if first else 1
        if not second:
            time.sleep(1000)
        return torch.full_like(scores, second)

    def rows(self, x, scores):  # type: ignore[no-untyped-def]
        return scores.mean(0, keepdim=True)

    def tells(self, x, scores):  # type: ignore[no-untyped-def]
        return torch.tensor(
            [[float("HF_TOKEN" in os.environ), float(len(os.listdir())), float(len(sys.stdin.read()))]] * len(x)
        )

    def dies(self, x, scores):  # type: ignore[no-untyped-def]
        print("the last words", flush=True)
        os._exit(7)

    def crashes(self, x, scores):  # type: ignore[no-untyped-def]
        ctypes.string_at(0)

    def hangs(self, x, scores):  # type: ignore[no-untyped-def]
        threading.Event().wait()

    def eats(self, x, scores):  # type: ignore[no-untyped-def]
        eaten = []
        while True:  # the address space, which a limit ends: what is not written to takes no memory
            eaten.append(torch.empty(1 << 28))

    def is_killed(self, x, scores):  # type: ignore[no-untyped-def]
        os.kill(os.getpid(), 9)


def build(bias: float = 0.0) -> Moods:
    """The factory."""
    return Moods(bias)
