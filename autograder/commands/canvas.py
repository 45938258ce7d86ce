"""`canvas`: hand grades and feedback pages back by Canvas's API."""

import argparse
import os
from pathlib import Path

from autograder import ROOT
from autograder.commands.shared import (
    Commands,
    agreed,
    console,
    progress_bar,
    publish_grades,
    report_unmatched,
    the_class,
    the_course,
)
from autograder.course import CourseError
from autograder.text import plural

TOKEN = "CANVAS_TOKEN"


def add_parser(commands: Commands) -> None:
    """Add `canvas` to the command line."""
    parser = commands.add_parser("canvas", help="hand grades and feedback back by Canvas's API")
    parser.add_argument("submissions", type=Path, help="the folder of submissions")
    parser.add_argument("--url", required=True, help="of the assignment, as the browser shows it")
    parser.add_argument("--out", type=Path, default=ROOT / "grades", help="where results are")
    parser.add_argument("--yes", action="store_true", help="send without asking")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    from autograder.platforms.canvas import find_changes, hand_back
    from autograder.reports.gradebook import load_records

    token = os.environ.get(TOKEN, "")
    if not token:
        raise CourseError(
            f"{TOKEN} is not set: make a token in Canvas (Account → Settings → New access token) "
            f"and give it in the environment, as in `read -s {TOKEN}; export {TOKEN}`"
        )
    course = the_course()
    records = load_records(arguments.out)
    class_ = the_class(arguments.submissions, arguments.out, course, records)
    grades = publish_grades(records, course, class_.decisions, arguments.out)
    found = find_changes(arguments.url, token, grades, course, arguments.out)
    report_unmatched(found.unlisted, found.unclear)
    pages = sum(change.page is not None for change in found.changes)
    scores = sum(change.score is not None for change in found.changes)
    console.print(
        f"to hand back in Canvas: {plural(scores, 'grade')}, {plural(pages, 'page')}; "
        f"{plural(found.unchanged, 'student')} as before"
    )
    if found.changes and not agreed("Send this?", arguments.yes, "sent"):
        return 1
    with progress_bar() as progress:
        for change in progress.track(found.changes, description="Canvas"):
            hand_back(change, arguments.url)
    return int(bool(found.unclear or class_.decisions.problems))
