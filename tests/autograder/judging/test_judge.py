"""The judge, with checks and submissions made for the purpose."""

import math
import multiprocessing
import resource
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
import torch

from autograder import ROOT
from autograder.checks import find_checks
from autograder.course import Check, Course, Limits, Task, load_course
from autograder.judging import judge, plugin, served
from autograder.judging.conversation import Worker
from autograder.judging.diagnosis import wrong_versions
from autograder.judging.judge import CollectionError, run_checks, with_checks
from autograder.judging.record import Cause
from autograder.judging.reference import reference
from autograder.judging.replay import scripts
from autograder.judging.results import Result, Verdict
from autograder.sandbox.sandbox import Sandbox
from footprint import CHANGES
from tests.autograder.tier import TIER

pytestmark = pytest.mark.usefixtures("one_zygote")
FUNCTIONS = {
    "1.1": "rdlab.gaussian:reparameterize",
    "1.2": "rdlab.gaussian:gaussian_kl",
    "1.3": "rdlab.objective:beta_vae_loss",
}

PUBLIC = '''
import pytest
import torch
from support import assert_matches

@pytest.mark.task("1.2")
def test_kl_shown(student):
    """The KL of a wide posterior."""
    assert_matches(student.gaussian_kl(torch.ones(2), torch.zeros(2)), torch.full((2,), 0.5))

@pytest.mark.task("1.1")
@pytest.mark.no_mutation
def test_sample_shown(student, draw):
    """A sample without noise is the mean."""
    mean = draw.normal(3)
    assert_matches(student.reparameterize(mean, torch.zeros(3), torch.zeros(3)), mean)

@pytest.mark.task("1.3")
def test_loss_shown(student):
    """A perfect image costs β times its rate."""
    x, mean = torch.zeros(1, 4), torch.ones(1, 2)
    assert_matches(student.beta_vae_loss(x, x, mean, torch.zeros(1, 2), 3.0), torch.tensor(3.0))
'''

HIDDEN = '''
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from support import assert_matches, assert_raises

@pytest.mark.task("1.2")
@given(st.integers(1, 9))
def test_kl_drawn(student, n):
    """The KL of any number of latents."""
    assert_matches(student.gaussian_kl(torch.zeros(n), torch.zeros(n)), torch.zeros(n))

@pytest.mark.task("1.2")
def test_kl_seeded(student, draw):
    """The KL of drawn means."""
    mean = draw.normal(4)
    returned = student.gaussian_kl(mean, torch.zeros(4))
    assert_matches(returned, mean**2 / 2)

@pytest.mark.task("1.1")
def test_vacuous(student):
    """Calls nothing."""

@pytest.mark.task("1.1")
def test_broken(student):
    """Fails of itself."""
    student.reparameterize(torch.zeros(1), torch.zeros(1), torch.zeros(1))
    1 / 0

@pytest.mark.task("1.1")
def test_no_disk(student):
    """Fails for want of a file."""
    student.reparameterize(torch.zeros(1), torch.zeros(1), torch.zeros(1))
    open("/nowhere/at/all")

@pytest.mark.task("1.1")
def test_another_task(student):
    """Calls what is not of its task."""
    student.gaussian_kl(torch.zeros(1), torch.zeros(1))
'''
NUMBERED = '''
@pytest.mark.task("1.2")
@pytest.mark.no_mutation
def test_kl_of_{n}(student):
    """The KL of {n} latents."""
    mean = torch.ones({n})
    assert_matches(student.gaussian_kl(mean, torch.zeros({n})), mean / 2)
'''
HIDDEN += "".join(NUMBERED.format(n=n) for n in range(11, 21))
FAULTY = {"vacuous", "broken", "no_disk", "another_task"}
KL = "def gaussian_kl(mean, log_var):\n"
RIGHT = "    return (mean**2 + log_var.exp() - 1 - log_var) / 2\n"


@pytest.fixture(scope="module")
def grade(tmp_path_factory):
    """Grades the solution with some files replaced, or with a function's body replaced."""
    root = tmp_path_factory.mktemp("course")
    for visibility, text in (("public", PUBLIC), ("hidden", HIDDEN)):
        (root / "tests" / visibility).mkdir(parents=True)
        (root / "tests" / visibility / "test_small.py").write_text(text)

    @cache
    def run(
        kl: str = "", again: int = 0, seconds: float = math.inf, **files: str | bytes
    ) -> Verdict:
        submission = _submission(tmp_path_factory.mktemp("class"), kl, **files)
        deadline = time.monotonic() + seconds
        judge.ROOT = root
        try:
            return _in_a_fork(
                lambda: run_checks(submission, _course(root), TIER, deadline=deadline)
            )
        finally:
            judge.ROOT = ROOT

    run.root, run.course = root, _course(root)
    return run


