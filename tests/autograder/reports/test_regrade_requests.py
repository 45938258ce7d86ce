"""Requests for a regrade: from the feedback page to the answer in the next one."""

import mailbox
from dataclasses import replace
from datetime import datetime
from email.message import EmailMessage
from html.parser import HTMLParser

import pytest

from autograder.course import CourseError, RegradeRequests
from autograder.intake.deliveries import find_deliveries
from autograder.intake.submission import ignored_entries
from autograder.judging.record import TaskStatus
from autograder.reports.adjustments import Decisions, load_decisions
from autograder.reports.class_report import regrade_requests, render_report
from autograder.reports.feedback import render_html, render_markdown
from autograder.reports.grades import grade_of
from autograder.reports.item_analysis import analyse
from autograder.reports.regrade_requests import WHOLE_TASK, blank_request, read_requests
from tests.autograder.records import make_check, make_task
from tests.autograder.small_course import BERLIN, COURSE, record

ASKING = RegradeRequests("vae@uni.example", datetime(2026, 12, 20, 23, 59, tzinfo=BERLIN))
NESTED = b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n"
REASON = "The docstring allows it.\nSee the handout, part 1."


class Forms(HTMLParser):
    """The forms of a page: what a browser would send."""

    def __init__(self, page):
        super().__init__()
        self.forms, self._inside = [], False
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self._inside = tag == "textarea"
        if tag == "form":
            self.forms.append({"action": attrs.get("action"), "body": ""})
        if tag == "input":
            self.forms[-1][attrs["name"]] = attrs["value"]

    def handle_endtag(self, tag):
        self._inside = False

    def handle_data(self, data):
        if self._inside:
            self.forms[-1]["body"] += data


def graded():
    failed = make_check("kl_by_hand", status="failed")
    hidden = make_check("kl_hidden", "hidden", "failed", call="secret_call")
    waiting = make_check("later", status="failed")
    tasks = [
        make_task("1.1", "partial", [make_check("fine"), failed, hidden]),
        make_task("1.2", "not started", [waiting]),
        make_task("2.1", "passed", [make_check("right")]),
    ]
    return record(tasks)


def ask(folder, text, name="ada.txt"):
    place = folder / "regrade-requests"
    place.mkdir(exist_ok=True)
    (place / name).write_text(text, encoding="utf-8")


def decided(folder, course=COURSE):
    return load_decisions(folder, find_deliveries(folder), course)


def test_the_page_has_a_text_for_each_check_that_took_points():
    page = render_html(graded(), None, ASKING)
    forms = Forms(page).forms
    assert [form["action"] for form in forms] == ["mailto:vae@uni.example"] * 2
    assert {form["subject"] for form in forms} == {"Regrade request"}
    bodies = [form["body"] for form in forms]
    assert "Check: Title of kl_by_hand\n" in bodies[0]
    assert "Check: Title of kl_hidden\n" in bodies[1]
    assert "mail it to vae@uni.example until 2026-12-20 23:59 CET." in page
    assert "secret_call" not in page
    text = render_markdown(graded(), None, ASKING)
    assert "## Ask for a regrade" in text
    assert blank_request("ada", "1.1", "Title of kl_by_hand") in text


def test_without_an_address_the_text_is_handed_in_and_without_the_setting_there_is_none():
    page = render_html(graded(), None, RegradeRequests())
    assert {form["action"] for form in Forms(page).forms} == {None}
    assert "mailto" not in page
    assert "save it as a .txt file and hand that in." in page
    for render in (render_html, render_markdown):
        assert "regrade" not in render(graded()).lower()


def test_what_was_never_started_has_nothing_to_ask_for():
    waiting = graded().tasks[1]
    assert "Ask for" not in render_html(record([waiting]), None, ASKING)
    assert "Ask for" not in render_markdown(record([waiting]), None, ASKING)
    failed = replace(waiting, status=TaskStatus.FAILED)
    assert "Ask for" in render_html(record([failed]), None, ASKING)


def test_a_task_whose_points_were_lowered_by_hand_is_asked_about_as_a_whole():
    lowered = make_task("1.1", "set by hand", [make_check("right")])
    page = render_html(record([replace(lowered, score=1)]), None, ASKING)
    assert [form["body"] for form in Forms(page).forms] == [blank_request("ada", "1.1")]


