"""What goes wrong around a grading run: nothing is lost, and one sentence says what to do.

RDLAB_KILLED_CLASS sets how many submissions the killed runs have (6); 50 takes about 10 minutes.
"""

import csv
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from autograder import ROOT
from autograder import __main__ as cli
from autograder.course import Submissions, load_course
from autograder.grading import grading
from autograder.grading.grading import grade_class
from autograder.grading.job import Job
from autograder.judging.record import FORMAT, Cause, CheckStatus, Record, RecordStatus, read_record
from autograder.judging.results import Result, Verdict
from autograder.sandbox.inside.wire import Peer
from autograder.sandbox.sandbox import Sandbox, SandboxError
from tests.autograder.tier import TIER

pytestmark = pytest.mark.usefixtures("one_zygote")
CLASS = int(os.environ.get("RDLAB_KILLED_CLASS", "6"))
KILLS = max(3, CLASS // 4)


def make_class(folder: Path, size: int) -> Path:
    """Solutions that differ by a comment; every third one has a mistake in task 1.1."""
    for number in range(size):
        target = folder / f"student-{number:03d}"
        shutil.copytree(ROOT / "solution" / "rdlab", target / "rdlab")
        with open(target / "rdlab" / "gaussian.py", "a", encoding="utf-8") as file:
            file.write(f"\n# {number}\n")
            if number % 3 == 0:
                file.write("def reparameterize(mean, log_var, noise):\n    return mean + noise\n")
    return folder


@pytest.fixture
def three(tmp_path):
    return make_class(tmp_path / "class", 3)


@pytest.fixture
def graded(monkeypatch, tmp_path):
    """Checks that all pass at once; the fixture is the list of what was graded."""
    log = tmp_path / "graded"
    log.touch()

    def run_checks(submission, course, tier, slot, tasks, deadline):
        text = (submission / "rdlab" / "gaussian.py").read_text()
        with log.open("a") as file:
            file.write(text.rsplit("# ", 1)[1][0])
        names = [c.name for task in course.tasks if task.id in tasks for c in task.checks]
        results = {name: Result(name, CheckStatus.PASSED) for name in names}
        return Verdict(results, isolation="none")

    monkeypatch.setattr(grading, "run_checks", run_checks)
    return lambda: sorted(log.read_text())


def grade(folder: Path, out: Path, *words: str) -> int:
    return cli.main(
        [
            "grade",
            str(folder),
            "--out",
            str(out),
            "--isolation",
            str(TIER),
            "--only",
            "1.1",
            "--jobs",
            "2",
            *words,
        ]
    )


def records(out: Path) -> dict[str, bytes]:
    return {path.parent.name: path.read_bytes() for path in sorted(out.glob("*/record.json"))}


# The same again


def test_what_is_graded_is_kept(three, tmp_path, graded, capsys):
    out = tmp_path / "out"
    assert grade(three, out) == 0
    before, book = records(out), (out / "gradebook.csv").read_bytes()
    assert grade(three, out) == 0
    assert graded() == ["0", "1", "2"]
    assert records(out) == before
    assert (out / "gradebook.csv").read_bytes() == book
    assert "0 graded, 3 kept" in capsys.readouterr().out


def test_fresh_grades_all_anew(three, tmp_path, graded, capsys):
    grade(three, tmp_path / "out")
    grade(three, tmp_path / "out", "--fresh")
    assert graded() == ["0", "0", "1", "1", "2", "2"]
    assert "3 graded, 0 kept" in capsys.readouterr().out


def test_another_submission_of_the_same_name_is_graded(three, tmp_path, graded):
    grade(three, tmp_path / "out")
    (three / "student-001" / "rdlab" / "latents.py").write_text("")
    (three / "student-002" / "extra.txt").write_text("left out, and listed")
    grade(three, tmp_path / "out")
    assert graded() == ["0", "1", "1", "2", "2"]
    assert b"extra.txt" in records(tmp_path / "out")["student-002"]


def test_one_task_graded_alone_leaves_the_others_their_verdicts(three, tmp_path, graded, capsys):
    """And what was graded so is kept by the same command, and by one that grades all there was."""
    out = tmp_path / "out"
    grade(three, out, "--only", "1.2")
    grade(three, out, "--only", "1.1")
    before = records(out)
    record = read_record(out / "student-001" / "record.json")
    assert [task.id for task in record.tasks] == ["1.1", "1.2"]
    assert record.score == 11
    capsys.readouterr()
    grade(three, out, "--only", "1.1")
    assert "0 graded, 3 kept" in capsys.readouterr().out
    assert records(out) == before


def test_the_same_as_an_archive_is_kept(three, tmp_path, graded):
    grade(three, tmp_path / "out")
    shutil.make_archive(str(three / "student-001"), "zip", three / "student-001")
    shutil.rmtree(three / "student-001")
    grade(three, tmp_path / "out")
    assert graded() == ["0", "1", "2"]


def test_another_course_or_option_is_graded(three, tmp_path, graded, monkeypatch):
    out = tmp_path / "out"
    grade(three, out)
    grade(three, out, "--only", "1.2")
    assert graded() == ["0", "0", "1", "1", "2", "2"]
    text = (ROOT / "course.toml").read_text(encoding="utf-8")
    for name in ("solution", "tests"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "course.toml").write_text(text.replace("change-me", "changed"), encoding="utf-8")
    other = load_course(tmp_path / "course.toml")
    monkeypatch.setattr("autograder.commands.grade.the_course", lambda: other)
    grade(three, out, "--only", "1.2")
    assert len(graded()) == 9


def test_another_hint_grades_nothing_and_is_in_record_and_feedback(
    three, tmp_path, graded, monkeypatch, capsys
):
    out, course = tmp_path / "out", load_course(ROOT / "course.toml")
    grade(three, out)
    first, *others = course.tasks
    checks = tuple(replace(check, hint=f"New: {check.hint}") for check in first.checks)
    other = replace(course, tasks=(replace(first, title="Another title", checks=checks), *others))
    monkeypatch.setattr("autograder.commands.grade.the_course", lambda: other)
    capsys.readouterr()
    assert grade(three, out) == 0
    assert "0 graded, 3 kept from an earlier run" in capsys.readouterr().out
    assert graded() == ["0", "1", "2"]
    assert "Another title" in (out / "student-000/feedback.md").read_text(encoding="utf-8")
    assert b"New: " in records(out)["student-000"]


def test_what_could_not_be_graded_is_tried_again(three, tmp_path, graded, monkeypatch, capsys):
    whole = grading.run_checks
    monkeypatch.setattr(grading, "run_checks", lambda *_: os.kill(os.getpid(), signal.SIGKILL))
    assert grade(three, tmp_path / "out") == 1
    assert "was killed" in capsys.readouterr().out
    monkeypatch.setattr(grading, "run_checks", whole)
    assert grade(three, tmp_path / "out") == 0
    assert graded() == ["0", "1", "2"]


def test_a_verdict_outlives_a_grader_that_fails(three, tmp_path, graded, monkeypatch, capsys):
    """Three have records and feedback; then the checks cannot be run for two, and one is killed."""
    out, whole = tmp_path / "out", grading.run_checks
    grade(three, out)
    before = {name: json.loads(text) for name, text in records(out).items()}
    pages = {path: path.read_bytes() for path in out.glob("*/feedback.*")}

    def fail(submission, *_):
        if "# 1" in (submission / "rdlab" / "gaussian.py").read_text():
            os.kill(os.getpid(), signal.SIGKILL)
        raise SandboxError("test_x.py cannot be read: ImportError: no torch\n\n: details\n")

    monkeypatch.setattr(grading, "run_checks", fail)
    capsys.readouterr()
    assert grade(three, out, "--fresh") == 1
    said = " ".join(capsys.readouterr().out.split())
    assert "cannot be read: ImportError: no torch: fix this and grade again: student-000, " in said
    assert "an earlier verdict stands: the process that graded it was killed" in said
    assert "0 graded, 0 kept from an earlier run, 3 not graded" in said
    for name, text in records(out).items():
        failure = json.loads(text).pop("regrade_failure")
        assert failure.endswith(("grade it again", "fix this and grade again")), failure
        assert json.loads(text) | {"regrade_failure": ""} == before[name]
    assert {path: path.read_bytes() for path in out.glob("*/feedback.*")} == pages
    report = (out / "report.html").read_text()
    assert "Not graded again" in report
    assert "test_x.py cannot be read: ImportError: no torch" in report
    monkeypatch.setattr(grading, "run_checks", whole)
    assert grade(three, out) == 0
    assert {name: json.loads(text) for name, text in records(out).items()} == before


@pytest.mark.parametrize("damage", [b"", b'{"status": "gra', b"[]", b"\xff"])
def test_a_damaged_record_is_made_again(three, tmp_path, graded, damage):
    grade(three, tmp_path / "out")
    (tmp_path / "out" / "student-001" / "record.json").write_bytes(damage)
    grade(three, tmp_path / "out")
    assert graded() == ["0", "1", "1", "2"]


def test_removed_feedback_comes_back_without_grading(three, tmp_path, graded):
    grade(three, tmp_path / "out")
    page = tmp_path / "out" / "student-001" / "feedback.html"
    text = page.read_text()
    page.unlink()
    grade(three, tmp_path / "out")
    assert page.read_text() == text
    assert graded() == ["0", "1", "2"]


def test_removed_modules_come_back_without_grading(three, tmp_path, graded):
    grade(three, tmp_path / "out")
    kept = tmp_path / "out" / "student-001" / "modules.json"
    text = kept.read_text()
    assert "reparameterize" in text
    kept.unlink()
    grade(three, tmp_path / "out")
    assert kept.read_text() == text
    assert graded() == ["0", "1", "2"]


def test_an_interrupted_grading_has_its_feedback_by_gradebook(three, tmp_path, graded, monkeypatch):
    """Nothing is graded again, and no submission is unpacked again."""
    out = tmp_path / "out"
    monkeypatch.setattr("autograder.commands.grade.publish_grades", interrupted)
    assert grade(three, out) == 130
    assert len(records(out)) == 3
    assert not list(out.glob("*/feedback.html"))
    monkeypatch.setattr("autograder.intake.submission.collect", interrupted)
    assert cli.main(["gradebook", str(three), "--out", str(out)]) == 0
    assert len(list(out.glob("*/feedback.html"))) == len(list(out.glob("*/feedback.md"))) == 3
    assert (out / "report.html").is_file()
    assert graded() == ["0", "1", "2"]


def interrupted(*_):
    raise KeyboardInterrupt


@pytest.mark.parametrize("older", [1, 99])
def test_a_record_of_another_version_is_said_and_made_again(three, tmp_path, graded, capsys, older):
    out = tmp_path / "out"
    grade(three, out)
    path = out / "student-001" / "record.json"
    path.write_text(path.read_text().replace(f'"format": {FORMAT}', f'"format": {older}'))
    assert cli.main(["gradebook", str(three), "--out", str(out)]) == 2
    error = capsys.readouterr().err
    assert f"is of another version of the autograder (format {older}): grade that" in error
    assert error.count("\n") == 1
    assert grade(three, out) == 0
    assert graded() == ["0", "1", "1", "2"]


def test_a_refused_submission_is_looked_at_again(three, tmp_path, graded, capsys):
    (three / "broken.zip").write_text("no archive")
    assert grade(three, tmp_path / "out") == 1
    assert "3 graded, 0 kept from an earlier run, 1 refused" in capsys.readouterr().out
    assert grade(three, tmp_path / "out") == 1
    said = " ".join(capsys.readouterr().out.split())
    assert "0 graded, 4 kept" in said
    assert "1 refused" not in said
    assert "pack and submit it again: broken" in said
    (three / "broken.zip").unlink()
    shutil.make_archive(str(three / "broken"), "zip", three / "student-001")
    grade(three, tmp_path / "out")
    assert graded() == ["0", "1", "1", "2"]


@pytest.mark.parametrize(("rule", "score"), [("last", 0), ("best", 5), ("last_in_time", 5)])
def test_of_two_archives_of_a_student_the_rule_says_which_counts(
    tmp_path, monkeypatch, capsys, rule, score
):
    """Names of attempts do not depend on what else is there, and nothing is graded for nothing."""
    class_ = tmp_path / "class"
    log = []
    for number, text in ((7001, "right"), (7002, "wrong")):
        (class_ / f"lovelaceada_901_{number}_x" / "rdlab").mkdir(parents=True)
        (class_ / f"lovelaceada_901_{number}_x" / "rdlab" / "gaussian.py").write_text(f"# {text}")
    text = "file,submitted\nlovelaceada_901_7001_x,2026-11-30 10:00\n"
    text += "lovelaceada_901_7002_x,2026-12-01 10:00\n"
    (class_ / "submissions.csv").write_text(text)
    course = load_course(ROOT / "course.toml")
    course = replace(course, submissions=Submissions(rule))
    monkeypatch.setattr("autograder.commands.grade.the_course", lambda: course)

    def run_checks(submission, course, tier, slot, tasks, deadline):
        right = "right" in (submission / "rdlab" / "gaussian.py").read_text()
        status = CheckStatus.PASSED if right else CheckStatus.FAILED
        names = [c.name for task in course.tasks if task.id in tasks for c in task.checks]
        cause = None if right else Cause.MISMATCH
        return Verdict({name: Result(name, status, cause) for name in names}, isolation="none")

    monkeypatch.setattr(grading, "run_checks", run_checks)
    out = tmp_path / "out"
    for _ in range(2):
        log.append(grade(class_, out))
        [row] = csv.DictReader((out / "gradebook.csv").open())
        assert (row["student"], float(row["score"])) == ("lovelaceada_901", score)
    assert log == [0, 0]
    which = "1 of 2: lovelaceada_901_7001_x" if score else "2 of 2: lovelaceada_901_7002_x"
    page = (out / "lovelaceada_901" / "feedback.html").read_text()
    assert which in page
    assert which in (out / "report.html").read_text()
    assert f"{2 if rule == 'best' else 1} kept from an earlier run" in capsys.readouterr().out
    kept = sorted(path.name for path in out.glob("*/attempts/*"))
    assert kept == (["7001", "7002"] if rule == "best" else [])


def test_two_gradings_do_not_write_into_one_another(three, tmp_path, graded, capsys, monkeypatch):
    monkeypatch.setattr(grading, "LOCK_SECONDS", 0.1)
    with grading.claimed(tmp_path / "out"):
        assert grade(three, tmp_path / "out") == 2
    assert "another autograder is writing to " in capsys.readouterr().err
    assert graded() == []


def test_a_clock_that_jumps_changes_nothing(three, tmp_path, graded, monkeypatch):
    grade(three, tmp_path / "still")
    jumps = iter(range(10**9))
    monkeypatch.setattr(time, "time", lambda: 1e9 * (-1) ** next(jumps))
    grade(three, tmp_path / "jumping")
    still, jumping = (records(tmp_path / name) for name in ("still", "jumping"))
    assert {name: without_times(text) for name, text in still.items()} == {
        name: without_times(text) for name, text in jumping.items()
    }
    assert all(0 <= json.loads(text)["times"]["total"] < 60 for text in jumping.values())


def without_times(text: bytes) -> str:
    record = json.loads(text)
    del record["times"]
    for task in record["tasks"]:
        for check in task["checks"]:
            del check["seconds"]
    return json.dumps(record)


# Disks


@pytest.fixture
def disk(tmp_path):
    """A file system of 100 kB, made again by `disk("size=1m")`."""
    folder = tmp_path / "disk"
    folder.mkdir()

    def mount(options: str) -> Path:
        words = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder]
        if subprocess.run(words, capture_output=True, check=False).returncode:
            pytest.skip("mounting takes root")
        return folder

    yield mount
    subprocess.run(["umount", folder], capture_output=True, check=False)


