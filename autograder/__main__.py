"""Command line of the autograder: grade, release, validate."""

import argparse
import os
import sys
import tempfile
from collections import Counter
from pathlib import Path

# One thread each: submissions run side by side, and a forked process must not inherit threads.
os.environ["OMP_NUM_THREADS"] = "1"

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from autograder import ROOT
from autograder.course import Course, CourseError, load_course
from autograder.intake import IntakeError

console = Console()


def main(argv: list[str] | None = None) -> int:
    """Run one command; the exit code is 0, 1 (not all well) or 2 (could not be done)."""
    arguments = _parser().parse_args(argv)
    try:
        return arguments.run(arguments)
    except (CourseError, IntakeError) as error:
        print(f"error: {error}", file=sys.stderr)
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        print(f"error: {place}{error.strerror}: free it or choose another --out", file=sys.stderr)
    except KeyboardInterrupt:
        print("stopped: what was finished is kept", file=sys.stderr)
        return 130
    return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="autograder", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    grade = commands.add_parser("grade", help="grade a folder of submissions")
    grade.add_argument("submissions", type=Path, help="a folder of submissions, or one submission")
    grade.add_argument("--out", type=Path, default=ROOT / "grades", help="where results go")
    grade.add_argument("--only", action="append", default=[], metavar="TASK", help="a task's id")
    grade.set_defaults(run=_grade)
    release = commands.add_parser("release", help="make assignment/ from solution/")
    release.add_argument("--check", action="store_true", help="only say what is out of date")
    release.add_argument("--zip", action="store_true", help="also pack dist/assignment.zip")
    release.set_defaults(run=_release)
    validate = commands.add_parser("validate", help="grade the grader with known solutions")
    validate.add_argument("--only", default="", metavar="TEXT", help="cases whose name holds it")
    validate.set_defaults(run=_validate)
    for command in (grade, validate):
        command.add_argument("--isolation", default="auto",
                             choices=["auto", "bubblewrap", "user", "process"],
                             help="how student code is confined; never weaker than asked for")
        command.add_argument("--jobs", type=int, default=os.cpu_count(), help="at once")
    return parser  # fmt: skip


def _course() -> Course:
    return load_course(ROOT / "course.toml")


# grade


def _grade(arguments) -> int:
    from autograder.gradebook import print_table, write_gradebook
    from autograder.grading import grade_class
    from autograder.intake import find_submissions, stray_files
    from autograder.sandbox import choose_tier

    course = _course()
    paths = find_submissions(arguments.submissions)
    jobs = _named(paths, _chosen(arguments.only, course))
    tier = choose_tier(arguments.isolation)
    console.print(f"{len(jobs)} submissions, isolation: {tier}")
    for stray in stray_files(arguments.submissions):
        console.print(f"not a submission, left alone: {stray}")
    arguments.out.mkdir(parents=True, exist_ok=True)
    with _progress() as progress:
        bar = progress.add_task("grading", total=len(jobs))
        records = grade_class(
            jobs, arguments.out, course, tier, arguments.jobs, lambda _: progress.advance(bar)
        )
    write_gradebook(records, arguments.out / "gradebook.csv")
    print_table(records, console, arguments.out)
    console.print(f"gradebook: {arguments.out / 'gradebook.csv'}")
    return int(any(record["status"] == "not graded" for record in records))


def _named(paths: list[Path], tasks: frozenset[str]):
    """A job per submission; where two would have the same name, the later gets a number."""
    from autograder.grading import Job
    from autograder.intake import student_name

    seen: Counter = Counter()
    jobs = []
    for path in paths:
        name = student_name(path)
        seen[name.casefold()] += 1
        count = seen[name.casefold()]
        jobs.append(Job(path, name if count == 1 else f"{name} ({count})", tasks))
    return jobs


def _chosen(ids: list[str], course: Course) -> frozenset[str]:
    known = {task.id for task in course.tasks}
    for unknown in sorted(set(ids) - known):
        raise CourseError(f"there is no task {unknown!r}: course.toml has {', '.join(known)}")
    return frozenset(ids)


def _progress() -> Progress:
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    return Progress(*columns, TimeRemainingColumn(), console=console, transient=True)


# release


def _release(arguments) -> int:
    from autograder.release import check_release, pack, release

    if arguments.check:
        differences = check_release(ROOT)
        for line in differences:
            print(line, file=sys.stderr)
        return int(bool(differences))
    release(ROOT)
    console.print("assignment/ is made from solution/, tests/public/ and data/")
    if arguments.zip:
        console.print(f"packed: {pack(ROOT)}")
    return 0


# validate


def _validate(arguments) -> int:
    from autograder.sandbox import choose_tier
    from autograder.validate import grade_cases, make_cases, trouble

    course = _course()
    tier = choose_tier(arguments.isolation)
    found = []
    with tempfile.TemporaryDirectory(prefix="rdlab-validate-") as scratch, _progress() as progress:
        cases = make_cases(course, Path(scratch) / "cases")
        cases = [case for case in cases if arguments.only in f"{case.kind} {case.name}"]
        bar = progress.add_task("validating", total=len(cases))
        graded = grade_cases(cases, course, Path(scratch) / "out", tier, arguments.jobs,
                             lambda _: progress.advance(bar))  # fmt: skip
        for case, record in graded:
            found.append((case, record, trouble(case, record)))
    return _report(found, tier)


def _report(found: list, tier: str) -> int:
    from autograder.diagnosis import misconceptions
    from autograder.validate import diagnosed

    sentences = {known.name: known.sentence for known in misconceptions()}
    table = Table(title=f"validation, isolation: {tier}")
    for heading in ("kind", "cases", "as expected", "diagnosed", "seconds each"):
        table.add_column(heading)
    for kind in dict.fromkeys(case.kind for case, _, _ in found):
        rows = [row for row in found if row[0].kind == kind]
        right = sum(not troubles for _, _, troubles in rows)
        named = sum(diagnosed(record, sentences.get(case.name, "")) for case, record, _ in rows)
        seconds = sum(record["times"]["total"] for _, record, _ in rows) / len(rows)
        share = str(named) if kind == "misconception" else ""
        table.add_row(kind, str(len(rows)), str(right), share, f"{seconds:.1f}")
    console.print(table)
    wrong = [(case, line) for case, _, troubles in found for line in troubles]
    for case, line in wrong:
        console.print(f"{case.kind} {case.name}: {line}", markup=False, style="red")
    print(f"validation: {len(found) - len({c.name for c, _ in wrong})} passed, "
          f"{len({c.name for c, _ in wrong})} failed")  # fmt: skip
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
