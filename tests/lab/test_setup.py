"""`python -m rdlab setup`: which Python, which build of PyTorch, on which systems."""

import ast
import os
import platform
import re
import subprocess
import sys
import tomllib
import zipfile
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.tags import compatible_tags, cpython_tags, mac_platforms
from packaging.utils import parse_wheel_filename

from autograder import ROOT
from autograder.authoring.release import requirements
from autograder.course import Course, load_course

SOLUTION = ROOT / "solution"
sys.path.insert(0, str(SOLUTION))

from rdlab.lab import setup as lab_setup  # noqa: E402
from rdlab.lab.errors import NEEDED, LabError, not_installed  # noqa: E402

PROJECT = tomllib.loads((SOLUTION / "pyproject.toml").read_text(encoding="utf-8"))
LOCK = tomllib.loads((SOLUTION / "uv.lock").read_text(encoding="utf-8"))
EXTRAS = PROJECT["project"]["optional-dependencies"]
PINS = [Requirement(text) for text in PROJECT["project"]["dependencies"]]
CPU = lab_setup.CPU_BUILDS

# Which Python


def run_package_init(monkeypatch, version: tuple) -> None:
    monkeypatch.setattr(sys, "version_info", version)
    source = (SOLUTION / "rdlab" / "__init__.py").read_text(encoding="utf-8")
    exec(compile(source, "rdlab", "exec"), {})


@pytest.mark.parametrize("version", [(3, 11), (3, 12), (3, 13), (3, 14)])
def test_a_python_that_is_served(monkeypatch, version):
    run_package_init(monkeypatch, (*version, 2, "final", 0))
    assert SpecifierSet(PROJECT["project"]["requires-python"]).contains(
        f"{version[0]}.{version[1]}.2"
    )


@pytest.mark.parametrize("version", [(3, 8), (3, 10), (3, 15), (3, 16)])
def test_a_python_that_is_not_served_gets_a_sentence(monkeypatch, version):
    with pytest.raises(
        SystemExit, match=rf"error: this is Python 3\.{version[1]}, .* 3\.11 to 3\.14"
    ):
        run_package_init(monkeypatch, (*version, 0, "final", 0))
    assert not SpecifierSet(PROJECT["project"]["requires-python"]).contains(f"3.{version[1]}.0")


def test_an_old_python_can_read_the_sentence():
    ast.parse(
        (SOLUTION / "rdlab" / "__init__.py").read_text(encoding="utf-8"), feature_version=(3, 6)
    )


def test_the_patch_release_that_torchvision_refuses(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "version", "3.14.1 (main)")
    with pytest.raises(LabError, match=r"does not run on Python 3\.14\.1: install a later"):
        lab_setup.setup(tmp_path)


def on_system(monkeypatch, system: str, machine: str) -> None:
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(platform, "machine", lambda: machine)


@pytest.mark.parametrize(
    ("system", "machine"), [("darwin", "x86_64"), ("linux", "riscv64"), ("win32", "ARM64")]
)
def test_a_processor_that_pytorch_is_not_built_for(monkeypatch, tmp_path, system, machine):
    on_system(monkeypatch, system, machine)
    with pytest.raises(LabError, match=f"no longer built for {machine} on {system}"):
        lab_setup.setup(tmp_path)


# Before anything is installed


def bare(*words: str, folder: Path = SOLUTION) -> subprocess.CompletedProcess:
    """Run a command of the lab on a Python without any package."""
    path = {**os.environ, "PYTHONPATH": str(SOLUTION)}
    command = [sys.executable, "-S", "-m", "rdlab", *words]
    return subprocess.run(
        command, cwd=folder, env=path, capture_output=True, text=True, check=False
    )


def test_help_needs_no_package():
    for words in ([], ["setup"], ["report"], ["sweep"]):
        done = bare(*words, "--help")
        assert (done.returncode, done.stderr) == (0, "")
    assert "--cuda" in bare("setup", "--help").stdout


@pytest.mark.parametrize("command", ["check", "sweep", "report"])
def test_what_is_missing_is_told_in_a_sentence(tmp_path, command):
    done = bare(command, folder=tmp_path)
    assert done.returncode == 2
    assert re.fullmatch(
        r"error: \w+ is not installed in \S+: give python -m rdlab setup first\.\n", done.stderr
    )
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").touch()
    assert "begin the command with .venv/bin/python." in bare(command, folder=tmp_path).stderr


