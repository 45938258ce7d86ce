"""Files that Python cannot read are described in one sentence, and none is executed."""

import pytest

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
    found = diagnose(file, "module.py")
    assert found is None if said is None else said in found
