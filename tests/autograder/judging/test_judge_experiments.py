"""How the judge verifies experiments: first, each for itself, and only those that are asked for."""

import math
import multiprocessing
import shutil
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import pytest

from autograder import ROOT
from autograder.checks import find_checks
from autograder.course import Check, Course, Limits, Task
from autograder.experiments import Experiment
from autograder.judging import judge, plugin
from autograder.judging.judge import Verdict, run_checks
from autograder.judging.run_folders import RunError, measured
from autograder.sandbox.sandbox import SandboxError
from tests.autograder.tier import TIER

pytestmark = pytest.mark.usefixtures("one_zygote")

STUDENT = '''
import pytest
import torch
from support import assert_matches

@pytest.mark.task("1.1")
def test_kl_shown(student):
    """A public check that runs the submission."""
    assert_matches(student.gaussian_kl(torch.ones(2), torch.zeros(2)), torch.full((2,), 0.5))
'''
VERIFIED = '''
import pytest

@pytest.mark.task("{task}")
def test_{name}_counts({name}):
    """A hidden check of an experiment."""
    assert {name}.found == 3.0, {name}.problems

@pytest.mark.task("{task}")
def test_{name}_counts_again({name}):
    """Another."""
    assert {name}.found == 3.0
'''
BOTH = '''
import pytest

@pytest.mark.task("1.1")
def test_of_both(student, roots):
    """A check that runs student code before an experiment may be measured."""
'''


@dataclass
class Found:
    found: float | None
    problems: list[str]


def takes_roots(submission: Path, mounted: str, peer, seed: int) -> Found:
    assert (submission / "rdlab").is_dir()
    assert Path(mounted).is_absolute()
    try:
        return Found(measured(peer, 9.0), [f"roots: seed {seed}"])
    except RunError as error:
        return Found(None, [str(error)])


def takes_for_ever(submission: Path, mounted: str, peer, seed: int) -> Found:
    start = time.process_time()
    try:
        return Found(measured(peer, 10**8), [])
    except RunError as error:
        assert time.process_time() - start < 5
        return Found(None, [f"endless: {error}"])


def has_a_bug(submission: Path, mounted: str, peer, seed: int) -> Found:
    raise ZeroDivisionError("of the autograder's own")


def experiment(name: str, verify, measure: str = "math:sqrt", cpu_seconds: int = 20) -> Experiment:
    return Experiment(name, f"runs-{name}", ("*",), cpu_seconds, (), measure, verify)


ROOTS = experiment("roots", takes_roots)
ENDLESS = experiment("endless", takes_for_ever, "math:factorial", cpu_seconds=1)
BUGGY = experiment("buggy", has_a_bug)


@pytest.fixture(scope="module")
def grade(tmp_path_factory):
    """Grades the solution under a course of one function and these experiments."""

    @cache
    def run(*known: Experiment, off: tuple[str, ...] = (), extra: str = "") -> Verdict:
        root = tmp_path_factory.mktemp("course")
        (root / "tests" / "public").mkdir(parents=True)
        (root / "tests" / "hidden").mkdir()
        (root / "tests" / "public" / "test_small.py").write_text(STUDENT)
        tasks = {"1.1": None}
        for number, each in enumerate(known, 2):
            tasks[f"1.{number}"] = each.name
            text = VERIFIED.format(task=f"1.{number}", name=each.name)
            (root / "tests" / "hidden" / f"test_{each.name}.py").write_text(text)
        if extra:
            (root / "tests" / "hidden" / "test_extra.py").write_text(extra)
        submission = tmp_path_factory.mktemp("class") / "submission"
        shutil.copytree(ROOT / "solution" / "rdlab", submission / "rdlab")
        course = _course(root, {id: name for id, name in tasks.items() if name not in off})
        return _in_a_fork(root, submission, course, known)

    return run


