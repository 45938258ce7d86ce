"""A record is kept only where nothing that a grade depends on has changed."""

from dataclasses import replace

import pytest

from autograder import ROOT
from autograder.course import Gradescope, Submissions, load_course
from autograder.grading.cache_key import SOURCES, cache_inputs, cache_key
from autograder.intake.submission import Intake

COURSE = load_course(ROOT / "course.toml")
INPUTS = cache_inputs(COURSE, "process", ())
INTAKE = Intake("ada", "5ha256", ("rdlab/a.py",), (), ())


def test_equal_inputs_give_equal_keys():
    again = cache_inputs(load_course(ROOT / "course.toml"), "process", ())
    assert cache_key(again, INTAKE) == cache_key(INPUTS, INTAKE)


def test_the_name_of_the_student_is_no_input():
    assert cache_key(INPUTS, replace(INTAKE, student="emmy")) == cache_key(INPUTS, INTAKE)


@pytest.mark.parametrize(
    "change",
    [{"sha256": "other"}, {"left_out": ("notes.txt",)}, {"notes": ("a.py: odd",)}],
    ids=lambda change: next(iter(change)),
)
def test_a_changed_submission_gives_another_key(change):
    assert cache_key(INPUTS, replace(INTAKE, **change)) != cache_key(INPUTS, INTAKE)


@pytest.mark.parametrize(
    "other",
    [
        cache_inputs(replace(COURSE, salt="other"), "process", ()),
        cache_inputs(COURSE, "user", ()),
        cache_inputs(COURSE, "process", ("1.2",)),
        {**INPUTS, "torch": "0.1"},
    ],
    ids=["salt", "tier", "tasks", "version"],
)
def test_a_changed_course_gives_another_key(other):
    assert cache_key(other, INTAKE) != cache_key(INPUTS, INTAKE)


def test_what_is_only_shown_or_applied_later_gives_the_same_key():
    """Due dates, titles, hints: no verdict depends on them."""
    first = COURSE.tasks[0]
    checks = tuple(replace(check, hint="other", title="other") for check in first.checks)
    tasks = (replace(first, title="other", checks=checks), *COURSE.tasks[1:])
    parts = tuple(replace(part, title="other") for part in COURSE.parts)
    other = replace(
        COURSE,
        title="other",
        tasks=tasks,
        parts=parts,
        late=None,
        gradescope=Gradescope(99),
        submissions=Submissions("best", "zero"),
    )
    assert cache_inputs(other, "process", ()) == INPUTS
    fewer = (replace(first, points=first.points + 1), *COURSE.tasks[1:])
    assert cache_inputs(replace(COURSE, tasks=fewer), "process", ()) != INPUTS
    shown = [ROOT / "autograder" / name for name in ("reports", "platforms", "commands")]
    files = [file for patterns in SOURCES.values() for each in patterns for file in ROOT.glob(each)]
    assert not [file for file in files if file.parent in shown]
    assert ROOT / "autograder/judging/judge.py" in files


def test_the_order_of_tasks_does_not_matter():
    one, other = (cache_inputs(COURSE, "process", ids) for ids in (["1.1", "2.2"], ["2.2", "1.1"]))
    assert one == other


def test_every_source_has_files():
    for patterns in SOURCES.values():
        for pattern in patterns:
            assert any(ROOT.glob(pattern)) or pattern == "data/classifier.safetensors"
