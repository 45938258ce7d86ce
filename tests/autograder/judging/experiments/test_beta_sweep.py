"""The β sweep: what is measured of a submission, and what costs no points."""

import importlib.util
import json
import math
import shutil
import warnings
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from autograder import ROOT
from autograder.course import load_course
from autograder.grading.grading import Job, grade_class
from autograder.intake.submission import collect
from autograder.judging.experiments.beta_sweep import (
    BETAS,
    EXPERIMENT,
    Run,
    Sweep,
    run_name,
    verify,
)
from autograder.sandbox.inside.wire import RemoteError, WireClosed
from support import CheckFailed
from tests.autograder.tier import TIER

pytestmark = pytest.mark.usefixtures("one_zygote")
CONFIG = {"model": "mlp", "hidden": [4], "latent_dim": 2, "data": "sample", "seed": 0}


class Child:
    """Measures nothing: answers with R = 2β and D = β, or raises what it is told to."""

    def __init__(self, trouble: dict | None = None):
        self.trouble, self.measured = trouble or {}, []

    def call(self, name, mounted, run, config, images, seed):
        self.measured.append(run)
        assert (name, mounted, seed) == ("measure", "/submission", 7)
        assert images.shape == (10_000, 1, 28, 28)
        if run in self.trouble:
            raise self.trouble[run]
        rate = torch.full((3, 2), float(config["beta"]))
        error = torch.full((3,), float(config["beta"]))
        return {"kl": rate, "squared_error": error, "directions": torch.zeros(4)}


def write_run(folder: Path, beta, **changes) -> Path:
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps({**CONFIG, "beta": beta, **changes}))
    (folder / "metrics.csv").write_text("epoch,test_rate,test_distortion\n1,9,9\n2,3,4\n")
    (folder / "weights.safetensors").write_bytes(b"")
    return folder


@pytest.fixture
def submission(tmp_path) -> Path:
    for beta in BETAS:
        write_run(tmp_path / "ada" / "runs" / run_name(beta), beta)
    return tmp_path / "ada"


def verified(submission: Path, child: Child | None = None):
    return verify(submission, "/submission", child or Child(), 7)


def test_each_beta_is_measured_and_compared_with_its_last_epoch(submission):
    sweep = verified(submission)
    assert [run.beta for run in sweep.runs] == list(BETAS)
    assert sweep.problems == []
    for run in sweep.runs:
        assert (run.rate, run.distortion) == pytest.approx((2 * run.beta, run.beta))
        assert (run.reported_rate, run.reported_distortion) == (3, 4)
    assert sweep.variances.shape == (784,)


def another_beta(runs: Path):
    write_run(runs / "beta-3", 3.0)


def another_name(runs: Path):
    write_run(runs / "beta-1-again", 1.0)


def a_copy(runs: Path):
    shutil.copytree(runs / "beta-1", runs / "beta-1 (copy)")


def broken(runs: Path):
    (runs / "beta-7").mkdir()
    (runs / "beta-7" / "config.json").write_text("{")


def no_numbers(runs: Path):
    write_run(runs / "trial", "much")


def many(runs: Path):
    for number in range(300):
        write_run(runs / f"trial-{number}", 1.0)


FURTHER = [another_beta, another_name, a_copy, broken, no_numbers, many]


@pytest.mark.parametrize("add", FURTHER)
def test_further_runs_are_not_measured(submission, add):
    add(submission / "runs")
    child = Child()
    sweep = verified(submission, child)
    assert [run.beta for run in sweep.runs] == list(BETAS)
    assert (sweep.problems, len(child.measured)) == ([], 6)


@pytest.mark.parametrize("add", FURTHER)
def test_further_runs_are_left_out_when_a_submission_is_taken_in(submission, tmp_path, add):
    """So they count neither as files nor as megabytes."""
    (submission / "rdlab").mkdir()
    (submission / "rdlab" / "gaussian.py").write_text("")
    limits = load_course(ROOT / "course.toml").limits
    before = collect(submission, tmp_path / "before", limits)
    add(submission / "runs")
    after = collect(submission, tmp_path / "after", limits)
    assert (after.files, after.sha256) == (before.files, before.sha256)
    assert {name.partition("/")[0] for name in after.left_out if name[0] != "…"} == {"runs"}


