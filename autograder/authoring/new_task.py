"""Write the skeletons of a new task: function, public check, hidden check, mistake, course.toml."""

import re
from pathlib import Path

from autograder.course import CourseError

FUNCTION = '''

def {name}(x: Tensor) -> Tensor:
    """Return … of x.

    Args:
        x: …, shape (B, d).

    Returns:
        …, in nats, shape (B,).
    """
    # BEGIN SOLUTION
    return x.sum(-1)
    # END SOLUTION
'''
CHECK = '''

@pytest.mark.task("{task}")
{marks}def test_{name}_{suffix}(student{fixture}):
    """{title}"""
    x = {x}
    assert_matches(student.{name}(x), x.sum(-1))
'''
CHECK_HEADER = '''"""{visibility} checks of task {task}."""

import pytest
import torch

from support import assert_matches
'''
WRONG = '''"""Wrong versions of {name} (task {task}). A docstring is what the student is told."""

from tests.wrong import mistake

TASK = "{task}"


@mistake
def averaged(x):
    """You average over the last axis; the definition sums."""
    return x.mean(-1)
'''
ENTRY = """
[task."{task}"]
title = "{title}"
function = "rdlab.{module}:{name}"
points = 2
[task."{task}".checks]
{name}_by_hand = {{ points = 0.5, hint = "Compute a small example by hand." }}
{name}_values = {{ points = 1.5, hint = "Compare your expression with the definition." }}
"""


def new_task(root: Path, task: str, function: str, title: str) -> list[Path]:
    """Write the skeletons of a task and return the files that were made or extended.

    The skeletons work as they are, so that each can be replaced while the others still pass.

    Args:
        root: the repository.
        task: its id, such as "1.7".
        function: "rdlab.module:name"; the module may be new.
        title: what students read.

    Raises:
        CourseError: the id or the name is malformed or taken; nothing has been written then.
    """
    named = re.fullmatch(r"rdlab\.(\w+):([a-z_]\w*)", function)
    if not named or not re.fullmatch(r"[1-9]\d*\.[1-9]\d*", task):
        raise CourseError(f'write it as: new-task 1.7 rdlab.module:name, not "{task} {function}"')
    module, name = named.groups()
    course = root / "course.toml"
    text = course.read_text(encoding="utf-8")
    wrong = root / "tests" / "wrong" / f"{name}.py"
    if f'[task."{task}"]' in text or f'"rdlab.{module}:{name}"' in text or wrong.exists():
        raise CourseError(f"task {task} or {function} is there already: choose another")
    words = {"task": task, "module": module, "name": name, "title": title}
    made = [_extend_module(root / "solution" / "rdlab" / f"{module}.py", words)]
    made += [_extend_checks(root, visibility, words) for visibility in ("public", "hidden")]
    wrong.parent.mkdir(parents=True, exist_ok=True)
    wrong.write_text(WRONG.format(**words), encoding="utf-8")
    course.write_text(text.rstrip("\n") + "\n" + ENTRY.format(**words), encoding="utf-8")
    return [*made, wrong, course]


def _extend_module(path: Path, words: dict[str, str]) -> Path:
    header = f'"""Task {words["task"]}."""\n\nfrom torch import Tensor\n'
    text = path.read_text(encoding="utf-8") if path.exists() else header
    path.write_text(text.rstrip("\n") + "\n" + FUNCTION.format(**words), encoding="utf-8")
    return path


def _extend_checks(root: Path, visibility: str, words: dict[str, str]) -> Path:
    path = root / "tests" / visibility / f"test_{words['module']}.py"
    header = CHECK_HEADER.format(visibility=visibility.title(), task=words["task"])
    text = path.read_text(encoding="utf-8") if path.exists() else header
    public = visibility == "public"
    check = CHECK.format(
        task=words["task"],
        name=words["name"],
        suffix="by_hand" if public else "values",
        marks="" if public else "@pytest.mark.no_mutation\n",
        fixture="" if public else ", draw",
        title="A small example by hand." if public else "Values agree for any input.",
        x="torch.tensor([[1.0, 2.0], [3.0, 4.0]])" if public else "draw.normal(7, 3)",
    )
    path.write_text(text.rstrip("\n") + "\n" + check, encoding="utf-8")
    return path