def _course(root: Path, tasks: dict[str, str | None]) -> Course:
    found = find_checks(root / "tests")
    made = []
    for id, name in tasks.items():
        checks = tuple(
            Check(check, id, 1, "", seen.visibility, seen.title, seen.place)
            for check, seen in found.items()
            if seen.task == id
        )
        place = (
            ("", "", "")
            if name
            else ("rdlab.gaussian:gaussian_kl", "rdlab.gaussian", "gaussian_kl")
        )
        made.append(Task(id, id, *place, len(checks), (), False, checks, experiment=name))
    limits = Limits(5, 60, 3000, 64, 1, 10)
    return Course("small", sum(task.points for task in made), "salt", limits, (), tuple(made))


def _in_a_fork(root: Path, submission: Path, course: Course, known: tuple) -> Verdict:
    """pytest runs once per process."""
    fork = multiprocessing.get_context("fork")
    ours, theirs = fork.Pipe()

    def work():
        judge.ROOT = root
        plugin.experiments = lambda: {each.name: each for each in known}
        try:
            theirs.send(run_checks(submission, course, TIER, deadline=math.inf))
        except BaseException as error:
            theirs.send(error)

    process = fork.Process(target=work)
    process.start()
    assert ours.poll(200), "the judge does not come to an end"
    verdict = ours.recv()
    process.join()
    if isinstance(verdict, BaseException):
        raise verdict
    return verdict


def statuses(verdict: Verdict) -> dict[str, str]:
    return {name: str(result.status) for name, result in verdict.results.items()}


def test_experiments_come_before_student_code_and_are_verified_once(grade):
    """Though theirs are hidden checks and the student's is public."""
    verdict = grade(ROOTS, ENDLESS)
    assert list(verdict.results)[-1] == "kl_shown"
    assert statuses(verdict)["roots_counts"] == statuses(verdict)["roots_counts_again"] == "passed"
    assert len([note for note in verdict.notes if note.startswith("roots: seed ")]) == 1


def test_each_has_its_own_cpu_limit(grade):
    """What one of them uses up, another does not lack."""
    verdict = grade(ROOTS, ENDLESS)
    assert statuses(verdict) == {
        "endless_counts": "failed",
        "endless_counts_again": "failed",
        "roots_counts": "passed",
        "roots_counts_again": "passed",
        "kl_shown": "passed",
    }
    assert any("endless: it cannot be measured" in note for note in verdict.notes)


def test_the_time_of_each_is_kept_by_its_name(grade):
    times = grade(ROOTS, ENDLESS).times
    assert times["endless"] >= 0.9
    assert times["roots"] > 0


def test_a_bug_of_one_leaves_its_checks_undecided_and_no_others(grade):
    verdict = grade(ROOTS, BUGGY)
    assert statuses(verdict) == {
        "buggy_counts": "not graded",
        "buggy_counts_again": "not graded",
        "roots_counts": "passed",
        "roots_counts_again": "passed",
        "kl_shown": "passed",
    }
    assert any("of the autograder's own" in incident for incident in verdict.incidents)


def test_the_experiment_of_a_part_that_is_off_is_not_verified(grade):
    verdict = grade(ROOTS, BUGGY, off=("buggy",))
    assert set(statuses(verdict).values()) == {"passed"}
    assert set(statuses(verdict)) == {"roots_counts", "roots_counts_again", "kl_shown"}
    assert "buggy" not in verdict.times
    assert verdict.incidents == []


def test_a_check_cannot_use_an_experiment_and_student_code(grade):
    with pytest.raises(SandboxError, match="of_both: an experiment's check runs no student code"):
        grade(ROOTS, extra=BOTH)


def test_what_is_the_same_for_all_is_prepared_once_for_the_parts_that_are_on(monkeypatch):
    prepared = []
    known = {
        name: SimpleNamespace(prepare=lambda name=name: prepared.append(name))
        for name in ("on", "off")
    }
    monkeypatch.setattr(judge, "experiments", lambda: known)
    tasks = (SimpleNamespace(experiment=None), SimpleNamespace(experiment="on"))
    judge.warm_up(SimpleNamespace(tasks=tasks))
    assert prepared == ["on"]
