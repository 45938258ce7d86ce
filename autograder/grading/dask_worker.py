"""What a worker of a cluster does: it grades one submission in an autograder of its own.

A Dask worker imports this file and calls `grade_packed`. That runs this file as a program, which
imports torch and the checks, so that the worker itself stays small, and dies with it.
"""

import io
import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

from autograder import ROOT


def grade_packed(packed: bytes) -> bytes:
    """Grade one submission; gives the record as JSON.

    Raises:
        RuntimeError: it cannot be graded here; the message is one sentence.
    """
    command = [sys.executable, "-m", "autograder.grading.dask_worker"]
    done = subprocess.run(command, cwd=ROOT, input=packed, capture_output=True, check=False)
    if done.returncode:
        words = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise RuntimeError(
            f"the worker on {os.uname().nodename} cannot grade: "
            f"{(words or [f'code {done.returncode}'])[0]}"
        )
    return done.stdout


def main() -> None:
    """Grade what comes on standard input, and write its record to standard output."""
    os.environ["OMP_NUM_THREADS"] = "1"
    from autograder import typed_json
    from autograder.course import load_course
    from autograder.grading.cache_key import cache_inputs
    from autograder.grading.grading import die_with_parent, grade
    from autograder.grading.job import Job
    from autograder.intake.submission import Intake
    from autograder.judging.record import to_text
    from autograder.sandbox.sandbox import choose_tier

    die_with_parent()
    with tarfile.open(fileobj=io.BytesIO(sys.stdin.buffer.read())) as archive:
        settings = json.loads(_content(archive, "job.json"))
        job = Job(Path(settings["path"]), settings["student"], frozenset(settings["tasks"]))
        course = load_course(ROOT / "course.toml")
        tier = choose_tier(settings["tier"])
        refuse_other(settings["cache_inputs"], cache_inputs(course, tier, job.tasks))

        def take_in(folder: Path) -> Intake:
            archive.extractall(folder.parent, filter="data")
            return typed_json.from_json(Intake, settings["intake"])

        record = grade(job, course, tier, take_in)
    sys.stdout.buffer.write(to_text(record).encode("utf-8", "backslashreplace"))


def _content(archive: tarfile.TarFile, name: str) -> bytes:
    file = archive.extractfile(name)
    if file is None:
        raise ValueError(f"{name} is no ordinary file")
    return file.read()


def refuse_other(theirs: dict[str, str], ours: dict[str, str]) -> None:
    """Raise CourseError where a grade here would not be made of the same as at the sender."""
    from autograder.course import CourseError

    different = [name for name in theirs if theirs[name] != ours.get(name)]
    if different:
        raise CourseError(
            f"its {', '.join(different)} differ from those of the machine that sends: give both "
            "the same repository and the versions of requirements.lock"
        )


if __name__ == "__main__":
    from autograder.course import CourseError

    try:
        main()
    except CourseError as error:
        sys.exit(str(error))
