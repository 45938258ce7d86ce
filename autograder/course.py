"""The course as course.toml and the checks in tests/ describe it, validated once."""

import ast
import json
import math
import re
import tomllib
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


class CourseError(Exception):
    """Something the instructor can mend; the message is one sentence naming file and remedy."""


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


@dataclass(frozen=True)
class Task:
    """One task; a task without a function (the sweep) has None for function, module, name."""

    id: str
    title: str
    function: str | None
    """As in course.toml: "rdlab.gaussian:gaussian_kl"."""
    module: str | None
    name: str | None
    points: float
    uses: tuple[str, ...]
    """Ids of earlier tasks whose functions this one may call: the reference answers for them."""
    calls_often: bool
    """It calls them thousands of times: the reference then answers only for those not yet right."""
    checks: tuple[Check, ...]
    experiment: str | None = None
    """Whose verified runs its checks judge; see autograder/experiments.py."""

    @property
    def part(self) -> int:
        """The number of the part: 1 for task 1.2."""
        return int(self.id.partition(".")[0])


@dataclass(frozen=True)
class Part:
    number: int
    title: str
    points: float


@dataclass(frozen=True)
class Limits:
    """What a submission may use; see course.toml for each."""

    check_cpu_s: float
    check_wall_s: float
    memory_mb: int
    processes: int
    submission_mb: float
    submission_files: int


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


@dataclass(frozen=True)
class Gradescope:
    """The settings of the assignment there that grading has to know."""

    minutes: float = 10
    """After which Gradescope ends a grading and gives 0; 10 unless changed there."""
    hidden_checks: str = "after_published"
    """When students see the hidden checks, in Gradescope's words."""


VISIBILITIES = ("visible", "after_due_date", "after_published", "hidden")


@dataclass(frozen=True)
class Course:
    title: str
    points: float
    salt: str
    limits: Limits
    parts: tuple[Part, ...]
    tasks: tuple[Task, ...]
    late: Late | None = None
    """None where nothing is ever late."""
    gradescope: Gradescope = Gradescope()


@dataclass(frozen=True)
class FoundCheck:
    """A check function as it stands in tests/public or tests/hidden."""

    task: str
    visibility: str
    title: str
    file: Path
    line: int


NUMBER = (int, float)
AMOUNT = (float, int)
"""Like NUMBER, but 0 is one too."""


def load_course(path: Path) -> Course:
    """Read course.toml, and beside it tests/ for the checks and solution/ for the functions.

    Raises:
        CourseError: the first thing that is wrong, with what to do about it.
    """
    table = read_toml(path)
    required = {"course": dict, "limits": dict, "part": list, "task": dict}
    check_fields(table, path.name, required, {"late": dict, "gradescope": dict})
    course = table["course"]
    check_fields(course, f"{path.name} [course]", {"title": str, "points": NUMBER, "salt": str})
    found = find_checks(path.parent / "tests")
    tasks = tuple(_task(path.name, key, entry, found) for key, entry in table["task"].items())
    parts = tuple(_part(path.name, entry) for entry in table["part"])
    limits = _limits(path.name, table["limits"])
    late = _late(path.name, table["late"]) if "late" in table else None
    gradescope = _gradescope(path.name, table.get("gradescope", {}))
    title, points, salt = (course[key] for key in ("title", "points", "salt"))
    loaded = Course(title, points, salt, limits, parts, tasks, late, gradescope)
    _validate_tasks(path, loaded)
    _validate_checks(path, loaded, found)
    _validate_points(path.name, loaded)
    return loaded


def find_checks(tests_dir: Path) -> dict[str, FoundCheck]:
    """The check functions in tests_dir/public and tests_dir/hidden, by name without `test_`.

    The files are parsed, never imported.

    Raises:
        CourseError: a file does not parse, or a check lacks its mark or docstring, or two
            checks have the same name.
    """
    found: dict[str, FoundCheck] = {}
    for visibility in ("public", "hidden"):
        for file in sorted((tests_dir / visibility).glob("test_*.py")):
            where = f"{tests_dir.name}/{visibility}/{file.name}"
            for node in _test_functions(file, where):
                name = node.name.removeprefix("test_")
                if name in found:
                    raise CourseError(
                        f"{where}:{node.lineno}: {node.name} is already the name of a check in "
                        f"{found[name].file.name}: give one of them another name"
                    )
                found[name] = _found(node, visibility, file, where)
    return found


