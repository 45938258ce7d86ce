"""One grade record into the page that its student reads: HTML and Markdown, the same content.

Hidden checks show their title and hint, and the diagnosis where there is one; nothing of what
they called. How and where the grader ran is the instructor's business and is not shown.
"""

import re
import unicodedata
from datetime import datetime
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from autograder.reports.adjustments import FILE_TIME
from autograder.reports.grades import Grade

MAX_TEXT = 2000
STATUS = {
    "passed": "✓ passed",
    "partial": "◐ partly there",
    "failed": "✗ not yet",
    "not started": "○ not started",
    "not graded": "? not graded",
    "set by hand": "✎ set by hand",
}
UNDECIDED = "The grader could not decide: your instructor has been told."
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


def render_html(record: dict, grade: Grade | None = None) -> str:
    """One self-contained page; everything that comes from a submission is escaped."""
    return template("feedback.html.j2").render(view(record, grade))


def render_markdown(record: dict, grade: Grade | None = None) -> str:
    """The same content as Markdown."""
    page = view(record, grade)
    lines = [f"# {_md(page['course'])}", "", f"**{_md(page['student'])}**: {_md(page['outcome'])}"]
    if page["settlement"]:
        lines += ["", "| How the score came about | |", "| --- | --- |"]
        lines += [f"| {_md(name)} | {_md(text)} |" for name, text in page["settlement"]]
    if page["parts"]:
        lines += ["", "| Part | Points |", "| --- | --- |"]
        lines += [f"| {_md(part['name'])} | {part['points']} |" for part in page["parts"]]
        lines += ["", "| Task | Status | Points |", "| --- | --- | --- |"]
        lines += [_md_row(task) for task in page["tasks"]]
    lines += ["", "## What to do next", ""] + [f"- {_md(step)}" for step in page["steps"]]
    for heading, items in (("Notes", page["notes"]), ("Files left out", page["left_out"])):
        if items:
            lines += ["", f"## {heading}", ""] + [f"- {_md(item)}" for item in items]
    for task in page["tasks"]:
        lines += ["", f"## {_md(task['name'])}", "", f"{task['status']}, {task['points']} points"]
        lines += ["", _md(task["reason"])] if task["reason"] else []
        for check in task["checks"]:
            lines += _md_check(check)
    return "\n".join(lines) + "\n"


def view(record: dict, grade: Grade | None = None) -> dict:
    """What students may see of a record, in words; all text is clean, but not yet escaped.

    Args:
        grade: of this record, where lateness and decisions by hand are to be told.
    """
    record = _clean(grade.record if grade else record)
    tasks = [_task(task) for task in record["tasks"]]
    submission = record["submission"]
    return {
        "course": record["course"],
        "student": record["student"],
        "outcome": _outcome(record, grade.score if grade else record["score"]),
        "settlement": _settlement(grade) if grade and grade.decided else [],
        "parts": [
            {
                "name": f"Part {part['number']}: {part['title']}",
                "points": _points(part["score"], part["points"]),
            }
            for part in record["parts"]
        ],
        "tasks": tasks,
        "steps": _steps(record),
        "notes": [without_paths(note) for note in submission["notes"]],
        "left_out": submission["left_out"],
        "receipt": _receipt(submission),
    }


def without_paths(text: str) -> str:
    """Without the folders of the machine: "/srv/x/rdlab/a.py" reads "rdlab/a.py"."""
    text = re.sub(r"(?<![\w./])/(?:[^\s/'\"]+/)*?(?=(?:rdlab|runs)/)", "", text)
    return re.sub(r"(?<![\w./])/(?:[^\s/'\"]+/)+(?=[^\s/'\"])", "", text)


def reason(record: dict) -> str:
    """Why a submission was refused, with its name in place of its path."""
    path = record["submission"]["path"]
    return without_paths(record["reason"].replace(path, Path(path).name) if path else "")


def number(value: float) -> str:
    """Points as people write them: 3, 2.5, 0.33."""
    return f"{round(value, 2):g}"


def _points(score: float, points: float) -> str:
    return f"{number(score)} / {number(points)}"


def moment(time: datetime) -> str:
    """As people write it, to the minute; a second too late must not read as in time."""
    return f"{time:%Y-%m-%d %H:%M:%S %Z}" if time.second else f"{time:%Y-%m-%d %H:%M %Z}"


def _settlement(grade: Grade) -> list[tuple[str, str]]:
    """How the final score came about; empty where it is simply what was found."""
    points = grade.record["points"]
    rows = [("Found by the grader", _points(grade.found, points))]
    for override in grade.overrides:
        what = f"Task {override.task}" if override.task else "Whole score"
        rows.append((f"{what}, set by hand", f"{number(override.points)}: {override.reason}"))
    known = grade.submitted and grade.submitted.source != FILE_TIME
    if known and grade.due:
        rows.append(("Submitted", moment(grade.submitted.time)))
        rows.append(("Due, with your extension" if grade.extension else "Due", moment(grade.due)))
        rows.append(("Late", _lateness(grade)))
    rows.append(("Final score", _points(grade.score, points)))
    return rows if len(rows) > 2 else []


