"""The rooms of autograder/ are layers: a module imports from its own and from lower ones only."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from autograder import ROOT
from autograder.judging.record import write_record
from tests.autograder.records import make_record

LAYERS = (
    ("text", "files", "typed_json", "fields", "checks", "course", "experiments"),
    ("intake",),
    ("sandbox",),
    ("judging",),
    ("grading",),
    ("reports",),
    ("authoring",),
    ("platforms",),
    ("commands",),
    ("__main__",),
)
"""Lowest first; a name is a folder or a module of autograder/."""
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}
REGISTRY = ("experiments.py", "autograder.judging.experiments.{name}")
"""The one arrow up: experiments are registered by being there, and found by their file's name."""
PACKAGE = ROOT / "autograder"
INSIDE = PACKAGE / "sandbox" / "inside"
HEAVY = ("torch", "pytest", "hypothesis")
LIGHT = (
    "autograder.__main__",
    "autograder.authoring.release",
    "autograder.commands.gradebook",
    "autograder.commands.regrade",
    "autograder.platforms.github",
    "autograder.platforms.gradescope",
    "autograder.platforms.lms",
    "autograder.reports.publish",
    "autograder.reports.regrade",
)


def modules() -> list[Path]:
    return [path for path in sorted(PACKAGE.rglob("*.py")) if path != PACKAGE / "__init__.py"]


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path: Path) -> list[tuple[int, str]]:
    """(line, module) of every import in a file, wherever it stands, also by `import_module`."""
    found: list[tuple[int, str]] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module == "autograder":
            found += [(node.lineno, f"autograder.{alias.name}") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found.append((node.lineno, node.module or ""))
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            name = re.match(r"f?['\"](autograder\..*)['\"]$", ast.unparse(node.args[0]))
            found += [(node.lineno, name[1])] if name else []
    return found


def arrows_up(path: Path, rank: int) -> list[str]:
    """Imports of a higher layer, one line each."""
    lines = []
    for line, name in imported(path):
        target = name.split(".")[1] if name.startswith("autograder.") else ""
        if (path.name, name) == REGISTRY:
            continue
        if target and target != "ROOT" and RANK[target] > rank:
            lines.append(f"{path.relative_to(ROOT)}:{line} imports {name}")
    return lines


def test_every_module_has_a_layer():
    assert {room(path) for path in modules()} == set(RANK)


@pytest.mark.parametrize("name", RANK)
def test_no_arrow_points_up(name):
    files = [path for path in modules() if room(path) == name]
    assert [line for path in files for line in arrows_up(path, RANK[name])] == []


def test_an_arrow_that_points_up_is_found(tmp_path):
    path = PACKAGE / "intake" / "submission.py"
    assert arrows_up(path, RANK["intake"]) == []
    assert arrows_up(path, RANK["course"] - 1)
    hidden = tmp_path / "hidden.py"
    hidden.write_text('import importlib\nimportlib.import_module(f"autograder.judging.{1}")\n')
    assert imported(hidden)[1] == (2, "autograder.judging.{1}")


def test_what_runs_inside_the_sandbox_knows_nothing_of_the_autograder():
    """It is copied into the sandbox file by file, so it imports only its siblings and libraries."""
    siblings = {path.stem for path in INSIDE.glob("*.py")} | {"toy_models", "footprint", "rdlab"}
    allowed = siblings | set(sys.stdlib_module_names) | {"torch", "numpy", "safetensors"}
    for path in INSIDE.glob("*.py"):
        assert {name.split(".")[0] for _, name in imported(path)} <= allowed, path.name


@pytest.mark.parametrize("module", LIGHT)
def test_commands_that_only_read_records_load_nothing_heavy(module):
    code = f"import sys, {module}; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr


def test_no_module_of_reports_loads_torch():
    names = [path.stem for path in sorted((PACKAGE / "reports").glob("*.py"))]
    imports = "; ".join(f"import autograder.reports.{name}" for name in names if name[0] != "_")
    code = f"import sys; {imports}; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr


def test_the_gradebook_of_a_class_is_made_without_anything_heavy(tmp_path):
    """Not only the imports at the top: all that the command does."""
    write_record(make_record(student="ada"), tmp_path / "out")
    (tmp_path / "class" / "ada" / "rdlab").mkdir(parents=True)
    code = f"""
import sys
from autograder.__main__ import main
assert main(["gradebook", sys.argv[1], "--out", sys.argv[2]]) == 0
print([name for name in {HEAVY} if name in sys.modules])
"""
    words = [sys.executable, "-c", code, tmp_path / "class", tmp_path / "out"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip().splitlines()[-1:] == ["[]"], done.stderr
    assert (tmp_path / "out" / "report.html").is_file()
