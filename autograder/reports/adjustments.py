"""What an instructor lays beside the submissions: when they came, and what is decided by hand.

submissions.csv says when each student submitted (see `times`), roster.csv who is in the course,
adjustments.toml holds extensions, points set by hand, whose a submission is and answers to requests
in regrade-requests/. All are read from the class folder, never from a submission.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from autograder.course import Course, CourseError, Late, in_zone
from autograder.fields import NON_NEGATIVE, POSITIVE, check_fields, read_toml
from autograder.intake.deliveries import RESERVED, Delivery
from autograder.intake.submission import REQUESTS, is_submission_itself, safe_name
from autograder.reports.marks import Marked, read_marks
from autograder.reports.regrade_requests import Asked, Request, read_requests
from autograder.reports.roster import ROSTER, Person, find_people, match_people, read_people
from autograder.reports.times import (
    CANVAS_TIMES,
    FILE_TIME,
    TIMES,
    Deliveries,
    Submitted,
    Times,
    file_time,
    read_times,
)
from autograder.text import folded, moment, pseudonym

ADJUSTMENTS = "adjustments.toml"
BESIDE = (ADJUSTMENTS, TIMES, CANVAS_TIMES, ROSTER)
"""Files of the instructor beside the submissions."""
KINDS = ("extension", "override", "bonus", "student", "answer")
"""What adjustments.toml may hold."""
RULES = {
    "last": "the last one counts",
    "last_in_time": "the last one before the deadline counts",
    "best": "the best one counts",
}


@dataclass(frozen=True)
class Extension:
    until: datetime
    reason: str


@dataclass(frozen=True)
class Override:
    """Points set by hand, for one task or, with no task, for the final score."""

    task: str | None
    points: float
    reason: str


@dataclass(frozen=True)
class Bonus:
    """Points given beside the tasks; lateness takes nothing off them."""

    points: float
    reason: str


@dataclass(frozen=True)
class Decisions:
    """By student, as the gradebook names them."""

    submitted: dict[str, Submitted] = field(default_factory=dict)
    extensions: dict[str, Extension] = field(default_factory=dict)
    overrides: dict[str, tuple[Override, ...]] = field(default_factory=dict)
    counted: dict[str, Delivery] = field(default_factory=dict)
    """The delivery that counts; under the rule "best", the last one until all are graded."""
    attempts: dict[str, str] = field(default_factory=dict)
    """Of those who handed in several, which of them counts and why, in words."""
    by_path: dict[Path, Submitted] = field(default_factory=dict)
    """When each delivery came, also those that do not count."""
    people: dict[str, Person] = field(default_factory=dict)
    missing: tuple[Person, ...] = ()
    """Of the roster, who has handed in nothing."""
    requests: dict[str, tuple[Asked, ...]] = field(default_factory=dict)
    """For a regrade, with the answers there are."""
    members: dict[str, str] = field(default_factory=dict)
    """Members of groups without a submission of their own: whose submission is theirs, too."""
    marked: dict[str, Marked] = field(default_factory=dict)
    """The marks of the report; empty where they are no part of the score."""
    bonus: dict[str, tuple[Bonus, ...]] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    """What of the lists is of no effect until somebody has cleared it up; one sentence each."""


def load_decisions(
    folder: Path,
    deliveries: Deliveries,
    course: Course,
    graded: Mapping[str, Path] | None = None,
) -> Decisions:
    """Read what lies beside the submissions of a class folder; each file may be missing.

    Where the folder is a submission itself, what lies in it is its student's and is not read.

    Args:
        deliveries: of every student.
        graded: under the rule "best", which delivery of a student was found to be it.

    Raises:
        CourseError: a file cannot be read, or names a task or a time there is not.
    """
    ours = None if is_submission_itself(folder) else folder
    table, roster = _lists(ours)
    known = _Known(deliveries, roster, table.get("student", []))
    if course.submissions.groups:
        known.share_in_groups()
    by_hand = _by_hand(ours, table, known, course)
    times = _times(ours, deliveries, known, course.late)
    counted = {
        each: _counted(group, times, by_hand.extensions.get(each), course, (graded or {}).get(each))
        for each, group in deliveries.items()
    }
    found = {student: times.by_path.get(each.path) for student, each in counted.items()}
    return replace(
        by_hand,
        submitted={s: time for s, time in found.items() if time and time.source != FILE_TIME},
        counted=counted,
        attempts={s: in_words(g, counted[s], course) for s, g in deliveries.items() if len(g) > 1},
        by_path=times.by_path,
        people=times.people | known.people,
        missing=tuple(known.missing()),
        members=known.members,
        problems=(*known.problems, *times.problems),
    )


def _lists(folder: Path | None) -> tuple[dict, list[Person]]:
    """Return adjustments.toml's and roster.csv's content; empty without an instructor's folder."""
    if folder is None:
        return {}, []
    adjustments, roster = folder / ADJUSTMENTS, folder / ROSTER
    table = read_toml(adjustments) if adjustments.is_file() else {}
    check_fields(table, ADJUSTMENTS, {}, dict.fromkeys(KINDS, list))
    return table, read_people(roster) if roster.is_file() else []


