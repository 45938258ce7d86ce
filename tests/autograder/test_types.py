"""No code reads a sentence that is written for people."""

import ast
from pathlib import Path

import pytest

from autograder import ROOT

FOLDERS = ("autograder", "solution/rdlab")
SENTENCES = {"message", "reason", "explanation", "sentence", "incidents", "notes"}
"""Fields of records and results that hold sentences."""
READERS = {"startswith", "endswith", "find", "index", "removeprefix", "partition", "split"}
ALLOWED = {
    ("autograder/authoring/attacks.py", "index"),  # the marker that attacks raise on purpose
}


def readers_of_sentences(path: Path) -> list[tuple[str, str]]:
    """(file, what) wherever a sentence is searched, or compared with a literal text."""
    name = path.relative_to(ROOT).as_posix()
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Call(func=ast.Attribute(value=value, attr=what)) if what in READERS:
                found += [(name, what)] if _is_sentence(value) else []
            case ast.Compare(left=ast.Constant(value=str()), ops=[ast.In()], comparators=[right]):
                found += [(name, "in")] if _is_sentence(right) else []
            case ast.Compare(left=left, comparators=[ast.Constant(value=str(text))]) if text:
                found += [(name, "==")] if _is_sentence(left) else []
    return found


def _is_sentence(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr in SENTENCES


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_sentence_is_parsed(folder):
    files = sorted((ROOT / folder).rglob("*.py"))
    assert {found for path in files for found in readers_of_sentences(path)} <= ALLOWED


@pytest.mark.parametrize(
    "code",
    [
        'check.message.startswith("not started")',
        '"was killed" in check.message',
        'record.reason == "no verdict"',
        'note.sentence.partition(":")',
    ],
)
def test_reading_one_is_found(tmp_path, monkeypatch, code):
    monkeypatch.setattr(f"{__name__}.ROOT", tmp_path)
    (tmp_path / "a.py").write_text(code)
    assert len(readers_of_sentences(tmp_path / "a.py")) == 1
