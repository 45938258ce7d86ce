"""nbgrader from an empty course folder to exported grades: its own commands, real submissions."""

import csv
import json
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
import zipfile
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import nbclient
import nbformat
import pytest
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.utils import determine_grade, parse_utc
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from autograder import ROOT
from autograder.authoring.notebook import UNANSWERED, grade_id
from autograder.course import load_course
from autograder.judging.record import Record, read_record
from autograder.platforms.nbgrader_course import ASSIGNMENT, NOTEBOOK, complete, hand_in
from autograder.platforms.nbgrader_plugin import (
    GradingError,
    LatePenalty,
    clear_interrupted,
    outputs,
    scores,
)
from tests.autograder.records import make_record, with_submission

BIN = Path(sys.executable).parent

ATTACK = "<script>document.title = 'script'</script><img src=x onerror=\"document.title='image'\">"
ANSWER = f"As $R \\ge I(x; z)$, **not** sufficient.\n\n{ATTACK} [link](javascript:alert(1))"
PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ"
    "AAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)
STUDENTS = ("blaise", "mallory")
QUESTIONS = 24
"""Points of the analysis questions."""
CELL = {"cell_type": "markdown", "id": "a", "metadata": {}, "source": ["# a"]}


def run(folder: Path, *command) -> str:
    done = subprocess.run([*map(str, command)], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def nbgrader(course: Path, *arguments) -> str:
    return run(course, BIN / "nbgrader", *arguments)


def autograder(*arguments) -> str:
    return run(ROOT, sys.executable, "-m", "autograder", *arguments)


def read(path: Path):
    return nbformat.read(path, as_version=4)


def cell_of(notebook, name: str):
    return next(
        cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == name
    )


def tampered(marker: Path) -> str:
    """A notebook that was cut, forged and armed, with one answer in it."""
    notebook = read(ROOT / "assignment" / NOTEBOOK)
    cell_of(notebook, "answer-1").source = ANSWER
    cell_of(notebook, "answer-2").metadata.nbgrader |= {"grade": False, "points": 99}
    cell_of(notebook, "task-1-1").metadata.nbgrader |= {"solution": True, "points": 500}
    cell_of(notebook, "task-1-2").outputs = [
        nbformat.v4.new_output("execute_result", data={"text/plain": "6"})
    ]
    cell_of(notebook, "task-1-3").source = "5"
    gone = ("answer-3", "task-2-2", "question-4")
    notebook.cells = [
        cell
        for cell in notebook.cells
        if cell.metadata.get("nbgrader", {}).get("grade_id") not in gone
    ]
    figure = nbformat.v4.new_code_cell(f"open({str(marker)!r}, 'w')")
    figure.outputs = [
        nbformat.v4.new_output("display_data", {"text/html": ATTACK, "image/png": PIXEL}),
        nbformat.v4.new_output("display_data", {"image/png": f'"> {ATTACK}'}),
        nbformat.v4.new_output("display_data", {"image/svg+xml": f"<svg>{ATTACK}</svg>"}),
    ]
    raw = nbformat.v4.new_raw_cell(ATTACK)
    raw.metadata.raw_mimetype = "text/html"
    notebook.cells += [figure, raw]
    notebook.metadata.title = f"</title>{ATTACK}"
    return nbformat.writes(notebook)


@pytest.fixture(scope="module")
def course(bundled_class, tmp_path_factory):
    """A course with two submissions, autograded: one lacks its notebook, one is `tampered` with."""
    top = tmp_path_factory.mktemp("nbgrader")
    submissions = top / "class"
    submissions.mkdir()
    shutil.copytree(bundled_class / "blaise", submissions / "blaise")
    with zipfile.ZipFile(bundled_class / "carl.zip") as archive:
        archive.extractall(submissions / "mallory")
    (submissions / "mallory" / NOTEBOOK).write_text(tampered(top / "ran"))
    folder = top / "course"
    autograder("nbgrader", folder, "--submissions", submissions)
    nbgrader(folder, "generate_assignment", ASSIGNMENT)
    nbgrader(folder, "autograde", ASSIGNMENT)
    return folder


@pytest.fixture
def gradebook(course):
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as opened:
        yield opened


def record_of(course: Path, student: str) -> Record:
    return read_record(course / "grades" / student / "record.json")


def test_what_nbgrader_releases_is_the_assignment(course):
    released, assignment = course / "release" / ASSIGNMENT, ROOT / "assignment"
    files = {file.relative_to(released) for file in released.rglob("*") if file.is_file()}
    assert Path("rdlab/gaussian.py") in files
    for name in files - {Path(NOTEBOOK)}:
        assert (released / name).read_bytes() == (assignment / name).read_bytes(), name
    theirs, ours = read(released / NOTEBOOK), read(assignment / NOTEBOOK)
    assert [cell.source for cell in theirs.cells] == [cell.source for cell in ours.cells]
    for cell in theirs.cells:
        for added in ("checksum", "cell_type"):
            cell.metadata.get("nbgrader", {}).pop(added, None)
    assert [cell.metadata for cell in theirs.cells] == [cell.metadata for cell in ours.cells]


@pytest.mark.parametrize("student", STUDENTS)
def test_scores_are_the_judges_to_the_point(course, gradebook, student):
    record = record_of(course, student)
    submission = gradebook.find_submission(ASSIGNMENT, student)
    grades = {grade.name: grade for grade in submission.notebooks[0].grades}
    for task in record.tasks:
        grade = grades.pop(grade_id(task.id))
        assert (grade.auto_score, grade.max_score) == (task.score, task.points), task.id
        assert not grade.needs_manual_grade
    assert sorted(grades) == [f"answer-{number}" for number in range(1, 7)]
    assert submission.score == record.score
    assert submission.max_score == record.points + QUESTIONS


def test_the_class_has_every_kind_of_score(course):
    statuses = {task.status for task in record_of(course, "mallory").tasks}
    assert {"passed", "partial", "failed", "not started"} <= statuses
    assert record_of(course, "blaise").score == 0


def test_untouched_answers_are_worth_nothing_and_edited_ones_wait_for_a_person(gradebook):
    for student in STUDENTS:
        notebook = gradebook.find_submission(ASSIGNMENT, student).notebooks[0]
        answers = {grade.name: grade for grade in notebook.grades if grade.name[:6] == "answer"}
        waiting = [name for name, grade in answers.items() if grade.needs_manual_grade]
        assert waiting == (["answer-1"] if student == "mallory" else [])
        assert all(grade.auto_score == 0 for name, grade in answers.items() if name not in waiting)


def test_python_files_are_the_students(course):
    for student in STUDENTS:
        graded, handed_in = (
            course / step / student / ASSIGNMENT / "rdlab" for step in ("autograded", "submitted")
        )
        names = sorted(file.name for file in graded.glob("*.py"))
        assert "gaussian.py" in names
        assert names == sorted(file.name for file in handed_in.glob("*.py"))
        for name in names:
            assert (graded / name).read_bytes() == (handed_in / name).read_bytes()
    theirs, stub = (
        course / step / ASSIGNMENT / "rdlab" / "gaussian.py"
        for step in ("autograded/mallory", "source")
    )
    assert theirs.read_bytes() != stub.read_bytes()


def test_a_tampered_notebook_is_made_whole_and_harmless(course):
    assert not (course.parent / "ran").exists()
    graded = read(course / "autograded" / "mallory" / ASSIGNMENT / NOTEBOOK)
    assert cell_of(graded, "answer-3").source == UNANSWERED
    assert "check_task" in cell_of(graded, "task-1-3").source
    assert "Mark scheme" in cell_of(graded, "question-4").source
    shown = [
        output
        for cell in graded.cells
        if cell.cell_type == "code" and "nbgrader" not in cell.metadata
        for output in cell.outputs
    ]
    assert [dict(output.data) for output in shown] == [{"image/png": PIXEL}]
    assert all(cell.cell_type != "raw" for cell in graded.cells)
    assert "title" not in graded.metadata


def test_feedback_explains_and_shows_no_mark_scheme(course):
    nbgrader(course, "generate_feedback", ASSIGNMENT, "--force")
    page = (course / "feedback" / "mallory" / ASSIGNMENT / "report.html").read_text()
    assert "Your KL lacks the factor ½" in page
    assert "(hidden check)" in page
    for student in STUDENTS:
        page = (course / "feedback" / student / ASSIGNMENT / "report.html").read_text()
        assert "Mark scheme" not in page
        assert "MARK SCHEME" not in page
        assert ATTACK not in page


@pytest.fixture(scope="module")
def formgrader(course):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        BIN / "jupyter",
        "lab",
        "--no-browser",
        "--allow-root",
        f"--port={port}",
        "--IdentityProvider.token=",
        "--ServerApp.ip=127.0.0.1",
    ]
    log = (course.parent / "jupyter.log").open("w")
    server = subprocess.Popen(list(map(str, command)), cwd=course, stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}/formgrader"
    for _ in range(240):
        try:
            urllib.request.urlopen(f"{url}/gradebook/{ASSIGNMENT}/report", timeout=30).read()
            break
        except OSError:
            assert server.poll() is None, (course.parent / "jupyter.log").read_text()
            time.sleep(0.5)
    yield url
    server.terminate()
    server.wait(30)


