"""Gradescope: results.json, autograder.zip, and grading in a container like Gradescope's."""

import ast
import json
import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from autograder import ROOT
from autograder.authoring.lock import read_lock
from autograder.course import Gradescope, load_course
from autograder.grading.grading import grade_class
from autograder.grading.job import Job
from autograder.intake.given import released_files
from autograder.judging.record import CheckStatus, RecordStatus, TaskStatus
from autograder.platforms import gradescope
from autograder.platforms.gradescope import pack_autograder, results, student
from autograder.sandbox.sandbox import choose_tier
from tests.autograder import throwaway_root
from tests.autograder.records import (
    EVIDENCE,
    make_check,
    make_record,
    make_task,
    with_check,
    with_task,
)

LATER = Gradescope()
AT_ONCE = Gradescope(hidden_checks="visible")
VERSIONS = {"torch": "2.99.1", "checks": "c0ffee"}
TASKS = frozenset({"1.1", "1.2", "2.8"})


@pytest.fixture
def record():
    checks = [
        make_check("good"),
        make_check("shown", status="failed", **EVIDENCE),
        make_check("secret", "hidden", "failed", diagnosis="You forgot the half.", **EVIDENCE),
    ]
    tasks = [
        make_task("1.1", "passed", [make_check("a"), make_check("b", "hidden")]),
        make_task("1.2", "partial", checks),
        make_task("1.3", "failed", [make_check("only", "hidden", "failed")]),
        make_task("1.4", "not started", [make_check("x", status="failed", **EVIDENCE)]),
    ]
    return make_record(tasks, versions=VERSIONS)


# results.json


@pytest.mark.parametrize("settings", [LATER, AT_ONCE])
def test_the_score_is_that_of_the_record_and_of_the_checks(record, settings):
    given = results(record, settings)
    assert given["score"] == record.score == sum(test["score"] for test in given["tests"])
    assert sum(test["max_score"] for test in given["tests"]) == 14


def test_each_check_has_its_number_points_and_outcome(record):
    tests = results(record, LATER)["tests"]
    assert [test["number"] for test in tests] == [
        "1.1.1",
        "1.1.2",
        "1.2.1",
        "1.2.2",
        "1.2.3",
        "1.3.1",
        "1.4.1",
    ]
    assert [test["status"] == "passed" for test in tests] == [True] * 3 + [False] * 4
    assert tests[3]["name"] == "Task title 1.2: Title of shown"
    assert (tests[3]["score"], tests[3]["max_score"]) == (0, 2)


def test_hidden_checks_are_visible_when_the_course_says_so(record):
    for word in ("visible", "after_due_date", "after_published", "hidden"):
        tests = results(record, Gradescope(hidden_checks=word))["tests"]
        assert [test["visibility"] for test in tests] == [
            "visible",
            word,
            "visible",
            "visible",
            word,
            word,
            "visible",
        ]


def test_evidence_is_shown_for_public_checks_only(record):
    tests = {test["number"]: test["output"] for test in results(record, AT_ONCE)["tests"]}
    for text in EVIDENCE.values():
        assert text in tests["1.2.2"]
        assert text not in tests["1.2.3"]
        assert text not in tests["1.4.1"]
    assert "You forgot the half." in tests["1.2.3"]
    assert tests["1.4.1"] == "○ not started"


def test_the_summary_tells_nothing_of_hidden_checks_before_they_are_shown(record):
    later, at_once = (results(record, settings)["output"] for settings in (LATER, AT_ONCE))
    assert "4 / 8 points of the public checks" in later
    assert "they are shown with the grades" in later
    for word in ("secret", "You forgot the half.", "Hint for only", "6 / ", "Task title 1.3"):
        assert word not in later
    assert "6 / 100 points" in at_once
    assert "Part 1: The β-VAE: 6 / 14" in at_once


def test_hidden_results_do_not_change_what_is_shown_before(record):
    before = results(record, LATER)
    for place, task in enumerate(record.tasks):
        for position, check in enumerate(task.checks):
            if check.visibility == "hidden":
                passed = {"status": CheckStatus.PASSED, "earned": 2}
                record = with_check(record, place, position, **passed)
        partial = place in (1, 3)
        status = TaskStatus.PARTIAL if partial else TaskStatus.PASSED
        record = with_task(record, place, status=status)
    assert results(record, LATER)["output"] == before["output"]


