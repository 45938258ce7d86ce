"""Pack submission.zip, and say what is missing in it. Given code."""

import os
import re
import zipfile
from pathlib import Path

from rdlab.lab.errors import LabError
from rdlab.lab.runs import BETAS, RUN_FILES, run_folder

LARGEST_MB = 40
REPORT = "report.ipynb"
STUB = re.compile(r'^\s*raise NotImplementedError\("(Task [\d.]+: \w+)"\)', re.MULTILINE)
UNANSWERED = "*Your answer here.*"


def submit(root: Path, runs: Path, out: Path) -> int:
    """Pack the lab folder `root` into the zip `out`. What is missing is said, and is no error.

    Raises:
        LabError: there is no package to submit, or the files are too large.
    """
    files = submission_files(root, runs)
    if not any(name.startswith("rdlab/") for name in files):
        raise LabError(f"{root} has no rdlab package: run this in the assignment's folder.")
    size = sum(path.stat().st_size for path in files.values()) / 1e6
    if size > LARGEST_MB:
        raise LabError(
            f"the submission has {size:.1f} MB, more than {LARGEST_MB}: train smaller networks "
            "(--hidden, --width) to another folder and submit that one with --runs."
        )
    pack(files, out)
    for line in missing_parts(root, runs):
        print(f"missing: {line}")
    print(f"wrote {out}: {len(files)} files, {size:.1f} MB")
    return 0


def submission_files(root: Path, runs: Path) -> dict[str, Path]:
    """Where each file of the submission comes from, by its name in the archive."""
    modules = sorted((root / "rdlab").rglob("*.py"))
    files = {path.relative_to(root).as_posix(): path for path in modules}
    for beta in BETAS:
        folder = run_folder(root / runs, beta)
        files |= {f"runs/{folder.name}/{name}": folder / name for name in RUN_FILES}
    files[REPORT] = root / REPORT
    return {name: path for name, path in files.items() if path.is_file()}


def pack(files: dict[str, Path], out: Path) -> None:
    """Write the archive in one move: an interrupted one leaves the last one as it was."""
    partial = out.with_name(f".{out.name}.partial")
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as archive:
        for name, path in files.items():
            archive.write(path, name)
    os.replace(partial, out)


def missing_parts(root: Path, runs: Path) -> list[str]:
    """Tasks that are still stubs, runs that are not there, and questions without an answer."""
    missing = []
    for path in sorted((root / "rdlab").glob("*.py")):
        tasks = STUB.findall(path.read_text(encoding="utf-8", errors="replace"))
        missing += [f"{task} (rdlab/{path.name})" for task in tasks]
    for beta in BETAS:
        folder = run_folder(runs, beta)
        absent = [name for name in RUN_FILES if not (root / folder / name).is_file()]
        if absent:
            missing.append(f"{folder}: {', '.join(absent)}")
    report = root / REPORT
    if not report.is_file():
        return [*missing, REPORT]
    unanswered = report.read_text(encoding="utf-8", errors="replace").count(UNANSWERED)
    return [*missing, f"{REPORT}: {unanswered} answers"] if unanswered else missing
