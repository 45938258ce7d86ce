"""Command line of the autograder: grade, gradebook, release, gradescope, classroom and more."""

import argparse
import json
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
from autograder.intake.submission import IntakeError

console = Console()
CLASS_FILES = ("gradebook.csv", "report.html", "canvas.csv", "moodle.csv")
"""What lies beside the folders of the students."""


def main(argv: list[str] | None = None) -> int:
    """Run one command; the exit code is 0, 1 (not all well) or 2 (could not be done)."""
    arguments = _parser().parse_args(argv)
    try:
        return arguments.run(arguments)
    except (CourseError, IntakeError) as error:
        print(f"error: {_plain(error)}", file=sys.stderr)
    except OSError as error:
        place = f"{_plain(error.filename)}: " if error.filename else ""
        print(
            f"error: {place}{error.strerror or error}: mend this or choose another --out, and "
            "give the command again; what was finished is kept",
            file=sys.stderr,
        )
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
    grade.add_argument(
        "--fresh", action="store_true", help="grade also what was graded before and has not changed"
    )
    grade.add_argument(
        "--cluster",
        metavar="ADDRESS",
        help="of a Dask scheduler: grade on its workers (docs/scale.md)",
    )
    grade.set_defaults(run=_grade)
    gradebook = commands.add_parser(
        "gradebook", help="apply lateness and decisions to what is graded; fill in an LMS's export"
    )
    gradebook.add_argument("--lms", type=Path, metavar="CSV", help="Canvas's or Moodle's export")
    gradebook.add_argument("--assignment", default="", metavar="TITLE", help="its column in Canvas")
    gradebook.set_defaults(run=_gradebook)
    regrade = commands.add_parser("regrade", help="grade again, list the changes, then ask")
    regrade.add_argument("--only", action="append", default=[], metavar="TASK", help="a task's id")
    regrade.add_argument("--student", action="append", default=[], help="a name in the gradebook")
    regrade.add_argument("--yes", action="store_true", help="write without asking")
    regrade.set_defaults(run=_regrade)
    for command in (gradebook, regrade):
        command.add_argument("submissions", type=Path, help="the folder of submissions")
        command.add_argument("--out", type=Path, default=ROOT / "grades", help="where results are")
    release = commands.add_parser("release", help="make assignment/ from solution/")
    release.add_argument("--check", action="store_true", help="only say what is out of date")
    release.add_argument("--zip", action="store_true", help="also pack dist/assignment.zip")
    release.set_defaults(run=_release)
    gradescope = commands.add_parser("gradescope", help="pack dist/autograder.zip")
    gradescope.add_argument(
        "--grade",
        type=Path,
        metavar="FOLDER",
        help="in the container: grade FOLDER/submission into FOLDER/results",
    )
    gradescope.add_argument("--only", action="append", default=[], metavar="TASK")
    gradescope.set_defaults(run=_gradescope)
    classroom = commands.add_parser("classroom", help="write .github/workflows/grade.yml")
    classroom.add_argument("organisation", help="on GitHub, that has the students' repositories")
    classroom.add_argument("prefix", help="what their names begin with, before the student's")
    classroom.set_defaults(run=_classroom)
    nbgrader = commands.add_parser("nbgrader", help="set up a course folder for nbgrader")
    nbgrader.add_argument("course", type=Path, help="the folder; what is in it is kept")
    nbgrader.add_argument("--submissions", type=Path, help="a class folder to hand in there")
    nbgrader.add_argument("--student", help="only grade what this student has handed in there")
    nbgrader.set_defaults(run=_nbgrader)
    validate = commands.add_parser("validate", help="grade the grader with known solutions")
    validate.add_argument("--only", default="", metavar="TEXT", help="cases whose name holds it")
    validate.add_argument(
        "--salts",
        type=int,
        default=0,
        metavar="N",
        help="instead, grade the reference under N salts (--only: tasks)",
    )
    validate.add_argument(
        "--tiers",
        action="store_true",
        help="instead, run every attack in every tier that works here",
    )
    validate.set_defaults(run=_validate)
    for command in (grade, regrade, validate, nbgrader):
        command.add_argument(
            "--isolation",
            default="auto",
            choices=["auto", "bubblewrap", "user", "process"],
            help="how student code is confined; never weaker than asked for",
        )
        command.add_argument("--jobs", type=int, default=os.cpu_count(), help="at once")
    return parser