def test_a_full_disk_stops_the_run_and_loses_nothing(tmp_path, graded, disk, capsys):
    """Room for some of six records: the run stops with one sentence, and goes on with more room."""
    folder, out = make_class(tmp_path / "class", 6), disk("size=44k")
    assert grade(folder, out) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "No space left on device: fix this or choose another --out" in error
    done = records(out)
    assert 0 < len(done) < 6
    assert not list(out.glob("*/.*"))
    disk("remount,size=1m")
    assert grade(folder, out) == 0
    assert records(out).items() >= done.items()
    assert len(records(out)) == 6
    assert len(set(graded())) == 6
    assert (out / "gradebook.csv").is_file()


def test_a_read_only_output_is_one_sentence(three, graded, disk, capsys):
    assert grade(three, disk("ro")) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert "Read-only file system: fix this or choose another --out" in error
    assert error.count("\n") == 1
    assert graded() == []


def test_a_full_scratch_disk_is_not_a_zero(three, tmp_path, graded, disk, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(disk("size=100k")))
    monkeypatch.setattr("tempfile.tempdir", None)
    assert grade(three, tmp_path / "out") == 1
    for path in (tmp_path / "out").glob("*/record.json"):
        record = read_record(path)
        assert record.status is RecordStatus.NOT_GRADED
        assert "No space left on device" in record.reason
        assert "Traceback" not in record.reason


