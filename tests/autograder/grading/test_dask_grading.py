"""Grading and training on a cluster: a real scheduler and workers, on this machine.

RDLAB_CLUSTER_CLASS sets how many submissions are graded (4), RDLAB_CLUSTER_WORKERS on how many
workers (2).
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
import torch
from distributed import Client
from safetensors.torch import load_file

from autograder import ROOT
from autograder import __main__ as cli
from autograder.course import CourseError
from autograder.grading import dask_worker
from tests.autograder.tier import TIER

CLASS = int(os.environ.get("RDLAB_CLUSTER_CLASS", "4"))
WORKERS = int(os.environ.get("RDLAB_CLUSTER_WORKERS", "2"))
PATIENCE = 300 + 30 * CLASS


class Cluster:
    """A scheduler and its workers, each a process group of its own."""

    def __init__(self, folder: Path):
        self.folder, self.groups = folder, []
        contact = folder / "scheduler.json"
        self.start("scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", contact)
        until(lambda: contact.exists() and contact.read_text().endswith("}"))
        self.address = json.loads(contact.read_text())["address"]
        self.workers = [self.add_worker() for _ in range(WORKERS)]

    def start(self, *words) -> subprocess.Popen:
        command = [sys.executable, "-m", "dask", *map(str, words), "--no-dashboard"]
        log = open(self.folder / "log", "a")  # noqa: SIM115  (the process keeps it)
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=log, stderr=log, start_new_session=True
        )
        self.groups.append(process)
        return process

    def add_worker(self) -> subprocess.Popen:
        folder = self.folder / f"worker-{len(self.groups)}"
        return self.start("worker", self.address, "--nthreads", "1", "--local-directory", folder)

    def kill(self, process: subprocess.Popen) -> None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self.groups.remove(process)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    made = Cluster(tmp_path_factory.mktemp("cluster"))
    yield made
    for process in list(made.groups):
        made.kill(process)


def until(true, seconds: float = PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it takes too long"
        time.sleep(0.05)


def grade(folder: Path, out: Path, *words: str) -> subprocess.Popen:
    command = [
        sys.executable,
        "-m",
        "autograder",
        "grade",
        folder,
        "--out",
        out,
        "--only",
        "1.1",
        "--isolation",
        str(TIER),
        *words,
    ]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def records(out: Path) -> dict[str, bytes]:
    return {path.parent.name: path.read_bytes() for path in sorted(out.glob("*/record.json"))}


def without_times(text: bytes) -> str:
    record = json.loads(text)
    del record["times"]
    for task in record["tasks"]:
        for check in task["checks"]:
            del check["seconds"]
    return json.dumps(record)


def completed(address: str) -> Counter:
    """How often each task was computed to the end."""

    def count(dask_scheduler):
        log = [entry[:3] for entry in dask_scheduler.transition_log]
        return [key for key, start, end in log if (start, end) == ("processing", "memory")]

    with Client(address, set_as_default=False) as client:
        keys = client.run_on_scheduler(count)
    return Counter(str(key) for key in keys)


def graded(cluster) -> list[int]:
    counts = completed(cluster.address)
    return [counts[key] for key in counts if key.startswith("grade-")]


def test_killed_clients_and_workers_lose_nothing_and_grade_nothing_twice(cluster, tmp_path):
    folder, out, alone = (tmp_path / name for name in ("class", "out", "alone"))
    for number in range(CLASS):
        shutil.copytree(ROOT / "solution" / "rdlab", folder / f"s{number:03d}" / "rdlab")
        with open(folder / f"s{number:03d}" / "rdlab" / "gaussian.py", "a") as file:
            file.write(f"\n# {number}\n")
    (folder / "broken.zip").write_text("no archive")
    words = ("--cluster", cluster.address)

    client = grade(folder, out, *words)
    until(lambda: len(records(out)) >= 2)  # the refused one is there at once
    client.kill()
    client.wait()
    before = records(out)
    until(lambda: len(graded(cluster)) >= len(before))  # one more than was fetched
    client = grade(folder, out, *words)
    until(lambda: len(records(out)) > len(before) or client.poll() is not None)
    assert set(graded(cluster)) == {1}
    cluster.kill(cluster.workers.pop(0))
    _, error = client.communicate(timeout=PATIENCE)
    assert (client.returncode, error.decode()) == (1, "")  # the refused one needs attention

    assert records(out).items() >= before.items()
    counts = graded(cluster)  # what lay finished on the worker that is gone is graded again
    assert len(counts) == CLASS
    assert set(counts) <= {1, 2}
    assert counts.count(2) <= 1
    assert grade(folder, alone).wait() == 1
    assert (out / "gradebook.csv").read_bytes() == (alone / "gradebook.csv").read_bytes()
    pairs = zip(records(out).values(), records(alone).values(), strict=True)
    assert all(without_times(ours) == without_times(theirs) for ours, theirs in pairs)


TINY = [
    "--hidden",
    "4",
    "--latent-dim",
    "2",
    "--epochs",
    "2",
    "--batch-size",
    "1000",
    "--beta",
    "1",
]


def sweep(out: Path, *words, folder: str = "solution") -> subprocess.Popen:
    command = [sys.executable, "-m", "rdlab", "sweep", *TINY, "--out", out, *words]
    return subprocess.Popen(
        command, cwd=ROOT / folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )


def test_a_sweep_on_a_cluster_is_the_same(cluster, tmp_path):
    """Its client is killed and called again; the weights are those of a sweep on one machine."""
    words = ("--seed", "3", "4", "--cluster", cluster.address)
    cluster.workers.append(cluster.add_worker())
    client = sweep(tmp_path / "runs", *words)
    until(lambda: [key for key in completed(cluster.address) if key.startswith("carry")])
    client.kill()
    client.wait()
    assert not list(tmp_path.glob("runs-*/beta-1"))
    assert sweep(tmp_path / "runs", *words).wait(PATIENCE) == 0
    counts = completed(cluster.address)
    assert [counts[key] for key in counts if key.startswith("train")] == [1, 1]
    assert sweep(tmp_path / "alone", "--seed", "4").wait(PATIENCE) == 0
    folders = [tmp_path / "runs-4" / "beta-1", tmp_path / "alone" / "beta-1"]
    ours, alone = [load_file(folder / "weights.safetensors") for folder in folders]
    assert all(torch.equal(ours[name], alone[name]) for name in alone)
    assert json.loads((tmp_path / "runs-3" / "beta-1" / "config.json").read_text())["seed"] == 3


def test_a_stub_is_named_by_a_worker(cluster, tmp_path):
    words = ("--cluster", cluster.address)
    client = sweep(tmp_path / "runs", *words, folder="assignment")
    shown, error = client.communicate(timeout=PATIENCE)
    print(shown)
    assert client.returncode == 2
    assert "Task 1.1: reparameterize is not done yet: write it in" in error
    assert "Traceback" not in error


def test_a_sweep_without_dask_or_cluster(tmp_path, capsys, monkeypatch):
    sys.path.append(str(ROOT / "solution"))
    from rdlab import __main__ as lab
    from rdlab.lab import dask_training as lab_cluster

    monkeypatch.setattr(lab_cluster, "CONNECT_SECONDS", 1)
    words = ["sweep", *TINY, "--out", str(tmp_path / "runs"), "--cluster", "tcp://127.0.0.1:9"]
    assert lab.main(words) == 2
    assert "no Dask scheduler answers at tcp://127.0.0.1:9: start" in capsys.readouterr().err
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert lab.main(words) == 2
    assert "--cluster needs Dask: python -m pip install distributed." in capsys.readouterr().err


@pytest.fixture
def ada(tmp_path):
    shutil.copytree(ROOT / "solution" / "rdlab", tmp_path / "class" / "ada" / "rdlab")
    return tmp_path / "class"


def refusal(capsys, ada, *words) -> str:
    """What is said when grading cannot be done: one line."""
    out = ada.parent / "out"
    assert cli.main(["grade", str(ada), "--out", str(out), *words]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    return error


def test_a_cluster_that_is_not_there(ada, capsys, monkeypatch):
    monkeypatch.setattr("autograder.grading.dask_grading.CONNECT_SECONDS", 1)
    error = refusal(capsys, ada, "--cluster", "tcp://127.0.0.1:9")
    assert "no Dask scheduler answers at tcp://127.0.0.1:9: start one" in error


def test_dask_that_is_not_installed(ada, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    error = refusal(capsys, ada, "--cluster", "tcp://127.0.0.1:9")
    assert "--cluster needs Dask: python -m pip install distributed" in error


def test_a_worker_with_another_course_is_refused():
    ours = {"torch": "2.13.0", "course.toml": "a", "checks": "b"}
    dask_worker.refuse_other(ours, dict(ours))
    with pytest.raises(CourseError, match=r"its torch, checks differ from those"):
        dask_worker.refuse_other(ours, ours | {"torch": "2.12.0", "checks": "c"})


def test_a_worker_that_cannot_grade_says_so_once():
    with pytest.raises(RuntimeError, match=r"the worker on .* cannot grade: "):
        dask_worker.grade_packed(b"no archive")
