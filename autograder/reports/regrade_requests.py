"""What students ask to have looked at again: written in the feedback page, answered by a person.

A page gives a text for each check that took points. Sent as a mail or handed in as a file, it
comes back into the folder `regrade-requests/` of the class folder. Nothing in it is believed: a
request is shown to a person, with its sender, and changes no score.
"""

import email
import hashlib
import json
import mailbox
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.utils import parseaddr
from html.parser import HTMLParser
from pathlib import Path

from autograder.course import CourseError
from autograder.intake.submission import REQUESTS
from autograder.text import printable

TITLE = "Regrade request"
FIELDS = ("student", "task", "check", "reason")
FIELD = re.compile(rf"\s*({'|'.join(FIELDS)})\s*:[ \t]*(.*)", re.IGNORECASE)
SIGNATURE = "-- "
"""The line after which mail programs put who writes."""
WHOLE_TASK = "the whole task"
MAX_REASON = 4000
MAX_BYTES = 5_000_000
TEXTS, MAILS, BOXES = (".txt", ".md"), (".eml",), (".mbox",)


@dataclass(frozen=True)
class Request:
    """What a student asks to have looked at again."""

    student: str
    """As it is written there."""
    task: str
    check: str
    """The title of the check, or WHOLE_TASK."""
    reason: str
    file: str
    sender: str = ""
    """The address that the mail says it is from; empty for a file."""
    received: datetime | None = None

    @property
    def id(self) -> str:
        """A short name, the same for the same request sent twice."""
        said = "\0".join((self.student.casefold(), self.task, self.check, self.reason))
        return hashlib.sha256(said.encode(errors="replace")).hexdigest()[:8]


@dataclass(frozen=True)
class Asked:
    """A request of a known student, with the answer once there is one."""

    request: Request
    answer: str = ""
    note: str = ""
    """What a person should know before answering, such as another sender."""

    @property
    def about(self) -> str:
        return f"Task {self.request.task}, {self.request.check}"


def blank_request(student: str, task: str, check: str = WHOLE_TASK) -> str:
    """Return the text that a student completes with a reason."""
    lines = [TITLE, f"Student: {student}", f"Task: {task}", f"Check: {check}", "Reason: "]
    return "\n".join(" ".join(line.split()) for line in lines) + " "


def answer_entry(student: str, request: Request) -> str:
    """Return the entry of adjustments.toml that answers a request, still without its text."""
    name = json.dumps(student, ensure_ascii=False)
    return f'[[answer]]\nstudent = {name}\nrequest = "{request.id}"\ntext = ""'


def read_requests(folder: Path) -> tuple[list[Request], list[str]]:
    """Return the requests in texts and mails of a folder, and a sentence on each other file.

    The same request in several files is one. Deeper folders, as systems pack them, are read, too.

    Raises:
        CourseError: a file cannot be read.
    """
    found: dict[str, Request] = {}
    problems = []
    for path in sorted(folder.rglob("*")) if folder.is_dir() else []:
        if path.is_symlink() or not path.is_file() or path.name.startswith("."):
            continue
        requests = list(_read(path))
        for request in requests:
            found.setdefault(request.id, request)
        if not requests:
            problems.append(f"{REQUESTS}/{path.name} holds no request: read it yourself")
    return list(found.values()), problems


def _read(path: Path) -> Iterator[Request]:
    suffix = path.suffix.lower()
    try:
        if path.stat().st_size > MAX_BYTES and suffix not in BOXES:
            return
        if suffix in MAILS:
            yield from _in_mail(path.read_bytes(), path)
        elif suffix in BOXES:
            box = mailbox.mbox(path, create=False)
            for key in box.iterkeys():
                yield from _in_mail(box.get_bytes(key), path)
        elif suffix in TEXTS:
            text = path.read_bytes().decode("utf-8-sig", errors="replace")
            yield from _in_text(text, path.name)
    except OSError as error:
        why = error.strerror or error
        raise CourseError(f"{path} cannot be read ({why}): correct that or remove it") from None


def _in_mail(content: bytes, path: Path) -> Iterator[Request]:
    """Yield the requests in a mail's text; none in one that is no mail, or has none."""
    try:
        message = email.message_from_bytes(content, policy=policy.default)
        body = message.get_body(("plain", "html"))
        text = body.get_content() if body is not None else ""
        html = body is not None and body.get_content_subtype() == "html"
        date = message["date"]
        received = date.datetime if date is not None else None
        sender = parseaddr(str(message["from"] or ""))[1]
        text = _plain(text) if html else text
    except Exception:  # as people's mails may be: the libraries fail in many ways, even by assert
        return
    yield from _in_text(text, path.name, sender, received)


def _in_text(
    text: str, file: str, sender: str = "", received: datetime | None = None
) -> Iterator[Request]:
    """Yield the requests in a text; a line that a mail program has broken is put together again."""
    entries: list[dict[str, list[str]]] = []
    key = ""
    for line in text.splitlines():
        if line.strip().casefold() == TITLE.casefold():
            entries.append({})
            key = ""
        elif line == SIGNATURE:
            key = "signature"
        elif entries and key in ("", *FIELDS[:3]) and (named := FIELD.fullmatch(line)):
            key = named[1].casefold()
            entries[-1][key] = [named[2]]
        elif entries and key:
            entries[-1].setdefault(key, []).append(line)
    for entry in entries:
        values = {key: " ".join(" ".join(entry.get(key, [])).split()) for key in FIELDS[:3]}
        reason = printable("\n".join(entry.get("reason", [])).strip(), keep="\n", most=MAX_REASON)
        if values["student"] and values["task"]:
            check = printable(values["check"]) or WHOLE_TASK
            student, task = printable(values["student"]), printable(values["task"])
            yield Request(student, task, check, reason, file, printable(sender), received)


class _Text(HTMLParser):
    """The text of a mail that has no plain one."""

    LINES = frozenset({"br", "p", "div", "li", "tr"})

    def __init__(self) -> None:
        super().__init__()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.text += "\n" if tag in self.LINES else ""

    def handle_data(self, data: str) -> None:
        self.text += " ".join(data.split("\n"))


def _plain(html: str) -> str:
    parser = _Text()
    parser.feed(html)
    parser.close()
    return "\n".join(line.strip() for line in parser.text.splitlines() if line.strip())
