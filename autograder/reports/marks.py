"""Marks for the answers in report.ipynb: a rubric, and what each marker gave.

`report-marks/` of the class folder holds rubric.toml and a TOML file per marker, called by the
marker's name. With a rubric, the marks are part of the final score, which there is once every
question of a student is marked. Of several markers of an answer the mean counts.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from autograder.course import CourseError
from autograder.fields import POSITIVE, check_fields, read_toml
from autograder.intake.submission import MARKS

RUBRIC = "rubric.toml"
APART = 0.25
"""Markers who differ by more than this share of a question's points should talk."""


@dataclass(frozen=True)
class Item:
    """What an answer may have; one sentence that its student reads."""

    id: str
    points: float
    sentence: str
    bonus: bool
    """It gives points beyond those of the question."""


@dataclass(frozen=True)
class Question:
    id: str
    title: str
    points: float
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Given:
    """What one marker gave for one answer."""

    marker: str
    items: frozenset[str]
    comment: str


@dataclass(frozen=True)
class QuestionMark:
    """What an answer got from all who marked it."""

    question: Question
    given: tuple[Given, ...]

    @property
    def points_by_marker(self) -> list[float]:
        points = {item.id: item.points for item in self.question.items}
        return [sum(points[item] for item in each.items) for each in self.given]

    @property
    def points(self) -> float:
        return fmean(self.points_by_marker)

    @property
    def apart(self) -> bool:
        """Whether its markers disagree so much that a person should look."""
        found = self.points_by_marker
        return max(found) - min(found) > APART * self.question.points

    def share(self, item: Item) -> float:
        """Return the share of the markers who found an item in the answer."""
        return fmean(item.id in each.items for each in self.given)


@dataclass(frozen=True)
class Marked:
    """The marks of one student's report."""

    marks: tuple[QuestionMark, ...]
    missing: tuple[str, ...]
    """Ids of the questions that nobody has marked."""
    of: float
    """Points of all questions, without bonus."""

    @property
    def points(self) -> float:
        return sum(mark.points for mark in self.marks)


def read_marks(
    folder: Path, student_of: Callable[[str, str], str | None]
) -> Callable[[str], Marked | None]:
    """Read the rubric and what the markers gave; return the marks of a student, by name.

    Args:
        folder: of the class.
        student_of: the student whom a key in a marker's file means, given the file's name, too.

    Raises:
        CourseError: a file has a mistake, or there are marks without a rubric.
    """
    place = folder / MARKS
    files = sorted(place.glob("*.toml"))
    if not files:
        return lambda student: None
    if not (place / RUBRIC).is_file():
        raise CourseError(f"{MARKS}/ has no {RUBRIC}: write it, or remove the folder")
    rubric = _rubric(read_toml(place / RUBRIC))
    given: dict[tuple[str, str], list[Given]] = {}
    for file in files:
        if file.name != RUBRIC:
            _read_marker(file, rubric, student_of, given)

    def marks_of(student: str) -> Marked:
        found = {question.id: given.get((student, question.id), []) for question in rubric}
        return Marked(
            tuple(QuestionMark(each, tuple(found[each.id])) for each in rubric if found[each.id]),
            tuple(question for question, marks in found.items() if not marks),
            sum(question.points for question in rubric),
        )

    return marks_of


def _rubric(table: dict) -> tuple[Question, ...]:
    where = f"{MARKS}/{RUBRIC}"
    check_fields(table, where, {"question": dict})
    questions = []
    for name, entry in table["question"].items():
        here = f"{where} [question.{name}]"
        check_fields(entry, here, {"title": str, "points": POSITIVE, "items": dict})
        items = tuple(_item(f"{here} {key}", key, each) for key, each in entry["items"].items())
        total = sum(item.points for item in items if not item.bonus)
        if not math.isclose(total, entry["points"]):
            raise CourseError(
                f"{here}: its items add up to {total:g} points, it has {entry['points']:g}: "
                "change one of them, or call an item a bonus"
            )
        questions.append(Question(name, entry["title"], entry["points"], items))
    return tuple(questions)


def _item(where: str, name: str, table: object) -> Item:
    check_fields(table, where, {"points": POSITIVE, "sentence": str}, {"bonus": bool})
    assert isinstance(table, dict)
    return Item(name, table["points"], table["sentence"], table.get("bonus", False))


def _read_marker(
    file: Path,
    rubric: tuple[Question, ...],
    student_of: Callable[[str, str], str | None],
    given: dict[tuple[str, str], list[Given]],
) -> None:
    """Add what one marker gave to `given`, by student and question."""
    where = f"{MARKS}/{file.name}"
    by_id = {question.id: question for question in rubric}
    for name, answers in read_toml(file).items():
        check_fields(answers, f"{where} [{name}]", {}, dict.fromkeys(by_id, dict))
        student = student_of(where, name)
        for key, entry in answers.items():
            here = f"{where} [{name}.{key}]"
            check_fields(entry, here, {"items": list}, {"comment": str})
            known = [item.id for item in by_id[key].items]
            unknown = [item for item in entry["items"] if item not in known]
            if unknown:
                raise CourseError(
                    f"{here}: there is no item {unknown[0]!r}: it has {', '.join(known)}"
                )
            if student:
                one = Given(file.stem, frozenset(entry["items"]), entry.get("comment", ""))
                before = given.setdefault((student, key), [])
                if any(each.marker == one.marker for each in before):
                    raise CourseError(f"{here}: {student} is marked twice in this file: keep one")
                before.append(one)