def _course() -> Course:
    return load_course(ROOT / "course.toml")


# grade


def _grade(arguments) -> int:
    from autograder.intake.submission import find_submissions, stray_files
    from autograder.reports.adjustments import ADJUSTMENTS, TIMES
    from autograder.sandbox.sandbox import choose_tier

    course = _course()
    paths = find_submissions(arguments.submissions)
    jobs = _named(paths, _chosen(arguments.only, course))
    decisions = _decisions(arguments.submissions, jobs, course)
    tier = choose_tier(arguments.isolation)
    console.print(f"{len(jobs)} submissions, isolation: {tier}")
    for stray in stray_files(arguments.submissions):
        if stray.name in (ADJUSTMENTS, TIMES):
            continue
        console.print(f"not a submission, left alone: {_plain(stray)}", markup=False)
    records, kept = _graded(jobs, course, tier, arguments)
    _publish(records, jobs, course, decisions, arguments.out)
    console.print(
        f"{len(records) - kept} graded, {kept} kept from an earlier run"
        f"{' (--fresh grades them anew)' * bool(kept)}"
    )
    return int(any(record["status"] == "not graded" for record in records))


def _graded(jobs: list, course: Course, tier: str, arguments) -> tuple[list[dict], int]:
    """The records of all jobs and how many of them were kept; a line for each that was not."""
    from autograder.reports.gradebook import line

    kept: list[str] = []
    with _progress() as progress:
        bar = progress.add_task("grading", total=len(jobs))

        def on_record(record: dict) -> None:
            console.print(line(record))
            progress.advance(bar)

        def on_kept(record: dict) -> None:
            kept.append(record["student"])
            progress.advance(bar)

        work, where = _grader(arguments)
        records = work(
            jobs,
            arguments.out,
            course,
            tier,
            where,
            on_record,
            fresh=arguments.fresh,
            on_kept=on_kept,
        )
    return records, len(kept)


def _grader(arguments) -> tuple:
    """What grades a class, and where: in so many processes, or on the cluster at an address."""
    if arguments.cluster:
        from autograder.grading.dask_grading import grade_on_cluster

        return grade_on_cluster, arguments.cluster
    from autograder.grading.grading import grade_class

    return grade_class, arguments.jobs


def _decisions(folder: Path, jobs: list, course: Course, records: list[dict] = ()):
    """What lies beside the submissions; beside a single one, that is the folder around it."""
    from autograder.intake.submission import find_submissions
    from autograder.reports.adjustments import ADJUSTMENTS, TIMES, load_decisions

    alone = folder.is_file() or (folder / "rdlab").is_dir()
    around = folder.absolute().parent
    if alone and any((around / name).is_file() for name in (ADJUSTMENTS, TIMES)):
        folder, jobs = around, _named(find_submissions(around), frozenset())
    known = {record["student"]: Path(record["submission"]["path"]) for record in records}
    return load_decisions(folder, known | {job.student: job.path for job in jobs}, course)


def _publish(records: list[dict], jobs: list, course: Course, decisions, out: Path) -> list:
    from autograder.reports.gradebook import print_table
    from autograder.reports.publish import publish

    grades = publish(records, {job.student: job.path for job in jobs}, course, decisions, out)
    print_table(grades, console, out)
    console.print(f"gradebook: {out / 'gradebook.csv'}\nclass report: {out / 'report.html'}")
    return grades


def _plain(text: object) -> str:
    """Names and messages of a submission without what a terminal would act upon."""
    return "".join(c if c.isprintable() or c == "\n" else "?" for c in str(text))


