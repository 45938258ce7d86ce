"""Files that Python cannot read are described in one sentence, and none is executed."""

import json
import subprocess
import sys

import pytest

from autograder import ROOT
from autograder.intake.syntax import DIAGNOSED_BYTES, diagnose


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"x = 1\n", None),
        (b"\xef\xbb\xbfx = 1\n", None),
        (b"import os\nos._exit(3)\n", None),
        (b"def f(:\n", "line 1: invalid syntax"),
        (b"x = 1\nif x\n", "line 2: expected ':'"),
        ("x = 'ä'\n".encode("latin-1"), "is not UTF-8: save it as UTF-8"),
        (b"# coding: latin-1\nx = 1\n", "is declared as iso-8859-1: save it as UTF-8"),
        (b"# coding: none-such\nx = 1\n", "is not UTF-8: save it as UTF-8"),
        (b"x = 1\0\n", "null bytes"),
        (b"(" * 3000 + b")" * 3000, "too many nested parentheses"),
        (b"x = " + b"-" * 50_000 + b"1", "is nested too deeply for Python to read: simplify it"),
        (b"(" * DIAGNOSED_BYTES, None),
    ],
)
def test_what_is_said_of_a_file(tmp_path, content, said):
    file = tmp_path / "module.py"
    file.write_bytes(content)
    found = diagnose(str(file))
    assert found is None if said is None else said in found


def test_as_a_program_it_answers_a_line_per_file(tmp_path):
    (tmp_path / "good.py").write_text("x = 1\n")
    (tmp_path / "bad.py").write_text("x = \n")
    command = [sys.executable, str(ROOT / "autograder/intake/syntax.py"), "good.py", "bad.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    good, bad = map(json.loads, done.stdout.splitlines())
    assert good is None
    assert bad == "bad.py line 1: invalid syntax"
