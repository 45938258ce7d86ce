"""Pack submission.zip, and say what is missing in it. Given code."""

import json
import os
import re
import tomllib
import zipfile
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path

from rdlab.lab.errors import LabError

MB = 10**6
REPORT = "report.ipynb"
STUB = re.compile(r'^\s*raise NotImplementedError\("(Task [\d.]+: \w+)"\)', re.MULTILINE)
UNANSWERED = "*Your answer here.*"


def submit(root: Path, places: Mapping[str, Path], out: Path) -> int:
    """Pack the lab folder `root` into the zip `out`. What is missing is said, and is no error.

    Args:
        places: where an experiment's folder is another one here: {"runs": Path("runs-small")}
            packs what lies in runs-small as runs.

    Raises:
        LabError: there is no package to submit, or the files are too large.
    """
    asked = read_asked(root)
    files, missing = submission_files(root, asked.get("experiment", {}), places)
    size, largest = sum(path.stat().st_size for path in files.values()) / MB, asked["submission"]
    if size > largest["megabytes"]:
        raise LabError(
            f"the submission is {size:.1f} MB, more than {largest['megabytes']:g}: train smaller "
            "networks to another folder, and submit that one with --from."
        )
    pack(files, out)
    for line in [*stubs(root), *missing, *_report_gaps(root / REPORT)]:
        print(f"missing: {line}")
    print(f"wrote {out}: {len(files)} files, {size:.1f} MB")
    return 0


def read_asked(root: Path) -> dict:
    """Return what may be submitted: the assignment's tasks.toml.

    Raises:
        LabError: this is not the assignment's folder, or it is damaged.
    """
    if not any((root / "rdlab").rglob("*.py")):
        raise LabError(f"{root} has no rdlab package: run this in the assignment's folder.")
    path = root / "tasks.toml"
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise LabError(f"{path} cannot be read: unpack the assignment again.") from error


def submission_files(
    root: Path, experiments: Mapping[str, dict], places: Mapping[str, Path]
) -> tuple[dict[str, Path], list[str]]:
    """Return the source of each file by its name in the archive, and what is missing.

    Args:
        experiments: as in tasks.toml: each has its folder, runs and files.
        places: see `submit`.
    """
    files = {path.relative_to(root).as_posix(): path for path in (root / "rdlab").rglob("*.py")}
    missing = []
    for asked in experiments.values():
        source = places.get(asked["folder"], Path(asked["folder"]))
        for run, names in _folders(asked, root / source):
            found = [name for name in names if (root / source / run / name).is_file()]
            target = Path(asked["folder"]) / run
            files |= {(target / name).as_posix(): root / source / run / name for name in found}
            if absent := [name for name in names if name not in found]:
                missing.append(f"{source / run}: {', '.join(absent)}")
    if (root / REPORT).is_file():
        files[REPORT] = root / REPORT
    return dict(sorted(files.items())), missing


def _folders(asked: dict, source: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield (folder below `source`, files that belong into it), also of runs that are not there."""
    if asked["top_files"]:
        yield "", asked["top_files"]
    there = sorted(path.name for path in source.glob("*/"))
    for pattern in asked["runs"]:
        for run in [name for name in there if fnmatchcase(name, pattern)] or [pattern]:
            yield run, asked["files"]


def stubs(root: Path) -> list[str]:
    """Return the tasks that are not written yet."""
    found = [
        f"{task} (rdlab/{path.name})"
        for path in sorted((root / "rdlab").glob("*.py"))
        for task in STUB.findall(path.read_text(encoding="utf-8", errors="replace"))
    ]
    return list(dict.fromkeys(found))  # a class has a stub in each of its methods


def _report_gaps(report: Path) -> list[str]:
    if not report.is_file():
        return [REPORT]
    text = report.read_text(encoding="utf-8", errors="replace")
    try:
        cells = json.loads(text)["cells"]
        code = [cell for cell in cells if cell["cell_type"] == "code" and "".join(cell["source"])]
        run = [cell for cell in code if cell["execution_count"] is not None]
        failed = [cell for cell in run if any(o["output_type"] == "error" for o in cell["outputs"])]
    except (ValueError, KeyError, TypeError):
        return [f"{REPORT}: it is not a notebook any more: open it in Jupyter and save it"]
    gaps = []
    if unanswered := text.count(UNANSWERED):
        gaps.append(f"{REPORT}: {unanswered} answers")
    if code and not run:
        gaps.append(f"{REPORT}: it was never run: run all its cells, then save it")
    elif len(run) < len(code):
        gaps.append(f"{REPORT}: {len(code) - len(run)} of {len(code)} code cells were not run")
    if failed:
        gaps.append(f"{REPORT}: {len(failed)} code cells end with an error")
    return gaps


def pack(files: dict[str, Path], out: Path) -> None:
    """Write the archive in one move: an interrupted one leaves the last one as it was."""
    partial = out.with_name(f".{out.name}.partial")
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as archive:
        for name, path in files.items():
            archive.write(path, name)
    os.replace(partial, out)