def test_the_packages_whose_absence_is_explained_are_those_that_setup_installs():
    modules = {"pillow": "PIL"}
    assert {modules.get(pin.name, pin.name) for pin in PINS} == NEEDED
    with pytest.raises(ModuleNotFoundError, match="misspelt"):
        not_installed(ModuleNotFoundError("No module named 'misspelt'", name="misspelt"))


# What pip is asked for


@pytest.fixture
def asked(monkeypatch, tmp_path):
    """The words of each call of pip; `asked.fail` has words of calls that fail."""

    class Asked(list):
        fail: tuple[str, ...] = ()

    calls = Asked()

    def pip(python, *words, quiet=False):
        calls.append(words)
        return int(any(word in calls.fail for word in words))

    monkeypatch.setattr(lab_setup, "_pip", pip)
    (tmp_path / "requirements.txt").write_text(
        requirements(ROOT, course_with(1, 2, 3)), encoding="utf-8"
    )
    return calls


def test_linux_gets_pytorch_without_cuda(asked, tmp_path, monkeypatch):
    on_system(monkeypatch, "linux", "aarch64")
    assert lab_setup.setup(tmp_path) == 0
    pytorch, everything = asked
    assert pytorch[-3:] == (CPU, "torch==2.13.0", "torchvision==0.28.0")
    assert list(everything) == PROJECT["project"]["dependencies"]


def test_cuda_on_request_and_no_index_elsewhere(asked, tmp_path, monkeypatch):
    lab_setup.setup(tmp_path, cuda=True)
    on_system(monkeypatch, "win32", "AMD64")
    lab_setup.setup(tmp_path)
    assert len(asked) == 2
    assert not any(CPU in words for words in asked)


def test_where_the_index_is_out_of_reach_it_is_said(asked, tmp_path, capsys):
    asked.fail = (CPU,)
    assert lab_setup.setup(tmp_path) == 0
    assert f"{CPU} does not answer: taking PyTorch from PyPI" in capsys.readouterr().out
    asked.fail = (CPU, "torch==2.13.0")
    with pytest.raises(LabError, match="not everything was installed"):
        lab_setup.setup(tmp_path)


def test_a_given_python_keeps_what_it_has(asked, tmp_path):
    (tmp_path / "requirements.txt").write_text("torch==1.0\njupyterlab==1\nnot-there==3\n")
    lab_setup.setup(tmp_path, here=True)
    assert asked == [("not-there==3",)]
    (tmp_path / "requirements.txt").write_text("torch==1.0\n")
    lab_setup.setup(tmp_path, here=True)
    assert len(asked) == 1


def test_a_missing_list_is_a_sentence(tmp_path):
    with pytest.raises(LabError, match=r"requirements\.txt cannot be read: unpack"):
        lab_setup.setup(tmp_path)


def wheel(folder: Path, name: str, version: str) -> None:
    """Make the smallest package that pip installs: a module with its version."""
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as archive:
        archive.writestr(f"{name}.py", f"version = {version!r}\n")
        archive.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        )
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", "")


