"""The class report: one self-contained page for whoever teaches the course, never for students."""

from collections import Counter
from statistics import StatisticsError, correlation, fmean, median
from urllib.parse import quote

from autograder.reports.feedback import moment, number, reason, template
from autograder.reports.gradebook import broken_tasks, by_student, lateness, outcome, took
from autograder.reports.grades import Grade
from autograder.reports.similarity import Alike

BINS = 10
POOR = 0.2
"""Below this discrimination an item is customarily called poor (Ebel and Frisbie, 1991)."""
ENOUGH = 10
"""From this many submissions on a correlation says something."""

SUSPICIOUS = {
    "answered with something that is no value": "answered outside the protocol",
    "raised SystemExit": "called exit()",
}
"""By what a failed check says: what honest work hardly does."""


def render_report(grades: list[Grade], similar: list[Alike]) -> str:
    """One HTML page that needs nothing beside it; all text of submissions is escaped."""
    grades = by_student(grades)
    graded = [grade for grade in grades if grade.record["status"] == "graded"]
    first = grades[0].record
    return template("report.html.j2").render(
        course=first["course"],
        points=first["points"],
        counts=Counter(grade.record["status"] for grade in grades),
        summary=_summary(graded),
        distribution=distribution([grade.score for grade in graded], first["points"]),
        by_hand=by_hand(grades),
        look=[(grade, reasons) for grade in grades if (reasons := manual_look(grade))],
        similar=similar,
        poor=poor_items(graded),
        misconceptions=misconceptions(graded),
        tasks=success(graded),
        submissions=[_submission(grade) for grade in grades],
        checks=sorted({grade.record["versions"].get("checks", "") for grade in grades}),
        link=lambda student: f"{quote(student)}/feedback.html",
    )


def distribution(scores: list[float], points: float) -> list[dict]:
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
    if record["status"] != "graded":
        reasons.append(outcome(record))
    reasons += [f"incident: {incident}" for incident in record["incidents"]]
    reasons += [note for note in record["submission"]["notes"] if note.startswith("rdlab/")]
    reasons += broken_tasks(record["tasks"])
    reasons += [
        f"task {task['id']}: {words}, read the code"
        for task in record["tasks"]
        for sign, words in SUSPICIOUS.items()
        if any(sign in check["message"] for check in task["checks"])
    ]
    if record["isolation"]["tier"] == "process":
        reasons.append("graded without a sandbox (tier: process)")
    if not grade.confirmed or (grade.days_late and grade.score == 0):
        reasons.append(lateness(grade))
    return reasons


def by_hand(grades: list[Grade]) -> list[dict]:
    """What was decided by hand, beside what the grader finds."""
    rows = []
    for grade in grades:
        if grade.extension:
            what = f"due {moment(grade.extension.until)}"
            rows.append((grade.student, what, "", grade.extension.reason))
        found = {task["id"]: task.get("found") for task in grade.record["tasks"]}
        for override in grade.overrides:
            what = f"task {override.task}" if override.task else "whole score"
            before = found.get(override.task) if override.task else grade.found
            before = "" if before is None else number(before)
            rows.append(
                (
                    grade.student,
                    f"{what}: {number(override.points)} points",
                    before,
                    override.reason,
                )
            )
    return [dict(zip(("student", "what", "found", "reason"), row, strict=True)) for row in rows]


def misconceptions(grades: list[Grade]) -> list[dict]:
    """Known mistakes found, the most frequent first, each with who made it."""
    who: dict[tuple[str, str], set[str]] = {}
    for grade in grades:
        for task in grade.record["tasks"]:
            for check in task["checks"]:
                if check["diagnosis"] and check["status"] == "failed":
                    who.setdefault((check["diagnosis"], task["id"]), set()).add(grade.student)
    found = [
        {"sentence": sentence, "task": task, "students": sorted(students)}
        for (sentence, task), students in who.items()
    ]
    return sorted(found, key=lambda row: (-len(row["students"]), row["sentence"]))


def success(grades: list[Grade]) -> list[dict]:
    """Per task its checks, each with how many passed, failed, had not started or are undecided."""
    tasks: dict[str, dict] = {}
    for grade in grades:
        for task in grade.record["tasks"]:
            entry = tasks.setdefault(task["id"], {"title": task["title"], "checks": {}})
            for check in task["checks"]:
                row = entry["checks"].setdefault(check["name"], dict(check, counts=Counter()))
                row["counts"][_verdict(check)] += 1
    for entry in tasks.values():
        for row in entry["checks"].values():
            row["share"] = 100 * row["counts"]["passed"] / row["counts"].total()
    ordered = sorted(tasks, key=lambda id: [int(number) for number in id.split(".")])
    return [{"id": id} | tasks[id] for id in ordered]


def poor_items(grades: list[Grade]) -> list[dict]:
    """Checks that hardly tell submissions apart, each with why.

    Submissions that have not started anything are left out. Discrimination is the correlation of
    passing the check with the score of all the others (corrected item–total correlation).
    """
    begun = [grade for grade in grades if grade.found > 0]
    items: dict[str, dict] = {}
    for grade in begun:
        checks = [check for task in grade.record["tasks"] for check in task["checks"]]
        total = sum(check["earned"] for check in checks)
        for check in checks:
            item = items.setdefault(check["name"], dict(check, passed=[], others=[]))
            item["passed"].append(float(check["status"] == "passed"))
            item["others"].append(total - check["earned"])
    found = []
    for item in items.values():
        if why := _why_poor(item["passed"], item["others"]):
            found.append({"name": item["name"], "title": item["title"], "why": why})
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


def _verdict(check: dict) -> str:
    if check["status"] == "failed" and check["message"].startswith("not started"):
        return "not started"
    return check["status"]


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


def _submission(grade: Grade) -> dict:
    record, submitted = grade.record, grade.submitted
    return {
        "student": grade.student,
        "outcome": reason(record) if record["status"] == "refused" else outcome(record),
        "found": number(grade.found) if grade.decided else "–",
        "score": number(grade.score) if grade.decided else "–",
        "late": lateness(grade) or "no" if grade.due else "–",
        "submitted": moment(submitted.time) if submitted else "–",
        "source": submitted.source if submitted else "",
        "tier": record["isolation"]["tier"] or "–",
        "time": took(record["times"]["total"]),
    }
