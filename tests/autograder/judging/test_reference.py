"""The reference's functions are found for the judge, whatever else is importable."""

import sys

from autograder import ROOT
from autograder.course import load_course
from autograder.judging.reference import find_solution, reference

COURSE = load_course(ROOT / "course.toml")


def test_every_task_function_is_the_solutions():
    for task in COURSE.tasks:
        if task.name:
            function = reference(task)
            assert function.__name__ == task.name
            file = sys.modules[task.module].__file__
            assert file == str(ROOT / "solution" / f"{task.module.replace('.', '/')}.py")


def test_the_solution_is_entered_once():
    find_solution()
    found = list(sys.path)
    find_solution()
    assert str(ROOT / "solution") in found
    assert sys.path == found