# Workers


def die_at(monkeypatch, method: str, count: int) -> None:
    """Let the worker be killed just before the count-th call of a method of its sandbox."""
    whole, calls = getattr(Sandbox, method), []

    def call(self, *arguments):
        calls.append(method)
        if len(calls) == count:
            self._process.kill()
            gone = self._control.recv(1, socket.MSG_PEEK)  # what it confines dies a little later
            assert gone == b""
        return whole(self, *arguments)

    monkeypatch.setattr(Sandbox, method, call)


def test_a_worker_that_does_not_start_is_no_zero(tmp_path, monkeypatch):
    for command in ("_command", "_sleeper"):
        monkeypatch.setattr(Sandbox, command, lambda *_: ["sh", "-c", "echo no more pids >&2"])
    record = graded_alone(tmp_path)
    assert (record.status, record.tasks) == (RecordStatus.NOT_GRADED, ())
    assert "the worker did not start: no more pids: fix this" in record.reason


@pytest.mark.parametrize(("method", "count"), [("open", 1), ("end", 3), ("stop", 1)])
def test_a_worker_that_dies_between_checks_costs_no_points(tmp_path, monkeypatch, method, count):
    die_at(monkeypatch, method, count)
    record = graded_alone(tmp_path)
    assert (record.status, record.score) == (RecordStatus.GRADED, 5)
    replaced = any("worker was replaced" in text for text in record.incidents)
    assert replaced is (method != "stop")


