"""Feedback: what students see, what they never see, and that nothing of theirs is markup."""

import re
from html.parser import HTMLParser

import pytest

from autograder.judging.record import Cause
from autograder.reports.feedback import render_html, render_markdown, without_paths
from tests.autograder.records import (
    EVIDENCE,
    make_check,
    make_record,
    make_task,
    with_submission,
)

RENDERERS = [render_html, render_markdown]
VOID = {"meta", "br", "hr", "img", "input", "link"}


@pytest.fixture
def record():
    return make_record(
        [
            make_task("1.1", "passed", [make_check("fine")]),
            make_task(
                "1.2",
                "partial",
                [
                    make_check("good", hint="unneeded hint"),
                    make_check("shown", status="failed", **EVIDENCE),
                    make_check("secret", "hidden", "failed", diagnosis="You forgot the half."),
                ],
            ),
            make_task(
                "1.3",
                "not started",
                [make_check("later", status="failed", cause=Cause.NOT_STARTED)],
            ),
            make_task("1.4", "not graded", [make_check("unknown", status="not graded")]),
        ],
        status="not graded",
        reason="no verdict on task 1.4",
    )


def text_of(page: str) -> str:
    """The visible text of an HTML page; fails where tags do not nest."""
    parser = Reader()
    parser.feed(page)
    parser.close()
    assert parser.open == []
    return "\n".join(parser.texts)


class Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.texts, self.tags, self.attributes = [], [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.texts.append(data)


@pytest.mark.parametrize("render", RENDERERS)
def test_public_failures_show_what_was_called(record, render):
    page = render(record)
    for shown in ("the_argument", "the_answer", "the_truth", "Hint for shown", "1.2"):
        assert shown.replace("_", "\\_") in page or shown in page


@pytest.mark.parametrize("render", RENDERERS)
def test_hidden_checks_show_title_hint_and_diagnosis_only(render):
    hidden = make_check("secret", "hidden", "failed", diagnosis="You forgot the half.", **EVIDENCE)
    page = render(make_record([make_task("1.2", "failed", [hidden])]))
    for shown in ("Title of secret", "Hint for secret", "You forgot the half."):
        assert shown in page
    for secret in ("the_argument", "the_answer", "the_truth", "the_message"):
        assert secret not in page
        assert secret.replace("_", "\\_") not in page


@pytest.mark.parametrize("render", RENDERERS)
def test_the_instructors_business_is_not_shown(record, render):
    page = render(record)
    for secret in ("bubblewrap", "secret-host", "/srv", "2.99.1", "5eed", "incident", "12.3"):
        assert secret not in page


@pytest.mark.parametrize("render", RENDERERS)
def test_scores_and_next_steps(record, render):
    page = text_of(render(record)) if render is render_html else render(record)
    for shown in (
        "4 / 100 points so far",
        "Part 1: The β-VAE",
        "4 / 12",
        "2 / 6",
        "✓ passed",
        "Task 1.2, Task title 1.2 (4 to gain): Hint for shown",
        "Not started yet: task 1.3.",
        "Fix this first: rdlab/probe.py line 3: invalid syntax.",
        "notes.txt",
        "Not graded because of an internal error; your instructor sees it in the class report.",
        "read and marked by a person",
    ):
        assert shown in page
    assert "unneeded hint" not in page
    assert "Hint for later" not in page


@pytest.mark.parametrize("render", RENDERERS)
def test_full_marks(render):
    record = make_record([make_task("1.1", "passed", [make_check("fine")])])
    assert "Nothing: all is passed." in render(with_submission(record, file_notes=()))


@pytest.mark.parametrize("render", RENDERERS)
def test_a_refused_submission_says_why_and_not_where(render):
    why = "/srv/class/anna.zip cannot be read ([Errno 2] '/srv/class/anna.zip'): pack it again"
    page = render(make_record(status="refused", reason=why, parts=()))
    assert "anna.zip cannot be read" in page
    assert "pack it again" in page
    assert "/srv" not in page


@pytest.mark.parametrize("render", RENDERERS)
def test_a_fault_of_the_autograder_shows_no_traceback(render):
    why = 'the autograder failed: Traceback\n  File "/srv/autograder/judge.py", line 3'
    page = render(make_record(status="not graded", reason=why, parts=()))
    assert "your instructor sees it" in page
    assert "judge.py" not in page
    assert "Nothing: all is passed" not in page


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)',
    "</pre></dd></section></body>",
    "{{ 7 * 191 }} {% raw %}",
    "&lt;b&gt;",
    "```\n# heading\n````` ~~~",
    "[link](javascript:alert(1)) ![x](https://example.org/x.png)",
    "| a | b |",
    "\x1b[31mred\x00\u202egnp",
]