def _lateness(grade: Grade) -> str:
    if not grade.days_late:
        graced = grade.submitted.time > grade.due
        return "no, within the grace period" if graced else "no"
    days = f"{grade.days_late} day{'s' * (grade.days_late > 1)} begun"
    return f"{days}, {number(grade.penalty)} points taken off" if grade.penalty else days


def _outcome(record: dict, score: float) -> str:
    if record["status"] == "refused":
        return "Your submission could not be taken in and has no score yet."
    points = f"{_points(score, record['points'])} points"
    if record["status"] == "not graded":
        return f"{points} so far, not all is graded" if record["tasks"] else "Not graded yet."
    return points


def _receipt(submission: dict) -> str:
    if not submission["sha256"]:
        return ""
    return f"{submission['files']} files, fingerprint {submission['sha256'][:12]}"


def _task(task: dict) -> dict:
    started = task["status"] != "not started"
    return {
        "name": f"Task {task['id']}: {task['title']}",
        "anchor": "task-" + re.sub(r"\W", "-", task["id"]),
        "kind": task["status"].replace(" ", "-"),
        "status": STATUS[task["status"]],
        "points": _points(task["score"], task["points"]),
        "reason": task.get("reason", ""),
        "checks": [_check(check, started) for check in task["checks"]],
    }


def _check(check: dict, started: bool) -> dict:
    failed = started and check["status"] == "failed"
    public = failed and check["visibility"] == "public"
    evidence = [(name, without_paths(check[key])) for key, name in EVIDENCE if check[key]]
    return {
        "title": check["title"],
        "kind": check["status"].replace(" ", "-"),
        "status": STATUS[check["status"]],
        "points": _points(check["earned"], check["points"]),
        "hidden": check["visibility"] != "public",
        "diagnosis": check["diagnosis"] if failed else "",
        "hint": check["hint"] if failed else "",
        "evidence": evidence if public else [],
        "explanation": UNDECIDED if check["status"] == "not graded" else "",
    }


def _steps(record: dict) -> list[str]:
    """What to do next, most useful first."""
    if record["status"] == "refused":
        return [reason(record), "Mend this and submit again."]
    if not record["tasks"]:
        return [UNDECIDED]
    broken = [note for note in record["submission"]["notes"] if note.startswith("rdlab/")]
    steps = [f"Mend this first: {without_paths(note)}." for note in broken]
    open_tasks = [task for task in record["tasks"] if task["status"] in ("partial", "failed")]
    steps += [_mend(task) for task in open_tasks]
    waiting = [task["id"] for task in record["tasks"] if task["status"] == "not started"]
    if waiting:
        steps.append(f"Not started yet: task {', '.join(waiting)}.")
    undecided = [task["id"] for task in record["tasks"] if task["status"] == "not graded"]
    if undecided:
        steps.append(f"Nothing to do for task {', '.join(undecided)}: {UNDECIDED}")
    if not steps:
        steps.append("Nothing: all is passed.")
    return [*steps, REPORT]


def _mend(task: dict) -> str:
    gain = number(task["points"] - task["score"])
    check = next(check for check in task["checks"] if check["status"] == "failed")
    advice = check["diagnosis"] or check["hint"]
    return f"Task {task['id']}, {task['title']} ({gain} to gain): {advice}"


def _clean(value):
    """All texts of a record without control and direction characters, and of bounded length."""
    if isinstance(value, dict):
        return {key: _clean(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_clean(item) for item in value]
    return _clean_text(value) if isinstance(value, str) else value


def _clean_text(text: str) -> str:
    text = text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "…"
    return "".join(
        character
        if character in "\n\t" or unicodedata.category(character) not in ("Cc", "Cf", "Cs")
        else "\N{REPLACEMENT CHARACTER}"
        for character in text
    )


@cache
def template(name: str) -> Template:
    """A page of autograder/templates; it escapes what it is given."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)


# Markdown


def _md(text: str) -> str:
    """Text on one line of Markdown, with nothing in it that Markdown or HTML would read."""
    text = re.sub(r"([\\`*_\[\]<>|~&$#])", r"\\\1", " ".join(text.split()))
    return text.replace("://", ":\\//").replace("www.", "www\\.")


def _md_row(task: dict) -> str:
    return f"| {_md(task['name'])} | {task['status']} | {task['points']} |"


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
    """A code block whose fence is longer than any run of backticks in it."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}text", text, fence]
