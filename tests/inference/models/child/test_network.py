"""A child as a network: its numbers, its moods, and that nothing it does reaches the parent."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
import torch

from inference.errors import OutputError
from inference.models.child.network import Cancelled, ChildNetwork, Limits, RaisedError
from inference.models.network import logits_of
from tests.inference.models.child.files import factory_load, images, network, scores, source

HANGS = Limits(least=0.3, times=1.0)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChildNetwork]:
    """One child for every mood that it survives."""
    os.environ["HF_TOKEN"] = "a secret"
    made = network(tmp_path_factory.mktemp("moods"))
    made.start()
    del os.environ["HF_TOKEN"]
    yield made
    made.close()


@pytest.fixture
def survivor(shared: ChildNetwork) -> Iterator[ChildNetwork]:
    """The same, and it must be the same process afterwards, in order."""
    shared.start()
    pid = shared.pid
    yield shared
    assert torch.equal(shared(images()), scores(images()))
    assert shared.pid == pid


def gone(pid: int) -> bool:
    """Whether no such process is there, or only what is left of it."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        return state == "Z" and len(os.listdir(f"/proc/{pid}/task")) == 1
    except (FileNotFoundError, ProcessLookupError):
        return True


def wait_until(true: Callable[[], bool]) -> None:
    """Fails only after far longer than it can take."""
    until = time.monotonic() + 60
    while not true():
        assert time.monotonic() < until
        time.sleep(0.01)


@pytest.mark.parametrize("batch", [images(n=1), images(n=16, side=65), images(n=2, side=32).transpose(2, 3), images()])
def test_its_numbers_are_those_of_the_network_here(survivor: ChildNetwork, batch: torch.Tensor) -> None:
    assert torch.equal(survivor(batch), scores(batch))


def test_what_is_raised_is_told_and_the_child_goes_on(survivor: ChildNetwork) -> None:
    with pytest.raises(RaisedError, match=r"^moods\.py failed \(ValueError: no such mood\)\.$") as caught:
        survivor(images("raises"))
    assert caught.value.reason == "ValueError: no such mood"
    assert "and a second line" in caught.value.detail
    assert "in raises" in caught.value.detail


def test_a_program_that_wants_to_exit_does_not(survivor: ChildNetwork) -> None:
    with pytest.raises(RaisedError, match=r"it called sys\.exit\(3\)"):
        survivor(images("exits"))


def test_what_is_printed_is_no_answer(survivor: ChildNetwork) -> None:
    for _ in range(2):
        assert torch.equal(survivor(images("prints")), scores(images("prints")))


@pytest.mark.parametrize("mood", ["tuple", "dict"])
def test_the_logits_are_found_in_what_comes_with_others(survivor: ChildNetwork, mood: str) -> None:
    assert torch.allclose(logits_of(survivor(images(mood)), 2), scores(images(mood)), atol=1e-6)


def test_a_feature_map_and_nan_arrive_as_they_are(survivor: ChildNetwork) -> None:
    batch = images("features")
    assert torch.equal(survivor(batch), batch[:, :, ::2, ::2])
    assert survivor(images("nan")).isnan().all()


@pytest.mark.parametrize(
    ("mood", "said"), [("text", "returned a str without a tensor"), ("rows", r"\(1, 2\) for 3 im")]
)
def test_an_output_that_is_none_is_said(survivor: ChildNetwork, mood: str, said: str) -> None:
    with pytest.raises(OutputError, match=said):
        survivor(images(mood))


def test_it_sees_no_secret_an_empty_folder_and_no_input(survivor: ChildNetwork) -> None:
    assert survivor(images("tells", n=1)).tolist() == [[0.0, 0.0, 0.0]]


@pytest.mark.skipif(torch.cuda.is_available(), reason="the device is here")
def test_a_device_that_is_not_here_leaves_it_where_it_was(survivor: ChildNetwork) -> None:
    with pytest.raises(RuntimeError, match=r"moods\.py failed \(.*CUDA"):
        survivor.to("cuda:0")
    survivor.to(memory_format=torch.channels_last)  # its own affair
    assert survivor.to("cpu") is survivor


