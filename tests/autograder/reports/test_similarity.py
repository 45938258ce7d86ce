"""Similar passages: a copy is found though renamed, and honest work on the same task is not."""

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from autograder import ROOT
from autograder.course import CourseError, load_course
from autograder.intake.lexing import lexed_lines
from autograder.intake.modules import Kept, Module, earlier_kept, keep_module, write_kept
from autograder.reports.similarity import MAX_LINES, REFERENCE, find_similar

VARIANTS = ROOT / "tests" / "right"


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


def kept(folder: Path) -> Kept:
    files = [str(file.relative_to(folder)) for file in sorted(folder.glob("rdlab/*.py"))]
    modules = {file: module for file in files if (module := keep_module(folder, file))}
    return Kept(None, modules)


def similar(submissions: dict[str, Path | Kept], earlier: dict[str, Kept] | None = None):
    """What is alike in submissions, folders or what was kept of them."""
    each = {s: kept(path) if isinstance(path, Path) else path for s, path in submissions.items()}
    return find_similar(each, ROOT / "assignment", ROOT / "solution", earlier)


def test_a_disguised_copy_is_shown_with_its_lines_and_nobody_else(classroom):
    [group] = similar(classroom)
    assert list(group.places) == ["ada", "bob"]
    assert (group.module, group.share > 0.9) == ("rdlab/rate_distortion.py", True)
    for student, place in group.places.items():
        first, last = map(int, re.fullmatch(r"lines (\d+)–(\d+)", place).groups())
        text = (classroom[student] / group.module).read_text()
        stub = len((ROOT / "assignment" / group.module).read_text().splitlines())
        assert stub <= first < last <= len(text.splitlines()) + 1


def test_stubs_and_the_reference_itself_are_nobodys_copy(tmp_path):
    for name in ("ada", "bob"):
        shutil.copytree(ROOT / "solution" / "rdlab", tmp_path / name / "rdlab")
        shutil.copytree(ROOT / "assignment" / "rdlab", tmp_path / f"{name}2" / "rdlab")
    submissions = {path.name: path for path in tmp_path.iterdir()}
    assert similar(submissions) == []


def test_what_many_wrote_is_nobodys_own(tmp_path):
    loops = (VARIANTS / "explicit_loops.py").read_text()
    few = {f"s{i}": hand_in(tmp_path / f"s{i}", loops) for i in range(5)}
    [group] = similar(few)
    assert len(group.places) == 5
    many = few | {f"s{i}": hand_in(tmp_path / f"s{i}", loops) for i in range(5, 7)}
    assert similar(many) == []


def test_what_is_no_python_is_passed_over(tmp_path, classroom):
    odd = hand_in(tmp_path / "odd", "")
    (odd / "rdlab" / "rate_distortion.py").write_bytes(b"\xff\x00 'unclosed \x80" * 50)
    (odd / "rdlab" / "gaussian.py").unlink()
    submissions = classroom | {"refused": Kept(), "odd": odd}
    assert [list(group.places) for group in similar(submissions)] == [["ada", "bob"]]


def with_module(classroom, name: str, file: str, text: str) -> dict[str, Path | Kept]:
    own = Kept(None, {file: Module(text, lexed_lines(text))})
    return {student: classroom[student] for student in ("ada", "carl", "dora")} | {name: own}


def test_a_copy_in_a_helper_module_is_found(classroom):
    loops = renamed((VARIANTS / "explicit_loops.py").read_text())
    [group] = similar(with_module(classroom, "zoe", "rdlab/helper.py", loops))
    assert list(group.places) == ["ada", "zoe"]
    assert {group.module, group.places["ada"].split()[0], group.places["zoe"].split()[0]} in (
        {"rdlab/helper.py", "rdlab/rate_distortion.py", "lines"},
    )


def test_a_copy_in_a_text_that_is_executed_is_found(classroom):
    loops = renamed((VARIANTS / "explicit_loops.py").read_text())
    executed = f"from math import *\nexec({loops!r})\n"
    [group] = similar(with_module(classroom, "zoe", "rdlab/rate_distortion.py", executed))
    assert list(group.places) == ["ada", "zoe"]
    assert group.places["zoe"] == "line 2"


def test_the_reference_itself_is_shown_unless_many_have_it(tmp_path):
    text = (ROOT / "solution/rdlab/sandwich.py").read_text() + "\n# my own\n"
    files = {"rdlab/sandwich.py": Module(text, lexed_lines(text))}
    one = {"ada": Kept(None, files), "bob": Kept()}
    [group] = similar(one)
    assert list(group.places) == ["ada", REFERENCE]
    assert (group.module, group.share > 0.95) == ("rdlab/sandwich.py", True)
    assert similar({f"s{i}": Kept(None, files) for i in range(6)}) == []


def test_trained_models_that_are_the_same_file():
    runs = {f"runs/beta-{beta}/weights.safetensors": f"digest {beta}" for beta in (1, 2)}
    own = {"runs/beta-1/weights.safetensors": "another"}
    submissions = {"ada": Kept(weights=runs), "bob": Kept(weights=own), "carl": Kept(weights=runs)}
    [group] = similar(submissions)
    assert group.places == {"ada": "the same file", "carl": "the same file"}
    assert (group.module, group.characters) == ("runs/beta-1/weights.safetensors", 0)
    assert similar({f"s{i}": Kept(weights=runs) for i in range(6)}) == []


def test_trained_models_of_an_earlier_term():
    runs = {"runs/beta-1/weights.safetensors": "digest"}
    now, before = {"ada": Kept(weights=runs)}, {"2025/bob": Kept(weights=runs)}
    [group] = similar(now, earlier=before)
    assert group.places == {"2025/bob": "the same file", "ada": "the same file"}
    assert similar({"ada": Kept()}, earlier=before | {"2025/carl": Kept(weights=runs)}) == []