def _submission(folder: Path, kl: str, **files: str | bytes) -> Path:
    submission = folder / "submission"
    shutil.copytree(ROOT / "solution" / "rdlab", submission / "rdlab")
    if kl:
        with open(submission / "rdlab" / "gaussian.py", "a") as file:
            file.write(f"\n\nimport os\nimport torch\n{KL}{kl}")
    for name, content in files.items():
        data = content.encode() if isinstance(content, str) else content
        (submission / "rdlab" / f"{name}.py").write_bytes(data)
    return submission


def _course(root: Path) -> Course:
    found = find_checks(root / "tests")
    checks = {
        task: tuple(
            Check(name, task, 1, "", seen.visibility, seen.title, seen.place)
            for name, seen in found.items()
            if seen.task == task
        )
        for task in FUNCTIONS
    }
    tasks = tuple(
        Task(
            task,
            task,
            place,
            *place.split(":"),
            len(checks[task]),
            ("1.2",) if task == "1.3" else (),
            False,
            checks[task],
        )
        for task, place in FUNCTIONS.items()
    )
    limits = Limits(2, 10, 3000, 64, 1, 10)
    return Course("small", sum(task.points for task in tasks), "salt", limits, (), tasks)


def _in_a_fork(work):
    """What `work()` gives in a process of its own: pytest runs once per process."""
    fork = multiprocessing.get_context("fork")
    ours, theirs = fork.Pipe()

    def send():
        try:
            theirs.send(work())
        except BaseException as error:
            theirs.send(error)

    process = fork.Process(target=send)
    process.start()
    assert ours.poll(100), "the judge does not come to an end"
    result = ours.recv()
    process.join()
    if isinstance(result, BaseException):
        raise result
    return result


def statuses(verdict: Verdict) -> dict[str, str]:
    return {name: result.status for name, result in verdict.results.items() if name not in FAULTY}


def failed(verdict: Verdict) -> set[str]:
    return {name for name, status in statuses(verdict).items() if status != "passed"}


def test_the_solution_passes(grade):
    assert failed(grade()) == set()


def test_options_of_whoever_grades_do_not_reach_the_checks(grade, monkeypatch):
    monkeypatch.setenv("PYTEST_ADDOPTS", "-k nothing --maxfail=1")
    monkeypatch.setenv("PYTEST_PLUGINS", "no_such_plugin")
    verdict = grade()
    assert failed(verdict) == set()
    assert len(verdict.results) > 3


def test_checks_that_were_collected_once_say_the_same(grade, tmp_path, monkeypatch):
    """Of each submission of a class, graded in a fork of the process that has collected them."""
    monkeypatch.setattr(judge, "ROOT", grade.root)
    bodies = (RIGHT, RIGHT.replace("/ 2", "/ 3"), RIGHT)
    folders = [_submission(tmp_path / str(n), body) for n, body in enumerate(bodies)]

    def grade_class():
        return [
            _in_a_fork(lambda f=folder: run_checks(f, grade.course, TIER)) for folder in folders
        ]

    together = _in_a_fork(lambda: with_checks(grade.course, grade_class))
    for verdict, body in zip(together, bodies, strict=True):
        alone = grade(kl=body)
        assert _without_times(verdict) == _without_times(alone)
        assert verdict.diagnoses == alone.diagnoses
    assert failed(together[0]) < failed(together[1])


def _without_times(verdict: Verdict) -> dict[str, Result]:
    return {name: replace(result, seconds=0) for name, result in verdict.results.items()}