def test_all_points_with_further_runs(tmp_path):
    """The reference with every kind of further run, graded whole."""
    submission = tmp_path / "ada"
    shutil.copytree(ROOT / "solution" / "rdlab", submission / "rdlab")
    shutil.copytree(ROOT / "solution" / "runs", submission / "runs")
    for add in FURTHER:
        add(submission / "runs")
    shutil.copytree(submission / "runs" / "beta-2", submission / "runs" / "beta-02")
    course = load_course(ROOT / "course.toml")
    [task] = [task.id for task in course.tasks if task.experiment == EXPERIMENT.name]
    job = Job(submission, "ada", frozenset({task}))
    [record] = grade_class([job], tmp_path / "out", course, TIER, 1, lambda _: None)
    [graded] = record.tasks
    assert graded.score == graded.points, graded
    assert record.times[EXPERIMENT.name] > 0


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"beta": None}, "does not give a beta"),
        ({"beta": "much"}, "does not give a beta"),
        ({"beta": -1.0}, "must be a positive number"),
        ({"beta": math.inf}, "must be a positive number"),
        ({"beta": 2.0}, "gives beta = 2, the folder's name another"),
        ({"data": "dogs-vs-cats"}, "it was trained on 'dogs-vs-cats'"),
        ({"image_shape": [3, 64, 64]}, "its images have the shape [3, 64, 64]"),
    ],
)
def test_a_config_that_is_no_use_is_a_problem_of_its_run_alone(submission, changes, problem):
    shutil.rmtree(submission / "runs" / "beta-1")
    write_run(submission / "runs" / "beta-1", **{"beta": 1.0, **changes})
    sweep = verified(submission)
    assert [run.beta for run in sweep.runs] == [0.1, 0.5, 2.0, 5.0, 10.0]
    [told] = sweep.problems
    assert told.startswith("runs/beta-1: ")
    assert problem in told


@pytest.mark.parametrize("name", ["config.json", "metrics.csv", "weights.safetensors"])
def test_a_missing_file_is_named(submission, name):
    (submission / "runs" / "beta-5" / name).unlink()
    assert verified(submission).problems[0].startswith(f"runs/beta-5: {name} is missing")


@pytest.mark.parametrize(
    ("trouble", "problem"),
    [
        (RemoteError(["LabError"], "it does not fit"), "it does not fit"),
        (WireClosed("gone"), "cannot be measured"),
    ],
)
def test_what_the_child_refuses_is_a_problem(submission, trouble, problem):
    sweep = verified(submission, Child({"beta-2": trouble}))
    assert len(sweep.runs) == 5
    assert problem in sweep.problems[0]


def test_no_runs_at_all(tmp_path):
    sweep = verified(tmp_path)
    assert sweep.runs == []
    assert "runs/ is missing" in sweep.problems[0]


# The checks, on numbers: those of a sweep on the full data set


def _checks():
    spec = importlib.util.spec_from_file_location("checks", ROOT / "tests/hidden/test_sweep.py")
    module = importlib.util.module_from_spec(spec)
    with warnings.catch_warnings(action="ignore"):  # pytest knows the marks of checks in grading
        spec.loader.exec_module(module)
    return module


CHECKS = _checks()
RATES, DISTORTIONS = (22.4, 10.3, 7.3, 5.1, 3.0, 1.7), (9.7, 13.5, 16.4, 19.9, 27.2, 36.5)
TOTAL = 68.0
"""The variance of the images: what it costs to send nothing."""


def honest_sweep() -> Sweep:
    """Six runs with the given rates and distortions, rightly reported, and unlike weights."""
    runs = [
        Run(run_name(beta), beta, rate, distortion, rate, distortion, torch.eye(6)[number])
        for number, (beta, rate, distortion) in enumerate(
            zip(BETAS, RATES, DISTORTIONS, strict=True)
        )
    ]
    return Sweep(runs, [], torch.full((784,), TOTAL / 784))


