"""What runs inside nbgrader: the judge's scores, in place of executing what students wrote.

`configure` is called by the nbgrader_config.py of a course folder. Autograding then has two steps.
First the submitted notebook is made harmless and whole: only text and pictures of its outputs are
kept, and the cells that are graded are as they were released. Then each grade cell is given the
score of its task, as nbgrader reads scores: a number in its output. No kernel is ever started.
"""

import os
import re
import shutil
import subprocess
import sys
from contextlib import suppress
from copy import deepcopy
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import nbformat
from filelock import FileLock, Timeout
from jinja2 import pass_context
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell, new_notebook, new_output
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import Autograde
from nbgrader.converters.base import BaseConverter
from nbgrader.plugins import BasePlugin
from nbgrader.preprocessors import NbGraderPreprocessor, OverwriteCells
from traitlets import Unicode

from autograder import ROOT
from autograder.authoring.notebook import UNANSWERED, grade_id
from autograder.course import load_course
from autograder.judging.record import (
    RECORD_FILE,
    Record,
    RecordError,
    RecordStatus,
    read_record,
)
from autograder.reports.feedback import reason, view
from autograder.reports.grades import days_late, late_penalty, slip_days, without_held_back

PICTURES = ("image/png", "image/jpeg")
BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*")
HERE = __name__


class GradingError(Exception):
    """This submission has no score; the message is one sentence that says what to do."""


def configure(config: Any, course_dir: str | Path, python: str = sys.executable) -> None:
    """Set what nbgrader needs to know, in the `c` of an nbgrader_config.py.

    Args:
        config: the `c` of the file.
        course_dir: the course folder.
        python: the interpreter that has what the judge needs.
    """
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # alembic
    course_dir = Path(course_dir).resolve()
    Autograde.start, Autograde.init_destination = _start, _init_destination
    with suppress(Timeout), _lock(course_dir, timeout=0):
        clear_interrupted(course_dir)
    config.AssignLatePenalties.plugin_class = f"{HERE}.LatePenalty"
    config.CourseDirectory.root = str(course_dir)
    config.JudgeScores.course_dir = str(course_dir)
    config.JudgeScores.python = python
    config.ClearSolutions.text_stub = UNANSWERED
    config.ClearMarkScheme.enforce_metadata = False  # a scheme stands beside its question
    config.Autograde.exclude_overwriting = _every_file(course_dir / "source")
    config.Autograde.sanitize_preprocessors = [
        f"{HERE}.Disarm",
        f"{HERE}.RestoreCells",
        "nbgrader.preprocessors.DeduplicateIds",
        "nbgrader.preprocessors.OverwriteKernelspec",
        "nbgrader.preprocessors.CheckCellMetadata",
    ]
    config.Autograde.autograde_preprocessors = [
        f"{HERE}.JudgeScores",
        "nbgrader.preprocessors.LimitOutput",
        "nbgrader.preprocessors.SaveAutoGrades",
        "nbgrader.preprocessors.AssignLatePenalties",
        "nbgrader.preprocessors.CheckCellMetadata",
    ]
    config.GenerateFeedback.preprocessors = [
        "nbgrader.preprocessors.GetGrades",
        "nbgrader.preprocessors.ClearMarkScheme",
        "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
    ]
    config.HTMLExporter.filters = {"markdown2html": f"{HERE}.escaped_markdown"}


def _lock(course_dir: Path, timeout: float = -1) -> FileLock:
    return FileLock(course_dir / ".autograde.lock", timeout=timeout)


def _start(self: Autograde) -> None:
    """Autograde, after clearing away what an interrupted run has left."""
    course_dir = Path(self.coursedir.root)
    with _lock(course_dir):
        clear_interrupted(course_dir)
        with Gradebook(self.coursedir.db_url, self.coursedir.course_id) as gradebook:
            _set_due_date(gradebook, self.coursedir.assignment_id)
        BaseConverter.start(self)


