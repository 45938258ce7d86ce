"""One grade record into the page that its student reads: HTML and Markdown, the same content.

Hidden checks show their title and hint, and the diagnosis where there is one; nothing of what
they called. How and where the autograder ran is the instructor's business and is not shown.
"""

import re
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from autograder.course import RegradeRequests
from autograder.judging.record import (
    CheckRecord,
    CheckStatus,
    Record,
    RecordStatus,
    Submission,
    TaskRecord,
    TaskStatus,
)
from autograder.reports.grades import Grade, TaskByHand
from autograder.reports.marks import Item, Marked
from autograder.reports.regrade_requests import TITLE, Asked, blank_request
from autograder.reports.times import FILE_TIME
from autograder.text import moment, number, plural, printable

T = TypeVar("T")
MAX_TEXT = 2000
STATUS = {
    TaskStatus.PASSED: "✓ passed",
    TaskStatus.PARTIAL: "◐ partly there",
    TaskStatus.FAILED: "✗ failed",
    TaskStatus.NOT_STARTED: "○ not started",
    TaskStatus.NOT_GRADED: "? not graded",
    TaskStatus.SET_BY_HAND: "✎ set by hand",
}
TO_FIX = (TaskStatus.PARTIAL, TaskStatus.FAILED)
UNDECIDED = "Not graded because of an internal error; your instructor sees it in the class report."
REPORT = (
    "Your answers to the analysis questions (report.ipynb) are read and marked by a person; "
    "they are not part of this score."
)
EVIDENCE = (
    ("call", "Called"),
    ("returned", "Returned"),
    ("expected", "Expected"),
    ("message", "What differs"),
)


def render_html(
    record: Record, grade: Grade | None = None, asking: RegradeRequests | None = None
) -> str:
    """Return one self-contained page; everything that comes from a submission is escaped.

    Args:
        asking: how students ask for a regrade; None where the page has no form for it.
    """
    return template("feedback.html.j2").render(view(record, grade, asking))


def render_markdown(
    record: Record, grade: Grade | None = None, asking: RegradeRequests | None = None
) -> str:
    """Return the same content as Markdown."""
    page = view(record, grade, asking)
    lines = [f"# {_md(page['course'])}", "", f"**{_md(page['student'])}**: {_md(page['outcome'])}"]
    if page["settlement"]:
        lines += ["", "| Score breakdown | |", "| --- | --- |"]
        lines += [f"| {_md(name)} | {_md(text)} |" for name, text in page["settlement"]]
    if page["parts"]:
        lines += ["", "| Part | Points |", "| --- | --- |"]
        lines += [f"| {_md(part['name'])} | {part['points']} |" for part in page["parts"]]
        lines += ["", "| Task | Status | Points |", "| --- | --- | --- |"]
        lines += [_md_row(task) for task in page["tasks"]]
    lines += ["", "## What to do next", ""] + [f"- {_md(step)}" for step in page["steps"]]
    for heading, items in (("Notes", page["notes"]), ("Files ignored", page["left_out"])):
        if items:
            lines += ["", f"## {heading}", ""] + [f"- {_md(item)}" for item in items]
    lines += _md_requests(page) + _md_report(page)
    for task in page["tasks"]:
        lines += ["", f"## {_md(task['name'])}", "", f"{task['status']}, {task['points']} points"]
        lines += ["", _md(task["reason"])] if task["reason"] else []
        for check in task["checks"]:
            lines += _md_check(check)
    return "\n".join(lines) + "\n"


