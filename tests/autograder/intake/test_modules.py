"""The task modules that are kept beside a record."""

import pytest

from autograder import ROOT
from autograder.course import load_course
from autograder.intake.modules import (
    MAX_BYTES,
    MODULES_FILE,
    module_files,
    module_texts,
    read_modules,
    write_modules,
)


@pytest.fixture(scope="module")
def course():
    return load_course(ROOT / "course.toml")


def test_the_files_that_hold_task_functions_are_kept_and_no_others(course, tmp_path):
    files = module_files(course)
    assert "rdlab/gaussian.py" in files
    assert not [file for file in files if "/lab/" in file]
    texts = module_texts(ROOT / "solution", course)
    assert list(texts) == files
    assert texts["rdlab/gaussian.py"] == (ROOT / "solution/rdlab/gaussian.py").read_text()
    assert module_texts(tmp_path, course) == {}


def test_what_is_too_long_is_left_out_and_what_is_no_text_is_kept_readable(course, tmp_path):
    (tmp_path / "rdlab").mkdir()
    (tmp_path / "rdlab/gaussian.py").write_bytes(b"\xff\x00")
    (tmp_path / "rdlab/probe.py").write_bytes(b"#" * (MAX_BYTES + 1))
    assert module_texts(tmp_path, course) == {"rdlab/gaussian.py": "\N{REPLACEMENT CHARACTER}\0"}


def test_they_belong_to_one_submission(tmp_path):
    texts = {"rdlab/probe.py": 'print("β")\n'}
    write_modules(tmp_path, "abc", texts)
    assert read_modules(tmp_path, "abc") == texts
    assert read_modules(tmp_path, "abd") is None


@pytest.mark.parametrize(
    "damage", ["", "[]", '{"sha256": "abc"}', '{"sha256": "abc", "modules": 1}']
)
def test_damaged_ones_are_none(tmp_path, damage):
    assert read_modules(tmp_path, "abc") is None
    (tmp_path / MODULES_FILE).write_text(damage)
    assert read_modules(tmp_path, "abc") is None
