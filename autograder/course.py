"""The course as course.toml and the checks in tests/ describe it, validated once.

A part is a switch: `[course] parts` names those that are on. All parts are validated, always;
`Course.parts` and `Course.tasks` are those that are on.
"""

import json
import math
import re
from collections.abc import Collection, Iterable
from dataclasses import MISSING, dataclass, field, fields, replace
from datetime import date, datetime, time
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from autograder.checks import FoundCheck, find_checks
from autograder.experiments import Experiment, experiments
from autograder.fields import (
    NON_NEGATIVE,
    NON_NEGATIVE_INT,
    POSITIVE,
    POSITIVE_INT,
    CourseError,
    check_fields,
    read_toml,
)


@dataclass(frozen=True)
class Check:
    """One graded check; `name` is that of its function without `test_`."""

    name: str
    task: str
    points: float
    hint: str
    visibility: str
    """"public" or "hidden"."""
    title: str = ""
    """First line of the docstring; students see it, also for hidden checks."""
    file: str = ""
    """Where its function stands, from the repository's root: "tests/hidden/test_gaussian.py"."""


@dataclass(frozen=True)
class Task:
    """One task; that of an experiment has "" for function, module, name."""

    id: str
    title: str
    function: str
    """As in course.toml: "rdlab.gaussian:gaussian_kl"."""
    module: str
    name: str
    points: float
    uses: tuple[str, ...]
    """Ids of earlier tasks whose functions this one may call: the reference answers for them."""
    trust_when_passed: bool
    """It calls them thousands of times: once their checks have passed, the student's own answer."""
    checks: tuple[Check, ...]
    writes: str = ""
    """The class that students write, where the function itself is given and only runs it."""
    experiment: str = ""
    """The name of what its checks judge, in place of a function: see autograder/experiments.py."""

    @property
    def written(self) -> str:
        """The name of what students write: the class, or else the function itself."""
        return self.writes or self.name

    @property
    def part(self) -> int:
        """The number of the part: 1 for task 1.2."""
        return int(self.id.partition(".")[0])


@dataclass(frozen=True)
class Part:
    """One part; see course.toml for each."""

    number: int
    title: str
    points: float
    name: str = ""
    commands: tuple[str, ...] = ()
    optional: bool = False

    def owns(self, stem: str) -> bool:
        """Return whether a file or folder of this name without suffix (HANDOUT_geometry) is its.

        A part's own files are called by its name, alone or at the end.
        """
        return stem == self.name or stem.endswith(f"_{self.name}")


@dataclass(frozen=True)
class Limits:
    """What a submission may use; see course.toml for each."""

    check_cpu_s: float
    check_wall_s: float
    memory_mb: int
    processes: int
    submission_mb: float
    submission_files: int
    submission_cpu_s: float = math.inf
    submission_wall_s: float = math.inf


@dataclass(frozen=True)
class Late:
    """What lateness costs; see course.toml for each."""

    due: datetime
    """With its offset from UTC."""
    timezone: ZoneInfo
    """Of every time of the course that is written without an offset."""
    percent_per_day: float
    grace_minutes: float = 0
    cap_percent: float = 100
    days: float | None = None
    slip_days: int = 0


@dataclass(frozen=True)
class Gradescope:
    """The settings of the assignment there that grading has to know."""

    minutes: float = 10
    """After which Gradescope ends a grading and gives 0; 10 unless changed there."""
    hidden_checks: str = "after_published"
    """When students see the hidden checks, in Gradescope's words."""


ATTEMPTS = ("last", "last_in_time", "best")
REFUSED = ("no_score", "zero")
HIDDEN_DIAGNOSES = ("always", "after_due_date")


@dataclass(frozen=True)
class Submissions:
    """How submissions count; see course.toml for each."""

    attempts: str = "last"
    """Which of several of one student counts."""
    groups: bool = False
    """Whether the submission of one member of a group is that of all."""
    maximum: float | None = None
    """The most a final score may be; None for all points, which bonus points then reach at most."""
    refused: str = "no_score"
    """What a submission that cannot be read is worth."""
    hidden_diagnoses: str = "always"
    """When students are told which known mistake a hidden check has met."""


