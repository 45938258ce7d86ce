"""Canvas's gradebook export and Moodle's grading worksheet, filled in.

Header, row of points and row of posting policies are those of lib/gradebook_exporter.rb in
instructure/canvas-lms; the worksheet's columns those of mod/assign in moodle/moodle.
"""

import csv
import io
from dataclasses import replace

import pytest
from rich.console import Console

from autograder.course import Course, CourseError, Submissions
from autograder.intake.submission import student_name
from autograder.platforms.lms import fill_export, moodle_feedback
from autograder.reports.adjustments import Decisions
from autograder.reports.class_report import render_report
from autograder.reports.feedback import render_markdown
from autograder.reports.gradebook import gradebook_csv, print_table
from autograder.reports.grades import grade_of
from autograder.reports.item_analysis import analyse
from autograder.reports.roster import Person, Rows, find_rows, read_class_list
from tests.autograder.records import one_check
from tests.autograder.small_course import PARTS, TASKS, record

COURSE = Course("The course", 30, "salt", None, PARTS, TASKS)

CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,Notes,β-VAE (4711),Quiz (12),Final Score
,,,,,,Manual Posting,,
    Points Possible,,,,,,30,10,(read only)
"Lovelace, Ada",901,s1,ada@uni.example,Lab 1,hi,,9,90
"Müller, Anna",902,s2,am1,Lab 1,,12,,90
"Müller, Anna",903,s3,am2,Lab 2,,,,90
"Student, Test",999,,f00,Lab 1,,,,
"""
MOODLE = """\
Identifier,Full name,Email address,Status,Grade,Maximum grade,Grade can be changed,\
Last modified (submission),Last modified (grade),Feedback comments
Participant 12345,Ada Lovelace,ada@uni.example,Submitted for grading,,30.00,Yes,\
"Monday, 30 November 2026, 10:30 PM",-,
Participant 12346,Bob Smith,bob@uni.example,No submission,,30.00,Yes,-,-,keep
"""


def grades(*students, score=3):
    ids = {1: ("1.1",), 3: ("1.1", "1.2", "2.1")}[score]
    records = [record([one_check(id) for id in ids], student) for student in students]
    return [grade_of(each, COURSE, Decisions()) for each in records]


def fill(tmp_path, text, students, assignment="", **more):
    (tmp_path / "export.csv").write_text(text, encoding="utf-8")
    return fill_export(tmp_path / "export.csv", grades(*students, **more), COURSE, assignment)


def table(filled, delimiter=","):
    return list(csv.reader(io.StringIO(filled.text), delimiter=delimiter))


def test_canvas_gets_its_own_export_back_with_one_column_filled(tmp_path):
    filled = fill(tmp_path, CANVAS, ["lovelaceada_901", "mülleranna_903"], "vae")
    rows = table(filled)
    assert rows[0] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "β-VAE (4711)"]
    assert rows[2] == ["    Points Possible", "", "", "", "", "30"]
    assert {row[1]: row[5] for row in rows[3:]} == {
        "901": "30.00",
        "902": "12",
        "903": "30.00",
        "999": "",
    }
    assert (filled.system, filled.unlisted, filled.filled) == ("canvas", [], 2)


def test_moodle_gets_its_worksheet_back_with_the_grades_filled_in(tmp_path):
    filled = fill(tmp_path, MOODLE, ["Ada Lovelace_12345", "eve"])
    header, ada, bob = table(filled)
    before = list(csv.reader(io.StringIO(MOODLE)))
    assert ada[4] == "30.00"
    assert [header, [*ada[:4], "", *ada[5:]], bob] == before
    assert (filled.system, filled.unlisted) == ("moodle", ["eve"])


def test_semicolons_and_a_byte_order_mark_are_read_and_semicolons_kept(tmp_path):
    text = "\ufeff" + "\n".join(
        [
            "Student;ID;SIS Login ID;Section;β-VAE (4711)",
            "  Points Possible;;;;30,00",
            '"Lovelace, Ada";901;ada;Lab 1;',
        ]
    )
    filled = fill(tmp_path, text, ["ada"])
    assert table(filled, ";")[2] == ["Lovelace, Ada", "901", "ada", "Lab 1", "30.00"]


def test_what_is_not_graded_or_refused_is_not_written(tmp_path):
    (tmp_path / "export.csv").write_text(MOODLE)
    for status in ("refused", "not graded"):
        undecided = record([], "Ada Lovelace_12345", status=status, reason="why")
        grade = grade_of(undecided, COURSE, Decisions())
        assert table(fill_export(tmp_path / "export.csv", [grade], COURSE))[1][4] == ""


@pytest.mark.parametrize(
    ("text", "students", "said"),
    [
        (CANVAS, ["ada"], "say which assignment with --assignment"),
        (CANVAS.replace(",30,10,", ",100,10,"), ["ada"], "100 points there and 30 in course.toml"),
        (MOODLE.replace("30.00", "100.00"), ["bob"], "100 points there and 30 in course.toml"),
        ("Name,Points\nada,3\n", ["ada"], "is neither a gradebook that Canvas exports"),
        ("Student,ID,Section\nada,1,2\n", ["ada"], "has no assignment: make one in Canvas"),
    ],
)
def test_what_is_unclear_is_refused(tmp_path, text, students, said):
    assignment = "" if "which" in said else "vae"
    with pytest.raises(CourseError) as caught:
        fill(tmp_path, text, students, assignment)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("students", "said"),
    [
        (["Anna Müller"], "Anna Müller may be row 5 (Müller, Anna 902) and row 6"),
        (["ada", "lovelaceada_901"], "row 4 (Lovelace, Ada 901) may be ada and lovelaceada_901"),
        (["Somebody Else_901"], "may be row 4 (Lovelace, Ada 901): number 901 has another name"),
        (["lovelaceada_902"], "row 5 (Müller, Anna 902): number 902 has another name there"),
        (["lovelaceada_77"], "row 4 (Lovelace, Ada 901): there it has another number than 77"),
    ],
)
def test_who_is_unclear_is_told_and_keeps_nobody_from_a_grade(tmp_path, students, said):
    """Name and number must agree; a namesake stops only itself."""
    filled = fill(tmp_path, CANVAS, [*students, "mülleranna_903"], "vae")
    [sentence] = filled.unclear
    assert said in sentence
    assert (filled.filled, filled.unlisted) == (1, [])
    assert {row[1]: row[5] for row in table(filled)[3:]} == {
        "901": "",
        "902": "12",
        "903": "30.00",
        "999": "",
    }


def test_name_and_number_agree_whichever_name_comes_first(tmp_path):
    assert fill(tmp_path, MOODLE, ["lovelaceada_12345", "Bob Smith_12346"]).filled == 2


def test_a_roster_tells_namesakes_and_strangers_apart(tmp_path):
    (tmp_path / "export.csv").write_text(CANVAS)
    listed = read_class_list(tmp_path / "export.csv")
    people = {
        "Anna Müller": Person("Anna Müller", "s3"),
        "dev": Person("Lovelace, Ada", "another", "ada@uni.example"),
    }
    assert find_rows(["Anna Müller", "dev"], listed, people).found == {"Anna Müller": 4, "dev": 2}
    other = {"x": Person("Eve Nobody", "901")}
    assert find_rows(["x"], listed, other) == Rows(), "another system's number of somebody else"


def test_a_refused_submission_is_a_zero_only_where_the_course_says_so(tmp_path):
    (tmp_path / "export.csv").write_text(MOODLE)
    refused = record([], "Ada Lovelace_12345", status="refused", reason="why")
    zero = replace(COURSE, submissions=Submissions(refused="zero"))
    for course, cell, table_cell in ((COURSE, "", "–"), (zero, "0.00", "0/30")):
        grade = grade_of(refused, course, Decisions())
        assert table(fill_export(tmp_path / "export.csv", [grade], course))[1][4] == cell
        [row] = csv.DictReader(io.StringIO(gradebook_csv([grade])))
        assert row["score"] == ("0" if cell else "")
        assert f"in: {'0 / 30 points' if cell else 'no score yet'}." in render_markdown(
            refused, grade
        )
        console = Console(width=200, record=True, file=io.StringIO())
        print_table([grade], console, tmp_path)
        assert f" {table_cell} " in console.export_text()
        page = render_report([grade], analyse([]), [])
        assert f'data-label="Final">{"0" if cell else "–"}</td>' in page


@pytest.mark.parametrize(
    ("name", "student"),
    [
        ("lovelaceada_901_7001_submission", "lovelaceada_901"),
        ("lovelaceada_LATE_901_7001_my_work-2", "lovelaceada_901"),
        ("anon_55512_99123_submission", "anon_55512"),
        ("Ada King Lovelace_12345_assignsubmission_file_submission", "Ada King Lovelace_12345"),
        ("Ada Lovelace_12345_assignsubmission_file", "Ada Lovelace_12345"),
        ("team_1_2_final", "team_1_2_final"),
        ("ada", "ada"),
    ],
)
def test_submissions_as_the_systems_pack_them(tmp_path, name, student):
    assert student_name(tmp_path / name) == student


@pytest.mark.parametrize(
    "student",
    ["Ada Lovelace", "lovelace ada", "ADA", "Lovelace, Ada", "lovelaceada_901", "anon_901", "s1"],
)
def test_students_are_found_by_whatever_names_them(tmp_path, student):
    (tmp_path / "export.csv").write_text(CANVAS)
    assert find_rows([student], read_class_list(tmp_path / "export.csv")).found == {student: 2}


def test_a_stranger_is_nobody(tmp_path):
    (tmp_path / "export.csv").write_text(CANVAS)
    listed = read_class_list(tmp_path / "export.csv")
    assert find_rows(["ad", "eve", "Lab 1", "_1"], listed) == Rows()


def test_gradescope_names_students_in_two_columns(tmp_path):
    text = "First Name,Last Name,SID,Email,Submission Time\nAda,Lovelace,77,al@uni.example,x\n"
    (tmp_path / "scores.csv").write_text(text)
    listed = read_class_list(tmp_path / "scores.csv")
    assert [find_rows([name], listed).found for name in ("ada lovelace", "77", "al")] == [
        {"ada lovelace": 0},
        {"77": 0},
        {"al": 0},
    ]


# Moodle's feedback zip


def moodle_finds(name: str) -> tuple[str, str]:
    """Whom Moodle takes a file of the zip for, and what it stores, as mod/assign reads names."""
    folder, _, rest = name.partition("/")
    parts = folder.split("_", 4)
    assert parts[2:4] == ["assignsubmission", "file"]
    return parts[1], "/".join([part for part in (parts[4], rest) if part])


def test_moodle_finds_each_page_by_the_number_of_its_worksheet(tmp_path):
    (tmp_path / "worksheet.csv").write_text(MOODLE.replace("Bob Smith", "Bob_S/mith"), "utf-8")
    given = grades("Ada Lovelace_12345", "Bob_S_mith_12346", "Eve Nobody_99999")
    for grade in given:
        (tmp_path / grade.student).mkdir()
        (tmp_path / grade.student / "feedback.html").write_text(f"of {grade.student}")
    files = moodle_feedback(tmp_path / "worksheet.csv", given, tmp_path)
    assert list(files) == [
        "Ada Lovelace_12345_assignsubmission_file_/feedback.html",
        "Bob S mith_12346_assignsubmission_file_/feedback.html",
    ]
    found = {moodle_finds(name): content for name, content in files.items()}
    assert found == {
        ("12345", "feedback.html"): b"of Ada Lovelace_12345",
        ("12346", "feedback.html"): b"of Bob_S_mith_12346",
    }


def test_refused_gets_feedback_and_not_graded_none(tmp_path):
    (tmp_path / "worksheet.csv").write_text(MOODLE, "utf-8")
    records = [
        record([one_check("1.1", "not graded")], "Ada Lovelace_12345", "not graded"),
        record(student="Bob Smith_12346", status="refused", reason="it holds no rdlab"),
    ]
    given = [grade_of(each, COURSE, Decisions()) for each in records]
    for grade in given:
        (tmp_path / grade.student).mkdir()
        (tmp_path / grade.student / "feedback.html").write_text("page")
    [name] = moodle_feedback(tmp_path / "worksheet.csv", given, tmp_path)
    assert moodle_finds(name)[0] == "12346"


def test_a_worksheet_without_a_students_number_is_told(tmp_path):
    (tmp_path / "worksheet.csv").write_text(
        "Identifier,Full name,Email address,Grade\n,Ada Lovelace,ada@uni.example,\n", "utf-8"
    )
    given = [grade_of(record([one_check("1.1")], "Ada Lovelace"), COURSE, Decisions())]
    with pytest.raises(CourseError, match="no number under Identifier"):
        moodle_feedback(tmp_path / "worksheet.csv", given, tmp_path)