def hostile_record(text):
    check = make_check("c", status="failed", **dict.fromkeys(EVIDENCE, text), diagnosis=text)
    record = make_record([make_task("1.1", "failed", [check])], student=text)
    return with_submission(record, file_notes=(f"rdlab/{text}",), left_out=(text,), sha256=text)


@pytest.mark.parametrize("text", HOSTILE)
def test_html_is_escaped(text):
    plain, page = Reader(), Reader()
    plain.feed(render_html(hostile_record("harmless")))
    rendered = render_html(hostile_record(text))
    page.feed(rendered)
    assert page.tags == plain.tags
    assert page.attributes == plain.attributes
    assert "1337" not in rendered
    assert not any(character in rendered for character in "\x1b\0\u202e")
    if not set(text) & set("\x1b\n"):
        assert text in text_of(rendered)


@pytest.mark.parametrize("text", HOSTILE)
def test_markdown_is_escaped(text):
    from markdown_it import MarkdownIt

    parser = MarkdownIt("gfm-like", {"linkify": False})

    def shape(value):
        tokens = parser.parse(render_markdown(hostile_record(value)))
        inner = [child.type for token in tokens for child in token.children or []]
        blocks = [token.type for token in tokens]
        return blocks, {kind for kind in inner if kind not in ("text_special", "softbreak")}

    assert shape(text) == shape("harmless")


@pytest.mark.parametrize("render", RENDERERS)
def test_long_texts_are_cut(render):
    page = render(hostile_record("y" * 100_000))
    assert len(page) < 40_000
    assert "yyy…" in page


def test_the_page_asks_nothing_of_the_network(record):
    reader = Reader()
    reader.feed(render_html(record))
    assert not {"script", "link", "img", "iframe"} & set(reader.tags)
    assert all(name not in ("src", "srcset") for name, _ in reader.attributes)
    assert all(value.startswith("#task-") for name, value in reader.attributes if name == "href")
    assert "url(" not in render_html(record)
    assert "@import" not in render_html(record)


def test_the_page_is_accessible(record):
    page = render_html(record)
    reader = Reader()
    reader.feed(page)
    assert ("lang", "en") in reader.attributes
    assert reader.tags.count("h1") == reader.tags.count("title") == 1
    assert reader.tags.count("caption") == reader.tags.count("table") == 2
    assert ("scope", "col") in reader.attributes
    assert ("scope", "row") in reader.attributes
    links = {value for name, value in reader.attributes if name == "href"}
    assert links == {f"#{value}" for name, value in reader.attributes if name == "id"}
    for needed in ("prefers-color-scheme: dark", "@media print"):
        assert needed in page


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("raised E (/tmp/rdlab-1/submission/rdlab/a.py:3)", "raised E (rdlab/a.py:3)"),
        ("/opt/lib/python3/torch/functional.py line 3", "functional.py line 3"),
        ("at '/tmp/scratch/rdlab/sub/a.py'", "at 'rdlab/sub/a.py'"),
        ("runs/b=1/config.json: 1/2/3 nats, a / b", "runs/b=1/config.json: 1/2/3 nats, a / b"),
    ],
)
def test_paths_of_the_machine_are_taken_out(text, left):
    assert without_paths(text) == left


@pytest.mark.parametrize("text", ["@everybody", "thanks @ada/x", "#12", "see org/repo#12"])
def test_nobody_and_no_issue_is_mentioned_by_a_page_on_github(text):
    """GitHub reads mentions in rendered text: a backslash before them is gone by then."""
    page = render_markdown(hostile_record(text))
    assert not re.search(r"[@#]\w", re.sub(r"```+text.*?```+", "", page, flags=re.DOTALL))


def test_what_was_taken_for_what_is_told():
    taken = "Taken: my work/ as rdlab/. It was read from work.zip."
    record = with_submission(make_record(), arrangement=taken)
    assert taken in render_html(record)
    assert taken in render_markdown(record)
