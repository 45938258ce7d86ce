"""The known wrong solutions: their form, the submissions made from them, what they must lose."""

import ast
from dataclasses import replace
from pathlib import Path

import pytest

from autograder import ROOT
from autograder.authoring.validate import (
    DIAGNOSED,
    Case,
    is_diagnosed,
    too_few_diagnosed,
    trouble,
)
from autograder.authoring.wrong_solutions import (
    form_troubles,
    overlay,
    signatures,
    wrong_solutions,
)
from autograder.course import load_course
from autograder.judging.diagnosis import FOLDER, wrong_versions
from autograder.judging.record import Cause, Record
from tests.autograder.records import make_check, make_record, make_task

COURSE = load_course(ROOT / "course.toml", every_part=True)
FILES = sorted(path for path in FOLDER.glob("*.py") if path.stem != "__init__")
HEADER = "from tests.wrong import mistake, mutant\n\nTASK = {!r}\n"
LAWFUL = '''
@mistake
def no_half(mean, log_var):
    """Your KL lacks the factor ½."""
    return mean**2 + log_var.exp() - 1 - log_var


@mutant
def cut(mean, log_var):
    # Reads 500 rows.
    return 0.5 * (mean**2 + log_var.exp() - 1 - log_var)[:500]
'''


def written(folder: Path, text: str, name: str = "gaussian_kl", task: str = "1.2") -> list:
    """The wrong solutions of a file that is made of a text."""
    (folder / f"{name}.py").write_text(HEADER.format(task) + text, encoding="utf-8")
    return wrong_solutions(folder)


def troubles(folder: Path, text: str, *place: str) -> dict:
    return form_troubles(written(folder, text, *place), COURSE)


# The corpus


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_wrong_solution_needs_another(path):
    """The submission made from one holds the file's helpers, but no other wrong solution."""
    nodes = ast.parse(path.read_text(encoding="utf-8")).body
    marked = [
        node
        for node in nodes
        for decorator in getattr(node, "decorator_list", [])
        if ast.unparse(decorator).startswith(("mistake", "mutant"))
    ]
    for node in marked:
        names = [part for part in ast.walk(node) if isinstance(part, ast.Name)]
        stored = {name.id for name in names if isinstance(name.ctx, ast.Store)}
        own = stored | {part.arg for part in ast.walk(node) if isinstance(part, ast.arg)}
        assert {name.id for name in names} & {each.name for each in marked} <= own, node.name


def test_the_files_are_as_they_must_be():
    assert form_troubles(wrong_solutions(), COURSE) == {}


