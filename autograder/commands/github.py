"""`github`: write the GitHub workflow that grades the students' repositories."""

import argparse

from autograder import ROOT
from autograder.commands.shared import Commands, console, replace_published_salt


def add_parser(commands: Commands) -> None:
    """Add `github` to the command line."""
    parser = commands.add_parser("github", help="write .github/workflows/grade.yml")
    parser.add_argument("organisation", help="on GitHub, that has the students' repositories")
    parser.add_argument("prefix", help="what their names begin with, before the student's")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    from autograder.platforms.github import write_workflow

    target = write_workflow(ROOT, arguments.organisation, arguments.prefix)
    replace_published_salt(ROOT)
    console.print(f"written: {target}: commit all and push it to a private repository")
    console.print("and give that the secret STUDENTS_TOKEN: see docs/platforms.md")
    return 0
