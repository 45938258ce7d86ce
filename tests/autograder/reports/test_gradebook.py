"""The gradebook: CSV for spreadsheets, table for the terminal."""

import csv
import io
from pathlib import Path

import pytest
from rich.console import Console

from autograder.course import Course, CourseError
from autograder.judging.record import Cause, Isolation, PartRecord, to_text, write_record
from autograder.reports.adjustments import Decisions
from autograder.reports.gradebook import (
    gradebook_csv,
    load_records,
    outcome,
    print_table,
    pseudonym,
    pseudonymous_csv,
    rows_by_student,
)
from autograder.reports.grades import grade_of
from autograder.reports.roster import Person
from tests.autograder.records import make_check, make_record, make_task, with_submission


def passed(id):
    return make_task(id, "passed", [make_check("c")])


def failed(id, status="failed", cause=Cause.MISMATCH):
    return make_task(id, status, [make_check("c", status="failed", cause=cause)])


def undecided(id):
    return make_task(id, "not graded", [make_check("c", status="not graded")])


def record(student, tasks, **more):
    numbers = sorted({int(task.id.split(".")[0]) for task in tasks})
    parts = [
        PartRecord(n, "P", sum(t.score for t in tasks if t.id.startswith(f"{n}.")), 33)
        for n in numbers
    ]
    made = make_record(tasks, student=student, parts=tuple(parts), **more)
    return with_submission(made, file_notes=())


def refused(student, why="/srv/class/anna.zip is empty: submit the folder"):
    return record(student, [], status="refused", reason=why, isolation=Isolation())


COURSE = Course("The course", 100, "salt", None, (), ())


def graded(records):
    return [grade_of(record, COURSE, Decisions()) for record in records]


def read(records):
    return list(csv.DictReader(io.StringIO(gradebook_csv(graded(records)), newline="")))


def test_a_column_per_part_and_task_in_order():
    tasks = [passed("1.2"), failed("1.10"), passed("2.1")]
    anna, bob = read([record("bob", tasks), refused("Anna")])
    assert list(bob) == [
        "student",
        "status",
        "score",
        "found",
        "set by hand",
        "days late",
        "penalty",
        "submitted",
        "time from",
        "part 1",
        "part 2",
        "task 1.2",
        "task 1.10",
        "task 2.1",
        "isolation",
        "feedback",
    ]
    assert list(bob.values()) == [
        "bob",
        "graded",
        "4",
        "4",
        "",
        "",
        "",
        "",
        "",
        "2",
        "2",
        "2",
        "0",
        "2",
        "bubblewrap",
        "bob/feedback.html",
    ]
    assert (anna["student"], anna["status"], anna["score"], anna["part 1"]) == (
        "Anna",
        "refused",
        "",
        "",
    )


def test_what_is_not_graded_is_never_a_zero():
    tasks = [passed("1.1"), undecided("1.2"), passed("2.1")]
    [bob] = read([record("bob", tasks, status="not graded")])
    assert (bob["score"], bob["part 1"], bob["task 1.2"]) == ("", "", "")
    assert (bob["part 2"], bob["task 1.1"]) == ("2", "2")


def test_the_roster_adds_who_is_who_and_who_is_missing():
    ada, eve = Person("Ada", "u1", "a@x", "A", "1"), Person("=Eve", "u2")
    decisions = Decisions(people={"ada": ada})
    grades = [grade_of(record(name, [passed("1.1")]), COURSE, decisions) for name in ("ada", "bob")]
    rows = list(csv.DictReader(io.StringIO(gradebook_csv(grades, [eve]))))
    who = [(row["student"], row["status"], row["name"], row["id"], row["group"]) for row in rows]
    assert who == [
        ("ada", "graded", "Ada", "u1", "1"),
        ("bob", "graded", "", "", ""),
        ("'=Eve", "missing", "'=Eve", "u2", ""),
    ]
    assert (rows[2]["score"], rows[2]["feedback"]) == ("", "")


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1"])
def test_no_cell_is_a_formula(name):
    [row] = read([record(name, [passed("1.1")])])
    assert row["student"] == "'" + name
    assert row["feedback"] == f"'{name}/feedback.html"


def test_names_with_commas_quotes_and_lines_stay_one_cell():
    name = 'Müller, "Anna"\nB'
    assert [row["student"] for row in read([record(name, [passed("1.1")])])] == [name]