def _named(paths: list[Path], tasks: frozenset[str]):
    """A job per submission; where two would have the same name, the later gets a number.

    So does one that is called as a file of the whole class.
    """
    from autograder.grading.grading import Job
    from autograder.intake.submission import student_name

    seen: Counter = Counter(CLASS_FILES)
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


# gradebook and regrade


def _gradebook(arguments) -> int:
    from autograder.intake.submission import find_submissions
    from autograder.platforms.lms import fill_in
    from autograder.reports.gradebook import load_records

    course = _course()
    records = load_records(arguments.out)
    jobs = _named(find_submissions(arguments.submissions), frozenset())
    decisions = _decisions(arguments.submissions, jobs, course, records)
    _say_ungraded(jobs, records)
    grades = _publish(records, jobs, course, decisions, arguments.out)
    if arguments.lms:
        filled = fill_in(arguments.lms, grades, course, arguments.assignment)
        _write_filled(filled, arguments.out / f"{filled.system}.csv")
    return 0


def _say_ungraded(jobs: list, records: list[dict]) -> None:
    graded = {record["student"] for record in records}
    for job in jobs:
        if job.student not in graded:
            console.print(f"not graded yet: {_plain(job.path)}", markup=False)


def _write_filled(filled, path: Path) -> None:
    from autograder.grading.grading import write_whole

    write_whole(path, filled.text)
    console.print(f"to import into {filled.system.title()}: {path}, {filled.filled} grades")
    for student in filled.unlisted:
        console.print(f"graded, but not in that list: {student}", markup=False, style="red")


def _regrade(arguments) -> int:
    from autograder.grading.grading import grade_class
    from autograder.grading.regrade import compare, regrade_jobs
    from autograder.intake.submission import find_submissions
    from autograder.reports.gradebook import load_records
    from autograder.sandbox.sandbox import choose_tier

    course = _course()
    records = {record["student"]: record for record in load_records(arguments.out)}
    jobs = _named(find_submissions(arguments.submissions), _chosen(arguments.only, course))
    decisions = _decisions(arguments.submissions, jobs, course, list(records.values()))
    _say_ungraded(jobs, list(records.values()))
    again = _students(jobs, arguments.student, records)
    tier = choose_tier(arguments.isolation)
    console.print(f"{len(again)} submissions to grade again, isolation: {tier}")
    with tempfile.TemporaryDirectory(prefix="rdlab-regrade-") as scratch, _progress() as progress:
        bar = progress.add_task("grading", total=len(again))
        again = regrade_jobs(again, records, course)
        fresh = grade_class(
            again, Path(scratch), course, tier, arguments.jobs, lambda _: progress.advance(bar)
        )
    regrades = [compare(records[new["student"]], new, course, decisions) for new in fresh]
    if not _confirmed(regrades, arguments.yes):
        return 1
    return _write_regrades(regrades, jobs, course, decisions, arguments.out)


def _students(jobs: list, named: list[str], records: dict[str, dict]) -> list:
    """The jobs to grade again: of the students named, or of all that have a record."""
    known = {job.student.casefold() for job in jobs if job.student in records}
    for name in named:
        if name.casefold() not in known:
            raise CourseError(f"no graded submission is named {name!r}: see the gradebook")
    wanted = {name.casefold() for name in named} or known
    return [job for job in jobs if job.student in records and job.student.casefold() in wanted]


def _confirmed(regrades: list, yes: bool) -> bool:
    """Show whose score changes and why, then ask."""
    from autograder.grading.regrade import describe

    changed = [regrade for regrade in regrades if regrade.changes]
    for regrade in changed:
        for line in describe(regrade):
            console.print(line, markup=False, highlight=False)
        if regrade.lost:
            console.print("  the old record stays: the grader failed now", style="red")
    console.print(f"{len(changed)} of {len(regrades)} scores change")
    if yes:
        return True
    if not sys.stdin.isatty():
        console.print("nothing is written: add --yes to write it")
        return False
    try:
        answer = console.input("Write this? [y/N] ", markup=False)
    except EOFError:
        answer = ""
    agreed = answer.strip().lower() in ("y", "yes")
    if not agreed:
        console.print("nothing is written")
    return agreed