def total(browser, url: str, student: str) -> float:
    """The total of a student, as formgrader's list of submissions shows it."""
    browser.get(f"{url}/manage_students/{student}")
    row = WebDriverWait(browser, 60).until(
        lambda driver: driver.find_element(By.XPATH, f"//tr[td[contains(., '{ASSIGNMENT}')]]")
    )
    return float(re.search(rf"([\d.]+) / {100 + QUESTIONS}", row.text)[1])


def test_a_person_marks_an_answer_in_formgrader(course, gradebook, formgrader, browser):
    earned = record_of(course, "mallory").score
    assert total(browser, formgrader, "mallory") == earned
    submission = gradebook.find_submission_notebook("report", ASSIGNMENT, "mallory").id
    browser.get(f"{formgrader}/submissions/{submission}")
    score = WebDriverWait(browser, 60).until(
        lambda driver: driver.find_element(By.CSS_SELECTOR, "input#answer-1.score")
    )
    text = browser.find_element(By.TAG_NAME, "body").text
    assert "Mark scheme" in text
    assert "<script>" in text  # shown, not run
    assert browser.title not in ("script", "image")
    assert not browser.find_elements(By.CSS_SELECTOR, "a[href^='javascript']")
    score.clear()
    score.send_keys("2.5")
    browser.find_element(By.ID, "answer-1-comment").click()
    WebDriverWait(browser, 60).until(lambda _: grade(course, "mallory").manual_score == 2.5)
    assert total(browser, formgrader, "mallory") == earned + 2.5
    assert browser.save_screenshot(str(course.parent / "formgrader.png"))