def test_full_marks_have_nothing_to_ask_for():
    passed = record([make_task("1.1", "passed", [make_check("fine", points=30)])])
    for render in (render_html, render_markdown):
        assert "Ask for" not in render(passed, None, ASKING)


def test_what_was_set_by_hand_to_full_marks_has_nothing_to_ask_for(folder):
    task = make_task("1.1", "partial", [make_check("kl_by_hand", status="failed")])
    (folder / "adjustments.toml").write_text(
        '[[override]]\nstudent = "ada"\ntask = "1.1"\npoints = 10\nreason = "right"\n'
    )
    only = replace(COURSE, tasks=COURSE.tasks[:1], parts=COURSE.parts[:1], points=10)
    found = replace(record([task]), points=10)
    grade = grade_of(found, only, decided(folder, only))
    assert grade.score == grade.record.score == 10
    for render in (render_html, render_markdown):
        assert "Ask for" not in render(found, grade, ASKING)


def test_a_request_is_open_until_it_is_answered_and_the_answer_is_in_the_next_feedback(folder):
    blank = Forms(render_html(graded(), None, ASKING)).forms[0]["body"]
    ask(folder, blank + REASON)
    found = decided(folder)
    grade = grade_of(graded(), COURSE, found)
    [row] = regrade_requests([grade])
    assert (row["about"], row["reason"]) == ("Task 1.1, Title of kl_by_hand", REASON)
    assert row["answer"] == ""
    page = render_report([grade], analyse([grade]), [])
    assert "[[answer]]" in page
    for render in (render_html, render_markdown):
        assert "Not answered yet." in render(graded(), grade, ASKING)
    (folder / "adjustments.toml").write_text(
        row["entry"].replace('text = ""', 'text = "You are right: 2 points more."')
    )
    grade = grade_of(graded(), COURSE, decided(folder))
    for render in (render_html, render_markdown):
        page = render(graded(), grade, ASKING)
        assert "You are right: 2 points more." in page
        assert "The docstring allows it." in page
        assert "Not answered yet." not in page
    assert found.problems == decided(folder).problems == ()


def test_the_folder_of_requests_is_no_submission(folder):
    ask(folder, blank_request("ada", "1.1"))
    assert list(find_deliveries(folder)) == ["ada", "bob"]
    assert "regrade-requests" not in [stray.name for stray in ignored_entries(folder)]


def mail(text, subtype="plain", sender="Ada <ada@uni.example>"):
    message = EmailMessage()
    message["From"], message["Date"] = sender, "Tue, 01 Dec 2026 10:00:00 +0100"
    message["Subject"] = "Regrade request"
    message.set_content(text, subtype=subtype, cte="quoted-printable")
    return message


def test_mails_are_read_as_mail_programs_write_them(tmp_path):
    blank = blank_request("Müller, Anna_903", "1.1", "A long title that a mail program breaks")
    text = blank.replace("that a mail", "that a\nmail") + REASON + "\n-- \nAnna\nTask: 9.9\n"
    (tmp_path / "a.eml").write_bytes(mail(text).as_bytes())
    html = "<div>" + "</div><div>".join((blank + "β &lt; 1").split("\n")) + "</div>"
    (tmp_path / "b.eml").write_bytes(mail(html, "html").as_bytes())
    box = mailbox.mbox(tmp_path / "c.mbox")
    box.add(mail(text))
    box.add(mail(blank + "Another reason."))
    box.flush()
    found, problems = read_requests(tmp_path)
    assert problems == []
    assert [each.reason for each in found] == [REASON, "β < 1", "Another reason."]
    assert {each.check for each in found} == {"A long title that a mail program breaks"}
    assert {(each.student, each.task) for each in found} == {("Müller, Anna_903", "1.1")}
    assert {each.sender for each in found} == {"ada@uni.example"}
    assert found[0].received == datetime(2026, 12, 1, 10, tzinfo=BERLIN)


@pytest.mark.parametrize(
    "content",
    [
        b"Content-Type: text/html\n\n<![foo[x]]>",
        b"".join(NESTED % (i, i) for i in range(2000)),
    ],
    ids=["html", "nested"],
)
def test_a_mail_that_no_library_can_read_is_told_and_stops_nothing(tmp_path, content):
    (tmp_path / "a.eml").write_bytes(content)
    (tmp_path / "b.mbox").write_bytes(b"From x\n" + content)
    (tmp_path / "c.txt").write_text(blank_request("ada", "1.1") + "why")
    found, problems = read_requests(tmp_path)
    assert [each.reason for each in found] == ["why"]
    assert [problem.split()[0] for problem in problems] == [
        "regrade-requests/a.eml",
        "regrade-requests/b.mbox",
    ]


