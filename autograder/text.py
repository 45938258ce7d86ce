"""How numbers, moments and texts of unknown origin are written, everywhere alike."""

import codecs
import hmac
import os
import sys
import unicodedata
from datetime import datetime

UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode categories: control and format characters, lone surrogates, line separators."""

SPELT = {"–": "-", "−": "-", "·": ".", "β": "beta", "σ": "sigma", "×": "x", "→": "->", "ø": "o"}
"""What is printed in ASCII where a console has no more."""


def number(value: float) -> str:
    """Return points as people write them: 3, 2.5, 0.33."""
    return f"{round(value, 2):g}"


def moment(time: datetime) -> str:
    """Return a time to the minute; a second too late must not read as in time."""
    return f"{time:%Y-%m-%d %H:%M:%S %Z}" if time.second else f"{time:%Y-%m-%d %H:%M %Z}"


def plural(count: int, noun: str) -> str:
    """Return "1 task", "2 tasks"."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def points_in_words(points: float) -> str:
    """Return "1 point", "2.5 points"."""
    return f"{number(points)} point" + ("" if points == 1 else "s")


def printable(text: object, *, keep: str = "", most: int | None = None) -> str:
    """Return a text without what a terminal, a browser or an editor would act upon.

    Args:
        keep: control characters that stay, such as newlines.
        most: characters; longer texts are cut, and end in "…".
    """
    words = str(text)
    if most is not None and len(words) > most:
        words = words[: most - 1] + "…"
    if words.isprintable():  # nearly all are: no letter is looked at by itself
        return words
    return "".join(
        letter if letter in keep or unicodedata.category(letter) not in UNPRINTABLE else "?"
        for letter in words
    )


def folded(name: str) -> str:
    """Return a name as it is compared: without case, its umlauts composed."""
    return unicodedata.normalize("NFC", name).casefold()


def pseudonym(student: str, salt: str) -> str:
    """Return a student's name in lists for others: the same in a course, another one elsewhere."""
    digest = hmac.new(f"pseudonym {salt}".encode(), student.encode(errors="replace"), "sha256")
    return f"student-{digest.hexdigest()[:10]}"


def board_name(student: str, salt: str) -> str:
    """Return a student's name on the leaderboard, which tells nothing of other lists' names."""
    return pseudonym(student, f"leaderboard {salt}")


def option(name: str) -> str:
    """Return an option as whoever gave the command writes it: --out, or OUT= where make runs it."""
    return f"{name.removeprefix('--').upper()}=" if "MAKELEVEL" in os.environ else name


def switch(name: str) -> str:
    """Return an option without a value likewise: --yes, or YES=1."""
    return option(name).replace("=", "=1")


def write_anything() -> None:
    """Let this process print every character: what the console's encoding lacks becomes ASCII."""
    codecs.register_error("autograder.ascii", _in_ascii)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="autograder.ascii")


def _in_ascii(error: UnicodeError) -> tuple[str, int]:
    """Return ASCII for letters that cannot be encoded: é as e, and ? for what has no such form."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = unicodedata.normalize("NFKD", error.object[error.start : error.end])
    letters = (SPELT.get(letter, letter) for letter in text if not unicodedata.combining(letter))
    return "".join(each if each.isascii() else "?" for each in letters), error.end