def grade(course: Path, student: str):
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as opened:
        return opened.find_grade("answer-1", "report", ASSIGNMENT, student)


def test_a_rerun_keeps_manual_marks_and_export_has_them(course):
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as opened:
        opened.find_grade("answer-1", "report", ASSIGNMENT, "mallory").manual_score = 2.5
        opened.db.commit()
    nbgrader(course, "autograde", ASSIGNMENT, "--student", "mallory", "--force")
    assert grade(course, "mallory").manual_score == 2.5
    nbgrader(course, "export")
    with open(course / "grades.csv", newline="") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    manual = {"mallory": 2.5}
    for student in STUDENTS:
        expected = record_of(course, student).score + manual.get(student, 0)
        assert float(rows[student]["score"]) == expected
        assert float(rows[student]["max_score"]) == 100 + QUESTIONS


def test_a_new_submission_is_taken_and_the_same_one_is_not(course, bundled_class, tmp_path):
    shutil.copytree(bundled_class / "blaise", tmp_path / "class" / "blaise")
    again = ("nbgrader", course, "--submissions", tmp_path / "class")
    assert "blaise: unchanged" in autograder(*again)
    assert (course / "autograded" / "blaise" / ASSIGNMENT).is_dir()
    (tmp_path / "class" / "blaise" / NOTEBOOK).write_text("{}")
    said = autograder(*again)
    assert "blaise: handed in" in said
    assert not (course / "autograded" / "blaise" / ASSIGNMENT).exists()