def test_a_worker_that_dies_in_a_check_leaves_it_undecided(tmp_path, monkeypatch):
    """The submission cannot kill its worker (see seccomp), so it is not to blame."""
    whole, calls = Sandbox.open, []

    def opened(self, *arguments):
        channel = whole(self, *arguments)
        calls.append(1)
        if len(calls) == 2:
            self._process.kill()
            assert channel.connection.recv(1) == b"", "what serves the check is not gone"
        return channel

    monkeypatch.setattr(Sandbox, "open", opened)
    record = graded_alone(tmp_path)
    statuses = [check.status for check in record.checks()]
    assert sorted(set(statuses)) == ["not graded", "passed"]
    assert statuses.count("not graded") == 1
    assert record.status is RecordStatus.NOT_GRADED
    assert record.reason == "no verdict on task 1.1"


def test_a_worker_that_dies_while_the_sweep_is_measured_leaves_it_undecided(tmp_path, monkeypatch):
    whole, seen = Peer.call, []

    def call(self, name, *arguments, **named):
        if name == "measure" and not seen:
            seen.append(name)
            os.killpg(workers[0]._process.pid, signal.SIGKILL)
            workers[0]._process.wait()
        return whole(self, name, *arguments, **named)

    workers, begin = [], Sandbox.__init__
    monkeypatch.setattr(Peer, "call", call)
    monkeypatch.setattr(
        Sandbox, "__init__", lambda self, *args: (begin(self, *args), workers.append(self))[0]
    )
    record = graded_alone(tmp_path, "1.6")
    assert record.status is RecordStatus.NOT_GRADED
    assert {check.status for check in record.checks()} == {CheckStatus.NOT_GRADED}


