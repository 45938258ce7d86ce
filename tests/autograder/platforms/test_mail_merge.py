"""The table for mail programs that merge."""

import csv
from pathlib import Path

from autograder.platforms.mail_merge import mail_merge
from autograder.reports.adjustments import Decisions
from autograder.reports.publish import publish
from autograder.reports.roster import Person
from tests.autograder.records import one_check
from tests.autograder.small_course import COURSE, record

PEOPLE = {
    "ada": Person("Lovelace, Ada", email="ada@uni.example"),
    "carl": Person("=Carl", email="carl@uni.example"),
    "dora": Person("Dora", email="dora@uni.example"),
}


def test_everybody_with_an_address_gets_the_own_page(tmp_path):
    records = [record([one_check("1.1", points=3)], student) for student in ("ada", "bob")]
    records.append(record(student="carl", status="refused", reason="it holds no rdlab"))
    records.append(record([one_check("1.1", "not graded")], "dora", "not graded"))
    grades = publish(records, COURSE, Decisions(people=PEOPLE), tmp_path)
    text, without = mail_merge(grades, tmp_path)
    ada, carl = csv.DictReader(text.splitlines())
    assert (ada["email"], ada["name"]) == ("ada@uni.example", "Lovelace, Ada")
    assert (ada["score"], ada["points"]) == ("3", "30")
    assert ada["subject"] == "Feedback: The course"
    assert "3 / 30 points" in Path(ada["attachment"]).read_text(encoding="utf-8")
    assert (carl["name"], carl["score"]) == ("'=Carl", "")
    assert "it holds no rdlab" in Path(carl["attachment"]).read_text(encoding="utf-8")
    assert without == ["bob"]
