"""Grades into the file that Canvas or Moodle exported, ready to be imported there again.

Both systems find students and assignment by the numbers in their own export, so that file is
filled in: nothing else in it changes, and whoever has no grade here keeps what stands there.
Canvas: Grades > Export > Export Entire Gradebook, later Grades > Import.
Moodle: Assignment > Submissions > Download grading worksheet, later Upload grading worksheet
("Offline grading worksheet" switched on among the feedback types).
"""

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from autograder.course import Course, CourseError
from autograder.intake.submission import safe_name
from autograder.judging.record import RecordStatus
from autograder.reports.grades import Grade
from autograder.reports.roster import ClassList, Rows, find_rows, read_class_list
from autograder.text import option

POINTS = 1e-9


@dataclass(frozen=True)
class FilledExport:
    """The file to import, and who is missing on either side."""

    system: str
    """"canvas" or "moodle"."""
    text: str
    unlisted: list[str]
    """Students with a grade who are not in the export."""
    filled: int
    unclear: list[str] = field(default_factory=list)
    """A sentence on each who may be several rows, or has another name there: not filled in."""


def fill_export(
    path: Path, grades: list[Grade], course: Course, assignment: str = ""
) -> FilledExport:
    """Fill in what Canvas or Moodle exported; which of them it was is read from the header.

    Args:
        assignment: a part of the assignment's title, where a Canvas gradebook has several.

    Raises:
        CourseError: it is neither system's export, the assignment is not clear, or it is worth
            other points there than in course.toml.
    """
    listed = read_class_list(path)
    grade = listed.column("grade") if listed.column("identifier") is not None else None
    canvas = listed.header[0].strip() in ("Student", "LastName") and "Section" in listed.header
    if grade is not None:
        return _moodle(listed, grades, course, grade)
    if canvas:
        return _canvas(listed, grades, course, assignment)
    raise CourseError(
        f"{path.name} is neither a gradebook that Canvas exports (Student, ID, …, Section) nor a "
        "grading worksheet of Moodle in English (Identifier, …, Grade): export one of them"
    )


def points_of(grades: list[Grade], course: Course) -> float:
    """Return what final scores are out of: the points of the course, and of a marked report."""
    return grades[0].points if grades else course.points


def to_hand_out(grade: Grade) -> bool:
    """Return whether there is a verdict to tell; what is not graded yet is not handed out."""
    return grade.decided or grade.record.status is RecordStatus.REFUSED


def moodle_feedback(path: Path, grades: list[Grade], out: Path) -> dict[str, bytes]:
    """Return the files of the zip that Moodle takes under "Upload multiple feedback files".

    Moodle finds a student by the number that its worksheet has, between the first two underscores
    of a folder's name. Whoever is not certainly in the worksheet is left out.

    Args:
        path: of Moodle's grading worksheet.
        out: where the feedback pages are.

    Raises:
        CourseError: a student has no number there.
    """
    listed = read_class_list(path)
    theirs = {grade.student: grade for grade in grades if to_hand_out(grade)}
    people = {student: grade.person for student, grade in theirs.items() if grade.person}
    files = {}
    for student, row in sorted(find_rows(theirs, listed, people).found.items()):
        number = re.search(r"\d+$", next(iter(listed.cells(row, ["identifier"])), ""))
        if number is None:
            raise CourseError(
                f"{listed.path.name}: {listed.shown(row)} has no number under Identifier, by which "
                "Moodle finds a student: export the worksheet again"
            )
        name = next(iter(listed.cells(row, ["full name"])), "Participant")
        name = safe_name(name).replace("_", " ")
        folder = f"{name}_{number[0]}_assignsubmission_file_"
        files[f"{folder}/feedback.html"] = (out / student / "feedback.html").read_bytes()
    return files


def _moodle(listed: ClassList, grades: list[Grade], course: Course, column: int) -> FilledExport:
    most = listed.column("maximum grade")
    for row in listed.rows:
        if most is not None:
            _same_points(listed, row[most], points_of(grades, course))
    rows, matched, unlisted = _with_grades(listed, grades, column)
    return _filled("moodle", _csv(listed, [listed.header, *rows]), matched, unlisted)


def _canvas(
    listed: ClassList, grades: list[Grade], course: Course, assignment: str
) -> FilledExport:
    """Fill Canvas's export; keep only the assignment's column and those that name the student."""
    column = _canvas_column(listed, assignment)
    for row in listed.rows:
        if "Points Possible" in row[0]:
            _same_points(listed, row[column], points_of(grades, course))
    rows, matched, unlisted = _with_grades(listed, grades, column)
    kept = [*range(listed.header.index("Section") + 1), column]
    cells = [[row[index] for index in kept] for row in (listed.header, *rows)]
    return _filled("canvas", _csv(listed, cells), matched, unlisted)


def _filled(system: str, text: str, matched: Rows, unlisted: list[str]) -> FilledExport:
    unclear = list(dict.fromkeys(matched.unclear.values()))
    return FilledExport(system, text, unlisted, len(matched.found), unclear)


def _canvas_column(listed: ClassList, assignment: str) -> int:
    """Return the assignment's column; Canvas writes a number behind its title: "β-VAE (4711)"."""
    known = [i for i, title in enumerate(listed.header) if re.search(r"\(\d+\)\s*$", title)]
    chosen = [i for i in known if assignment.casefold() in listed.header[i].casefold()]
    if len(chosen) == 1:
        return chosen[0]
    titles = ", ".join(listed.header[i] for i in chosen or known)
    if not known:
        raise CourseError(f"{listed.path.name} has no assignment: make one in Canvas, export again")
    raise CourseError(
        f"{listed.path.name}: say which assignment with {option('--assignment')} and a part of "
        f"its title that no other has: {titles}"
    )


def _same_points(listed: ClassList, cell: str, ours: float) -> None:
    try:
        points = float(cell.replace(",", "."))
    except ValueError:
        return
    if abs(points - ours) > POINTS:
        raise CourseError(
            f"{listed.path.name}: the assignment has {points:g} points there and "
            f"{ours:g} in course.toml and the rubric: make them the same and export again"
        )


def _with_grades(
    listed: ClassList, grades: list[Grade], column: int
) -> tuple[list[list[str]], Rows, list[str]]:
    """Return rows with their students' grades, which rows are whose, and who is not in the list."""
    graded = {grade.student: grade for grade in grades if grade.decided}
    people = {student: grade.person for student, grade in graded.items() if grade.person}
    matched = find_rows(graded, listed, people)
    rows = [list(row) for row in listed.rows]
    for student, row in matched.found.items():
        rows[row][column] = f"{graded[student].score:.2f}"
    return rows, matched, sorted(graded.keys() - matched.found.keys() - matched.unclear.keys())


def _csv(listed: ClassList, rows: Iterable[Iterable[str]]) -> str:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=listed.delimiter, lineterminator="\n").writerows(rows)
    return file.getvalue()
