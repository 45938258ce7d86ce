"""What a record is made of: made of the same again, it would be the same but for times."""

import hashlib
import json
from collections.abc import Collection
from functools import cache

from autograder import ROOT
from autograder.course import Course
from autograder.intake.submission import Intake
from autograder.judging.score import versions

SOURCES = {
    "autograder": ("autograder/**/*.py", "autograder/**/templates/*"),
    "checks": ("tests/public/*.py", "tests/hidden/*.py"),
    "known mistakes": ("tests/wrong/*.py",),
    "reference": ("solution/rdlab/**/*.py",),
    "test images": ("data/t10k-images*",),
}


def ingredients(course: Course, tier: str, tasks: Collection[str]) -> dict[str, str]:
    """All that a grade depends on but the submission: course, code, versions and options."""
    return {
        **versions(),
        **{name: _digest(patterns) for name, patterns in SOURCES.items()},
        "course.toml": hashlib.sha256(repr(course).encode()).hexdigest(),
        "isolation": str(tier),
        "tasks": " ".join(sorted(tasks)) or "all",
    }


def identity(made_of: dict[str, str], intake: Intake) -> str:
    """A digest of the ingredients and of one submission, the same for folder and archive."""
    submission = [intake.sha256, intake.left_out, intake.notes]
    text = json.dumps([made_of, submission], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def _digest(patterns: tuple[str, ...]) -> str:
    digest = hashlib.sha256()
    files = {file for pattern in patterns for file in ROOT.glob(pattern) if file.is_file()}
    for file in sorted(files):
        content = hashlib.sha256(file.read_bytes()).digest()
        digest.update(f"{file.relative_to(ROOT)}\0".encode() + content)
    return digest.hexdigest()
