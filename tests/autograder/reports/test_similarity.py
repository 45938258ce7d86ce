"""Similar passages: a copy is found though renamed, and honest work on the same task is not."""

import re
import shutil
from pathlib import Path

import pytest

from autograder import ROOT
from autograder.course import CourseError, load_course
from autograder.intake.modules import earlier_modules, module_texts, write_modules
from autograder.reports.similarity import (
    WINDOW,
    K,
    compare,
    filtered,
    find_similar,
    fingerprint,
)

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


def test_a_copy_of_an_earlier_term_is_shown_and_earlier_ones_are_not_compared(tmp_path, course):
    loops = (VARIANTS / "explicit_loops.py").read_text()
    hand_in(tmp_path / "terms" / "2024" / "ada", loops)
    hand_in(tmp_path / "terms" / "2024" / "bob", loops)
    graded = tmp_path / "terms" / "2025" / "grades" / "carl"
    graded.mkdir(parents=True)
    write_modules(graded, "0", module_texts(hand_in(tmp_path / "carl", loops), course))
    (tmp_path / "terms" / "2025" / "grades" / "modules.json").write_text("no JSON")
    earlier = earlier_modules(tmp_path / "terms", course)
    assert sorted(earlier) == ["2024/ada", "2024/bob", "2025/grades/carl"]
    now = {"dora": module_texts(hand_in(tmp_path / "dora", renamed(loops)), course)}
    [group] = find_similar(now, course, KNOWN, earlier)
    assert list(group.places) == ["2024/ada", "2024/bob", "2025/grades/carl", "dora"]
    own = {"emmy": module_texts(hand_in(tmp_path / "emmy", ""), course)}
    assert find_similar(own, course, KNOWN, earlier) == []


def test_a_folder_of_earlier_terms_without_submissions_is_refused(tmp_path, course):
    for folder in (tmp_path, tmp_path / "missing"):
        with pytest.raises(CourseError, match=r"earlier in course\.toml: .* holds no submissions"):
            earlier_modules(folder, course)


def test_what_the_lexer_makes_of_a_module():
    code, lines = filtered(
        '"""Text."""\n\ndef kl(x, *, y=None):\n    # why\n    """Text."""\n'
        '    return f"{x}" + "a" "b" if y else 2.5\n'
    )
    assert code == "defF(V,*,V=None):returnSVS+SifVelse2.5"
    assert (lines[0], lines[-1], len(lines)) == (3, 6, len(code))


@pytest.mark.parametrize("text", ["", "x", "\n" * 1000, "'" * 999, "def " * 2000, " " * 40_000])
def test_texts_of_any_kind_have_a_fingerprint(text):
    print_ = fingerprint(text)
    assert compare(print_, print_).share in (0.0, 1.0)


def test_winnowing_finds_every_passage_of_23_characters():
    """Wherever it stands: of four neighbouring passages one is kept, by a rule of its own."""
    shared = "".join(f"+{i}" for i in range(100, 106))[: K + WINDOW - 1]
    assert len(shared) == 23
    for before in range(1, 9):
        texts = [f"{'-7' * before}{shared}*{word}*1" for word in ("2" * before, "3")]
        assert compare(*map(fingerprint, texts)).characters >= K
