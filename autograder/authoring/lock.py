"""Write the lock files from pyproject.toml: exact versions of all that each group needs.

requirements.lock holds what grading needs; the others what is needed beside it: -cluster by a Dask
cluster, -canvas by `make canvas`, -nbgrader by nbgrader, -dev by tests and lint. Run as
`python -m autograder.authoring.lock`.
"""

import json
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path

from autograder import ROOT
from autograder.files import write_whole

GROUPS = {
    "requirements-cluster.lock": ("cluster",),
    "requirements-canvas.lock": ("canvas",),
    "requirements-dev.lock": ("test", "lint"),
    "requirements-nbgrader.lock": ("nbgrader",),
}


def lock(root: Path) -> None:
    """Resolve every group again; versions of requirements.lock hold for the others too.

    Raises:
        subprocess.CalledProcessError: a group cannot be resolved; its file stays as it was.
    """
    table = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    groups = table["dependency-groups"]
    asked = table["project"]["dependencies"]
    base = resolved(asked)
    write_lock(root / "requirements.lock", base, markers(asked))
    for name, parts in GROUPS.items():
        wanted = [requirement for part in parts for requirement in groups[part]]
        pins = [f"{package}=={version}" for package, version in base.items()]
        everything = resolved([*wanted, *pins])
        write_lock(root / name, {k: v for k, v in everything.items() if k not in base})


def resolved(requirements: list[str]) -> dict[str, str]:
    """Return package → version of everything that these requirements bring."""
    options = ["--dry-run", "--ignore-installed", "--quiet", "--report", "-"]
    command = [sys.executable, "-m", "pip", "install", *options, *requirements]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    packages = [entry["metadata"] for entry in json.loads(done.stdout)["install"]]
    # A local build, such as 2.13.0+cpu, is not what other machines find.
    pairs = [(each["name"], each["version"].partition("+")[0]) for each in packages]
    return dict(sorted(pairs, key=lambda pair: pair[0].lower()))


def markers(requirements: list[str]) -> dict[str, str]:
    """Return package → the marker that says on which systems it is wanted, "; sys_platform …"."""
    split = (requirement.partition(";") for requirement in requirements)
    return {name.strip(): f";{marker}" for name, semicolon, marker in split if semicolon}


def write_lock(path: Path, packages: dict[str, str], marked: Mapping[str, str] = {}) -> None:
    """Write one `package==version` a line, with the marker of those that have one."""
    lines = (f"{name}=={version}{marked.get(name, '')}\n" for name, version in packages.items())
    write_whole(path, "".join(lines))


if __name__ == "__main__":
    lock(ROOT)
