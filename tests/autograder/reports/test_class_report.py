"""The class report: what it says, and how it looks and prints in a real browser."""

import base64
import hashlib
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from selenium.webdriver.common.by import By

from autograder import ROOT
from autograder.course import load_course
from autograder.judging.record import Cause, Isolation
from autograder.reports.adjustments import Decisions, Extension, Override
from autograder.reports.alike import Alike
from autograder.reports.class_report import (
    by_hand,
    by_section,
    distribution,
    graded_alone,
    grouped_by_reason,
    manual_look,
    misconceptions,
    render_report,
)
from autograder.reports.grades import grade_of
from autograder.reports.item_analysis import analyse
from autograder.reports.roster import Person
from autograder.reports.times import FILE_TIME, Submitted
from tests.autograder.made_class import made_records
from tests.autograder.records import one_check as task
from tests.autograder.small_course import COURSE, DUE, record

EVIL = '<script>alert(1)</script> "&" Éva'


def graded(records, decisions=None):
    return [grade_of(record, COURSE, decisions or Decisions()) for record in records]


def failing(id, cause=Cause.MISMATCH, diagnosis=""):
    return task(id, "failed", cause=cause, diagnosis=diagnosis)


def one(*tasks, **more):
    [grade] = graded([record(tasks, "ada", **more)])
    return grade


def test_scores_fall_into_tenths_and_full_marks_into_the_last():
    bins = distribution([0, 9.99, 10, 30, 55, 100, 100], 100)
    assert [bin["count"] for bin in bins] == [2, 1, 0, 1, 0, 1, 0, 0, 0, 2]
    assert (bins[0]["range"], bins[-1]["range"], bins[0]["width"]) == ("0 – 10", "90 – 100", 100)
    assert sum(bin["count"] for bin in distribution([], 30)) == 0


def test_misconceptions_are_counted_by_student_not_by_check():
    twice = failing("1.1", diagnosis="no half")
    twice = replace(twice, checks=twice.checks * 2)
    records = [
        record([twice, failing("1.2", diagnosis="rare")], "bob"),
        record([failing("1.1", diagnosis="no half")], "ada"),
        record([task("1.1")], "eve"),
    ]
    assert misconceptions(graded(records)) == [
        {"sentence": "no half", "task": "1.1", "students": ["ada", "bob"]},
        {"sentence": "rare", "task": "1.2", "students": ["bob"]},
    ]


@pytest.mark.parametrize(
    ("grade", "reason"),
    [
        (one(status="refused", reason="/srv/class/ada.zip is empty"), "ada.zip is empty"),
        (
            one(status="not graded", reason="OSError: full\nTraceback"),
            "OSError: full",
        ),
        (one(task("1.1"), incidents=("left a process",)), "left a process"),
        (one(failing("1.1", Cause.CPU)), "too slow in 1.1"),
        (one(failing("1.1", Cause.DIED)), "crashed in 1.1"),
        (one(failing("1.1", Cause.EXITED)), "task 1.1: called exit(), read the code"),
        (
            one(failing("1.1", Cause.PROTOCOL)),
            "task 1.1: answered outside the protocol, read the code",
        ),
        (
            one(task("1.1"), isolation=Isolation("process")),
            "graded without a sandbox (tier: process)",
        ),
    ],
)
def test_who_needs_a_manual_look(grade, reason):
    assert any(reason in said for _, said in manual_look(grade))


def test_lateness_that_is_unsure_or_costs_everything_is_looked_at():
    def late(source, days):
        submitted = {"ada": Submitted(DUE + timedelta(days=days), source)}
        return manual_look(graded([record([task("1.1")], "ada")], Decisions(submitted))[0])

    by_file_time = "2 days late by its file time alone: nothing taken off"
    assert late(FILE_TIME, 2) == [("late", by_file_time)]
    assert late("submissions.csv", 9) == [("late", "9 days late, −10")]
    assert late("submissions.csv", 2) == []


def test_ordinary_work_needs_no_look():
    assert manual_look(one(task("1.1"), failing("1.2"))) == []


def test_what_is_decided_by_hand_stands_beside_what_is_found():
    decisions = Decisions(
        {},
        {"ada": Extension(DUE, "ill")},
        {"ada": (Override("1.1", 0, "copied"), Override(None, 3, "agreed"))},
    )
    rows = by_hand(graded([record([task("1.1"), task("1.2")], "ada")], decisions))
    assert [(row["what"], row["autograder_score"], row["reason"]) for row in rows] == [
        ("due 2026-11-30 23:59 CET", "", "ill"),
        ("task 1.1: 0 points", "10", "copied"),
        ("whole score: 3 points", "20", "agreed"),
    ]