PUBLISHED_SALT = "change-me-before-the-course-starts"
"""What course.toml is published with: whoever knows it can compute the hidden inputs."""


@dataclass(frozen=True)
class RegradeRequests:
    """How students ask for a regrade; see course.toml for each."""

    mail: str = ""
    """Where the feedback page sends requests; "" where they are handed in as files."""
    until: datetime | None = None


VISIBILITIES = ("visible", "after_due_date", "after_published", "hidden")


@dataclass(frozen=True)
class Course:
    title: str
    points: float
    """The sum over the parts that are on."""
    salt: str
    limits: Limits
    parts: tuple[Part, ...]
    tasks: tuple[Task, ...]
    late: Late | None = None
    """None where nothing is ever late."""
    gradescope: Gradescope = Gradescope()
    submissions: Submissions = Submissions()
    leaderboard: bool = False
    """Whether there is one, under pseudonyms."""
    regrade_requests: RegradeRequests | None = None
    """None where the feedback page has no form for them."""
    earlier: str = field(default="", repr=False)  # no grade depends on it
    """A folder with submissions of earlier terms, for similar passages; "" where there is none."""
    parts_off: tuple[Part, ...] = field(default=(), repr=False)
    tasks_off: tuple[Task, ...] = field(default=(), repr=False)
    """Tasks of parts that are off: their reference still answers for those that use them."""

    @cached_property
    def all_tasks(self) -> tuple[Task, ...]:
        """Tasks of parts that are on or off, in the order of course.toml."""
        return tuple(sorted((*self.tasks, *self.tasks_off), key=_order))


def _order(task: Task) -> tuple[int, ...]:
    return tuple(map(int, task.id.split(".")))


def load_course(
    path: Path, parts: Collection[int] | None = None, *, every_part: bool = False
) -> Course:
    """Read course.toml, and beside it tests/ for the checks and solution/ for the functions.

    Args:
        path: of course.toml.
        parts: numbers of the parts that are on, in place of those that course.toml names.
        every_part: all parts are on.

    Raises:
        CourseError: the first thing that is wrong, in any part, with what to do about it.
    """
    table = read_toml(path)
    required = {"course": dict, "limits": dict, "part": list, "task": dict}
    optional = {"late": dict, "gradescope": dict, "submissions": dict, "regrade_requests": dict}
    check_fields(table, path.name, required, optional)
    course = table["course"]
    asked = {"title": str, "parts": list, "salt": str}
    check_fields(course, f"{path.name} [course]", asked, {"earlier": str, "leaderboard": bool})
    found = find_checks(path.parent / "tests")
    every = Course(
        title=course["title"],
        points=math.inf,
        salt=course["salt"],
        earlier=course.get("earlier", ""),
        limits=_limits(path.name, table["limits"]),
        parts=tuple(_part(path.name, entry) for entry in table["part"]),
        tasks=tuple(_task(path.name, key, entry, found) for key, entry in table["task"].items()),
        late=_late(path.name, table["late"]) if "late" in table else None,
        gradescope=_gradescope(path.name, table.get("gradescope", {})),
        submissions=_submissions(path.name, table.get("submissions", {})),
        regrade_requests=_regrade_requests(path.name, table),
        leaderboard=course.get("leaderboard", False),
    )
    _validate(path, every, found)
    chosen = course["parts"] if parts is None else list(parts)
    return _switched(every, every.parts if every_part else _on(path.name, every, chosen))


def _validate(path: Path, every: Course, found: dict[str, FoundCheck]) -> None:
    if every.submissions.hidden_diagnoses == "after_due_date" and every.late is None:
        raise CourseError(
            f"{path.name} [submissions]: hidden_diagnoses waits for a due date: write [late]"
        )
    _validate_parts(path.name, every)
    _validate_tasks(path, every)
    _validate_owners(path.name, every)
    _validate_checks(path, every, found)
    _validate_points(path.name, every)


def _on(file: str, course: Course, chosen: list) -> tuple[Part, ...]:
    """Return the parts of these numbers, in the course's order."""
    known = [part.number for part in course.parts]
    for number in chosen:
        if number not in known or isinstance(number, bool):
            raise CourseError(
                f"{file} [course]: parts names {number!r}, which is no [[part]]: there are "
                + ", ".join(map(str, known))
            )
    if not chosen or len(set(chosen)) < len(chosen):
        raise CourseError(
            f"{file} [course]: parts names each part that is on, once, and at least one"
        )
    return tuple(part for part in course.parts if part.number in chosen)


