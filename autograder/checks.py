"""Find the checks in tests/public and tests/hidden. The files are parsed, never imported."""

import ast
from dataclasses import dataclass
from pathlib import Path

from autograder.fields import CourseError


@dataclass(frozen=True)
class FoundCheck:
    """A check function as it stands in tests/public or tests/hidden."""

    task: str
    visibility: str
    title: str
    file: Path
    line: int

    @property
    def place(self) -> str:
        """The file from the repository's root: "tests/hidden/test_gaussian.py"."""
        return f"tests/{self.visibility}/{self.file.name}"


def find_checks(tests_dir: Path) -> dict[str, FoundCheck]:
    """Return the check functions in tests_dir/public and tests_dir/hidden, by name without `test_`.

    The files are parsed, never imported.

    Raises:
        CourseError: a file does not parse, or a check lacks its mark or docstring, or two
            checks have the same name.
    """
    found: dict[str, FoundCheck] = {}
    for visibility in ("public", "hidden"):
        for file in sorted((tests_dir / visibility).glob("test_*.py")):
            where = f"{tests_dir.name}/{visibility}/{file.name}"
            for node in _test_functions(file, where):
                name = node.name.removeprefix("test_")
                if name in found:
                    raise CourseError(
                        f"{where}:{node.lineno}: {node.name} is already the name of a check in "
                        f"{found[name].file.name}: give one of them another name"
                    )
                found[name] = _found(node, visibility, file, where)
    return found


def _test_functions(file: Path, where: str) -> list[ast.FunctionDef]:
    try:
        tree = ast.parse(file.read_bytes())
    except SyntaxError as error:
        raise CourseError(f"{where}:{error.lineno}: {error.msg}: correct the file") from None
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    return [node for node in functions if node.name.startswith("test_")]


def _found(node: ast.FunctionDef, visibility: str, file: Path, where: str) -> FoundCheck:
    where = f"{where}:{node.lineno}: {node.name}"
    docstring = (ast.get_docstring(node) or "").strip()
    if not docstring:
        raise CourseError(f"{where} has no docstring: its first line is the check's title")
    tasks = [task for decorator in node.decorator_list if (task := _marked_task(decorator))]
    if len(tasks) != 1:
        raise CourseError(f'{where} needs one mark @pytest.mark.task("<id>"): add it')
    return FoundCheck(tasks[0], visibility, docstring.splitlines()[0], file, node.lineno)


def _marked_task(decorator: ast.expr) -> str | None:
    """Return the id in `pytest.mark.task("1.2")`, None for any other decorator."""
    if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.task":
        arguments = [node.value for node in decorator.args if isinstance(node, ast.Constant)]
        return arguments[0] if len(arguments) == 1 and isinstance(arguments[0], str) else None
    return None
