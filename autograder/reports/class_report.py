"""The class report: one self-contained page for whoever teaches the course, never for students."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import StatisticsError, correlation, fmean, median
from typing import Any
from urllib.parse import quote

from autograder.judging.record import Cause, CheckRecord, CheckStatus, RecordStatus
from autograder.reports.alike import Alike
from autograder.reports.feedback import reason, template
from autograder.reports.gradebook import broken_tasks, by_student, lateness, outcome, took
from autograder.reports.grades import Grade, TaskByHand
from autograder.reports.roster import Person
from autograder.sandbox.tier import Tier
from autograder.text import moment, number

BINS = 10
POOR = 0.2
"""Below this discrimination an item is customarily called poor (Ebel and Frisbie, 1991)."""
ENOUGH = 10
"""From this many submissions on a correlation says something."""

SUSPICIOUS = {
    Cause.PROTOCOL: "answered outside the protocol",
    Cause.EXITED: "called exit()",
}
"""What honest work hardly does, by the cause of a failed check."""


@dataclass
class CheckCounts:
    """How one check came out in a class."""

    title: str
    name: str
    visibility: str
    counts: Counter[str] = field(default_factory=Counter)
    """Submissions by "passed", "failed", "not started" and "not graded"."""

    @property
    def share(self) -> float:
        """Per cent that passed."""
        return 100 * self.counts[CheckStatus.PASSED] / self.counts.total()


@dataclass
class TaskCounts:
    id: str
    title: str
    checks: dict[str, CheckCounts] = field(default_factory=dict)


@dataclass
class Item:
    """Who passed a check, and what each of them has earned by all the others."""

    title: str
    passed: list[float] = field(default_factory=list)
    others: list[float] = field(default_factory=list)


def render_report(
    grades: list[Grade],
    similar: list[Alike],
    missing: Sequence[Person] = (),
    problems: Sequence[str] = (),
) -> str:
    """One HTML page that needs nothing beside it; all text of submissions is escaped.

    Args:
        missing: of the roster, who has handed in nothing.
        problems: of the lists beside the submissions, a sentence each.
    """
    grades = by_student(grades)
    graded = [grade for grade in grades if grade.record.status is RecordStatus.GRADED]
    first = grades[0].record
    return template("report.html.j2").render(
        course=first.course,
        points=first.points,
        counts=Counter(grade.record.status for grade in grades),
        missing=missing,
        problems=problems,
        summary=_summary([grade for grade in grades if grade.decided]),
        distribution=distribution([each.score for each in grades if each.decided], first.points),
        by_hand=by_hand(grades),
        look=[(grade, reasons) for grade in grades if (reasons := manual_look(grade))],
        similar=similar,
        poor=poor_items(graded),
        misconceptions=misconceptions(graded),
        tasks=success(graded),
        submissions=[_submission(grade) for grade in grades],
        checks=sorted({grade.record.versions.get("checks", "") for grade in grades}),
        link=lambda student: f"{quote(student)}/feedback.html",
    )


def distribution(scores: list[float], points: float) -> list[dict[str, Any]]:
    """How many scores fall into each tenth of the points; the last holds full marks too."""
    counts = Counter(min(int(BINS * score / points), BINS - 1) for score in scores)
    most = max(counts.values(), default=1)
    return [
        {
            "range": f"{number(points * i / BINS)} – {number(points * (i + 1) / BINS)}",
            "count": counts[i],
            "width": 100 * counts[i] / most,
        }
        for i in range(BINS)
    ]


def manual_look(grade: Grade) -> list[str]:
    """Why a person should look at this submission; empty for most."""
    record = grade.record
    reasons = []
    if record.status is not RecordStatus.GRADED:
        reasons.append(outcome(record))
    if record.regrade_failure:
        reasons.append(f"not graded again: {record.regrade_failure}; an earlier verdict stands")
    reasons += [f"incident: {incident}" for incident in record.incidents]
    reasons += [*record.submission.file_notes, *record.submission.given_notes]
    reasons += broken_tasks(record)
    reasons += [
        f"task {task.id}: {words}, read the code"
        for task in record.tasks
        for cause, words in SUSPICIOUS.items()
        if task.has_cause([cause])
    ]
    if record.isolation.tier == Tier.PROCESS:
        reasons.append(f"graded without a sandbox (tier: {Tier.PROCESS})")
    if not grade.confirmed or (grade.days_late and grade.score == 0):
        reasons.append(lateness(grade))
    return reasons


def by_hand(grades: list[Grade]) -> list[dict[str, str]]:
    """Return what was decided by hand, beside what the grader finds."""
    rows = []
    for grade in grades:
        if grade.extension:
            what = f"due {moment(grade.extension.until)}"
            rows.append((grade.student, what, "", grade.extension.reason))
        tasks = [task for task in grade.record.tasks if isinstance(task, TaskByHand)]
        found = {task.id: task.found for task in tasks}
        for override in grade.overrides:
            what = f"task {override.task}" if override.task else "whole score"
            what = f"{what}: {number(override.points)} points"
            before = found.get(override.task) if override.task else grade.found
            shown = "" if before is None else number(before)
            rows.append((grade.student, what, shown, override.reason))
    return [dict(zip(("student", "what", "found", "reason"), row, strict=True)) for row in rows]


def misconceptions(grades: list[Grade]) -> list[dict[str, Any]]:
    """Return the known mistakes found, the most frequent first, each with who made it."""
    who: dict[tuple[str, str], set[str]] = {}
    for grade in grades:
        for task in grade.record.tasks:
            for check in task.checks:
                if check.diagnosis and check.status is CheckStatus.FAILED:
                    who.setdefault((check.diagnosis, task.id), set()).add(grade.student)
    ordered = sorted(who, key=lambda made: (-len(who[made]), made[0]))
    return [
        {"sentence": sentence, "task": task, "students": sorted(who[sentence, task])}
        for sentence, task in ordered
    ]


def success(grades: list[Grade]) -> list[TaskCounts]:
    """Return per task its checks, with how many passed, failed, had not started, are undecided."""
    tasks: dict[str, TaskCounts] = {}
    for grade in grades:
        for task in grade.record.tasks:
            counted = tasks.setdefault(task.id, TaskCounts(task.id, task.title))
            for check in task.checks:
                new = CheckCounts(check.title, check.name, check.visibility)
                counted.checks.setdefault(check.name, new).counts[_verdict(check)] += 1
    ordered = sorted(tasks, key=lambda id: [int(number) for number in id.split(".")])
    return [tasks[id] for id in ordered]


def poor_items(grades: list[Grade]) -> list[dict[str, str]]:
    """Return checks that hardly tell submissions apart, each with why.

    Submissions that have not started anything are left out. Discrimination is the correlation of
    passing the check with the score of all the others (corrected item–total correlation).
    """
    items: dict[str, Item] = {}
    for grade in grades:
        if not grade.found > 0:
            continue
        total = sum(check.earned for check in grade.record.checks())
        for check in grade.record.checks():
            item = items.setdefault(check.name, Item(check.title))
            item.passed.append(float(check.status is CheckStatus.PASSED))
            item.others.append(total - check.earned)
    found = [
        {"name": name, "title": item.title, "why": why}
        for name, item in items.items()
        if (why := _why_poor(item.passed, item.others))
    ]
    return sorted(found, key=lambda item: (item["why"], item["name"]))


def _why_poor(passed: list[float], others: list[float]) -> str:
    if len(passed) < 2:
        return ""
    if all(passed):
        return "all pass"
    if not any(passed):
        return "all fail"
    if len(passed) < ENOUGH:
        return ""
    try:
        r = correlation(passed, others)
    except StatisticsError:
        return ""
    return f"hardly tells strong from weak (r = {r:.2f})" if r < POOR else ""


def _verdict(check: CheckRecord) -> str:
    return "not started" if check.cause is Cause.NOT_STARTED else check.status


def _summary(graded: list[Grade]) -> list[tuple[str, str]]:
    scores = [grade.score for grade in graded]
    if not scores:
        return []
    late = sum(bool(grade.days_late) for grade in graded)
    return [
        ("median", number(median(scores))),
        ("mean", number(fmean(scores))),
        ("lowest", number(min(scores))),
        ("highest", number(max(scores))),
        ("late", str(late)),
    ]


def _submission(grade: Grade) -> dict[str, str]:
    record, submitted = grade.record, grade.submitted
    refused = record.status is RecordStatus.REFUSED
    return {
        "student": grade.student,
        "outcome": reason(record) if refused else outcome(record),
        "attempt": grade.attempt,
        "found": number(grade.found) if grade.decided else "–",
        "score": number(grade.score) if grade.decided else "–",
        "late": lateness(grade) or "no" if grade.due else "–",
        "submitted": moment(submitted.time) if submitted else "–",
        "source": submitted.source if submitted else "",
        "tier": record.isolation.tier or "–",
        "time": took(record.times["total"]),
    }