def public_part(course: Course) -> str:
    """tasks.toml for students: titles, functions, points and public checks, nothing hidden."""
    lines = ["# Made by `make release` from course.toml.", "[course]"]
    lines += [f"title = {_quote(course.title)}", f"points = {course.points}"]
    for task in course.tasks:
        lines += ["", f'[task."{task.id}"]', f"title = {_quote(task.title)}"]
        if task.function:
            lines.append(f"function = {_quote(task.function)}")
        lines += [f"points = {task.points}", f'[task."{task.id}".checks]']
        public = [check for check in task.checks if check.visibility == "public"]
        lines += [f"{check.name} = {{ points = {check.points} }}" for check in public]
    return "\n".join(lines) + "\n"


def _quote(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def read_toml(path: Path) -> dict:
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise CourseError(
            f"{path.name} cannot be read ({error.strerror}): run this from the folder that holds it"
        ) from None
    except UnicodeDecodeError:
        raise CourseError(f"{path.name} is not UTF-8: save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise CourseError(f"{path.name} is not valid TOML: {error}: correct it there") from None


def check_fields(table: object, where: str, required: dict, optional: dict | None = None) -> None:
    """Refuse unknown and missing keys and values of the wrong type.

    Raises:
        CourseError: the first of them, with what to do about it.
    """
    known = required | (optional or {})
    if not isinstance(table, dict):
        raise CourseError(f"{where} must be a table with the keys {', '.join(known)}")
    for key, value in table.items():
        if key not in known:
            raise CourseError(f"{where} has an unknown key {key!r}: known are {', '.join(known)}")
        is_bool = isinstance(value, bool)
        if not isinstance(value, known[key]) or is_bool is not (known[key] is bool):
            raise CourseError(f"{where}: {key} must be {_kind(known[key])}, not {value!r}")
        if known[key] in (int, NUMBER) and not 0 < value < math.inf:
            raise CourseError(f"{where}: {key} must be more than 0, not {value!r}")
        if known[key] == AMOUNT and not 0 <= value < math.inf:
            raise CourseError(f"{where}: {key} must be 0 or more, not {value!r}")
        if known[key] is str and not value.strip():
            raise CourseError(f"{where}: {key} is empty: write it")
    for key in required:
        if key not in table:
            raise CourseError(f"{where} has no {key!r}: add it")


def _kind(kind: type | tuple) -> str:
    names = {
        str: "a text",
        dict: "a table",
        list: "a list",
        int: "a whole number",
        bool: "true or false",
        datetime: "a time as in 2026-12-01T23:59:00",
    }
    return names.get(kind, "a number")


def _limits(file: str, table: dict) -> Limits:
    where = f"{file} [limits]"
    kinds = {field.name: int if field.type is int else NUMBER for field in fields(Limits)}
    check_fields(table, where, kinds)
    return Limits(**table)


def _late(file: str, table: dict) -> Late:
    where = f"{file} [late]"
    optional = {"grace_minutes": NUMBER, "cap_percent": NUMBER, "days": NUMBER}
    required = {"due": datetime, "timezone": str, "percent_per_day": NUMBER}
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


def in_zone(moment: datetime, timezone: ZoneInfo) -> datetime:
    """The moment with an offset from UTC: its own, or else that of the course's time zone."""
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone)


def _gradescope(file: str, table: dict) -> Gradescope:
    where = f"{file} [gradescope]"
    check_fields(table, where, {}, {"minutes": NUMBER, "hidden_checks": str})
    settings = Gradescope(**table)
    if settings.hidden_checks not in VISIBILITIES:
        raise CourseError(
            f"{where}: hidden_checks is one of {', '.join(VISIBILITIES)}, "
            f"not {settings.hidden_checks!r}"
        )
    return settings


def _part(file: str, table: dict) -> Part:
    check_fields(table, f"{file} [[part]]", {"number": int, "title": str, "points": NUMBER})
    return Part(**table)


def _task(file: str, key: str, table: dict, found: dict[str, FoundCheck]) -> Task:
    where = f'{file} [task."{key}"]'
    if not re.fullmatch(r"[1-9]\d*\.[1-9]\d*", key):
        raise CourseError(f'{where}: a task is named part.number, as in [task."1.2"]')
    required = {"title": str, "points": NUMBER, "checks": dict}
    optional = {"function": str, "experiment": str, "uses": list, "calls_often": bool}
    check_fields(table, where, required, optional)
    function = table.get("function")
    if function and not re.fullmatch(r"rdlab(\.\w+)+:\w+", function):
        raise CourseError(f'{where}: write the function as "rdlab.module:name", not {function!r}')
    module, _, name = (function or "").partition(":")
    checks = tuple(
        _check(where, key, name, entry, found) for name, entry in table["checks"].items()
    )
    return Task(
        id=key,
        title=table["title"],
        function=function,
        module=module or None,
        name=name or None,
        points=table["points"],
        uses=tuple(table.get("uses", ())),
        calls_often=table.get("calls_often", False),
        checks=checks,
        experiment=table.get("experiment"),
    )


def _check(where: str, task: str, name: str, table: dict, found: dict[str, FoundCheck]) -> Check:
    check_fields(table, f"{where} check {name}", {"points": NUMBER, "hint": str})
    if name not in found:
        raise CourseError(
            f"{where}: the check {name} has no function: write test_{name} in tests/public or "
            "tests/hidden, or remove the entry"
        )
    seen = found[name]
    return Check(name, task, table["points"], table["hint"], seen.visibility, seen.title)


def _validate_tasks(path: Path, course: Course) -> None:
    parts = [part.number for part in course.parts]
    if len(set(parts)) < len(parts):
        raise CourseError(f"{path.name}: two parts have the same number: renumber one")
    earlier: dict[str, str | None] = {}
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


def _validate_module(path: Path, where: str, task: Task) -> None:
    if task.module is None:
        return
    file = "solution/" + task.module.replace(".", "/") + ".py"
    if not (path.parent / file).is_file():
        raise CourseError(f"{where}: there is no {file}: write it, or correct the function's name")


def _validate_points(file: str, course: Course) -> None:
    for task in course.tasks:
        _add_up(file, f"the checks of task {task.id}", task.checks, "the task", task.points)
    for part in course.parts:
        tasks = [task for task in course.tasks if task.part == part.number]
        _add_up(file, f"the tasks of part {part.number}", tasks, "the part", part.points)
    _add_up(file, "the parts", course.parts, "the course", course.points)


def _add_up(file: str, what: str, items, whole: str, points: float) -> None:
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


def _test_functions(file: Path, where: str) -> list[ast.FunctionDef]:
    try:
        tree = ast.parse(file.read_bytes())
    except SyntaxError as error:
        raise CourseError(f"{where}:{error.lineno}: {error.msg}: correct the file") from None
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    return [node for node in functions if node.name.startswith("test_")]


def _found(node: ast.FunctionDef, visibility: str, file: Path, where: str) -> FoundCheck:
    where = f"{where}:{node.lineno}: {node.name}"
    docstring = (ast.get_docstring(node) or "").strip()
    if not docstring:
        raise CourseError(f"{where} has no docstring: its first line is the check's title")
    tasks = [task for decorator in node.decorator_list if (task := _marked_task(decorator))]
    if len(tasks) != 1:
        raise CourseError(f'{where} needs one mark @pytest.mark.task("<id>"): add it')
    return FoundCheck(tasks[0], visibility, docstring.splitlines()[0], file, node.lineno)


def _marked_task(decorator: ast.expr) -> str | None:
    """The id in `pytest.mark.task("1.2")`, None for any other decorator."""
    if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.task":
        arguments = [node.value for node in decorator.args if isinstance(node, ast.Constant)]
        return arguments[0] if len(arguments) == 1 and isinstance(arguments[0], str) else None
    return None