def _times(
    folder: Path | None, deliveries: Deliveries, known: "_Known", late: Late | None
) -> Times:
    """Return when each delivery came, found by the name of any member of its group, too."""
    if late is None:
        return Times()
    shared = {member: deliveries[owner] for member, owner in known.members.items()}
    return read_times(folder, {**deliveries, **shared}, known.people, late)


def _by_hand(folder: Path | None, table: dict, known: "_Known", course: Course) -> Decisions:
    """Return what a person has decided, of extensions, points, marks and answers."""
    extensions = _extensions(table.get("extension", []), known, course.late)
    marked = _marked(folder, known, course)
    report = max((each.of for each in marked.values()), default=0)
    return Decisions(
        extensions=extensions,
        overrides=_overrides(table.get("override", []), known, course, report),
        requests=_requests(folder, table.get("answer", []), known, course),
        marked=marked,
        bonus=_bonus(table.get("bonus", []), known),
    )


class _Known:
    """Who the submissions are of, and who else is in the course."""

    def __init__(self, deliveries: Deliveries, roster: list[Person], named: list):
        self.students, self.roster = list(deliveries), roster
        self.problems: list[str] = []
        self.members: dict[str, str] = {}
        ids = {}
        for entry in named:
            where = f"{ADJUSTMENTS} [[student]]"
            check_fields(entry, where, {"submission": str, "id": str})
            if student := self.student(where, entry["submission"], "submission"):
                ids[student] = entry["id"]
        self.people, unclear = match_people(deliveries, roster, ids)
        self.problems += [
            f"{each}: say who it is by [[student]] in {ADJUSTMENTS}" for each in unclear
        ]

    def share_in_groups(self) -> None:
        """Take those who are missing for members of the one submission of their group."""
        for person in [each for each in self.missing() if each.group]:
            owners = [
                student
                for student, each in self.people.items()
                if each.group == person.group and student not in self.members
            ]
            if len(owners) > 1:
                self.problems.append(
                    f"{ROSTER}: {person.name} is in group {person.group}, of which "
                    f"{' and '.join(owners)} have handed in: leave one of them in the group"
                )
            elif owners:
                name = self._free_name(person)
                self.members[name] = owners[0]
                self.people[name] = person
                self.students.append(name)

    def _free_name(self, person: Person) -> str:
        """Return the name for a member's folder of results, which is nobody else's."""
        taken = {folded(each) for each in (*self.students, *RESERVED)}
        name = safe_name(person.name)
        if folded(name) in taken:
            name = safe_name(f"{person.name} ({person.id or person.email or 'member'})")
        while folded(name) in taken:
            name += "+"
        return name

    def missing(self) -> list[Person]:
        return [person for person in self.roster if person not in self.people.values()]

    def student(self, where: str, text: str, key: str = "student") -> str | None:
        """Return the student whom an entry names, or None; note who is in no list as a problem."""
        for student in self.students:
            if folded(student) == folded(text):
                return student
        known = find_people(text, self.roster)
        theirs = [student for student in self.students if self.people.get(student) in known]
        if key == "student" and len(known) == 1 and len(theirs) == 1:
            return theirs[0]
        if len(known) == 1:
            return None
        close = get_close_matches(text.casefold(), [each.casefold() for each in self.students], 1)
        hint = f"; the nearest is {close[0]}" if close else ""
        self.problems.append(f"{where}: no submission is named {text!r}: it has no effect{hint}")
        return None