def test_reasons_are_grouped_the_rarest_first():
    slow = [failing("1.1", Cause.CPU), failing("1.2", Cause.TIME), failing("2.1", Cause.EXITED)]
    grades = graded(
        [record([each], name) for each, name in zip(slow, ("ada", "bob", "eve"), strict=True)]
    )
    said = [
        (kind, [f"{grade.student}: {detail}" for grade, detail in found])
        for kind, found in grouped_by_reason(grades)
    ]
    assert said == [
        ("called exit()", ["eve: task 2.1: called exit(), read the code"]),
        ("too slow", ["ada: too slow in 1.1", "bob: too slow in 1.2"]),
    ]


def test_sections_are_compared_where_there_are_several():
    records = [record([task("1.1")], "ada"), record([failing("1.1")], "bob")]
    people = {"ada": Person("Ada", section="A"), "bob": Person("Bob", section="B")}
    first, second = by_section(graded(records, Decisions(people=people)))
    assert (first["name"], first["median"], first["width"]) == ("A", "10", pytest.approx(100 / 3))
    assert (second["name"], second["count"], second["mean"]) == ("B", 1, "0")
    assert by_section(graded(records, Decisions(people={"ada": people["ada"]}))) == []


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    records = [
        record([task("1.1"), task("1.2"), task("2.1")], "ada"),
        record([task("1.1"), failing("1.2", diagnosis="no half"), task("2.1")], EVIL),
        record([task("1.1"), failing("1.2"), failing("2.1", Cause.EXITED)], "hal"),
        record([], "refused", status="refused", reason="/srv/refused.zip is empty"),
    ]
    decisions = Decisions(
        {"hal": Submitted(DUE + timedelta(days=1), "submissions.csv")},
        {},
        {"ada": (Override("1.1", 9, "the reason"),)},
    )
    similar = [
        Alike(
            "rdlab/probe.py",
            {"ada": "lines 3–9", EVIL: "line 7"},
            0.81,
            240,
            {"ada": "   3 def probe():\n   4     return 1\x1b[31m", EVIL: f"   7 x = {EVIL!r}"},
        )
    ]
    path = tmp_path_factory.mktemp("report") / "report.html"
    grades = graded(records, decisions)
    text = render_report(grades, analyse(graded_alone(grades)), similar)
    path.write_text(text, encoding="utf-8")
    return path


def test_passages_stand_side_by_side_where_there_is_room(browser, page):
    for width, same_line in ((1400, True), (390, False)):
        show(browser, page, width=width)
        browser.execute_script("document.querySelectorAll('details').forEach(e => e.open = true)")
        ada, other = browser.find_elements(By.CSS_SELECTOR, ".beside figure")
        assert "def probe():\n   4     return 1?[31m" in ada.text
        assert EVIL in other.text
        assert (ada.rect["y"] == other.rect["y"]) is same_line
        wide = browser.execute_script("return document.documentElement.scrollWidth")
        assert wide <= width


def test_it_needs_nothing_beside_it_and_runs_its_own_script_alone(page):
    text = page.read_text()
    [script] = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"; script-src 'sha256-{digest}'\"" in text
    assert not re.search(r"fetch|XMLHttp|import|eval|innerHTML", script)
    assert not re.search(r"""(src|href)\s*=\s*["']?(https?:)?//|url\(|@import""", text)
    assert "default-src 'none'" in text


@pytest.fixture(scope="module")
def browser(browser):
    """The browser of all tests, afterwards with its own screen and colours again."""
    browser.get_log("browser")
    yield browser
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})


def show(browser, page, scheme="light", media="screen", width=1200):
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": features})
    browser.get(page.as_uri())


def test_a_reader_finds_every_section_and_who_is_in_it(browser, page):
    show(browser, page)
    links = browser.find_elements(By.CSS_SELECTOR, "nav a")
    assert len(links) == 8
    text = {}
    for link in links:
        section = browser.find_element(By.CSS_SELECTOR, link.get_attribute("hash"))
        text[link.text] = section.text
    assert "hal: task 2.1" in text["Needs review"]
    assert "refused.zip is empty" in text["Needs review"]
    assert "1 day late, −1" in text["Submissions"]
    assert "the reason" in text["By hand"]
    assert f"no half 1.2 1 {EVIL}" in text["Misconceptions"]
    assert "check_1.1" in text["Checks with low discrimination"]
    assert f"{EVIL}, line 7" in text["Similar passages"]
    assert "no verdict" in text["Similar passages"]
    assert browser.get_log("browser") == []


