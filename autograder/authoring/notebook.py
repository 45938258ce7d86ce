"""The report: solution/report.ipynb and the report_<part>.ipynb of parts that are on, as one.

They hold figures, questions and mark schemes. A cell with tags such as `part:rate_distortion` is of
these parts, and is there while one of them is on. The numbers and points in the headings of
questions are made here. nbgrader's source notebook has a grade cell per task of course.toml as
well; the students' one is that without mark schemes, answers and outputs. Written without Jupyter,
so that a release needs none.
"""

import json
import re
from itertools import groupby
from pathlib import Path

from autograder.authoring.selection import imported_modules
from autograder.course import Course, CourseError, Task
from autograder.fields import read_text
from autograder.text import points_in_words

REPORT = "solution/report.ipynb"
MARK_SCHEME = re.compile(r" *<!-- (BEGIN|END) MARK SCHEME -->")
ALMOST_A_MARKER = re.compile(r"\b(BEGIN|END)\W*(MARK\W*SCHEME|SOLUTION|HIDDEN\W*TESTS)", re.I)
UNANSWERED = "*Your answer here.*"
"""What stands in every answer cell that students get; untouched, it is worth nothing."""
TASK_CELLS = "tasks"
"""Id of the cell below which the grade cells stand; the notebooks of parts come before it."""
PART_TAG = "part:"
HEADING = re.compile(r"### (\d+\. )?(?P<title>.+?)( \([\d.]+ points?\))?(?=\n|\Z)")


def source_notebook(root: Path, course: Course) -> dict:
    """Return the notebook in nbgrader's source format, with mark schemes and a grade cell per task.

    Args:
        root: the repository.
        course: whose parts are on.

    Raises:
        CourseError: one of its sources is no notebook, or they do not fit together.
    """
    notebook = _read_notebook(root, REPORT, course)
    cells = notebook["cells"]
    ids = [cell["id"] for cell in cells]
    place = ids.index(TASK_CELLS) if TASK_CELLS in ids else len(ids)
    for each in course.parts:
        source = f"solution/report_{each.name}.ipynb"
        if (root / source).is_file():
            added = _read_notebook(root, source, course)["cells"]
            cells[place:place] = added
            place += len(added)
    _number_questions(cells)
    for part, tasks in groupby(course.tasks, lambda task: task.part):
        title = next(entry.title for entry in course.parts if entry.number == part)
        cells.append(_markdown(f"part-{part}", f"### Part {part}: {title}"))
        cells += [_grade_cell(task) for task in tasks]
    _refuse_duplicates(cells)
    return notebook


def _read_notebook(root: Path, source: str, course: Course) -> dict:
    """Return a notebook with the cells of parts that are on."""
    try:
        notebook = json.loads(read_text(root, source))
        for cell in notebook["cells"]:
            cell["source"] = "".join(cell["source"])
            cell["metadata"].get("nbgrader")
            cell["id"] = str(cell["id"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CourseError(
            f"{source} is no notebook ({type(error).__name__}: {error}): save it from Jupyter again"
        ) from None
    for cell in notebook["cells"]:
        _without_mark_scheme(cell["source"], f"{source}, cell {cell['id']}")  # refuses bad marks
    notebook["cells"] = [cell for cell in notebook["cells"] if _is_on(cell, source, course)]
    return notebook


def _is_on(cell: dict, source: str, course: Course) -> bool:
    """Return whether a cell names no part, or one that is on; remove its tags that name parts."""
    tags = cell["metadata"].get("tags", [])
    named = {tag.removeprefix(PART_TAG) for tag in tags if tag.startswith(PART_TAG)}
    known = {part.name for part in (*course.parts, *course.parts_off)}
    if named - known:
        raise CourseError(
            f"{source}, cell {cell['id']}: the tag {PART_TAG}{min(named - known)} names no part: "
            f"known are {', '.join(sorted(known))}"
        )
    cell["metadata"]["tags"] = [tag for tag in tags if not tag.startswith(PART_TAG)]
    if not cell["metadata"]["tags"]:
        del cell["metadata"]["tags"]
    return not named or any(part.name in named for part in course.parts)


def _number_questions(cells: list[dict]) -> None:
    """Give the heading of each question its number, and the points of its answer."""
    points = {grade_id: marks["points"] for grade_id, marks in _answers(cells).items()}
    place = 0
    for cell in cells:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
        answer = name.replace("question", "answer", 1)
        heading = HEADING.match(cell["source"])
        if name.startswith("question") and heading and answer in points:
            place += 1
            given = points_in_words(points[answer])
            title = f"### {place}. {heading['title']} ({given})"
            cell["source"] = title + cell["source"][heading.end() :]


def _answers(cells: list[dict]) -> dict[str, dict]:
    """Return nbgrader's metadata of each cell that a person marks, by its grade id."""
    marks = [cell["metadata"].get("nbgrader", {}) for cell in cells]
    return {each["grade_id"]: each for each in marks if each.get("solution") and each.get("grade")}


def questions_of(notebook: dict) -> tuple[int, float]:
    """Count the questions that a notebook asks, and the points they give together."""
    answers = _answers(notebook["cells"]).values()
    return len(answers), sum(marks["points"] for marks in answers)


def imports_of(notebook: dict) -> set[str]:
    """Return the names of the modules that the code of a notebook imports."""
    found = set()
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            lines = [line for line in cell["source"].split("\n") if not line.startswith(("%", "!"))]
            found |= set(imported_modules("\n".join(lines), f"{REPORT}, cell {cell['id']}"))
    return found


def _refuse_duplicates(cells: list[dict]) -> None:
    for what, names in (
        ("id", [cell["id"] for cell in cells]),
        ("grade id", [cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in cells]),
    ):
        duplicates = {name for name in names if name and names.count(name) > 1}
        if duplicates:
            raise CourseError(
                f"{REPORT} and the reports of parts: two cells have the {what} "
                f"{min(duplicates)!r}: give one another"
            )


def student_notebook(notebook: dict) -> dict:
    """Return the notebook as students get it, from the one in nbgrader's source format.

    Cells that are not theirs to change are locked.
    """
    cells = []
    for cell in notebook["cells"]:
        marks = cell["metadata"].get("nbgrader", {})
        cell = cell | {"metadata": dict(cell["metadata"])}
        cell["source"] = _without_mark_scheme(cell["source"], f"{REPORT}, cell {cell['id']}")
        if cell["cell_type"] == "code":
            cell |= {"outputs": [], "execution_count": None}
        if marks.get("solution"):
            cell["source"] = UNANSWERED
            cell["metadata"]["deletable"] = False
        elif marks.get("grade") or marks.get("locked"):
            cell["metadata"] |= {"deletable": False, "editable": False}
        cells.append(cell)
    return notebook | {"cells": cells}


def render(notebook: dict) -> str:
    """Return the notebook as Jupyter writes it: sources in lists of lines, keys sorted."""
    cells = [
        cell | {"source": cell["source"].splitlines(keepends=True)} for cell in notebook["cells"]
    ]
    whole = notebook | {"cells": cells}
    return json.dumps(whole, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def grade_id(task: str) -> str:
    """Return the name of a task's grade cell: nbgrader allows no full stop in it."""
    return "task-" + task.replace(".", "-")


def _grade_cell(task: Task) -> dict:
    heading = f"# Task {task.id} ({points_in_words(task.points)}): {task.title}"
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
        "source": f'{heading}\ncheck_task("{task.id}")',
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
