"""Submissions per minute of `make grade`, nbgrader and otter-grader on equal checks, alternated.

Each grades the same submissions by the same check functions, a graded cell or test case per
check: ours in the sandbox, nbgrader's and otter's in the submission's own process (see
checks_in_process.py). The peers live in environments of their own, bench/.venv-nbgrader and
bench/.venv-otter, and grade one submission after the other, as they do.
"""

import argparse
import csv
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[1]
BENCH = ROOT / "bench"
COURSE = tomllib.loads((ROOT / "course.toml").read_text(encoding="utf-8"))
PARTS = {str(part) for part in COURSE["course"]["parts"]}
TASKS = {id: task for id, task in COURSE["task"].items() if id.split(".")[0] in PARTS}
ALL = [id for id, task in TASKS.items() if "function" in task]
QUICK = [id for id in ALL if not TASKS[id].get("trust_when_passed")]


def preamble(folder: str) -> str:
    """A cell that imports the checks, and `rdlab` from the folder that an expression names."""
    return (
        f"import os, sys\nsys.path[:0] = [{folder}, {str(BENCH)!r}]\n"
        "from checks_in_process import check"
    )


def run(command: list, folder: Path) -> None:
    """Run a program with the others of its environment on the path; nbgrader calls some."""
    path = f"{Path(command[0]).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PATH": path},
    )
    if done.returncode:
        sys.exit(f"{command[0]} failed:\n{done.stdout[-2000:]}\n{done.stderr[-3000:]}")


