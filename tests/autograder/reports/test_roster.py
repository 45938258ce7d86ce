"""Whose row of a list a submission is."""

import unicodedata

import pytest

from autograder.reports.roster import find_rows, read_class_list


@pytest.fixture
def listed(tmp_path):
    path = tmp_path / "submissions.csv"
    rows = ["ann-lee", "annlee", "Ann Lee", "Jos\u00e9 Ruiz", "Bob Ray"]
    path.write_text("name,submitted\n" + "".join(f"{row},2026-11-29 10:00\n" for row in rows))
    return read_class_list(path)


@pytest.mark.parametrize(
    ("student", "row"),
    [
        ("ann-lee", 0),
        ("annlee", 1),
        ("Ann Lee", 2),
        ("ANN-LEE", 0),
        (unicodedata.normalize("NFD", "Jos\u00e9 Ruiz"), 3),
        ("bobray", 4),
    ],
)
def test_what_is_written_alike_wins(listed, student, row):
    rows = find_rows([student], listed)
    assert rows.found == {student: row}
    assert not rows.unclear


def test_what_fits_several_rows_is_asked_for_that_student_alone(listed):
    rows = find_rows(["ann_lee", "annlee", "bobray"], listed)
    assert rows.found == {"annlee": 1, "bobray": 4}
    assert list(rows.unclear) == ["ann_lee"]
    assert "may be row 2" in rows.unclear["ann_lee"]
