"""`new-task`: write the skeletons of a new task."""

import argparse

from autograder import ROOT
from autograder.commands.shared import Commands, console


def add_parser(commands: Commands) -> None:
    """Add `new-task` to the command line."""
    parser = commands.add_parser("new-task", help="write the skeletons of a new task")
    parser.add_argument("task", help="its id, such as 1.7")
    parser.add_argument("function", help="rdlab.module:name")
    parser.add_argument("--title", default="A new task", help="what students read")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Write the skeletons and say what comes next."""
    from autograder.authoring.new_task import new_task

    for path in new_task(ROOT, arguments.task, arguments.function, arguments.title):
        console.print(f"written: {path.relative_to(ROOT)}", markup=False)
    console.print(
        "Next: raise the points of its part in course.toml; write solution, checks and mistakes;\n"
        f"then pytest tests/public tests/hidden --task {arguments.task}, make release and\n"
        f"make validate ONLY={arguments.function.partition(':')[2]}.",
        markup=False,
    )
    return 0
