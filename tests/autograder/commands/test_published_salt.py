"""No class is graded with the salt that everybody knows."""

import os
import shutil

import pytest

from autograder import ROOT
from autograder import __main__ as cli
from autograder.commands import grade, shared
from autograder.course import PUBLISHED_SALT, CourseError, load_course
from autograder.judging import score


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A copy of what course.toml is read with, where nobody is trying out anything."""
    monkeypatch.delenv("RDLAB_PUBLISHED_SALT")
    shutil.copy(ROOT / "course.toml", tmp_path)
    for name in ("solution", "tests"):
        (tmp_path / name).symlink_to(ROOT / name)
    return tmp_path


def test_grading_a_class_writes_a_fresh_salt_first(root, monkeypatch, capsys):
    monkeypatch.setattr(grade, "ROOT", root)
    (root / "class").mkdir()
    assert cli.main(["grade", str(root / "class"), "--out", str(root / "grades")]) == 2
    written = capsys.readouterr()
    assert "a fresh salt is in place of the published one" in written.out.replace("\n", " ")
    assert load_course(root / "course.toml").salt != PUBLISHED_SALT


def test_the_bundled_class_is_graded_with_the_published_salt(root):
    shared.replace_published_salt(root, ROOT / "examples")
    assert load_course(root / "course.toml").salt == PUBLISHED_SALT


def test_no_other_salt_can_be_written(root, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shared, "write_whole", full)
    with pytest.raises(CourseError, match="no other can be written"):
        shared.replace_published_salt(root)


def test_a_fresh_salt_is_written_once_and_nothing_else_changes(root, capsys):
    before = (root / "course.toml").read_text(encoding="utf-8")
    shared.replace_published_salt(root)
    written = (root / "course.toml").read_text(encoding="utf-8")
    salt = load_course(root / "course.toml").salt
    assert len(salt) >= 24
    assert written == before.replace(PUBLISHED_SALT, salt)
    assert salt not in capsys.readouterr().out
    shared.replace_published_salt(root)
    assert (root / "course.toml").read_text(encoding="utf-8") == written


def test_a_salt_that_is_written_in_another_way_is_left_to_the_instructor(root):
    path = root / "course.toml"
    text = path.read_text(encoding="utf-8").replace(f'"{PUBLISHED_SALT}"', f"'{PUBLISHED_SALT}'")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CourseError, match="write one of your own"):
        shared.replace_published_salt(root)
    assert path.read_text(encoding="utf-8") == text


def test_what_students_may_see_is_no_digest_of_the_salt(root, monkeypatch):
    monkeypatch.setattr(score, "ROOT", root)
    found = []
    for salt in ("one", "another"):
        text = (root / "course.toml").read_text(encoding="utf-8")
        old = load_course(root / "course.toml").salt
        (root / "course.toml").write_text(text.replace(f'"{old}"', f'"{salt}"'), encoding="utf-8")
        found.append(score.versions.__wrapped__()["checks"])
    assert found[0] == found[1]
    with (root / "course.toml").open("a", encoding="utf-8") as file:
        file.write(os.linesep)
    assert score.versions.__wrapped__()["checks"] != found[0]