def test_nothing_of_the_machine_is_shown(record):
    text = json.dumps(results(record, AT_ONCE), ensure_ascii=False)
    for secret in ("/srv/class", "secret-host", "the incident", "2.99.1"):
        assert secret not in text


def test_a_refused_submission_says_why():
    reason = "/srv/class/anna.zip has no rdlab/ folder with .py files: submit the one that has it"
    given = results(make_record(status="refused", reason=reason, versions=VERSIONS), LATER)
    assert "anna.zip has no rdlab/ folder" in given["output"]
    assert "/srv" not in given["output"]
    assert (given["score"], given["tests"]) == (0, [])


def test_a_fault_of_the_grader_is_no_silent_zero(record):
    broken = make_record(status="not graded", reason="the machine broke", versions=VERSIONS)
    given = results(broken, LATER)
    assert given["output"].startswith("Not graded yet.\nThis is no verdict yet.")
    assert "the machine broke" not in given["output"]
    assert given["extra_data"]["status"] == "not graded"
    record = with_check(record, 0, 1, status=CheckStatus.NOT_GRADED)
    given = results(replace(record, status=RecordStatus.NOT_GRADED), LATER)
    assert gradescope.NO_VERDICT in given["output"]
    assert "because of an internal error" in given["tests"][1]["output"]


# What Gradescope leaves for the autograder


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('{"users": [{"name": "Ada L."}]}', "Ada L"),
        ('{"users": [{"name": "Ada"}, {"name": "Emmy Noether"}]}', "Ada, Emmy Noether"),
        ('{"users": [{"name": "../../etc/x\\n"}]}', "_.._etc_x_"),
        ('{"users": []}', "submission"),
        ('{"users": [{"name": null}]}', "submission"),
        ('{"users": 3}', "submission"),
        ("[]", "submission"),
        ("no JSON", "submission"),
        (None, "submission"),
    ],
)
def test_the_student_is_named_by_the_metadata(tmp_path, text, name):
    if text is not None:
        (tmp_path / "submission_metadata.json").write_text(text)
    assert student(tmp_path) == name


# The zip


@pytest.fixture(scope="module")
def course():
    return load_course(ROOT / "course.toml")


@pytest.fixture(scope="module")
def packed(tmp_path_factory, course):
    return pack_autograder(ROOT, course, tmp_path_factory.mktemp("dist") / "autograder.zip")


def test_the_zip_holds_what_grading_needs_and_no_more(packed, course):
    with zipfile.ZipFile(packed) as archive:
        names = archive.namelist()
        modes = {name: archive.getinfo(name).external_attr >> 16 for name in names}
        script = archive.read("run_autograder").decode()
    assert modes["setup.sh"] == modes["run_autograder"] == 0o100755
    assert modes["course.toml"] == 0o100644
    tops = {name.partition("/")[0] for name in names}
    assert tops == {
        "setup.sh",
        "run_autograder",
        "not_graded.json",
        "assignment",
        "course.toml",
        "data",
        "requirements.lock",
        "requirements-cuda.lock",
        "autograder",
        "solution",
        "tests",
    }
    assert not [name for name in names if name.startswith(("solution/runs", "solution/report"))]
    released = {name for name in names if name.startswith("assignment/")}
    assert {name.removeprefix("assignment/") for name in released} == set(released_files())
    assert "timeout --kill-after=1 570 /" in script
    assert course.gradescope.minutes == 10


def test_the_zip_is_the_same_for_the_same_course(packed, course, tmp_path):
    again = pack_autograder(ROOT, course, tmp_path / "autograder.zip")
    assert again.read_bytes() == packed.read_bytes()