def test_every_task_function_has_wrong_versions():
    functions = {task.written for task in COURSE.tasks if task.name}
    assert functions - {path.stem for path in FILES} == set()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_is_parsed_is_what_is_registered(path):
    parsed = [known for known in wrong_solutions() if known.file == path]
    registered = wrong_versions(path.stem)
    assert [known.name for known in parsed] == [known.name for known in registered]
    assert len({known.name for known in parsed}) == len(parsed)
    for known, version in zip(parsed, registered, strict=True):
        assert version.sentence == (known.sentence if known.told else "")
        assert version.raises == known.raises


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_wrong_solution_reads_a_private_name_of_the_reference(path):
    """A private helper may change at any time, and would take the mistake with it."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    modules = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found = [alias for alias in node.names if alias.name.startswith("rdlab")]
            modules |= {(alias.asname or alias.name).split(".")[0] for alias in found}
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("rdlab"):
            assert not [alias.name for alias in node.names if alias.name.startswith("_")]
            modules |= {alias.asname or alias.name for alias in node.names}
    read = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    owners = [(getattr(node.value, "id", ""), node.attr) for node in read]
    assert not [pair for pair in owners if pair[0] in modules and pair[1].startswith("_")]


# The form


def test_a_file_without_a_flaw_is_without_trouble(tmp_path):
    assert troubles(tmp_path, LAWFUL) == {}


def test_a_mistake_without_a_sentence_is_refused(tmp_path):
    bare = LAWFUL.replace('    """Your KL lacks the factor ½."""\n', "")
    [line] = troubles(tmp_path, bare)["gaussian_kl/no_half"]
    assert "has no sentence" in line


def test_two_mistakes_with_one_sentence_are_refused(tmp_path):
    twin = LAWFUL + LAWFUL.split("\n\n\n")[0].replace("no_half", "doubled")
    found = troubles(tmp_path, twin)
    assert found == {
        "gaussian_kl/no_half": ["has the sentence of gaussian_kl/doubled"],
        "gaussian_kl/doubled": ["has the sentence of gaussian_kl/no_half"],
    }


@pytest.mark.parametrize(
    "arguments", ["mean", "mean, log_var, more", "mean, *log_var", "log_var, mean"]
)
def test_another_signature_is_refused(tmp_path, arguments):
    found = troubles(tmp_path, LAWFUL.replace("(mean, log_var):", f"({arguments}):"))
    assert found["gaussian_kl/cut"] == found["gaussian_kl/no_half"]
    assert found["gaussian_kl/cut"][0].startswith(f"takes ({arguments}), in the reference")


def test_another_default_is_a_mistake_as_good_as_any(tmp_path):
    text = "@mutant\ndef other(joint_scores, marginal_scores, clip=9.0):\n    return 0\n"
    assert troubles(tmp_path, text, "smile_bound", "3.6") == {}


def test_a_missing_default_is_refused(tmp_path):
    text = "@mutant\ndef other(joint_scores, marginal_scores, clip):\n    return 0\n"
    assert "smile_bound/other" in troubles(tmp_path, text, "smile_bound", "3.6")


def test_a_file_of_another_task_is_refused(tmp_path):
    found = troubles(tmp_path, LAWFUL, "gaussian_kl", "1.1")
    assert found["gaussian_kl/cut"] == ["its file says TASK '1.1', not '1.2'"]


def test_a_file_of_nothing_is_refused(tmp_path):
    found = troubles(tmp_path, LAWFUL, "gaussian_klm")
    assert found["gaussian_klm/cut"] == [
        "there is no task function and no experiment 'gaussian_klm'"
    ]


def test_a_class_in_place_of_a_function_is_refused(tmp_path):
    [line] = troubles(tmp_path, "@mutant\nclass Wide:\n    size = 3\n")["gaussian_kl/Wide"]
    assert line.startswith("is a class or a function")


def test_signatures_of_classes_are_those_of_their_public_methods():
    source = """
class A:
    def __init__(self, x, y=1): ...
    def f(self, *, a, b=2): ...
    def _g(self): ...
