"""What is kept beside a record: the modules that a student wrote, and digests of weights."""

import shutil

import pytest

from autograder import ROOT
from autograder.course import load_course
from autograder.intake.modules import (
    MAX_BYTES,
    MODULES_FILE,
    Kept,
    Module,
    keep_module,
    module_files,
    read_kept,
    write_kept,
)


def test_the_files_that_hold_task_functions():
    files = module_files(load_course(ROOT / "course.toml"))
    assert "rdlab/gaussian.py" in files
    assert not [file for file in files if "/lab/" in file]


def test_a_module_is_kept_as_text_and_tokens(tmp_path):
    (tmp_path / "helper.py").write_text("def f(β):\n    return β  # mine\n", encoding="utf-8-sig")
    module = keep_module(tmp_path, "helper.py")
    assert module.text == "def f(β):\n    return β  # mine\n"
    assert module.lines[:2] == ("def F ( V ) :", "return V")


@pytest.mark.parametrize("folder", ["assignment", "solution"])
def test_what_is_as_it_was_released_is_nobodys_own(tmp_path, folder):
    (tmp_path / "rdlab").mkdir()
    shutil.copyfile(ROOT / folder / "rdlab/gaussian.py", tmp_path / "rdlab/gaussian.py")
    assert keep_module(tmp_path, "rdlab/gaussian.py") is None
    with open(tmp_path / "rdlab/gaussian.py", "a") as file:
        file.write("\n")
    assert keep_module(tmp_path, "rdlab/gaussian.py") is not None


def test_what_is_too_long_is_left_out_and_what_is_no_text_is_kept_readable(tmp_path):
    (tmp_path / "odd.py").write_bytes(b"\xff\x00")
    (tmp_path / "long.py").write_bytes(b"#" * (MAX_BYTES + 1))
    assert keep_module(tmp_path, "odd.py").text == "\N{REPLACEMENT CHARACTER}\0"
    assert keep_module(tmp_path, "long.py") is None
    assert keep_module(tmp_path, "odd.py", most=1) is None


KEPT = Kept(1e12, {"rdlab/probe.py": Module('print("β")\n', ("print ( S )",))}, {"runs/w": "ab"})


def test_it_belongs_to_one_submission(tmp_path):
    write_kept(tmp_path, "abc", KEPT)
    assert read_kept(tmp_path, "abc") == KEPT
    assert read_kept(tmp_path, "abd") is None


@pytest.mark.parametrize(
    "damage",
    [
        "",
        "[]",
        "1",
        '{"modules": {}}',
        '{"sha256": "abc", "modules": 1}',
        '{"sha256": "abc"',
        "[" * 9999,
    ],
)
def test_damage_is_none(tmp_path, damage):
    assert read_kept(tmp_path, "abc") is None
    (tmp_path / MODULES_FILE).write_text(damage)
    assert read_kept(tmp_path, "abc") is None