def test_bars_are_as_long_as_what_they_show(browser, page):
    show(browser, page)
    bars = browser.find_elements(By.CSS_SELECTOR, "#checks td.bars")
    shares = browser.find_elements(By.CSS_SELECTOR, "#checks td:nth-last-child(2)")
    assert len(bars) == len(shares) == 3
    for bar, share in zip(bars, shares, strict=True):
        whole = bar.find_element(By.CSS_SELECTOR, ".bar").rect["width"]
        filled = bar.find_element(By.CSS_SELECTOR, ".bar span").rect["width"]
        assert filled / whole == pytest.approx(float(share.text.split()[0]) / 100, abs=0.01)


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """The page of a class of 120."""
    course = load_course(ROOT / "course.toml")
    records = [made for made, _ in made_records(120, course)]
    people = {each.student: Person(each.student, section=each.student[0]) for each in records}
    grades = [grade_of(each, course, Decisions(people=people)) for each in records]
    path = tmp_path_factory.mktemp("large") / "report.html"
    path.write_text(render_report(grades, analyse(graded_alone(grades)), []), encoding="utf-8")
    return path


def rows(browser, section):
    """The cells of the rows that are shown."""
    return browser.execute_script(
        "return [...document.querySelectorAll(arguments[0] + ' tbody tr')]"
        ".filter(row => row.checkVisibility())"
        ".map(row => [...row.cells].map(cell => cell.innerText.trim()))",
        section,
    )


@pytest.mark.parametrize("width", [390, 1400])
def test_long_tables_are_folded_and_shown_in_part(browser, large, width):
    show(browser, large, width=width)
    height = "return document.documentElement.scrollHeight"
    assert browser.execute_script(height) < 6000, "it was 45,000 and more with 300 submissions"
    assert rows(browser, "#submissions") == []
    browser.find_element(By.LINK_TEXT, "Submissions").click()
    assert len(rows(browser, "#submissions")) == 50
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    browser.find_element(By.XPATH, "//button[text()='Show all 120']").click()
    assert len(rows(browser, "#submissions")) == 120
    assert browser.get_log("browser") == []


@pytest.mark.parametrize("width", [390, 1400])
def test_tables_are_sorted_and_searched(browser, large, width):
    show(browser, large, width=width)
    browser.find_element(By.CSS_SELECTOR, "#submissions summary").click()
    final = browser.find_element(By.XPATH, "//section[@id='submissions']//button[text()='Final']")
    final.click()
    scores = [row[2].removeprefix("Final: ") for row in rows(browser, "#submissions")]
    assert scores == sorted(scores, key=float)
    final.click()
    header = browser.find_element(By.CSS_SELECTOR, "#submissions th[aria-sort]")
    assert header.get_attribute("aria-sort") == "descending"
    scores = [row[2].removeprefix("Final: ") for row in rows(browser, "#submissions")]
    assert scores == sorted(scores, key=float, reverse=True)
    field = browser.find_element(By.CSS_SELECTOR, "#submissions input[type=search]")
    someone = rows(browser, "#submissions")[7][0]
    field.send_keys(f"{someone[-4:]} {someone[:4].lower()}")
    assert [row[0] for row in rows(browser, "#submissions")] == [someone]
    browser.find_element(By.CSS_SELECTOR, "#checks summary").click()
    browser.find_element(By.XPATH, "//section[@id='checks']//button[text()='Task']").click()
    tasks = [row[1].removeprefix("Task: ") for row in rows(browser, "#checks")]
    assert tasks == sorted(tasks, key=lambda task: [int(part) for part in task.split(".")])


def test_all_rows_are_printed_whatever_is_folded(browser, large):
    show(browser, large)
    browser.execute_script("dispatchEvent(new Event('beforeprint'))")
    assert len(rows(browser, "#submissions")) == 120
    browser.execute_script("dispatchEvent(new Event('afterprint'))")
    assert rows(browser, "#submissions") == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_accessible_in_light_and_in_dark(browser, page, axe, scheme):
    show(browser, page, scheme)
    paper = browser.find_element(By.TAG_NAME, "body").value_of_css_property("background-color")
    assert paper == {"light": "rgba(255, 255, 255, 1)", "dark": "rgba(21, 24, 28, 1)"}[scheme]
    found = axe(browser)
    assert [(item["id"], item["nodes"][0]["html"]) for item in found["violations"]] == []
    assert "color-contrast" in {item["id"] for item in found["passes"]}


@pytest.mark.parametrize("width", [320, 390, 1200])
def test_it_fits_every_screen(browser, page, width):
    show(browser, page, width=width)
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width


def test_it_prints_on_white_whatever_the_screen_shows(browser, page):
    show(browser, page, "dark", media="print")
    body = browser.find_element(By.TAG_NAME, "body")
    assert body.value_of_css_property("background-color") == "rgba(255, 255, 255, 1)"
    assert body.value_of_css_property("color") == "rgba(28, 30, 33, 1)"
    bar = browser.find_element(By.CSS_SELECTOR, ".bar span")
    assert bar.value_of_css_property("print-color-adjust") == "exact"
    pdf = base64.b64decode(browser.execute_cdp_cmd("Page.printToPDF", {})["data"])
    assert pdf.startswith(b"%PDF")
    assert 1 <= len(re.findall(rb"/Type\s*/Page\b", pdf)) <= 5
