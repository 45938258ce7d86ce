"""The grade record: what is written is read again; what cannot be read is said in a sentence."""

import json
from dataclasses import replace

import pytest

from autograder.judging.record import (
    FORMAT,
    Cause,
    Earlier,
    Record,
    RecordError,
    from_text,
    read_record,
    standing,
    to_text,
    write_record,
)
from tests.autograder.records import EVIDENCE, make_check, make_record, make_task, one_check

CHECKS = [
    make_check("good", points=0.5),
    make_check("wrong", "hidden", "failed", cause=Cause.DIED, diagnosis="No ½.", **EVIDENCE),
    make_check("lost", status="not graded"),
]
RECORD = make_record([make_task("1.1", "not graded", CHECKS)], status="not graded", reason="why")


def changed(**fields) -> str:
    return json.dumps(json.loads(to_text(RECORD)) | fields)


@pytest.mark.parametrize(
    "record",
    [
        RECORD,
        make_record(),
        make_record(student="n\udcfft", reason='"\n\x1b'),
        replace(RECORD, earlier=Earlier(("1.2",), {"torch": "1"})),
    ],
)
def test_what_is_written_is_read_again(record, tmp_path):
    assert from_text(to_text(record)) == record
    write_record(record, tmp_path)
    assert read_record(tmp_path / record.student / "record.json") == record


def test_numbers_stay_as_they_are():
    """Whole points are written as whole numbers: nothing differs by a decimal point alone."""
    assert to_text(from_text(to_text(RECORD))) == to_text(RECORD)
    assert '"points": 100,' in to_text(RECORD)
    assert '"points": 0.5,' in to_text(RECORD)


def test_status_and_cause_are_written_as_words():
    written = json.loads(to_text(RECORD))
    assert (written["format"], written["status"]) == (FORMAT, "not graded")
    [task] = written["tasks"]
    assert [check["cause"] for check in task["checks"]] == [None, "died", "undecided"]
    assert "earlier" not in written


def test_there_may_be_no_record(tmp_path):
    assert read_record(tmp_path / "nobody" / "record.json") is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is damaged"),
        ("[]", "is damaged"),
        ("[" * 100_000, "is damaged"),
        (b"\xff", "is damaged"),
        (to_text(RECORD)[:-9], "is damaged"),
        (changed(format=FORMAT - 3), f"of another version of the autograder .format {FORMAT - 3}"),
        (changed(student=None), "damaged .student is NoneType, not a text"),
        (changed(score="6"), "damaged .score is str, not a number"),
        (changed(status="perfect"), "damaged .status is str, not one of"),
        (changed(grade=6), "damaged .grade is no field of Record"),
        (changed(tasks=[{"id": "1.1"}]), r"damaged .tasks\[0\].title is missing"),
        (changed(incidents="none"), "damaged .incidents is str, not a list"),
        (changed(submission=[]), "damaged .submission is list, not an object"),
    ],
)
def test_what_cannot_be_read_is_said_in_a_sentence(text, said, tmp_path):
    with pytest.raises(RecordError, match=said):
        from_text(text)
    path = tmp_path / "record.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(RecordError, match=said):
        read_record(path)


# Which of two records counts


def undecided(*statuses) -> Record:
    tasks = [one_check(f"1.{number}", status) for number, status in enumerate(statuses, 1)]
    return make_record(tasks, status="not graded", reason="the disk is full\nand more")


@pytest.mark.parametrize("status", ["graded", "refused"])
def test_a_verdict_is_only_replaced_by_a_verdict(status):
    before = make_record([one_check("1.1")], status=status)
    kept = standing(before, undecided("not graded"))
    assert kept == replace(before, regrade_failure="the disk is full")
    for status in ("graded", "refused"):
        new = make_record([one_check("1.1", "failed")], status=status)
        assert standing(kept, new) is new


def test_fewer_verdicts_do_not_replace_more():
    before = undecided("passed", "not graded")
    assert standing(before, undecided()).tasks == before.tasks
    better = undecided("passed", "failed", "not graded")
    assert standing(before, better) is better
    assert standing(None, undecided()) == undecided()


def test_a_record_of_the_last_formats_is_read():
    record = make_record([one_check("1.1")])
    data = json.loads(to_text(record))
    del data["costs"]
    assert from_text(json.dumps(data | {"format": FORMAT - 1})) == record
    del data["regrade_failure"]
    assert from_text(json.dumps(data | {"format": FORMAT - 2})) == record