def _switched(course: Course, on: tuple[Part, ...]) -> Course:
    """Return the course with only these parts on."""
    numbers = {part.number for part in on}
    return replace(
        course,
        points=sum(part.points for part in on),
        parts=on,
        tasks=tuple(sorted((t for t in course.tasks if t.part in numbers), key=_order)),
        parts_off=tuple(part for part in course.parts if part not in on),
        tasks_off=tuple(task for task in course.tasks if task.part not in numbers),
    )


def public_part(course: Course) -> str:
    """Return the students' tasks.toml: titles, functions, points, public checks, nothing hidden."""
    lines = ["# Made by `make release` from course.toml.", "[course]"]
    lines += [f"title = {_quote(course.title)}", f"points = {course.points}"]
    for task in course.tasks:
        lines += ["", f'[task."{task.id}"]', f"title = {_quote(task.title)}"]
        if task.function:
            lines.append(f"function = {_quote(task.function)}")
        if task.writes:
            lines.append(f"writes = {_quote(task.writes)}")
        if task.experiment:
            lines.append(f"experiment = {_quote(task.experiment)}")
        lines += [f"points = {task.points}", f'[task."{task.id}".checks]']
        public = [check for check in task.checks if check.visibility == "public"]
        lines += [f"{check.name} = {{ points = {check.points} }}" for check in public]
    lines += ["", "[submission]", f"megabytes = {course.limits.submission_mb}"]
    for name in (task.experiment for task in course.tasks if task.experiment):
        lines += ["", f"[experiment.{name}]", *_experiment_lines(experiments()[name])]
    return "\n".join(lines) + "\n"


def _experiment_lines(experiment: Experiment) -> list[str]:
    values: dict[str, str | list[str]] = {
        "folder": experiment.folder,
        "files": list(experiment.files),
        "runs": list(experiment.runs),
        "top_files": list(experiment.top_files),
    }
    return [f"{key} = {_quote(value)}" for key, value in values.items()]


def _quote(value: str | list[str]) -> str:
    return json.dumps(value, ensure_ascii=False)


def _limits(file: str, table: dict) -> Limits:
    where = f"{file} [limits]"
    kinds = {field: POSITIVE_INT if field.type is int else POSITIVE for field in fields(Limits)}
    required = {field.name: kind for field, kind in kinds.items() if field.default is MISSING}
    optional = {field.name: kind for field, kind in kinds.items() if field.name not in required}
    check_fields(table, where, required, optional)
    return Limits(**table)


def _late(file: str, table: dict) -> Late:
    where = f"{file} [late]"
    optional = {"grace_minutes": NON_NEGATIVE, "slip_days": NON_NEGATIVE_INT}
    optional |= {"cap_percent": POSITIVE, "days": POSITIVE}
    required = {"due": date, "timezone": str, "percent_per_day": POSITIVE}
    check_fields(table, where, required, optional)
    for key in ("percent_per_day", "cap_percent"):
        if table.get(key, 0) > 100:
            raise CourseError(f"{where}: {key} must be at most 100, not {table[key]!r}")
    try:
        timezone = ZoneInfo(table["timezone"])
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise CourseError(
            f"{where}: there is no time zone {table['timezone']!r}: write one as in Europe/Berlin"
        ) from None
    return Late(**table | {"due": in_zone(table["due"], timezone), "timezone": timezone})


def in_zone(moment: date, timezone: ZoneInfo) -> datetime:
    """Return the moment with an offset from UTC: its own, or else that of the course's time zone.

    A day without a time is meant to its end, 23:59.
    """
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time(23, 59))
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone)


def _gradescope(file: str, table: dict) -> Gradescope:
    where = f"{file} [gradescope]"
    check_fields(table, where, {}, {"minutes": POSITIVE, "hidden_checks": str})
    settings = Gradescope(**table)
    _one_of(where, "hidden_checks", settings.hidden_checks, VISIBILITIES)
    return settings


