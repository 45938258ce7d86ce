"""`python -m rdlab check` on a student's folder: what it says of common mistakes."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograder import ROOT
from autograder.course import load_course

SOLUTION = ROOT / "solution"
sys.path.insert(0, str(SOLUTION))

from rdlab.lab.check import Status, _line  # noqa: E402

MISTAKES = {
    "gaussian.py": [
        ("(0.5 * log_var).exp()", "log_var.exp()"),
        ("0.5 * (mean**2", "(mean**2"),
    ],
    "objective.py": [
        ("flatten(1).sum(1)", "flatten(1).mean(1)"),
        ("gaussian_kl(mean, log_var).sum(1)", "gaussian_kl(mean, log_var).sum(1) / 2"),  # see 1.2
    ],
    "evaluation.py": [
        ("rate += gaussian_kl(mean, log_var).sum().item()", "rate += float('nan')"),
        ("(mean_kl < threshold)", "(mean_kl > threshold)"),
    ],
    "rate_distortion.py": [("0.5 * ratio.log()", "0.5 * ratio.log2()")],
    "mutual_information.py": [
        ("marginal_scores.logsumexp(0) - math.log(len(marginal_scores))", "marginal_scores.exp()"
         ".mean().log()"),
        ("decay * ema + (1 - decay) * batch", "(1 - decay) * ema + decay * batch"),
        ("return x, z[permutation]", "return x, z[permutation.argsort()]"),
    ],
    "latents.py": [("rows[:, dimension] = values", "raise ValueError('no such dimension')")],
    "bits_back.py": [("push_image(coder, pixels, ", "push_image(coder, 255 - pixels, ")],
}  # fmt: skip
SAID = {
    "1.1": "the noise is scaled by the variance, not by the standard deviation",
    "1.2": "every value is twice what is expected",
    "1.3": "the squared error is averaged over the pixels, not summed",
    "1.4": "the result contains nan",
    "1.5": "largest difference 1, at index (0,)",
    "2.1": "every value is 1/ln 2 times what is expected (bits in place of nats?)",
    "2.8": "ValueError: no such dimension (rdlab/latents.py:",
    "2.9": "other pixels are decoded from it than went in",
    "3.1": "the values are those expected, in another order",
    "3.2": "the result contains inf",
    "3.3": "the batch has the weight of the old average, and the other way round",
}


@pytest.fixture(scope="module")
def student(tmp_path_factory) -> Path:
    """The assignment, solved but for one mistake in each of several tasks; no runs."""
    folder = tmp_path_factory.mktemp("student") / "assignment"
    for name in ("tests", "tasks.toml"):
        source = ROOT / "assignment" / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, _parent(folder) / name)
    shutil.copytree(SOLUTION / "rdlab", folder / "rdlab")
    for name, changes in MISTAKES.items():
        path = folder / "rdlab" / name
        text = path.read_text(encoding="utf-8")
        for right, wrong in changes:
            assert text.count(right) == 1, right
            text = text.replace(right, wrong)
        path.write_text(text, encoding="utf-8")
    return folder


def _parent(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def whole(student) -> str:
    return check(student, "--verbose")


def check(folder: Path, *words: str) -> str:
    command = [sys.executable, "-m", "rdlab", "check", *words]
    environment = {**os.environ, "PYTHONUTF8": "1", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, env=environment, encoding="utf-8"
    )
    assert (done.returncode, done.stderr) == (1, "")
    return done.stdout


@pytest.mark.parametrize("task", SAID)
def test_common_mistakes_are_named_in_the_line_of_their_task(whole, task):
    [line] = [line for line in whole.splitlines() if line[1:].startswith(f" {task} ")]
    assert line.startswith("✗")
    assert SAID[task] in line


def test_the_details_show_title_place_tolerance_and_points(whole):
    for text in (
        "✗ Two images of four pixels, three latents, β = 2.",
        " loss_by_hand, 1 point\n",
        "allowed difference",
        "the message: 16 words went in,",
        "pixels that went in: int32 (6,) [10, 200, 30, 90, 0, 255]",
    ):
        assert text in whole
    assert re.search(r"tests/test_objective\.py:\d+ loss_by_hand", whole)


def test_public_and_hidden_points_are_told_apart(whole):
    [line] = [line for line in whole.splitlines() if line[1:].startswith(" 1.2 ")]
    assert "0/1.5 + 4.5 hidden" in line
    assert "public points; hidden checks decide the other" in whole


def test_title_and_points_stand_apart_in_every_line():
    for task in load_course(ROOT / "course.toml").all_tasks:
        asked = {"title": task.title, "points": task.points, "checks": {}}
        assert f"{task.title} " in _line(Status.PASSED, task.id, asked, "0.25/0.25")


def test_the_sweep_has_its_line(student, whole):
    [line] = [line for line in whole.splitlines() if line[1:].startswith(" 1.6 ")]
    assert "0/0 + 10 hidden   missing: runs/beta-0.1: config.json" in line
    assert "and 5 more" in line
