"""What all tests share: the options of the checks, the browser, a process left as it was found."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from autograder import ROOT
from autograder.course import load_course

os.environ.pop("MAKELEVEL", None)  # messages are those of the command line, also in make test
os.environ["RDLAB_PUBLISHED_SALT"] = "1"  # commands under test leave course.toml as it is

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1280,900",
)

SLOW = (
    "autograder/authoring/test_parts.py",
    "autograder/authoring/test_validate.py",
    "autograder/commands/test_instructor_page.py",
    "autograder/grading",
    "autograder/judging/test_judge.py",
    "autograder/judging/test_judge_experiments.py",
    "autograder/judging/experiments",
    "autograder/platforms/test_gradescope.py",
    "autograder/platforms/test_nbgrader.py",
    "autograder/platforms/test_workflows.py",
    "autograder/sandbox/test_sandbox.py",
    "autograder/test_checks_by_themselves.py",
    "lab/test_explorer.py",
    "lab/test_lab.py",
)
"""Files and folders of tests with a cluster, nbgrader, a container, trainings or whole gradings:
not in `make quick`, nor are tests with a browser or of an optional part's lab."""


def pytest_addoption(parser):
    group = parser.getgroup("checks", "the graded checks (tests/public, tests/hidden)")
    group.addoption(
        "--task",
        action="append",
        default=[],
        metavar="ID",
        help="only the checks of this task (1.2) or part (1); may be given more than once",
    )
    group.addoption(
        "--submission",
        default=str(ROOT / "solution"),
        metavar="FOLDER",
        help="the folder whose rdlab and runs are checked (default: solution/)",
    )


def pytest_configure(config):
    if config.rootpath != ROOT:  # pytest takes a path after a blank for a folder of tests
        raise pytest.UsageError("write --submission=FOLDER, with the equals sign")
    config.addinivalue_line("markers", "slow: left out by make quick")


@pytest.hookimpl(tryfirst=True)  # before `-m "not slow"` chooses
def pytest_collection_modifyitems(config, items):
    tests = Path(__file__).parent
    slow = {tests / name for name in SLOW}
    slow |= {path for path in (tests / "lab").iterdir() if path.is_dir()}
    for item in items:
        if "browser" in item.fixturenames or not slow.isdisjoint([item.path, *item.path.parents]):
            item.add_marker("slow")
    items.sort(key=lambda item: "slow" not in item.keywords)  # what takes longest begins first
    chosen = config.getoption("task")
    if chosen:
        left_out = [item for item in items if not _is_chosen(item, chosen)]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def _is_chosen(item, chosen: list[str]) -> bool:
    mark = item.get_closest_marker("task")
    return mark is not None and any(f"{mark.args[0]}.".startswith(f"{task}.") for task in chosen)


@pytest.fixture(scope="session")
def bundled_class(tmp_path_factory) -> Path:
    """The submissions of examples/: blaise, carl.zip, ..."""
    from autograder.authoring.bundled_class import lay_out_class

    target = tmp_path_factory.mktemp("class") / "class"
    return lay_out_class(ROOT / "examples", target, ROOT, load_course(ROOT / "course.toml"))


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    from selenium import webdriver  # here, since few tests need one

    paths = [shutil.which(name) for name in ("chromium", "chromedriver")]
    if not all(paths):
        pytest.fail("chromium or chromedriver is missing: sh tests/lab/install_chromium.sh")
    options = webdriver.ChromeOptions()
    options.binary_location = paths[0]
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options, webdriver.ChromeService(paths[1]))
    yield driver
    driver.quit()


@pytest.fixture(scope="session")
def axe():
    """What axe finds on the page that a browser shows: passes, violations, …"""
    script = ROOT / ".axe" / "axe.min.js"
    if not script.is_file():
        pytest.fail("axe is missing: sh tests/lab/install_axe.sh")
    source = script.read_text(encoding="utf-8")

    def run(driver) -> dict:
        driver.execute_script(source)
        return driver.execute_async_script(
            "const done = arguments[0]; axe.run().then(done, error => done({error: `${error}`}))"
        )

    return run


@pytest.fixture(autouse=True)
def denormals():
    """Training flushes denormals for the whole process; hypothesis needs them back."""
    yield
    if "torch" in sys.modules:
        sys.modules["torch"].set_flush_denormal(False)
