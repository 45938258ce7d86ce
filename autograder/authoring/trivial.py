"""What answers without any work earn: constants in the right form, and arguments handed back."""

from collections.abc import Callable
from pathlib import Path

from autograder.authoring.validate import Case, append_to_modules, copy_solution
from autograder.course import Course, Task
from autograder.grading.batch import grade_batches
from autograder.judging.record import Record
from autograder.sandbox.sandbox import Tier

MAX_SHARE = 0.2
"""Of a task's points, that no such answer may earn."""
ANSWERS = {
    "zeros": "lambda right, args: each(right, 0)",
    "ones": "lambda right, args: each(right, 1)",
    "first argument": "lambda right, args: given(right, args)",
    "second argument": "lambda right, args: given(right, args[1:])",
}
"""Each as a function of the right answer, whose form it may take, and of the arguments."""
_ANSWERED = """

def _answered(function, answer):
    import torch
    def each(value, constant):
        if isinstance(value, (tuple, list)):
            return tuple(each(part, constant) for part in value)
        if isinstance(value, torch.Tensor):
            return torch.full_like(value, constant)
        return float(constant)
    def given(right, args):
        return tuple(args[:len(right)]) if isinstance(right, tuple) else args[0]
    scope = {{"each": each, "given": given}}
    answer = eval(answer, scope)
    return lambda *args, **kwargs: answer(
        function(*args, **kwargs) if function else 0.0, [*args, *kwargs.values()]
    )
{name} = _answered({function}, {answer!r})
"""


def make_trivial_cases(course: Course, scratch: Path) -> list[Case]:
    """Lay out the solution once per trivial answer, which every task function then gives."""
    tasks = frozenset(task.id for task in course.tasks if task.name)
    cases = []
    for name, answer in ANSWERS.items():
        folder = copy_solution(scratch / name.replace(" ", "_"))

        def text(task: Task, answer: str = answer) -> str:
            # What trains would train, to be thrown away: its answer is a number.
            function = "None" if task.trust_when_passed else task.name
            return _ANSWERED.format(name=task.name, function=function, answer=answer)

        append_to_modules(course, folder, text)
        cases.append(Case("trivial", name, folder, tasks, tasks))
    return cases


def grade_trivial(
    course: Course,
    scratch: Path,
    tier: Tier,
    processes: int,
    on_record: Callable[[Record], None],
) -> dict[str, dict[str, float]]:
    """Return the points that each trivial answer earns, by task and then by answer."""
    cases = make_trivial_cases(course, scratch / "cases")
    entries = [case.entry(course) for case in cases]
    records = grade_batches(entries, scratch / "out", tier, processes, on_record)
    earned: dict[str, dict[str, float]] = {}
    for case, record in zip(cases, records, strict=True):
        for task in record.tasks:
            if task.id in case.tasks:
                earned.setdefault(task.id, {})[case.name] = task.score
    return earned


def earning_too_much(course: Course, earned: dict[str, dict[str, float]]) -> list[str]:
    """Say of which tasks a trivial answer earns more than MAX_SHARE, one line each."""
    points = {task.id: task.points for task in course.tasks}
    return [
        f"task {task}: {answer} earns {score:g} of {points[task]:g}"
        for task, scores in earned.items()
        for answer, score in scores.items()
        if score > MAX_SHARE * points[task]
    ]


def as_markdown(course: Course, earned: dict[str, dict[str, float]]) -> str:
    """Return the table of docs/fairness.md: what is earned, in points, a row for each task."""
    points = {task.id: task.points for task in course.tasks}
    heading = ["task", *ANSWERS, "of"]
    rows = [heading, ["---"] * len(heading)]
    for task, scores in earned.items():
        rows.append([task, *(f"{scores[answer]:g}" for answer in ANSWERS), f"{points[task]:g}"])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
