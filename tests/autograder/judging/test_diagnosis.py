"""The diagnosis: which mistake a failing answer is, and what it costs to tell."""

import subprocess
import sys

import pytest
import torch

from autograder import ROOT
from autograder.course import load_course
from autograder.judging.diagnosis import Answer, Raised, diagnose, wrong_versions
from toy_models import OnePass

COURSE = load_course(ROOT / "course.toml")
TASKS = {task.name: task for task in COURSE.tasks if task.name}
MEAN, LOG_VAR = torch.tensor([[1.0, -2.0]]), torch.tensor([[0.5, -0.5]])


def version(function: str, name: str):
    return next(known for known in wrong_versions(function) if known.name == name)


def failure(name: str, mean=MEAN, log_var=LOG_VAR, function="gaussian_kl") -> Answer:
    """A failed check in which the submission answered as a known wrong version does."""
    returned = version(function, name).solution(mean, log_var)
    return Answer(TASKS[function], (mean, log_var), {}, returned)


def test_a_mistake_is_told_its_sentence():
    sentence = version("gaussian_kl", "no_half").sentence
    assert diagnose({"a": failure("no_half"), "b": failure("no_half", 2 * MEAN)}) == {
        "a": sentence,
        "b": sentence,
    }


def test_a_mutant_is_not_told():
    mutant = failure("clamped_mean", mean=torch.tensor([[5000.0]]), log_var=torch.tensor([[0.0]]))
    assert not version("gaussian_kl", "clamped_mean").sentence
    assert diagnose({"a": mutant}) == {}


def test_a_mistake_that_would_have_failed_a_passed_check_is_not_told():
    """−inf is the answer of both: only the one that is right for small scores is this mistake."""
    task, large = TASKS["dv_bound"], (torch.tensor([790.0]), torch.tensor([600.0, 800.0]))
    small = torch.tensor([1.0, 2.0]), torch.tensor([0.5, 0.0])
    failed = Answer(task, large, {}, version("dv_bound", "overflow").solution(*large))
    passed = Answer(task, small, {}, version("dv_bound", "overflow").solution(*small))
    sentences = {name: version("dv_bound", name).sentence for name in ("overflow", "no_logarithm")}
    assert diagnose({"a": failed}) == {"a": sentences["no_logarithm"]}
    assert diagnose({"a": failed}, [passed]) == {"a": sentences["overflow"]}


def test_a_passed_check_of_random_answers_says_nothing():
    passed = Answer(TASKS["gaussian_kl"], (MEAN, LOG_VAR), {}, torch.rand(1, 2))
    assert diagnose({"a": failure("no_half")}, [passed])


class Noisy:
    """A model whose reconstruction hangs on the noise, or not."""

    def __init__(self, scale: float):
        self.scale = scale

    def eval(self):
        return self

    def encode(self, x):
        return x + 1, torch.zeros_like(x)

    def decode(self, z):
        return self.scale * z


def test_a_check_of_random_answers_neither_tells_nor_hides_a_mistake():
    batches, mean = [torch.ones(3, 2), torch.zeros(1, 2)], "rate_and_distortion/mean_of_batches"
    task, wrong = TASKS["rate_and_distortion"], version(*mean.split("/"))
    settled, random = [
        Answer(task, (model, batches), {}, wrong.solution(model, batches))
        for model in (Noisy(0.0), Noisy(1.0))
    ]
    assert diagnose({"settled": settled, "random": random}) == {"settled": wrong.sentence}


def test_a_generator_that_is_used_up_tells_nothing():
    task, empty = TASKS["rate_and_distortion"], iter(())
    assert diagnose({"a": Answer(task, (Noisy(0.0), empty), {}, (0.0, 0.0))}) == {}
    assert diagnose({"a": Answer(task, (Noisy(0.0), []), {}, (0.0, 0.0))}) != {}


def test_a_task_that_trains_is_left_out(monkeypatch):
    [task] = [task for task in COURSE.tasks if task.trust_when_passed]
    monkeypatch.setattr(
        "autograder.judging.diagnosis.reference", lambda task: pytest.fail("called")
    )
    assert diagnose({"a": Answer(task, (), {}, 1.0)}) == {}


def test_two_different_mistakes_are_not_one():
    assert diagnose({"a": failure("no_half"), "b": failure("bits")}) == {}


@pytest.mark.parametrize("returned", [None, "text", torch.zeros(3), [1.0, None]])
def test_an_unknown_answer_is_not_told(returned):
    assert diagnose({"a": Answer(TASKS["gaussian_kl"], (MEAN, LOG_VAR), {}, returned)}) == {}


def test_a_function_without_known_mistakes_is_no_error():
    assert wrong_versions("no_such_function") == ()


def test_an_argument_stays_as_it_came():
    """Some mistakes write into their arguments: the next one must not see that."""
    x = torch.zeros(4, 2)
    args = x, torch.ones(4, 2), torch.zeros(4, 1), torch.zeros(4, 1), 1.0
    assert diagnose({"a": Answer(TASKS["beta_vae_loss"], args, {}, torch.tensor(9.0))}) == {}
    assert x.eq(0).all()


def said(code: str, *options: str) -> str:
    """What a fresh interpreter prints."""
    command = [sys.executable, *options, "-c", code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_only_the_file_of_the_function_is_imported():
    code = (
        "import sys; from autograder.judging.diagnosis import wrong_versions\n"
        "wrong_versions('gaussian_kl')\n"
        "print(*sorted(name for name in sys.modules if name.startswith('tests')))"
    )
    assert said(code) == "tests.wrong tests.wrong.gaussian_kl"


def test_an_installed_package_called_tests_is_not_in_the_way(tmp_path):
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "__init__.py").touch()
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import tests\n"
        "from autograder.judging.diagnosis import wrong_versions\n"
        "print(tests.__file__, len(wrong_versions('gaussian_kl')) > 9)"
    )
    assert said(code) == f"{tmp_path}/tests/__init__.py True"


def test_batches_that_can_be_gone_through_once_tell_a_mistake():
    """Each known mistake sees them anew, as the submission's process did."""
    wrong = version("rate_and_distortion", "mean_of_batches")
    images = torch.randn(5, 2, generator=torch.Generator().manual_seed(1))

    def arguments():
        return Noisy(0.0), OnePass(images, 2)

    failed = Answer(TASKS["rate_and_distortion"], arguments(), {}, wrong.solution(*arguments()))
    assert diagnose({"a": failed}) == {"a": wrong.sentence}


def test_a_mistake_that_raises_is_told_by_what_it_raises():
    task, wrong = TASKS["gaussian_rate"], version("gaussian_rate", "no_broadcast")
    variance, distortion = torch.tensor([1.0, 4.0]), torch.tensor(0.5)
    with pytest.raises(IndexError) as raised:
        wrong.solution(variance, distortion)
    for text, told in ((str(raised.value), {"a": wrong.sentence}), ("another text", {})):
        failed = Answer(task, (variance, distortion), {}, Raised("IndexError", text))
        assert diagnose({"a": failed}) == told
