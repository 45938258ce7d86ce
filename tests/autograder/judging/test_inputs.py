"""The inputs of a check depend on salt and check alone (rule: the same grade for the same work)."""

import subprocess
import sys

from autograder import ROOT

DRAWN = """
import sys, importlib.util
sys.path[:0] = [{public!r}]
spec = importlib.util.spec_from_file_location("local", {local!r})
module = importlib.util.module_from_spec(spec)
sys.modules["local"] = module
spec.loader.exec_module(module)
from hypothesis import given, seed, settings, strategies
from support import use_profile
use_profile()


@seed(1)
@settings(max_examples=300)
@given(strategies.floats(-1e6, 1e6))
def show(value):
    print(value)


show()
"""


def drawn(local) -> str:
    """What hypothesis draws while a module of our own with these constants is loaded."""
    code = DRAWN.format(public=str(ROOT / "tests" / "public"), local=str(local))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_what_hypothesis_draws_does_not_depend_on_the_modules_loaded(tmp_path):
    (tmp_path / "none.py").write_text("")
    (tmp_path / "some.py").write_text("A = 12345.678\nB = -98765.25\n")
    assert drawn(tmp_path / "none.py") == drawn(tmp_path / "some.py")