def test_an_interrupted_autograde_is_graded_again_and_is_no_zero(course):
    """As a kill leaves it: a notebook without scores, and a submission that waits for a marker."""
    nbgrader(course, "autograde", ASSIGNMENT)  # what was handed in since
    record = record_of(course, "blaise")
    path = course / "autograded" / "blaise" / ASSIGNMENT / NOTEBOOK
    notebook = read(path)
    cell_of(notebook, grade_id(record.tasks[-1].id)).outputs = []
    nbformat.write(notebook, path)
    finished = course / "autograded" / "mallory" / ASSIGNMENT / NOTEBOOK
    before = finished.read_bytes()
    assert clear_interrupted(course) == ["blaise"]
    assert not path.exists()
    database = f"sqlite:///{course / 'gradebook.db'}"
    with Gradebook(database) as gradebook, pytest.raises(MissingEntry):
        gradebook.find_submission(ASSIGNMENT, "blaise")
    assert "Skipping existing assignment" not in nbgrader(
        course, "autograde", ASSIGNMENT, "--student", "blaise"
    )
    with Gradebook(database) as gradebook:
        assert gradebook.find_submission(ASSIGNMENT, "blaise").score == record.score
    assert clear_interrupted(course) == []
    assert finished.read_bytes() == before


def test_times_of_submissions_reach_nbgrader_and_lateness_costs_there_too(tmp_path, bundled_class):
    course = load_course(ROOT / "course.toml")
    time = datetime(2026, 12, 2, 9, 12, tzinfo=ZoneInfo("Europe/Berlin"))
    assert hand_in(bundled_class / "blaise", "blaise", tmp_path, course, time)
    assert not hand_in(bundled_class / "blaise", "blaise", tmp_path, course, time)
    stamp = tmp_path / "submitted" / "blaise" / ASSIGNMENT / "timestamp.txt"
    assert parse_utc(stamp.read_text()) == datetime(2026, 12, 2, 8, 12)
    for seconds, percent in ((60, 0), (3600, 10), (86_400, 10), (86_401, 20), (6.5e5, 100)):
        penalty = LatePenalty().late_submission_penalty("blaise", 40, seconds)
        assert (penalty or 0) == 40 * percent / 100, seconds


def test_settings_of_the_instructor_are_kept(tmp_path):
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n")
    command = [sys.executable, "-m", "autograder", "nbgrader", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2
    assert "add these lines" in done.stderr
    assert (tmp_path / "nbgrader_config.py").read_text() == "c = get_config()\n"


def graded_cell(points: float, name: str = "task-1-2"):
    cell = nbformat.v4.new_code_cell("check_task()")
    cell.metadata.nbgrader = nbformat.NotebookNode(
        grade=True, solution=False, locked=True, grade_id=name, points=points
    )
    return cell


@pytest.mark.parametrize("score", [0, 0.5, 1 / 3, 6])
def test_nbgrader_reads_the_score_that_was_written(score):
    cell = graded_cell(6)
    cell.outputs = outputs(score, "words\n")
    assert determine_grade(cell) == (score, 6)


def test_no_verdict_is_no_score():
    cells = {"task-1-2": graded_cell(6)}
    record = make_record((), "ada", "not graded", reason="the disk is full")
    with pytest.raises(GradingError, match="ada has no grade \\(the disk is full\\)"):
        scores(record, cells)
    with pytest.raises(GradingError, match="generate_assignment --force"):
        scores(make_record(), cells)
    refused = make_record(status="refused", reason="/class/a.zip holds no rdlab")
    refused = with_submission(refused, path="/class/a.zip")
    with pytest.raises(GradingError, match="was refused and has no grade: a"):
        scores(refused, cells)
    assert scores(refused, cells, refused_is_zero=True) == {
        "task-1-2": (0, "Your submission was refused: a.zip holds no rdlab")
    }


# the notebook itself


@pytest.fixture
def lab(tmp_path):
    """A student's folder in which everything is done; see SHORT."""
    for name in ("tests", "data", "tasks.toml", NOTEBOOK):
        source, target = ROOT / "assignment" / name, tmp_path / name
        shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)
    for name in ("rdlab", "runs"):
        shutil.copytree(ROOT / "solution" / name, tmp_path / name)
    return tmp_path


