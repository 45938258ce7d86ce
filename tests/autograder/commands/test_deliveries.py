"""From what Canvas, Moodle and Gradescope deliver to feedback in the students' hands.

By the commands, with a stand-in for the judge: all checks pass. GitHub's road is that of its
workflow, in tests/autograder/platforms/test_workflows.py.
"""

import csv
import json
import zipfile
from pathlib import Path

import pytest

from autograder import ROOT
from autograder import __main__ as cli
from autograder.course import load_course
from autograder.grading import grading
from autograder.judging.record import CheckStatus
from autograder.judging.results import Result, Verdict
from tests.autograder.platforms.canvas_stub import TOKEN, CanvasStub
from tests.autograder.tier import TIER

pytestmark = pytest.mark.filterwarnings("ignore:Canvas may respond unexpectedly")
COURSE = load_course(ROOT / "course.toml")
IN_TIME, LATE = "2026-11-29T18:03:00+01:00", "2026-12-01T12:00:00+01:00"
"""The second is a day late, which costs a tenth of the 5 points of task 1.1."""

WORKSHEET = f"""\
Identifier,Full name,Email address,Grade,Maximum grade,Last modified (submission)
Participant 901,Ada Lovelace,ada@uni.example,,{COURSE.points:g},{IN_TIME}
Participant 902,Blaise Pascal,blaise@uni.example,,{COURSE.points:g},{LATE}
"""
SCORES = f"""\
First Name,Last Name,SID,Email,Submission ID,Submission Time
Ada,Lovelace,901,ada@uni.example,98765432,{IN_TIME}
Blaise,Pascal,902,blaise@uni.example,98765433,{LATE}
"""


@pytest.fixture(autouse=True)
def all_checks_pass(monkeypatch):
    def run_checks(submission, course, tier, slot, tasks, deadline):
        names = [c.name for task in course.tasks if task.id in tasks for c in task.checks]
        return Verdict({name: Result(name, CheckStatus.PASSED) for name in names}, isolation="none")

    monkeypatch.setattr(grading, "run_checks", run_checks)
    monkeypatch.setenv("RDLAB_PUBLISHED_SALT", "1")


def hand_in(path: Path) -> None:
    """The task modules alone, as a folder or, by the name's end, as an archive."""
    files = {f"rdlab/{file.name}": file for file in (ROOT / "assignment/rdlab").glob("*.py")}
    if path.suffix == ".zip":
        path.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(path, "w") as archive:
            for name, file in files.items():
                archive.write(file, name)
        return
    for name, file in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(file.read_bytes())


def command(name: str, root: Path, *words: str) -> int:
    return cli.main([name, str(root / "class"), "--out", str(root / "out"), *words])


def grade(root: Path) -> int:
    return command("grade", root, "--isolation", str(TIER), "--only", "1.1", "--jobs", "2")


def test_canvas_shows_each_student_grade_and_page(tmp_path):
    pytest.importorskip("canvasapi", reason="make .venv/canvas installs it")
    hand_in(tmp_path / "class/lovelaceada_901_7001_submission.zip")
    hand_in(tmp_path / "class/pascalblaise_LATE_902_7002_my work-2.zip")
    people = {901: ("Lovelace, Ada", IN_TIME), 902: ("Pascal, Blaise", LATE)}
    entries = [
        {"user_id": number, "user": {"sortable_name": name}, "submitted_at": time}
        for number, (name, time) in people.items()
    ]
    (tmp_path / "class/submissions.json").write_text(json.dumps(entries))
    stub = CanvasStub({number: name for number, (name, _) in people.items()}, COURSE.points)
    try:
        assert grade(tmp_path) == 0
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("CANVAS_TOKEN", TOKEN)
            assert command("canvas", tmp_path, "--url", stub.address, "--yes") == 0
        scores = {number: each["score"] for number, each in stub.submissions.items()}
        [page] = stub.pages(902)
    finally:
        stub.stop()
    assert scores == {901: 5, 902: 4.5}
    assert f"4.5 / {COURSE.points:g} points" in page.decode()


def test_moodle_takes_the_grades_and_a_page_for_each_student(tmp_path):
    hand_in(tmp_path / "class/Ada Lovelace_901_assignsubmission_file_/rdlab.zip")
    hand_in(tmp_path / "class/Blaise Pascal_902_assignsubmission_file_/work")
    for name in ("class/submissions.csv", "worksheet.csv"):
        (tmp_path / name).write_text(WORKSHEET)
    assert grade(tmp_path) == 0
    assert command("gradebook", tmp_path, "--lms", str(tmp_path / "worksheet.csv")) == 0
    with (tmp_path / "out/moodle.csv").open(encoding="utf-8", newline="") as file:
        assert [row["Grade"] for row in csv.DictReader(file)] == ["5.00", "4.50"]
    with zipfile.ZipFile(tmp_path / "out/moodle-feedback.zip") as archive:
        page = archive.read("Blaise Pascal_902_assignsubmission_file_/feedback.html").decode()
    assert f"4.5 / {COURSE.points:g} points" in page


def test_an_export_of_gradescope_becomes_mails(tmp_path):
    for number in (98765432, 98765433):
        hand_in(tmp_path / f"class/submission_{number}")
    (tmp_path / "class/submissions.csv").write_text(SCORES)
    assert grade(tmp_path) == 0
    assert command("gradebook", tmp_path, "--mail-merge") == 0
    with (tmp_path / "out/mail-merge.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["email"], row["score"]) for row in rows] == [
        ("ada@uni.example", "5"),
        ("blaise@uni.example", "4.5"),
    ]
    for row in rows:
        page = Path(row["attachment"]).read_text(encoding="utf-8")
        assert f"{row['score']} / {COURSE.points:g} points" in page
