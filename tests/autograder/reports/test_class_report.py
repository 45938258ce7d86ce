"""The class report: what it says, and how it looks and prints in a real browser."""

import base64
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from selenium.webdriver.common.by import By

from autograder.judging.record import Cause, Isolation
from autograder.reports.adjustments import Decisions, Extension, Override
from autograder.reports.alike import Alike
from autograder.reports.class_report import (
    by_hand,
    distribution,
    manual_look,
    misconceptions,
    poor_items,
    render_report,
    success,
)
from autograder.reports.grades import grade_of
from autograder.reports.times import FILE_TIME, Submitted
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


def test_success_counts_every_verdict_apart():
    grades = graded(
        [
            record([task("1.1"), task("1.2")]),
            record([failing("1.1"), task("1.2", "not graded")], status="not graded"),
            record([failing("1.1", Cause.NOT_STARTED), task("1.2")]),
        ]
    )
    first, second = success(grades)
    [row] = first.checks.values()
    assert dict(row.counts) == {"passed": 1, "failed": 1, "not started": 1}
    assert row.share == pytest.approx(100 / 3)
    [row] = second.checks.values()
    assert dict(row.counts) == {"passed": 2, "not graded": 1}


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
        (one(status="refused", reason="/srv/class/ada.zip is empty"), "refused: ada.zip is empty"),
        (
            one(status="not graded", reason="OSError: full\nTraceback"),
            "OSError: full",
        ),
        (one(task("1.1"), incidents=("left a process",)), "incident: left a process"),
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
    assert any(reason in said for said in manual_look(grade))


def test_lateness_that_is_unsure_or_costs_everything_is_looked_at():
    def late(source, days):
        submitted = {"ada": Submitted(DUE + timedelta(days=days), source)}
        return manual_look(graded([record([task("1.1")], "ada")], Decisions(submitted))[0])

    assert late(FILE_TIME, 2) == ["2 days late by its file time alone: nothing taken off"]
    assert late("submissions.csv", 9) == ["9 days late, −10"]
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
    assert [(row["what"], row["found"], row["reason"]) for row in rows] == [
        ("due 2026-11-30 23:59 CET", "", "ill"),
        ("task 1.1: 0 points", "10", "copied"),
        ("whole score: 3 points", "20", "agreed"),
    ]


def answers(*passed_of_each):
    """A student per row; "1" passed, "0" failed."""
    ids = ("1.1", "1.2", "2.1")
    return graded(
        [
            record([task(id) if c == "1" else failing(id) for id, c in zip(ids, row, strict=True)])
            for row in passed_of_each
        ]
    )


def test_items_that_all_pass_or_all_fail_tell_nothing():
    found = {item["name"]: item["why"] for item in poor_items(answers("101", "100", "101"))}
    assert found == {"check_1.1": "all pass", "check_1.2": "all fail"}
    assert poor_items(answers("101", "000", "010")) == [], "who started nothing does not count"


def test_an_item_that_the_weak_pass_as_often_tells_little():
    rows = ["110", "110", "110", "110", "110", "001", "001", "001", "001", "001"]
    found = {item["name"]: item["why"] for item in poor_items(answers(*rows))}
    assert found["check_2.1"] == "hardly tells strong from weak (r = -1.00)"
    assert not poor_items(answers(*rows[:2], *rows[-2:])), "four say nothing about a correlation"


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
    similar = [Alike("rdlab/probe.py", {"ada": "lines 3–9", EVIL: "line 7"}, 0.81, 240)]
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(render_report(graded(records, decisions), similar), encoding="utf-8")
    return path


def test_it_needs_nothing_beside_it_and_runs_nothing(page):
    text = page.read_text()
    assert "<script" not in text
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
    assert "hal\n" in text["Manual look"]
    assert "refused.zip is empty" in text["Manual look"]
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
