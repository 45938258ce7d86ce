"""Run the public checks: one line per task, and where to go on. Given code."""

import ast
import io
import sys
import tomllib
from collections.abc import Collection
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import pytest

from rdlab.lab.errors import LabError
from rdlab.lab.submit import submission_files

ROOT = Path(__file__).resolve().parents[2]


class Status(StrEnum):
    """How a check ended."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_STARTED = "not started"


MARKS = {Status.PASSED: "✓", Status.FAILED: "✗", Status.NOT_STARTED: "·"}


@dataclass
class Outcome:
    """How one check ended, and why: a line, and the full message."""

    status: Status
    reason: str = ""
    details: str = ""
    title: str = ""
    place: str = ""
    """file:line of the check."""


@dataclass(eq=False)
class Recorder:
    """A pytest plugin that keeps the outcome of each check of the chosen tasks."""

    tasks: set[str]
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    broken: str = ""

    def pytest_collection_modifyitems(self, items):
        items[:] = [item for item in items if _task(item) in self.tasks]

    def pytest_collectreport(self, report):
        if report.failed and not self.broken:
            self.broken = f"{report.nodeid}: {str(report.longrepr).strip().splitlines()[-1]}"

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item, call):
        report = yield
        if call.when == "call" or call.excinfo:
            outcome = _outcome(item, call.excinfo)
            outcome.title = (item.obj.__doc__ or item.name).strip().splitlines()[0]
            file, line, _ = item.location
            outcome.place = f"{file}:{(line or 0) + 1}"
            self.outcomes[item.originalname.removeprefix("test_")] = outcome
        return report


def check(names: Collection[str] = (), *, verbose: bool = False) -> int:
    """Run the public checks; return 0 if all of them pass, else 1.

    Args:
        names: of tasks, such as "1.2"; none means all.
        verbose: show what was returned, as for tasks that are named.

    Raises:
        LabError: the assignment folder is not complete, or there is no such task.
    """
    table = _read_table(ROOT / "tasks.toml")
    tasks = _chosen(table["task"], names)
    outcomes = _run(ROOT / "tests", {name: task for name, task in tasks.items() if task["checks"]})
    for name, task in tasks.items():
        if task["checks"]:
            _print_task(name, task, outcomes, verbose or bool(names))
        else:
            _print_experiment(name, task, table)
    _print_sum(tasks, outcomes)
    return 0 if all(outcome.status is Status.PASSED for outcome in outcomes.values()) else 1


def check_task(task: str) -> None:
    """Print how a task fares in its public checks, in the report notebook.

    Raises:
        LabError: a check does not pass.
    """
    if check([task]):
        raise LabError(f"task {task} is not done: see what its checks say above.")


def _read_table(path: Path) -> dict:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        table["task"]
        return table
    except (OSError, KeyError, tomllib.TOMLDecodeError) as error:
        raise LabError(f"{path} cannot be read: unpack the assignment again") from error


def _chosen(tasks: dict[str, dict], names: Collection[str]) -> dict[str, dict]:
    tasks = {name: task for name, task in tasks.items() if task["checks"] or "experiment" in task}
    for name in names:
        if name not in tasks:
            raise LabError(
                f"there are no public checks of a task {name}: name one of " + ", ".join(tasks)
            )
    return {name: task for name, task in tasks.items() if not names or name in names}


def _run(tests: Path, tasks: dict[str, dict]) -> dict[str, Outcome]:
    if not tasks:
        return {}
    recorder, output = Recorder(set(tasks)), io.StringIO()
    arguments = [
        "-p",
        "no:cacheprovider",
        "--import-mode=importlib",
        f"--rootdir={ROOT}",
        "-q",
        str(tests),
    ]
    with redirect_stdout(output), redirect_stderr(output):
        code = pytest.main(arguments, plugins=[recorder])
    if recorder.broken:
        raise LabError(f"{recorder.broken}: unpack the assignment's tests again")
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        lines = output.getvalue().strip().splitlines() or [f"pytest stopped with {int(code)}"]
        raise LabError(f"the checks in {tests} did not run ({lines[-1]}): unpack them again")
    for name in (name for task in tasks.values() for name in task["checks"]):
        if name not in recorder.outcomes:
            raise LabError(f"{tests} lacks the check {name}: unpack the tests again")
    return recorder.outcomes


def _task(item) -> str:
    mark = item.get_closest_marker("task")
    return mark.args[0] if mark else ""


def _outcome(item, excinfo) -> Outcome:
    if excinfo is None:
        return Outcome(Status.PASSED)
    error = excinfo.value
    if isinstance(error, NotImplementedError):
        return Outcome(Status.NOT_STARTED, "not started", str(error))
    if hasattr(error, "returned"):  # a CheckFailed: it has the message in words
        reason = error.message.splitlines()[0]
        known = [note for note in getattr(error, "notes", ()) if "allowed difference" not in note]
        return Outcome(Status.FAILED, "; ".join([reason, *known]), _call(item) + str(error))
    where = _place(excinfo)
    reason = f"{type(error).__name__}: {error}".splitlines()[0] + (f" ({where})" if where else "")
    return Outcome(Status.FAILED, reason, _call(item) + reason)


def _call(item) -> str:
    """Return the last call of a task function, in one line."""
    calls = getattr(item.funcargs.get("student"), "calls", None)
    if not calls:
        return ""
    show = sys.modules["support"].show
    name, args, kwargs = calls[-1]
    words = [show(arg) for arg in args] + [f"{key}={show(arg)}" for key, arg in kwargs.items()]
    return f"{name}({', '.join(words)})\n"


def _place(excinfo) -> str:
    """Return the last line in the lab package that the error went through."""
    inside = [entry for entry in excinfo.traceback if ROOT / "rdlab" in Path(entry.path).parents]
    if not inside:
        return ""
    return f"{Path(inside[-1].path).relative_to(ROOT)}:{inside[-1].lineno + 1}"


def _earned(task: dict, outcomes: dict[str, Outcome]) -> float:
    passed = [name for name in task["checks"] if outcomes[name].status is Status.PASSED]
    return sum(task["checks"][name]["points"] for name in passed)


def _possible(task: dict) -> float:
    return sum(check["points"] for check in task["checks"].values())


def _print_task(name: str, task: dict, outcomes: dict[str, Outcome], verbose: bool) -> None:
    own = {check: outcomes[check] for check in task["checks"]}
    open_ones = {
        check: outcome for check, outcome in own.items() if outcome.status is not Status.PASSED
    }
    statuses = {outcome.status for outcome in own.values()}
    status = statuses.pop() if len(statuses) == 1 else Status.FAILED
    line = _line(status, name, task, f"{_earned(task, outcomes):g}/{_possible(task):g}")
    if open_ones:
        first = next(iter(open_ones.values()))
        line += f"   {_stub(task)}  {first.reason}"
    print(line)
    if verbose:
        for check, outcome in open_ones.items():
            points = task["checks"][check]["points"]
            where = f"{outcome.place} {check}, {points:g} point{'' if points == 1 else 's'}"
            text = f"{outcome.title}\n{where}\n{outcome.details}"
            print("    ✗ " + text.replace("\n", "\n      "))


def _print_sum(tasks: dict[str, dict], outcomes: dict[str, Outcome]) -> None:
    earned = sum(_earned(task, outcomes) for task in tasks.values())
    possible = sum(_possible(task) for task in tasks.values())
    hidden = sum(task["points"] for task in tasks.values()) - possible
    print(f"\n{earned:g} of {possible:g} public points; hidden checks decide the other {hidden:g}.")
    unfinished = [name for name, task in tasks.items() if _earned(task, outcomes) < _possible(task)]
    if unfinished and len(tasks) > 1:
        print(f"One task in full: python -m rdlab check {unfinished[0]}")


def _line(status: Status, name: str, task: dict, points: str) -> str:
    hidden = task["points"] - _possible(task)
    shown = f"{points} + {hidden:g} hidden"
    return f"{MARKS[status]} {name:<5}{task['title']:<40} {shown:>20}"


def _print_experiment(name: str, task: dict, table: dict) -> None:
    """Print, for a task that is judged by trained models, whether they are there."""
    asked = table["experiment"][task["experiment"]]
    _, missing = submission_files(ROOT, {task["experiment"]: asked}, {})
    status = Status.NOT_STARTED if missing else Status.PASSED
    line = _line(status, name, task, "0/0")
    if missing:
        more = f", and {len(missing) - 1} more" if len(missing) > 1 else ""
        print(f"{line}   missing: {missing[0]}{more}")
    else:
        print(f"{line}   {asked['folder']}/ is complete; the autograder measures its weights again")


def _stub(task: dict) -> str:
    """Return file:line of what a task asks for, from the source, which may not even import."""
    module, function = task["function"].split(":")
    name = task.get("writes", function)
    file = Path(*module.split(".")).with_suffix(".py")
    try:
        tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    except SyntaxError as error:
        return f"{file}:{error.lineno}"
    except OSError:
        return str(file)
    lines = [node.lineno for node in tree.body if getattr(node, "name", "") == name]
    return f"{file}:{lines[0]}" if lines else str(file)