def view(
    record: Record, grade: Grade | None = None, asking: RegradeRequests | None = None
) -> dict[str, Any]:
    """Return what students may see of a record, in words; all text is clean, but not yet escaped.

    Args:
        grade: of this record, where lateness and decisions by hand are to be told.
        asking: how students ask for a regrade; None where they do not by this page.
    """
    record = _clean(grade.record if grade else record)
    submission = record.submission
    return {
        "course": record.course,
        "student": record.student,
        "outcome": _outcome(record, grade),
        "settlement": _settlement(grade) if grade and grade.decided else [],
        "parts": [
            {
                "name": f"Part {part.number}: {part.title}",
                "points": _points(part.score, part.points),
            }
            for part in record.parts
        ],
        "tasks": [_task(task, record.student, asking) for task in record.tasks],
        "requests": [_asked(each) for each in grade.requests] if grade else [],
        "asking": _asking(asking) if asking else {},
        "steps": _steps(record, bool(grade and grade.marked)),
        "report": _report(grade.marked) if grade and grade.marked else [],
        "notes": [*map(without_paths, submission.notes), *_board(grade)],
        "left_out": submission.left_out,
        "receipt": _receipt(submission),
        "request_title": TITLE,
    }


def without_paths(text: str) -> str:
    """Remove the folders of the machine from a text: "/srv/x/rdlab/a.py" reads "rdlab/a.py"."""
    text = re.sub(r"(?<![\w./])/(?:[^\s/'\"]+/)*?(?=(?:rdlab|runs)/)", "", text)
    return re.sub(r"(?<![\w./])/(?:[^\s/'\"]+/)+(?=[^\s/'\"])", "", text)


def reason(record: Record) -> str:
    """Return why a submission was refused, with its name in place of its path."""
    path = record.submission.path
    return without_paths(record.reason.replace(path, Path(path).name) if path else "")


def _points(score: float, points: float) -> str:
    return f"{number(score)} / {number(points)}"


def _settlement(grade: Grade) -> list[tuple[str, str]]:
    """List what leads from the autograder's score to the final one; empty where nothing does."""
    points = grade.points
    rows = [("Autograder score", _points(grade.autograder_score, grade.record.points))]
    rows += [("Handed in by", grade.shared_by)] if grade.shared_by else []
    rows += [("Handed in for", ", ".join(grade.shared_with))] if grade.shared_with else []
    rows += [("Attempt", grade.attempt)] if grade.attempt else []
    for override in grade.overrides:
        what = f"Task {override.task}" if override.task else "Whole score"
        rows.append((f"{what}, set by hand", f"{number(override.points)}: {override.reason}"))
    if grade.marked:
        rows.append(("Report", _points(grade.marked.points, grade.marked.of)))
    if grade.submitted and grade.submitted.source != FILE_TIME and grade.due:
        rows.append(("Submitted", moment(grade.submitted.time)))
        rows.append(("Due, with your extension" if grade.extension else "Due", moment(grade.due)))
        rows.append(("Late", _lateness(grade)))
    rows += [("Bonus", f"{number(each.points)}: {each.reason}") for each in grade.bonus]
    rows.append(("Final score", _points(grade.score, points)))
    return rows if len(rows) > 2 else []


def _lateness(grade: Grade) -> str:
    if not grade.days_late:
        graced = grade.submitted and grade.due and grade.submitted.time > grade.due
        return "no, within the grace period" if graced else "no"
    days = f"{plural(grade.days_late, 'day')} begun"
    days += f", {plural(grade.slipped, 'slip day')} used" if grade.slipped else ""
    return f"{days}, {number(grade.penalty)} points taken off" if grade.penalty else days


def _outcome(record: Record, grade: Grade | None) -> str:
    whole = grade.points if grade else record.points
    points = f"{_points(grade.score if grade else record.score, whole)} points"
    if grade and grade.unmarked:
        return f"{points} so far, your report is not marked yet"
    if record.status is RecordStatus.REFUSED:
        score = points if grade and grade.decided else "no score yet"
        return f"Your submission could not be taken in: {score}."
    if record.status is RecordStatus.NOT_GRADED:
        return f"{points} so far, not all is graded" if record.tasks else "Not graded yet."
    return points


