"""Every command prints on consoles that are not UTF-8."""

import io
import os
import re
import subprocess
import sys

import pytest

from autograder import ROOT

SOLUTION = ROOT / "solution"
sys.path.insert(0, str(SOLUTION))

from rdlab import __main__ as cli  # noqa: E402
from rdlab.lab import check as checks  # noqa: E402
from rdlab.lab.console import in_ascii  # noqa: E402

ENCODINGS = {
    "cp1252": {"PYTHONIOENCODING": "cp1252"},
    "cp437": {"PYTHONIOENCODING": "cp437"},
    "ascii": {"PYTHONIOENCODING": "ascii"},
    "C locale": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
}
EVERY_HELP = """
import sys
from rdlab.__main__ import build_parser, main
from rdlab.lab.commands import argparse
actions = build_parser()._actions
[commands] = [a for a in actions if isinstance(a, argparse._SubParsersAction)]
for name in ["", *commands.choices]:
    try:
        main([*name.split(), "--help"])
    except SystemExit as end:
        assert end.code == 0
assert len(commands.choices) >= 8
"""


def run(encoding: str, *words: str) -> subprocess.CompletedProcess:
    keep = {name: text for name, text in os.environ.items() if not name.startswith(("LC_", "LANG"))}
    return subprocess.run(
        [sys.executable, *words],
        cwd=SOLUTION,
        env=keep | ENCODINGS[encoding],
        capture_output=True,
        check=False,
    )


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_the_help_of_every_command(encoding):
    done = run(encoding, "-c", EVERY_HELP)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"one beta-VAE per beta" in done.stdout


@pytest.mark.parametrize("encoding", ["cp1252", "cp437", "ascii", "latin-1"])
def test_whatever_is_printed_while_a_command_runs(monkeypatch, encoding):
    """Marks, letters and file names in its output and in its error message."""
    output = {name: io.TextIOWrapper(io.BytesIO(), encoding) for name in ("stdout", "stderr")}
    for name, stream in output.items():
        monkeypatch.setattr(sys, name, stream)

    def check(*_, **__):
        print(*checks.MARKS.values(), "σ² ≤ ½ → −∞, naïve 你 \udcff")
        raise checks.LabError("β is missing")

    monkeypatch.setattr(checks, "check", check)
    assert cli.main(["check"]) == 2
    for stream in output.values():
        stream.flush()
    shown = output["stdout"].buffer.getvalue()
    assert shown.decode(encoding).split()[:2] in (["+", "x"], ["✓", "✗"])
    assert b"missing" in output["stderr"].buffer.getvalue()


def test_the_spelling_in_ascii():
    assert in_ascii("β = 2σ² ≥ ½ · ‖x̂‖") == "beta = 2sigma2 >= 1/2 . ||x||"
    assert in_ascii("✓ ✗ · … 你") == "+ x . ... ?"


def test_nothing_that_the_lab_prints_is_lost():
    """Every letter in the lab's source has a spelling of its own."""
    text = "".join(path.read_text(encoding="utf-8") for path in (SOLUTION / "rdlab").rglob("*.py"))
    lost = {letter for letter in set(text) if "?" in in_ascii(letter) and letter != "?"}
    assert lost <= set("ℓ⌊⌋")


def test_workers_print_as_the_command_does(tmp_path):
    """Progress of trainings in processes of their own, under a name with β."""
    words = "sweep --hidden 4 --latent-dim 2 --epochs 1 --batch-size 1000 --beta 1 2 --jobs 2"
    done = run("ascii", "-m", "rdlab", *words.split(), "--out", str(tmp_path / "runs"))
    assert done.returncode == 0, done.stderr
    assert re.search(rb"beta = [12]: test_rate", done.stderr)  # the bar shows the last, at least
    assert b"Traceback" not in done.stderr
