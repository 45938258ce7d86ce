"""solution/report.ipynb into the two notebooks that are made from it.

It holds figures, questions and mark schemes. nbgrader's source notebook has a grade cell per task
of course.toml as well; the students' one is that without mark schemes, answers and outputs.
Written without Jupyter, so that a release needs none.
"""

import json
import re
from itertools import groupby

from autograder.course import Course, CourseError, Task

MARK_SCHEME = re.compile(r" *<!-- (BEGIN|END) MARK SCHEME -->")
ALMOST_A_MARKER = re.compile(r"\b(BEGIN|END)\W*(MARK\W*SCHEME|SOLUTION|HIDDEN\W*TESTS)", re.I)
UNANSWERED = "*Your answer here.*"
"""What stands in every answer cell that students get; untouched, it is worth nothing."""


def source_notebook(text: str, source: str, course: Course) -> dict:
    """The notebook in nbgrader's source format: with mark schemes, and a grade cell per task.

    Args:
        text: of the hand-written notebook.
        source: its name, for messages.

    Raises:
        CourseError: it is no notebook.
    """
    try:
        notebook = json.loads(text)
        for cell in notebook["cells"]:
            cell["source"] = "".join(cell["source"])
            cell["metadata"].get("nbgrader")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CourseError(
            f"{source} is no notebook ({type(error).__name__}: {error}): save it from Jupyter again"
        ) from None
    for part, tasks in groupby(course.tasks, lambda task: task.part):
        title = next(entry.title for entry in course.parts if entry.number == part)
        notebook["cells"].append(_markdown(f"part-{part}", f"### Part {part}: {title}"))
        notebook["cells"] += [_grade_cell(task) for task in tasks]
    return notebook


def student_notebook(text: str, source: str, course: Course) -> dict:
    """The notebook as students get it; cells that are not theirs to change are locked.

    Raises:
        CourseError: it is no notebook, or a marker of a mark scheme is misplaced.
    """
    notebook = source_notebook(text, source, course)
    for cell in notebook["cells"]:
        marks = cell["metadata"].get("nbgrader", {})
        cell["source"] = _without_mark_scheme(cell["source"], f"{source}, cell {cell['id']}")
        if cell["cell_type"] == "code":
            cell |= {"outputs": [], "execution_count": None}
        if marks.get("solution"):
            cell["source"] = UNANSWERED
            cell["metadata"]["deletable"] = False
        elif marks.get("grade") or marks.get("locked"):
            cell["metadata"] |= {"deletable": False, "editable": False}
    return notebook


def render(notebook: dict) -> str:
    """As Jupyter writes it: sources in lists of lines, keys sorted."""
    cells = [
        cell | {"source": cell["source"].splitlines(keepends=True)} for cell in notebook["cells"]
    ]
    whole = notebook | {"cells": cells}
    return json.dumps(whole, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def grade_id(task: str) -> str:
    """The name of a task's grade cell: nbgrader allows no full stop in it."""
    return "task-" + task.replace(".", "-")


def _grade_cell(task: Task) -> dict:
    points = f"{task.points:g} point" + ("" if task.points == 1 else "s")
    marks = {
        "grade": True,
        "grade_id": grade_id(task.id),
        "locked": True,
        "points": task.points,
        "schema_version": 3,
        "solution": False,
        "task": False,
    }
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": grade_id(task.id),
        "metadata": {"nbgrader": marks},
        "outputs": [],
        "source": f'# Task {task.id} ({points}): {task.title}\ncheck_task("{task.id}")',
    }


def _markdown(name: str, source: str) -> dict:
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": source}


def _without_mark_scheme(text: str, where: str) -> str:
    kept, inside = [], False
    for number, line in enumerate(text.split("\n"), 1):
        match = MARK_SCHEME.fullmatch(line.rstrip())
        if match is None and ALMOST_A_MARKER.search(line):
            raise CourseError(
                f"{where}, line {number} is almost a marker: mark schemes stand "
                "between <!-- BEGIN MARK SCHEME --> and END"
            )
        if match and inside is (match[1] == "BEGIN"):
            raise CourseError(
                f"{where}, line {number}: BEGIN and END MARK SCHEME do not pair: correct them"
            )
        inside = match[1] == "BEGIN" if match else inside
        if not match and not inside:
            kept.append(line)
    if inside:
        raise CourseError(f"{where}: its mark scheme never ends: write END MARK SCHEME")
    return "\n".join(kept)
