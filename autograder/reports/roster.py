"""Lists of a class as the course's system exports them, and who in them is which submission.

A wrong match gives somebody another one's grade, so what is not certain is told and left alone.
"""

import csv
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from autograder.course import CourseError

ROSTER = "roster.csv"
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
    "e-mail",
    "email address",
    "id number",
    "sid",
)
"""Columns that name a student, in Moodle's, Canvas's and Gradescope's exports and in one's own."""
IDS = ("id", "identifier", "id number", "sid", "sis user id", "student id", "submission id")
EMAILS = ("email", "e-mail", "email address", "sis login id", "login", "username")
NUMBERS = ("id", "identifier", "submission id")
"""Columns of the number by which a system names a student's files."""
NUMBERED = re.compile(r"(?P<name>.+)_(?P<id>\d+)")
"""A student's name as `intake.student_name` makes it of what Canvas and Moodle pack."""
SLIP_DAYS = ("slip days", "slip_days", "slip days left")
NO_NAMES = ("anon", "participant", "submission")
"""What the systems write before the number where they tell no name."""


@dataclass(frozen=True)
class ClassList:
    """A CSV file as it is: every row has as many cells as the header."""

    path: Path
    delimiter: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def column(self, *names: str) -> int | None:
        """Return the index of the first of these columns, whatever their case."""
        header = [cell.strip().casefold() for cell in self.header]
        return next((header.index(name) for name in names if name in header), None)

    def cells(self, row: int, names: Iterable[str]) -> list[str]:
        """Return the cells of a row that are not empty, in the columns of these names."""
        known = set(names)
        pairs = zip(self.header, self.rows[row], strict=True)
        return [
            cell.strip()
            for title, cell in pairs
            if title.strip().casefold() in known and cell.strip()
        ]

    def shown(self, row: int) -> str:
        """Return the row as people find it: its number in the file, and its first cells."""
        return f"row {row + 2} ({' '.join(self.rows[row][:2]).strip()})"


@dataclass(frozen=True)
class Person:
    """Somebody in the course, as roster.csv or the system's list says; unknown is empty."""

    name: str
    id: str = ""
    email: str = ""
    section: str = ""
    group: str = ""
    slip_days: int | None = None
    """How many are left; None where the list does not say."""


@dataclass(frozen=True)
class Rows:
    """The row of each student who is certainly in a list, and a sentence on each who may be."""

    found: dict[str, int] = field(default_factory=dict)
    unclear: dict[str, str] = field(default_factory=dict)
    doubtful: set[int] = field(default_factory=set)
    """The rows that the sentences are about."""


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


def read_people(path: Path) -> list[Person]:
    """Read roster.csv: id, name (or first and last name), e-mail, section, group; not all needed.

    Raises:
        CourseError: it cannot be read, or names nobody.
    """
    listed = read_class_list(path)
    people = [_person(listed, row) for row in range(len(listed.rows))]
    if not any(person.name for person in people):
        raise CourseError(f"{path.name} names nobody: give it the columns id, name, email")
    return [person for person in people if person.name]


def person_of(listed: ClassList, row: int) -> Person:
    """Return whom a row of a system's list is about."""
    return _person(listed, row)


def _person(listed: ClassList, row: int) -> Person:
    def first(*names: str) -> str:
        return next((cells[0] for name in names if (cells := listed.cells(row, [name]))), "")

    given, family = first("first name", "firstname"), first("last name", "lastname")
    return Person(
        name=first("name", "full name", "student") or f"{given} {family}".strip(),
        id=first("id", "sid", "id number", "student id", "identifier"),
        email=first("email", "e-mail", "email address"),
        section=first("section", "sections"),
        group=first("group"),
        slip_days=_slip_days(listed, row, first(*SLIP_DAYS)),
    )


def _slip_days(listed: ClassList, row: int, cell: str) -> int | None:
    if cell and not cell.isdecimal():
        raise CourseError(
            f"{listed.path.name}: {listed.shown(row)} has {cell!r} slip days: write a whole number"
        )
    return int(cell) if cell else None


def match_people(
    students: Iterable[str], people: list[Person], named: Mapping[str, str]
) -> tuple[dict[str, Person], list[str]]:
    """Return who each student's submission is of, and a sentence on each who is unclear.

    The number in a file's name decides between namesakes only: the roster's ids may be others.

    Args:
        named: the ids of students whom their submissions' names do not tell.
    """
    found: dict[str, Person] = {}
    unclear = []
    for student in students:
        known = find_people(named.get(student, student), people)
        if student in named and len(known) != 1:
            known = [Person("", id=named[student])]
        if len(known) == 1:
            found[student] = known[0]
        elif known:
            ids = " and ".join(person.id or person.email or "?" for person in known)
            unclear.append(f"{ROSTER}: {student} may be {ids}")
        elif people:
            unclear.append(f"{ROSTER} has nobody called {student}")
    return found, unclear


def find_people(text: str, people: Iterable[Person]) -> list[Person]:
    """Return those whom a submission's name, an id, an e-mail or a name may mean."""
    exact = [each for each in people if text.casefold() in _exactly(each)]
    if exact:
        return exact
    names, number = _names_and_number(text)
    by_name = [each for each in people if names & _keys_of(each)]
    by_number = [each for each in by_name if number and each.id == number]
    return by_number or by_name


@cache
def _exactly(person: Person) -> set[str]:
    return {text.casefold() for text in (person.id, person.email) if text}


