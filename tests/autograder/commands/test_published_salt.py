"""No class is graded with the salt that everybody knows."""

import os
import shutil

import pytest

from autograder import ROOT
from autograder import __main__ as cli
from autograder.commands import shared
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


def test_a_class_is_refused_and_the_examples_are_not(tmp_path, monkeypatch, capsys):
    monkeypatch.delenv("RDLAB_PUBLISHED_SALT")
    (tmp_path / "ada").mkdir()
    assert cli.main(["grade", str(tmp_path), "--out", str(tmp_path / "grades")]) == 2
    said = capsys.readouterr().err
    assert "course.toml has the published salt" in said
    assert "run `make release`" in said
    assert not (tmp_path / "grades").exists()
    course = load_course(ROOT / "course.toml")
    shared.refuse_published_salt(course, ROOT / "examples")
    with pytest.raises(CourseError, match="published salt"):
        shared.refuse_published_salt(course, tmp_path)


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
    shared.refuse_published_salt(load_course(root / "course.toml"), root)


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
