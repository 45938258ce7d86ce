"""The class report: one self-contained page for whoever teaches the course, never for students."""

import base64
import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from statistics import fmean, median
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from autograder.judging.record import Cause, CheckStatus, RecordStatus
from autograder.reports.alike import Alike
from autograder.reports.feedback import reason, template
from autograder.reports.gradebook import BROKEN, by_student, lateness, outcome, took
from autograder.reports.grades import Grade, TaskByHand
from autograder.reports.item_analysis import VERDICTS, Analysis
from autograder.reports.regrade_requests import answer_entry
from autograder.reports.roster import Person
from autograder.sandbox.tier import Tier
from autograder.text import moment, number, printable

BINS = 10
LONG = 40
"""Tables with more rows are folded when the page is opened."""
SCRIPT = Path(__file__).parent / "templates" / "tables.js"

SUSPICIOUS = {
    Cause.PROTOCOL: "answered outside the protocol",
    Cause.EXITED: "called exit()",
}
"""What honest work hardly does, by the cause of a failed check."""


def render_report(
    grades: list[Grade],
    analysis: Analysis,
    similar: list[Alike],
    missing: Sequence[Person] = (),
    problems: Sequence[str] = (),
) -> str:
    """Return one HTML page that needs nothing beside it; all text of submissions is escaped.

    Its only script is our own, which sorts and searches tables; the page's policy allows no other
    and no request.

    Args:
        grades: of everybody. Members of a group who did not hand in themselves are named for what
            they ask, what is decided for them and what needs a look of them alone; else a
            submission counts once.
        analysis: of the checks.
        missing: of the roster, who has handed in nothing.
        problems: of the lists beside the submissions, a sentence each.
    """
    everybody = by_student(grades)
    return template("report.html.j2").render(
        **_of_submissions([grade for grade in everybody if not grade.shared_by]),
        missing=missing,
        problems=problems,
        by_hand=by_hand(everybody),
        look=grouped_by_reason(everybody),
        requests=regrade_requests(everybody),
        similar=[_printable(group) for group in similar],
        analysis=analysis,
        verdicts=VERDICTS,
        link=lambda student: f"{quote(student)}/feedback.html",
        long=LONG,
        script=report_script(),
    )


def _of_submissions(grades: list[Grade]) -> dict[str, Any]:
    """Return the page's data on submissions, each counted once."""
    decided, points = [grade for grade in grades if grade.decided], grades[0].points
    return {
        "course": grades[0].record.course,
        "points": number(points),
        "counts": Counter(grade.record.status for grade in grades),
        "summary": _summary(decided),
        "distribution": distribution([grade.score for grade in decided], points),
        "sections": by_section(grades),
        "misconceptions": misconceptions(graded_alone(grades)),
        "submissions": [_submission(grade) for grade in grades],
        "checks": sorted({grade.record.versions.get("checks", "") for grade in grades}),
    }


def _printable(group: Alike) -> Alike:
    """Return code of submissions as a browser may show it."""
    texts = {who: printable(text, keep="\n\t") for who, text in group.passages.items()}
    return replace(group, passages=texts)


@cache
def report_script() -> tuple[Markup, str]:
    """Return the page's script, and how its policy names it."""
    text = SCRIPT.read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return Markup(text), f"sha256-{digest}"


def graded_alone(grades: Sequence[Grade]) -> list[Grade]:
    """Return those with a verdict on every check."""
    return [grade for grade in grades if grade.record.status is RecordStatus.GRADED]


def distribution(scores: list[float], points: float) -> list[dict[str, Any]]:
    """Return how many scores fall into each tenth of the points; the last holds full marks too."""
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


def grouped_by_reason(grades: list[Grade]) -> list[tuple[str, list[tuple[Grade, str]]]]:
    """Return why submissions need a look, each reason with who it is about and what exactly.

    Of a member of a group who did not hand in, only what does not hold for the whole group.
    """
    groups: dict[str, list[tuple[Grade, str]]] = {}
    found = {grade.student: manual_look(grade) for grade in grades}
    for grade in grades:
        of_the_group = found.get(grade.shared_by, ())
        for kind, detail in found[grade.student]:
            if (kind, detail) not in of_the_group:
                groups.setdefault(kind, []).append((grade, detail))
    return sorted(groups.items(), key=lambda group: (len(group[1]), group[0]))