def graded_alone(tmp_path: Path, task: str = "1.1") -> Record:
    submission = tmp_path / "ada"
    for folder in ("rdlab", "runs"):
        shutil.copytree(ROOT / "solution" / folder, submission / folder)
    job = Job(submission, "ada", frozenset({task}))
    course = load_course(ROOT / "course.toml")
    [record] = grade_class([job], tmp_path / "out", course, TIER, 1, lambda _: None)
    return record


# Stopped by Ctrl-C


def test_ctrl_c_stops_within_seconds_and_keeps_what_is_graded(tmp_path, monkeypatch):
    """One submission is graded and another is not, in a check that takes any exit for an answer."""
    three, out = make_class(tmp_path / "class", 2), tmp_path / "out"
    course = load_course(ROOT / "course.toml")
    stopped: list[float] = []

    def run_checks(submission, course, tier, slot, tasks, deadline):
        if "# 1" in (submission / "rdlab" / "gaussian.py").read_text():
            while True:
                with suppress(BaseException):
                    time.sleep(60)
        names = [c.name for task in course.tasks if task.id in tasks for c in task.checks]
        return Verdict({name: Result(name, CheckStatus.PASSED) for name in names}, isolation="none")

    def interrupt(running):
        deadline = time.monotonic() + 60
        while not any(each.poll() for each in running) and time.monotonic() < deadline:
            time.sleep(0.01)
        stopped.append(time.monotonic())
        raise KeyboardInterrupt

    monkeypatch.setattr(grading, "run_checks", run_checks)
    monkeypatch.setattr(grading, "wait", interrupt)
    jobs = [Job(path, path.name, frozenset({"1.1"})) for path in sorted(three.iterdir())]
    with pytest.raises(KeyboardInterrupt):
        grade_class(jobs, out, course, TIER, 2, lambda _: None)
    assert time.monotonic() - stopped[0] < 3
    assert list(records(out)) == ["student-000"]


