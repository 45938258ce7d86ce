"""How the command line ends."""

import subprocess
import sys
import time

from autograder import ROOT

CODE = """
import atexit, time
from autograder import __main__ as command_line

class Interrupted:
    @staticmethod
    def add_parser(commands):
        commands.add_parser("stop").set_defaults(run=Interrupted.run)

    @staticmethod
    def run(arguments):
        print("what was printed before")
        raise KeyboardInterrupt

atexit.register(time.sleep, 60)
command_line.COMMANDS = (Interrupted,)
command_line.run()
"""


def test_after_ctrl_c_the_interpreter_takes_no_time_to_end():
    start = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", CODE, "stop"], cwd=ROOT, capture_output=True, text=True, timeout=50
    )
    assert time.monotonic() - start < 30
    assert (done.returncode, done.stdout) == (130, "what was printed before\n")
    assert done.stderr == "stopped: what was finished is kept\n"
