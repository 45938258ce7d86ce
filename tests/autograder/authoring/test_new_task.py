"""new-task writes skeletons that work as they are."""

import shutil

import pytest

from autograder import ROOT
from autograder.authoring.new_task import new_task
from autograder.authoring.release import build
from autograder.course import CourseError, load_course


@pytest.fixture
def root(tmp_path):
    for name in ("solution", "tests", "data"):
        shutil.copytree(
            ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("runs*", "*.gz")
        )
    shutil.copy(ROOT / "course.toml", tmp_path)
    return tmp_path


def raised(text: str, number: int) -> str:
    """course.toml with two points more for a part."""
    part = text.index(f"number = {number}")
    points = text.index("points = ", part)
    end = text.index("\n", points)
    more = float(text[points + len("points = ") : end].split("#")[0]) + 2
    return f"{text[:points]}points = {more:g}{text[end:]}"


@pytest.mark.parametrize("module", ["gaussian", "entropies"])
def test_its_skeletons_are_a_course_that_can_be_released(root, module):
    made = new_task(root, "1.9", f"rdlab.{module}:differential_entropy", "Entropy")
    assert all(path.is_file() for path in made)
    course = root / "course.toml"
    course.write_text(raised(course.read_text("utf-8"), 1), encoding="utf-8")
    task = next(task for task in load_course(course).tasks if task.id == "1.9")
    assert [check.visibility for check in task.checks] == ["public", "hidden"]
    released = build(root)[f"rdlab/{module}.py"].content.decode()
    assert 'raise NotImplementedError("Task 1.9: differential_entropy")' in released


def test_points_that_do_not_add_up_are_said(root):
    new_task(root, "1.9", "rdlab.gaussian:differential_entropy", "Entropy")
    with pytest.raises(CourseError, match="add up to"):
        load_course(root / "course.toml")


@pytest.mark.parametrize(
    ("task", "function"),
    [
        ("1.2", "rdlab.gaussian:other"),
        ("1.9", "rdlab.gaussian:gaussian_kl"),
        ("one", "rdlab.gaussian:other"),
        ("1.9", "gaussian.other"),
    ],
)
def test_what_is_taken_or_malformed_is_refused_and_nothing_written(root, task, function):
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    with pytest.raises(CourseError):
        new_task(root, task, function, "Entropy")
    assert before == {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
