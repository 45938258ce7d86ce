"""Numbers, moments and texts of unknown origin."""

import os
import subprocess
import sys
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from autograder import ROOT
from autograder.text import moment, number, option, plural, printable, switch


def test_numbers_moments_and_counts():
    assert [number(value) for value in (3.0, 2.5, 1 / 3, 0)] == ["3", "2.5", "0.33", "0"]
    time = datetime(2026, 11, 30, 23, 59, 1, tzinfo=ZoneInfo("Europe/Berlin"))
    assert moment(time) == "2026-11-30 23:59:01 CET"
    assert moment(time.replace(second=0)) == "2026-11-30 23:59 CET"
    assert [plural(count, "day") for count in (0, 1, 2)] == ["0 days", "1 day", "2 days"]


@pytest.mark.parametrize(
    "text", ["\x1b[31m", "\0", "\u202e", "\u2028", "\ud800", "\r", "\x85", "\ufeff"]
)
def test_what_a_terminal_or_browser_would_act_upon_is_replaced(text):
    shown = printable(f"a{text}b", keep="\n\t")
    assert shown == f"a?{text[1:]}b"


def test_the_words_of_every_language_stay():
    words = "Éva Müller 李 אבג 🙂 a\N{NO-BREAK SPACE}b"
    assert printable(words) == words


def test_what_is_kept_and_what_is_cut():
    assert printable("a\nb\tc") == "a?b?c"
    assert printable("a\nb\tc", keep="\n\t") == "a\nb\tc"
    assert printable("y" * 10, most=4) == "yyy…"
    assert printable("yyyy", most=4) == "yyyy"
    assert printable(OSError("no")) == "no"


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "cp437"])
def test_every_command_prints_on_any_console(encoding):
    code = (
        "from autograder.__main__ import COMMANDS, main\n"
        "names = [c.__name__.rpartition('.')[2].replace('_', '-') for c in COMMANDS]\n"
        "for name in ['', *names]:\n"
        "    try: main([*name.split(), '--help'])\n"
        "    except SystemExit as end: assert not end.code, name\n"
        "from autograder.commands.shared import console\n"
        "console.print('Ångström – β 你: −1, ·')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": encoding},
        capture_output=True,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    shown = {"ascii": "Angstrom - beta ?: -1, .", "cp437": "Ångström - beta ?: -1, ·"}
    last = done.stdout.decode(encoding).splitlines()[-1]
    assert last == shown.get(encoding, "Ångström – beta ?: -1, ·")


def test_options_are_named_as_they_were_typed(monkeypatch):
    monkeypatch.delenv("MAKELEVEL", raising=False)
    assert (option("--out"), switch("--yes")) == ("--out", "--yes")
    monkeypatch.setenv("MAKELEVEL", "1")
    assert (option("--out"), switch("--yes")) == ("OUT=", "YES=1")
