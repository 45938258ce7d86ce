"""The bundled class is made from the assignment and what each student wrote."""

import tarfile
import zipfile

import pytest

from autograder import ROOT
from autograder.authoring.bundled_class import lay_out_class, spliced
from autograder.course import CourseError, load_course

MODULE = '''"""A module."""

import math


def area(radius):
    """The area of a circle."""
    # TODO
    raise NotImplementedError


def double(x):
    return 2 * x
'''
SPLICED = '''"""A module."""

import math
import cmath


def area(r):
    """The area of a circle."""
    return PI * r**2


def double(x):
    return 2 * x


PI = 3
'''


def test_functions_take_the_place_of_the_modules():
    own = "import cmath\n\nPI = 3\n\n\ndef area(r):\n    return PI * r**2\n"
    assert spliced(MODULE, own, "area.py") == SPLICED


def test_a_docstring_of_the_students_own_is_kept():
    own = 'def area(r):\n    """Mine."""\n    return 3\n'
    assert '"""Mine."""' in spliced(MODULE, own, "area.py")
    assert '"""The area of a circle."""' not in spliced(MODULE, own, "area.py")


def test_who_wrote_nothing_hands_in_the_stubs(bundled_class):
    for file in sorted((bundled_class / "blaise" / "rdlab").rglob("*.py")):
        name = file.relative_to(bundled_class / "blaise")
        assert file.read_bytes() == (ROOT / "assignment" / name).read_bytes()
    assert not (bundled_class / "blaise" / "report.ipynb").exists()


def test_given_code_is_the_current_one(bundled_class):
    for file in sorted((bundled_class / "ada" / "rdlab" / "lab").rglob("*.py")):
        name = file.relative_to(bundled_class / "ada")
        assert file.read_bytes() == (ROOT / "assignment" / name).read_bytes()


def test_parts_that_are_not_solved_are_stubs(bundled_class):
    with zipfile.ZipFile(bundled_class / "carl.zip") as archive:
        assert b"Task 3.2" in archive.read("rdlab/mutual_information.py")
        assert b"NotImplementedError" not in archive.read("rdlab/rate_distortion.py")
        assert "runs/beta-10/weights.safetensors" in archive.namelist()


def test_archives_answers_and_altered_runs(bundled_class):
    with tarfile.open(bundled_class / "emmy.tar.gz") as archive:
        assert "emmy/rdlab/gaussian.py" in archive.getnames()
    assert "the probe reads 1.8 nats" in (bundled_class / "ada" / "report.ipynb").read_text()
    names = sorted(path.name for path in (bundled_class / "grace" / "runs").iterdir())
    assert names == ["beta-0.1", "beta-1", "beta-10"]


def test_a_kind_that_is_unknown_is_refused(tmp_path):
    (tmp_path / "class.toml").write_text('[ada]\nkind = "rar"\n')
    with pytest.raises(CourseError, match=r"\[ada\]: kind is one of folder, zip, tar.gz"):
        lay_out_class(tmp_path, tmp_path / "class", ROOT, load_course(ROOT / "course.toml"))
