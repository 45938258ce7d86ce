"""A part is a switch: whatever is on, what students get works, and is graded as it should be."""

import ast
import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from autograder import ROOT
from autograder.authoring.release import build, release
from autograder.authoring.selection import parsed
from autograder.course import Part, load_course
from autograder.grading.batch import Entry, grade_batches
from autograder.grading.job import Job
from autograder.judging.judge import share_checks
from autograder.judging.record import read_record
from tests.autograder.tier import TIER

EVERY = load_course(ROOT / "course.toml", every_part=True)
CORE = [part.number for part in EVERY.parts if not part.optional]
OPTIONAL = [part for part in EVERY.parts if part.optional]
SUBSETS = [CORE, [1], [3], [2, 3], *([part.number] for part in OPTIONAL)]
pytestmark = pytest.mark.usefixtures("one_zygote")


def course_with(parts: list[int]):
    return load_course(ROOT / "course.toml", parts)


@pytest.fixture(scope="module", params=SUBSETS, ids=str)
def released(request, tmp_path_factory) -> tuple[list[int], Path]:
    """Some parts, and the assignment with them on."""
    folder = tmp_path_factory.mktemp("assignment")
    release(ROOT, course_with(request.param), folder)
    return request.param, folder


def run(folder: Path, *words: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


def solved(assignment: Path, target: Path) -> Path:
    """A copy of the assignment with all its tasks done."""
    shutil.copytree(assignment, target)
    for file in (target / "rdlab").glob("*.py"):
        shutil.copy(ROOT / "solution" / "rdlab" / file.name, file)
    return target


def code_of(notebook: Path) -> str:
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    lines = (line for c in cells if c["cell_type"] == "code" for line in [*c["source"], "\n"])
    return "".join(line for line in lines if not line.startswith("%"))


def missing_imports(folder: Path, name: str, text: str) -> list[str]:
    """Modules of the lab or of the tests that a released file imports, and that are not there."""
    local = {file.stem for file in (ROOT / "tests" / "public").glob("*.py")}
    missing = []
    for node in ast.walk(parsed(text, name)):
        modules = [
            alias.name for alias in getattr(node, "names", []) if isinstance(node, ast.Import)
        ]
        modules += (
            [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
        )
        for module in modules:
            top = folder if module.startswith("rdlab") else folder / "tests"
            stem = top / module.replace(".", "/")
            if module.split(".")[0] in {"rdlab", *local}:
                there = stem.with_suffix(".py").is_file() or (stem / "__init__.py").is_file()
                missing += [] if there else [f"{name} imports {module}"]
    return missing


def test_what_is_released_compiles_and_finds_what_it_imports(released):
    _, folder = released
    texts = {str(file): file.read_text(encoding="utf-8") for file in folder.rglob("*.py")}
    texts["report.ipynb"] = code_of(folder / "report.ipynb")
    for name, text in texts.items():
        compile(text, name, "exec", dont_inherit=True)
    assert [
        line for name, text in texts.items() for line in missing_imports(folder, name, text)
    ] == []


def test_only_tasks_that_are_on_are_to_be_done(released):
    parts, folder = released
    tasks = tomllib.loads((folder / "tasks.toml").read_text(encoding="utf-8"))["task"]
    assert {int(task.split(".")[0]) for task in tasks} == set(parts)
    modules = "".join(file.read_text(encoding="utf-8") for file in (folder / "rdlab").glob("*.py"))
    to_do = set(re.findall(r"# TODO \(task ([\d.]+), ", modules))
    assert to_do == {task for task, entry in tasks.items() if "function" in entry}
    assert "SOLUTION" not in modules


def test_no_file_carries_the_name_of_an_optional_part_that_is_off(released):
    parts, folder = released
    off = [part for part in OPTIONAL if part.number not in parts]
    names = [file.relative_to(folder) for file in folder.rglob("*") if file.is_file()]
    assert [name for name in names for part in off if part.name in str(name)] == []


def test_the_texts_speak_of_the_parts_that_are_on(released):
    parts, folder = released
    readme, make = (
        (folder / name).read_text(encoding="utf-8") for name in ("README.md", "Makefile")
    )
    course = course_with(parts)
    headings = re.findall(r"^## Part (\d+): .* \(([\d.]+) points\)$", readme, re.MULTILINE)
    assert headings == [(str(part.number), f"{part.points:g}") for part in course.parts]
    assert set(re.findall(r"^\| ([1-9]\d*\.[1-9]\d*) \|", readme, re.MULTILINE)) == {
        t.id for t in course.tasks
    }
    assert re.findall(r"@[a-z_]+@|<!-- [A-Z ]+ -->", readme + make) == []
    commands = {
        "setup",
        "report",
        "check",
        "submit",
        *(name for part in course.parts for name in part.commands),
    }
    assert set(re.findall(r"echo 'make (\w+)", make)) == commands
    help_text = subprocess.run(
        ["make"], cwd=folder, capture_output=True, text=True, check=True
    ).stdout
    assert all(f"make {name}" in help_text for name in commands)


def test_the_report_asks_the_questions_of_the_parts_that_are_on(released):
    parts, folder = released
    cells = json.loads((folder / "report.ipynb").read_text(encoding="utf-8"))["cells"]
    marks = [cell["metadata"].get("nbgrader", {}) for cell in cells]
    graded = {each["grade_id"] for each in marks if each.get("grade") and each.get("locked")}
    tasks = [task.id for task in course_with(parts).tasks]
    assert graded == {f"task-{task.replace('.', '-')}" for task in tasks}
    headings = [line for c in cells for line in c["source"][:1] if re.match(r"### \d+\. ", line)]
    assert [int(re.findall(r"\d+", line)[0]) for line in headings] == [*range(1, len(headings) + 1)]
    points = sum(float(re.findall(r"\((\d+) points?\)", line)[0]) for line in headings)
    assert points == sum(each["points"] for each in marks if each.get("solution"))
    count = f"{len(headings)} question" + "s" * (len(headings) != 1)
    assert f"{count} ({points:g} points)" in (folder / "README.md").read_text(encoding="utf-8")


def test_check_runs_on_the_stub_and_on_the_solution(released, tmp_path):
    parts, folder = released
    public = {
        c.task for t in course_with(parts).tasks for c in t.checks if c.visibility == "public"
    }
    stub = run(folder, "rdlab", "check")
    assert (stub.returncode, stub.stdout.count("not started")) == (1, len(public)), stub.stderr
    done = run(solved(folder, tmp_path / "solved"), "rdlab", "check")
    assert (done.returncode, done.stdout.count("✓")) == (0, len(public)), done.stdout + done.stderr


def test_stub_and_solution_are_graded(tmp_path_factory):
    """0 and all points of the tasks that are quickly graded, for all these parts in one sandbox."""
    entries, expected = [], {}
    for parts in SUBSETS[1:]:
        course, folder = course_with(parts), tmp_path_factory.mktemp("graded")
        release(ROOT, course, folder / "stub")
        solved(folder / "stub", folder / "solution")
        tasks = [task for task in course.tasks if task.name and not task.trust_when_passed]
        for kind, points in (("stub", 0), ("solution", sum(task.points for task in tasks))):
            job = Job(folder / kind, f"{kind} {parts}", frozenset(task.id for task in tasks))
            entries.append(Entry(job, course))
            expected[job.student] = (points, course.points, len(tasks))
    out = tmp_path_factory.mktemp("records")
    records = share_checks(EVERY, lambda: grade_batches(entries, out, TIER, 1, lambda record: None))
    found = {record.student: (record.score, record.points, len(record.tasks)) for record in records}
    assert found == expected


# Removing a part


def belongs_to(part: Part, path: Path) -> bool:
    """Whether a path is one of the files that a part consists of."""
    functions = {task.written for task in EVERY.tasks if task.part == part.number and task.name}
    stems = {Path(piece).stem for piece in path.parts}
    named = any(part.owns(stem) or stem.startswith(f"{part.name}_") for stem in stems)
    named |= f"runs-{part.name}" in path.parts
    return named or (path.parts[:2] == ("tests", "wrong") and path.stem in functions)


def without_entries(text: str, part: Part) -> str:
    """course.toml without a part's [[part]] and [task] entries."""
    tables = re.split(r"(?m)^(?=\[)", text)
    own = re.compile(rf'\[\[part\]\]\s*\nnumber = {part.number}\n|\[task\."{part.number}\.')
    return "".join(table for table in tables if not own.match(table))


@pytest.fixture(scope="module")
def bare(tmp_path_factory) -> Path:
    """The repository without the files and entries of optional parts."""
    folder = tmp_path_factory.mktemp("bare")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", ":!assignment"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")
    for name in filter(None, listed):
        if not any(belongs_to(part, Path(name)) for part in OPTIONAL):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    text = (ROOT / "course.toml").read_text(encoding="utf-8")
    for part in OPTIONAL:
        text = without_entries(text, part)
    (folder / "course.toml").write_text(text, encoding="utf-8")
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    subprocess.run(["git", "add", "-A"], cwd=folder, check=True)
    words = ["--parts", ",".join(map(str, CORE)), "--out", "assignment"]
    done = run(folder, "autograder", "release", *words)
    assert done.returncode == 0, done.stderr
    return folder


def test_the_core_is_whole_without_the_optional_parts(bare):
    files = [file for file in (bare / "assignment").rglob("*") if file.is_file()]
    found = {str(file.relative_to(bare / "assignment")): file.read_bytes() for file in files}
    expected = {name: each.content for name, each in build(ROOT, course_with(CORE)).items()}
    assert sorted(found) == sorted(expected)
    assert [name for name in expected if found[name] != expected[name]] == []


def test_the_core_is_graded_without_the_optional_parts(bare, tmp_path):
    course = course_with(CORE)
    solved(bare / "assignment", tmp_path / "class" / "ada")
    tasks = [task for task in course.tasks if task.name and not task.trust_when_passed]
    words = ["autograder", "grade", str(tmp_path / "class"), "--out", str(tmp_path / "grades")]
    only = [word for task in tasks for word in ("--only", task.id)]
    done = run(bare, *words, *only, "--isolation", str(TIER))
    assert done.returncode == 0, done.stderr
    record = read_record(tmp_path / "grades" / "ada" / "record.json")
    assert record.score == sum(task.points for task in tasks)


def test_the_tests_of_the_core_run_without_the_optional_parts(bare):
    """All are collected, and those that look at the whole repository pass."""
    done = run(bare, "pytest", "-q", "--collect-only", "-p", "no:cacheprovider", "tests")
    assert done.returncode == 0, done.stdout
    assert not any(part.name in line for part in OPTIONAL for line in done.stdout.splitlines())
    names = ["test_one_fact", "test_course", "authoring/test_wrong_solutions"]
    files = [f"tests/autograder/{name}.py" for name in names]
    done = run(bare, "pytest", "-q", *files, "tests/lab/test_given_code.py")
    assert done.returncode == 0, done.stdout
