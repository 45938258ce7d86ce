"""A page of the lab, opened in the browser that all tests share."""

import json
from pathlib import Path

import pytest
from selenium.webdriver.support.ui import WebDriverWait

READY = """return "ready" in document.body.dataset
|| (document.getElementById("trouble") ?? {hidden: true}).hidden === false"""


@pytest.fixture
def visit(browser):
    """Open a page; after the test, it has complained of nothing and asked for no other address."""
    pages = set()

    def open_page(path: Path):
        pages.add(path.as_uri())
        browser.get(path.as_uri())
        WebDriverWait(browser, 90).until(lambda driver: driver.execute_script(READY))
        return browser

    for log in ("browser", "performance"):
        browser.get_log(log)
    yield open_page
    assert complaints(browser) == []
    requests = list(requested(browser, pages))
    assert pages <= set(requests)
    assert [url for url in requests if url not in pages and not url.startswith("data:")] == []


def complaints(browser) -> list[dict]:
    """What is in the console, but for the renderer's advice on how these tests read canvases."""
    advice = ("willReadFrequently", "will-read-frequently")
    rows = browser.get_log("browser")
    return [row for row in rows if not any(words in row["message"] for words in advice)]


def requested(browser, pages: set[str]):
    """Addresses that these pages asked for: the browser's own first page asks for others."""
    for row in browser.get_log("performance"):
        message = json.loads(row["message"])["message"]
        sent = message["method"] == "Network.requestWillBeSent"
        if sent and message["params"]["documentURL"] in pages:
            yield message["params"]["request"]["url"]
