"""Grading a class: what is shared to save time changes nothing in the records."""

import shutil
from contextlib import nullcontext

from autograder import ROOT
from autograder.course import load_course
from autograder.grading import grading
from autograder.grading.grading import grade_class
from autograder.grading.job import Job
from autograder.judging.record import RecordStatus
from autograder.judging.replay import Scripts
from autograder.sandbox.sandbox import Sandbox, Tier
from tests.autograder.records import lasting
from tests.autograder.tier import TIER, needs_bubblewrap

COURSE = load_course(ROOT / "course.toml")


@needs_bubblewrap
def test_records_do_not_depend_on_the_zygote(bundled_class, tmp_path, monkeypatch):
    def graded(name: str) -> list[str]:
        tasks = frozenset(["1.1", "1.4", "2.2", "3.1"])
        jobs = [Job(bundled_class / each, each, tasks) for each in ("dorothea", "felix")]
        records = grade_class(jobs, tmp_path / name, COURSE, Tier.BUBBLEWRAP, 2, lambda _: None)
        assert all(record.status is RecordStatus.GRADED for record in records)
        return [lasting(record) for record in records]

    forked = graded("forked")
    monkeypatch.setattr(grading, "zygote", lambda tier: nullcontext())
    assert graded("alone") == forked


HALF_FORGOTTEN = """
def gaussian_kl(mean, log_var):
    return mean.square() + log_var.exp() - 1 - log_var
"""


def test_records_do_not_depend_on_what_is_replayed(tmp_path, monkeypatch):
    """The second and third submission are graded with what was passed before: as if alone."""
    jobs = []
    for name, mistake in (("first", ""), ("wrong", HALF_FORGOTTEN), ("third", "# another\n")):
        shutil.copytree(ROOT / "solution" / "rdlab", tmp_path / name / "rdlab")
        with open(tmp_path / name / "rdlab" / "gaussian.py", "a", encoding="utf-8") as file:
            file.write(mistake)
        jobs.append(Job(tmp_path / name, name, frozenset(["1.1", "1.2", "2.4"])))
    find, hits = Scripts.find, tmp_path / "hits"

    def watched(self, salt, check):
        script = find(self, salt, check)
        with hits.open("a") as file:
            file.write("." if script else "")
        return script

    monkeypatch.setattr(Scripts, "find", watched)
    shared = grade_class(jobs, tmp_path / "shared", COURSE, TIER, 1, lambda _: None)
    assert hits.read_text()
    monkeypatch.setattr(Scripts, "find", lambda *_: None)
    alone = grade_class(jobs, tmp_path / "alone", COURSE, TIER, 1, lambda _: None)
    assert [lasting(record) for record in shared] == [lasting(record) for record in alone]
    assert any(check.diagnosis for record in alone for check in record.checks())


@needs_bubblewrap
def test_a_class_has_its_workers_from_a_zygote(bundled_class, tmp_path, monkeypatch):
    started = tmp_path / "started"
    start = Sandbox._start

    def watched(self):
        start(self)
        with started.open("a") as file:
            file.write(f"{self.forked} ")

    monkeypatch.setattr(Sandbox, "_start", watched)
    job = Job(bundled_class / "felix", "felix", frozenset(["1.1"]))
    grade_class([job], tmp_path / "out", COURSE, Tier.BUBBLEWRAP, 1, lambda _: None)
    assert started.read_text() == "True "
