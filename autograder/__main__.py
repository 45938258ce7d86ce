"""Command line of the autograder: builds the parser and runs one command."""

import argparse
import os
import re
import sys
from typing import NoReturn

# One thread each: submissions run side by side, and a forked process must not inherit threads.
os.environ["OMP_NUM_THREADS"] = "1"

from autograder.commands import (
    canvas,
    github,
    grade,
    gradebook,
    gradescope,
    nbgrader,
    new_task,
    regrade,
    release,
    validate,
)
from autograder.course import CourseError
from autograder.intake.submission import IntakeError
from autograder.text import option, printable, write_anything

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it."""
COMMANDS = (
    grade,
    gradebook,
    regrade,
    canvas,
    release,
    gradescope,
    github,
    nbgrader,
    validate,
    new_task,
)


def main(argv: list[str] | None = None) -> int:
    """Run one command; return the exit code: 0, 1 (not all well) or 2 (could not be done)."""
    write_anything()
    arguments = build_parser().parse_args(argv)
    try:
        return int(arguments.run(arguments))
    except (CourseError, IntakeError) as error:
        print("error:", printable(error, keep="\n"), file=sys.stderr)
    except OSError as error:
        place = f"{printable(error.filename)}: " if error.filename else ""
        print(
            f"error: {place}{error.strerror or error}: fix this or choose another "
            f"{option('--out')}, and give the command again; what was finished is kept",
            file=sys.stderr,
        )
    except KeyboardInterrupt:
        print("stopped: what was finished is kept", file=sys.stderr)
        return INTERRUPTED
    return 2


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands; each sets `run`, a function of the parsed arguments."""
    parser = _Parser(prog="autograder", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.add_parser(commands)
    return parser


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Say what is wrong, to users of make in its words."""
        if "MAKELEVEL" not in os.environ:
            super().error(message)
        words = re.sub(r"(?:argument )?(--[a-z]+)", lambda found: option(found[1]), message)
        self.exit(2, f"error: {words}\n")


def _restart_in_utf8() -> None:
    """Start again where the locale has another encoding: names of files are UTF-8 everywhere.

    Else students would have other names on another machine. What is printed stays in the locale's.
    """
    if sys.getfilesystemencoding() != "utf-8":
        os.environ.setdefault("PYTHONIOENCODING", sys.stdout.encoding)
        os.environ["PYTHONUTF8"] = "1"
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


def run() -> NoReturn:
    """Run the command and end the process, after Ctrl-C without the interpreter's own end.

    That takes seconds where torch is imported; all that must be put away is by then.
    """
    _restart_in_utf8()
    code = main()
    if code == INTERRUPTED:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


if __name__ == "__main__":
    run()
