"""Lists of a class as the course's system exports them, and who in them is which submission."""

import csv
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from autograder.course import CourseError

NAMES = (
    "student",
    "name",
    "full name",
    "username",
    "user",
    "login",
    "sis user id",
    "sis login id",
    "email",
    "email address",
    "id number",
    "sid",
)
"""Columns that name a student, in Moodle's, Canvas's and Gradescope's exports and in one's own."""
NUMBERED = re.compile(r"(?P<name>.+)_(?P<id>\d+)")
"""A student's name as `intake.student_name` makes it of what Canvas and Moodle pack."""


@dataclass(frozen=True)
class ClassList:
    """A CSV file as it is: every row has as many cells as the header."""

    path: Path
    delimiter: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def column(self, *names: str) -> int | None:
        """The index of the first of these columns, whatever their case."""
        header = [cell.strip().casefold() for cell in self.header]
        return next((header.index(name) for name in names if name in header), None)


def read_class_list(path: Path) -> ClassList:
    """Read a CSV file with a header; commas, semicolons and tabs are recognised.

    Raises:
        CourseError: it cannot be read, or is no table.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise CourseError(f"{path} cannot be read ({error.strerror}): check the path") from None
    except UnicodeDecodeError:
        raise CourseError(f"{path} is not UTF-8: export it as CSV in UTF-8") from None
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        rows = list(csv.reader(text.splitlines(keepends=True), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise CourseError(f"{path} is not valid CSV ({error}): export it again") from None
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    if not rows or len(rows[0]) < 2:
        raise CourseError(f"{path} has no header with several columns: export it as CSV")
    width = len(rows[0])
    cells = [tuple(row[:width]) + ("",) * (width - len(row)) for row in rows]
    return ClassList(path, delimiter, cells[0], tuple(cells[1:]))


def find_rows(students: Iterable[str], listed: ClassList) -> dict[str, int]:
    """The row of each student who is in the list, by the system's number, a name, or both.

    Raises:
        CourseError: a student may be several rows, or a row several students.
    """
    rows_of: dict[str, list[int]] = {}
    for index, cells in enumerate(listed.rows):
        for key in _row_keys(listed, cells):
            rows_of.setdefault(key, []).append(index)
    found: dict[str, int] = {}
    taken: dict[int, str] = {}
    for student in students:
        rows = sorted(_rows_of(student, rows_of))
        if len(rows) > 1:
            lines = " and ".join(_shown(listed, row) for row in rows)
            raise CourseError(f"{listed.path.name}: {student} may be {lines}: keep one of them")
        for row in rows:
            if row in taken:
                raise CourseError(
                    f"{listed.path.name}: {_shown(listed, row)} may be {taken[row]} and {student}: "
                    "name their submissions as the list does"
                )
            taken[row], found[student] = student, row
    return found


def _rows_of(student: str, rows_of: dict[str, list[int]]) -> set[int]:
    """Rows that may be this student; of namesakes the one with the right number."""
    numbered = NUMBERED.fullmatch(student)
    names = _name_keys(student) | (_name_keys(numbered["name"]) if numbered else set())
    by_name = {row for name in names for row in rows_of.get(name, [])}
    by_number = set(rows_of.get(f"number {numbered['id']}", [])) if numbered else set()
    return by_name & by_number or by_name | by_number


def _shown(listed: ClassList, row: int) -> str:
    return f"row {row + 2} ({' '.join(listed.rows[row][:2])})"


def _row_keys(listed: ClassList, row: tuple[str, ...]) -> set[str]:
    keys = set()
    first, last = listed.column("first name", "firstname"), listed.column("last name", "lastname")
    if first is not None and last is not None:
        keys |= _name_keys(f"{row[last]}, {row[first]}")
    for title, cell in zip(listed.header, row, strict=True):
        title = title.strip().casefold()
        if title in NAMES:
            keys |= _name_keys(cell)
        elif title == "identifier" and (number := re.search(r"\d+$", cell.strip())):
            keys.add(f"number {number[0]}")
        elif title == "id":
            keys.add(f"number {cell.strip()}")
    return keys


def _name_keys(text: str) -> set[str]:
    """As it stands, and more: "Lovelace, Ada" is also Ada Lovelace, ada@uni.example also ada."""
    last, comma, first = text.partition(",")
    local, at, _ = text.partition("@")
    forms = [text, *([f"{first} {last}"] if comma else []), *([local] if at else [])]
    return {key for form in forms if (key := _squash(form))}


def _squash(text: str) -> str:
    """Letters and digits alone, without case or accents."""
    text = unicodedata.normalize("NFKD", text).casefold()
    return "".join(character for character in text if character.isalnum())