def _board(grade: Grade | None) -> list[str]:
    name = grade.board_name if grade else ""
    return [f"Your name on the leaderboard is {name}; only you are told."] if name else []


def _receipt(submission: Submission) -> str:
    if not submission.sha256:
        return ""
    return f"{submission.files} files, fingerprint {submission.sha256[:12]}"


def _task(task: TaskRecord, student: str, asking: RegradeRequests | None) -> dict[str, Any]:
    started = task.status is not TaskStatus.NOT_STARTED
    asks = asking is not None and started and task.score < task.points
    checks = [_check(check, started) for check in task.checks]
    for check, seen in zip(task.checks, checks, strict=True):
        if asks and check.status is CheckStatus.FAILED:
            seen["blank"] = blank_request(student, task.id, check.title)
    alone = asks and not any(check["blank"] for check in checks)
    return {
        "name": f"Task {task.id}: {task.title}",
        "anchor": "task-" + re.sub(r"\W", "-", task.id),
        "kind": task.status.replace(" ", "-"),
        "status": STATUS[task.status],
        "points": _points(task.score, task.points),
        "reason": task.reason if isinstance(task, TaskByHand) else "",
        "blank": blank_request(student, task.id) if alone else "",
        "checks": checks,
    }


def _asking(asking: RegradeRequests) -> dict[str, str]:
    """Say how requests for a regrade are sent."""
    until = f" until {moment(asking.until)}" if asking.until else ""
    way = f"mail it to {asking.mail}" if asking.mail else "save it as a .txt file and hand that in"
    return {"mail": asking.mail, "how": f"Complete this text with your reason, then {way}{until}."}


def _asked(each: Asked) -> dict[str, str]:
    each = _clean(each)
    return {
        "about": each.about,
        "reason": each.request.reason or "(no reason given)",
        "answer": each.answer or "Not answered yet.",
    }


def _check(check: CheckRecord, started: bool) -> dict[str, Any]:
    failed = started and check.status is CheckStatus.FAILED
    undecided = check.status is CheckStatus.NOT_GRADED
    shown = failed and check.visibility == "public"
    return {
        "title": check.title,
        "kind": check.status.replace(" ", "-"),
        "status": STATUS[TaskStatus(check.status)],
        "points": _points(check.earned, check.points),
        "hidden": check.visibility != "public",
        "diagnosis": check.diagnosis if failed else "",
        "hint": check.hint if failed else "",
        "evidence": _evidence(check) if shown else [],
        "explanation": UNDECIDED if undecided else "",
        "blank": "",
    }


def _evidence(check: CheckRecord) -> list[tuple[str, str]]:
    texts = [(name, str(getattr(check, field))) for field, name in EVIDENCE]
    return [(name, without_paths(text)) for name, text in texts if text]


def _steps(record: Record, marked: bool = False) -> list[str]:
    """Return what to do next, most useful first."""
    if record.status is RecordStatus.REFUSED:
        return [reason(record), "Fix this and submit again."]
    if not record.tasks:
        return [UNDECIDED]
    steps = [f"Fix this first: {without_paths(note)}." for note in record.submission.file_notes]
    steps += [_fix_hint(task) for task in record.tasks if task.status in TO_FIX]
    waiting = [task.id for task in record.tasks if task.status is TaskStatus.NOT_STARTED]
    if waiting:
        steps.append(f"Not started yet: task {', '.join(waiting)}.")
    undecided = [task.id for task in record.tasks if task.status is TaskStatus.NOT_GRADED]
    if undecided:
        steps.append(f"Nothing to do for task {', '.join(undecided)}: {UNDECIDED}")
    if not steps:
        steps.append("Nothing: all is passed.")
    return steps if marked else [*steps, REPORT]


def _report(marked: Marked) -> list[dict[str, Any]]:
    """Return each marked answer: its points, what it has of the rubric and what it lacks."""
    return [
        {
            "title": mark.question.title,
            "points": _points(mark.points, mark.question.points),
            "items": [_item(item, mark.share(item)) for item in mark.question.items],
            "comments": [_clean(each.comment) for each in mark.given if each.comment],
        }
        for mark in marked.marks
    ]