def _init_destination(self: Autograde, assignment: str, student: str) -> bool:
    """Have the judge grade before nbgrader writes anything: that is what takes the time."""
    if not BaseConverter.init_destination(self, assignment, student):
        return False
    JudgeScores(parent=self).judge(student)
    return True


def clear_interrupted(course_dir: Path) -> list[str]:
    """Remove what a killed autograde has left, so that it counts as not autograded.

    nbgrader would skip it for good, with a score of 0. A submission with manual marks stays in its
    database.

    Returns:
        The students.
    """
    folders = [folder for folder in course_dir.glob("autograded/*/*/") if _unfinished(folder)]
    database = course_dir / "gradebook.db"
    for folder in folders:
        student, assignment = folder.parent.name, folder.name
        if database.exists():
            with Gradebook(f"sqlite:///{database}") as gradebook, suppress(MissingEntry):
                submission = gradebook.find_submission(assignment, student)
                grades = [grade for book in submission.notebooks for grade in book.grades]
                if all(grade.manual_score is None for grade in grades):
                    gradebook.remove_submission(assignment, student)
        shutil.rmtree(folder)
    return [folder.parent.name for folder in folders]


def _unfinished(folder: Path) -> bool:
    """Return whether the judge's scores are not in every notebook that was autograded."""
    notebooks = list(folder.glob("*.ipynb"))
    try:
        read = [nbformat.read(path, as_version=4) for path in notebooks]
    except (OSError, ValueError):
        return True
    cells = [cell for notebook in read for cell in notebook.cells if _is_of_the_judge(cell)]
    return not notebooks or not all(cell.get("outputs") for cell in cells)


def _set_due_date(gradebook: Gradebook, assignment: str) -> None:
    """Tell nbgrader the due date of course.toml, unless it has one of its own."""
    late = load_course(ROOT / "course.toml").late
    with suppress(MissingEntry):
        known = gradebook.find_assignment(assignment)
        if late is not None and known.duedate is None:
            known.duedate = late.due.astimezone(UTC).replace(tzinfo=None)
            gradebook.db.commit()


class LatePenalty(BasePlugin):
    """Takes off what course.toml says that lateness costs."""

    def late_submission_penalty(
        self, student_id: str, score: float, total_seconds_late: float
    ) -> float | None:
        late = load_course(ROOT / "course.toml").late
        if late is None:
            return None
        submitted = late.due.astimezone(UTC) + timedelta(seconds=total_seconds_late)
        days = days_late(submitted, late.due, late)
        return late_penalty(score, days, late, slip_days(days, late)) if days else None


def _every_file(source: Path) -> dict[str, list[str]]:
    """Name all files for autograde, which else copies the instructor's over the student's."""
    return {
        folder.name: [str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()]
        for folder in source.glob("*")
    }


@pass_context
def escaped_markdown(context: Any, source: str) -> str:
    """Turn Markdown into HTML in which HTML of the source shows as text, safe for a marker."""
    attachments = context.get("cell", {}).get("attachments", {})
    renderer = IPythonRenderer(escape=True, allow_harmful_protocols=False, attachments=attachments)
    return MarkdownWithMath(renderer=renderer).render(source)


class Disarm(NbGraderPreprocessor):
    """Rebuilds a submitted notebook of its text and pictures alone.

    What students wrote is shown in the marker's browser, who may change every grade: no HTML, no
    script, no metadata of a submission gets there. Their figures do: they are not drawn again.
    """

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        plain = new_notebook(metadata={"language_info": {"name": "python"}})
        plain.cells = [_plain_cell(cell, index) for index, cell in enumerate(nb.cells)]
        nbformat.validate(plain)
        return plain, resources