def _write_regrades(regrades: list, jobs: list, course: Course, decisions, out: Path) -> int:
    from datetime import datetime

    from autograder.grading.regrade import write_regrade
    from autograder.reports.gradebook import load_records

    kept = write_regrade([regrade for regrade in regrades if not regrade.lost], out, datetime.now())
    _publish(load_records(out), jobs, course, decisions, out)
    console.print(f"what was replaced: {kept}")
    return int(any(regrade.lost for regrade in regrades))


# release


def _release(arguments) -> int:
    from autograder.authoring.release import check_release, pack, release

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


# gradescope


def _gradescope(arguments) -> int:
    from autograder.platforms.gradescope import grade_in_container, pack_autograder
    from autograder.sandbox.sandbox import choose_tier

    course = _course()
    if arguments.grade is None:
        target = pack_autograder(ROOT, course, ROOT / "dist" / "autograder.zip")
        console.print(f"packed: {target}")
        return 0
    tasks, tier = _chosen(arguments.only, course), choose_tier("auto")
    record = grade_in_container(arguments.grade, course, tier, tasks)
    print(
        f"{record['student']}: {record['status']}, isolation: {tier}, "
        f"{record['times']['total']:.0f} s"
    )
    print(json.dumps(record, indent=1, ensure_ascii=False))
    return 0


# classroom


def _classroom(arguments) -> int:
    from autograder.platforms.github import write_workflow

    target = write_workflow(ROOT, arguments.organisation, arguments.prefix)
    console.print(f"written: {target}: commit and push it to a private repository")
    console.print("and give that the secret STUDENTS_TOKEN: see docs/platforms.md")
    return 0


# nbgrader


def _nbgrader(arguments) -> int:
    from autograder.platforms.nbgrader_course import NEXT_STEPS, complete_all, grade_one, set_up

    course = _course()
    if arguments.student:
        grade_one(arguments.student, arguments.course, course, arguments.isolation)
        return 0
    set_up(arguments.course, course)
    refused = _hand_in(arguments, course) if arguments.submissions else 0
    for student in complete_all(arguments.course, course):
        console.print(f"{student} has no readable report.ipynb: an empty one is in its place")
    console.print(f"{arguments.course} is ready. {NEXT_STEPS}", highlight=False, markup=False)
    return int(bool(refused))


def _hand_in(arguments, course: Course) -> int:
    """Hand in a class; returns how many submissions were refused."""
    from autograder.intake.submission import find_submissions
    from autograder.platforms.nbgrader_course import hand_in

    refused = 0
    for job in _named(find_submissions(arguments.submissions), frozenset()):
        try:
            new = hand_in(job.path, job.student, arguments.course, course)
        except IntakeError as error:
            refused += 1
            print(f"refused: {_plain(error)}", file=sys.stderr)
        else:
            console.print(f"{job.student}: {'handed in' if new else 'unchanged'}", markup=False)
    return refused


# validate


def _validate(arguments) -> int:
    from autograder.authoring.validate import grade_cases, make_cases
    from autograder.sandbox.sandbox import choose_tier

    if arguments.salts:
        return _validate_salts(arguments)
    if arguments.tiers:
        return _validate_tiers(arguments)
    course = _course()
    tier = choose_tier(arguments.isolation)
    found = []
    with tempfile.TemporaryDirectory(prefix="rdlab-validate-") as scratch, _progress() as progress:
        cases = make_cases(course, Path(scratch) / "cases")
        cases = [case for case in cases if arguments.only in f"{case.kind} {case.name}"]
        bar = progress.add_task("validating", total=len(cases))
        graded = grade_cases(
            cases,
            course,
            Path(scratch) / "out",
            tier,
            arguments.jobs,
            lambda _: progress.advance(bar),
        )
        found += graded
    return _report(found, tier, whole=not arguments.only)