def _counted(
    group: tuple[Delivery, ...],
    times: Times,
    extension: Extension | None,
    course: Course,
    best: Path | None,
) -> Delivery:
    """Return the delivery of a student that counts; under the rule "best", the last one for now."""
    if course.submissions.attempts == "best" and best is not None:
        return next((each for each in group if each.path.name == best.name), group[-1])
    if course.submissions.attempts != "last_in_time" or course.late is None:
        return group[-1]
    due = extension.until if extension else course.late.due
    last = due.timestamp() + 60 * course.late.grace_minutes
    in_time = [
        each
        for each in group
        if not each.marked_late
        and each.path in times.by_path
        and times.by_path[each.path].time.timestamp() <= last
    ]
    return (in_time or group)[-1]


def in_words(group: tuple[Delivery, ...], counted: Delivery, course: Course) -> str:
    """Say which of several deliveries counts."""
    which = f"{group.index(counted) + 1} of {len(group)}"
    return f"{which}: {counted.path.name}; {RULES[course.submissions.attempts]}"


def _extensions(entries: list, known: _Known, late: Late | None) -> dict[str, Extension]:
    where = f"{ADJUSTMENTS} [[extension]]"
    found = []
    for entry in entries:
        check_fields(entry, where, {"student": str, "until": date, "reason": str})
        if late is None:
            raise CourseError(
                f"{where}: course.toml has no [late] section: nothing needs extending"
            )
        until = in_zone(entry["until"], late.timezone)
        if student := known.student(where, entry["student"]):
            found.append((student, Extension(until, entry["reason"])))
    _refuse_duplicates("extension", [student for student, _ in found])
    return dict(found)


def _overrides(
    entries: list, known: _Known, course: Course, report: float
) -> dict[str, tuple[Override, ...]]:
    """Return points set by hand; a whole score may have those of a marked report, too."""
    where = f"{ADJUSTMENTS} [[override]]"
    found: dict[str, tuple[Override, ...]] = {}
    for entry in entries:
        override = _override(entry, where, course, report)
        if student := known.student(where, entry["student"]):
            found[student] = (*found.get(student, ()), override)
        elif len(find_people(entry["student"], known.roster)) == 1:
            known.problems.append(
                f"{where}: {entry['student']} has handed in nothing: enter the points by hand"
            )
    twice = [f"{s}, {o.task or 'whole score'}" for s, given in found.items() for o in given]
    _refuse_duplicates("override", twice)
    return found


def _override(entry: Any, where: str, course: Course, report: float) -> Override:
    check_fields(
        entry, where, {"student": str, "points": NON_NEGATIVE, "reason": str}, {"task": str}
    )
    task, points = entry.get("task"), {task.id: task.points for task in course.tasks}
    where = f"{where} of {entry['student']}"
    if task is not None and task not in points:
        raise CourseError(f"{where}: there is no task {task!r}: correct it")
    whole = course.submissions.maximum or course.points + report
    most = whole if task is None else points[task]
    if entry["points"] > most:
        what = "the course" if task is None else f"task {task}"
        raise CourseError(f"{where}: {what} has {most:g} points: give no more")
    return Override(task, entry["points"], entry["reason"])


def _bonus(entries: list, known: _Known) -> dict[str, tuple[Bonus, ...]]:
    where = f"{ADJUSTMENTS} [[bonus]]"
    found: dict[str, tuple[Bonus, ...]] = {}
    for entry in entries:
        check_fields(entry, where, {"student": str, "points": POSITIVE, "reason": str})
        if student := known.student(where, entry["student"]):
            bonus = Bonus(entry["points"], entry["reason"])
            found[student] = (*found.get(student, ()), bonus)
    return found


def _marked(folder: Path | None, known: _Known, course: Course) -> dict[str, Marked]:
    """Return the marks of each student's report, which may be named by the pseudonym."""
    if folder is None:
        return {}
    secret = {pseudonym(student, course.salt): student for student in known.students}
    marks_of = read_marks(
        folder, lambda where, name: secret.get(name) or known.student(where, name)
    )
    every = {student: marks_of(student) for student in known.students}
    return {student: marks for student, marks in every.items() if marks is not None}