def test_a_reason_may_look_like_anything(tmp_path):
    (tmp_path / "x.txt").write_text(blank_request("ada", "1.1") + "see\nTask: 2.1\x1b[31m\u202e")
    [found], _ = read_requests(tmp_path)
    assert (found.task, found.reason) == ("1.1", "see\nTask: 2.1?[31m?")
    assert found.check == WHOLE_TASK


def test_several_requests_of_a_file_are_several(tmp_path):
    texts = [blank_request("ada", task) + "why" for task in ("1.1", "1.2", "1.1")]
    (tmp_path / "x.txt").write_text("\n\n".join(texts))
    assert [each.task for each in read_requests(tmp_path)[0]] == ["1.1", "1.2"]


def test_what_cannot_be_a_request_is_told_and_nothing_is_lost(folder):
    ask(folder, "Please look at my work again!", "ada.txt")
    ask(folder, blank_request("nobody", "1.1"), "b.txt")
    ask(folder, blank_request("bob", "7.7"), "c.txt")
    ask(folder, "x", "d.docx")
    (folder / "regrade-requests" / "e.eml").write_bytes(
        b"Content-Type: text/plain; charset=nope\n\n\xff"
    )
    (folder / "adjustments.toml").write_text(
        '[[answer]]\nstudent = "bob"\nrequest = "0badf00d"\ntext = "No."\n'
    )
    found = decided(folder)
    assert found.requests == {}
    assert found.problems == (
        "regrade-requests/ada.txt holds no request: read it yourself",
        "regrade-requests/d.docx holds no request: read it yourself",
        "regrade-requests/e.eml holds no request: read it yourself",
        "regrade-requests/b.txt: no submission is named 'nobody': it has no effect",
        "regrade-requests/c.txt: there is no task '7.7': correct it there",
        "adjustments.toml [[answer]]: regrade-requests/ holds no request '0badf00d': "
        "it has no effect",
    )


def test_another_sender_and_a_late_request_are_said_to_whoever_answers(folder):
    (folder / "roster.csv").write_text("name,email\nada,ada@uni.example\nbob,bob@uni.example\n")
    ask(folder, "", "x.txt")
    (folder / "regrade-requests/x.txt").unlink()
    (folder / "regrade-requests/a.eml").write_bytes(
        mail(blank_request("ada", "1.1"), sender="bob@uni.example").as_bytes()
    )
    (folder / "regrade-requests/b.eml").write_bytes(
        mail(blank_request("bob", "1.1"), sender="BOB@uni.example").as_bytes()
    )
    early = replace(ASKING, until=datetime(2026, 11, 30, tzinfo=BERLIN))
    requests = decided(folder, replace(COURSE, regrade_requests=early)).requests
    late = "sent after the last day, 2026-12-01 10:00 UTC+01:00"
    sender = "sent by bob@uni.example, the list of students has ada@uni.example"
    assert requests["ada"][0].note == f"{sender}; {late}"
    assert requests["bob"][0].note == late


def test_an_answer_is_for_the_student_who_asked(folder):
    ask(folder, blank_request("ada", "1.1") + "why")
    entry = regrade_requests([grade_of(graded(), COURSE, decided(folder))])[0]["entry"]
    answer = entry.replace('text = ""', 'text = "No."').replace('"ada"', '"bob"')
    (folder / "adjustments.toml").write_text(answer)
    with pytest.raises(CourseError, match=r"is of ada: correct it"):
        decided(folder)
    (folder / "adjustments.toml").write_text(f"{answer}\n{answer}")
    with pytest.raises(CourseError, match=r"has 2 \[\[answer\]\] for the request .*: keep one"):
        decided(folder)


def test_requests_are_text_and_never_markup():
    evil = '<img src=x onerror="alert(1)">'
    tasks = [make_task("1.1", "failed", [make_check("c", status="failed", title=evil)])]
    page = render_html(record(tasks, student=evil), None, ASKING)
    assert "<img" not in page
    assert evil in Forms(page).forms[0]["body"]
    assert Decisions().requests == {}
