"""Facts that stand in two places on purpose are the same in both."""

import ast
import inspect
import json
import re
import sys
import warnings
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest
import torch

from autograder import ROOT
from autograder.experiments import FOLDER as EXPERIMENTS
from autograder.experiments import RUN_FILES
from autograder.judging.experiments.beta_sweep import BETAS, run_name
from autograder.judging.run_folders import held_back_images, held_back_variances

sys.path.insert(0, str(ROOT / "solution"))
sys.path.insert(0, str(ROOT / "tests" / "hidden"))

import bits_back_inverse

with warnings.catch_warnings():
    warnings.simplefilter("ignore", pytest.PytestUnknownMarkWarning)  # registered with the checks
    import test_sweep as graded

from autograder.authoring import notebook
from autograder.course import load_course
from rdlab import bits_back
from rdlab.evaluation import redundant_dimensions
from rdlab.lab import conditions, runs, submit
from rdlab.lab.data import load_images
from rdlab.rate_distortion import covariance_spectrum, linear_vae_point

INSIDE = ROOT / "autograder" / "sandbox" / "inside"

# The sweep: students check their runs with the lab's conditions, the judge with its own, since
# what a submission brings along cannot be believed.


def test_the_betas_of_the_lab_are_those_that_are_graded():
    assert runs.BETAS == BETAS
    assert [runs.run_folder(ROOT, beta).name for beta in BETAS] == [*map(run_name, BETAS)]


def test_the_handout_names_the_betas():
    text = (ROOT / "solution" / "HANDOUT_beta_vae.md").read_text(encoding="utf-8")
    assert f"β = {', '.join(f'{beta:g}' for beta in BETAS)} on" in text


def test_run_folders_are_written_as_they_are_taken_in():
    assert runs.RUN_FILES == RUN_FILES
    assert {"test_rate", "test_distortion"} <= set(runs.COLUMNS)


def test_the_lab_tells_what_the_judge_asks_of_a_sweep():
    for name in ("SLOPE_TOLERANCE", "EXCHANGE_TOLERANCE"):
        assert getattr(conditions, name) == getattr(graded, name)


@pytest.mark.parametrize("beta", BETAS)
def test_the_linear_cost_is_the_same(beta):
    """Of the judge, of the lab on the graded images, and of task 2.6 as the reference solves it."""
    variances = held_back_variances()
    graded_cost = graded.linear_cost(variances, beta)
    assert conditions.LINEAR_COST[beta] == pytest.approx(graded_cost, abs=1e-4)
    rate, distortion = linear_vae_point(variances, beta, latent_dim=conditions.LATENT_DIM)
    assert distortion + beta * rate == pytest.approx(graded_cost, rel=1e-12)


def test_the_images_and_their_spectrum_are_the_same():
    """Of the judge, of the lab, and of task 2.3 as the reference solves it."""
    images = load_images("sample").test_images
    assert torch.equal((images * 255).round().to(torch.uint8), held_back_images())
    theirs = covariance_spectrum(images.double())
    torch.testing.assert_close(theirs, held_back_variances(), rtol=1e-6, atol=1e-9)


# The lab and its checks


def test_the_inverse_of_bits_back_has_the_grid_of_the_lab():
    """Written a second time, so that a mistake in one of them does not cancel."""
    assert bits_back_inverse.PIXEL_STD == bits_back.PIXEL_STD
    bins = bits_back_inverse.BINS_PER_UNIT * 2 * bits_back.LATENT_RANGE
    assert bins == bits_back.LATENT_BINS == 2**11
    for text in (bits_back.__doc__, bits_back_inverse.__doc__):
        assert f"2¹¹ bins on [−{bits_back.LATENT_RANGE:g}, {bits_back.LATENT_RANGE:g}]" in text
    width = f"standard deviation of {bits_back.PIXEL_STD:g}"
    assert width in " ".join(bits_back_inverse.__doc__.split())


def constants(*files: Path) -> dict[str, set]:
    """The constants of these files that are written as numbers or texts, name → values."""
    found: dict[str, set] = {}
    for node in (node for file in files for node in ast.parse(file.read_text("utf-8")).body):
        if isinstance(node, ast.Assign):
            keys, values = node.targets[0], node.value
            pairs = [(keys, values)]
            if isinstance(keys, ast.Tuple) and isinstance(values, ast.Tuple):
                pairs = list(zip(keys.elts, values.elts, strict=True))
            for key, value in pairs:
                with suppress(ValueError, TypeError):  # it is computed
                    found.setdefault(ast.unparse(key), set()).add(ast.literal_eval(value))
    return found


THRESHOLDS = {
    "solution/rdlab/lab/figures.py": "THRESHOLD",
    "solution/rdlab/lab/foundations/measure.py": "THRESHOLD",
    "solution/rdlab/lab/geometry/classes.py": "THRESHOLD",
    "solution/rdlab/lab/hierarchy/evaluation.py": "ACTIVE",
    "autograder/judging/experiments/foundations.py": "SILENT",
}
"""Rate in nats below which a dimension is redundant; a part that was removed has none."""


