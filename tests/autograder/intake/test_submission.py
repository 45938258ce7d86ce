"""A submission is read by a child with limits; which files of a class folder are submissions."""

import zipfile
from pathlib import Path

import pytest

from autograder.course import Limits
from autograder.intake import submission as intake
from autograder.intake.submission import (
    IntakeError,
    collect,
    find_submissions,
    ignored_entries,
    student_name,
)

LIMITS = Limits(20, 120, 3000, 64, submission_mb=1, submission_files=20)
FILES = {"rdlab/__init__.py": "", "rdlab/gaussian.py": "def f(:\n", "notes.txt": ""}


def make_folder(path: Path, files: dict[str, str]) -> Path:
    for name, content in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(content, encoding="utf-8")
    return path


def make_zip(path: Path, files: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


# The child


def test_what_the_child_finds_comes_back(tmp_path):
    taken = collect(make_zip(tmp_path / "ada.zip", FILES), tmp_path / "out", LIMITS)
    assert (taken.student, taken.files) == ("ada", ("rdlab/__init__.py", "rdlab/gaussian.py"))
    assert (tmp_path / "out/rdlab/gaussian.py").read_text() == "def f(:\n"
    assert taken.left_out == ("notes.txt",)
    assert taken.notes == ("rdlab/gaussian.py line 1: invalid syntax",)
    assert taken.kept.modified == (tmp_path / "ada.zip").stat().st_mtime
    assert list(taken.kept.modules) == ["rdlab/__init__.py"]


def test_its_refusals_come_back(tmp_path):
    with pytest.raises(IntakeError, match=r"bob\.zip cannot be read .*: pack and submit it again"):
        collect(make_folder(tmp_path, {"bob.zip": "PK"}) / "bob.zip", tmp_path / "out", LIMITS)
    with pytest.raises(IntakeError, match="does not exist"):
        collect(tmp_path / "nobody", tmp_path / "out", LIMITS)


def as_child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str) -> Exception:
    """What `collect` raises where the child runs this code in place of reading."""
    (tmp_path / "child.py").write_text(f"import json, os, resource, signal\n{code}\n")
    monkeypatch.setattr(intake, "READING", tmp_path / "child.py")
    with pytest.raises((IntakeError, OSError)) as caught:
        collect(make_folder(tmp_path / "ada", FILES), tmp_path / "out", LIMITS)
    assert str(tmp_path / "ada") in str(caught.value)
    return caught.value


@pytest.mark.parametrize("number", ["SIGSEGV", "SIGABRT", "SIGBUS", "SIGXCPU"])
def test_a_child_that_the_submission_brings_down_is_a_refusal(tmp_path, monkeypatch, number):
    code = f"""
print(json.dumps({{"reading": "rdlab/x.py"}}), flush=True)
os.write(1, b"half a line")
os.kill(os.getpid(), signal.{number})
"""
    error = as_child(tmp_path, monkeypatch, code)
    assert isinstance(error, IntakeError)
    assert "rdlab/x.py" in str(error)


def test_a_child_that_takes_too_long_is_a_refusal(tmp_path, monkeypatch):
    monkeypatch.setattr(intake, "SECONDS", 2)
    code = """print('{"reading": "rdlab/x.py"}', flush=True)\nimport time\ntime.sleep(99)"""
    error = as_child(tmp_path, monkeypatch, code)
    assert "ada: rdlab/x.py takes more than 2 seconds to read" in str(error)


@pytest.mark.parametrize("code", ["os.kill(os.getpid(), 9)", "raise SystemExit(1)", "print('[]')"])
def test_a_child_that_we_bring_down_is_none(tmp_path, monkeypatch, code):
    assert isinstance(as_child(tmp_path, monkeypatch, code), OSError)


def test_the_child_has_limits(tmp_path, monkeypatch):
    code = (
        "import sys; from autograder.intake import reading\n"
        "reading.answer = lambda *_: {'fault': [5, sys.argv[1], str("
        "[resource.getrlimit(kind)[0] for kind in (resource.RLIMIT_CPU, resource.RLIMIT_AS)])]}\n"
        "reading.main()"
    )
    error = as_child(tmp_path, monkeypatch, code)
    assert str([intake.CPU_SECONDS, intake.MEMORY]) in str(error)


def test_what_the_instructor_may_not_read_comes_back_as_that(tmp_path, monkeypatch):
    code = f"""
from autograder.intake import reading
def refuse(*_):
    raise reading._no_permission({str(tmp_path / "ada/x.py")!r})
reading.read_submission = refuse
reading.main()
"""
    error = as_child(tmp_path, monkeypatch, code)
    assert isinstance(error, PermissionError)
    assert error.filename == str(tmp_path / "ada/x.py")


# Names and class folders


@pytest.mark.parametrize(
    ("name", "student"),
    [
        ("Müller, Anna.zip", "Müller, Anna"),
        ("v1.2.tar.gz", "v1.2"),
        ("<script>.tgz", "_script_"),
        ("...zip", "submission"),
        ("x" * 200 + ".zip", "x" * 80),
        ("a\u202eb.ZIP", "a_b"),
    ],
)
def test_the_student_is_the_name_made_safe(tmp_path, name, student):
    (tmp_path / name).touch()
    assert student_name(tmp_path / name) == student


def test_a_class_folder(tmp_path):
    for name in ("carol.zip", "bob.tgz", "dave.rar", "notes.csv", ".hidden.zip", "README.md"):
        (tmp_path / name).touch()
    (tmp_path / "alice").mkdir()
    (tmp_path / "eve").symlink_to(tmp_path / "alice")
    names = [path.name for path in find_submissions(tmp_path)]
    assert names == ["alice", "bob.tgz", "carol.zip", "dave.rar"]
    assert [path.name for path in ignored_entries(tmp_path)] == ["README.md", "eve", "notes.csv"]


def test_a_single_submission_is_its_own_class(tmp_path):
    folder = make_folder(tmp_path / "alice", FILES)
    archive = make_zip(tmp_path / "bob.zip", FILES)
    assert find_submissions(folder) == [folder]
    assert find_submissions(archive) == [archive]
    assert ignored_entries(folder) == ignored_entries(archive) == []


def test_a_missing_or_empty_class_folder(tmp_path):
    with pytest.raises(IntakeError, match="cannot be read"):
        find_submissions(tmp_path / "nowhere")
    (tmp_path / "README.md").touch()
    with pytest.raises(IntakeError, match="holds no submission"):
        find_submissions(tmp_path)
