"""Graded experiments: trained models that are handed in, and measured again by the judge.

Each file of judging/experiments/ holds one, named EXPERIMENT, and is registered by being there.
What intake accepts, what `make submit` packs, what the sandbox lays out and which fixtures checks
have follows from these. Nothing here loads torch.
"""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "judging" / "experiments"
RUN_FILES = ("config.json", "metrics.csv", "weights.safetensors")
"""What a run folder holds, as the students' `rdlab.lab.runs` writes it."""


@dataclass(frozen=True)
class Experiment:
    """One graded experiment.

    A submission holds FOLDER/RUN/FILE for each of its runs. What else lies in FOLDER is left out
    when the submission is taken in, so that further runs never cost points.

    Args:
        name: of the file that defines it, of the fixture that checks use, and as course.toml's
            `experiment = "NAME"` says it.
        folder: at the top of a submission, such as "runs".
        runs: names of the run folders, or patterns as in fnmatch, that count.
        cpu_seconds: that measuring may take in the sandbox, all runs together.
        given: modules that the trusted child may import, such as "rdlab.lab.models"; only given
            code, which students have anyway.
        measure: "module:function" in autograder/sandbox/inside; the trusted child runs it, as
            `peer.call("measure", ...)`.
        verify: called with (submission: Path, mounted: str, peer: Peer, seed: int), the
            submission as the judge and as the child see it. What it returns is the fixture; its
            `problems`, one sentence each, are told to the student; its `costs`, if it has any, are
            what a leaderboard compares: label → number, less is better.
        files: of each run folder that are taken in.
        top_files: files directly in `folder` that are taken in.
        prepare: computes, once per class, what is the same for all students.
    """

    name: str
    folder: str
    runs: tuple[str, ...]
    cpu_seconds: int
    given: tuple[str, ...]
    measure: str
    verify: Callable
    files: tuple[str, ...] = RUN_FILES
    top_files: tuple[str, ...] = ()
    prepare: Callable[[], object] = lambda: None

    def takes_run(self, name: str) -> bool:
        """Return whether a run folder of this name is one of those that count."""
        return any(fnmatchcase(name, pattern) for pattern in self.runs)

    def takes_file(self, parts: tuple[str, ...]) -> bool:
        """Return whether a file of a submission, its path in parts, belongs to the experiment."""
        match parts:
            case (self.folder, file):
                return file in self.top_files
            case (self.folder, run, file):
                return self.takes_run(run) and file in self.files
        return False

    def takes_folder(self, parts: tuple[str, ...]) -> bool:
        """Return whether files of the experiment may lie in or below a folder of a submission."""
        match parts:
            case (self.folder,):
                return True
            case (self.folder, run):
                return self.takes_run(run)
        return False

    def run_folders(self, submission: Path) -> list[Path]:
        """Return the run folders of a submission that count, sorted by name."""
        folders = (submission / self.folder).glob("*/")
        return sorted(folder for folder in folders if self.takes_run(folder.name))


@cache
def experiments() -> dict[str, Experiment]:
    """Return all experiments by name, sorted; also those of parts that are off."""
    names = sorted(file.stem for file in FOLDER.glob("*.py") if file.stem != "__init__")
    modules = [importlib.import_module(f"autograder.judging.experiments.{name}") for name in names]
    return {name: module.EXPERIMENT for name, module in zip(names, modules, strict=True)}