@cache
def _keys_of(person: Person) -> set[str]:
    return (
        last_name_first(person.name)
        | name_keys(person.name)
        | name_keys(person.email)
        | name_keys(person.id)
    )


def find_rows(
    students: Iterable[str],
    listed: ClassList,
    people: Mapping[str, Person] | None = None,
    among: Iterable[int] | None = None,
) -> Rows:
    """Find the row of each student in a list.

    A person's id or e-mail decides, then a name that is written alike in one row alone. Else one
    row alone must have the name, however it is written; where list and submission have the system's
    number as well, both must agree.

    Args:
        people: who the students are, as far as that is known.
        among: the rows to look at; None means all.
    """
    index = _Index(listed, range(len(listed.rows)) if among is None else among)
    claims: dict[int, list[str]] = {}
    rows = Rows()
    for student in students:
        maybe, why = index.rows_of(student, (people or {}).get(student))
        if len(maybe) == 1 and not why:
            claims.setdefault(maybe.pop(), []).append(student)
        elif maybe:
            lines = " and ".join(listed.shown(row) for row in sorted(maybe))
            rows.unclear[student] = f"{listed.path.name}: {student} may be {lines}{why}"
            rows.doubtful.update(maybe)
    for row, claimed in claims.items():
        if len(claimed) == 1:
            rows.found[claimed[0]] = row
            continue
        rows.doubtful.add(row)
        for student in claimed:
            said = f"{listed.path.name}: {listed.shown(row)} may be {' and '.join(claimed)}"
            rows.unclear[student] = said
    return rows


class _Index:
    """The rows of a list by what names them."""

    def __init__(self, listed: ClassList, rows: Iterable[int]):
        self.names: dict[str, set[int]] = {}
        self.as_written: dict[str, set[int]] = {}
        self.numbers: dict[str, set[int]] = {}
        self.exact: dict[str, set[int]] = {}
        self.any_order: dict[int, set[str]] = {}
        for row in rows:
            for key in _row_names(listed, row):
                self.names.setdefault(key, set()).add(row)
            cells = listed.cells(row, NAMES)
            for cell in cells:
                self.as_written.setdefault(_as_written(cell), set()).add(row)
            self.any_order[row] = _row_names(listed, row).union(*map(last_name_first, cells))
            for cell in listed.cells(row, NUMBERS):
                if number := re.search(r"\d+$", cell):
                    self.numbers.setdefault(number[0], set()).add(row)
            for cell in listed.cells(row, {*IDS, *EMAILS}):
                self.exact.setdefault(cell.casefold(), set()).add(row)

    def rows_of(self, student: str, person: Person | None) -> tuple[set[int], str]:
        """Return the rows that may be a student, and why the only one is not certain."""
        names, number = _names_and_number(student)
        if person is not None:
            if len(rows := self._rows_of_person(person)) == 1:
                return set(rows), ""
            names |= name_keys(person.name)
        if len(rows := self.as_written.get(_as_written(student), set())) == 1:
            return set(rows), ""
        by_name = self._named(names)
        by_number = self.numbers.get(number, set()) if number else set()
        if not names:
            return set(by_number), ""
        agreeing = {row for row in by_number if names & self.any_order[row]}
        if agreeing:
            return agreeing, ""
        if by_number:
            return by_name | by_number, f": number {number} has another name there"
        if by_name and number and self.numbers:
            return by_name, f": there it has another number than {number}"
        return by_name, ""

    def _rows_of_person(self, person: Person) -> set[int]:
        """Find rows by e-mail, or by id and name: another system's ids may be the same numbers."""
        if person.email and (rows := self.exact.get(person.email.casefold())):
            return rows
        rows = self.exact.get(person.id.casefold(), set()) if person.id else set()
        return rows & self._named(name_keys(person.name)) if person.name else rows

    def _named(self, names: set[str]) -> set[int]:
        return {row for name in names for row in self.names.get(name, set())}


def _names_and_number(student: str) -> tuple[set[str], str]:
    """Return what a submission's name may say of its student: names, and the system's number."""
    numbered = NUMBERED.fullmatch(student)
    if numbered is None:
        return name_keys(student), ""
    if numbered["name"].casefold().rstrip("_ ") in NO_NAMES:
        return set(), numbered["id"]
    return name_keys(student) | name_keys(numbered["name"]), numbered["id"]


def _row_names(listed: ClassList, row: int) -> set[str]:
    keys = set()
    first, last = listed.column("first name", "firstname"), listed.column("last name", "lastname")
    if first is not None and last is not None:
        cells = listed.rows[row]
        keys |= name_keys(f"{cells[last]}, {cells[first]}")
    for cell in listed.cells(row, NAMES):
        keys |= name_keys(cell)
    return keys


def name_keys(text: str) -> set[str]:
    """Return a name's forms: "Lovelace, Ada" is also Ada Lovelace, ada@uni.example also ada."""
    last, comma, first = text.partition(",")
    local, at, _ = text.partition("@")
    forms = [text, *([f"{first} {last}"] if comma else []), *([local] if at else [])]
    return {key for form in forms if (key := _squash(form))}


def last_name_first(text: str) -> set[str]:
    """Return the name as Canvas begins file names, last name first: lovelaceada."""
    first, _, last = text.strip().rpartition(" ")
    return {_squash(last + first)} if first and "," not in text else set()


def _as_written(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip().casefold()


@cache
def _squash(text: str) -> str:
    """Return letters and digits alone, without case or accents."""
    text = unicodedata.normalize("NFKD", text).casefold()
    return "".join(character for character in text if character.isalnum())
