"""The course's checks run as nbgrader and otter run theirs: in the submission's own process.

A notebook cell calls `check("kl_by_hand")`, which runs the very function that our judge runs, on
the same inputs, against whatever `rdlab` is importable. Nothing is confined or substituted.
"""

import importlib.util
import os
import sys
import tomllib
import types
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"
ROOT = Path(__file__).resolve().parents[1]
sys.path += [str(ROOT / "tests" / name) for name in ("public", "hidden")]

import hypothesis  # noqa: E402
import torch  # noqa: E402

from support import Draw, seed_of, use_profile  # noqa: E402

COURSE = tomllib.loads((ROOT / "course.toml").read_text(encoding="utf-8"))
SALT = COURSE["course"]["salt"]
FUNCTIONS = [task["function"] for task in COURSE["task"].values() if "function" in task]

torch.set_num_threads(1)
use_profile(phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate))
hypothesis.core.global_force_seed = seed_of(SALT, "hypothesis")


def _checks() -> dict:
    """All check functions by name, without `test_`."""
    found = {}
    for file in sorted((ROOT / "tests").glob("*/test_*.py")):
        if file.parent.name in ("public", "hidden"):
            spec = importlib.util.spec_from_file_location(f"{file.parent.name}_{file.stem}", file)
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            found |= {
                name.removeprefix("test_"): value
                for name, value in vars(module).items()
                if name.startswith("test_")
            }
    return found


CHECKS = _checks()


def _student() -> types.SimpleNamespace:
    """The submission's functions; one that cannot be imported fails when it is called."""
    student = types.SimpleNamespace()
    for place in FUNCTIONS:
        module, name = place.split(":")
        setattr(student, name, getattr(importlib.import_module(module), name))
    return student


def check(name: str) -> None:
    """Run one check; raises AssertionError where it fails."""
    function = CHECKS[name]
    inner = getattr(function, "hypothesis", None)
    signature = (inner.inner_test if inner else function).__code__
    arguments = signature.co_varnames[: signature.co_argcount]
    given = {"student": _student(), "draw": Draw(SALT, f"test_{name}")}
    function(**{key: given[key] for key in arguments if key in given})