def test_every_file_of_checks_is_collected_before_anything_else_is_imported():
    """In a process of its own: here, the reference may be on the path already."""
    code = (
        "from autograder import ROOT\n"
        "from autograder.course import load_course\n"
        "from autograder.judging.judge import with_checks\n"
        "with_checks(load_course(ROOT / 'course.toml'), lambda: None)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, "")


def test_checks_that_cannot_be_collected_are_the_graders_fault(grade, tmp_path, monkeypatch):
    shutil.copytree(grade.root / "tests", tmp_path / "tests")
    (tmp_path / "tests" / "hidden" / "test_small.py").write_text("import nothing_like_it")
    monkeypatch.setattr(judge, "ROOT", tmp_path)

    def twice():
        """As each judge does where nothing could be collected for the whole class."""
        with suppress(CollectionError):
            with_checks(grade.course, lambda: None)
        with_checks(grade.course, lambda: None)

    with pytest.raises(CollectionError) as raised:
        _in_a_fork(twice)
    assert str(raised.value).partition("\n")[0] == (
        "tests/hidden/test_small.py cannot be read: "
        "ModuleNotFoundError: No module named 'nothing_like_it'"
    )


def test_an_error_of_the_work_goes_through(grade, monkeypatch):
    monkeypatch.setattr(judge, "ROOT", grade.root)
    with pytest.raises(KeyError, match="its own"):
        _in_a_fork(lambda: with_checks(grade.course, lambda: {}["its own"]))


def test_a_check_that_calls_nothing_is_not_graded(grade):
    result = grade().results["vacuous"]
    assert result.status == "not graded"
    assert any("vacuous" in incident for incident in grade().incidents)


def test_a_fault_of_the_machine_is_not_graded(grade):
    assert grade().results["no_disk"].cause is Cause.UNDECIDED
    assert any("no_disk" in incident for incident in grade().incidents)


@pytest.mark.parametrize("name", ["broken", "another_task"])
def test_a_fault_of_the_check_is_no_silent_zero(grade, name):
    assert grade().results[name].status != "passed"
    assert any(name in incident for incident in grade().incidents)


@pytest.mark.parametrize(
    ("limits", "body"),
    [
        ({"submission_cpu_s": 2.5, "check_cpu_s": 3}, "    while True:\n        pass\n"),
        ({"submission_wall_s": 6, "check_wall_s": 7}, "    __import__('time').sleep(99)\n"),
    ],
    ids=["CPU", "clock"],
)
def test_a_hang_takes_no_more_than_all_checks_have_together(
    grade, tmp_path, monkeypatch, limits, body
):
    """What is left is graded as too slow: the same submission gets the same grade."""
    course = replace(grade.course, limits=replace(grade.course.limits, **limits))
    monkeypatch.setattr(judge, "ROOT", grade.root)
    submission = _submission(tmp_path, body)
    verdict = _in_a_fork(lambda: run_checks(submission, course, TIER))
    slow = [r for r in verdict.results.values() if r.cause in (Cause.TIME, Cause.CPU)]
    left = [result for result in slow if result.message.startswith("not run: the checks before")]
    assert len(slow) - len(left) in (1, 2)
    assert len(left) > 5
    assert not any("UsedUp" in incident for incident in verdict.incidents)


def test_a_replay_of_a_hang_does_not_wait_for_long(grade, tmp_path, monkeypatch):
    """It is not charged: with another's answers known, a class would wait for each check twice."""
    limits = replace(grade.course.limits, check_wall_s=2, submission_wall_s=3)
    course = replace(grade.course, limits=limits)
    monkeypatch.setattr(judge, "ROOT", grade.root)
    monkeypatch.setattr(plugin, "REPLAY_SECONDS", 0.5)
    right = _submission(tmp_path / "right", RIGHT)
    hung = _submission(tmp_path / "hung", "    __import__('time').sleep(99)\n")
    whole, waits = Worker.open, []

    def opened(worker, plan, cpu_s, wall_s, served):
        waits.append(wall_s)
        return whole(worker, plan, cpu_s, wall_s, served)

    def hang():
        monkeypatch.setattr(Worker, "open", opened)
        run_checks(hung, course, TIER, tasks=["1.2"])
        return waits

    def in_a_class():
        news = _in_a_fork(lambda: [run_checks(right, course, TIER), scripts.news_as_json()][1])
        alone = _in_a_fork(hang)
        scripts.learn_json(news)
        return alone, _in_a_fork(hang)

    alone, beside = _in_a_fork(lambda: with_checks(course, in_a_class))
    assert alone == [2, 2]
    assert [wait for wait in beside if wait == 2] == alone
    assert set(beside) == {2, 0.5}


def test_what_others_used_of_a_shared_worker_is_not_charged(grade, tmp_path, monkeypatch):
    """Nor what the worker itself took to start."""
    limits = replace(grade.course.limits, submission_cpu_s=5)
    course = replace(grade.course, limits=limits)
    monkeypatch.setattr(judge, "ROOT", grade.root)
    hung = _submission(tmp_path / "hung", "    while True:\n        pass\n")
    right = _submission(tmp_path / "right", RIGHT)
    tmp_path.chmod(0o755)  # the worker is another user
    shared = Sandbox(TIER, tmp_path, limits)

    def verdict(submission):
        return _in_a_fork(lambda: run_checks(submission, course, TIER, shared=shared))

    try:
        assert any("not run:" in result.message for result in verdict(hung).results.values())
        assert failed(verdict(right)) == set()
    finally:
        shared.stop()


def test_what_has_no_verdict_in_time_is_not_graded(grade):
    verdict = grade("    import time\n    time.sleep(99)\n", seconds=6)
    assert verdict.results["kl_shown"].status == "not graded"
    assert {verdict.results[f"kl_of_{n}"].status for n in range(11, 21)} == {"not graded"}
    assert any("is used up" in incident for incident in verdict.incidents)


def test_the_same_submission_gets_the_same_results(grade):
    first, second = grade(), grade(again=1)
    for name, result in first.results.items():
        other = second.results[name]
        seen = [(r.status, r.cause, r.message, r.evidence) for r in (result, other)]
        assert seen[0] == seen[1]
    assert first.incidents == second.incidents


def test_hidden_checks_run_after_public_ones(grade):
    order = list(grade().results)
    assert set(order[:3]) == {"kl_shown", "sample_shown", "loss_shown"}


def test_nothing_of_a_hidden_check_reaches_a_public_one(grade):
    """What one check leaves behind in a module or folder is gone in the next."""
    body = """\
    if os.path.exists("kept") or hasattr(torch, "kept"):
        raise RuntimeError("kept")
    torch.kept = open("kept", "w")
"""
    verdict = grade(kl=body + RIGHT)
    assert failed(verdict) <= {"kl_drawn"}  # which calls more than once in one process


def test_a_failure_shows_call_returned_and_expected(grade):
    result = grade(kl="    return mean * 3\n").results["kl_shown"]
    assert result.cause is Cause.MISMATCH
    assert result.evidence.call == "gaussian_kl(float32 (2,) [1, 1], float32 (2,) [0, 0])"
    assert result.evidence.returned == "float32 (2,) [3, 3]"
    assert result.evidence.expected == "float32 (2,) [0.5, 0.5]"


def test_a_syntax_error_costs_its_own_module(grade):
    verdict = grade(gaussian="def gaussian_kl(mean, log_var)\n    return 0\n")
    assert statuses(verdict)["loss_shown"] == "passed"
    for name in ("kl_shown", "kl_drawn", "kl_seeded", "sample_shown"):
        message = verdict.results[name].message
        assert message.startswith("raised SyntaxError: ")
        assert "rdlab/gaussian.py:1" in message


def test_an_exit_at_import_costs_its_own_module(grade):
    verdict = grade(gaussian="import sys\nsys.exit(0)\n")
    assert statuses(verdict)["loss_shown"] == "passed"
    assert "SystemExit" in verdict.results["kl_shown"].message


@pytest.mark.parametrize(
    ("line", "advised"),
    [
        ("open('data/images.gz')", True),
        ("raise __import__('rdlab.lab.errors').lab.errors.LabError('no data here')", True),
        ("1 / 0", False),
    ],
)
def test_a_module_that_wants_data_when_imported_is_told_what_to_do(grade, line, advised):
    source = (ROOT / "solution" / "rdlab" / "objective.py").read_text()
    verdict = grade(objective=f"{source}\n\n{line}\n")
    assert failed(verdict) == {"loss_shown"}
    message = verdict.results["loss_shown"].message
    assert "(rdlab/objective.py:" in message
    assert (plugin.NO_FILE_ADVICE in message) is advised


def test_a_module_that_works_too_long_when_imported_is_told_so(grade):
    source = (ROOT / "solution" / "rdlab" / "objective.py").read_text()
    verdict = grade(objective=f"{source}\n\nwhile True:\n    pass\n")
    message = "used more than 2 CPU seconds, while your module was imported"
    assert verdict.results["loss_shown"].message == message


MOODS = """\
    n = len(mean)
    if n == 11:
        while True:
            pass
    if n == 12:
        os._exit(0)
    if n == 13:
        raise SystemExit(0)
    if n == 14:
        return object()
    if n == 15:
        raise ValueError("\\ud800")
    if n == 16:
        return torch.zeros(1 << 27, dtype=torch.uint8)
    if n == 17:
        value = mean.square() / 2
        mean.zero_()
        return value
    if n == 18:
        raise ZeroDivisionError("by zero")
    if n == 19:
        raise NotImplementedError("Task 1.2: gaussian_kl")
"""


def test_every_failure_costs_one_check(grade):
    verdict = grade(kl=MOODS + RIGHT)
    assert failed(verdict) == {f"kl_of_{n}" for n in range(11, 20)}


@pytest.mark.parametrize(
    ("n", "cause", "message"),
    [
        (11, Cause.CPU, "used more than 2 CPU seconds"),
        (12, Cause.DIED, "the process that ran your code ended"),
        (13, Cause.EXITED, "raised SystemExit: 0 (rdlab/gaussian.py:"),
        (14, Cause.UNUSABLE, "what it returned cannot be used: an object is neither a tensor nor"),
        (15, Cause.RAISED, "raised ValueError: ? (rdlab/gaussian.py:"),
        (16, Cause.UNUSABLE, "what it returned cannot be used: a value is too large"),
        (17, Cause.ARGUMENT_CHANGED, "an argument was changed in place"),
        (18, Cause.RAISED, "raised ZeroDivisionError: by zero (rdlab/gaussian.py:"),
        (19, Cause.NOT_STARTED, "not started: Task 1.2: gaussian_kl"),
        (20, None, ""),
    ],
)
def test_every_failure_has_its_cause_and_says_what_it_is(grade, n, cause, message):
    result = grade(kl=MOODS + RIGHT).results[f"kl_of_{n}"]
    assert result.cause is cause
    assert result.message.startswith(message)


def test_what_a_call_leaves_behind_costs_one_check_wherever_it_happens(grade):
    body = "    if len(mean) == 4:\n        torch.set_default_dtype(torch.float64)\n" + RIGHT
    verdict = grade(kl=body)
    assert failed(verdict) == {"kl_of_11"}  # which does not call it with four latents
    result = verdict.results["kl_of_11"]
    assert result.cause is Cause.STATE_CHANGED
    assert result.message == CHANGES["default_dtype"]


def test_a_wrapper_may_not_seed_in_a_task_without_a_seed(grade):
    """Where the task has one, it may: see tests/right/data_loader.py."""
    wrapper = "\n\n_kl = gaussian_kl\n\n\ndef gaussian_kl(*args, **kwargs):\n"
    wrapper += "    if len(args[0]) == 4:\n        torch.manual_seed(0)\n"
    verdict = grade(kl=RIGHT + wrapper + "    return _kl(*args, **kwargs)\n")
    assert failed(verdict) == {"kl_of_11"}  # which does not call it with four latents
    assert verdict.results["kl_of_11"].message == CHANGES["seed"]


def test_gradients_switched_off_by_an_import_cost_the_first_task_of_the_module(grade):
    verdict = grade(kl=RIGHT + "\n\ntorch.set_grad_enabled(False)\n")
    assert failed(verdict) == {"sample_shown"}
    assert verdict.results["sample_shown"].message == CHANGES["import"]


@pytest.fixture
def only_the_loss(monkeypatch):
    """The tasks that the loss builds on are off."""

    def switched(root: Path) -> Course:
        course = whole(root)
        return replace(course, tasks=course.tasks[2:], tasks_off=course.tasks[:2])

    whole = _course
    monkeypatch.setattr(sys.modules[__name__], "_course", switched)


@pytest.mark.usefixtures("only_the_loss")
def test_the_reference_answers_for_a_task_that_is_off(grade):
    """And its own checks are not collected."""
    verdict = grade(kl="    return mean * 0\n", again=3)
    assert {name: result.status for name, result in verdict.results.items()} == {
        "loss_shown": "passed"
    }


def test_a_mistake_in_an_earlier_task_costs_that_task_and_is_named(grade):
    body = "    return mean**2 + log_var.exp() - 1 - log_var\n"
    verdict = grade(kl=body)
    assert statuses(verdict)["loss_shown"] == "passed"
    assert verdict.results["kl_shown"].status == "failed"
    known = next(known for known in wrong_versions("gaussian_kl") if known.name == "no_half")
    assert verdict.diagnoses["kl_shown"] == verdict.diagnoses["kl_seeded"] == known.sentence


LOSS = """
def beta_vae_loss(x, x_hat, mean, log_var, beta):
    distortion = (x - x_hat).square().flatten(1).sum(1).mean()
    return distortion + beta * {kl}.sum(1).mean(){after}
"""
IMPORT = "from rdlab.gaussian import gaussian_kl"
STYLES = {
    "renamed": ("from rdlab.gaussian import gaussian_kl as kl\n", "kl(mean, log_var)"),
    "named again": (
        "from rdlab.gaussian import gaussian_kl\nK = gaussian_kl\n",
        "K(mean, log_var)",
    ),
    "relative": ("from .gaussian import gaussian_kl\n", "gaussian_kl(log_var=log_var, mean=mean)"),
    "table": (
        "from rdlab import gaussian\nTERMS = {'kl': gaussian.gaussian_kl}\n",
        "TERMS['kl'](mean, log_var)",
    ),
    "default argument": (
        f"{IMPORT}\ndef rate(m, v, kl=gaussian_kl): return kl(m, v)\n",
        "rate(mean, log_var)",
    ),
    "partial": (
        f"from functools import partial\n{IMPORT}\nRATE = partial(gaussian_kl)\n",
        "RATE(mean, log_var)",
    ),
    "attribute of a class": (
        f"{IMPORT}\nclass Terms:\n    kl = staticmethod(gaussian_kl)\n",
        "Terms.kl(mean, log_var)",
    ),
}
WRONG_KL = "    return mean**2 + log_var.exp() - 1 - log_var\n"


@pytest.mark.parametrize("style", STYLES)
def test_an_earlier_mistake_costs_once_in_every_style(grade, style):
    head, kl = STYLES[style]
    verdict = grade(kl=WRONG_KL, objective=head + LOSS.format(kl=kl, after=""))
    assert statuses(verdict)["loss_shown"] == "passed"
    assert statuses(verdict)["kl_shown"] == "failed"


def test_decorated_and_nested_functions_are_replaced_too(grade):
    made = (
        "import torch\ndef _make(half):\n    @torch.no_grad()\n    def kl(mean, log_var):\n"
        "        return half * (mean**2 + log_var.exp() - 1 - log_var)\n    return kl\n"
        "gaussian_kl = _make(1)\nreparameterize = lambda mean, log_var, noise: mean\n"
    )
    head, kl = STYLES["named again"]
    verdict = grade(gaussian=made, objective=head + LOSS.format(kl=kl, after=""))
    assert statuses(verdict)["loss_shown"] == "passed"
    assert statuses(verdict)["kl_shown"] == "failed"


def test_code_that_agrees_with_its_own_mistake_is_right(grade):
    """A KL that is summed over latents, and used as such: the mistake is that of the KL."""
    head, _ = STYLES["renamed"]
    summed = "    return (mean**2 + log_var.exp() - 1 - log_var).sum(1) / 2\n"
    loss = head + LOSS.format(kl="kl(mean, log_var).unsqueeze(1)", after="")
    verdict = grade(kl=summed, objective=loss)
    assert statuses(verdict)["loss_shown"] == "passed"
    assert statuses(verdict)["kl_shown"] == "failed"
    verdict = grade(kl=summed, objective=loss.replace("beta *", "3 * beta *"))
    assert statuses(verdict)["loss_shown"] == "failed"


@pytest.mark.usefixtures("only_the_loss")
def test_it_is_as_right_where_the_earlier_task_is_not_graded(grade):
    head, _ = STYLES["renamed"]
    summed = "    return (mean**2 + log_var.exp() - 1 - log_var).sum(1) / 2\n"
    loss = head + LOSS.format(kl="kl(mean, log_var).unsqueeze(1)", after="")
    verdict = grade(kl=summed, objective=loss, again=4)
    assert {name: result.status for name, result in verdict.results.items()} == {
        "loss_shown": "passed"
    }


def test_a_library_function_in_place_of_a_task_function_stays_as_it_is(grade):
    """Only the submission's name for it is replaced: it may use the library's elsewhere."""
    head = (
        "from torch.nn.functional import mse_loss\nfrom rdlab.gaussian import gaussian_kl as kl\n"
    )
    loss = LOSS.format(kl="kl(mean, log_var)", after=" + 0 * mse_loss(x, x)")
    taken = "from torch.nn.functional import mse_loss as gaussian_kl\n"
    verdict = grade(
        gaussian=taken + "def reparameterize(m, v, n): return m\n", objective=head + loss
    )
    assert statuses(verdict)["loss_shown"] == "passed"


@pytest.mark.parametrize("broken", ["def gaussian_kl(\n", "import no_such_module\n", "1 / 0\n"])
def test_a_module_that_cannot_be_imported_costs_its_own_tasks(grade, broken):
    """Whatever else of it a later task's module imports."""
    head = "from rdlab.gaussian import gaussian_kl, reparameterize\n"
    loss = head + LOSS.format(kl="gaussian_kl(mean, log_var)", after="")
    verdict = grade(gaussian=broken, objective=loss)
    assert statuses(verdict)["loss_shown"] == "passed"
    assert failed(verdict) == {name for name in statuses(verdict) if name != "loss_shown"}


def test_an_unknown_mistake_is_not_named(grade):
    assert grade(kl="    return mean * 3\n").diagnoses == {}


def test_line_ends_and_encodings(grade):
    """A declared encoding is fine; a file that Python cannot decode costs its own tasks."""
    source = ROOT / "solution" / "rdlab"
    windows = source.joinpath("gaussian.py").read_text(encoding="utf-8").replace("\n", "\r\n")
    latin = b"# coding: latin-1\n" + windows.encode("latin-1", "replace")
    undeclared = b'NAME = "\xe9"\n' + source.joinpath("objective.py").read_bytes()
    verdict = grade(gaussian=latin, objective=undeclared)
    assert failed(verdict) == {"loss_shown"}
    assert "SyntaxError" in verdict.results["loss_shown"].message


@pytest.mark.parametrize(
    "arguments",
    [
        (torch.zeros(served.SERVED), torch.zeros(1)),
        (torch.zeros(1 << 20, 1), torch.zeros(1, 1 << 20)),
        (torch.zeros(1 << 15, 1), torch.zeros(1, 1 << 15)),
        ([torch.zeros(1 << 20)] * 5, 0.0),
    ],
    ids=["large", "immense together", "a few gigabytes", "many times the same"],
)
def test_a_reference_that_a_submission_calls_has_limits(arguments):
    before = resource.getrlimit(resource.RLIMIT_AS)
    with pytest.raises((ValueError, RuntimeError, MemoryError)):
        served.Budget(20, 60).limited(lambda a, b: (a + b).exp() + a)(*arguments)
    assert resource.getrlimit(resource.RLIMIT_AS) == before
    assert served.Budget(20, 60).limited(lambda a, b: a + b)(1, b=2) == 3


def _endless(x):
    while True:
        x += 1


def test_references_that_a_submission_calls_share_the_time_of_a_check():
    budget = served.Budget(0.2, 60)
    start = time.process_time()
    for function in (_endless, _endless, abs):
        with pytest.raises(RuntimeError, match="for too long"):
            budget.limited(function)(1)
    assert time.process_time() - start < 2
    assert budget.used >= 0.15, "it counts for the submission, too"
    assert signal.getsignal(signal.SIGPROF) == signal.SIG_DFL
    assert signal.getitimer(signal.ITIMER_PROF)[0] == 0


def test_references_that_a_submission_calls_end_at_the_deadline_of_the_check():
    budget, start = served.Budget(20, 0.3), time.monotonic()
    for function in (_endless, abs):
        with pytest.raises(RuntimeError, match="for too long"):
            budget.limited(function)(1)
    assert time.monotonic() - start < 5


@pytest.mark.parametrize("argument", [None, "text", torch.zeros(3, 4, 5), [[1], [2, 3]]])
def test_what_a_reference_raises_tells_nothing_of_it(argument):
    task = next(task for task in load_course(ROOT / "course.toml").tasks if task.function)
    with pytest.raises((ValueError, RuntimeError)) as caught:
        served.Budget(20, 60).limited(reference(task))(argument)
    assert str(caught.value) == served.SERVED_REFUSED
    assert caught.value.__suppress_context__


def test_a_large_answer_is_neither_kept_nor_shown_whole():
    tensor = torch.rand([2] * 16)
    many = {str(number): tensor for number in range(50_000)}
    assert served.elements(many) > plugin.MAX_DIAGNOSED_ELEMENTS
    assert len(plugin.show([many, {"a": [many]}])) < 5000
    assert plugin.show({"a": torch.ones(2)}) == "{a: float32 (2,) [1, 1]}"