def _plain_cell(cell: NotebookNode, index: int) -> NotebookNode:
    plain = new_markdown_cell(str(cell.source), id=f"cell-{index}")
    name = (cell.metadata.get("nbgrader") or {}).get("grade_id")
    if isinstance(name, str):
        plain.metadata = NotebookNode(nbgrader=NotebookNode(grade_id=name))
    if cell.cell_type == "code":
        plain.cell_type = "code"
        plain.execution_count = None
        plain.outputs = [kept for output in cell.outputs if (kept := _plain_output(output))]
    elif attachments := _pictures_of(cell.get("attachments") or {}):
        plain.attachments = attachments
    return plain


def _plain_output(output: NotebookNode) -> NotebookNode | None:
    """Return the output as text or picture; None where it has neither."""
    if output.output_type == "stream":
        return new_output("stream", name="stdout", text=str(output.text))
    if output.output_type == "error":
        lines = [str(line) for line in output.traceback]
        return new_output("stream", name="stdout", text="\n".join(lines))
    data = _pictures(output.data)
    if "text/plain" in output.data:
        data["text/plain"] = str(output.data["text/plain"])
    return new_output("display_data", data=data) if data else None


def _pictures_of(attachments: dict) -> dict:
    return {name: _pictures(data) for name, data in attachments.items() if _pictures(data)}


def _pictures(data: dict) -> dict[str, str]:
    return {
        kind: data[kind]
        for kind in PICTURES
        if isinstance(data.get(kind), str) and BASE64.fullmatch(data[kind])
    }


class RestoreCells(OverwriteCells):
    """Puts back what was released: the marks of graded cells, and the cells that are missing."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        released = _released_cells(resources["nbgrader"])
        nb.cells = [_as_released(cell, released) for cell in nb.cells]
        present = {_grade_id(cell) for cell in nb.cells}
        nb.cells += [cell for name, cell in released.items() if name not in present]
        return super().preprocess(nb, resources)


def _as_released(cell: NotebookNode, released: dict[str, NotebookNode]) -> NotebookNode:
    """Return the released cell in place of one that must not change; an answer with its marks."""
    original = released.get(_grade_id(cell))
    cell.metadata.pop("nbgrader", None)
    if original is None:
        return cell
    if original.metadata.nbgrader.locked:
        return deepcopy(original)
    cell.metadata.nbgrader = original.metadata.nbgrader.copy()
    return cell


def _grade_id(cell: NotebookNode) -> str:
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")


def _released_cells(resources: dict) -> dict[str, NotebookNode]:
    """Return the graded and locked cells as `generate_assignment` released them, by grade id."""
    with Gradebook(resources["db_url"]) as gradebook:
        notebook = gradebook.find_notebook(resources["notebook"], resources["assignment"])
        points = {cell.name: cell.max_score for cell in notebook.grade_cells}
        answers = {cell.name for cell in notebook.solution_cells}
        return {
            cell.name: _released_cell(cell, points.get(cell.name), cell.name in answers)
            for cell in notebook.source_cells
        }


def _released_cell(stored: Any, points: float | None, is_answer: bool) -> NotebookNode:
    marks = NotebookNode(
        grade_id=stored.name,
        grade=points is not None,
        solution=is_answer,
        locked=stored.locked,
        task=False,
        schema_version=3,
        checksum=stored.checksum,
        cell_type=stored.cell_type,
    )
    if points is not None:
        marks.points = points
    cell = new_markdown_cell(stored.source, id=stored.name, metadata={"nbgrader": marks})
    if stored.cell_type == "code":
        cell |= {"cell_type": "code", "execution_count": None, "outputs": []}
    return cell


class JudgeScores(NbGraderPreprocessor):
    """Writes the judge's score of each task into its grade cell, in place of `Execute`."""

    course_dir = Unicode(help="The course folder; records go to its grades/").tag(config=True)
    python = Unicode(sys.executable, help="The interpreter that runs the judge").tag(config=True)
    isolation = Unicode("auto", help="See `make grade`: how student code is confined").tag(
        config=True
    )

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        record = self._record(resources["nbgrader"]["student"])
        cells = {
            cell.metadata.nbgrader.grade_id: cell for cell in nb.cells if _is_of_the_judge(cell)
        }
        course = load_course(ROOT / "course.toml")
        record = without_held_back(record, course, course.late.due if course.late else None)
        zero = course.submissions.refused == "zero"
        for name, (score, text) in scores(record, cells, refused_is_zero=zero).items():
            cells[name].outputs = outputs(score, text)
        return nb, resources

    def judge(self, student: str) -> None:
        """Have the judge's record of what this student has handed in made where it is not there."""
        command = [self.python, "-m", "autograder", "nbgrader", self.course_dir]
        command += ["--student", student, "--isolation", self.isolation]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, errors="replace")
        if done.returncode:
            said = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
            raise GradingError(f"the judge could not grade {student}: {said}")

    def _record(self, student: str) -> Record:
        path = Path(self.course_dir) / "grades" / student / RECORD_FILE
        try:
            record = read_record(path)
        except RecordError as error:
            raise GradingError(f"{path} {error}: remove it and grade {student} again") from None
        if record is None:
            raise GradingError(f"{path} is missing: grade {student} again")
        return record