@pytest.mark.parametrize("path", [path for path in THRESHOLDS if (ROOT / path).exists()])
def test_a_dimension_is_redundant_below_the_same_rate_everywhere(path):
    threshold = inspect.signature(redundant_dimensions).parameters["threshold"].default
    assert constants(ROOT / path)[THRESHOLDS[path]] == {threshold}


def test_the_judge_and_its_sandbox_measure_the_same_run_of_part_5():
    """Both are gone where the part was removed."""
    paths = [INSIDE / "measure_geometry.py", EXPERIMENTS / "geometry.py"]
    runs_of = [constants(path)["RUN"] for path in paths if path.exists()]
    assert runs_of in ([], [{("runs", "beta-2")}] * 2)


def test_an_unanswered_question_is_recognised():
    """By the release, which counts questions, by `make submit`, and by the notebooks themselves."""
    assert submit.UNANSWERED == notebook.UNANSWERED
    for path in sorted((ROOT / "solution").glob("report*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        answers = ["".join(cell["source"]) for cell in cells if cell["id"].startswith("answer")]
        assert set(answers) <= {submit.UNANSWERED}


# The sandbox: its files import nothing of the autograder


def test_the_numbers_of_prctl_are_those_of_the_kernel():
    found = constants(*(ROOT / "autograder").rglob("*.py"))
    found = {name: values for name, values in found.items() if name.startswith("PR_")}
    kernel = {
        "PR_SET_PDEATHSIG": {1},
        "PR_SET_DUMPABLE": {4},
        "PR_SET_SECCOMP": {22},
        "PR_SET_CHILD_SUBREAPER": {36},
        "PR_SET_NO_NEW_PRIVS": {38},
    }
    assert found == kernel


# Versions, commands, numbers in the documents


def pinned(path: str, package: str) -> str:
    (line,) = re.findall(rf'^\s*"?{package}==([\d.]+)', (ROOT / path).read_text(), re.MULTILINE)
    return line


@pytest.mark.parametrize("path", ["requirements.lock", "solution/pyproject.toml"])
def test_students_and_the_autograder_have_the_same_torch(path):
    assert pinned(path, "torch") == pinned("pyproject.toml", "torch")


@pytest.mark.parametrize("package", ["numpy", "safetensors", "constriction", "hypothesis"])
def test_students_and_the_autograder_have_the_same_packages(package):
    assert pinned("solution/pyproject.toml", package) == pinned("requirements.lock", package)


def targets() -> set[str]:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z][\w-]*):", text, re.MULTILINE))


def test_make_help_names_every_target():
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = set(re.findall(r'^\t@echo "  make ([\w-]+)', text, re.MULTILINE))
    assert named <= targets()
    assert targets() - named == {"help", "setup", "worker", "release-check", "lint", "clean"}


DOCUMENTS = [
    path.relative_to(ROOT).as_posix()
    for pattern in ("*.md", "[!.]*/*.md", "solution/rdlab/**/*.md")
    for path in sorted(ROOT.glob(pattern))
    if path.parent.name != "assignment"  # made from the solution's
    and path.name != "CHANGELOG.md"  # it names targets of the past
]


@pytest.mark.parametrize("path", DOCUMENTS)
def test_documents_name_targets_that_there_are(path):
    text = (ROOT / path).read_text(encoding="utf-8")
    course = load_course(ROOT / "course.toml", every_part=True)
    students = {"setup", "report", "check", "submit"}
    students |= {name for part in course.parts for name in part.commands}
    named = set(re.findall(r"(?:^|`)make ([a-z][\w-]*)", text, re.MULTILINE))
    assert named <= targets() | students


def test_the_page_on_fairness_counts_the_attacks_that_there_are():
    text = (ROOT / "docs" / "fairness.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| [^|]+ \| (\d+) \| none \|", text, re.MULTILINE)
    files = (ROOT / "tests" / "attacks").glob("*/[!_]*.py")
    there = Counter(file.parent.name for file in files)
    there["read"] += there.pop("leak")  # one row: what is hidden
    assert sorted(map(int, told)) == sorted(there.values())


def test_one_hidden_check_of_each_task_function_pays_for_what_is_left_behind():
    marked = []
    for file in sorted((ROOT / "tests" / "hidden").glob("test_*.py")):
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            marks = [ast.unparse(each) for each in getattr(node, "decorator_list", [])]
            if "pytest.mark.no_mutation" in marks:
                marked += re.findall(r"pytest.mark.task\('(.*)'\)", " ".join(marks))
    functions = [task.id for task in load_course(ROOT / "course.toml").all_tasks if task.name]
    assert sorted(marked) == sorted(functions)
