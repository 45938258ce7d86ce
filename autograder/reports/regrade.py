"""Compare two gradings of a submission: whose score changes, and why."""

from collections.abc import Iterator
from dataclasses import dataclass

from autograder.course import Course
from autograder.judging.record import CheckRecord, Record, RecordStatus, standing
from autograder.judging.score import merged
from autograder.reports.adjustments import Decisions
from autograder.reports.grades import Grade, grade_of
from autograder.text import number

SHOWN = 100
"""Characters of a check's message in the list."""


@dataclass(frozen=True)
class Regrade:
    """One student graded again: the record there was, the one to take its place."""

    before: Record
    after: Record
    old: Grade
    new: Grade

    @property
    def student(self) -> str:
        return self.after.student

    @property
    def failed_to_regrade(self) -> bool:
        """Whether the autograder failed where it had not before: the old record stays."""
        return standing(self.before, self.after) is not self.after

    @property
    def changes(self) -> bool:
        """Whether the autograder's score, the final score or the status differs."""
        before = self.old.autograder_score, self.old.score, self.before.status
        return before != (self.new.autograder_score, self.new.score, self.after.status)


def compare(before: Record, graded: Record, course: Course, decisions: Decisions) -> Regrade:
    """Put a fresh record, of all tasks or some, beside the one there was."""
    after = merged(before, graded, course)
    old, new = (grade_of(record, course, decisions) for record in (before, after))
    return Regrade(before, after, old, new)


def differences(before: Record, after: Record) -> list[str]:
    """Return what else is different between two gradings of a student."""
    found = []
    if before.submission.sha256 != after.submission.sha256:
        found.append("the submission is another one")
    old, new = before.versions, after.versions
    if old.get("checks") != new.get("checks"):
        found.append("the checks or course.toml were changed")
    for name in sorted((set(old) | set(new)) - {"checks"}):
        if old.get(name) != new.get(name):
            found.append(f"{name} {old.get(name)} → {new.get(name)}")
    if before.seed != after.seed:
        found.append("the salt is another one")
    tiers = before.isolation.tier, after.isolation.tier
    if tiers[0] != tiers[1] and all(tiers):
        found.append(f"isolation {tiers[0]} → {tiers[1]}")
    return found or ["nothing else is different: this grading cannot be repeated, look into it"]


def describe(regrade: Regrade) -> Iterator[str]:
    """Yield the lines of one student: the scores, the checks that differ, other differences."""
    old, new = regrade.old, regrade.new
    yield f"{regrade.student}: {_score(old)} → {_score(new)}"
    differs = (old.autograder_score, old.score) != (new.autograder_score, new.score)
    if differs and (_is_adjusted(old) or _is_adjusted(new)):
        scores = f"{number(old.autograder_score)} → {number(new.autograder_score)}"
        yield f"  autograder score: {scores}"
    for override in new.overrides:
        what = f"task {override.task}" if override.task else "the whole score"
        yield f"  stays by hand: {what}, {number(override.points)} ({override.reason})"
    yield from (f"  {line}" for line in _differing_checks(regrade.before, regrade.after))
    yield from (f"  why: {why}" for why in differences(regrade.before, regrade.after))


def _is_adjusted(grade: Grade) -> bool:
    return grade.autograder_score != grade.score


def _score(grade: Grade) -> str:
    status = grade.record.status
    return number(grade.score) if status is RecordStatus.GRADED else status


def _differing_checks(before: Record, after: Record) -> Iterator[str]:
    old, new = (
        {check.name: (task.id, check) for task in record.tasks for check in task.checks}
        for record in (before, after)
    )
    for name in dict.fromkeys([*old, *new]):
        task, was = old.get(name, ("", None))
        task, now = new.get(name, (task, None))
        line = _difference(was, now)
        if line:
            yield f"task {task}, {name}: {line}"


def _difference(was: CheckRecord | None, now: CheckRecord | None) -> str:
    if was is None or now is None:
        check, what = (was, "dropped") if now is None else (now, "new")
        return f"{what}, {check.status}, {number(check.earned)}" if check else ""
    if (was.status, was.earned, was.points) == (now.status, now.earned, now.points):
        return ""
    line = f"{was.status} → {now.status}, {number(was.earned)} → {number(now.earned)}"
    if was.points != now.points:
        line += f" (worth {number(was.points)} → {number(now.points)})"
    message = " ".join((now.message or was.message).split())
    tense = "now" if now.message else "before"
    return f"{line}; {tense}: {message[:SHOWN]}" if message else line