@pytest.mark.slow
def test_an_environment_is_made_and_filled(tmp_path):
    for name, version in (("torch", "2.13.0+cpu"), ("torchvision", "0.28.0"), ("other", "1")):
        wheel(tmp_path, name, version)
    (tmp_path / "requirements.txt").write_text(
        f"# a\n--extra-index-url {CPU}\ntorch==2.13.0\nother==1\n"
    )
    outside = Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info[1]}"
    variables = {**os.environ, "PYTHONPATH": str(SOLUTION), "PIP_NO_INDEX": "1"}
    done = subprocess.run(
        [outside, "-m", "rdlab", "setup"],
        cwd=tmp_path,
        env=variables | {"PIP_FIND_LINKS": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("Go on with: .venv/bin/python -m rdlab check\n")
    code = "import other, torch; print(torch.version, other.version)"
    inside = subprocess.run(
        [tmp_path / ".venv" / "bin" / "python", "-c", code], capture_output=True, text=True
    )
    assert inside.stdout == "2.13.0+cpu 1\n"


# The lock, for systems other than this one

LINUX = [f"manylinux_2_{minor}_%s" for minor in range(28, 4, -1)] + ["manylinux2014_%s"]
SYSTEMS = {
    "linux x86_64": [name % "x86_64" for name in LINUX],
    "linux aarch64": [name % "aarch64" for name in LINUX],
    "darwin arm64": list(mac_platforms((14, 0), "arm64")),
    "win32 AMD64": ["win_amd64"],
}


def marker_environment(system: str, minor: int) -> dict[str, str]:
    name, machine = system.split()
    return {
        "sys_platform": name,
        "platform_machine": machine,
        "platform_system": {"linux": "Linux", "darwin": "Darwin", "win32": "Windows"}[name],
        "os_name": "nt" if name == "win32" else "posix",
        "python_version": f"3.{minor}",
        "python_full_version": f"3.{minor}.6",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
        "extra": "",
    }


def locked(system: str, minor: int) -> dict[str, dict]:
    """The packages of the lock that are installed on a system for all parts, by name."""
    environment = marker_environment(system, minor)
    packages = {(each["name"], each["version"]): each for each in LOCK["package"]}
    one = {name: key for name, *_ in packages for key in packages if key[0] == name}
    found: dict[tuple, dict] = {}
    waiting = [(PROJECT["project"]["name"], PROJECT["project"]["version"])]
    while waiting:
        key = waiting.pop()
        if key in found:
            continue
        found[key] = packages[key]
        optional = chain.from_iterable(packages[key].get("optional-dependencies", {}).values())
        for needed in [*packages[key].get("dependencies", []), *optional]:
            marker = needed.get("marker", "python_version > '0'")
            if Requirement(f"x; {marker}").marker.evaluate(environment):
                name = needed["name"]
                waiting.append((name, needed["version"]) if "version" in needed else one[name])
    return {name: package for (name, _), package in found.items()}


@pytest.mark.parametrize("minor", [11, 12, 13, 14])
@pytest.mark.parametrize("system", SYSTEMS)
def test_every_system_has_a_wheel_of_every_package(system, minor):
    platforms = SYSTEMS[system]
    tags = {*cpython_tags((3, minor), platforms=platforms)}
    tags |= {*compatible_tags((3, minor), f"cp3{minor}", platforms)}
    packages = locked(system, minor)
    for name, package in packages.items():
        files = [url["url"].rpartition("/")[2] for url in package.get("wheels", [])]
        fitting = [
            file for file in files if tags & parse_wheel_filename(file.replace("%2B", "+"))[3]
        ]
        assert fitting or name == PROJECT["project"]["name"], name
    assert not any(name.startswith(("nvidia", "cuda", "triton")) for name in packages)
    cpu = packages["torch"]["source"]["registry"] == CPU
    assert cpu == (system.split()[0] == "linux")
    assert ("constriction" in packages) == (system != "linux aarch64")


def test_the_lock_holds_what_is_asked_for():
    packages = {name: p for system in SYSTEMS for name, p in locked(system, 12).items()}
    extras = [Requirement(text) for texts in EXTRAS.values() for text in texts]
    for pin in [*PINS, *extras]:
        assert pin.specifier.contains(packages[pin.name]["version"]), pin.name
    served = SpecifierSet(LOCK["requires-python"])
    assert served == SpecifierSet(PROJECT["project"]["requires-python"])


def test_requirements_are_those_of_the_project():
    head, index, *lines = requirements(ROOT, course_with(1, 2, 3)).splitlines()
    assert head.startswith("#")
    assert index == f"--extra-index-url {PROJECT['tool']['uv']['index'][0]['url']}"
    assert PROJECT["tool"]["uv"]["index"][0]["url"] == CPU
    assert lines == PROJECT["project"]["dependencies"]
    parts = {part.name: part for part in load_course(ROOT / "course.toml", every_part=True).parts}
    for name, packages in EXTRAS.items():  # each is a part's
        *_, last = requirements(ROOT, course_with(parts[name].number)).splitlines()
        assert [last] == packages


def course_with(*parts: int) -> Course:
    return load_course(ROOT / "course.toml", parts)
