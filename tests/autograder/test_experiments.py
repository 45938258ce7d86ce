"""The registry of experiments, and what follows from it elsewhere."""

import ast
import dataclasses
import subprocess
import sys

import pytest

from autograder import ROOT
from autograder.course import load_course
from autograder.experiments import FOLDER, Experiment, experiments
from autograder.grading.cache_key import SOURCES
from autograder.sandbox.layout import INSIDE, given_files, worker_files

COURSE = load_course(ROOT / "course.toml", every_part=True)
ALL = list(experiments().values())
EXAMPLE = Experiment(
    name="example",
    folder="runs-example",
    runs=("small-*", "AE-arch=ae(512)"),
    cpu_seconds=1,
    given=(),
    measure="measure_example:measure",
    verify=lambda *_: None,
    files=("config.json",),
    top_files=("evaluation.csv",),
)


def test_a_file_is_an_experiment():
    files = {file.stem for file in FOLDER.glob("*.py")} - {"__init__"}
    assert set(experiments()) == files
    assert "beta_sweep" in files
    assert [experiment.name for experiment in ALL] == sorted(files)


def test_what_they_say_of_themselves_loads_nothing_heavy():
    code = (
        "import sys\nfrom autograder.experiments import experiments\nassert experiments()\n"
        "print([name for name in ('torch', 'numpy', 'pytest') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr


def test_no_two_share_a_folder():
    folders = [experiment.folder for experiment in ALL]
    assert len(set(folders)) == len(folders)
    assert not {"rdlab", "tests", "data", "figures"} & set(folders)


@pytest.mark.parametrize("experiment", ALL, ids=list(experiments()))
def test_each_is_the_experiment_of_one_task_whose_checks_use_it(experiment):
    [task] = [task for task in COURSE.tasks if task.experiment == experiment.name]
    assert (task.function, task.name) == ("", "")
    for check in task.checks:
        assert "student" not in fixtures(check)
        assert experiment.name in fixtures(check), check.name


def fixtures(check) -> list[str]:
    """The arguments of a check's function."""
    tree = ast.parse((ROOT / check.file).read_text(encoding="utf-8"))
    [function] = [node for node in tree.body if getattr(node, "name", "") == f"test_{check.name}"]
    return [argument.arg for argument in function.args.args]


@pytest.mark.parametrize("experiment", ALL, ids=list(experiments()))
def test_the_trusted_child_gets_given_code_alone(experiment):
    """What a worker holds can be read by the student's code: no solution may be among it."""
    for module in experiment.given:
        assert module.startswith("rdlab.lab.")
        file = ROOT / "solution" / (module.replace(".", "/") + ".py")
        assert "SOLUTION" not in file.read_text(encoding="utf-8")


@pytest.mark.parametrize("experiment", ALL, ids=list(experiments()))
def test_what_measures_runs_with_what_the_worker_has(experiment, tmp_path):
    """In a process that sees the laid-out files and no repository."""
    worker_files(tmp_path)
    module, _, function = experiment.measure.partition(":")
    assert (INSIDE / f"{module}.py").is_file()
    code = (
        f"import sys; sys.path[:0] = [{str(tmp_path)!r}, {str(tmp_path / 'given')!r}]\n"
        f"import {module}; assert callable({module}.{function})\n"
        f"from pathlib import Path\n"
        f"own = [m.__file__ for n, m in sys.modules.items() if n.startswith('rdlab')]\n"
        f"assert all(Path(file).is_relative_to({str(tmp_path)!r}) for file in own), own"
    )
    done = subprocess.run([sys.executable, "-P", "-c", code], cwd="/", capture_output=True)
    assert done.returncode == 0, done.stderr.decode()


def test_given_files_bring_their_packages():
    assert {"rdlab/__init__.py", "rdlab/lab/__init__.py", "rdlab/lab/models.py"} <= {*given_files()}
    assert all((ROOT / "solution" / name).is_file() for name in given_files())


def test_data_that_experiments_read_are_part_of_a_grade():
    found = {file.name for pattern in SOURCES["data"] for file in ROOT.glob(pattern)}
    assert {"t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"} <= found


@pytest.mark.parametrize(
    ("path", "taken"),
    [
        ("runs-example/small-1/config.json", True),
        ("runs-example/AE-arch=ae(512)/config.json", True),
        ("runs-example/evaluation.csv", True),
        ("runs-example/small-1/weights.safetensors", False),
        ("runs-example/large-1/config.json", False),
        ("runs-example/small-1/deep/config.json", False),
        ("runs-example/config.json", False),
        ("runs-example/small-1/evaluation.csv", False),
        ("runs/small-1/config.json", False),
        ("runs-example/Small-1/config.json", False),
        ("runs-example", False),
    ],
)
def test_files_that_belong_to_an_experiment(path, taken):
    assert EXAMPLE.takes_file(tuple(path.split("/"))) is taken


@pytest.mark.parametrize(
    ("path", "taken"),
    [
        ("runs-example", True),
        ("runs-example/small-1", True),
        ("runs-example/large", False),
        ("runs-example/small-1/deep", False),
        ("other", False),
    ],
)
def test_folders_that_files_may_lie_in(path, taken):
    assert EXAMPLE.takes_folder(tuple(path.split("/"))) is taken


def test_run_folders_are_those_that_count(tmp_path):
    for name in ("small-2", "small-1", "large"):
        (tmp_path / "runs-example" / name).mkdir(parents=True)
    (tmp_path / "runs-example" / "small-file").touch()
    names = [folder.name for folder in EXAMPLE.run_folders(tmp_path)]
    assert names == ["small-1", "small-2"]
    assert dataclasses.replace(EXAMPLE, folder="none").run_folders(tmp_path) == []
