"""No function is longer than a screen, and none hides an error."""

import ast

import pytest

from autograder import ROOT

LONGEST = 40
FILES = sorted(
    file for top in ("autograder", "solution/rdlab") for file in (ROOT / top).rglob("*.py")
)


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count its lines, those of decorators and docstring left out."""
    lines = function.end_lineno - function.lineno + 1
    if ast.get_docstring(function):
        lines -= function.body[0].end_lineno - function.body[0].lineno + 1
    return lines


def trees():
    for file in FILES:
        yield file.relative_to(ROOT), ast.parse(file.read_text(encoding="utf-8"))


def test_no_function_is_long():
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    found = [
        f"{path}:{node.lineno} {node.name}: {length(node)} lines"
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, functions) and length(node) > LONGEST
    ]
    assert found == []


@pytest.mark.parametrize("lines", [40, 41])
def test_a_long_function_is_found(lines):
    body = '    """Say\n    what."""\n' + "    a = 1\n" * (lines - 1)
    [function] = ast.parse(f"def long():\n{body}").body
    assert length(function) == lines


def test_no_error_is_passed_over_in_silence():
    found = [
        f"{path}:{node.lineno}"
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler) and [type(line) for line in node.body] == [ast.Pass]
    ]
    assert found == []