SHORT = """
from rdlab.lab import analysis, information

whole = check_task
check_task = lambda task: whole(task) if task in ("1.1", "1.2") else None
analysis.CODED_IMAGES = 50
information.BUDGET = information.Budget(
    draws=1,
    steps=20,
    label_steps=20,
    probe_steps=10,
    pixel_steps=10,
    nce_batch=64,
    nce_steps=20,
    sandwich_images=200,
    block=5,
)
"""


def test_the_notebook_runs_from_top_to_bottom(lab):
    notebook = read(lab / NOTEBOOK)
    first = next(n for n, cell in enumerate(notebook.cells) if cell.cell_type == "code")
    notebook.cells.insert(first + 1, nbformat.v4.new_code_cell(SHORT))
    nbclient.NotebookClient(
        notebook, timeout=600, resources={"metadata": {"path": str(lab)}}
    ).execute()
    text = {
        cell.id: "".join(output.get("text", "") for output in cell.outputs)
        for cell in notebook.cells
        if cell.cell_type == "code"
    }
    figures = [
        cell.id
        for cell in notebook.cells
        if any("image/png" in output.get("data", {}) for output in cell.get("outputs", []))
    ]
    assert figures == [
        "plot-rate-distortion",
        "plot-reconstructions",
        "plot-kl",
        "plot-traversal",
        "plot-interpolation",
        "plot-information",
    ]
    assert "water-filling" in text["analysis"]
    assert "bracket" in text["mi"]
    assert "✓ 1.2" in text["task-1-2"]


def test_validate_names_the_tasks_that_are_not_done(lab):
    small = read(lab / NOTEBOOK)
    kept = ("setup", "task-1-1", "task-1-2")
    small.cells = [cell for cell in small.cells if cell.id in kept]
    nbformat.write(small, lab / NOTEBOOK)
    assert "Success" in nbgrader(lab, "validate", NOTEBOOK)
    kl = lab / "rdlab" / "gaussian.py"
    kl.write_text(kl.read_text() + "\n\ndef gaussian_kl(mean, log_var):\n    return mean\n")
    said = nbgrader(lab, "validate", NOTEBOOK)
    assert "VALIDATION FAILED ON 1 CELL" in said
    assert "task 1.2 is not done" in said


@pytest.mark.parametrize(
    "change",
    [
        {"nbformat": 3},
        {"nbformat": None},
        {"nbformat_minor": []},
        {"metadata": []},
        {"cells": [3]},
        {"cells": [{}]},
        {"cells": None},
        *(
            {"cells": [CELL | odd]}
            for odd in (
                {"source": 3},
                {"source": [1]},
                {"source": "\ud800"},
                {"metadata": None},
                {"id": []},
                {"metadata": {"nbgrader": [1]}},
                {"cell_type": []},
                {"attachments": {"a": 3}},
                {"cell_type": "code"},
                {"cell_type": "code", "outputs": [{"output_type": "stream"}]},
                {"cell_type": "code", "outputs": [{"output_type": "error", "traceback": None}]},
            )
        ),
    ],
    ids=json.dumps,
)
def test_a_notebook_that_nbgrader_cannot_read_is_replaced(tmp_path, change):
    """Else its student would get no grade, and so could choose to have none."""
    course = load_course(ROOT / "course.toml")
    whole = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [CELL]}
    path = tmp_path / "report.ipynb"
    path.write_text(json.dumps(whole))
    assert not complete(tmp_path, course)
    path.write_text(json.dumps(whole | change))
    assert complete(tmp_path, course)
    assert not complete(tmp_path, course)