def _submissions(file: str, table: dict) -> Submissions:
    where = f"{file} [submissions]"
    optional = {"attempts": str, "refused": str, "hidden_diagnoses": str}
    check_fields(table, where, {}, {**optional, "maximum": POSITIVE, "groups": bool})
    settings = Submissions(**table)
    _one_of(where, "attempts", settings.attempts, ATTEMPTS)
    _one_of(where, "refused", settings.refused, REFUSED)
    _one_of(where, "hidden_diagnoses", settings.hidden_diagnoses, HIDDEN_DIAGNOSES)
    return settings


def _regrade_requests(file: str, course: dict) -> RegradeRequests | None:
    table = course.get("regrade_requests")
    if table is None:
        return None
    where = f"{file} [regrade_requests]"
    check_fields(table, where, {}, {"mail": str, "until": date})
    if not re.fullmatch(r"[\w.+-]+@[\w.-]+|", table.get("mail", "")):
        raise CourseError(f"{where}: mail is one address, not {table['mail']!r}")
    if "until" not in table:
        return RegradeRequests(**table)
    zone = course.get("late", {}).get("timezone", "UTC")
    return RegradeRequests(**table | {"until": in_zone(table["until"], ZoneInfo(zone))})


def _one_of(where: str, key: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise CourseError(f"{where}: {key} is one of {', '.join(known)}, not {value!r}")


def _part(file: str, table: dict) -> Part:
    where = f"{file} [[part]]"
    required = {"number": POSITIVE_INT, "name": str, "title": str, "points": POSITIVE}
    check_fields(table, where, required, {"commands": list, "optional": bool})
    if not re.fullmatch(r"[a-z]+(_[a-z]+)*", table["name"]):
        raise CourseError(
            f"{where} {table['number']}: its name is part of file names: write it in small letters "
            f"and underscores, not {table['name']!r}"
        )
    commands = table.get("commands", [table["name"]] if table.get("optional") else [])
    for command in commands:
        if not isinstance(command, str) or not re.fullmatch("[a-z]+", command):
            raise CourseError(f"{where} {table['number']}: {command!r} is no name of a command")
    return Part(**table | {"commands": tuple(commands)})


def _task(file: str, key: str, table: dict, found: dict[str, FoundCheck]) -> Task:
    where = f'{file} [task."{key}"]'
    if not re.fullmatch(r"[1-9]\d*\.[1-9]\d*", key):
        raise CourseError(f'{where}: a task is named part.number, as in [task."1.2"]')
    required = {"title": str, "points": POSITIVE, "checks": dict}
    texts = {"function": str, "writes": str, "experiment": str}
    check_fields(table, where, required, {**texts, "uses": list, "trust_when_passed": bool})
    function = table.get("function", "")
    if function and not re.fullmatch(r"rdlab(\.\w+)+:\w+", function):
        raise CourseError(f'{where}: write the function as "rdlab.module:name", not {function!r}')
    writes = table.get("writes", "")
    if writes and not (function and writes.isidentifier()):
        raise CourseError(f"{where}: writes names the class that its function runs, not {writes!r}")
    module, _, name = function.partition(":")
    checks = tuple(
        _check(where, key, name, entry, found) for name, entry in table["checks"].items()
    )
    return Task(
        id=key,
        title=table["title"],
        function=function,
        module=module,
        name=name,
        points=table["points"],
        uses=tuple(table.get("uses", ())),
        trust_when_passed=table.get("trust_when_passed", False),
        checks=checks,
        writes=writes,
        experiment=table.get("experiment", ""),
    )


def _check(where: str, task: str, name: str, table: dict, found: dict[str, FoundCheck]) -> Check:
    check_fields(table, f"{where} check {name}", {"points": POSITIVE, "hint": str})
    if name not in found:
        raise CourseError(
            f"{where}: the check {name} has no function: write test_{name} in tests/public or "
            "tests/hidden, or remove the entry"
        )
    seen = found[name]
    points, hint = table["points"], table["hint"]
    return Check(name, task, points, hint, seen.visibility, seen.title, seen.place)


def _validate_parts(file: str, course: Course) -> None:
    for what in ("number", "name"):
        values = [getattr(part, what) for part in course.parts]
        if len(set(values)) < len(values):
            raise CourseError(f"{file}: two parts have the same {what}: change one")


def _validate_owners(file: str, course: Course) -> None:
    """Check that a module belongs to one part, and that no other part uses an optional one."""
    optional = {part.number: part for part in course.parts if part.optional}
    owners: dict[str, int] = {}
    for task in course.tasks:
        where = f'{file} [task."{task.id}"]'
        own = optional.get(task.part)
        if own and task.module not in ("", f"rdlab.{own.name}"):
            raise CourseError(
                f"{where}: part {own.number} is optional, so its functions are in "
                f"rdlab.{own.name}, not in {task.module}"
            )
        if task.module and owners.setdefault(task.module, task.part) != task.part:
            raise CourseError(
                f"{where}: {task.module} holds tasks of part {owners[task.module]}: a module "
                "belongs to one part, so write it in another"
            )
        for used in task.uses:
            if int(used.partition(".")[0]) in optional.keys() - {task.part}:
                raise CourseError(
                    f"{where} uses {used} of an optional part, which may be absent: do without it"
                )


def _validate_tasks(path: Path, course: Course) -> None:
    parts = [part.number for part in course.parts]
    earlier: dict[str, str] = {}
    for task in course.tasks:
        where = f'{path.name} [task."{task.id}"]'
        if task.part not in parts:
            raise CourseError(f"{where} belongs to part {task.part}: add a [[part]] of that number")
        for used in task.uses:
            if used not in list(earlier):
                raise CourseError(f"{where} uses {used!r}, which is no earlier task: correct it")
        if task.function and task.function in earlier.values():
            raise CourseError(f"{where}: {task.function} belongs to another task: correct one")
        _validate_module(path, where, task)
        earlier[task.id] = task.function
    _validate_experiments(path.name, course)


def _validate_module(path: Path, where: str, task: Task) -> None:
    if not task.module:
        return
    file = "solution/" + task.module.replace(".", "/") + ".py"
    if not (path.parent / file).is_file():
        raise CourseError(f"{where}: there is no {file}: write it, or correct the function's name")


def _validate_experiments(file: str, course: Course) -> None:
    owners: dict[str, str] = {}
    for task in course.tasks:
        if not task.experiment:
            continue
        where, name = f'{file} [task."{task.id}"]', task.experiment
        if task.function:
            raise CourseError(f"{where} has a function and an experiment: remove one of them")
        if name not in experiments():
            raise CourseError(
                f"{where}: there is no experiment {name!r}: name one of "
                f"{', '.join(experiments())}, or write autograder/judging/experiments/{name}.py"
            )
        if name in owners:
            raise CourseError(
                f"{where}: {name} is the experiment of task {owners[name]}: remove one"
            )
        owners[name] = task.id


def _validate_points(file: str, course: Course) -> None:
    for task in course.tasks:
        _add_up(file, f"the checks of task {task.id}", task.checks, "the task", task.points)
    for part in course.parts:
        tasks = [task for task in course.tasks if task.part == part.number]
        _add_up(file, f"the tasks of part {part.number}", tasks, "the part", part.points)


def _add_up(file: str, what: str, items: Iterable[Check | Task], whole: str, points: float) -> None:
    total = sum(item.points for item in items)
    if not math.isclose(total, points):
        raise CourseError(
            f"{file}: {what} add up to {total:g} points, {whole} has {points:g}: change one of them"
        )


def _validate_checks(path: Path, course: Course, found: dict[str, FoundCheck]) -> None:
    entries: dict[str, str] = {}
    for check in (check for task in course.tasks for check in task.checks):
        where = f'{path.name} [task."{check.task}".checks]'
        if check.name in entries:
            raise CourseError(
                f"{where}: {check.name} is already a check of task {entries[check.name]}: "
                "remove one of them"
            )
        entries[check.name] = check.task
        if found[check.name].task != check.task:
            raise CourseError(
                f"{where}: test_{check.name} is marked as of task {found[check.name].task} in "
                f"{found[check.name].file.name}: correct the mark or move the entry"
            )
    for name, seen in found.items():
        if name not in entries:
            raise CourseError(
                f"tests/{seen.visibility}/{seen.file.name}:{seen.line}: "
                f'test_{name} has no entry in {path.name}: add it to [task."{seen.task}".checks]'
            )