def test_records_are_read_back_and_a_damaged_one_is_named(tmp_path):
    with pytest.raises(CourseError, match="holds no grade record"):
        load_records(tmp_path)
    bob = record("bob", [passed("1.1")])
    write_record(bob, tmp_path)
    assert load_records(tmp_path) == [bob]
    path = tmp_path / "bob/record.json"
    for damage in ('{"stud', "[]", '{"student": "bob"}', to_text(bob).replace("graded", "gone")):
        path.write_text(damage)
        with pytest.raises(CourseError, match=r"bob/record.json is damaged .*: grade that student"):
            load_records(tmp_path)
    path.write_text('{"format": 1, "student": "bob"}')
    with pytest.raises(CourseError, match=r"another version of the autograder \(format 1\): grade"):
        load_records(tmp_path)


@pytest.mark.parametrize(
    ("tasks", "words"),
    [
        ([passed("1.1"), passed("1.2")], "full marks"),
        ([failed("1.1", "not started"), failed("1.2", "not started")], "not started"),
        ([failed("1.1"), failed("1.2", "partial"), passed("1.3")], "2 tasks to fix"),
        ([failed("1.1"), failed("1.2", "not started")], "1 task to fix; 1 not started"),
        (
            [
                failed("1.1", cause=Cause.DIED),
                passed("1.2"),
            ],
            "crashed in 1.1; 1 task to fix",
        ),
        (
            [failed("1.1", cause=Cause.CPU), passed("1.2")],
            "too slow in 1.1; 1 task to fix",
        ),
    ],
)
def test_the_outcome_in_words(tasks, words):
    assert outcome(record("bob", tasks)) == words


def test_the_outcome_of_what_has_no_score():
    assert outcome(refused("a")) == "refused: anna.zip is empty: submit the folder"
    lost = record("b", [], status="not graded", reason="the disk is full\n  File x\n")
    assert outcome(lost) == "not graded: the disk is full"
    notes = ("rdlab/gaussian.py line 3: invalid syntax",)
    broken = with_submission(record("c", [failed("1.1")]), file_notes=notes)
    assert outcome(broken) == "rdlab/gaussian.py line 3: invalid syntax; 1 task to fix"


CLASS = [
    record("zoe", [passed("1.1"), passed("2.1"), passed("3.1")]),
    record("Anna Katharina von Müller-Lüdenscheidt", [failed("1.1"), passed("2.1"), passed("3.1")]),
    record("[red]bob[/red] \x1b[31m", [undecided("1.1")], status="not graded", reason="why [bold]"),
    refused("eve"),
]


@pytest.mark.parametrize("width", [80, 100, 120])
def test_the_table_is_readable(width):
    out = io.StringIO()
    print_table(graded(CLASS), Console(file=out, width=width), Path("grades"))
    text = out.getvalue()
    assert max(map(len, text.splitlines())) <= width
    for shown in ("[red]bob", "full marks", "refused", "bubblewrap", "6/100", "feedback", "12 s"):
        assert shown in text
    assert "\x1b" not in text
    order = [text.index(name) for name in ("[red]bob", "Anna", "eve", "zoe")]
    assert order == sorted(order)


def test_the_table_says_where_the_feedback_is():
    for width in (80, 160):
        out = io.StringIO()
        print_table(graded(CLASS), Console(file=out, width=width), Path("grades"))
        path = "grades/zoe/feedback.html" if width > 100 else "grades/<student>/feedback.html"
        assert path in out.getvalue()


def test_rows_of_a_gradebook_are_found_by_name(tmp_path):
    assert rows_by_student(tmp_path) == {}
    names = ["=ada", "Jørgen, Ida", "bob"]
    text = gradebook_csv(graded([record(name, [passed("1.1")]) for name in names]))
    (tmp_path / "gradebook.csv").write_text(text, encoding="utf-8")
    found = rows_by_student(tmp_path)
    assert {name: found[name][2] for name in names} == dict.fromkeys(names, "2")


def test_points_without_names():
    names = ["Ada Lovelace", "Blaise Pascal", "Jörgen"]
    people = {name: Person(name, "901", f"{name[:3]}@uni.example", "A") for name in names}
    records = [record(name, [passed("1.1"), failed("1.2")]) for name in names[:2]]
    records.append(refused("Jörgen", "/srv/class/Jörgen.zip is empty"))
    grades = [grade_of(each, COURSE, Decisions(people=people)) for each in records]
    text = pseudonymous_csv(grades, "salt")
    for word in (*names, "Ada", "901", "@", "/srv", "zip", "feedback"):
        assert word not in text
    rows = {row["student"]: row for row in csv.DictReader(text.splitlines())}
    assert rows[pseudonym("Ada Lovelace", "salt")]["task 1.1"] == "2"
    assert rows[pseudonym("Jörgen", "salt")]["score"] == ""
    assert list(rows) == sorted(rows), "not in the order of the names"
    assert pseudonym("Ada Lovelace", "salt") != pseudonym("Ada Lovelace", "another salt")
