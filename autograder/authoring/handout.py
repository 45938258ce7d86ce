"""README.md and Makefile of the assignment, made from their templates in solution/.

HANDOUT.md holds what is said in any case, HANDOUT_<part>.md what is said of one part; a part
without one has its heading and table. Numbers, points and tables come from course.toml, words in
@…@ from `words`.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from autograder.authoring.stubs import without_solutions
from autograder.course import Course, CourseError, Late, Part, Task
from autograder.experiments import experiments
from autograder.fields import read_text
from autograder.text import number, plural, points_in_words

HANDOUT, MAKEFILE = "solution/HANDOUT.md", "solution/Makefile"
PART_LIST, PART_SECTIONS, TASKS = "<!-- PART LIST -->", "<!-- PARTS -->", "<!-- TASKS -->"
SUMMARY = re.compile(r"<!-- SUMMARY: (.+?) -->\n+", re.DOTALL)
WORD = re.compile(r"@([a-z_]+)@")


def words(course: Course, questions: tuple[int, float], commands: Mapping[str, str]) -> dict:
    """Return the text for each word between @ and @.

    Args:
        course: the course.
        questions: how many the report asks, and the points they give together.
        commands: name → help, of `python -m rdlab`.
    """
    count, points = questions
    limits = course.limits
    return {
        "title": course.title,
        "points": number(course.points),
        "questions": f"{plural(count, 'question')} ({points_in_words(points)})",
        "deadline": _deadline(course.late),
        "check_cpu_s": number(limits.check_cpu_s),
        "memory_gb": number(limits.memory_mb / 1000),
        "submission_mb": number(limits.submission_mb),
        "first_task": course.tasks[0].id,
        "commands": " ".join(name for name in commands if name != "check"),
        "command_help": "\n\t".join(_help_lines(commands)),
    }


def _deadline(late: Late | None) -> str:
    """Say when the submission is due and what lateness costs, for the handout."""
    if late is None:
        return "Your instructor announces when it is due."
    due = f"{late.due.day} {late.due:%B %Y, %H:%M} ({late.timezone.key})"
    text = f"Due on **{due}**. "
    if late.grace_minutes:
        text += f"{plural(round(late.grace_minutes), 'minute')} more still count as in time; after "
        text += "that each day begun "
    else:
        text += "Each day begun after that "
    text += f"costs {number(late.percent_per_day)} % of the points found"
    if late.cap_percent < 100:
        text += f", at most {number(late.cap_percent)} %"
    if late.slip_days:
        days = plural(late.slip_days, "slip day")
        text += f"; you have {days}: late days that are counted first and cost nothing"
    if late.days is not None:
        text += f"; more than {plural(round(late.days), 'day')} late nothing is accepted"
    return text + "."


def handout(root: Path, course: Course, known: dict) -> str:
    """Return the text of README.md: front matter, a section per part that is on, back matter.

    Raises:
        CourseError: a template is missing, or a marker or word in it is not known.
    """
    text = without_solutions(read_text(root, HANDOUT), HANDOUT, course)
    sources = {part: _section_source(part) for part in course.parts}
    sections = {
        part: read_text(root, source) if (root / source).exists() else TASKS
        for part, source in sources.items()
    }
    listed = [_list_item(place, *item) for place, item in enumerate(sections.items(), 1)]
    written = [_section(part, sections[part], sources[part], course) for part in course.parts]
    text = _replaced(text, PART_LIST, "\n".join(listed), HANDOUT)
    text = _replaced(text, PART_SECTIONS, "\n\n".join(written), HANDOUT)
    return fill_in(text, known, HANDOUT)


def makefile(root: Path, known: dict) -> str:
    """Return the text of the students' Makefile."""
    return fill_in(read_text(root, MAKEFILE), known, MAKEFILE)


def fill_in(text: str, known: dict, source: str) -> str:
    """Return the text with every @word@ replaced.

    Raises:
        CourseError: a word is not known.
    """

    def replacement(match: re.Match) -> str:
        if match[1] not in known:
            raise CourseError(
                f"{source}: @{match[1]}@ stands for nothing: known are {', '.join(known)}"
            )
        return known[match[1]]

    return WORD.sub(replacement, text)


def _section_source(part: Part) -> str:
    return f"solution/HANDOUT_{part.name}.md"


def _list_item(place: int, part: Part, section: str) -> str:
    summary = SUMMARY.match(section)
    return f"{place}. **{part.title}**" + (f": {summary[1]}" if summary else "")


def _section(part: Part, text: str, source: str, course: Course) -> str:
    text = without_solutions(SUMMARY.sub("", text, count=1), source, course).strip("\n")
    if re.match("##? ", text):
        raise CourseError(
            f"{source} begins with a heading, which is made from course.toml: take it out"
        )
    tasks = [task for task in course.tasks if task.part == part.number]
    heading = f"## Part {part.number}: {part.title} ({points_in_words(part.points)})"
    return f"{heading}\n\n{_replaced(text, TASKS, _table(tasks), source)}"


def _table(tasks: list[Task]) -> str:
    rows = ["| task | title | function | in | points |", "| --- | --- | --- | --- | --- |"]
    for task in tasks:
        place, written = "", task.written
        if task.module:
            place = f"`rdlab/{task.module.removeprefix('rdlab.').replace('.', '/')}.py`"
        elif task.experiment:
            place = f"`{experiments()[task.experiment].folder}/`"
        function = f"`{written}`" if written else ""
        rows.append(f"| {task.id} | {task.title} | {function} | {place} | {number(task.points)} |")
    return "\n".join(rows)


def _replaced(text: str, marker: str, content: str, source: str) -> str:
    if text.count(marker) != 1:
        raise CourseError(
            f"{source} has the line {marker} {text.count(marker)} times: write it once, where that "
            "is to stand"
        )
    return text.replace(marker, content)


def _help_lines(commands: Mapping[str, str]) -> list[str]:
    """Return the lines of a Makefile that print the help of each target."""
    order = {"setup": 0, "check": 1, "report": 3, "submit": 4}
    commands = {name: commands[name] for name in sorted(commands, key=lambda c: order.get(c, 2))}
    width = max(map(len, commands), default=0) + len("make ") + 3
    lines = []
    for name, text in commands.items():
        line = f"{f'make {name}':<{width}}{text}".replace("'", "'\\''").replace("$", "$$")
        lines.append(f"@echo '{line}'")
    return lines
