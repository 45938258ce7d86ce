"""Given code is the course's own, whatever was handed in."""

import os
import shutil
import stat

import pytest

from autograder import ROOT
from autograder.course import load_course
from autograder.grading import grading
from autograder.grading.job import Job
from autograder.intake.given import released_files, supply
from autograder.intake.modules import module_files
from autograder.intake.submission import Intake
from autograder.judging.record import read_record
from autograder.judging.results import Result, Verdict
from autograder.sandbox.sandbox import Tier

COURSE = load_course(ROOT / "course.toml")
NOTHING = Intake("ada", "", (), (), ())


def contents(folder):
    files = [path for path in folder.rglob("*.py") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


@pytest.fixture
def released(tmp_path):
    shutil.copytree(ROOT / "assignment" / "rdlab", tmp_path / "ada" / "rdlab")
    shutil.rmtree(tmp_path / "ada" / "rdlab" / "__pycache__", ignore_errors=True)
    return tmp_path / "ada"


def test_task_modules_alone_become_the_whole_package(tmp_path):
    own = {name: f"# {name}\n".encode() for name in module_files(COURSE)}
    for name, text in own.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(text)
    intake = supply(NOTHING, tmp_path, COURSE)
    assert (intake.missing, intake.changed) == ((), ())
    assert contents(tmp_path) == released_files() | own
    assert "rdlab/lab/critic.py" in released_files()


def test_what_is_supplied_can_be_read_by_the_worker_whatever_the_umask(tmp_path):
    old = os.umask(0o077)
    try:
        supply(NOTHING, tmp_path, COURSE)
    finally:
        os.umask(old)
    for entry in (tmp_path / "rdlab").rglob("*"):
        assert stat.S_IMODE(entry.stat().st_mode) == (0o755 if entry.is_dir() else 0o644)
    assert stat.S_IMODE((tmp_path / "rdlab").stat().st_mode) == 0o755


def test_a_missing_task_module_is_the_released_stub_and_named(released):
    (released / "rdlab" / "probe.py").unlink()
    intake = supply(NOTHING, released, COURSE)
    assert intake.missing == ("rdlab/probe.py",)
    assert "NotImplementedError" in (released / "rdlab" / "probe.py").read_text()


def test_changed_given_files_are_replaced_and_named(released):
    lab = released / "rdlab" / "lab"
    (lab / "critic.py").write_text("raise SystemExit\n")
    (lab / "models.py").unlink()
    (lab / "models.py").mkdir()
    (lab / "models.py" / "odd.py").write_text("")
    (lab / "helper.py").write_text("mine = 1\n")
    (released / "rdlab" / "gaussian.py").write_text("mine = 2\n")
    intake = supply(NOTHING, released, COURSE)
    assert intake.changed == ("rdlab/lab/critic.py",)
    now = contents(released)
    assert now.pop("rdlab/lab/helper.py") == b"mine = 1\n"
    assert now == released_files() | {"rdlab/gaussian.py": b"mine = 2\n"}


def test_what_git_and_editors_change_is_no_change(released):
    lab = released / "rdlab" / "lab"
    text = (lab / "critic.py").read_bytes()
    (lab / "critic.py").write_bytes(b"\xef\xbb\xbf" + text.replace(b"\n", b"\r\n"))
    (lab / "models.py").write_bytes((lab / "models.py").read_bytes().rstrip() + b"  \n\n\n")
    assert supply(NOTHING, released, COURSE).changed == ()


def test_a_record_says_what_was_supplied_and_the_checks_see_it(tmp_path, released, monkeypatch):
    shutil.rmtree(released / "rdlab" / "lab" / "commands")
    (released / "rdlab" / "probe.py").unlink()
    (released / "rdlab" / "lab" / "critic.py").write_text("")

    def run_checks(submission, course, *_):
        assert contents(submission).keys() == released_files().keys()
        names = [check.name for task in course.tasks for check in task.checks]
        return Verdict({name: Result(name, "passed") for name in names}, isolation="none")

    monkeypatch.setattr(grading, "run_checks", run_checks)
    job = Job(released, "ada")
    grading.grade_class([job], tmp_path / "out", COURSE, Tier.PROCESS, 1, lambda _: None)
    submission = read_record(tmp_path / "out" / "ada" / "record.json").submission
    assert submission.notes == (
        "rdlab/probe.py was not handed in: the released file took its place",
        "rdlab/lab/critic.py is given code and was changed: it was graded with the course's own",
    )