def _trained(seed: int, noise: float = 0.0, file: str = "runs/beta-1/weights.safetensors") -> Kept:
    values = np.random.default_rng(seed).normal(size=256)
    values += noise * np.random.default_rng(9).normal(size=256)
    fingerprint = tuple((125 * values).round().astype(int).tolist())
    return Kept(weights={file: f"{seed} {noise}"}, fingerprints={file: fingerprint})


def test_trained_models_that_are_nearly_the_same():
    renamed = _trained(1, 0.02, "runs/beta-5/weights.safetensors")
    submissions = {"ada": _trained(1), "bob": renamed, "carl": _trained(2), "dan": _trained(1, 0.2)}
    [group] = similar(submissions)
    assert group.places == dict.fromkeys(["ada", "bob"], "nearly the same weights")
    assert group.module == "runs/beta-1/weights.safetensors"
    [group] = similar({"bob": renamed}, earlier={"2025/ada": _trained(1)})
    assert list(group.places) == ["2025/ada", "bob"]
    assert similar({"bob": Kept()}, earlier={"a": _trained(1), "b": renamed}) == []
    assert similar({f"s{i}": _trained(1, 0.001 * i) for i in range(6)}) == []


def test_a_class_of_nobody_has_nothing_alike():
    assert similar({}) == []
    assert similar({"ada": Kept(), "bob": Kept(None, {"rdlab/a.py": Module("", ("",))})}) == []


def test_what_is_counted_by_matrices_is_what_is_there(monkeypatch):
    """Also where the fingerprints fill more than one block."""
    monkeypatch.setattr("autograder.reports.similarity.BLOCK", 7)
    draw = np.random.default_rng(1)
    texts = ["".join(map(str, draw.integers(0, 9, 90))) for _ in range(3)]
    pairs = {"ada": texts[0] + texts[1], "bob": texts[1] + texts[2], "carl": texts[0]}
    modules = {s: {"rdlab/a.py": Module(t, (t,))} for s, t in pairs.items()}
    [group] = similar({student: Kept(None, module) for student, module in modules.items()})
    assert (list(group.places), group.characters) == (["ada", "bob", "carl"], 90)


def test_a_copy_of_an_earlier_term_is_shown_and_earlier_ones_are_not_compared(tmp_path):
    course, loops = load_course(ROOT / "course.toml"), (VARIANTS / "explicit_loops.py").read_text()
    hand_in(tmp_path / "terms" / "2024" / "ada", loops)
    hand_in(tmp_path / "terms" / "2024" / "bob", loops)
    graded = tmp_path / "terms" / "2025" / "grades" / "carl"
    graded.mkdir(parents=True)
    own = kept(hand_in(tmp_path / "carl", loops))
    write_kept(graded, "0", own)
    old = tmp_path / "terms" / "2023" / "dan" / "modules.json"
    old.parent.mkdir(parents=True)
    texts = {file: module.text for file, module in own.modules.items()}
    old.write_text(json.dumps({"sha256": "1", "modules": texts}))
    (tmp_path / "terms" / "2025" / "grades" / "modules.json").write_text("no JSON")
    earlier = earlier_kept(tmp_path / "terms", course)
    names = ["2023/dan", "2024/ada", "2024/bob", "2025/grades/carl"]
    assert sorted(earlier) == names
    places = ROOT / "assignment", ROOT / "solution"
    now = {"dora": kept(hand_in(tmp_path / "dora", renamed(loops)))}
    [group] = find_similar(now, *places, earlier)
    assert list(group.places) == [*names, "dora"]
    assert find_similar({"emmy": kept(hand_in(tmp_path / "emmy", ""))}, *places, earlier) == []


def test_a_folder_of_earlier_terms_without_submissions_is_refused(tmp_path):
    course = load_course(ROOT / "course.toml")
    for folder in (tmp_path, tmp_path / "missing"):
        with pytest.raises(CourseError, match=r"earlier in course\.toml: .* holds no submissions"):
            earlier_kept(folder, course)


def test_passages_are_shown_as_they_are_written_with_the_numbers_of_their_lines(classroom):
    [group] = similar(classroom)
    assert list(group.passages) == ["ada", "bob"]
    for student, shown in group.passages.items():
        source = (classroom[student] / group.module).read_text().splitlines()
        first, last = map(int, re.fullmatch(r"lines (\d+)–(\d+)", group.places[student]).groups())
        *lines, end = shown.split("\n")
        assert (end, len(lines)) == ("   …", MAX_LINES), "a long passage is cut"
        assert [int(line[:4]) for line in lines] == list(range(first, first + MAX_LINES))
        assert [line[5:] for line in lines] == [*source, ""][first - 1 :][:MAX_LINES]
        assert first + MAX_LINES <= last
    assert group.passages["ada"] != group.passages["bob"]


def test_the_reference_is_shown_beside_what_is_its_own_word_for_word(tmp_path):
    names = [f"s{number:02}" for number in range(30)]
    for name in names:
        shutil.copytree(ROOT / "assignment" / "rdlab", tmp_path / name / "rdlab")
    file = "rdlab/rate_distortion.py"
    shutil.copy(ROOT / "solution" / file, tmp_path / "s00" / file)
    with (tmp_path / "s00" / file).open("a") as module:
        module.write("\n# mine\n")
    [group] = [
        each for each in similar({n: tmp_path / n for n in names}) if REFERENCE in each.places
    ]
    assert group.passages["s00"] == group.passages[REFERENCE] != ""
