"""A course folder for nbgrader: its configuration, the assignment's source, what was handed in.

`nbgrader generate_assignment vae` and all that follows works in it; see nbgrader_plugin for what
then happens inside nbgrader.
"""

import json
import os
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from autograder import ROOT
from autograder.authoring.notebook import render, source_notebook, student_notebook
from autograder.authoring.release import build
from autograder.course import Course, CourseError
from autograder.grading.job import Job
from autograder.intake.submission import collect

ASSIGNMENT = "vae"
NOTEBOOK = "report.ipynb"
TIMESTAMP = "timestamp.txt"
"""Where nbgrader reads when a submission was handed in."""
CONFIG = """\
# Made by `make nbgrader`. Settings of your own go below: this file is not written again.
import sys

sys.path.append({root!r})
from autograder.platforms.nbgrader_plugin import configure

c = get_config()
configure(c, {course_dir!r}, python={python!r})
"""
NEXT_STEPS = f"""In it, nbgrader does the rest:
  nbgrader generate_assignment {ASSIGNMENT}   makes release/{ASSIGNMENT}, for students
  nbgrader autograde {ASSIGNMENT}             grades what is in submitted/
  jupyter lab                       Nbgrader > Formgrader: mark the answers
  nbgrader generate_feedback {ASSIGNMENT}     makes feedback/, a page per student
  nbgrader export                   makes grades.csv"""


def set_up(course_dir: Path, course: Course) -> None:
    """Make a course folder, or bring its source up to date; nothing else in it is touched.

    Raises:
        CourseError: it has an nbgrader_config.py that does not know the judge.
    """
    config = course_dir / "nbgrader_config.py"
    text = CONFIG.format(
        root=str(ROOT), course_dir=str(course_dir.resolve()), python=sys.executable
    )
    if not config.exists():
        course_dir.mkdir(parents=True, exist_ok=True)
        config.write_text(text, encoding="utf-8")
    elif "autograder.platforms.nbgrader_plugin" not in config.read_text(encoding="utf-8"):
        lines = "".join(f"    {line}\n" for line in text.splitlines()[1:])
        raise CourseError(f"{config} does not know the judge: add these lines to it\n{lines}")
    source = course_dir / "source" / ASSIGNMENT
    for name, released in build(ROOT, course).items():
        if name.endswith(".ipynb"):  # any other notebook would be one that everybody lacks
            continue
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes(released.content)
    notebook = source_notebook(ROOT, course)
    (source / NOTEBOOK).write_text(render(notebook), encoding="utf-8")


def submitted(course_dir: Path, student: str) -> Path:
    """Return the folder in which nbgrader has a student's submission."""
    return course_dir / "submitted" / student / ASSIGNMENT


def hand_in(
    path: Path, student: str, course_dir: Path, course: Course, time: datetime | None = None
) -> bool:
    """Copy a submission to where nbgrader looks for it; False if it is there already.

    What is new is autograded by the next `nbgrader autograde`; manual marks are kept, for they are
    in nbgrader's gradebook.

    Args:
        time: when it was submitted, if that is known.

    Raises:
        IntakeError: the submission is refused.
    """
    target = submitted(course_dir, student)
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{ASSIGNMENT}.{os.getpid()}")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        collect(path, partial, course.limits)
        complete(partial, course)
        if time is not None:
            stamp = f"{time.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f %Z}"
            (partial / TIMESTAMP).write_text(stamp, encoding="utf-8")
        if _contents(partial) == _contents(target):
            return False
        shutil.rmtree(target, ignore_errors=True)
        os.replace(partial, target)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    shutil.rmtree(course_dir / "autograded" / student / ASSIGNMENT, ignore_errors=True)
    return True


def complete(folder: Path, course: Course) -> bool:
    """Put the untouched notebook where there is none that can be read; whether that was so.

    To nbgrader a submission without its notebook is worth nothing, whatever its code does.
    """
    path = folder / NOTEBOOK
    if _is_notebook(path):
        return False
    if path.exists():
        os.replace(path, path.with_name(f"{NOTEBOOK}.unreadable"))
    path.write_text(render(student_notebook(source_notebook(ROOT, course))), encoding="utf-8")
    return True


def complete_all(course_dir: Path, course: Course) -> list[str]:
    """Give an untouched notebook to all who have no readable one, and return these students."""
    folders = sorted((course_dir / "submitted").glob(f"*/{ASSIGNMENT}"))
    return [folder.parent.name for folder in folders if complete(folder, course)]


def _is_notebook(path: Path) -> bool:
    """Return whether nbgrader can read it: of what it cannot read, nobody would get any grade."""
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        json.dumps(notebook, ensure_ascii=False).encode()
    except (OSError, ValueError, RecursionError):
        return False
    match notebook:
        case {"nbformat": 4, "nbformat_minor": int(), "metadata": dict(), "cells": list(cells)}:
            return all(map(_is_cell, cells))
    return False


def _is_cell(cell: Any) -> bool:
    match cell:
        case {"cell_type": kind, "metadata": dict(metadata), "source": source}:
            whole = _is_text(source) and isinstance(metadata.get("nbgrader") or {}, dict)
            pictures = cell.get("attachments") or {}
            whole &= isinstance(pictures, dict) and isinstance(cell.get("id", ""), str)
            whole = whole and all(isinstance(each, dict) for each in pictures.values())
            if kind == "code":
                outputs = cell.get("outputs")
                return whole and isinstance(outputs, list) and all(map(_is_output, outputs))
            return whole and kind in ("markdown", "raw")
    return False


def _is_output(output: object) -> bool:
    match output:
        case {"output_type": "stream", "text": text}:
            return _is_text(text)
        case {"output_type": "error", "traceback": list(lines)}:
            return _is_text(lines)
        case {"output_type": "display_data" | "execute_result", "data": dict()}:
            return True
    return False


def _is_text(value: object) -> bool:
    """Return whether notebooks hold a text in this form: a string, or a list of lines."""
    return isinstance(value, str) or (
        isinstance(value, list) and all(isinstance(line, str) for line in value)
    )


def _contents(folder: Path) -> dict[Path, bytes]:
    files = [file for file in folder.rglob("*") if file.is_file()]
    return {file.relative_to(folder): file.read_bytes() for file in files}


def grade_one(student: str, course_dir: Path, course: Course, isolation: str) -> None:
    """Have the judge's record of a student made, in grades/ of the course folder.

    Raises:
        CourseError: the student has handed in nothing.
    """
    from autograder.grading.grading import grade_class
    from autograder.sandbox.sandbox import choose_tier

    path = submitted(course_dir, student)
    if not path.is_dir():
        raise CourseError(f"{path} does not exist: check the student's name")
    jobs, tier = [Job(path, student)], choose_tier(isolation)
    grade_class(jobs, course_dir / "grades", course, tier, 1, lambda record: None)