def _is_of_the_judge(cell: NotebookNode) -> bool:
    marks = cell.metadata.get("nbgrader", {})
    return marks.get("grade", False) and not marks.get("solution", False)


def scores(
    record: Record, cells: dict[str, NotebookNode], *, refused_is_zero: bool = False
) -> dict[str, tuple[float, str]]:
    """Return the points of each grade cell, and what its student may read about them.

    Args:
        record: of the judge.
        cells: the grade cells by grade id.
        refused_is_zero: as course.toml says; else such a submission has no score.

    Raises:
        GradingError: the judge has no verdict, or cells and tasks differ. No cell may go without a
            score: to nbgrader, no output means full marks.
    """
    failure = record.regrade_failure
    if record.status is RecordStatus.NOT_GRADED or failure:
        raise GradingError(
            f"{record.student} has no grade ({failure or record.cause}): grade again"
        )
    if record.status is RecordStatus.REFUSED:
        if not refused_is_zero:
            raise GradingError(f"{record.student} was refused and has no grade: {reason(record)}")
        return dict.fromkeys(cells, (0.0, f"Your submission was refused: {reason(record)}"))
    points = {grade_id(task.id): task.points for task in record.tasks}
    if points != {name: cell.metadata.nbgrader.points for name, cell in cells.items()}:
        raise GradingError(
            "the tasks of course.toml and the cells that nbgrader knows differ: run make nbgrader "
            "and nbgrader generate_assignment --force"
        )
    told = zip(record.tasks, view(record)["tasks"], strict=True)
    return {
        grade_id(task.id): (min(task.score, task.points), _in_words(page)) for task, page in told
    }


def _in_words(task: dict) -> str:
    lines = [f"{task['status']}, {task['points']} points"]
    for check in task["checks"]:
        hidden = " (hidden check)" if check["hidden"] else ""
        lines.append(f"{check['status']}, {check['points']}: {check['title']}{hidden}")
        lines += [f"    {text}" for text in (check["explanation"], check["diagnosis"]) if text]
        lines += [f"    Hint: {check['hint']}"] if check["hint"] else []
        for name, text in check["evidence"]:
            lines.append(f"    {name}: " + text.replace("\n", "\n        "))
    return "\n".join(lines) + "\n"


def outputs(score: float, text: str) -> list[NotebookNode]:
    """Return the outputs that nbgrader reads a score from; one of 0 points is an error output.

    It once took the number 0 for full marks (source: jupyter/nbgrader#1374; determine_grade).
    """
    told = new_output("stream", name="stdout", text=text)
    if score == 0:
        return [told, new_output("error", ename="0 points", evalue="", traceback=["0 points"])]
    return [told, new_output("execute_result", data={"text/plain": repr(score)}, execution_count=1)]
