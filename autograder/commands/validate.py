"""`validate`: try the checks on right and wrong solutions and on attacks."""

import argparse
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from rich.progress import TaskID
from rich.table import Table

from autograder.commands.shared import Commands, add_isolation, console, progress_bar, the_course
from autograder.course import Course, CourseError

if TYPE_CHECKING:  # the rest of the command line needs no torch
    from autograder.authoring.validate import Case, Graded


def add_parser(commands: Commands) -> None:
    """Add `validate` to the command line."""
    parser = commands.add_parser(
        "validate", help="try the checks on right, wrong and hostile submissions"
    )
    parser.add_argument("--only", default="", metavar="TEXT", help="cases whose name holds it")
    parser.add_argument(
        "--thorough",
        action="store_true",
        help="each known mistake beside all later tasks that use it, not beside one in four",
    )
    parser.add_argument(
        "--salts",
        type=int,
        default=0,
        metavar="N",
        help="instead, grade the reference under N salts (--only: tasks)",
    )
    parser.add_argument(
        "--tiers",
        action="store_true",
        help="instead, run every attack in every tier that works here",
    )
    parser.add_argument(
        "--trivial",
        action="store_true",
        help="instead, say what constants and returned arguments earn",
    )
    add_isolation(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    from autograder.authoring.validate import grade_cases
    from autograder.judging.judge import share_checks
    from autograder.sandbox.sandbox import choose_tier

    if arguments.salts:
        return _validate_salts(arguments)
    if arguments.tiers:
        return _validate_tiers(arguments)
    if arguments.trivial:
        return _validate_trivial(arguments)
    course = the_course(every_part=True)
    tier = choose_tier(arguments.isolation)
    with (
        tempfile.TemporaryDirectory(prefix="rdlab-validate-") as scratch,
        progress_bar() as progress,
    ):
        cases = _chosen(course, Path(scratch) / "cases", arguments.only, arguments.thorough)
        bar = progress.add_task("validating", total=len(cases))
        graded = grade_cases(
            cases,
            course,
            Path(scratch) / "out",
            tier,
            arguments.jobs,
            lambda _: progress.advance(bar),
        )
        found: list[Graded] = share_checks(course, partial(list, graded))
    return _report(found, tier, whole=not arguments.only)


def _chosen(
    course: Course, folder: Path, only: str, thorough: bool, kind: str = ""
) -> list["Case"]:
    """Lay out the cases, of one kind or of all, whose kind and name hold `only`.

    Raises:
        CourseError: there is none.
    """
    from autograder.authoring.validate import make_cases

    chosen = make_cases(
        course,
        folder,
        lambda own, name: kind in ("", own) and only in f"{own} {name}",
        thorough,
    )
    if not chosen:
        raise CourseError(
            f"no {kind or 'case'} is named {only!r}: give a part of a name, such as "
            "ONLY=gaussian_kl or ONLY='right loss_module'"
        )
    return chosen


def _validate_salts(arguments: argparse.Namespace) -> int:
    from autograder.authoring.validate import grade_under_salts, lost_checks
    from autograder.sandbox.sandbox import choose_tier

    course, tier = the_course(every_part=True), choose_tier(arguments.isolation)
    with (
        tempfile.TemporaryDirectory(prefix="rdlab-validate-") as scratch,
        progress_bar() as progress,
    ):
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
    lost = [(record.student, line) for record in records for line in lost_checks(record)]
    for salt, line in lost:
        console.print(f"{salt}: {line}", markup=False, style="red")
    checks = sum(len(list(record.checks())) for record in records)
    console.print(f"{len(records)} salts, {checks} verdicts, {len(lost)} lost")
    return int(bool(lost))


def _validate_trivial(arguments: argparse.Namespace) -> int:
    from autograder.authoring.trivial import ANSWERS, as_markdown, earning_too_much, grade_trivial
    from autograder.sandbox.sandbox import choose_tier

    course, tier = the_course(every_part=True), choose_tier(arguments.isolation)
    with (
        tempfile.TemporaryDirectory(prefix="rdlab-validate-") as scratch,
        progress_bar() as progress,
    ):
        bar = progress.add_task("trivial answers", total=len(ANSWERS))
        earned = grade_trivial(
            course, Path(scratch), tier, arguments.jobs, lambda _: progress.advance(bar)
        )
    print(as_markdown(course, earned))
    too_much = earning_too_much(course, earned)
    for line in too_much:
        console.print(line, markup=False, style="red")
    return int(bool(too_much))


def _validate_tiers(arguments: argparse.Namespace) -> int:
    from autograder.authoring.validate import grade_attacks
    from autograder.judging.judge import share_checks
    from autograder.sandbox.sandbox import SandboxError, Tier, choose_tier

    course = the_course(every_part=True)
    gained: dict[str, dict[str, list[str]]] = {}
    with (
        tempfile.TemporaryDirectory(prefix="rdlab-validate-") as scratch,
        progress_bar() as progress,
    ):
        cases = _chosen(course, Path(scratch) / "cases", arguments.only, True, "attack")
        for tier in Tier if arguments.isolation == "auto" else [Tier(arguments.isolation)]:
            bar = progress.add_task(tier, total=len(cases))

            def advance(_: object, bar: TaskID = bar) -> None:
                progress.advance(bar)

            try:
                choose_tier(tier)
                graded = grade_attacks(
                    cases, course, Path(scratch) / tier, tier, arguments.jobs, advance
                )
                rows: list[Graded] = share_checks(course, partial(list, graded))
                gained[tier] = {case.name: troubles for case, _, troubles in rows}
            except (CourseError, SandboxError) as error:
                console.print(f"the {tier} tier is left out: {error}", markup=False)
    return _report_tiers(gained, [case.name for case in cases])


def _report_tiers(gained: dict[str, dict[str, list[str]]], attacks: list[str]) -> int:
    table = Table(title="what each attack gained in each tier (· nothing)")
    for heading in ("attack", *gained):
        table.add_column(heading)
    for attack in attacks:
        table.add_row(attack, *("; ".join(found[attack]) or "·" for found in gained.values()))
    console.print(table, soft_wrap=False)
    confined = [found for tier, found in gained.items() if tier != "process"]
    return int(any(troubles for found in confined for troubles in found.values()))


def _report(found: list["Graded"], tier: str, whole: bool) -> int:
    from autograder.authoring.validate import is_diagnosed, too_few_diagnosed

    diagnosed = sum(is_diagnosed(case, record) for case, record, _ in found)
    _print_table(found, tier, diagnosed)
    wrong = [(f"{case.kind} {case.name}", line) for case, _, lines in found for line in lines]
    failed = len({name for name, _ in wrong})
    wrong += [("diagnosis", line) for line in (too_few_diagnosed(diagnosed) if whole else [])]
    for name, line in wrong:
        console.print(f"{name}: {line}", markup=False, style="red")
    print(f"validation: {len(found) - failed} passed, {failed} failed")
    return int(bool(wrong))


def _print_table(found: list["Graded"], tier: str, diagnosed: int) -> None:
    table = Table(title=f"validation, isolation: {tier}")
    for heading in ("kind", "cases", "as expected", "diagnosed", "seconds each"):
        table.add_column(heading)
    for kind in dict.fromkeys(case.kind for case, _, _ in found):
        rows = [row for row in found if row[0].kind == kind]
        right = sum(not troubles for _, _, troubles in rows)
        seconds = sum(record.times["total"] for _, record, _ in rows) / len(rows)
        share = str(diagnosed) if kind == "mistake" else ""
        table.add_row(kind, str(len(rows)), str(right), share, f"{seconds:.1f}")
    console.print(table, soft_wrap=False)