def test_what_grading_imports_is_installed_in_the_image(packed):
    code = (
        "import sys, autograder.commands.gradescope, autograder.commands.shared\n"
        "import autograder.platforms.gradescope, autograder.grading.grading\n"
        "print(*[m.__file__ for n, m in sys.modules.items() if n.startswith('autograder.')])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    imported = {top for name in done.stdout.split() for top in _imports(Path(name))}
    owners = metadata.packages_distributions()
    needed = {owner.lower() for top in imported for owner in owners.get(top, [])}
    with zipfile.ZipFile(packed) as archive:
        locked = read_lock(archive.read("requirements.lock").decode())
    roots = {pin.name.lower().replace("_", "-") for pin in locked}
    assert {"torch", "jinja2", "rich", "python-dateutil"} <= needed
    assert needed <= roots
    assert _with_what_they_need(roots) <= roots, "nothing is left to pip: it installs no more"


def _imports(file: Path) -> set[str]:
    nodes = list(ast.walk(ast.parse(file.read_bytes())))
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in nodes if isinstance(node, ast.ImportFrom)}
    return {name.partition(".")[0] for name in names}


def _with_what_they_need(names: set[str]) -> set[str]:
    found, waiting = set(), list(names)
    while waiting:
        name = waiting.pop().lower().replace("_", "-")
        if name not in found:
            found.add(name)
            requirements = map(Requirement, metadata.requires(name) or [])
            waiting += [
                needed.name
                for needed in requirements
                if not needed.marker or needed.marker.evaluate({"extra": ""})
            ]
    return found


def test_grading_ends_before_gradescope_ends_it(packed, course, tmp_path):
    longer = replace(course, gradescope=Gradescope(minutes=40))
    with zipfile.ZipFile(pack_autograder(ROOT, longer, tmp_path / "a.zip")) as archive:
        assert b"--kill-after=1 2280 " in archive.read("run_autograder")
    assert gradescope.CHECKS_UNTIL < gradescope.KILLED_AT < 1


# The container


needs_root = pytest.mark.skipif(
    bool(throwaway_root.missing()), reason=throwaway_root.missing() or "a root of its own"
)


