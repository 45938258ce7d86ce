"""Validation: what it takes for an attack's gain, and that a grade depends on nothing else."""

from dataclasses import replace
from pathlib import Path

import pytest

from autograder import ROOT
from autograder.__main__ import main
from autograder.authoring import attacks, validate
from autograder.authoring.attacks import BYSTANDER, MARK, Watch
from autograder.authoring.validate import Case, overlaid, trouble
from autograder.authoring.wrong_solutions import overlay, wrong_solutions
from autograder.course import load_course
from autograder.grading import batch
from autograder.grading.batch import Entry, grade_batches
from autograder.grading.job import Job
from autograder.judging.record import CheckStatus, Record, RecordStatus
from tests.autograder.records import lasting, make_check, make_task, with_check
from tests.autograder.tier import TIER

pytestmark = pytest.mark.usefixtures("one_zygote")
COURSE = load_course(ROOT / "course.toml")


@pytest.fixture(scope="module")
def records(tmp_path_factory):
    """One wrong submission graded four times: twice alike, behind another sandbox, other salt."""
    made = tmp_path_factory.mktemp("validate")
    known = next(known for known in wrong_solutions() if known.case == "gaussian_kl/no_half")
    file = made / "overlay.py"
    file.write_text(overlay(known), encoding="utf-8")
    folder = overlaid(ROOT / "solution", file, made / "submission", COURSE)
    courses = [COURSE, COURSE, replace(COURSE, salt="another")]
    tasks = frozenset(["1.2", "2.4"])
    entries = [Entry(Job(folder, f"s{i}", tasks), course) for i, course in enumerate(courses)]
    graded = grade_batches(entries, made / "out", TIER, 1, lambda _: None)
    alone = grade_batches(
        [replace(entries[0], job=Job(folder, "alone", tasks))],
        made / "out",
        TIER,
        1,
        lambda _: None,
    )
    return {record.student: record for record in [*graded, *alone]}


def test_the_same_salt_gives_the_same_record(records):
    assert lasting(records["s0"]) == lasting(records["s1"]) == lasting(records["alone"])
    lost = [check for check in records["s0"].checks() if check.status is CheckStatus.FAILED]
    assert any(check.call for check in lost)


def test_another_salt_gives_other_inputs(records):
    assert lasting(records["s0"]) != lasting(records["s2"])
    assert records["s0"].score == records["s2"].score


def test_a_batch_leaves_no_folder(records, tmp_path, monkeypatch):
    monkeypatch.setattr(batch.tempfile, "tempdir", str(tmp_path))
    job = Job(Path(records["alone"].submission.path), "tidy", frozenset(["3.10"]))
    grade_batches([Entry(job, COURSE)], tmp_path / "out", TIER, 1, lambda _: None)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def _attack(record: Record, **changes) -> list[str]:
    case = Case("attack", "x", Path(), frozenset(["1.2"]), frozenset(["1.2"]))
    return trouble(case, replace(record, **changes))


def test_points_are_a_gain(records):
    assert _attack(records["alone"]) == []
    right = make_task("1.2", "passed", [make_check("kl")])
    assert _attack(records["alone"], tasks=(right,)) == ["task 1.2 gave points for kl"]
    assert _attack(records["alone"], status=RecordStatus.REFUSED) == []
    assert _attack(records["alone"], status=RecordStatus.NOT_GRADED) != []


def test_a_confession_is_a_gain(records):
    assert attacks._escape_messages(records["alone"]) == []
    record = with_check(records["alone"], 0, 0, message="raised RuntimeError: ESCAPED: the salt")
    assert attacks._escape_messages(record) == ["ESCAPED: the salt"]


def test_hidden_evidence_in_the_feedback_is_a_gain(records, monkeypatch):
    record = records["alone"]
    assert attacks._shown(record) == []
    hidden = next(check for check in record.checks() if check.visibility == "hidden" and check.call)
    monkeypatch.setattr(attacks, "render_markdown", lambda _: "page " + hidden.call)
    assert attacks._shown(record) == [f"the feedback shows the call of {hidden.name}"]


def test_a_file_outside_is_a_gain(tmp_path, monkeypatch):
    monkeypatch.setattr(attacks, "SHARED_FOLDERS", (str(tmp_path), "/nowhere"))
    assert attacks._files(TIER, 1900) == []
    (tmp_path / f"{MARK}-x").touch()
    assert attacks._files(TIER, 1900) == [f"{tmp_path}/{MARK}-x was left"]


def test_other_records_and_the_repository_are_watched(tmp_path, monkeypatch):
    monkeypatch.setattr(attacks, "ROOT", tmp_path)
    (tmp_path / "tests" / "hidden").mkdir(parents=True)
    watch = Watch.over(tmp_path / "out")
    assert watch.bystander.read_text() == BYSTANDER
    assert watch.changes() == []
    watch.bystander.write_text("100")
    (tmp_path / "tests" / "hidden" / "planted.py").touch()
    assert len(watch.changes()) == 2


def test_what_a_reference_calls_is_among_what_its_task_uses():
    """Else a mistake in the earlier task costs points in the later one, too."""
    course = load_course(ROOT / "course.toml", every_part=True)
    written = {task.written: task.id for task in course.tasks if task.name}
    for task in course.tasks:
        if task.name:
            called = {written[name] for name in validate._uses()[task.written] if name in written}
            assert called - {task.id} <= set(task.uses), task.id


@pytest.mark.parametrize(
    "arguments",
    [["--only", "gaussian_rate_bits"], ["--tiers", "--only", "nothing"], ["--salts=1", "--only=x"]],
)
def test_what_names_no_case_is_no_pass(arguments, capsys):
    assert main(["validate", *arguments]) == 2
    assert f"{arguments[-1].removeprefix('--only=')!r}: give" in capsys.readouterr().err


def test_every_later_task_is_graded_beside_a_wrong_solution_of_each_function(tmp_path):
    course = load_course(ROOT / "course.toml", every_part=True)
    turns: dict[str, list[int]] = {}
    for turn, known in enumerate(wrong_solutions()):
        turns.setdefault(known.function, []).append(turn)
    for task in course.tasks:
        if task.name:
            file = tmp_path / f"{task.name}.py"
            file.write_text(f"def {task.written}(): ...\n")
            users = validate._users_of(file, course)
            never = [validate._not_now(users, turn, validate.LATER) for turn in turns[task.written]]
            assert not set.intersection(*never), task.id
