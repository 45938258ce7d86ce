"""`gradescope`: pack dist/autograder.zip; in its container, grade one submission."""

import json
from pathlib import Path

from autograder import ROOT
from autograder.commands.shared import chosen_tasks, console, the_course


def add_parser(commands) -> None:
    """Add `gradescope` to the command line."""
    parser = commands.add_parser("gradescope", help="pack dist/autograder.zip")
    parser.add_argument(
        "--grade",
        type=Path,
        metavar="FOLDER",
        help="in the container: grade FOLDER/submission into FOLDER/results",
    )
    parser.add_argument("--only", action="append", default=[], metavar="TASK")
    parser.set_defaults(run=run)


def run(arguments) -> int:
    from autograder.platforms.gradescope import grade_in_container, pack_autograder
    from autograder.sandbox.sandbox import choose_tier

    course = the_course()
    if arguments.grade is None:
        target = pack_autograder(ROOT, course, ROOT / "dist" / "autograder.zip")
        console.print(f"packed: {target}")
        return 0
    tasks, tier = chosen_tasks(arguments.only, course), choose_tier("auto")
    record = grade_in_container(arguments.grade, course, tier, tasks)
    print(
        f"{record['student']}: {record['status']}, isolation: {tier}, "
        f"{record['times']['total']:.0f} s"
    )
    print(json.dumps(record, indent=1, ensure_ascii=False))
    return 0
