"""Work in several processes: what comes back, and that no end of one keeps the others waiting."""

import errno
import io
import os
import sys
import time

import pytest
from tqdm import tqdm

from autograder import ROOT

sys.path.insert(0, str(ROOT / "solution"))

from rdlab.lab import progress
from rdlab.lab.errors import LabError
from rdlab.lab.parallel import side_by_side


class Gone(io.StringIO):
    """An output whose reader goes as soon as a step is shown."""

    def write(self, text: str) -> int:
        if "is done" in text:
            raise BrokenPipeError(errno.EPIPE, "nobody reads this")
        return super().write(text)


def squared(number: int) -> int:
    progress.advance(1, f"{number} is done")
    return number**2


def lock_taken(folder, kind: str) -> None:
    """Take a lock that workers share, say so, and keep it."""
    lock = tqdm.get_lock() if kind == "bars" else progress._reports[1]
    with lock:
        (folder / "taken").touch()
        time.sleep(600)


def fails(folder, ending: str) -> None:
    while not (folder / "taken").exists():
        time.sleep(0.01)
    if ending == "killed":
        os._exit(9)
    raise LabError("a worker gave up.")


def work(folder, name: str, word: str) -> None:
    (lock_taken if name == "keeps" else fails)(folder, word)


@pytest.mark.parametrize("jobs", [1, 2])
def test_all_results_come_back_and_all_steps_are_shown(jobs, capsys):
    with progress.one_bar(5, "squares", "number"):
        assert sorted(side_by_side(squared, [(n,) for n in range(5)], jobs)) == [0, 1, 4, 9, 16]
    assert "5/5" in capsys.readouterr().err


@pytest.mark.parametrize("jobs", [1, 2])
def test_work_goes_on_where_nobody_reads_the_bar(monkeypatch, jobs):
    monkeypatch.setattr(sys, "stderr", Gone())
    with progress.one_bar(5, "squares", "number") as bar:
        bar.mininterval = 0  # each step is shown
        assert sorted(side_by_side(squared, [(n,) for n in range(5)], jobs)) == [0, 1, 4, 9, 16]
    with tqdm.get_lock():  # the thread that could not write has not kept it
        assert "0/5" in sys.stderr.getvalue()


@pytest.mark.parametrize("kind", ["bars", "reports"])
@pytest.mark.parametrize(
    ("ending", "message"), [("raises", "a worker gave up"), ("killed", "a process was killed")]
)
def test_a_lock_that_a_worker_held_keeps_nobody_waiting(tmp_path, kind, ending, message):
    """When one fails, the others are ended wherever they are."""
    calls = [(tmp_path, "keeps", kind), (tmp_path, "fails", ending)]
    with pytest.raises(LabError, match=message), progress.one_bar(2, "two", "call"):
        list(side_by_side(work, calls, 2))
