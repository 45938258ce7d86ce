"""docs/instructor.md, from top to bottom, in a throw-away copy of the repository.

Files that the page shows are written as shown, its commands are run as they stand, and what they
leave is looked at.
"""

import csv
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from autograder import ROOT
from autograder.course import PUBLISHED_SALT, load_course

PAGE = (ROOT / "docs" / "instructor.md").read_text(encoding="utf-8")
FILE = re.compile(r"`([\w/.-]+)`\n```\w+\n(.*?)```", re.DOTALL)
COMMANDS = re.compile(r"```sh\n(.*?)```", re.DOTALL)
BIN = Path(sys.executable).parent
LEFT_BEHIND = (".git", ".venv", "grades", "dist", "examples", "__pycache__", ".pytest_cache")

CANVAS = """\
Student,ID,SIS Login ID,Section,VAE (4711),Quiz (12)
    Points Possible,,,,100,10
"Lovelace, Ada",901,ada,Lab 1,,9
"Pascal, Blaise",902,blaise,Lab 1,,
"""
MOODLE = """\
Identifier,Full name,Grade,Maximum grade,Last modified (submission),Last modified (grade)
Participant 901,Ada Lovelace,,100.00,-,-
Participant 902,Blaise Pascal,,100.00,-,-
"""

KL = """\
    log_var = log_var.clamp(-8, 8)
    return 0.5 * (mean**2 + log_var.exp() - log_var - 1)
"""
"""Task 1.2, the only one that anybody here has done, and not quite right."""


def hand_in(path: Path) -> None:
    """A submission in which only gaussian_kl is written."""
    stub = ROOT / "assignment" / "rdlab"
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(stub.glob("*.py")):
            text = file.read_text(encoding="utf-8")
            todo = re.compile(r"    # TODO \(task 1\.2.*?\n    raise NotImplementedError\(.*?\)\n")
            archive.writestr(f"rdlab/{file.name}", todo.sub(lambda _: KL, text))


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A copy of the repository with a class of two, and the output of each command in it."""
    root = tmp_path_factory.mktemp("course") / "rdlab"
    shutil.copytree(ROOT, root, ignore=shutil.ignore_patterns(*LEFT_BEHIND))
    (root / ".venv").mkdir()
    (root / ".venv" / "ready").touch()
    (root / "class").mkdir()
    hand_in(root / "class/lovelaceada_901_7001_submission.zip")
    hand_in(root / "class/pascalblaise_LATE_902_7002_submission.zip")
    (root / "canvas-export.csv").write_text(CANVAS, encoding="utf-8")
    (root / "moodle-worksheet.csv").write_text(MOODLE, encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def said(course):
    """The page, carried out; before the regrade a check's points are changed."""
    said = {}
    steps = sorted([*FILE.finditer(PAGE), *COMMANDS.finditer(PAGE)], key=lambda step: step.start())
    for step in steps:
        if step.re is FILE:
            (course / step[1]).write_text(step[2], encoding="utf-8")
            continue
        for command in step[1].splitlines():
            if command.startswith("make regrade"):
                reweigh(course / "course.toml")
            done = subprocess.run(
                command,
                shell=True,
                cwd=course,
                capture_output=True,
                text=True,
                timeout=500,
                env=os.environ
                | {"COLUMNS": "160", "MAKEFLAGS": f" -- BIN={BIN}", "RDLAB_PUBLISHED_SALT": ""},
            )
            assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
            said[command] = done.stdout
    return said


def reweigh(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for check, old, new in (("kl_extremes", "1", "1.5"), ("kl_by_hand", "1.5", "1")):
        assert f"{check} = {{ points = {old}," in text
        text = text.replace(f"{check} = {{ points = {old},", f"{check} = {{ points = {new},")
    path.write_text(text, encoding="utf-8")


def grades(path: Path, name: str, column: str) -> list[str]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if "Points" not in row[name]]
    return [row[column] for row in rows]


def test_every_command_of_the_page_works(said):
    assert len(said) == 7
    assert "2 passed, 0 failed" in said["make validate ONLY=gaussian_rate/bits"]
    first, second = said["make grade SUBMISSIONS=class"], said["make gradebook SUBMISSIONS=class"]
    assert re.search(r"lovelaceada_901 +2.5/100", first)
    assert re.search(r"pascalblaise_902 +2/100 .*2 days late, −0.5", first)
    assert re.search(r"lovelaceada_901 +5.5/100", second)
    assert re.search(r"pascalblaise_902 +2.5/100", second)


def test_the_release_has_replaced_the_published_salt(said, course):
    assert "a fresh salt is in place of the published one" in said["make release"]
    assert load_course(course / "course.toml").salt != PUBLISHED_SALT


def test_the_regrade_says_whose_score_changes_and_why(said, course):
    text = said["make regrade SUBMISSIONS=class TASK=1.2 YES=1"]
    assert "pascalblaise_902: 2.5 → 2" in text
    assert "lovelaceada_901: 5.5 → 5.5" in text
    assert "autograder score: 2.5 → 2" in text
    assert "task 1.2, kl_by_hand: passed → passed, 1.5 → 1 (worth 1.5 → 1)" in text
    assert "why: the checks or course.toml were changed" in text
    assert "stays by hand: task 1.2, 5.5 (A slip in one sign, shown in the lab.)" in text
    [kept] = (course / "grades/regrades").iterdir()
    assert sorted(path.name for path in kept.iterdir()) == [
        "changes.txt",
        "lovelaceada_901.json",
        "pascalblaise_902.json",
    ]


def test_the_same_final_scores_come_out_everywhere(said, course):
    assert grades(course / "grades/gradebook.csv", "student", "score") == ["5.5", "2"]
    assert grades(course / "grades/canvas.csv", "Student", "VAE (4711)") == ["5.50", "2.00"]
    assert grades(course / "grades/moodle.csv", "Full name", "Grade") == ["5.50", "2.00"]
    for student, score in (("lovelaceada_901", "5.5"), ("pascalblaise_902", "2")):
        feedback = (course / "grades" / student / "feedback.md").read_text(encoding="utf-8")
        assert f"{score} / 100 points" in feedback
    with zipfile.ZipFile(course / "grades/moodle-feedback.zip") as archive:
        assert archive.namelist() == [
            "Ada Lovelace_901_assignsubmission_file_/feedback.html",
            "Blaise Pascal_902_assignsubmission_file_/feedback.html",
        ]
        assert "5.5 / 100 points" in archive.read(archive.namelist()[0]).decode()
    report = (course / "grades/report.html").read_text(encoding="utf-8")
    assert "You clamp log_var" in report, "the misconception is not named"


def test_the_page_is_one_page(said):
    assert len(PAGE.split()) < 920
    assert len(COMMANDS.findall(PAGE)) == 6
