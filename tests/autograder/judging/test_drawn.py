"""A table of answers does not pass a public check, and right code passes on drawn inputs, too."""

import math
import re

import pytest
import torch

from autograder import ROOT
from autograder.course import load_course
from autograder.judging.drawn import LEAST, WrongOnDrawn, check_on_drawn, drawn
from autograder.judging.reference import reference
from autograder.sandbox.inside.wire import RemoteError
from support import Draw

TASKS = {task.id: task for task in load_course(ROOT / "course.toml", every_part=True).tasks}
PUBLIC = "\n".join(path.read_text("utf-8") for path in sorted(ROOT.glob("tests/public/test_*.py")))
FIRST = (torch.tensor([[0.0, 2.0], [-1.0, math.inf]]), [1, 2.0], True, torch.arange(3)), {"n": 4}


@pytest.mark.parametrize("salt", range(20))
def test_drawn_numbers_keep_form_sign_and_range(salt):
    (x, pair, flag, whole), named = drawn(FIRST, Draw(str(salt), "check"))
    assert x[0, 0] == 0
    assert 2 * LEAST <= x[0, 1] < 2
    assert -1 < x[1, 0] <= -LEAST
    assert x[1, 1] == math.inf
    assert pair[0] == 1
    assert 2 * LEAST <= pair[1] < 2
    assert flag is True
    assert whole.tolist() == [0, 1, 2]
    assert named == {"n": 4}
    again = drawn(FIRST, Draw(str(salt), "check"))
    assert torch.equal(again[0][0], x)
    assert not torch.equal(drawn(FIRST, Draw("another", "check"))[0][0], x)
    assert FIRST[0][0][0, 1] == 2, "what the check itself has stays"


@pytest.mark.parametrize("salt", range(20))
def test_a_covariance_stays_one(salt):
    matrix = torch.tensor([[1.0, 0.9, 0.0], [0.9, 1.0, 0.1], [0.0, 0.1, 1.0]])
    found = drawn(matrix, Draw(str(salt), "check"))
    assert torch.equal(found, found.T)
    assert torch.linalg.eigvalsh(found).min() > 0
    assert not torch.equal(found, matrix)


def test_other_answers_and_errors_are_told_in_one_sentence():
    arguments = (torch.tensor([[0.0, 2.0]]), torch.zeros(1, 2)), {}
    kl, table = reference(TASKS["1.2"]), torch.tensor([[0.0, 2.0]])

    def judged(call):
        check_on_drawn(call, kl, arguments, Draw("salt", "kl_by_hand"))

    def unknown(*_):
        raise RemoteError(["KeyError"], "(0.0, 1.79)")

    judged(kl)
    judged(lambda *args: kl(*args).double())
    for wrong in (lambda *_: table, lambda *_: "text", lambda *_: None, unknown):
        with pytest.raises(WrongOnDrawn, match="right on the inputs of this check") as caught:
            judged(wrong)
        assert caught.value.returned is None
        assert "1.79" not in str(caught.value)


def test_a_number_may_come_in_any_form():
    arguments = (torch.tensor([1.0, 3.0]), torch.zeros(3)), {}
    bound = reference(TASKS["3.2"])
    for form in (float, torch.as_tensor, lambda value: torch.as_tensor(value).double().numpy()):
        call = lambda *args, form=form: form(bound(*args))  # noqa: E731
        check_on_drawn(call, bound, arguments, Draw("salt", "dv_by_hand"))


def test_most_public_checks_by_hand_are_also_drawn():
    """Not those of gradients, and none whose numbers have to fit together."""
    marked = re.findall(r"@pytest.mark.drawn\ndef test_(\w+)", PUBLIC)
    of_parts = [check for task in TASKS.values() for check in task.checks]
    public = {check.name: check.points for check in of_parts if check.visibility == "public"}
    assert set(marked) <= set(public)
    assert sum(public[name] for name in marked) > 0.6 * sum(public.values())
