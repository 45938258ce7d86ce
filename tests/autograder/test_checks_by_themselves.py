"""The graded checks as ordinary pytest, in one process, as whoever writes one runs them."""

import shutil
import subprocess
import sys

from autograder import ROOT
from footprint import CHANGES


def run_checks(*arguments: str) -> str:
    """The output of pytest on these checks."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    return done.stdout + done.stderr


def test_the_solution_passes_the_chosen_checks():
    output = run_checks("tests/public", "tests/hidden", "-k", "kl_by or complete", "--task=1")
    assert "2 passed" in output


def test_another_submission_is_checked_and_measured_by_the_course(tmp_path):
    shutil.copytree(ROOT / "solution" / "rdlab", tmp_path / "rdlab")
    shutil.copytree(ROOT / "solution" / "runs", tmp_path / "runs")
    models = tmp_path / "rdlab" / "lab" / "models.py"
    models.write_text("raise ImportError('of the submission')\n")
    with open(tmp_path / "rdlab" / "mutual_information.py", "a") as file:
        file.write("\n_right = dv_bound\n\n\ndef dv_bound(joint, marginal):\n")
        file.write("    value = _right(joint, marginal)\n    joint.zero_()\n    return value\n")
    submission = f"--submission={tmp_path}"
    output = run_checks("tests/hidden", submission, "-k", "sweep_is_complete or dv_extremes")
    assert "1 failed, 1 passed" in output
    assert CHANGES["argument"] in output


def test_a_submission_after_a_blank_is_refused(tmp_path):
    (tmp_path / "rdlab").mkdir()
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    output = run_checks("--submission", str(tmp_path), "tests/hidden", "--co")
    assert "with the equals sign" in output
