"""The GitHub workflow that grades the students' repositories from this one."""

import re
from pathlib import Path

from autograder.course import CourseError
from autograder.files import write_whole

TEMPLATE = Path(__file__).parent / "templates" / "github.yml"
NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
USAGE = "make github ORGANISATION=our-course PREFIX=vae-lab"


def write_workflow(root: Path, organisation: str, prefix: str) -> Path:
    """Write .github/workflows/grade.yml for repositories named organisation/prefix-student.

    Raises:
        CourseError: one of the names cannot be a name on GitHub.
    """
    for what, name in (("ORGANISATION", organisation), ("PREFIX", prefix)):
        if not NAME.fullmatch(name):
            raise CourseError(f"{what} {name!r} is no name on GitHub: write {USAGE}")
    text = TEMPLATE.read_text(encoding="utf-8")
    text = text.replace("@ORGANISATION@", organisation).replace("@PREFIX@", prefix)
    target = root / ".github" / "workflows" / "grade.yml"
    target.parent.mkdir(parents=True, exist_ok=True)
    write_whole(target, text)
    return target
