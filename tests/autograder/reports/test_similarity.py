"""Similar passages: a copy is found though renamed, and honest work on the same task is not."""

import re
import shutil
from pathlib import Path

import pytest

from autograder import ROOT
from autograder.course import load_course
from autograder.intake.modules import module_texts
from autograder.reports.similarity import find_similar

KNOWN = [ROOT / "assignment", ROOT / "solution"]
VARIANTS = ROOT / "tests" / "right"


@pytest.fixture(scope="module")
def course():
    return load_course(ROOT / "course.toml")


def hand_in(folder: Path, text: str) -> Path:
    """A submission: the released modules, with `text` in place of the last function's module."""
    shutil.copytree(ROOT / "assignment" / "rdlab", folder / "rdlab")
    path = folder / "rdlab" / "rate_distortion.py"
    path.write_text(path.read_text() + text)
    return folder


def renamed(text: str) -> str:
    """As a copy is disguised: other names, other comments, other spacing of lines."""
    names = sorted(set(re.findall(r"\b[a-z_]{3,}(?=\s*=[^=])", text)))
    for index, name in enumerate(names):
        text = re.sub(rf"\b{name}\b", f"value{index}", text)
    return "# all my own work\n" + text.replace("\n\n", "\n\n\n# so\n")


@pytest.fixture(scope="module")
def classroom(tmp_path_factory):
    folder = tmp_path_factory.mktemp("class")
    loops = (VARIANTS / "explicit_loops.py").read_text()
    texts = {
        "ada": loops,
        "bob": renamed(loops),
        "carl": (VARIANTS / "bisection.py").read_text(),
        "dora": (VARIANTS / "svd_spectrum.py").read_text(),
        "emmy": (VARIANTS / "numpy_arrays.py").read_text(),
        "felix": "",
        "gauss": "",
    }
    return {name: hand_in(folder / name, text) for name, text in texts.items()}


def similar(submissions: dict[str, Path], course):
    """What is alike in submissions whose task modules were kept."""
    texts = {student: module_texts(path, course) for student, path in submissions.items()}
    return find_similar(texts, course, KNOWN)


def test_a_disguised_copy_is_shown_with_its_lines_and_nobody_else(classroom, course):
    [group] = similar(classroom, course)
    assert list(group.places) == ["ada", "bob"]
    assert (group.module, group.share > 0.9) == ("rdlab/rate_distortion.py", True)
    for student, place in group.places.items():
        first, last = map(int, re.fullmatch(r"lines (\d+)–(\d+)", place).groups())
        text = (classroom[student] / group.module).read_text()
        stub = len((ROOT / "assignment" / group.module).read_text().splitlines())
        assert stub <= first < last <= len(text.splitlines()) + 1


def test_stubs_and_the_reference_itself_are_nobodys_copy(tmp_path, course):
    for name in ("ada", "bob"):
        shutil.copytree(ROOT / "solution" / "rdlab", tmp_path / name / "rdlab")
        shutil.copytree(ROOT / "assignment" / "rdlab", tmp_path / f"{name}2" / "rdlab")
    submissions = {path.name: path for path in tmp_path.iterdir()}
    assert similar(submissions, course) == []


def test_what_many_wrote_is_nobodys_own(tmp_path, course):
    loops = (VARIANTS / "explicit_loops.py").read_text()
    few = {f"s{i}": hand_in(tmp_path / f"s{i}", loops) for i in range(5)}
    [group] = similar(few, course)
    assert len(group.places) == 5
    many = few | {f"s{i}": hand_in(tmp_path / f"s{i}", loops) for i in range(5, 7)}
    assert similar(many, course) == []


def test_what_cannot_be_read_is_passed_over(tmp_path, classroom, course):
    odd = hand_in(tmp_path / "odd", "")
    (odd / "rdlab" / "rate_distortion.py").write_bytes(b"\xff\x00 'unclosed \x80" * 50)
    (odd / "rdlab" / "gaussian.py").unlink()
    submissions = classroom | {"refused": tmp_path / "nothing", "odd": odd}
    assert [list(group.places) for group in similar(submissions, course)] == [["ada", "bob"]]