def _item(item: Item, share: float) -> str:
    sign = "✓" if share == 1 else "◐" if share else "✗"
    bonus = ", bonus" if item.bonus else ""
    return f"{sign} {item.sentence} ({number(share * item.points)} / {number(item.points)}{bonus})"


def _fix_hint(task: TaskRecord) -> str:
    gain = number(task.points - task.score)
    check = next(check for check in task.checks if check.status is CheckStatus.FAILED)
    advice = check.diagnosis or check.hint
    return f"Task {task.id}, {task.title} ({gain} to gain): {advice}"


def _clean(value: T) -> T:
    """Return the same with all texts printable and of bounded length."""
    cleaned: Any = value
    if isinstance(value, Enum):
        return value
    if isinstance(value, str):
        cleaned = printable(value, keep="\n\t", most=MAX_TEXT)
    elif isinstance(value, tuple):
        cleaned = tuple(_clean(item) for item in value)
    elif isinstance(value, dict):
        cleaned = {key: _clean(item) for key, item in value.items()}
    elif is_dataclass(value) and not isinstance(value, type):
        texts = {each.name: _clean(getattr(value, each.name)) for each in fields(value)}
        cleaned = replace(value, **texts)
    return cleaned


@cache
def template(name: str) -> Template:
    """Return a page of reports/templates; it escapes what it is given."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)


# Markdown


WORD_JOINER = "\u2060"
"""After an @ or #, it keeps GitHub from mentioning people and issues; a backslash does not."""


def _md(text: str) -> str:
    """Return text on one line of Markdown, with nothing in it that Markdown or HTML would read."""
    text = re.sub(r"([\\`*_\[\]<>|~&$#])", r"\\\1", " ".join(text.split()))
    text = text.replace("://", ":\\//").replace("www.", "www\\.")
    return re.sub(r"([@#])(?=\w)", rf"\1{WORD_JOINER}", text)


def _md_row(task: dict) -> str:
    return f"| {_md(task['name'])} | {task['status']} | {task['points']} |"


def _md_report(page: dict[str, Any]) -> list[str]:
    lines = ["", "## Report"] if page["report"] else []
    for answer in page["report"]:
        lines += ["", f"**{_md(answer['title'])}**, {answer['points']} points", ""]
        lines += [f"- {_md(text)}" for text in (*answer["items"], *answer["comments"])]
    return lines


def _md_requests(page: dict[str, Any]) -> list[str]:
    lines = ["", f"## {TITLE}s", ""] if page["requests"] else []
    for each in page["requests"]:
        lines += [f"- {_md(each['about'])}: {_md(each['reason'])}"]
        lines += [f"  **{_md(each['answer'])}**"]
    asked = [each for task in page["tasks"] for each in (*task["checks"], task)]
    blanks = [each["blank"] for each in asked if each["blank"]]
    if page["asking"] and blanks:
        how = f"{page['asking']['how']} Write the task and the check that you mean."
        lines += ["", "## Ask for a regrade", "", _md(how), "", *_fenced(blanks[0])]
    return lines


def _md_check(check: dict) -> list[str]:
    hidden = " (hidden check)" if check["hidden"] else ""
    lines = ["", f"**{check['status']}**, {check['points']}: {_md(check['title'])}{hidden}"]
    for name in ("explanation", "diagnosis"):
        lines += ["", _md(check[name])] if check[name] else []
    lines += ["", f"Hint: {_md(check['hint'])}"] if check["hint"] else []
    for name, text in check["evidence"]:
        lines += ["", f"{name}:", "", *_fenced(text)]
    return lines


def _fenced(text: str) -> list[str]:
    """Return a code block whose fence is longer than any run of backticks in it."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}text", text, fence]
