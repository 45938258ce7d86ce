"""`gradebook`: what it writes to be handed out, from records that are there."""

import csv
import zipfile

from autograder import __main__ as cli
from autograder.commands import gradebook as command
from autograder.judging.record import write_record
from tests.autograder.records import one_check
from tests.autograder.small_course import COURSE, record

WORKSHEET = """\
Identifier,Full name,Email address,Grade,Maximum grade
Participant 901,Ada Lovelace,ada@uni.example,,30.00
Participant 902,Blaise Pascal,blaise@uni.example,,30.00
"""


def test_grades_and_pages_are_ready_for_moodle_and_for_mails(tmp_path, monkeypatch, capsys):
    students = ("Ada Lovelace_901", "Blaise Pascal_902")
    for student in students:
        (tmp_path / "class" / student / "rdlab").mkdir(parents=True)
        write_record(record([one_check("1.1", points=3)], student), tmp_path / "out")
    (tmp_path / "worksheet.csv").write_text(WORKSHEET)
    roster = "name,email\nAda Lovelace,ada@uni.example\nBlaise Pascal,\n"
    (tmp_path / "class/roster.csv").write_text(roster)
    monkeypatch.setattr(command, "the_course", lambda: COURSE)
    given = ["gradebook", str(tmp_path / "class"), "--out", str(tmp_path / "out")]
    assert cli.main([*given, "--lms", str(tmp_path / "worksheet.csv")]) == 0
    with zipfile.ZipFile(tmp_path / "out/moodle-feedback.zip") as archive:
        pages = {name: archive.read(name).decode() for name in archive.namelist()}
    assert list(pages) == [
        "Ada Lovelace_901_assignsubmission_file_/feedback.html",
        "Blaise Pascal_902_assignsubmission_file_/feedback.html",
    ]
    for student, page in zip(students, pages.values(), strict=True):
        assert student in page
        assert "3 / 30 points" in page
    assert "moodle-feedback.zip, 2 pages" in capsys.readouterr().out.replace("\n", "")
    assert cli.main([*given, "--mail-merge"]) == 1
    assert "no address of Blaise Pascal_902: give it in roster.csv" in capsys.readouterr().out
    with (tmp_path / "out/mail-merge.csv").open(encoding="utf-8", newline="") as file:
        assert [row["email"] for row in csv.DictReader(file)] == ["ada@uni.example"]