def manual_look(grade: Grade) -> list[tuple[str, str]]:
    """List why a person should look at this submission, a kind and details; empty for most."""
    record, submission = grade.record, grade.record.submission
    found = []
    if record.status is not RecordStatus.GRADED:
        found.append((str(record.status), outcome(record).removeprefix(f"{record.status}: ")))
    if record.regrade_failure:
        failure = f"{record.regrade_failure}; an earlier verdict stands"
        found.append(("not graded again", failure))
    found += [("incident", incident) for incident in record.incidents]
    found += [("Python cannot read a file", note) for note in submission.file_notes]
    found += [("not graded as handed in", note) for note in submission.given_notes]
    for causes, what in BROKEN:
        tasks = [task.id for task in record.tasks if task.has_cause(causes)]
        found += [(what.removesuffix(" in"), f"{what} {', '.join(tasks)}")] if tasks else []
    found += [
        (words, f"task {task.id}: {words}, read the code")
        for task in record.tasks
        for cause, words in SUSPICIOUS.items()
        if task.has_cause([cause])
    ]
    if record.isolation.tier == Tier.PROCESS:
        found.append(("no sandbox", f"graded without a sandbox (tier: {Tier.PROCESS})"))
    if grade.unmarked:
        found.append(("report not marked", f"question {', '.join(grade.unmarked)}"))
    for mark in grade.marked.marks if grade.marked else ():
        if mark.apart:
            said = zip(mark.given, mark.points_by_marker, strict=True)
            words = ", ".join(f"{each.marker} {number(points)}" for each, points in said)
            found.append(("markers differ", f"question {mark.question.id}: {words}"))
    if not grade.confirmed or (grade.days_late and grade.score == 0):
        found.append(("late", lateness(grade)))
    return found


def by_section(grades: list[Grade]) -> list[dict[str, Any]]:
    """Return how the sections of the roster did; empty where there are not several."""
    sections: dict[str, list[float]] = {}
    for grade in grades:
        if grade.decided and grade.person and grade.person.section:
            sections.setdefault(grade.person.section, []).append(grade.score)
    points = grades[0].points
    return [
        {
            "name": name,
            "count": len(scores),
            "median": number(median(scores)),
            "mean": number(fmean(scores)),
            "width": min(100, 100 * median(scores) / points),
        }
        for name, scores in sorted(sections.items())
        if len(sections) > 1
    ]


def by_hand(grades: list[Grade]) -> list[dict[str, str]]:
    """Return what was decided by hand, beside the autograder's score; for a group once."""
    by_name = {grade.student: grade for grade in grades}
    rows = []
    for grade in grades:
        owner = by_name.get(grade.shared_by)
        shared = (owner.extension, *owner.bonus, *owner.overrides) if owner else ()
        if grade.extension and grade.extension not in shared:
            what = f"due {moment(grade.extension.until)}"
            rows.append((grade.student, what, "", grade.extension.reason))
        tasks = [task for task in grade.record.tasks if isinstance(task, TaskByHand)]
        scores = {task.id: task.autograder_score for task in tasks}
        for bonus in [each for each in grade.bonus if each not in shared]:
            rows.append((grade.student, f"bonus: {number(bonus.points)}", "", bonus.reason))
        for override in [each for each in grade.overrides if each not in shared]:
            what = f"task {override.task}" if override.task else "whole score"
            what = f"{what}: {number(override.points)} points"
            before = scores.get(override.task) if override.task else grade.autograder_score
            shown = "" if before is None else number(before)
            rows.append((grade.student, what, shown, override.reason))
    keys = ("student", "what", "autograder_score", "reason")
    return [dict(zip(keys, row, strict=True)) for row in rows]


def regrade_requests(grades: list[Grade]) -> list[dict[str, str]]:
    """Return what students ask to have looked at again, what is not answered yet first.

    Each with the entry of adjustments.toml that answers it, which lacks the text alone.
    """
    rows = [
        {
            "student": grade.student,
            "about": each.about,
            "reason": each.request.reason,
            "note": each.note,
            "answer": each.answer,
            "entry": answer_entry(grade.student, each.request),
        }
        for grade in grades
        for each in grade.requests
    ]
    return sorted(rows, key=lambda row: bool(row["answer"]))


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
        "shared": ", ".join(grade.shared_with),
        "arrangement": record.submission.arrangement,
        "autograder_score": number(grade.autograder_score) if grade.decided else "–",
        "score": number(grade.score) if grade.decided else "–",
        "late": lateness(grade) or "no" if grade.due else "–",
        "submitted": moment(submitted.time) if submitted else "–",
        "source": submitted.source if submitted else "",
        "tier": record.isolation.tier or "–",
        "time": took(record.times["total"]),
        "seconds": f"{record.times['total']:.1f}",
    }