def _validate_salts(arguments) -> int:
    from autograder.authoring.validate import grade_under_salts, lost_checks
    from autograder.sandbox.sandbox import choose_tier

    course, tier = _course(), choose_tier(arguments.isolation)
    with tempfile.TemporaryDirectory(prefix="rdlab-validate-") as scratch, _progress() as progress:
        bar = progress.add_task("salts", total=arguments.salts)
        records = grade_under_salts(
            course,
            arguments.salts,
            arguments.only,
            Path(scratch),
            tier,
            arguments.jobs,
            lambda _: progress.advance(bar),
        )
    lost = [(record["student"], line) for record in records for line in lost_checks(record)]
    for salt, line in lost:
        console.print(f"{salt}: {line}", markup=False, style="red")
    checks = sum(len(task["checks"]) for record in records for task in record["tasks"])
    console.print(f"{len(records)} salts, {checks} verdicts, {len(lost)} lost")
    return int(bool(lost))


def _validate_tiers(arguments) -> int:
    from autograder.authoring.validate import grade_attacks, make_cases
    from autograder.sandbox.sandbox import SandboxError, Tier, choose_tier

    course, gained = _course(), {}
    with tempfile.TemporaryDirectory(prefix="rdlab-validate-") as scratch, _progress() as progress:
        cases = make_cases(course, Path(scratch) / "cases")
        cases = [c for c in cases if c.kind == "attack" and arguments.only in f"{c.kind} {c.name}"]
        for tier in Tier if arguments.isolation == "auto" else [Tier(arguments.isolation)]:
            bar = progress.add_task(tier, total=len(cases))
            try:
                choose_tier(tier)
                if tier is Tier.PROCESS and os.geteuid() == 0:
                    raise CourseError("attacks would run as root: start this as another user")
                graded = grade_attacks(
                    cases,
                    course,
                    Path(scratch) / tier,
                    tier,
                    arguments.jobs,
                    lambda _, bar=bar: progress.advance(bar),
                )
                gained[tier] = {case.name: troubles for case, _, troubles in graded}
            except (CourseError, SandboxError) as error:
                console.print(f"the {tier} tier is left out: {error}", markup=False)
    return _report_tiers(gained, [case.name for case in cases])


def _report_tiers(gained: dict, attacks: list[str]) -> int:
    table = Table(title="what each attack gained in each tier (· nothing)")
    for heading in ("attack", *gained):
        table.add_column(heading)
    for attack in attacks:
        table.add_row(attack, *("; ".join(found[attack]) or "·" for found in gained.values()))
    console.print(table)
    confined = [found for tier, found in gained.items() if tier != "process"]
    return int(any(troubles for found in confined for troubles in found.values()))


def _report(found: list, tier: str, whole: bool) -> int:
    from autograder.authoring.validate import diagnoses, too_few_diagnosed

    told = diagnoses(found)
    table = Table(title=f"validation, isolation: {tier}")
    for heading in ("kind", "cases", "as expected", "diagnosed", "seconds each"):
        table.add_column(heading)
    for kind in dict.fromkeys(case.kind for case, _, _ in found):
        rows = [row for row in found if row[0].kind == kind]
        right = sum(not troubles for _, _, troubles in rows)
        seconds = sum(record["times"]["total"] for _, record, _ in rows) / len(rows)
        share = str(len(told.own)) if kind == "mistake" else ""
        table.add_row(kind, str(len(rows)), str(right), share, f"{seconds:.1f}")
    console.print(table)
    for name, others in told.others.items():
        line = f"{name} is told the sentence of {', '.join(others)}"
        console.print(line, markup=False, highlight=False)
    console.print(f"{len(told.others)} wrong solutions are told the sentence of another")
    wrong = [(f"{case.kind} {case.name}", line) for case, _, lines in found for line in lines]
    wrong += [("diagnosis", line) for line in (too_few_diagnosed(told) if whole else [])]
    for name, line in wrong:
        console.print(f"{name}: {line}", markup=False, style="red")
    failed = len({name for name, _ in wrong if name != "diagnosis"})
    print(f"validation: {len(found) - failed} passed, {failed} failed")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