class Container:
    """/autograder as Gradescope's harness lays it out, in a root of its own.

    Python and its libraries are those of this machine, where setup.sh would install them.
    """

    def __init__(self, home: Path, packed: Path):
        self.home = home
        home.mkdir()
        home.chmod(0o755)
        for name in ("source", "submission", "results", "venv"):
            (home / name).mkdir()
        subprocess.run(["unzip", "-q", packed, "-d", home / "source"], check=True)
        text = (home / "source" / "course.toml").read_text(encoding="utf-8")
        limited = text.replace("check_wall_s = 300", "check_wall_s = 20")
        (home / "source" / "course.toml").write_text(limited, encoding="utf-8")
        self.setup = self.run("/autograder/source/setup.sh")
        shutil.copy(home / "source" / "run_autograder", home / "run_autograder")

    def run(self, *command: str) -> subprocess.CompletedProcess:
        libraries = Path(sys.prefix), sys.prefix
        root = throwaway_root.inside(
            libraries, writable=(self.home, "/autograder"), over=(libraries[0], "/autograder/venv")
        )
        return subprocess.run([*root, *command], capture_output=True, text=True, timeout=400)

    def submit(self, *files: Path) -> None:
        shutil.rmtree(self.home / "submission")
        (self.home / "submission").mkdir()
        for file in files:
            copy = shutil.copytree if file.is_dir() else shutil.copy
            copy(file, self.home / "submission" / file.name)
        (self.home / "submission_metadata.json").write_text('{"users": [{"name": "Carl"}]}')

    def grade(self, tasks=TASKS) -> dict:
        chosen = [word for task in sorted(tasks) for word in ("--only", task)]
        self.done = self.run("/autograder/run_autograder", *chosen)
        return json.loads((self.home / "results" / "results.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def container(tmp_path_factory, packed):
    return Container(tmp_path_factory.mktemp("gradescope") / "autograder", packed)


@needs_root
def test_the_image_is_ready_once_it_is_built(container):
    assert container.setup.returncode == 0
    assert container.setup.stdout.startswith("ready: submission: graded, isolation: user, ")
    assert container.setup.stderr == ""


@needs_root
def test_the_same_result_as_make_grade(container, course, bundled_class, tmp_path):
    """From the zip itself, with partial credit and a diagnosis."""
    carl = bundled_class / "carl.zip"
    container.submit(carl)
    given = container.grade()
    job = Job(carl, "carl", TASKS)
    (record,) = grade_class([job], tmp_path, course, choose_tier("auto"), 1, lambda _: None)
    expected = results(record, course.gradescope)
    assert given["extra_data"].pop("isolation") == "user"
    del expected["extra_data"]["isolation"], expected["extra_data"]["checks"]
    del given["extra_data"]["checks"]  # of another course.toml: its limits differ
    unpacked = "Notes\n- It was read from carl.zip.\n\n"  # what is handed over there is a folder
    assert unpacked in given["output"]
    assert given | {"output": given["output"].replace(unpacked, "")} == expected
    assert "execution_time" not in given, "code could tell its student something by sleeping"
    assert given["score"] == sum(test["score"] for test in given["tests"]) > 5
    assert any("½" in test["output"] for test in given["tests"])
    assert "Carl: graded, isolation: user" in container.done.stdout


ATTACKER = """
import os
import signal
import sys
import time

FORGED = '{"score": 100, "output": "forged", "tests": []}'


def attack(where):
    for path in ("/autograder/results/results.json", "results.json", "/tmp/results.json",
                 "/autograder/source/not_graded.json", "/autograder/run_autograder"):
        try:
            with open(path, "w") as file:
                file.write(FORGED)
        except OSError:
            pass
    for path in ("/autograder/source/course.toml", "/autograder/source/tests/hidden",
                 "/autograder/submission_metadata.json"):
        try:
            os.listdir(path) if os.path.isdir(path) else open(path).close()
            os._exit(3)
        except OSError:
            pass


attack("import")
"""
KILLER = """
    for target in (-1, os.getppid(), os.getpgid(0)):
        for number in (signal.SIGKILL, signal.SIGSTOP):
            try:
                os.kill(target, number)
            except OSError:
                pass
    print(FORGED, flush=True)
    sys.exit(0)
"""
FILLER = """
    for number in range(100_000):
        try:
            with open(f"filled-{number}", "wb") as file:
                file.write(bytes(15 << 20))
        except OSError as error:
            if error.errno == 28 and z.tolist() == [5, 6, 7]:
                time.sleep(99)
            raise
"""


@needs_root
def test_an_attacker_gets_only_what_is_right(container, tmp_path):
    """It writes results, kills, fills the disk and hangs; task 1.2 is right and stays so."""
    shutil.copytree(ROOT / "solution" / "rdlab", tmp_path / "rdlab")
    sampled = f"\n\ndef reparameterize(mean, log_var, noise):{KILLER}"
    traversed = f"\n\ndef traverse(z, dim, values):{FILLER}"
    for name, more in (("gaussian", sampled), ("latents", traversed)):
        with open(tmp_path / "rdlab" / f"{name}.py", "a", encoding="utf-8") as file:
            file.write(ATTACKER + more)
    (tmp_path / "results.json").write_text('{"score": 100}')
    (tmp_path / "run_autograder").write_text("#!/bin/sh\necho forged\n")
    container.submit(tmp_path / "rdlab", tmp_path / "results.json", tmp_path / "run_autograder")
    given = container.grade()
    tasks = [test["number"][:3] for test in given["tests"] if test["status"] == "passed"]
    assert set(tasks) == {"1.2"}
    assert given["score"] == 6
    assert given["extra_data"]["status"] == "graded"
    assert "forged" not in json.dumps(given)
    assert "- results.json" in given["output"]
    assert (container.home / "run_autograder").read_text().startswith("#!/bin/bash")


@needs_root
def test_there_is_a_result_when_the_grader_is_killed(container, bundled_class):
    container.submit(bundled_class / "carl.zip")
    script = container.home / "run_autograder"
    text = script.read_text()
    forged = container.home / "results" / "results.json"
    forged.write_text('{"score": 100}')
    script.write_text(text.replace(" 570 ", " 1 "))
    try:
        given = container.grade()
    finally:
        script.write_text(text)
    assert (given["score"], given["tests"]) == (0, [])
    assert "This is no verdict yet." in given["output"]
    assert os.stat(forged).st_uid == 0


@needs_root
def test_an_upload_that_holds_no_submission(container):
    container.submit(ROOT / "README.md")
    given = container.grade()
    assert "submission has no rdlab/ folder with .py files" in given["output"]
    assert given["extra_data"]["status"] == "refused"