def _requests(
    folder: Path | None, answers: list, known: _Known, course: Course
) -> dict[str, tuple[Asked, ...]]:
    """Return what each student asks for, with the answers; requests of nobody are problems."""
    where = f"{ADJUSTMENTS} [[answer]]"
    said = {}
    for entry in answers:
        check_fields(entry, where, {"student": str, "request": str, "text": str})
        said[entry["request"]] = entry
    _refuse_duplicates("answer", [f"the request {entry['request']}" for entry in answers])
    found: dict[str, tuple[Asked, ...]] = {}
    asked, problems = read_requests(folder / REQUESTS) if folder else ([], [])
    known.problems += problems
    for request in asked:
        place = f"{REQUESTS}/{request.file}"
        if request.task not in [task.id for task in course.tasks]:
            known.problems.append(f"{place}: there is no task {request.task!r}: correct it there")
        elif student := known.student(place, request.student):
            answer = said.get(request.id, {})
            if answer and known.student(where, answer["student"]) != student:
                raise CourseError(f"{where}: the request {request.id} is of {student}: correct it")
            note = _note(request, known.people.get(student), course)
            each = Asked(request, answer.get("text", ""), note)
            found[student] = (*found.get(student, ()), each)
    ids = [each.request.id for group in found.values() for each in group]
    known.problems += [
        f"{where}: {REQUESTS}/ holds no request {entry['request']!r}: it has no effect"
        for entry in answers
        if entry["request"] not in ids
    ]
    return found


def _note(request: Request, person: Person | None, course: Course) -> str:
    """Say what a person should know before answering a request; mostly empty."""
    notes = []
    address = person.email if person else ""
    if request.sender and address and folded(request.sender) != folded(address):
        notes.append(f"sent by {request.sender}, the list of students has {address}")
    asking, received = course.regrade_requests, request.received
    if asking and asking.until and received and received.timestamp() > asking.until.timestamp():
        notes.append(f"sent after the last day, {moment(received)}")
    return "; ".join(notes)


def _refuse_duplicates(what: str, entries: list[str]) -> None:
    for entry, count in Counter(entries).items():
        if count > 1:
            raise CourseError(f"{ADJUSTMENTS} has {count} [[{what}]] for {entry}: keep one")


def with_file_times(decisions: Decisions, times: dict[str, float | None], late: Late) -> Decisions:
    """Add the times of the files themselves, for those whom no list names.

    Args:
        times: in seconds since 1970, by student; any number, as students' clocks are.
    """
    found = {
        student: time
        for student, seconds in times.items()
        if seconds is not None and (time := file_time(seconds, late))
    }
    return replace(decisions, submitted=found | decisions.submitted)


def with_members(decisions: Decisions) -> Decisions:
    """Add for members of groups what is decided for whoever handed in; their own goes before it."""
    submitted, extensions = dict(decisions.submitted), dict(decisions.extensions)
    overrides, bonus = dict(decisions.overrides), dict(decisions.bonus)
    marked, attempts = dict(decisions.marked), dict(decisions.attempts)
    for member, owner in decisions.members.items():
        if owner in submitted:
            submitted[member] = submitted[owner]
        if owner in extensions:
            extensions.setdefault(member, extensions[owner])
        if owner in attempts:
            attempts[member] = attempts[owner]
        overrides[member] = _with_own(overrides.get(member, ()), overrides.get(owner, ()))
        bonus[member] = (*bonus.get(owner, ()), *bonus.get(member, ()))
        if owner in marked and not marked[member].marks:
            marked[member] = marked[owner]
    return replace(
        decisions,
        submitted=submitted,
        extensions=extensions,
        overrides=overrides,
        bonus=bonus,
        marked=marked,
        attempts=attempts,
    )


def _with_own(own: tuple[Override, ...], groups: tuple[Override, ...]) -> tuple[Override, ...]:
    """Return a member's own points and those of the group, but for what they leave without effect.

    A whole score of the group would do that to points of a task that the member alone has.
    """
    settled = {override.task for override in own} | ({None} if own else set())
    return (*own, *(each for each in groups if each.task not in settled))