# Killed


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    folder = make_class(tmp_path_factory.mktemp("killed") / "class", CLASS)
    process = command(folder, folder.parent / "undisturbed")
    assert process.wait() == 0
    return folder


def command(folder: Path, out: Path) -> subprocess.Popen:
    words = [sys.executable, "-m", "autograder", "grade", folder, "--out", out, "--only", "1.1"]
    return subprocess.Popen([*words, "--isolation", str(TIER)], cwd=ROOT, stdout=subprocess.DEVNULL)


def test_killed_at_random_it_goes_on(undisturbed, tmp_path):
    """Killed again and again, it grades nothing twice and ends with the same gradebook."""
    out, moments = tmp_path / "out", random.Random(CLASS)
    done: dict[str, bytes] = {}
    for kill in range(KILLS):
        process = command(undisturbed, out)
        wanted = len(done) + moments.randint(0, max(1, (CLASS - len(done)) // (KILLS - kill)))
        while len(records(out)) < min(wanted, CLASS) and process.poll() is None:
            time.sleep(0.05)
        time.sleep(moments.uniform(0, 3))
        process.kill()
        process.wait()
        now = records(out)
        assert now.items() >= done.items()
        done = now
    assert command(undisturbed, out).wait() == 0
    assert records(out).items() >= done.items()
    assert len(records(out)) == CLASS
    whole = undisturbed.parent / "undisturbed"
    assert (out / "gradebook.csv").read_bytes() == (whole / "gradebook.csv").read_bytes()
    pairs = zip(records(out).values(), records(whole).values(), strict=True)
    assert all(without_times(ours) == without_times(theirs) for ours, theirs in pairs)
    assert not list(out.glob("*/.*.part"))


def test_no_process_outlives_a_killed_grader(undisturbed, tmp_path):
    process = command(undisturbed, tmp_path / "out")
    deadline = time.monotonic() + 60
    while len(below(process.pid)) < 4 and time.monotonic() < deadline:
        time.sleep(0.05)
    family = below(process.pid)
    assert len(family) >= 4
    process.kill()
    process.wait()
    deadline = time.monotonic() + 10
    while any(alive(pid) for pid in family) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not [pid for pid in family if alive(pid)]


def below(pid: int) -> list[int]:
    """All descendants of a process."""
    try:
        found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [int(child) for child in found] + [p for child in found for p in below(int(child))]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


def test_no_name_stops_the_class_or_reaches_the_terminal(tmp_path, graded, capfdbinary):
    """Files of the whole class, bytes that are no text, escape sequences, markup."""
    class_ = tmp_path / "class"
    for name in (b"gradebook.csv", b"report.html", b"n\xfft", b"e\x1b]0;x\x07", b"[b]"):
        shutil.copytree(ROOT / "solution" / "rdlab", class_ / os.fsdecode(name) / "rdlab")
        with open(class_ / os.fsdecode(name) / "rdlab" / "gaussian.py", "a") as file:
            file.write("\n# 0\n")
    (class_ / os.fsdecode(b"[red]stray\x1b]0;\xff")).touch()
    out = tmp_path / "grades"
    words = ["grade", str(class_), "--out", str(out), "--only", "3.10"]
    assert cli.main(words) == 0
    assert (out / "report.html").is_file()
    assert len((out / "gradebook.csv").read_text().splitlines()) == 6
    assert cli.main(words) == 0, "records with such names are read again"
    assert b"\x1b]" not in capfdbinary.readouterr().out
