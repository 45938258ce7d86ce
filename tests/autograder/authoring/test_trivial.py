"""What trivial answers earn: how they are made, and what is said of them."""

import torch

from autograder import ROOT
from autograder.authoring.trivial import (
    _ANSWERED,
    ANSWERS,
    as_markdown,
    earning_too_much,
    make_trivial_cases,
)
from autograder.course import load_course


def answers(right, *args, **kwargs) -> dict:
    """What each trivial answer is where `right` is the right one."""
    found = {}
    for name, answer in ANSWERS.items():
        scope = {"right": lambda *args, **kwargs: right}
        exec(_ANSWERED.format(name="right", function="right", answer=answer), scope)
        found[name] = scope["right"](*args, **kwargs)
    return found


def test_constants_have_the_right_form():
    found = answers((torch.ones(2, 3, dtype=torch.float64), 5), torch.zeros(4), flag=True)
    for name, constant in (("zeros", 0), ("ones", 1)):
        tensor, number = found[name]
        assert torch.equal(tensor, torch.full((2, 3), constant, dtype=torch.float64))
        assert number == constant


def test_arguments_are_handed_back():
    found = answers(0.5, "x", y="y")
    assert (found["first argument"], found["second argument"]) == ("x", "y")
    found = answers((1, 2), "a", "b", c="c")
    assert (found["first argument"], found["second argument"]) == (("a", "b"), ("b", "c"))


def test_every_task_function_is_replaced_and_what_trains_does_not(tmp_path):
    course = load_course(ROOT / "course.toml", every_part=True)
    cases = make_trivial_cases(course, tmp_path)
    assert [case.name for case in cases] == list(ANSWERS)
    for task in course.tasks:
        if task.name:
            text = (cases[0].path / f"{task.module.replace('.', '/')}.py").read_text()
            function = None if task.trust_when_passed else task.name
            assert f"\n{task.name} = _answered({function}, " in text


def test_what_is_earned_is_told_and_too_much_is_named():
    course = load_course(ROOT / "course.toml")
    earned = {"1.1": dict.fromkeys(ANSWERS, 1.0), "1.5": dict.fromkeys(ANSWERS, 0.0)}
    assert earning_too_much(course, earned) == []
    earned["1.5"]["zeros"] = 0.5
    assert earning_too_much(course, earned) == ["task 1.5: zeros earns 0.5 of 2"]
    assert as_markdown(course, earned).splitlines() == [
        "| task | zeros | ones | first argument | second argument | of |",
        "| --- | --- | --- | --- | --- | --- |",
        "| 1.1 | 1 | 1 | 1 | 1 | 5 |",
        "| 1.5 | 0.5 | 0 | 0 | 0 | 2 |",
    ]