def passes(check, sweep: Sweep) -> bool:
    try:
        check(sweep)
    except CheckFailed:
        return False
    return True


def changed(change, only: int | None = None) -> Sweep:
    sweep = honest_sweep()
    runs = [
        replace(run, **change(run)) if only in (None, number) else run
        for number, run in enumerate(sweep.runs)
    ]
    return replace(sweep, runs=runs)


@pytest.mark.parametrize(
    ("change", "only", "right"),
    [
        (lambda run: {}, None, True),
        (lambda run: {"reported_rate": run.rate / math.log(2)}, None, True),
        (lambda run: {"reported_distortion": run.distortion / 2}, None, True),
        (lambda run: {"reported_distortion": run.distortion / 784}, None, True),
        (lambda run: {"reported_rate": run.rate * run.beta}, None, False),
        (lambda run: {"reported_rate": run.rate / math.log(2)}, 3, False),
        (lambda run: {"reported_distortion": run.distortion - 3}, None, False),
        (lambda run: {"reported_distortion": -run.distortion}, None, False),
        (lambda run: {"reported_rate": math.nan}, None, False),
        (lambda run: {"reported_rate": 0.0}, None, False),
    ],
)
def test_a_unit_of_task_1_4_costs_there_and_other_reports_here(change, only, right):
    check = CHECKS.test_sweep_reports_what_its_weights_give
    assert passes(check, changed(change, only)) is right


def test_a_sweep_that_learned_nothing_has_its_runs_and_no_more():
    untrained = changed(lambda run: {"rate": 0.001 * run.beta, "distortion": TOTAL})
    untrained = replace(
        untrained,
        runs=[
            replace(run, reported_rate=run.rate, reported_distortion=run.distortion)
            for run in untrained.runs
        ],
    )
    checks = [check for name, check in vars(CHECKS).items() if name.startswith("test_")]
    assert [check.__name__ for check in checks if passes(check, untrained)] == [
        "test_sweep_is_complete"
    ]


@pytest.mark.parametrize(
    ("directions", "copy"),
    [
        (torch.tensor([1.0, 0, 0, 0, 0, 0]), True),
        (torch.tensor([1.0, 0.01, 0, 0, 0, 0]) / math.hypot(1, 0.01), True),
        (torch.tensor([1.0, 0.1, 0, 0, 0, 0]) / math.hypot(1, 0.1), False),
        (torch.ones(9) / 3, False),
    ],
)
def test_runs_with_the_weights_of_another_are_copies(directions, copy):
    sweep = changed(lambda run: {"directions": directions}, only=4)
    assert passes(CHECKS.test_sweep_is_complete, sweep) is not copy


@pytest.mark.parametrize(("shared", "copy"), [(0, False), (1, False), (2, True), (3, True)])
def test_one_matrix_that_two_runs_share_makes_no_copy(shared, copy):
    one, other = honest_sweep().runs[:2]
    mine, theirs = torch.eye(8)[:3], torch.eye(8)[3:6]
    theirs[:shared] = mine[:shared]
    assert replace(one, directions=mine).is_copy_of(replace(other, directions=theirs)) is copy


@pytest.mark.parametrize(("noise", "complete"), [(1e-3, True), (0.0, False)])
def test_collapsed_runs_of_one_seed_are_no_copies_unless_they_are_equal(noise, complete):
    """As where the loss is averaged over pixels: all matrices stay near where they began."""

    def collapsed(run):
        distortion = TOTAL + noise * run.beta
        return {"rate": 1e-4, "distortion": distortion, "directions": torch.ones(9) / 3}

    sweep = changed(collapsed)
    assert passes(CHECKS.test_sweep_is_complete, sweep) is complete
    assert not passes(CHECKS.test_sweep_reports_what_its_weights_give, sweep)
