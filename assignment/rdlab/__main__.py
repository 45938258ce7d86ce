"""The command line: python -m rdlab COMMAND. Given code."""

import argparse
import sys

from rdlab.lab.commands import add_commands
from rdlab.lab.console import write_anything
from rdlab.lab.errors import LabError, not_done, not_installed


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands; each sets `run`, a function of the parsed arguments."""
    parser = argparse.ArgumentParser(prog="python -m rdlab", description="The lab's commands.")
    add_commands(parser.add_subparsers(dest="command", required=True, metavar="COMMAND"))
    return parser


def main(argv: list[str] | None = None) -> int:
    """Run one command and return the exit code: 0 done, 2 an error, 130 interrupted."""
    write_anything()
    try:
        arguments = build_parser().parse_args(argv)
        return arguments.run(arguments)
    except LabError as error:
        message = str(error)
    except NotImplementedError as error:
        message = str(not_done(error))
    except ModuleNotFoundError as error:
        message = str(not_installed(error))
    except OSError as error:
        message = f"{error}."
    except KeyboardInterrupt:
        print("\ninterrupted: what is finished is kept; give the command again to go on.")
        return 130
    print(f"error: {message}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
