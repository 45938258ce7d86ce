"""Write the lock files from pyproject.toml: exact versions and digests of all each group needs.

requirements.lock holds what grading needs; the others what is needed beside it: -cluster by a Dask
cluster, -canvas by `make canvas`, -nbgrader by nbgrader, -dev by tests and lint, -cuda by PyPI's
PyTorch for Linux, which has CUDA. Run as `python -m autograder.authoring.lock`.

pip chooses the versions, and uv adds the digests of all files that a release consists of, so that
the same lock holds on every system. A file with another digest is not installed.
"""

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder import ROOT
from autograder.files import write_whole

GROUPS = {
    "requirements-cluster.lock": ("cluster",),
    "requirements-canvas.lock": ("canvas",),
    "requirements-dev.lock": ("test", "lint", "lock"),
    "requirements-nbgrader.lock": ("nbgrader",),
}
CUDA = "requirements-cuda.lock"
PYTORCH = ("torch", "torchvision")
"""Packages of which there is a build without CUDA; solution/uv.lock has its digests."""


@dataclass(frozen=True)
class Pin:
    """One package of a lock file."""

    name: str
    version: str
    marker: str
    """On which systems it is wanted: "sys_platform == 'linux'"; "" for all."""
    hashes: tuple[str, ...]
    """Of its files, as "sha256:…"."""


def lock(root: Path) -> None:
    """Resolve every group again; versions of requirements.lock hold for the others too.

    Raises:
        subprocess.CalledProcessError: a group cannot be resolved; its file stays as it was.
    """
    table = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    groups = table["dependency-groups"]
    asked = table["project"]["dependencies"]
    base = pinned(resolved(asked), markers(asked))
    write_lock(root / "requirements.lock", with_cpu_builds(compiled(base), root))
    for name, parts in GROUPS.items():
        wanted = [requirement for part in parts for requirement in groups[part]]
        everything = pinned(resolved([*wanted, *base]))
        known = {_package(line) for line in base}
        beside = [line for line in everything if _package(line) not in known]
        write_lock(root / name, compiled(beside))
    write_lock(root / CUDA, beside_cpu_builds(base))


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


def pinned(versions: Mapping[str, str], marked: Mapping[str, str] = {}) -> list[str]:
    """Return a requirement per package, with the marker of those that have one."""
    return [f"{name}=={version}{marked.get(name, '')}" for name, version in versions.items()]


def compiled(requirements: list[str], deps: bool = False) -> list[Pin]:
    """Return the requirements, and with `deps` all that they bring, with digests, by name.

    Raises:
        subprocess.CalledProcessError: there is no such release.
    """
    command = ["uv", "pip", "compile", "-", "--no-config", "--universal", "--generate-hashes"]
    command += ["--no-annotate", "--no-header", "--quiet", "--python-version", "3.11.5"]
    command += [] if deps else ["--no-deps"]
    text = "\n".join(requirements)
    done = subprocess.run(
        [sys.executable, "-m", *command], input=text, stdout=subprocess.PIPE, text=True, check=True
    )
    return read_lock(done.stdout)


def read_lock(text: str) -> list[Pin]:
    """Return what a lock file names, sorted by name."""
    pins = []
    for line in text.replace("\\\n", " ").splitlines():
        found = re.match(r"([\w.-]+)==([\w.]+)(?: *;([^\\]*?))?(?= +--hash|$)", line)
        if found:
            hashes = re.findall(r"--hash=(\S+)", line)
            pins.append(Pin(found[1], found[2], (found[3] or "").strip(), tuple(hashes)))
    return sorted(pins, key=lambda pin: pin.name.lower())


def with_cpu_builds(pins: list[Pin], root: Path) -> list[Pin]:
    """Return the pins; those of PyTorch also take the builds of the same version without CUDA."""
    table = tomllib.loads((root / "solution" / "uv.lock").read_text(encoding="utf-8"))
    found: dict[tuple[str, str], set[str]] = {}
    for package in table["package"]:
        key = package["name"], package.get("version", "").partition("+")[0]
        files = [wheel["hash"] for wheel in package.get("wheels", ()) if "hash" in wheel]
        found.setdefault(key, set()).update(files)
    return [_with_hashes(pin, found) if pin.name in PYTORCH else pin for pin in pins]


def _with_hashes(pin: Pin, found: Mapping[tuple[str, str], set[str]]) -> Pin:
    hashes = {*pin.hashes, *found.get((pin.name, pin.version), ())}
    return Pin(pin.name, pin.version, pin.marker, tuple(sorted(hashes)))


def beside_cpu_builds(base: list[str]) -> list[Pin]:
    """Return what PyPI's PyTorch needs on Linux beside what is pinned."""
    known = {_package(line) for line in base}
    wanted = [line for line in base if _package(line) in PYTORCH]
    everything = compiled([*wanted, *base], deps=True)
    new = [pin for pin in everything if _package(pin.name) not in known]
    return [pin for pin in new if "'linux'" in pin.marker]


def _package(requirement: str) -> str:
    """Return the name of a package as indexes compare it."""
    return re.sub(r"[-_.]+", "-", re.split(r"[=; ]", requirement)[0]).lower()


def write_lock(path: Path, pins: list[Pin]) -> None:
    """Write `package==version`, its marker and its digests, for all pins."""
    lines = []
    for pin in pins:
        marker = f" ; {pin.marker}" if pin.marker else ""
        digests = [f"    --hash={digest}" for digest in pin.hashes]
        lines.append(" \\\n".join([f"{pin.name}=={pin.version}{marker}", *digests]) + "\n")
    write_whole(path, "".join(lines))


if __name__ == "__main__":
    lock(ROOT)