def test_processes_it_forks_neither_answer_nor_stay(tmp_path: Path) -> None:
    made = network(tmp_path)
    forked = int(made(images("forks"))[0, 0])
    assert torch.equal(made(images(n=4)), scores(images(n=4)))
    child = made.pid
    assert not gone(forked)
    made.close()
    wait_until(lambda: gone(forked) and gone(child))
    made.close()
    with pytest.raises(OutputError, match=r"moods\.py was closed"):
        made(images())


def test_a_child_that_dies_is_said_and_the_next_batch_has_a_fresh_one(tmp_path: Path) -> None:
    made = network(tmp_path)
    with pytest.raises(
        OutputError, match=r"moods\.py ended by itself \(exit code 7\) while it was being scored"
    ) as died:
        made(images("dies"))
    assert died.value.detail == "the last words"
    with pytest.raises(OutputError, match=r"crashed \(segmentation fault\)") as crashed:
        made(images("crashes"))
    assert "in crashes" in crashed.value.detail  # where it was
    assert torch.equal(made(images()), scores(images()))
    with pytest.raises(OutputError, match="killed by the system, most likely because the memory was full"):
        made(images("is_killed"))
    assert torch.equal(made(images()), scores(images()))
    made.close()


def test_a_wait_can_be_cancelled_and_a_hang_ends(tmp_path: Path) -> None:
    made = network(tmp_path, HANGS)
    made(images())
    pid = made.pid
    made.cancelled = lambda: True
    with pytest.raises(Cancelled):
        made(images("hangs"))
    assert made.pid == pid  # not killed: it may yet answer
    made.cancelled = lambda: False
    with pytest.raises(OutputError, match=r"moods\.py did not answer for \d+ seconds while it was being scored"):
        made(images())
    assert gone(pid)
    made.close()


def test_a_program_that_never_gets_loaded_is_stopped_or_cancelled(tmp_path: Path) -> None:
    load = factory_load(tmp_path)
    (tmp_path / "moods.py").write_text("while True:\n    pass\n")
    load = msgspec.structs.replace(load, files=(source(tmp_path / "moods.py"),))
    with pytest.raises(
        OutputError, match=r"moods\.py did not answer for 0 seconds while it was being opened, so it was"
    ):
        ChildNetwork(load, limits=Limits(first=0.2)).start()
    made = ChildNetwork(load)
    made.cancelled = lambda: made.pid != 0
    with pytest.raises(Cancelled):
        made.start()
    assert made.pid == 0


def test_a_late_answer_is_not_taken_for_that_of_the_next_batch(survivor: ChildNetwork) -> None:
    survivor.cancelled = lambda: True
    with pytest.raises(Cancelled):
        survivor(images("prints", n=9))
    survivor.cancelled = lambda: False
    assert torch.equal(survivor(images(n=2)), scores(images(n=2)))


def test_a_full_memory_is_told_as_such(tmp_path: Path) -> None:
    made = network(tmp_path, Limits(memory=5 << 30))
    with pytest.raises(torch.OutOfMemoryError):
        made(images("eats"))
    made.close()


def test_a_network_that_nobody_holds_takes_its_child_along(tmp_path: Path) -> None:
    made = network(tmp_path)
    made.start()
    pid = made.pid
    del made
    gc.collect()
    wait_until(lambda: gone(pid))


def test_a_child_that_was_killed_between_two_batches_is_replaced(shared: ChildNetwork) -> None:
    shared.start()
    pid = shared.pid
    os.kill(pid, 9)
    wait_until(lambda: gone(pid))
    assert torch.equal(shared(images()), scores(images()))
    assert shared.pid != pid


PARENT = """
import sys
from pathlib import Path
from tests.inference.models.child.files import images, network
made = network(Path(sys.argv[1]))
made.start()
print(made.pid, flush=True)
made(images("hangs"))
"""


def test_no_child_outlives_a_parent_that_is_killed(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path)], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert not gone(pid)
        folder = Path(f"/proc/{pid}/cwd").readlink()
        assert folder.is_dir()
        parent.kill()
    wait_until(lambda: gone(pid))
    wait_until(lambda: not folder.exists())