"""
    found = signatures(ast.parse(source).body[0])
    assert found == {"__init__ ": "(self, x, y=)", "f ": "(self, *, a, b=)"}


# The submission


def test_an_overlay_holds_one_function_and_what_it_needs(tmp_path):
    text = '''
import functools

HALF = 0.5


@functools.cache
def squared(value):
    return value * value


@functools.lru_cache
@mistake(raises=True)
def no_half(mean, log_var):
    """Too large."""
    return squared(mean) + HALF
''' + LAWFUL.replace("no_half", "other")
    known = next(known for known in written(tmp_path, text) if known.name == "no_half")
    assert known.raises
    made = overlay(known)
    names = [getattr(node, "name", "") for node in ast.parse(made).body]
    assert [name for name in names if name] == ["squared", "gaussian_kl"]
    assert "tests.wrong" not in made
    assert "TASK" not in made
    module = {}
    exec(made, module)
    assert module["gaussian_kl"](3, 0) == 9.5
    assert module["gaussian_kl"].cache_info().misses == 1
    assert module["squared"].cache_info().misses == 1


def test_a_class_takes_the_place_of_a_class(tmp_path):
    known = written(tmp_path, '@mistake\nclass Wide:\n    """Too wide."""\n    size = 3\n')[0]
    module = {}
    exec(overlay(known), module)
    assert module["gaussian_kl"].size == 3


# What a wrong solution must lose


def case(folder: Path, text: str = LAWFUL, **changes) -> Case:
    known = replace(written(folder, text)[0], **changes)
    tasks = frozenset(["1.2"])
    return Case("mistake", known.case, folder, tasks, tasks, known)


def record(*causes: Cause | None, diagnosis: str = "") -> Record:
    """A record of task 1.2 with a check for each cause; None is one that passed."""
    made = [
        make_check(
            f"kl_{number}",
            status="failed" if cause else "passed",
            cause=cause,
            message=f"it was {cause}",
            diagnosis=diagnosis if cause else "",
        )
        for number, cause in enumerate(causes)
    ]
    return make_record([make_task("1.2", "partial", made)])


PASSED, WRONG, RAISED = None, Cause.MISMATCH, Cause.RAISED


def test_a_mistake_must_lose_a_check(tmp_path):
    assert trouble(case(tmp_path), record(PASSED, WRONG)) == []
    assert trouble(case(tmp_path), record(PASSED, PASSED)) == ["task 1.2 did not notice"]


def test_a_mistake_that_only_raises_is_no_mistake_any_more(tmp_path):
    [line] = trouble(case(tmp_path), record(PASSED, RAISED, RAISED))
    assert line.startswith("does nothing but raise (it was raised)")
    assert trouble(case(tmp_path), record(WRONG, RAISED)) == []
    assert trouble(case(tmp_path), record(Cause.CPU)) == []


@pytest.mark.parametrize("cause", [Cause.DIED, Cause.KILLED, Cause.EXITED])
def test_neither_is_one_that_ends_its_process(tmp_path, cause):
    assert len(trouble(case(tmp_path), record(PASSED, cause, RAISED))) == 1


def test_a_mistake_that_is_to_raise_must_raise(tmp_path):
    assert trouble(case(tmp_path, raises=True), record(PASSED, RAISED)) == []
    [line] = trouble(case(tmp_path, raises=True), record(PASSED, WRONG))
    assert line == "is marked raises=True and does not raise"


def test_the_form_is_part_of_the_verdict(tmp_path):
    flawed = replace(case(tmp_path), form=("has no sentence",))
    assert trouble(flawed, record(WRONG)) == ["has no sentence"]


# What students are told


def test_a_mistake_is_told_its_own_sentence(tmp_path):
    made, sentence = case(tmp_path), "Your KL lacks the factor ½."
    assert trouble(made, record(WRONG, diagnosis=sentence)) == []
    assert is_diagnosed(made, record(WRONG, diagnosis=sentence))
    assert not is_diagnosed(made, record(WRONG))


def test_a_mistake_that_is_told_anothers_sentence_is_a_trouble(tmp_path):
    told = record(WRONG, WRONG, diagnosis="You sum over the latents.")
    assert trouble(case(tmp_path), told) == ["is told: You sum over the latents."]
    assert not is_diagnosed(case(tmp_path), told)


def test_a_mutant_and_a_right_solution_are_told_nothing(tmp_path):
    told = record(WRONG, diagnosis="Your KL lacks the factor ½.")
    mutant = replace(case(tmp_path, told=False), kind="mutant")
    right = Case("right", "x", tmp_path, mutant.tasks, frozenset())
    for made in (mutant, right):
        assert "is told: Your KL lacks the factor ½." in trouble(made, told)
        assert not is_diagnosed(made, told)


def test_fewer_diagnoses_than_before_are_a_failure():
    assert too_few_diagnosed(DIAGNOSED) == []
    [line] = too_few_diagnosed(DIAGNOSED - 1)
    assert line.endswith(f"there were {DIAGNOSED}")