def notebook(cells: list[tuple[str, dict]]) -> str:
    """A notebook of code cells, each its source and metadata."""
    entries = [
        {
            "cell_type": "code",
            "id": f"cell-{number}",
            "metadata": metadata,
            "source": source,
            "outputs": [],
            "execution_count": None,
        }
        for number, (source, metadata) in enumerate(cells)
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    whole = {"nbformat": 4, "nbformat_minor": 5, "cells": entries}
    return json.dumps({**whole, "metadata": {"kernelspec": kernel}})


class Ours:
    """`python -m autograder grade`, by default on all cores."""

    def __init__(self, jobs: int | None = None):
        self.jobs = jobs

    def prepare(self, scratch: Path, submissions: list[Path], tasks: list[str]) -> None:
        self.scratch, self.folder, self.tasks = scratch, submissions[0].parent, tasks

    def grade(self) -> dict[str, float]:
        shutil.rmtree(self.scratch / "out", ignore_errors=True)
        words = [word for task in self.tasks for word in ("--only", task)]
        words += ["--jobs", self.jobs] if self.jobs else []
        os.environ["RDLAB_PUBLISHED_SALT"] = "1"  # nobody's grade is at stake
        command = [sys.executable, "-m", "autograder", "grade", self.folder]
        run([*command, "--out", self.scratch / "out", *words], ROOT)
        records = [json.loads(path.read_text()) for path in self.scratch.glob("out/*/record.json")]
        self.hidden_cpu = sum(record["times"]["worker_cpu"] for record in records)
        with open(self.scratch / "out" / "gradebook.csv", newline="") as file:
            return {row["student"]: float(row["score"]) for row in csv.DictReader(file)}


class Nbgrader:
    """`nbgrader autograde`."""

    hidden_cpu = 0.0
    python = BENCH / ".venv-nbgrader" / "bin" / "python"

    def prepare(self, scratch: Path, submissions: list[Path], tasks: list[str]) -> None:
        self.scratch, self.count = scratch, len(submissions)
        source = scratch / "source" / "lab"
        source.mkdir(parents=True)
        (scratch / "nbgrader_config.py").write_text(
            'c = get_config()\nc.CourseDirectory.course_id = "bench"\n'
            "c.ExecutePreprocessor.timeout = 600\n"
        )
        (source / "lab.ipynb").write_text(notebook(self._cells(tasks)))
        self._run("generate_assignment", "lab", "--create", "--force")
        for submission in submissions:
            folder = scratch / "submitted" / submission.name / "lab"
            shutil.copytree(scratch / "release" / "lab", folder)
            shutil.copytree(submission / "rdlab", folder / "rdlab")

    def _cells(self, tasks: list[str]) -> list[tuple[str, dict]]:
        cells = [(preamble("os.getcwd()"), _locked("preamble", 0, False))]
        for task in tasks:
            for name, entry in TASKS[task]["checks"].items():
                source = f"### BEGIN HIDDEN TESTS\ncheck({name!r})\n### END HIDDEN TESTS"
                cells.append((source, _locked(name, entry["points"], True)))
        return cells

    def _run(self, *words) -> None:
        run([self.python, "-m", "nbgrader", *words, "--course", self.scratch], self.scratch)

    def grade(self) -> dict[str, float]:
        self._run("autograde", "lab", "--force")
        self._run("export", "--to", self.scratch / "grades.csv")
        with open(self.scratch / "grades.csv", newline="") as file:
            return {row["student_id"]: float(row["raw_score"]) for row in csv.DictReader(file)}


def _locked(name: str, points: float, graded: bool) -> dict:
    return {
        "nbgrader": {
            "schema_version": 3,
            "grade_id": name,
            "grade": graded,
            "locked": True,
            "solution": False,
            "task": False,
            **({"points": points} if graded else {}),
        }
    }


class Otter:
    """`otter run`, otter-grader's grading on this machine without Docker."""

    hidden_cpu = 0.0
    python = BENCH / ".venv-otter" / "bin" / "python"

    def prepare(self, scratch: Path, submissions: list[Path], tasks: list[str]) -> None:
        self.scratch, self.submissions = scratch, submissions
        tests = scratch / "tests"
        tests.mkdir()
        for task in tasks:
            for name, entry in TASKS[task]["checks"].items():
                (tests / f"{name}.py").write_text(_otter_test(name, entry["points"]))
        for submission in submissions:
            folder = scratch / submission.name
            shutil.copytree(submission / "rdlab", folder / "rdlab")
            (folder / "lab.ipynb").write_text(notebook([(preamble(repr(str(folder))), {})]))
        (scratch / "requirements.txt").touch()
        words = ["generate", "-t", "tests", "-o", "autograder.zip", "--no-environment"]
        run([self.python, "-m", "otter", *words], scratch)

    def grade(self) -> dict[str, float]:
        scores = {}
        for submission in self.submissions:
            folder = self.scratch / submission.name
            (folder / "out").mkdir(exist_ok=True)
            words = ["run", "-a", "../autograder.zip", "-o", "out", "--no-logo", "lab.ipynb"]
            run([self.python, "-m", "otter", *words], folder)
            results = json.loads((folder / "out" / "results.json").read_text())
            scores[submission.name] = sum(
                test["score"] for test in results["tests"] if test.get("max_score")
            )
        return scores


def _otter_test(name: str, points: float) -> str:
    return (
        "from otter.test_files import test_case\n"
        "OK_FORMAT = False\n"
        f"name = {name!r}\npoints = {points}\n"
        f"@test_case(points={points}, hidden=True)\n"
        f"def test_{name}(check):\n    check({name!r})\n"
    )


def make_class(folder: Path, size: int) -> list[Path]:
    """Solutions; every second one has a wrong KL."""
    for number in range(size):
        shutil.copytree(
            ROOT / "solution" / "rdlab",
            folder / f"s{number:02d}" / "rdlab",
            ignore=shutil.ignore_patterns("__pycache__"),
        )
        with open(folder / f"s{number:02d}" / "rdlab" / "gaussian.py", "a") as file:
            wrong = "def gaussian_kl(mean, log_var):\n    return mean**2 + log_var.exp()\n"
            file.write(f"\n# {number}\n" + wrong * (number % 2))
    return sorted(folder.iterdir())


def compare(names: list[str], tasks: list[str], size: int, rounds: int, console: Console) -> None:
    """Alternate the graders and print the medians of submissions per minute."""
    makers: dict[str, Callable] = {
        "rdlab": Ours,
        "rdlab, one job": lambda: Ours(1),
        "nbgrader": Nbgrader,
        "otter": Otter,
    }
    checks = sum(len(TASKS[task]["checks"]) for task in tasks)
    with tempfile.TemporaryDirectory(prefix="rdlab-bench-") as scratch:
        submissions = make_class(Path(scratch) / "class", size)
        graders = {name: makers[name]() for name in names}
        for number, grader in enumerate(graders.values()):
            place = Path(scratch) / str(number)
            place.mkdir()
            grader.prepare(place, submissions, tasks)
        seconds: dict[str, list[float]] = {name: [] for name in names}
        cpu: dict[str, list[float]] = {name: [] for name in names}
        for _ in range(rounds):
            for name, grader in graders.items():
                start, before = time.perf_counter(), cpu_of_children()
                scores = grader.grade()
                seconds[name].append(time.perf_counter() - start)
                cpu[name].append(cpu_of_children() - before + grader.hidden_cpu)
                took = f"{seconds[name][-1]:.1f} s, CPU {cpu[name][-1]:.1f} s"
                console.print(f"{name}: {took}, scores {sorted(scores.values())}")
    table = Table(title=f"{size} submissions, {checks} checks, {rounds} rounds")
    for heading in ("", "s each", "CPU s each", "per minute", "rdlab faster ×", "CPU ×"):
        table.add_column(heading, justify="right")
    for name in names:
        wall, used = statistics.median(seconds[name]), statistics.median(cpu[name])
        ratios = [f"{_ratio(values[name], values['rdlab']):.2f}" for values in (seconds, cpu)]
        each = f"{wall / size:.1f}", f"{used / size:.1f}", f"{60 * size / wall:.1f}"
        table.add_row(name, *each, *ratios)
    console.print(table)


def cpu_of_children() -> float:
    """Seconds; what runs in our sandbox is in the records instead, for bwrap reaps nothing."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _ratio(theirs: list[float], ours: list[float]) -> float:
    """Median over the rounds of one time over ours in the same round."""
    return statistics.median(a / b for a, b in zip(theirs, ours, strict=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--size", type=int, default=6, help="submissions")
    parser.add_argument(
        "--graders", nargs="+", default=["rdlab", "rdlab, one job", "nbgrader", "otter"]
    )
    parser.add_argument("--all", action="store_true", help="also with task 3.7, which trains")
    options = parser.parse_args()
    console = Console()
    compare(options.graders, QUICK, options.size, options.rounds, console)
    if options.all:
        compare(options.graders, ALL, options.size, options.rounds, console)


if __name__ == "__main__":
    main()
