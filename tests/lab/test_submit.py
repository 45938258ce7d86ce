"""`python -m rdlab submit`: what is packed, and what is said to be missing."""

import json
import sys
import zipfile
from pathlib import Path

import pytest

from autograder import ROOT
from autograder.course import load_course, public_part
from autograder.intake.submission import collect

sys.path.insert(0, str(ROOT / "solution"))

from rdlab import __main__ as cli
from rdlab.lab.submit import MB, read_asked, submission_files

COURSE = load_course(ROOT / "course.toml")
STUB = '    # TODO\n    raise NotImplementedError("Task 2.7: interpolate")\n'
TWO = """
[submission]
megabytes = 1
[experiment.first]
folder = "first"
files = ["config.json", "weights.safetensors"]
runs = ["small-*", "whole"]
top_files = ["evaluation.csv"]
[experiment.second]
folder = "second"
files = ["config.json"]
runs = ["only"]
top_files = []
"""


@pytest.fixture
def lab(tmp_path, monkeypatch) -> Path:
    """A student's folder: two modules, one of them a stub, and half a report."""
    write(tmp_path, "rdlab/gaussian.py", "def reparameterize(): return 1\n")
    write(tmp_path, "rdlab/latents.py", "def interpolate():\n" + STUB)
    write(tmp_path, "tasks.toml", public_part(COURSE))
    write(tmp_path, "report.ipynb", report("*Your answer here.*", "Yes, because …"))
    write(tmp_path, "secret.txt", "not for submission")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(root: Path, name: str, text: str = "{}") -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def report(*answers: str, counts=(1, 2), outputs=((), ())) -> str:
    """A notebook with these answers and two code cells, run or not."""
    cells = [{"cell_type": "markdown", "source": [answer]} for answer in answers]
    for count, own in zip(counts, outputs, strict=True):
        output = [{"output_type": kind} for kind in own]
        code = {"cell_type": "code", "source": ["draw()"], "execution_count": count}
        cells.append({**code, "outputs": output})
    return json.dumps({"cells": cells})


def sweep(root: Path, folder: str = "runs", *further: str) -> None:
    asked = read_asked(root)["experiment"]["beta_sweep"]
    for run in [*asked["runs"], *further]:
        for name in asked["files"]:
            write(root, f"{folder}/{run}/{name}")


def packed(root: Path) -> list[str]:
    with zipfile.ZipFile(root / "submission.zip") as archive:
        assert archive.testzip() is None
        return archive.namelist()


def missing(capsys) -> list[str]:
    lines = capsys.readouterr().out.splitlines()
    return [line.removeprefix("missing: ") for line in lines if line.startswith("missing")]


def failure(capsys, *argv: str) -> str:
    assert cli.main(["submit", *argv]) == 2
    return capsys.readouterr().err.splitlines()[-1]


def test_what_belongs_is_packed_and_the_rest_is_said_to_be_missing(lab, capsys):
    sweep(lab, "runs", "beta-3")
    (lab / "runs" / "beta-2" / "metrics.csv").unlink()
    for path in (lab / "runs" / "beta-5").iterdir():
        path.unlink()
    write(lab, "runs/beta-1/model.pt")
    assert cli.main(["submit"]) == 0
    assert missing(capsys) == [
        "Task 2.7: interpolate (rdlab/latents.py)",
        "runs/beta-2: metrics.csv",
        "runs/beta-5: config.json, metrics.csv, weights.safetensors",
        "report.ipynb: 1 answers",
    ]
    names = packed(lab)
    assert len(names) == 2 + 4 * 3 + 2 + 1
    assert not [name for name in names if "beta-3" in name or "secret" in name or ".pt" in name]


def test_a_class_of_several_stubs_is_missing_once(lab, capsys):
    stub = STUB.replace("2.7: interpolate", "4.3: Autoencoder")
    write(lab, "rdlab/foundations.py", f"def encode():\n{stub}def decode():\n{stub}")
    assert cli.main(["submit"]) == 0
    assert capsys.readouterr().out.count("Task 4.3: Autoencoder") == 1


def test_what_is_packed_is_what_intake_takes(lab, tmp_path):
    sweep(lab)
    assert cli.main(["submit"]) == 0
    taken = collect(lab / "submission.zip", tmp_path / "taken", COURSE.limits)
    assert (list(taken.files), taken.left_out) == (packed(lab), ())


def test_what_is_packed_follows_from_tasks_toml(lab, capsys):
    write(lab, "tasks.toml", TWO)
    for run in ("small-1", "small-2", "large"):
        write(lab, f"first/{run}/config.json")
        write(lab, f"first/{run}/weights.safetensors")
    write(lab, "first/evaluation.csv")
    sources, lacks = submission_files(lab, read_asked(lab)["experiment"], {})
    runs = [name for name in sources if name.startswith(("first", "second"))]
    assert runs == [
        "first/evaluation.csv",
        "first/small-1/config.json",
        "first/small-1/weights.safetensors",
        "first/small-2/config.json",
        "first/small-2/weights.safetensors",
    ]
    assert lacks == ["first/whole: config.json, weights.safetensors", "second/only: config.json"]


def test_runs_may_come_from_another_folder(lab, capsys):
    sweep(lab, "small")
    assert cli.main(["submit", "--from", "runs=small"]) == 0
    assert "runs/beta-0.1/weights.safetensors" in packed(lab)
    assert not [line for line in missing(capsys) if "beta" in line]
    with pytest.raises(SystemExit, match="2"):
        cli.main(["submit", "--from", "small"])
    assert "as in runs=runs-small" in capsys.readouterr().err


@pytest.mark.parametrize(("more", "code"), [(-10_000, 0), (10_000, 2)])
def test_the_largest_size_is_the_graders(lab, tmp_path, capsys, more, code):
    """In megabytes of 10^6 bytes, here and there; what is refused leaves the last archive."""
    sweep(lab)
    write(lab, "submission.zip", "the last one")
    with open(lab / "runs" / "beta-1" / "weights.safetensors", "wb") as file:
        file.truncate(int(COURSE.limits.submission_mb * MB) + more)
    assert cli.main(["submit"]) == code
    if code:
        assert f"more than {COURSE.limits.submission_mb:g}" in capsys.readouterr().err
        assert (lab / "submission.zip").read_text() == "the last one"
    else:
        collect(lab / "submission.zip", tmp_path / "taken", COURSE.limits)


def test_elsewhere_it_says_where_it_belongs(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "no rdlab package" in failure(capsys)


@pytest.mark.parametrize("text", [None, "[course"])
def test_without_tasks_toml_the_assignment_is_to_be_unpacked_again(lab, capsys, text):
    (lab / "tasks.toml").unlink() if text is None else write(lab, "tasks.toml", text)
    assert "unpack the assignment again" in failure(capsys)


@pytest.mark.parametrize(
    ("text", "gaps"),
    [
        (report(), []),
        (report(counts=(None, None)), ["it was never run: run all its cells, then save it"]),
        (report(counts=(1, None)), ["1 of 2 code cells were not run"]),
        (report(outputs=(("error",), ("stream",))), ["1 code cells end with an error"]),
        ("no JSON", ["it is not a notebook any more: open it in Jupyter and save it"]),
        ("[1]", ["it is not a notebook any more: open it in Jupyter and save it"]),
    ],
)
def test_a_report_that_was_not_run_is_named(lab, capsys, text, gaps):
    write(lab, "report.ipynb", text)
    sweep(lab)
    assert cli.main(["submit"]) == 0
    found = [line for line in missing(capsys) if line.startswith("report.ipynb")]
    assert found == [f"report.ipynb: {gap}" for gap in gaps]
