"""How the command line ends."""

import os
import subprocess
import sys
import time

import pytest

from autograder import ROOT
from autograder.judging.record import write_record
from tests.autograder.records import make_record, with_submission

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


def command(*words, **environment):
    """A command of the autograder as a shell or make gives it."""
    return subprocess.run(
        [sys.executable, "-m", "autograder", *words],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        timeout=60,
    )


def test_names_are_the_same_in_every_locale(tmp_path):
    """Files have their names in UTF-8; what is printed is in the locale's encoding."""
    archive = tmp_path / "class" / "Jörg Groß.zip"
    archive.parent.mkdir()
    archive.touch()
    record = make_record(student="Jörg Groß")
    write_record(with_submission(record, path=str(archive)), tmp_path / "grades")
    done = command(
        *("gradebook", str(archive.parent), "--out", str(tmp_path / "grades")),
        LC_ALL="C",
        PYTHONUTF8="0",
        PYTHONCOERCECLOCALE="0",
        PYTHONIOENCODING="latin-1",
    )
    printed = done.stdout.decode("latin-1")
    assert done.returncode == 0, done.stderr
    assert "Jörg Groß" in printed
    assert "not graded yet" not in printed
    assert "Jörg Groß," in (tmp_path / "grades" / "gradebook.csv").read_text(encoding="utf-8")


def test_a_long_path_is_printed_on_one_line(tmp_path):
    out = tmp_path / ("a long name " * 8).strip()
    write_record(make_record(student="ada"), out)
    (tmp_path / "class" / "ada").mkdir(parents=True)
    done = command("gradebook", str(tmp_path / "class"), "--out", str(out), COLUMNS="80")
    assert f"gradebook: {out / 'gradebook.csv'}\n" in done.stdout.decode()


@pytest.mark.parametrize(
    ("environment", "said"),
    [({}, "argument --isolation: invalid choice"), ({"MAKELEVEL": "1"}, "ISOLATION=: invalid")],
)
def test_errors_name_what_was_typed(environment, said):
    done = command("grade", "class", "--isolation", "none", **environment)
    assert done.returncode == 2
    assert said in done.stderr.decode()
